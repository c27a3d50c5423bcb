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
	OPENER_LATE_MAX = 8, /* programs that wait for a file that is late */
	OPENER_USER_MAX = 4, /* as many of these for one user who is not root */
	/* Questions of all users, and those that no program waits for.  With the process that waits for the next
	 * question, they are fewer than the nursery has. */
	OPENER_USERS_MAX = 10,
	OPENER_PLACES = OPENER_USERS_MAX + OPENER_USER_MAX,
};

enum opener_state {
	OPENER_FREE,
	OPENER_ASKED,  /* a thread asks, or is about to */
	OPENER_WAITS,  /* the process is late, and its program waits */
	OPENER_KILLED, /* the process was killed, but may hang in a system call */
};

/* A place: each question has one, before it is asked and until its process has ended. */
struct opener_place {
	enum opener_state state;
	uid_t uid;		 /* the user; (uid_t)-1: no program waits */
	struct helper_late late; /* set unless the place is free or asked */
};

/* The daemon's end. */
struct opener {
	struct helper helper;
	uint64_t mount; /* the device of our own mount */
	pthread_mutex_t
		lock; /* guards place; one that is asked or waits belongs to its thread, but for the state */
	struct opener_place place[OPENER_PLACES];
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
 * files, or OPENER_USER_MAX of the user, returns JB_LINK_LATE for the next one that is late, and kills its process.
 *
 * A process that hangs and cannot be killed counts as if its program waited.  So a user of whom one more than
 * OPENER_USER_MAX hang gets JB_LINK_LATE at once; and so does each user if OPENER_USERS_MAX hang, and each caller
 * NULL if OPENER_USER_MAX of those hang.  [blocks] */
enum jb_err opener_open(void *arg, const char *path, const struct jb_caller *caller, int *fd);

#endif
