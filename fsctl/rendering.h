/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The texts that open files hold.  An open file shows its text as it was at the open; files that were opened in one
 * state share one copy.  The bytes of all copies together are bounded, because every user can hold files open.
 */
#ifndef FSCTL_RENDERING_H
#define FSCTL_RENDERING_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "fsctl/budget.h"

enum {
	RENDERINGS_MOST =
		64 << 20, /* bytes that texts may have, beside three times the one that is taken */
	RENDERINGS_KEPT = 32 << 20, /* so many more for root and the owner of the mount */
};

struct rendering {
	LIST_ENTRY(rendering) link;
	struct budget_good good; /* freed when nobody holds it */
	uint64_t hash;
	size_t len;
	char *text; /* constant while there are users */
};

struct renderings {
	pthread_mutex_t lock; /* leaf; guards the rest, and `good` of each text */
	LIST_HEAD(, rendering) all;
	struct budget budget; /* bytes of all texts, with what goes with each */
};

/* Makes *r empty. */
void rendering_init(struct renderings *r);
/* Frees what rendering_init has made.  No text may be in use. */
void rendering_fini(struct renderings *r);
/* Returns the hash of a text. */
uint64_t rendering_hash(const char *text, size_t len);
/* Returns a rendering of the text for one more user; one that another file has, if its text is equal.  Takes over
 * the text, and frees it on an error too.  Returns NULL, with *full true if the texts have as many bytes as they, or
 * those of this user, may have, else false if there is no memory.  `owner` is true for root and the owner of the
 * mount, who have all that is left. */
struct rendering *rendering_take(struct renderings *r, char *text, size_t len, uint64_t hash,
	uid_t uid, bool owner, bool *full);
/* Gives a rendering back, which a file of the user had, and frees it if nobody else uses it.  x may be NULL. */
void rendering_put(struct renderings *r, struct rendering *x, uid_t uid);
/* Returns how many bytes all texts have. */
size_t rendering_bytes(struct renderings *r);

#endif
