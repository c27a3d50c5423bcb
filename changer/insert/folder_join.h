/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a disc of a folder of parts. */
#ifndef CHANGER_INSERT_FOLDER_JOIN_H
#define CHANGER_INSERT_FOLDER_JOIN_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/inventory/lock.h"

struct batch;
struct item;
struct jukebox;

/* Looks at the folder, and makes a disc of it if a sheet and all that it names are there.  Else keeps why not
 * (why.h).  b is empty before and after.  Returns true if the caller must look at the folder again soon: an
 * operation had the claim of a part, or the importer was stopped.  Returns false in any other case; a later
 * change of the folder asks again.  [blocks, for as long as the parts are joined] */
bool folder_join(struct item *folder, struct batch *b) EXCLUDES(jb_lock);
/* Puts into the queue of imports each folder that waits for its files to rest (must_wait), if nothing in it
 * has changed for FOLDER_QUIET_MS.  Lowers *next to the time, in milliseconds of clock.h, at which the next
 * other one will have rested, if that is earlier. */
void folder_join_quiet(struct jukebox *jb, uint64_t *next) EXCLUDES(jb_lock);

#endif
