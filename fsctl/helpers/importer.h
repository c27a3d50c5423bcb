/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The importer is a helper process that reads foreign formats (changer/foreign).  Their bytes come
 * from anywhere, so it has no rights (confine.h): only the files of one import, which it gets open.
 * Each import has a process of its own.  If a parser crashes, or is killed, or does nothing for a long
 * time, that import is refused, and nothing else happens.
 *
 * The daemon sends one datagram, the question, with the descriptors of all files; the process sends
 * answers until the one that is final.
 */
#ifndef FSCTL_HELPERS_IMPORTER_H
#define FSCTL_HELPERS_IMPORTER_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/import.h"
#include "fsctl/helpers/nursery.h"

/* Its descriptors are those of the files; and if it is to join them, those of image, sheet and packs. */
struct importer_question {
	uint32_t nfiles; /* JB_IMPORT_FILES_MAX at most */
	uint32_t join;	 /* 1: write the parts; 0: only look */
	uint64_t limit;	 /* bytes of the largest image */
	char name[JB_IMPORT_FILES_MAX][JB_IMPORT_NAME_MAX + 1];
};

struct importer_answer {
	uint32_t final;			   /* 1: all is done; 0: only done and total are set */
	int32_t error;			   /* an errno of a write that has failed; 0: none */
	uint64_t done, total;		   /* bytes of the image; total 0: not known */
	uint8_t used[JB_IMPORT_FILES_MAX]; /* 1: see jb_import_file.used */
	struct jb_import_result result;
};

/* The process; see nursery.h. */
extern const struct helper_kind importer_kind;

/* The daemon's end. */
struct importer {
	struct nursery *nursery;	/* NULL: every import is refused */
	const struct helper_kind *kind; /* importer_kind */
	unsigned stall_ms;		/* a process that says nothing for so long is killed */
};
/* Initializes *imp, which borrows the nursery. */
void importer_init(struct importer *imp, struct nursery *nursery);
/* Does what jb_import says; arg is the struct importer.  Refuses the files if the process cannot be
 * started, crashes or stalls.  Looks at watch->stop several times a second.  If nothing was made,
 * empties the files of *out. */
enum jb_err importer_import(void *arg, struct jb_import_file *files, size_t nfiles,
	const struct jb_import_out *out, struct jb_import_watch *watch,
	struct jb_import_result *result);

#endif
