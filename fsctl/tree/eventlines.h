/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of MNT/events: one JSON object for each event, in the order of the events' numbers.
 *
 * The file grows as long as the daemon runs.  Only the last EVENTLINES_KEPT lines are kept.  A reader whose
 * next line is not kept any more reads one line instead of those that it has missed,
 * {"event":"lost","count":N,"next":NUMBER}, and goes on with the oldest line.
 *
 * There is no lock here: the caller must hold one over each call.
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
	uint64_t at;	 /* the offset of the line in the file */
	uint64_t number; /* the number of the event */
};

struct eventlines {
	struct jukebox *jb; /* borrowed */
	uint64_t next;	    /* the number of the next event */
	struct eventline *ring;
	uint64_t first,
		end;   /* the oldest line that is kept, and the next one, counted from the start */
	uint64_t size; /* of the file, in bytes */
	int64_t mtime_ns; /* the time of the last event */
};

/* The place of a reader.  If all fields are 0, it is the beginning of the file. */
struct eventcursor {
	uint64_t line;
	size_t in_line;
	char lost[EVENTLINES_LOST_MAX]; /* the line that stands for lost lines */
	size_t lost_len, lost_at;
	/* After lost lines, the reader's offsets differ from those of the file: from lost_end on, the offset
	 * in the file is the reader's offset plus skew. */
	uint64_t lost_end, skew;
	uint64_t offset; /* the offset behind the last read, as the reader counts */
	bool relative;	 /* the reader's offset 0 is the end that the file had when it was opened */
};

/* Initializes *l, without a line.  Returns false if there is no memory. */
bool eventlines_init(struct eventlines *l, struct jukebox *jb);
/* Frees all lines. */
void eventlines_fini(struct eventlines *l);
/* Appends the lines of the events that have happened since the last call. */
void eventlines_catch_up(struct eventlines *l);

/* Places the reader at the present end of the file, as its offset 0. */
void eventcursor_begin_at_end(struct eventcursor *c, const struct eventlines *l);
/* Moves the reader to an offset. */
void eventcursor_seek(struct eventcursor *c, const struct eventlines *l, uint64_t offset);
/* Returns true if there is nothing more to read. */
bool eventcursor_at_end(const struct eventcursor *c, const struct eventlines *l);
/* Reads up to `size` bytes and moves the reader.  Returns the number of bytes; 0 at the end. */
size_t eventcursor_read(struct eventcursor *c, const struct eventlines *l, char *buf, size_t size);

#endif
