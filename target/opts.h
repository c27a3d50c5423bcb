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
	const char *portals[OPTS_PORTALS_MAX]; /* if there are none, those in the store are used */
	size_t nportals;
	const char *name; /* NULL: the name in the store is used */
	struct jb_layout layout;
	unsigned given; /* bit n: the count for element type n (enum jb_elem_type) was given */
};

/* Fills in *o from the command line.  Returns false if the process must end with *status; all messages have
 * then been printed. */
bool opts_parse(struct opts *o, int argc, char **argv, int *status);

#endif
