/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANGER_INSERT_FOLDER_JOIN_H
#define CHANGER_INSERT_FOLDER_JOIN_H

#include <stdbool.h>

#include "changer/inventory/lock.h"

struct batch;
struct item;

/* Looks at the folder, and makes a disc of it if a sheet and all that it names are there.  Else keeps why not
 * (why.h).  b is empty before and after.  Returns true if it must be looked at again soon: somebody was at work on a part,
 * or stopped the importer.  [blocks, for as long as the parts are joined] */
bool folder_join(struct item *folder, struct batch *b) EXCLUDES(jb_lock);

#endif
