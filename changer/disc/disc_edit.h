/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Editing what is recorded on a disc. */
#ifndef CHANGER_DISC_DISC_EDIT_H
#define CHANGER_DISC_DISC_EDIT_H

#include <stdbool.h>

#include "changer/err.h"

struct disc;
struct recording;

/* Lets edit change a copy of the recording, and makes the disc what the copy says (disc_change).  whole:
 * the edit needs sectors of 2352 bytes, so the disc becomes raw first.  edit may be called twice, each
 * time with a fresh copy; if it returns an error, nothing has changed.  Strand held. */
typedef enum jb_err disc_edit_fn(struct recording *rec, const void *arg);
enum jb_err disc_edit(struct disc *d, disc_edit_fn *edit, const void *arg, bool whole);

#endif
