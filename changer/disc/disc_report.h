/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports about a disc that an initiator records: log and events. */
#ifndef CHANGER_DISC_DISC_REPORT_H
#define CHANGER_DISC_DISC_REPORT_H

#include "changer/err.h"

struct disc;

/* Returns err.  If err is JB_STORE_FULL, JB_STORE_WRITE or JB_STORE_READ_ONLY, first logs it and raises the
 * event `error`; at most once in ten seconds for a disc.  Ignores any other err.  Strand held. */
enum jb_err disc_report_store(struct disc *d, enum jb_err err);
/* Logs that a burn has more to write than the medium holds, and raises the event `full`.  Does nothing if
 * it has done so since the disc was loaded (d->full_reported).  Strand held. */
void disc_report_full(struct disc *d);

#endif
