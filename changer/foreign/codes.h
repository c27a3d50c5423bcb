/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codes and texts of a disc, for the sheet of a plan (plan.h).  Those that are not valid are
 * dropped or cut, with a warning (foreign_warn). */
#ifndef CHANGER_FOREIGN_CODES_H
#define CHANGER_FOREIGN_CODES_H

#include "changer/foreign/plan.h"

/* Stores the media catalog number, of size bytes at text, in the plan's sheet.  Skips hyphens,
 * blanks and NULs.  An empty number, or one of 13 zeros, is none; one that has not 13 digits is dropped
 * with a warning. */
void codes_catalog(struct foreign *f, struct foreign_plan *plan, const char *text, size_t size);
/* Stores the ISRC of a track, of size bytes at text.  Skips hyphens, blanks and NULs.  An empty one
 * is none; one that has not 12 letters and digits is dropped with a warning. */
void codes_isrc(struct foreign *f, struct cue_track *t, const char *text, size_t size);
/* Stores a text of UTF-8 as one line in `to`, which is a text of the sheet or of a track: control
 * characters become blanks.  Cuts it, with a warning, at CUE_TEXT_LETTERS characters. */
void codes_text(struct foreign *f, char to[CUE_TEXT_MAX + 1], const char *text);
/* Sets the flags of a track by the control bits of its Q sub-channel.  A data track keeps CUE_DCP
 * only.  t->mode must be set. */
void codes_control(struct cue_track *t, unsigned control);

#endif
