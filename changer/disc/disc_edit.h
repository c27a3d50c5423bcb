/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Editing what is recorded on a disc.
 */
#ifndef CHANGER_DISC_DISC_EDIT_H
#define CHANGER_DISC_DISC_EDIT_H

#include <stdbool.h>

#include "changer/err.h"

struct disc;
struct recording;

/* disc_change to what edit makes of a copy of its recording; whole: which has sectors that only a raw disc
 * has, so it becomes one.  edit may be called twice, each time with a fresh copy.  Strand held. */
typedef enum jb_err disc_edit_fn(struct recording *rec, const void *arg);
enum jb_err disc_edit(struct disc *d, disc_edit_fn *edit, const void *arg, bool whole);

#endif
