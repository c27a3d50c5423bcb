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

struct opts {
	const char *store, *mountpoint;
	const char *portals[OPTS_PORTALS_MAX]; /* none: the store's own */
	size_t nportals;
	const char *name; /* NULL: the store's own */
	struct jb_layout layout;
	unsigned given; /* which of it were given: bits by enum jb_elem_type */
};

/* Fills in o from the command line.  False: the process should end with *status, all being said. */
bool opts_parse(struct opts *o, int argc, char **argv, int *status);

#endif
