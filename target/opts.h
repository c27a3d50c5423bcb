/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command line of jukeboxd; jukeboxd.8 documents it.
 */
#ifndef TARGET_OPTS_H
#define TARGET_OPTS_H

#include <stdbool.h>
#include <stddef.h>

#include "changer/jukebox.h"

enum { OPTS_PORTALS_MAX = 16 };

/* The options and arguments.  All texts point into argv. */
struct opts {
	const char *store, *mountpoint;
	const char *portals[OPTS_PORTALS_MAX]; /* if there are none, those in the store are used */
	size_t nportals;
	const char *name;	 /* NULL: the name in the store is used */
	struct jb_layout layout; /* for a new store; the defaults where no count was given */
	unsigned given; /* bit n: the count for element type n (enum jb_elem_type) was given */
};

/* Fills in *o from the command line, and sets log_level if that is asked for.  Returns false if the
 * process must end with *status: after --help and --version, which it has printed, or after a mistake,
 * for which it has printed a message.  Does not check store, mountpoint, name and portals. */
bool opts_parse(struct opts *o, int argc, char **argv, int *status);

#endif
