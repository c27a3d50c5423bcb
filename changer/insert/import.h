/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The thread that makes discs of folders and of files in foreign formats (changer/import.h). */
#ifndef CHANGER_INSERT_IMPORT_H
#define CHANGER_INSERT_IMPORT_H

#include <stdbool.h>

struct jukebox;

/* Makes the queue, empty and without an importer.  Call it before the store is read. */
void import_init(struct jukebox *jb);
/* Starts the thread, unless it runs already.  Returns false if it cannot be started. */
bool import_open(struct jukebox *jb);
/* Ends the thread, and an import that it is doing, which then has not happened; drops the references
 * of the queues.  [blocks] */
void import_fini(struct jukebox *jb);

#endif
