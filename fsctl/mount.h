/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mountpoint: what stands in the way of a mount, and whether a mount is still there.  Nothing
 * here touches our own mount; what is mounted is read from /proc/self/mountinfo.
 */
#ifndef FSCTL_MOUNT_H
#define FSCTL_MOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MOUNT_FSNAME "jukeboxd"

/*
 * Makes the folder where it is missing, takes away what a crashed jukeboxd left mounted there, and
 * checks that it is an empty folder.  Its absolute path (the caller frees it), or NULL and why.
 */
char *mount_prepare(const char *path, char *why, size_t why_size);
/* The device number of the mount on top of an absolute path; false: nothing is mounted there. */
bool mount_device(const char *path, dev_t *dev);
/* Is a file system of that device number mounted anywhere that we can see? */
bool mount_exists(dev_t dev);

/* mountinfo's way to write a path: octal for blanks and backslashes.  In place. */
void mount_unescape(char *s);

#endif
