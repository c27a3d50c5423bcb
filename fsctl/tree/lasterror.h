/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ctl/last-error: the operation that was refused last, and the reason.  Also counts all refusals.
 */
#ifndef FSCTL_TREE_LASTERROR_H
#define FSCTL_TREE_LASTERROR_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/err.h"

enum { LASTERROR_MAX = 1024 }; /* bytes of the text, with its NUL */

struct lasterror {
	pthread_mutex_t lock;	       /* leaf; guards the rest */
	char text[LASTERROR_MAX];      /* "": nothing was refused yet */
	uint64_t counts[JB_ERR_COUNT]; /* how often each error was the reason */
};

/* Makes *l empty. */
void lasterror_init(struct lasterror *l);
/* Keeps and logs the text "WHAT: SENTENCE (ERRNO)", cut to LASTERROR_MAX - 1 bytes, in place of the last one,
 * and counts the error.  Makes the text printable (printable_line). */
void lasterror_set(struct lasterror *l, enum jb_err e, const char *what);
/* Stores how often each error was the reason in out[error]. */
void lasterror_counts(struct lasterror *l, uint64_t out[JB_ERR_COUNT]);
/* Copies the last text, or "" if nothing was refused, to buf (LASTERROR_MAX bytes).  Returns buf. */
char *lasterror_get(struct lasterror *l, char *buf);

#endif
