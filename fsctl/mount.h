/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mountpoint: makes it ready for a mount, and finds out whether a mount is still there.  No function here
 * touches our own mount; they read /proc/self/mountinfo.
 */
#ifndef FSCTL_MOUNT_H
#define FSCTL_MOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define MOUNT_FSNAME "jukeboxd"

/*
 * Makes the folder if it is missing, removes a mount that a crashed jukeboxd has left there, and checks that
 * the folder is empty.  Returns its absolute path, which the caller frees; or NULL with a message in `why`.
 */
char *mount_prepare(const char *path, char *why, size_t why_size);
/*
 * Returns true if the store and the mountpoint are the same folder, or if one is inside the other, with a message
 * in `why`.  Neither has to exist, and nothing is made.
 */
bool mount_nests(const char *store, const char *mountpoint, char *why, size_t why_size);
/* Returns true if that user may mount for others too: root always, others if /etc/fuse.conf says so. */
bool mount_may_share(uid_t uid);
/* Fills in the device number of the topmost mount at an absolute path.  Returns false if nothing is mounted
 * there. */
bool mount_device(const char *path, dev_t *dev);
/* Returns true if a file system with that device number is mounted in our mount namespace. */
bool mount_exists(dev_t dev);

/* Decodes a path of mountinfo in place: it has blanks and backslashes as octal numbers. */
void mount_unescape(char *s);

#endif
