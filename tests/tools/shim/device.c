/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devices.  An empty file in the broker's folder stands for each device.  A descriptor of a device is one
 * of that file, and is recognised by its inode at each call.  So dup(2), fork(2), execve(2) and /dev/fd/N
 * work, and the kernel keeps the offset.
 */
#include "tests/tools/shim/shim.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { DEVICES = 32 };
static struct device devices[DEVICES];
static unsigned device_count;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool
read_device(const char *folder, const char *line, struct device *d)
{
	char name[16];
	struct stat st;

	if (sscanf(line, "%15s %u %d", name, &d->lun, &d->type) != 3)
		return false;
	d->block = strncmp(name, "sr", 2) == 0;
	d->number = atoi(name + 2);
	snprintf(d->path, sizeof(d->path), "/dev/%s", name);
	snprintf(d->file, sizeof(d->file), "%s/%s", folder, name);
	if (REAL(stat)(d->file, &st) != 0)
		return false;
	d->st_dev = st.st_dev;
	d->st_ino = st.st_ino;
	d->timeout = 60 * (int)sysconf(_SC_CLK_TCK);
	d->reserved = 128 * 1024;
	return true;
}

static void
read_devices(void)
{
	const char *folder = getenv("JUKE_SHIM");
	char path[256], line[64];
	FILE *f;

	if (folder == NULL)
		return;
	snprintf(path, sizeof(path), "%s/devices", folder);
	f = REAL(fopen)(path, "re");
	if (f == NULL)
		return;
	while (device_count < DEVICES && fgets(line, sizeof(line), f) != NULL)
		if (read_device(folder, line, &devices[device_count]))
			device_count++;
	fclose(f);
}

/* Reads the list of devices at the first call.  A constructor would run too late: programs call this library
 * before. */
static void
init(void)
{
	int saved = errno;

	pthread_once(&once, read_devices);
	errno = saved;
}

struct device *
device_by_path(const char *path)
{
	init();
	for (unsigned i = 0; path != NULL && i < device_count; i++)
		if (strcmp(devices[i].path, path) == 0)
			return &devices[i];
	return NULL;
}

struct device *
device_by_stat(const struct stat *st)
{
	init();
	for (unsigned i = 0; i < device_count; i++)
		if (devices[i].st_ino == st->st_ino && devices[i].st_dev == st->st_dev)
			return &devices[i];
	return NULL;
}

struct device *
device_by_fd(int fd)
{
	int saved = errno;
	struct device *found = NULL;
	struct stat st;

	init();
	if (device_count != 0 && REAL(fstat)(fd, &st) == 0)
		found = device_by_stat(&st);
	errno = saved;
	return found;
}
