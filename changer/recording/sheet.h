/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a CUE sheet to the recording that it describes, and back.  Pure functions.
 *
 * Position 0 of the file is LBA 0: the two seconds before it are in no BIN, and a longer pause before
 * the first track (its INDEX 00) is in it from LBA 0 on.  What a sheet says is not in the file, by
 * PREGAP, and between two sessions (REM SESSION), is no sector of the image; see struct track, shift.
 */
#ifndef CHANGER_RECORDING_SHEET_H
#define CHANGER_RECORDING_SHEET_H

#include "changer/recording/cue.h"
#include "changer/err.h"
#include "changer/recording/recording.h"

/*
 * A complete disc of that medium, of an image of that many bytes, into *rec, which holds nothing
 * before.  JB_SHEET_LENGTH: tracks and image do not fit each other; JB_SHEET_FORM: its sectors are of
 * a kind that no disc is made of; JB_TOO_LARGE, JB_NO_MEMORY.  *why: more about that, for the log.
 */
enum jb_err sheet_to_recording(const struct cue_sheet *sheet, uint64_t bytes,
	const struct medium *m, uint32_t capacity, struct recording *rec, const char **why);
/* Of a raw recording whose image has that name; false: nothing is recorded. */
bool sheet_of_recording(const struct recording *rec, const char *file, struct cue_sheet *out);

#endif
