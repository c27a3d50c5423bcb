/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CUE sheets with several FILEs: which sectors of which FILE the image has that joins them all.  A sheet
 * counts time from the start of each FILE.  Here it is counted from the start of the joined image, so the
 * sheet that cue_parse_joined makes describes one FILE.
 *
 * A FILE may have tracks with sectors of different sizes.  The sectors before the first INDEX of a FILE are
 * the pause of the track that begins there.  A FILE that is named again, with no other one between, goes on.
 */
#ifndef CHANGER_RECORDING_CUE_JOIN_H
#define CHANGER_RECORDING_CUE_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/recording/cue.h"
#include "changer/recording/cue_words.h"

enum cue_file_type {
	CUE_BINARY,
	CUE_MOTOROLA, /* samples with their high byte first */
	CUE_WAVE,     /* samples in a WAVE file */
	CUE_FILE_TYPES
};

enum { CUE_FILES_MAX = 126, CUE_PIECES_MAX = CUE_FILES_MAX + CUE_TRACKS_MAX };

/* A run of sectors that are of one track and in one FILE. */
struct cue_piece {
	unsigned file;	/* counts the FILEs of the sheet from 0 */
	unsigned track; /* counts the tracks of the sheet from 0 */
	uint32_t start; /* its first sector in the joined image */
	uint32_t
		sectors; /* the last one may be incomplete in the FILE, for the last piece of a FILE */
	uint64_t offset; /* of its first byte, counted from where the data of the FILE begins */
};

struct cue_join {
	/* Finds a FILE.  Stores in *bytes the size of its data, corrects *type if it has another one,
	 * and returns NULL; or returns a sentence that says why the sheet cannot be read.  Called once
	 * for each FILE, in their order; a FILE that goes on is not a new one. */
	const char *(*find)(void *arg, const char *name, enum cue_file_type *type, uint64_t *bytes);
	void *arg; /* the first argument of find */

	/* what is found */
	unsigned nfiles, npieces; /* FILEs that have begun; pieces that are used */
	struct cue_piece pieces[CUE_PIECES_MAX];

	/* the present FILE */
	char name[CUE_FILE_MAX + 1];
	enum cue_file_type type;
	uint64_t bytes; /* of its data, as find has stored them */
	uint32_t base;	/* its first sector in the joined image */
	bool begun;	/* true: it has a piece */
};

/* Parses a sheet as cue_parse does, but with any number of FILEs up to CUE_FILES_MAX, of any type in
 * enum cue_file_type; the times in *out count from the start of the joined image.  *join must have
 * find and arg, and is zero otherwise; at the end it has the pieces. */
const char *cue_parse_joined(const char *text, size_t size, struct cue_join *join,
	struct cue_sheet *out, unsigned *line);

/* ---- for cue.c: these return NULL, or a sentence that says why the sheet is wrong ------------- */

/* Ends the FILE before, if there is one, and begins another one, which it has `find` find.  Does
 * nothing if the FILE before has the same name.  Fails if the type is not known, there are
 * CUE_FILES_MAX FILEs, cue_join_end fails, or find does. */
const char *cue_join_file(struct cue_join *join, const struct cue_sheet *sheet,
	struct cue_span name, struct cue_span type);
/* Takes an INDEX of the last track of the sheet, which is at the sector `at` of the joined image;
 * opens: it is the first one of its track.  Begins a piece if it is the first INDEX of the FILE, or
 * opens a track.  Stores in *start where a track that opens here begins: its pause is all of the
 * FILE before its first INDEX. */
const char *cue_join_index(struct cue_join *join, const struct cue_sheet *sheet, uint32_t at,
	bool opens, uint32_t *start);
/* Ends the last FILE: its last piece goes on to the end of the data.  Fails if the FILE has no
 * INDEX, a track begins behind its end, or the image would have more than SECTORS_MAX sectors. */
const char *cue_join_end(struct cue_join *join, const struct cue_sheet *sheet);

#endif
