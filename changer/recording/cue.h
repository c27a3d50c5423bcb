/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CUE sheets: the text beside an image of raw sectors that says what its tracks are.  The dialect
 * is the one that burning programs agree on: one FILE of type BINARY, whose tracks follow each
 * other without gaps.  Pure functions; nothing here reads a file.
 *
 * Times in a sheet are minutes, seconds and frames from the file's begin; here, sectors.
 */
#ifndef CHANGER_RECORDING_CUE_H
#define CHANGER_RECORDING_CUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	CUE_TRACKS_MAX = 99,
	CUE_FILE_MAX = 255,    /* bytes of the file's name */
	CUE_TEXT_MAX = 159,    /* bytes of a title and the like, as UTF-8 */
	CUE_CATALOG_LEN = 13,  /* digits of a media catalog number */
	CUE_ISRC_LEN = 12,     /* characters of an international standard recording code */
	CUE_SHEET_MAX = 65536, /* bytes of a sheet that is read */
	CUE_INDICES_MAX = CUE_TRACKS_MAX * 98,
};

enum cue_mode { /* what a sector of the track is in the file */
	CUE_AUDIO,
	CUE_MODE1_2048,
	CUE_MODE1_2352,
	CUE_MODE2_2336,
	CUE_MODE2_2352,
	CUE_MODES
};

enum {		       /* FLAGS: the control bits of the Q sub-channel (MMC-6 table "CONTROL") */
	CUE_PRE = 0x1, /* pre-emphasis */
	CUE_DCP = 0x2, /* digital copy permitted */
	CUE_4CH = 0x8, /* four channels */
};

enum cue_text {
	CUE_TITLE,
	CUE_PERFORMER,
	CUE_SONGWRITER,
	CUE_COMPOSER,
	CUE_ARRANGER,
	CUE_MESSAGE,
	CUE_TEXTS
};

struct cue_track {
	enum cue_mode mode;
	uint8_t flags;
	uint16_t session; /* from 1; REM SESSION */
	uint32_t pregap;  /* sectors of silence before it that are not in the file; PREGAP */
	uint32_t start;	  /* where it begins in the file, with the pause before it: INDEX 00 */
	uint32_t index1;  /* where its sound or data begins: INDEX 01, >= start */
	char isrc[CUE_ISRC_LEN + 1]; /* "": none */
	char text[CUE_TEXTS][CUE_TEXT_MAX + 1];
};

struct cue_sheet {
	char file[CUE_FILE_MAX + 1];
	char catalog[CUE_CATALOG_LEN + 1]; /* "": none */
	char text[CUE_TEXTS][CUE_TEXT_MAX + 1];
	uint8_t first; /* number of the first track; the others follow it */
	uint8_t ntracks;
	uint16_t nindices;
	uint32_t indices
		[CUE_INDICES_MAX]; /* where INDEX 02 and on of tracks begin in the file, ascending */
	struct cue_track tracks[CUE_TRACKS_MAX];
};

/* Bytes of a sector in the file. */
unsigned cue_sector_size(enum cue_mode mode);
/*
 * Reads a sheet.  NULL: it is right; else what is wrong with it, as a sentence that is completed by
 * *line, the number of the line.  Commands of other programs' own (REM) are passed over.
 */
const char *cue_parse(const char *text, size_t size, struct cue_sheet *out, unsigned *line);
/* Which of the indices are of a track, by its place in tracks: the first of them, and how many. */
unsigned cue_indices(const struct cue_sheet *sheet, unsigned track, unsigned *first);
/* Writes one, which cue_parse reads as the same again. */
void cue_print(const struct cue_sheet *sheet, FILE *out);

#endif
