/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The codes and texts of a disc, for the sheet of a plan.  Those that are not valid are dropped or cut, with a
 * warning. */
#ifndef CHANGER_FOREIGN_CODES_H
#define CHANGER_FOREIGN_CODES_H

#include "changer/foreign/plan.h"

/* Stores the media catalog number, of size bytes at text, in the sheet.  An empty one, or zeros only, is none. */
void codes_catalog(struct foreign *f, struct foreign_plan *plan, const char *text, size_t size);
/* Stores the ISRC of a track. */
void codes_isrc(struct foreign *f, struct cue_track *t, const char *text, size_t size);
/* Stores a text of UTF-8 as one line.  `to` is a text of the sheet, or of a track. */
void codes_text(struct foreign *f, char to[CUE_TEXT_MAX + 1], const char *text);
/* Sets the flags of a track by the control bits of its Q sub-channel. */
void codes_control(struct cue_track *t, unsigned control);

#endif
