/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mover is the helper process that makes system calls on our own mount.  By them inotify reports what an
 * initiator does in the same way as what a program does.  The daemon cannot make these calls: a thread that
 * waits for its own daemon cannot even be killed.
 */
#ifndef FSCTL_HELPERS_MOVER_H
#define FSCTL_HELPERS_MOVER_H

#include <limits.h>
#include <stdint.h>

#include "changer/jukebox.h"
#include "fsctl/helpers/helper.h"

enum mover_action {
	MOVER_RENAME, /* IN_MOVED_FROM and IN_MOVED_TO */
	MOVER_TOUCH,  /* sets the time of modification: IN_MODIFY */
	MOVER_LOOK,   /* asks for the free space, which the daemon must answer; changes nothing */
	MOVER_CLOSE, /* opens for writing, sets the time, closes: IN_OPEN, IN_MODIFY, IN_CLOSE_WRITE */
};

enum { MOVER_PATH_MAX = 32 + 1 + JB_NAME_MAX + 1 }; /* bytes of "ELEMENT/NAME", with its NUL */

struct mover_question {		   /* the texts end with a NUL */
	uint32_t action;	   /* an enum mover_action */
	uint64_t dev;		   /* the mount's device; if another is there, nothing is done */
	char mount[PATH_MAX];	   /* absolute */
	char path[MOVER_PATH_MAX]; /* below the mount: "slots/3/x.iso" */
	char to[MOVER_PATH_MAX];   /* the new path, for MOVER_RENAME */
};

struct mover_answer {
	int32_t error; /* an errno; 0: done */
};

/* The process; see helper.h. */
extern const struct helper_kind mover_kind;

#endif
