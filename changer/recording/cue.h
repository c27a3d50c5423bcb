/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CUE sheets: the text beside an image of raw sectors that describes its tracks.  The dialect is the
 * one that burning programs agree on: one FILE of type BINARY, in which the tracks follow each other
 * without gaps.  All functions are pure; nothing here reads a file.
 *
 * A sheet counts time in minutes, seconds and frames from the start of the file; here it is counted in
 * sectors.
 *
 * Only the lines that place the tracks can make a sheet wrong: FILE, TRACK, INDEX, PREGAP, POSTGAP and REM
 * SESSION.  A value of any other line that cannot be used is dropped or cut, with a warning.
 */
#ifndef CHANGER_RECORDING_CUE_H
#define CHANGER_RECORDING_CUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
	CUE_TRACKS_MAX = 99,
	CUE_FILE_MAX = 255,		     /* bytes of the file's name */
	CUE_TEXT_LETTERS = 159,		     /* characters of a title and the like */
	CUE_TEXT_MAX = 4 * CUE_TEXT_LETTERS, /* bytes of them, as UTF-8 */
	CUE_CATALOG_LEN = 13,		     /* digits of a media catalog number */
	CUE_ISRC_LEN = 12,     /* characters of an international standard recording code */
	CUE_SHEET_MAX = 65536, /* bytes of a sheet that is read */
	CUE_INDICES_MAX = CUE_TRACKS_MAX * 98, /* 2 to 99, for each track */
	CUE_WARNINGS_MAX = 16,		       /* the first ones; further ones are not kept */
};

enum cue_mode { /* the form of a track's sectors in the file */
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
	enum cue_mode mode; /* the form of the track's sectors in the file */
	uint8_t flags;	    /* FLAGS: CUE_PRE and the like */
	uint16_t session;   /* REM SESSION; the first one is 1 */
	uint32_t pregap; /* PREGAP: sectors of silence before the track that are not in the file */
	uint32_t
		/* POSTGAP: sectors of silence behind the track that are not in the file */
		postgap;
	/* INDEX 00: where the track begins in the file, with the pause before it */
	uint32_t start;
	uint32_t index1;	     /* INDEX 01: where its sound or data begins; >= start */
	char isrc[CUE_ISRC_LEN + 1]; /* "": none */
	/* "": none; in UTF-8, of CUE_TEXT_LETTERS characters at most */
	char text[CUE_TEXTS][CUE_TEXT_MAX + 1];
};

/* A value of the sheet that was dropped or cut. */
struct cue_warning {
	unsigned line;	  /* number of the line, from 1; 0: all of the sheet */
	const char *what; /* a sentence, which is never freed */
};

struct cue_sheet {
	char file[CUE_FILE_MAX + 1];		/* the name in FILE, as it is written there */
	char catalog[CUE_CATALOG_LEN + 1];	/* "": none */
	char text[CUE_TEXTS][CUE_TEXT_MAX + 1]; /* of the whole disc; "": none */
	uint8_t first;	   /* number of the first track; the others count up from it */
	uint8_t ntracks;   /* 1 or more after cue_parse has succeeded */
	uint16_t nindices; /* how many of indices are used */
	/* places of INDEX 02 and up in the file, of all tracks, ascending */
	uint32_t indices[CUE_INDICES_MAX];
	/* in the order of the sheet; ntracks are used */
	struct cue_track tracks[CUE_TRACKS_MAX];
	bool names_packs; /* true: the sheet has a CDTEXTFILE */
	/* the packs of CDTEXT_PACK bytes in that file; borrowed; the caller of cue_parse sets them */
	const uint8_t *packs;
	unsigned npacks; /* 0: the CD-TEXT is made from the texts of the sheet */
	unsigned nwarnings;
	struct cue_warning warnings[CUE_WARNINGS_MAX]; /* in the order in which they were added */
};

/* Makes UTF-8 of the bytes of a sheet.  The bytes may be UTF-8 or UTF-16 with its mark, or have
 * lines of UTF-8 and lines of Windows-1252.  Each line gets one newline at its end; nothing behind
 * a Ctrl-Z is kept; a NUL becomes a blank, and a character that is not valid becomes U+FFFD.
 * Returns a text that the caller frees; NULL if memory is missing.  size 0: returns "". */
char *cue_text(const char *bytes, size_t size);

/* Parses `size` bytes of a sheet, which cue_text has made, to *out, whose old content is
 * overwritten.  Returns NULL if the lines that place tracks are correct; else a sentence that says
 * what is wrong, and in *line the number of the line that it is about; *out is then incomplete.  A
 * value of any other line that is not valid is dropped or cut, with a warning in *out.  Does not
 * check that tracks are within the file. */
const char *cue_parse(const char *text, size_t size, struct cue_sheet *out, unsigned *line);
/* Adds a warning about that line of the sheet; line 0: about all of it.  what is a sentence that is
 * never freed.  Does nothing if the sheet has CUE_WARNINGS_MAX warnings already. */
void cue_warn(struct cue_sheet *sheet, unsigned line, const char *what);
/* Returns how many of sheet->indices belong to tracks[track], which must exist, and stores in
 * *first the position of the first one. */
unsigned cue_indices(const struct cue_sheet *sheet, unsigned track, unsigned *first);
/* Prints a sheet to out, from which cue_parse makes the same sheet, but for postgaps, which are not
 * printed.  packs is the name of the file for its CDTEXTFILE; NULL: it gets none.  Does not check
 * for errors of out. */
void cue_print(const struct cue_sheet *sheet, const char *packs, FILE *out);
/* Prints the lines of a sheet, which cue_text has made.  Lines that place tracks or name files
 * (FILE, TRACK, INDEX, PREGAP, POSTGAP, and CDTEXTFILE if packs is not NULL) are printed as `sheet`
 * says now; all others as they are.  Adds what `sheet` has and the lines lack, also whole tracks at
 * the end; leaves out a TRACK too many.  packs is the name for CDTEXTFILE; NULL: such a line is
 * printed as it is.  Does not check for errors of out. */
void cue_print_lines(
	const struct cue_sheet *sheet, const char *lines, const char *packs, FILE *out);

#endif
