/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/iscsi/admission.h"

#include <netinet/in.h>
#include <string.h>

/* ---- sources ------------------------------------------------------------------------------------ */

struct admission_source
admission_source(const struct sockaddr *address, bool stranger)
{
	enum { NETWORK = 8 }; /* bytes of an IPv6 address that name its network */
	struct admission_source source = {{0}};

	if (stranger)
		return source;
	if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		source.bytes[0] = 6;
		memcpy(source.bytes + 1, &in6.sin6_addr, NETWORK);
	} else {
		struct sockaddr_in in;

		memcpy(&in, address, sizeof(in));
		source.bytes[0] = 4;
		memcpy(source.bytes + 1, &in.sin_addr, sizeof(in.sin_addr));
	}
	return source;
}

/* Returns true if both are the same source. */
static bool
is_same(const struct admission_source *a, const struct admission_source *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

/* ---- entries ------------------------------------------------------------------------------------ */

/* Adds `by` to `same` of each entry of that kind and source, and to the count of the kind.  Returns the number
 * of these entries. */
static unsigned
count_by(struct admission *a, enum admission_kind kind, const struct admission_source *source,
	int by)
{
	struct admission_entry *e;
	unsigned n = 0;

	LIST_FOREACH(e, &a->entries, link)
	{
		if (e->kind != kind || !is_same(&e->source, source))
			continue;
		e->same += (unsigned)by;
		n++;
	}
	__atomic_add_fetch(&a->count[kind], (unsigned)by, __ATOMIC_RELAXED);
	return n;
}

/* Gives the entry, which is in the table, another kind. */
static void
set_kind(struct admission *a, struct admission_entry *e, enum admission_kind kind)
{
	count_by(a, e->kind, &e->source, -1);
	e->kind = ADMISSION_KINDS; /* none, so that it is not counted twice */
	e->same = count_by(a, kind, &e->source, 1) + 1;
	e->kind = kind;
}

/* Returns the entry of that kind that has to go: the one that has been silent the longest, of the source that
 * has most.  Leaves out `except`.  If `source` is not NULL, takes only entries of that source.  Returns NULL if
 * there is none. */
static struct admission_entry *
pick(struct admission *a, enum admission_kind kind, const struct admission_entry *except,
	const struct admission_source *source)
{
	struct admission_entry *e, *best = NULL;
	uint64_t heard, best_heard = 0;

	LIST_FOREACH(e, &a->entries, link)
	{
		if (e->kind != kind || (except != NULL && e->number == except->number) ||
			(source != NULL && !is_same(&e->source, source)))
			continue;
		heard = __atomic_load_n(&e->heard_ms, __ATOMIC_RELAXED);
		if (best != NULL &&
			(e->same < best->same || (e->same == best->same && heard > best_heard)))
			continue;
		best = e;
		best_heard = heard;
	}
	return best;
}

/* Makes the entry one that ends, if it is not NULL. */
static void
condemn(struct admission *a, struct admission_entry *victim)
{
	if (victim != NULL)
		set_kind(a, victim, ADMISSION_ENDING);
}

/* Returns the number of entries that take room. */
static unsigned
count_all(const struct admission *a)
{
	return a->count[ADMISSION_LOGIN] + a->count[ADMISSION_DISCOVERY] +
	       a->count[ADMISSION_SESSION];
}

void
admission_init(struct admission *a)
{
	memset(a, 0, sizeof(*a));
	LIST_INIT(&a->entries);
}

bool
admission_enter(struct admission *a, struct admission_entry *e, unsigned most, unsigned share,
	unsigned all, struct admission_entry **victim)
{
	bool full;

	*victim = NULL;
	e->kind = ADMISSION_LOGIN;
	e->end_ms = 0;
	e->same = count_by(a, ADMISSION_LOGIN, &e->source, 1) + 1;
	full = e->same > share || a->count[ADMISSION_LOGIN] > most || count_all(a) > all;
	if (full)
		*victim = pick(a, ADMISSION_LOGIN, NULL, e->same > share ? &e->source : NULL);
	if (full && *victim == NULL) {
		count_by(a, ADMISSION_LOGIN, &e->source, -1);
		return false;
	}
	LIST_INSERT_HEAD(&a->entries, e, link);
	condemn(a, *victim);
	if (++a->last_number == 0)
		a->last_number = 1;
	e->number = a->last_number;
	return true;
}

bool
admission_begin(struct admission *a, struct admission_entry *e, enum admission_kind kind,
	unsigned most, struct admission_entry **victim)
{
	*victim = NULL;
	if (e->kind == ADMISSION_ENDING)
		return false;
	set_kind(a, e, kind);
	if (a->count[kind] > most)
		*victim = pick(a, kind, e, NULL);
	condemn(a, *victim);
	return true;
}

void
admission_leave(struct admission *a, struct admission_entry *e)
{
	count_by(a, e->kind, &e->source, -1);
	LIST_REMOVE(e, link);
	e->number = 0;
}

struct admission_entry *
admission_due(struct admission *a, uint64_t now_ms, uint64_t *next_ms)
{
	struct admission_entry *e, *due = NULL;

	*next_ms = 0;
	LIST_FOREACH(e, &a->entries, link)
	{
		if (due == NULL && e->end_ms != 0 && e->end_ms <= now_ms)
			due = e;
		else if (e->end_ms != 0 && (*next_ms == 0 || e->end_ms < *next_ms))
			*next_ms = e->end_ms;
	}
	if (due != NULL)
		due->end_ms = 0;
	return due;
}

unsigned
admission_sessions(const struct admission *a)
{
	return __atomic_load_n(&a->count[ADMISSION_SESSION], __ATOMIC_RELAXED);
}

void
admission_heard(struct admission_entry *e, uint64_t now_ms)
{
	__atomic_store_n(&e->heard_ms, now_ms, __ATOMIC_RELAXED);
}

/* ---- wrong logins ------------------------------------------------------------------------------- */

/* Returns until when the source owes for wrong logins; 0 if it has no row. */
static uint64_t
paid_ms(const struct admission *a, const struct admission_source *source)
{
	for (unsigned i = 0; i < ADMISSION_GUESSERS; i++)
		if (a->guessers[i].paid_ms != 0 && is_same(&a->guessers[i].source, source))
			return a->guessers[i].paid_ms;
	return 0;
}

/* Returns the row of the source; if it has none, the row that is free or owes least, which becomes its. */
static struct admission_guesser *
row_of(struct admission *a, const struct admission_source *source)
{
	struct admission_guesser *least = &a->guessers[0];

	for (unsigned i = 0; i < ADMISSION_GUESSERS; i++) {
		struct admission_guesser *g = &a->guessers[i];

		if (g->paid_ms != 0 && is_same(&g->source, source))
			return g;
		if (g->paid_ms < least->paid_ms)
			least = g;
	}
	*least = (struct admission_guesser){.source = *source};
	return least;
}

/* Returns how long an answer must wait if all wrong logins of its source are paid for at `paid`. */
static uint64_t
wait_ms(uint64_t paid, uint64_t now_ms, unsigned pause_ms)
{
	uint64_t from = now_ms + (uint64_t)ADMISSION_FREE * pause_ms;

	return pause_ms != 0 && paid > from ? paid - from : 0;
}

uint64_t
admission_wrong(struct admission *a, const struct admission_source *source, uint64_t now_ms,
	unsigned pause_ms)
{
	struct admission_guesser *g = row_of(a, source);

	if (g->paid_ms < now_ms)
		g->paid_ms = now_ms;
	g->paid_ms += pause_ms;
	return wait_ms(g->paid_ms, now_ms, pause_ms);
}

bool
admission_may_try(const struct admission *a, const struct admission_source *source, uint64_t now_ms,
	unsigned pause_ms, unsigned most_ms)
{
	return wait_ms(paid_ms(a, source) + pause_ms, now_ms, pause_ms) <= most_ms;
}
