/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Durable changes of what is recorded on a disc.
 */
#ifndef CHANGER_DISC_DISC_CHANGE_H
#define CHANGER_DISC_DISC_CHANGE_H

#include <stdbool.h>

#include "changer/err.h"

struct disc;
struct recording;

/* Makes durable that the disc is what *rec says, a changed copy of its recording, with all sectors that
 * it tells of; *rec is empty then.  An error leaves the disc as it was.  Strand held. */
enum jb_err disc_change(struct disc *d, struct recording *rec);
/* The same of what edit makes of a copy of its recording; whole: which has sectors that only a raw disc
 * has, so it becomes one.  edit may be called twice, each time with a fresh copy.  Strand held. */
typedef enum jb_err disc_edit_fn(struct recording *rec, const void *arg);
enum jb_err disc_edit(struct disc *d, disc_edit_fn *edit, const void *arg, bool whole);

#endif
