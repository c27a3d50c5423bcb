/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CHANGER_INSERT_FOLDER_JOIN_H
#define CHANGER_INSERT_FOLDER_JOIN_H

#include "changer/inventory/lock.h"

struct batch;
struct item;

/* Looks at the folder, and makes a disc of it if a sheet and all that it names are there.  Else keeps why not
 * (why.h).  b is empty before and after.  [blocks, for as long as the parts are joined] */
void folder_join(struct item *folder, struct batch *b) EXCLUDES(jb_lock);

#endif
