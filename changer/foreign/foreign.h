/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Foreign formats of discs: what all their parsers use.
 *
 * A parser (readers.h) reads a sheet, or another description of a disc.  It makes a plan: which sectors of
 * which files follow each other in one image, and the CUE sheet that describes that image (plan.h,
 * formats.h).  Then join.h writes the image.  unpack.h unpacks packed files.
 *
 * "To refuse the files" means to call foreign_refuse: the import fails, and f->result has a sentence that
 * says why.  A function here has no effect on files but through the functions that the caller has given.
 * It takes any bytes: what it cannot use it refuses.  All run in a process without rights, one import in
 * each.
 */
#ifndef CHANGER_FOREIGN_FOREIGN_H
#define CHANGER_FOREIGN_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/import.h"

struct foreign_file {
	const char *name; /* its name in the folder, without a slash */
	uint64_t size;	  /* bytes */
	bool used;	  /* out: it is the sheet, or the sheet names it */
};

/* One import: its files, how to read them, and its result.  An unsigned `file` or `sheet` is an index in
 * files. */
struct foreign {
	struct foreign_file *files;
	unsigned nfiles; /* number of files */
	/* Reads size bytes of a file from the offset `at` on.  Returns how many it has read: fewer
	 * only at the end of the file, or if it cannot be read. */
	size_t (*read)(void *arg, unsigned file, uint64_t at, void *buf, size_t size);
	void *arg;			 /* the first argument of read */
	struct jb_import_result *result; /* all zeros at first; the result at the end (import.h) */
	/* true: the sheet names several files.  Then foreign_find takes no image with another name and
	 * another stem for one that is missing. */
	bool several;
};

/* ---- for the parsers ------------------------------------------------------------------------- */

enum { FOREIGN_SHEET_MAX = 1 << 20 }; /* bytes of a description that is read */

/* Refuses the files, with a sentence for the user: the result becomes JB_IMPORT_REFUSED with the error
 * JB_FOREIGN.  If an earlier foreign_refuse or foreign_miss has set the result, keeps that.  Always returns
 * false. */
bool foreign_refuse(struct foreign *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* Sets the result to JB_IMPORT_MISSING, because there is no file of this name.  If an earlier
 * foreign_refuse or foreign_miss has set the result, keeps that.  Always returns false. */
bool foreign_miss(struct foreign *f, const char *name);
/* Calls foreign_miss for the name of the sheet with another suffix, such as ".img".  Always returns
 * false. */
bool foreign_miss_beside(struct foreign *f, unsigned sheet, const char *suffix);
/* Adds a warning, a sentence for the user, to f->result.  Drops it if there are JB_IMPORT_WARNINGS_MAX
 * already. */
void foreign_warn(struct foreign *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Reads size bytes of the file to buf, from the offset `at` on.  Returns true; or false after refusing the
 * files, if not all of them can be read. */
bool foreign_read(struct foreign *f, unsigned file, uint64_t at, void *buf, size_t size);
/* Reads a whole description into memory, with a NUL behind it that *size does not count.  The caller frees
 * it.  Returns NULL after refusing the files, if the file has more than max bytes, cannot be read, or
 * memory is missing. */
char *foreign_read_all(struct foreign *f, unsigned file, size_t max, size_t *size);
/* Returns the suffix of the name: its last dot and all behind it.  Returns an empty text if the name has no
 * dot, or only one at its beginning. */
const char *foreign_suffix(const char *name);
/*
 * Finds the file that a sheet names `name`, and marks it as used.  Ignores a path in front of the name, and
 * upper or lower case.  Stores its index in *file and returns true.
 *
 * If there is no such file, takes an image that can be meant, adds a warning, and sets `guessed` in the
 * result.  That is the only image with the same stem.  If the sheet names one file only (f->several is
 * false), it may also be the only image of the import.  A file that is used already is not taken.  Returns
 * false after foreign_miss, if there is none.
 */
bool foreign_find(struct foreign *f, unsigned sheet, const char *name, unsigned *file);
/* Finds the file that has the name of the sheet with another suffix, in upper or lower case.  Marks it
 * as used, stores its index in *file and returns true.  Returns false, and leaves f->result, if there is
 * none. */
bool foreign_find_beside(struct foreign *f, unsigned sheet, const char *suffix, unsigned *file);

#endif
