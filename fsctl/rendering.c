/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/rendering.h"

#include <stdlib.h>
#include <string.h>

void
rendering_init(struct renderings *r)
{
	pthread_mutex_init(&r->lock, NULL);
	LIST_INIT(&r->all);
	r->budget = (struct budget){.size = 0};
}

void
rendering_fini(struct renderings *r)
{
	pthread_mutex_destroy(&r->lock);
}

/* FNV-1a. */
uint64_t
rendering_hash(const char *text, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3;
	return hash;
}

/* Returns the bytes that a text of that length counts for. */
static size_t
size_of(size_t len)
{
	return sizeof(struct rendering) + len;
}

/* Returns the rendering with that text; NULL if there is none.  Lock held. */
static struct rendering *
find(struct renderings *r, const char *text, size_t len, uint64_t hash)
{
	struct rendering *x;

	LIST_FOREACH(x, &r->all, link)
	if (x->hash == hash && x->len == len && memcmp(x->text, text, len) == 0)
		break;
	return x;
}

/* Returns true if one more text of that length may be held.  A long one may even if as many bytes are in use as
 * short ones may have: else one open file could keep all others from a large jukebox's status.  Lock held. */
static bool
has_room(const struct renderings *r, size_t len, bool owner)
{
	size_t most = RENDERINGS_MOST + 3 * size_of(len) + (owner ? RENDERINGS_KEPT : 0);

	return r->budget.size + size_of(len) <= most;
}

/* Returns true if a user who is not the owner may hold that text.  x is the rendering that others have; NULL: there
 * is none.  Lock held. */
static bool
has_share(const struct renderings *r, const struct rendering *x, size_t len, uid_t uid)
{
	return (x != NULL && budget_files(&x->good, uid) > 0) ||
	       budget_allows(&r->budget, uid, RENDERINGS_MOST + 3 * size_of(len), x != NULL);
}

struct rendering *
rendering_take(struct renderings *r, char *text, size_t len, uint64_t hash, uid_t uid, bool owner,
	bool *full)
{
	struct rendering *x, *made = malloc(sizeof(*made));

	pthread_mutex_lock(&r->lock);
	x = find(r, text, len, hash);
	*full = (x == NULL && !has_room(r, len, owner)) || (!owner && !has_share(r, x, len, uid));
	if (x == NULL && made != NULL) {
		x = made;
		*x = (struct rendering){
			.good.size = size_of(len), .hash = hash, .len = len, .text = text};
	}
	if (x != NULL && (*full || !budget_hold(&r->budget, &x->good, uid)))
		x = NULL;
	if (x != NULL && x == made) {
		LIST_INSERT_HEAD(&r->all, x, link);
		made = NULL;
		text = NULL;
	}
	pthread_mutex_unlock(&r->lock);
	free(made);
	free(text);
	return x;
}

void
rendering_put(struct renderings *r, struct rendering *x, uid_t uid)
{
	bool last;

	if (x == NULL)
		return;
	pthread_mutex_lock(&r->lock);
	budget_drop(&r->budget, &x->good, uid);
	last = budget_users(&x->good) == 0;
	if (last)
		LIST_REMOVE(x, link);
	pthread_mutex_unlock(&r->lock);
	if (!last)
		return;
	free(x->text);
	free(x);
}

size_t
rendering_bytes(struct renderings *r)
{
	size_t bytes;

	pthread_mutex_lock(&r->lock);
	bytes = r->budget.size;
	pthread_mutex_unlock(&r->lock);
	return bytes;
}
