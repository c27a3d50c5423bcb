/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of MNT/events: one JSON object per event, in the order of their numbers.
 *
 * The file grows for as long as the daemon runs, and its offsets with it; the last EVENTLINES_KEPT
 * lines are kept.  A reader that gets to a place whose line is gone gets one line in place of all
 * that it has missed, {"event":"lost","count":N,"next":NUMBER}, and goes on with the oldest kept.
 *
 * No locks here: the caller has one.
 */
#ifndef FSCTL_TREE_EVENTLINES_H
#define FSCTL_TREE_EVENTLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/jukebox.h"

enum { EVENTLINES_KEPT = 4096, EVENTLINES_LOST_MAX = 96 };

struct eventline {
	char *text;
	size_t len;
	uint64_t at;	 /* its offset in the file */
	uint64_t number; /* of its event */
};

struct eventlines {
	struct jukebox *jb; /* borrowed */
	uint64_t next;	    /* number of the event that is to come */
	struct eventline *ring;
	uint64_t first, end; /* lines, counted from the start: the oldest kept, the one to come */
	uint64_t size;	     /* of the file */
	int64_t mtime_ns;    /* of the last line */
};

/* A reader's place.  Zeroed it is the beginning of the file. */
struct eventcursor {
	uint64_t line;
	size_t in_line;
	char lost[EVENTLINES_LOST_MAX]; /* what stands in place of lines that are gone */
	size_t lost_len, lost_at;
	/* Offsets of the reader that are at or behind lost_end are skew before those of the file. */
	uint64_t lost_end, skew;
	uint64_t offset; /* where it reads next, if it reads on */
	bool relative;	 /* offset 0 is where the file ended when it was opened */
};

bool eventlines_init(struct eventlines *l, struct jukebox *jb);
void eventlines_fini(struct eventlines *l);
/* Takes over what has happened meanwhile. */
void eventlines_catch_up(struct eventlines *l);

/* Offset 0 is the end that the file has now. */
void eventcursor_begin_at_end(struct eventcursor *c, const struct eventlines *l);
/* The reader reads at that offset, wherever it was before. */
void eventcursor_seek(struct eventcursor *c, const struct eventlines *l, uint64_t offset);
bool eventcursor_at_end(const struct eventcursor *c, const struct eventlines *l);
/* Bytes read into buf, 0 at the end; moves the cursor. */
size_t eventcursor_read(struct eventcursor *c, const struct eventlines *l, char *buf, size_t size);

#endif
