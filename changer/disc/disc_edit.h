/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Editing what is recorded on a disc. */
#ifndef CHANGER_DISC_DISC_EDIT_H
#define CHANGER_DISC_DISC_EDIT_H

#include <stdbool.h>

#include "changer/err.h"

struct disc;
struct recording;

/* Changes *rec, which is a copy of the disc's recording; arg is its parameter.  Returns JB_OK, or the error
 * with which the command fails.  After an error the caller drops *rec and does not change the disc. */
typedef enum jb_err disc_edit_fn(struct recording *rec, const void *arg);
/*
 * Calls edit with a copy of the disc's recording and with arg, and makes the disc what the copy then says,
 * durably (disc_change).  whole is true if the edit needs sectors of 2352 bytes.  If the disc is not raw in
 * that case, makes it raw first, and requests its correct name.  edit may be called twice, each time with a
 * fresh copy.
 *
 * Returns the error of edit: nothing has changed then.  Or returns the store's error: the disc is then as
 * it was, but it may have become raw, or it is back in its last durable state because a sync failed.
 * Strand held.
 */
enum jb_err disc_edit(struct disc *d, disc_edit_fn *edit, const void *arg, bool whole);

#endif
