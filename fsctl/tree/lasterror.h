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

enum { LASTERROR_MAX = 1024 };

struct lasterror {
	pthread_mutex_t lock; /* leaf */
	char text[LASTERROR_MAX];
	uint64_t counts[JB_ERR_COUNT];
};

/* Makes *l empty. */
void lasterror_init(struct lasterror *l);
/* Keeps and logs the text "WHAT: SENTENCE (ERRNO)", and counts the error.  Replaces control characters in
 * `what`, and bytes that are not UTF-8, by question marks. */
void lasterror_set(struct lasterror *l, enum jb_err e, const char *what);
/* Copies how often each error was the reason. */
void lasterror_counts(struct lasterror *l, uint64_t out[JB_ERR_COUNT]);
/* Copies the last text, or "" if nothing was refused, to buf (LASTERROR_MAX bytes).  Returns buf. */
char *lasterror_get(struct lasterror *l, char *buf);

#endif
