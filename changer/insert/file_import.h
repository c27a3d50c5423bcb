/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a disc of a file that is packed or in a foreign format. */
#ifndef CHANGER_INSERT_FILE_IMPORT_H
#define CHANGER_INSERT_FILE_IMPORT_H

#include "changer/inventory/lock.h"

struct batch;
struct item;

/* Imports a file that was closed (item.importing).  It becomes a disc, or an incomplete file with a reason
 * (why.h).  Leaves it as it is if it is gone, a program writes it, or the import was stopped; the caller then
 * asks again.  b is empty before and after.  [blocks, for as long as that takes] */
void file_import(struct item *it, struct batch *b) EXCLUDES(jb_lock);

#endif
