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

/* Keeps why the item is no disc, in place of an earlier reason: the error, and a sentence about this item,
 * which is cut to JB_IMPORT_TEXT - 1 bytes.  err JB_OK only removes the earlier reason.  Reports nothing.
 * Takes the jukebox lock. */
void why_set(struct item *it, enum jb_err err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Keeps a sentence about the files of a folder of which no disc is to be made, with JB_PARTS_NO_SHEET.  This
 * is no error: marks the folder as reported, so that why_report_quiet leaves it; not if it is in the queue of
 * imports. */
void why_rest(struct item *folder, const char *text) EXCLUDES(jb_lock);
/* Keeps why the importer has made no disc of the item: the error and the sentence that fit r->kind.  A folder
 * of which a disc was made, and in which no sheet is left, gets WHY_REST (why_rest). */
void why_refuse(struct item *it, const struct jb_import_result *r) EXCLUDES(jb_lock);
/* Reports that the item could not be inserted, with the error and a reason in a few words: logs it, raises
 * the event `error`, and calls the `told` function of jb_set_import, if there is one.  Keeps nothing (why_set
 * does that).  No program gets the error of an insert that fails after close. */
void why_tell(struct item *it, enum jb_err err, const char *reason) EXCLUDES(jb_lock);
/* Reports what why_set has kept of the item, as why_tell does; the text of the error if no sentence is
 * kept. */
void why_report(struct item *it) EXCLUDES(jb_lock);
/* Reports (why_report) each folder that has a reason why it is no disc, has not changed for FOLDER_QUIET_MS,
 * and has no file that a program writes; each once, until it changes.  Lowers *next to the time, in
 * milliseconds of clock.h, when that is so for another one, if that is earlier. */
void why_report_quiet(struct jukebox *jb, uint64_t *next) EXCLUDES(jb_lock);

/* Logs, and raises the event `warning`, once, for each staged file that no program has open and that has been
 * closed for STAGED_IDLE_MS.  Lowers *next to the time, in milliseconds of clock.h, when that is so for
 * another one, if that is earlier. */
void why_report_idle(struct jukebox *jb, uint64_t *next) EXCLUDES(jb_lock);

#endif
