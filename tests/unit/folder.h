/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A folder of a test's own, so that tests can run beside one another, and its end. */
#ifndef TESTS_UNIT_FOLDER_H
#define TESTS_UNIT_FOLDER_H

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *folder_parent = "/tmp";

/* Makes one and writes its path; -1: it cannot be made. */
static inline int
folder_make(char *path, size_t size)
{
	snprintf(path, size, "%s/jukeboxd-unit.XXXXXX", folder_parent);
	return mkdtemp(path) == NULL ? -1 : 0;
}

static inline int
folder_remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
	return remove(path);
}

/* Removes it with all that is in it; -1: something of it is left. */
static inline int
folder_remove(const char *path)
{
	return nftw(path, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* How many entries it has; -1: it is no folder. */
static inline int
folder_entries(const char *path)
{
	DIR *d = opendir(path);
	int n = -2; /* less . and .. */

	if (d == NULL)
		return -1;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

/* A group's setup, for tests that sync very often: in memory, where the machine has that. */
static inline int
folders_in_memory(void **state)
{
	if (access("/dev/shm", W_OK) == 0)
		folder_parent = "/dev/shm";
	return 0;
}

#endif
