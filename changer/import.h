/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The import of discs in foreign formats: a folder with a sheet and the files that it names, one file that
 * holds a disc with its description, or one that is packed.  The jukebox borrows a function for this
 * (jb_import), which may run the parsers elsewhere.  It joins all parts into one image: plain sectors of 2048
 * bytes, or raw sectors with a CUE sheet that describes them.
 *
 *	sheet				with it				becomes
 *	.cue				the FILEs that it names		BIN and sheet
 *	.toc (cdrdao)			the files that it names		BIN and sheet
 *	.ccd (CloneCD)			.img, and .sub if there		BIN and sheet
 *	.mds				.mdf				ISO, or BIN and sheet
 *	.nrg				-				ISO, or BIN and sheet
 *	.gz .xz .zst			-				what is packed in it
 *
 * A sheet that describes one run of 2048-byte sectors gives an ISO.
 */
#ifndef CHANGER_IMPORT_H
#define CHANGER_IMPORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/err.h"

enum {
	JB_IMPORT_FILES_MAX = 128, /* files of a folder: 99 tracks, a sheet, its packs, and some */
	JB_IMPORT_NAME_MAX = 255,  /* bytes of a file's name */
	JB_IMPORT_TEXT = 256,	   /* bytes of a sentence, with its NUL */
	JB_IMPORT_WARNINGS_MAX = 16, /* the first ones; further ones are not kept */
};

/* One file of a folder, or the one file that was copied in. */
struct jb_import_file {
	const char *name; /* its name in the folder, without a slash */
	int fd;		  /* a regular file, open for reading; borrowed */
	bool used;	  /* out: it is the sheet, or the sheet names it */
};

/* The files that are written: open for writing, and empty; borrowed.  If the import fails, they are empty
 * again.  Nothing is synced. */
struct jb_import_out {
	int image; /* the joined sectors, or what was unpacked */
	int sheet; /* the CUE sheet of a BIN: UTF-8, whose FILE is STEM.bin */
	int packs; /* its CD-TEXT packs, if there are some that the sheet cannot say */
};

enum jb_import_kind {
	JB_IMPORT_NO_SHEET, /* no file is a sheet, or a format that can be read */
	JB_IMPORT_MISSING,  /* the sheet names a file that is not there: detail is its name */
	JB_IMPORT_REFUSED,  /* it cannot become a disc: detail is a sentence, err the error */
	JB_IMPORT_ISO,	    /* the image has 2048-byte sectors, and there is no sheet */
	JB_IMPORT_BIN,	    /* the image has 2352-byte sectors, and the sheet describes them */
	/*
	 * The image has what was packed (.gz, .xz, .zst), which is not looked at: it may be any image, or again
	 * a file to import.  stem is the file's name without the suffix of its packing.
	 */
	JB_IMPORT_UNPACKED,
};

struct jb_import_result {
	enum jb_import_kind kind;
	enum jb_err err;		   /* for JB_IMPORT_REFUSED; else JB_OK */
	char detail[JB_IMPORT_TEXT];	   /* see kind */
	char stem[JB_IMPORT_NAME_MAX + 1]; /* the disc's name without a suffix: that of the sheet */
	bool has_packs;			   /* packs has been written, for JB_IMPORT_BIN */
	/* the sheet names a file that is not there, detail is its name, and another one is taken for it, which
	 * may be wrong as long as more files may come */
	bool guessed;
	uint64_t bytes; /* of the image; 0 if nothing was joined */
	unsigned nwarnings;
	/* sentences about what was believed, cut or padded */
	char warnings[JB_IMPORT_WARNINGS_MAX][JB_IMPORT_TEXT];
};

/* Lets other threads watch an import that runs, and stop it. */
struct jb_import_watch {
	_Atomic uint64_t done, total; /* bytes of the image; total 0: not known */
	atomic_bool stop;	      /* set it to end the import soon, with JB_STOPPING */
};

/*
 * Reads the files, of which there may be JB_IMPORT_FILES_MAX, and writes the parts that they describe to *out.
 * If out is NULL, only says what kind that would be, what is missing and what is used, in a short time; a
 * format whose data can be wrong in parts that are not looked at then may still be refused.  watch may be
 * NULL.
 *
 * Returns JB_OK if *result says what came of it.  Else the import could not be carried out, and may be tried
 * again: JB_STOPPING if watch->stop is set, JB_STORE_FULL, JB_STORE_WRITE, JB_NO_MEMORY.  Any thread; several
 * at a time.  [blocks, for as long as it takes to write the image]
 */
typedef enum jb_err jb_import(void *arg, struct jb_import_file *files, size_t nfiles,
	const struct jb_import_out *out, struct jb_import_watch *watch,
	struct jb_import_result *result);

#endif
