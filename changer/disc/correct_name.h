/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name that a disc must have: LABEL.bin when it is raw, LABEL.iso again when a raw disc was
 * blanked. */
#ifndef CHANGER_DISC_CORRECT_NAME_H
#define CHANGER_DISC_CORRECT_NAME_H

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct disc;
struct item;

/* Stores the name that the disc must get in buf, which has JB_NAME_MAX + 1 bytes.  Returns JB_OK if the
 * disc must be renamed; JB_NO_ITEM if its name is correct, if its content was inserted by a user, who
 * chose the name, or if the item is not a disc; JB_NAME_TOO_LONG if the new name would be too long.  Claim
 * or strand held. */
enum jb_err correct_name_wanted(const struct item *it, char *buf);
/* Posts a job to the robot's strand that renames the disc soon, through the mover (move.h), if its name
 * is not correct.  Returns at once.  If memory is missing, does nothing.  Strand held. */
void correct_name_schedule(struct disc *d) EXCLUDES(jb_lock);
/* Renames the disc in the store and in memory at start-up, if its name is not correct, and logs that.  If
 * it fails, logs a warning, and the name stays.  No other thread may know the item. */
void correct_name_apply_at_start(struct item *it) EXCLUDES(jb_lock);
/* Renames the disc at once, if its name is not correct: for a disc that came through the mount.  If it
 * fails, logs a warning, and the name stays.  Claim held.  [blocks] */
void correct_name_apply(struct item *it) EXCLUDES(jb_lock);

#endif
