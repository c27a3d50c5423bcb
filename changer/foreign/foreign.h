/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Foreign formats of discs.  A parser (readers.h) reads a sheet, or another description of a disc, and
 * makes a plan: which sectors of which files follow each other in one image, and the CUE sheet that
 * describes it (plan.h, formats.h).  Then the parts are joined (join.h).  Packed files are unpacked
 * (unpack.h).
 *
 * All functions are pure, except that they read and write by the functions that the caller has given.
 * They take any bytes: what they cannot use they refuse with a sentence.  They run in a process
 * without rights, one import in each.
 */
#ifndef CHANGER_FOREIGN_FOREIGN_H
#define CHANGER_FOREIGN_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/import.h"

struct foreign_file {
	const char *name; /* in the folder, without a path */
	uint64_t size;	  /* bytes */
	bool used;	  /* out: see struct jb_import_file */
};

/* The files of an import, and what it has found. */
struct foreign {
	struct foreign_file *files;
	unsigned nfiles; /* number of files */
	/* Reads size bytes of a file from the offset `at` on.  Returns how many it has read: fewer
	 * only at the end of the file, or if it cannot be read. */
	size_t (*read)(void *arg, unsigned file, uint64_t at, void *buf, size_t size);
	void *arg;			 /* the first argument of read */
	struct jb_import_result *result; /* zero before; says at the end what came of it */
	/* the sheet names several files, so an image of another name is taken for none of them */
	bool several;
};

/* ---- for the parsers ------------------------------------------------------------------------- */

enum { FOREIGN_SHEET_MAX = 1 << 20 }; /* bytes of a description that is read */

/* Refuses the files with a sentence: the result becomes JB_IMPORT_REFUSED with the error JB_FOREIGN.
 * Keeps what an earlier foreign_refuse or foreign_miss has said.  Always returns false. */
bool foreign_refuse(struct foreign *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Says that the file of this name is not there: the result becomes JB_IMPORT_MISSING.  Keeps what an
 * earlier foreign_refuse or foreign_miss has said.  Always returns false. */
bool foreign_miss(struct foreign *f, const char *name);
/* Says that the file is not there that has the name of the sheet with another suffix, such as
 * ".img".  Always returns false. */
bool foreign_miss_beside(struct foreign *f, unsigned sheet, const char *suffix);
/* Keeps a warning in f->result.  Drops it if there are JB_IMPORT_WARNINGS_MAX already. */
void foreign_warn(struct foreign *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Reads size bytes of the file from the offset `at` on to buf.  Returns false, after refusing the
 * files, if they are not all there. */
bool foreign_read(struct foreign *f, unsigned file, uint64_t at, void *buf, size_t size);
/* Reads a whole description into memory that the caller frees, with a NUL behind it; *size does not
 * count the NUL.  Returns NULL, after refusing the files, if it is larger than max, cannot be read,
 * or memory is missing. */
char *foreign_read_all(struct foreign *f, unsigned file, size_t max, size_t *size);
/* Returns the last dot of the name and what follows; or an empty text, if it has none but at its
 * beginning. */
const char *foreign_suffix(const char *name);
/* Finds the file that a sheet names, which may have a path before it, in the case of letters that it has or another
 * one, and marks it as used.  If there is no such file, but one that only can be meant, takes that one with a
 * warning, and sets guessed in the result.  Returns false, after saying that the file is missing, if there is none. */
bool foreign_find(struct foreign *f, unsigned sheet, const char *name, unsigned *file);
/* Finds the file that has the name of the sheet with another suffix, in upper or lower case, and
 * marks it as used.  Returns false, and says nothing, if there is none. */
bool foreign_find_beside(struct foreign *f, unsigned sheet, const char *suffix, unsigned *file);

#endif
