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
 * Makes the folder if it is missing (but not the folders above it), removes the mounts that crashed jukeboxds have
 * left there, and checks that no other jukeboxd is mounted there and that the folder is empty.  Returns its absolute
 * path, which the caller frees; or NULL with a message in `why`.  A folder that it has made stays.
 */
char *mount_prepare(const char *path, char *why, size_t why_size);
/*
 * Returns true, with a message in `why`, if the store and the mountpoint are the same folder, or if one is inside
 * the other.  Else returns false and leaves `why`; also if a path cannot be resolved.  Follows symbolic links.
 * Neither has to exist, and nothing is made.
 */
bool mount_nests(const char *store, const char *mountpoint, char *why, size_t why_size);
/* Returns true if that user may mount for others too: root always, others if /etc/fuse.conf has the line
 * user_allow_other. */
bool mount_may_share(uid_t uid);
/* Stores the device number of the topmost mount at an absolute path in *dev.  Returns false, with *dev 0, if
 * nothing is mounted there. */
bool mount_device(const char *path, dev_t *dev);
/* Returns true if a file system with that device number is mounted in our mount namespace; false too if
 * /proc/self/mountinfo cannot be opened. */
bool mount_exists(dev_t dev);

/* Decodes a path of mountinfo in place: replaces each backslash and three octal digits, by which blanks and
 * backslashes are written there, by the byte that they stand for. */
void mount_unescape(char *s);

#endif
