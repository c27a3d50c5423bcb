/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a folder or a file is no disc: the sentence that users see. */
#ifndef CHANGER_INSERT_WHY_H
#define CHANGER_INSERT_WHY_H

#include <stdint.h>

#include "changer/err.h"
#include "changer/import.h"
#include "changer/inventory/lock.h"

struct item;
struct jukebox;

#define WHY_REST "a disc was made, and no sheet names what is left"

/* Keeps why the item is no disc: the error, and a sentence about this item.  err JB_OK: nothing is to be said. */
void why_set(struct item *it, enum jb_err err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Keeps a sentence about the files of a folder of which no disc is to be made, which is no error. */
void why_rest(struct item *folder, const char *text) EXCLUDES(jb_lock);
/* Keeps what the importer has said of the item, which is no success. */
void why_refuse(struct item *it, const struct jb_import_result *r) EXCLUDES(jb_lock);
/* Tells the log, the event `error` and the function of jb_set_import what why_set has kept. */
void why_report(struct item *it) EXCLUDES(jb_lock);
/* Reports each folder that has not changed for FOLDER_QUIET_MS and is no disc, once.  *next becomes the time, of
 * clock.h, when that is so for another one, if that is earlier. */
void why_report_quiet(struct jukebox *jb, uint64_t *next) EXCLUDES(jb_lock);

/* Raises the event `warning`, once, for each staged file that has been closed for STAGED_IDLE_MS.  *next is as
 * above. */
void why_report_idle(struct jukebox *jb, uint64_t *next) EXCLUDES(jb_lock);

#endif
