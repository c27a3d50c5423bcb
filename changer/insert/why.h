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

/* Keeps why the item is no disc, in place of an earlier reason: the error, and a sentence about this
 * item, which is cut at JB_IMPORT_TEXT.  err JB_OK: there is nothing to say.  Takes the lock. */
void why_set(struct item *it, enum jb_err err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Keeps a sentence about the files of a folder of which no disc is to be made.  This is no error: it
 * is not reported. */
void why_rest(struct item *folder, const char *text) EXCLUDES(jb_lock);
/* Keeps what the importer has said of the item, which is no success: the error and the sentence that
 * fit r->kind. */
void why_refuse(struct item *it, const struct jb_import_result *r) EXCLUDES(jb_lock);
/* Tells the log, the event `error` and the function of jb_set_import (if there is one) that the item could not be
 * inserted: the error, and a reason in a few words.  Nobody else hears of an insert that fails after close. */
void why_tell(struct item *it, enum jb_err err, const char *reason) EXCLUDES(jb_lock);
/* Tells the log, the event `error` and the function of jb_set_import (if there is one) what why_set
 * has kept. */
void why_report(struct item *it) EXCLUDES(jb_lock);
/* Reports each folder that has not changed for FOLDER_QUIET_MS, is no disc, and has no file that a
 * program writes, once.  Lowers *next to the time, of clock.h, when that is so for another one, if
 * that is earlier. */
void why_report_quiet(struct jukebox *jb, uint64_t *next) EXCLUDES(jb_lock);

/* Raises the event `warning`, once, for each staged file that no program has open and that has been
 * closed for STAGED_IDLE_MS.  *next is as above. */
void why_report_idle(struct jukebox *jb, uint64_t *next) EXCLUDES(jb_lock);

#endif
