/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that opens files outside of the store, which discs are links to.  It does
 * so with the rights of whoever has made the link, and where a file system does not answer it
 * waits in the daemon's place.
 */
#ifndef FSCTL_HELPERS_OPENER_H
#define FSCTL_HELPERS_OPENER_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/jukebox.h"
#include "fsctl/helpers/helper.h"

struct opener_question {
	char path[JB_TARGET_MAX]; /* absolute */
	uint64_t mount;		  /* device of our own mount, which nothing is opened on */
	uint32_t as_caller;	  /* otherwise with the daemon's rights */
	uint32_t uid, gid;
	int32_t pid; /* of the process whose other groups count; 0: none do */
};

struct opener_answer { /* with a descriptor, unless error is set */
	int32_t error; /* an errno */
};

/* The process; see helper.h. */
extern const struct helper_kind opener_kind;

/* What the daemon asks it with: a jb_opener. */
struct opener {
	struct helper helper;
	uint64_t mount;
};
void opener_init(struct opener *o, struct nursery *nursery, uint64_t mount);
void opener_fini(struct opener *o);
enum jb_err opener_open(void *arg, const char *path, const struct jb_caller *caller, int *fd);

#endif
