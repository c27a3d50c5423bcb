/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of jukeboxd; jukeboxd.8 documents it.  mount(8) calls the daemon with -o and a list: the
 * options of a mount, and those of jukeboxd by their long names (slots=20).
 */
#ifndef TARGET_OPTS_H
#define TARGET_OPTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "changer/jukebox.h"

enum { OPTS_PORTALS_MAX = 16, OPTS_FLAGS_MAX = 64 };

/* The options and arguments.  All texts point into argv. */
struct opts {
	const char *store, *mountpoint;
	const char *portals[OPTS_PORTALS_MAX]; /* if there are none, those in the store are used */
	size_t nportals;
	const char *name;	 /* NULL: the name in the store is used */
	struct jb_layout layout; /* for a new store; the defaults where no count was given */
	unsigned given; /* bit n: the count for element type n (enum jb_elem_type) was given */
	uid_t uid;	/* the owner of the mount's files; the daemon's user unless given */
	gid_t gid;
	mode_t mode; /* of the folders of elements; 0: not given */
	bool check;  /* --check: look through the store only; there is no mountpoint */
	bool mounts; /* -o was given: mount(8) may have called */
	bool stays;  /* -f was given: stays in the foreground */
	char flags
		[OPTS_FLAGS_MAX]; /* options of the mount for the kernel, each with a comma before it */
	const char *before; /* while an option is parsed: what messages write before its name */
};

/* Fills in *o from the command line.  Changes the argument of -o.  Returns false if the process must end with
 * *status; all messages have then been printed. */
bool opts_parse(struct opts *o, int argc, char **argv, int *status);

#endif
