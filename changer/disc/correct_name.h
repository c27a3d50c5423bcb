/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name that a disc must have: LABEL.bin when it is raw, LABEL.iso again when a raw disc was
 * blanked. */
#ifndef CHANGER_DISC_CORRECT_NAME_H
#define CHANGER_DISC_CORRECT_NAME_H

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct disc;
struct item;

/* Returns JB_OK if the disc must be renamed, and stores the new name in buf, which has JB_NAME_MAX + 1
 * bytes.  Returns JB_NO_ITEM if the name is correct or the item is not a disc.  Returns JB_NO_ITEM too if a
 * user has inserted the content, because then he has chosen the name.  Returns JB_NAME_TOO_LONG if the new
 * name would be too long.  Claim or strand held. */
enum jb_err correct_name_wanted(const struct item *it, char *buf);
/* Requests that the robot's thread renames the disc soon, if its name is not correct.  Returns at once.
 * Does nothing if memory is missing.  Takes the jukebox lock for a moment, and a reference for the job.
 * Strand of the disc's drive held. */
void correct_name_schedule(struct disc *d) EXCLUDES(jb_lock);
/* Renames the disc in the store and in memory, if its name is not correct, and logs that.  Does nothing if
 * the store is read-only.  If the rename fails, logs a warning; the name stays.  For start-up: no other
 * thread may know the item. */
void correct_name_apply_at_start(struct item *it) EXCLUDES(jb_lock);
/* Renames the disc at once, if its name is not correct.  For a disc that came through the mount.  If the
 * rename fails, logs a warning; the name stays.  Claim held.  [blocks] */
void correct_name_apply(struct item *it) EXCLUDES(jb_lock);

#endif
