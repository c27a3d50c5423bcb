/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The opener is the helper process that opens the files outside of the store to which discs by reference are
 * links.  It opens them with the rights of the user who makes the link.  If a file system does not answer,
 * the opener hangs, and not the daemon.
 */
#ifndef FSCTL_HELPERS_OPENER_H
#define FSCTL_HELPERS_OPENER_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/jukebox.h"
#include "fsctl/helpers/helper.h"

struct opener_question {
	char path[JB_TARGET_MAX]; /* absolute */
	uint64_t mount;		  /* the device of our own mount; files there are refused */
	uint32_t as_caller;	  /* 1: with the rights of uid, gid and pid; 0: with the daemon's */
	uint32_t uid, gid;
	int32_t pid; /* the process that has the supplementary groups; 0: none */
};

struct opener_answer { /* with a descriptor, unless error is set */
	int32_t error; /* an errno; 0: the file is open */
};

/* The process; see helper.h. */
extern const struct helper_kind opener_kind;

enum {
	OPENER_LATE_MAX = 8, /* half of the openers that the nursery has */
	OPENER_USER_MAX = 4, /* as many of these for one user who is not root */
};

/* A place for a process that is late. */
struct opener_late {
	uid_t uid;
	bool waits;		 /* false: it was killed, but may hang in a system call */
	struct helper_late late; /* late.pidfd -1: the place is free */
};

/* The daemon's end. */
struct opener {
	struct helper helper;
	uint64_t mount;	      /* the device of our own mount */
	pthread_mutex_t lock; /* guards late; a place that waits belongs to its thread */
	struct opener_late late[OPENER_LATE_MAX];
	_Atomic bool stopping; /* true: nobody waits for late files any more */
};
/* Initializes *o.  `mount` is the device of our own mount; opener_open refuses files there. */
void opener_init(struct opener *o, struct nursery *nursery, uint64_t mount);
/* Makes all callers that wait for a file give up.  Later callers wait no longer than JB_OPEN_MS. */
void opener_stop(struct opener *o);
/* Ends the process, without waiting for that. */
void opener_fini(struct opener *o);
/* Opens a file as a jb_opener does; arg is the struct opener.  Returns JB_OK and a descriptor in *fd,
 * or an error JB_LINK_*; JB_STOPPING after opener_stop.
 *
 * caller NULL: opens it with the daemon's rights, and returns JB_LINK_LATE if that takes long.
 *
 * Else waits until the file system has answered or the caller has given up (JB_LINK_LATE).  A process of its own
 * waits for each file that is late, so other files are opened meanwhile.  If OPENER_LATE_MAX callers wait for such
 * files, or OPENER_USER_MAX of the user, returns JB_LINK_LATE for the next one that is late.  A process that hangs and
 * cannot be killed keeps its place; a user who has only such places gets JB_LINK_LATE at once.  [blocks] */
enum jb_err opener_open(void *arg, const char *path, const struct jb_caller *caller, int *fd);

#endif
