/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stores the codes and texts of a disc in the sheet of a plan (plan.h).  A code is a media catalog
 * number or an ISRC.  Codes that are not valid are dropped, and long texts are cut, with a warning
 * (foreign_warn). */
#ifndef CHANGER_FOREIGN_CODES_H
#define CHANGER_FOREIGN_CODES_H

#include "changer/foreign/plan.h"

/* Stores the media catalog number in the plan's sheet; it has size bytes at text.  Skips hyphens, blanks
 * and NULs.  Does nothing if the rest is empty or 13 zeros.  If it is not 13 digits, drops it with a
 * warning. */
void codes_catalog(struct foreign *f, struct foreign_plan *plan, const char *text, size_t size);
/* Stores the ISRC of the track *t; it has size bytes at text.  Skips hyphens, blanks and NULs.  Does
 * nothing if the rest is empty.  If it is not 12 letters and digits, drops it with a warning. */
void codes_isrc(struct foreign *f, struct cue_track *t, const char *text, size_t size);
/* Copies a text of UTF-8 to `to`, which is a text of the sheet or of a track.  Control characters become
 * blanks, so it is one line.  Cuts it at CUE_TEXT_LETTERS characters, with a warning. */
void codes_text(struct foreign *f, char to[CUE_TEXT_MAX + 1], const char *text);
/* Sets the flags of the track from the control bits of its Q sub-channel.  t->mode must be set: a data
 * track gets no flag but CUE_DCP. */
void codes_control(struct cue_track *t, unsigned control);

#endif
