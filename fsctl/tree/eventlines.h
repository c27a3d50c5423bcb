/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of MNT/events: one JSON object for each event, in the order of the events' numbers.
 *
 * The file grows as long as the daemon runs.  Only the last EVENTLINES_KEPT lines are kept.  A reader whose
 * next line is not kept any more reads one line instead of those that it has missed,
 * {"event":"lost","count":N,"next":NUMBER}, and goes on with the oldest line.
 *
 * There is no lock here: the caller must hold one over each call, except eventlines_init and eventlines_fini.
 */
#ifndef FSCTL_TREE_EVENTLINES_H
#define FSCTL_TREE_EVENTLINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/jukebox.h"

/* The number of lines that are kept; the bytes of the line that stands for lost ones, with its NUL. */
enum { EVENTLINES_KEPT = 4096, EVENTLINES_LOST_MAX = 96 };

/* Bytes of a line: the value of "initiator" or "address", without its quotes. */
struct eventname {
	size_t at, len;
};

struct eventline {
	char *text;	 /* with its newline and a NUL; NULL: the place is empty */
	size_t len;	 /* bytes without the NUL */
	uint64_t at;	 /* the offset of the line in the file */
	uint64_t number; /* the number of the event */
	struct eventname names[2];
};

struct eventlines {
	struct jukebox *jb;	/* borrowed */
	uint64_t next;		/* the number of the next event */
	struct eventline *ring; /* EVENTLINES_KEPT places; line n is at n % EVENTLINES_KEPT */
	uint64_t first,
		end;   /* the oldest line that is kept, and the next one, counted from the start */
	uint64_t size; /* of the file, in bytes */
	int64_t mtime_ns; /* the time of the last event */
};

/* The place of a reader.  If all fields but masked are 0, it is the beginning of the file. */
struct eventcursor {
	uint64_t line;			/* the next line to read, counted as eventlines.first */
	size_t in_line;			/* how many bytes of that line were read */
	char lost[EVENTLINES_LOST_MAX]; /* the line that stands for lost lines */
	size_t lost_len, lost_at; /* the length of that line, and how many bytes of it were read */
	/* After lost lines, the reader's offsets differ from those of the file: from lost_end on, the offset
	 * in the file is the reader's offset plus skew. */
	uint64_t lost_end, skew;
	uint64_t offset; /* the offset behind the last read, as the reader counts */
	bool masked; /* true: reads an asterisk for each byte of the names of a line.  The reader sets it */
	bool relative; /* true: the reader's offset 0 is the end that the file had when it was opened */
};

/* Initializes *l, without a line; the first one will be that of the oldest event that the jukebox has.
 * Returns false if there is no memory. */
bool eventlines_init(struct eventlines *l, struct jukebox *jb);
/* Frees all lines.  Does nothing if eventlines_init has failed, or *l is all zeros. */
void eventlines_fini(struct eventlines *l);
/* Appends the lines of the events that have happened since the last call, and drops the oldest ones.  If the
 * jukebox has forgotten some of these events already, appends one line that stands for them.  Stops at an
 * event for whose line there is no memory; the next call begins with that one.  Takes the lock of the event log. */
void eventlines_catch_up(struct eventlines *l);

/* Places the reader at the present end of the file, as its offset 0; keeps c->masked. */
void eventcursor_begin_at_end(struct eventcursor *c, const struct eventlines *l);
/* Moves the reader to an offset, as the reader counts; does nothing if it is there.  An offset behind the end
 * is taken for the end.  If the line there is not kept any more, the next read begins with a line that says
 * so. */
void eventcursor_seek(struct eventcursor *c, const struct eventlines *l, uint64_t offset);
/* Returns true if there is nothing more to read now. */
bool eventcursor_at_end(const struct eventcursor *c, const struct eventlines *l);
/* Reads up to `size` bytes, of several lines if they fit, and moves the reader.  Returns the number of bytes;
 * 0 at the end, or if size is 0. */
size_t eventcursor_read(struct eventcursor *c, const struct eventlines *l, char *buf, size_t size);

#endif
