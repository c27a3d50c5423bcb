/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What was refused last, and why: ctl/last-error.
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

void lasterror_init(struct lasterror *l);
/* "WHAT: SENTENCE (ERRNO)", also to the log.  Control characters in what become question marks. */
void lasterror_set(struct lasterror *l, enum jb_err e, const char *what);
/* How often each was the reason. */
void lasterror_counts(struct lasterror *l, uint64_t out[JB_ERR_COUNT]);
/* buf of LASTERROR_MAX, which it returns; "" as long as nothing was refused. */
char *lasterror_get(struct lasterror *l, char *buf);

#endif
