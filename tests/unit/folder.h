/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes and removes a folder for one test program, so that test programs can run at the same time. */
#ifndef TESTS_UNIT_FOLDER_H
#define TESTS_UNIT_FOLDER_H

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const char *folder_parent = "/tmp";

/* Makes a new folder and writes its path to `path`. Returns 0, or -1 if it cannot be made. */
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

/* Removes the folder and everything in it. Returns 0, or -1 if something is left. */
static inline int
folder_remove(const char *path)
{
	return nftw(path, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Returns the number of entries in the folder, or -1 if `path` is not a folder. */
static inline int
folder_entries(const char *path)
{
	DIR *d = opendir(path);
	int n = -2; /* do not count . and .. */

	if (d == NULL)
		return -1;
	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

/* Group setup for tests that sync very often: puts the folders into memory (/dev/shm) if the machine has
 * it. */
static inline int
folders_in_memory(void **state)
{
	if (access("/dev/shm", W_OK) == 0)
		folder_parent = "/dev/shm";
	return 0;
}

#endif
