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

/* Makes *rec, whose old content is not freed, a complete disc of that medium and capacity, for an
 * image of `bytes` bytes.  The capacity of a pressed disc becomes the size of the image.  A POSTGAP
 * becomes a part of the pause before the next track.  A last sector that the image has in part
 * counts as whole: zeros are read behind what is there.  Adds warnings to the sheet about that,
 * about an ISRC that is dropped, and about texts that CD-TEXT cannot hold.  Returns JB_SHEET_LENGTH
 * if tracks and image do not fit together, JB_SHEET_FORM if discs do not have such sectors,
 * JB_TOO_LARGE if the capacity is less than the tracks need, JB_NO_MEMORY, or an error of
 * recording_set_text; *rec is untouched then.  Stores in *why a sentence with details for the log,
 * or NULL. */
enum jb_err sheet_to_recording(struct cue_sheet *sheet, uint64_t bytes, const struct medium *m,
	uint32_t capacity, struct recording *rec, const char **why);
/* Returns true if the CD-TEXT of the first lead-in differs from what the texts of the recording's
 * sheet would give, so that the packs must be kept in a file of their own.  Returns false if there
 * is no CD-TEXT, if that lead-in can still change, or if memory is missing. */
bool sheet_needs_packs(const struct recording *rec);
/* Prints the sheet of a raw recording to out: the lines of the one by which it was inserted, if
 * there are any.  file is the name of its image; packs is the name of the file with its CD-TEXT, or
 * NULL if it has none.  If nothing is recorded, prints nothing and returns true.  Returns false if
 * memory is missing.  Does not check for errors of out. */
bool sheet_print(const struct recording *rec, const char *file, const char *packs, FILE *out);
/* Makes the sheet of a raw recording in *out, whose old content is overwritten; file is the name of
 * its image, cut to CUE_FILE_MAX bytes.  Stops before the first track of which nothing but its
 * pregap is recorded.  Returns false if that leaves no track. */
bool sheet_of_recording(const struct recording *rec, const char *file, struct cue_sheet *out);

#endif
