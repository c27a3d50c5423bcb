/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Editing what is recorded on a disc. */
#ifndef CHANGER_DISC_DISC_EDIT_H
#define CHANGER_DISC_DISC_EDIT_H

#include <stdbool.h>

#include "changer/err.h"

struct disc;
struct recording;

/* Changes *rec, a copy of the disc's recording, by arg.  If it returns an error, the disc must not
 * change; *rec is then dropped. */
typedef enum jb_err disc_edit_fn(struct recording *rec, const void *arg);
/* Calls edit with a copy of the disc's recording and with arg, and makes the disc what the changed copy
 * says (disc_change).  whole is true if the edit needs sectors of 2352 bytes.  If the disc is not raw
 * then, makes it raw, calls edit again with a fresh copy, and requests the correct name for the disc.
 * Returns the error of edit: nothing has changed then.  Returns the store's error: the disc is as it was,
 * but it may have become raw, or gone back to its last durable state.  Strand held. */
enum jb_err disc_edit(struct disc *d, disc_edit_fn *edit, const void *arg, bool whole);

#endif
