/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Editing what is recorded on a disc. */
#ifndef CHANGER_DISC_DISC_EDIT_H
#define CHANGER_DISC_DISC_EDIT_H

#include <stdbool.h>

#include "changer/err.h"

struct disc;
struct recording;

/* Changes *rec, a copy of the disc's recording.  An error means that nothing is to change. */
typedef enum jb_err disc_edit_fn(struct recording *rec, const void *arg);
/*
 * Calls edit with a copy of the disc's recording and with arg, and makes the disc what the changed
 * copy says (disc_change).  If whole is true, the edit needs sectors of 2352 bytes: then makes the
 * disc raw, and calls edit again with a fresh copy.  Returns the error of edit or of the store;
 * nothing has changed then.  Strand held.
 */
enum jb_err disc_edit(struct disc *d, disc_edit_fn *edit, const void *arg, bool whole);

#endif
