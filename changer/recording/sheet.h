/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Conversion from a CUE sheet to the recording that it describes, and back.  All functions are pure.
 *
 * Position 0 of the file is LBA 0.  A BIN never has the two seconds before it.  If the pause before the
 * first track (INDEX 00) is longer, the BIN has it from LBA 0 on.  Sectors that are not in the file,
 * because of PREGAP or between two sessions (REM SESSION), are not in the image either; see struct
 * track, shift.
 */
#ifndef CHANGER_RECORDING_SHEET_H
#define CHANGER_RECORDING_SHEET_H

#include "changer/recording/cue.h"
#include "changer/err.h"
#include "changer/recording/recording.h"

/*
 * Makes *rec, whose old content is not freed, a complete disc of that medium, for an image of that many
 * bytes.  Returns JB_SHEET_LENGTH if tracks and image do not fit together, JB_SHEET_FORM if discs do
 * not have such sectors, JB_TOO_LARGE, JB_NO_MEMORY.  *why is a sentence with details for the log, or
 * NULL.  A POSTGAP becomes a part of the pause before the next track.  A last sector that the image has in part
 * counts as whole: zeros are read behind what is there.  Adds warnings to the sheet about that, and about texts
 * that CD-TEXT cannot hold.
 */
enum jb_err sheet_to_recording(struct cue_sheet *sheet, uint64_t bytes, const struct medium *m,
	uint32_t capacity, struct recording *rec, const char **why);
/* Returns true if the CD-TEXT of the first lead-in is another one than the texts of the recording's sheet say,
 * so that the packs must be kept in a file of their own.  False if that lead-in can still change, or memory is
 * missing. */
bool sheet_needs_packs(const struct recording *rec);
/* Prints the sheet of a raw recording: the lines of the one by which it was inserted, if there are any.  file is
 * the name of its image, packs that of the file with its CD-TEXT; NULL: it has none.  Returns false if memory is
 * missing. */
bool sheet_print(const struct recording *rec, const char *file, const char *packs, FILE *out);
/* Makes the sheet of a raw recording; file is the name of its image.  Returns false if nothing is
 * recorded. */
bool sheet_of_recording(const struct recording *rec, const char *file, struct cue_sheet *out);

#endif
