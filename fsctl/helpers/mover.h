/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The process that makes system calls on our own mount, so that inotify tells of what an initiator
 * does as of what a program does.  The daemon cannot make them: a
 * thread of it that waits for itself could not even be killed.
 */
#ifndef FSCTL_HELPERS_MOVER_H
#define FSCTL_HELPERS_MOVER_H

#include <limits.h>
#include <stdint.h>

#include "changer/jukebox.h"
#include "fsctl/helpers/helper.h"

enum mover_action {
	MOVER_RENAME, /* IN_MOVED_FROM and IN_MOVED_TO */
	MOVER_TOUCH,  /* IN_MODIFY: a time stamp, as writes set it */
	MOVER_CLOSE,  /* IN_OPEN, IN_MODIFY, IN_CLOSE_WRITE: opened for writing, stamped, closed */
};

enum { MOVER_PATH_MAX = 32 + 1 + JB_NAME_MAX + 1 };

struct mover_question {
	uint32_t action;
	uint64_t dev;		   /* of the mount: what else is there is left alone */
	char mount[PATH_MAX];	   /* absolute */
	char path[MOVER_PATH_MAX]; /* below the mount: "slots/3/x.iso" */
	char to[MOVER_PATH_MAX];   /* of MOVER_RENAME */
};

struct mover_answer {
	int32_t error; /* an errno; 0: done */
};

/* The process; see helper.h. */
extern const struct helper_kind mover_kind;

#endif
