/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For tests with random commands. Keeps a map of what every sector of the disc in the drive must hold, and
 * what the model says about the disc. Checks that both agree.
 */
#ifndef TESTS_UNIT_MMC_WORLD_H
#define TESTS_UNIT_MMC_WORLD_H

#include "tests/unit/mmc/drive.h"

#include "changer/disc.h"
#include "changer/inventory/model.h"
#include "tests/unit/by_hand.h"

enum {
	MAP = 24000,	  /* sectors in the map; longer discs are checked up to there */
	TRACKS_MAX = 512, /* of one disc in these tests */
	COUNT_MAX = 80,
	STEPS = 200,
	/* What a sector holds: the number of its last write, or one of these. */
	NEVER = 0,
	ZEROS = 1, /* padding of a closed track */
	FIRST_STAMP = 2,
};

/* What the model says about the disc. */
struct look {
	const struct medium *m; /* NULL: no usable disc */
	uint32_t capacity, readable, end;
	enum disc_status status;
	enum session_state last;
	enum spare_format spare;
	bool tab, formatted;
	unsigned sessions, ntracks;
	struct track tracks[TRACKS_MAX];
};

struct world {
	struct bay *bay;
	struct run *r; /* of the next command; another nexus each time */
	struct look before, after;
	uint32_t now[MAP], durable[MAP];
	uint8_t changes[MAP]; /* of the sector since it was last durable; 255 at most */
	uint32_t stamp;
	bool written;	  /* since the disc was blank */
	const char *what; /* the command, for messages */
	unsigned steps;
};

static struct world world;
static unsigned good_writes, refused_writes, completed; /* at the end they must not be 0 */
static uint32_t seed, first_seed = 20260701, rounds = 1;

static uint32_t
dice(uint32_t sides)
{
	seed = seed * 1664525u + 1013904223u;
	return sides == 0 ? 0 : (uint32_t)((uint64_t)(seed >> 4) * sides >> 28);
}

#define CHECK(w, is) \
	do { \
		if (!(is)) \
			fail_msg("seed %u, %s on %s, step %u, sense %x/%02x/%02x: not so: %s", \
				first_seed, (w)->what, (w)->bay->disc, (w)->steps, (w)->r->key, \
				(w)->r->asc, (w)->r->ascq, #is); \
	} while (0)

/* ---- what a sector holds --------------------------------------------------------------------- */

static void
stamp_sectors(uint8_t *buf, uint32_t lba, uint32_t count, uint32_t stamp)
{
	for (uint32_t i = 0; i < count; i++)
		for (unsigned n = 0; n < SECTOR; n += 8) {
			put_be32(buf + (size_t)i * SECTOR + n, lba + i);
			put_be32(buf + (size_t)i * SECTOR + n + 4, stamp);
		}
}

static bool
holds(const uint8_t *sector, uint32_t lba, uint32_t stamp)
{
	static const uint8_t zeros[SECTOR];
	uint8_t want[SECTOR];

	if (stamp < FIRST_STAMP)
		return memcmp(sector, zeros, SECTOR) == 0;
	stamp_sectors(want, lba, 1, stamp);
	return memcmp(sector, want, SECTOR) == 0;
}

static void
set_map(struct world *w, uint32_t lba, uint32_t count, uint32_t stamp)
{
	for (uint32_t i = lba; i < MAP && i - lba < count; i++) {
		w->now[i] = stamp;
		if (w->changes[i] < UINT8_MAX)
			w->changes[i]++;
	}
}

static void
all_is_durable(struct world *w)
{
	memcpy(w->durable, w->now, sizeof(w->now));
	memset(w->changes, 0, sizeof(w->changes));
}

/* ---- the state of the disc -------------------------------------------------------------------- */

static void
look_at(struct world *w, struct look *l)
{
	struct drive *drive = w->bay->drive;
	struct disc *d = NULL;

	memset(l, 0, sizeof(*l));
	strand_enter(drive_strand(drive));
	if (drive_disc(drive, &d) == JB_OK) {
		l->m = disc_medium(d);
		l->capacity = disc_capacity(d);
		l->readable = disc_readable_capacity(d);
		l->status = disc_status(d);
		l->last = disc_last_session_state(d);
		l->spare = disc_spare_format(d);
		l->tab = disc_protected(d);
		l->sessions = disc_sessions(d);
		l->ntracks = disc_tracks(d);
		CHECK(w, l->ntracks <= TRACKS_MAX);
		CHECK(w, d->size <= (uint64_t)l->capacity * SECTOR);
		for (unsigned n = 0; n < l->ntracks; n++)
			CHECK(w, disc_track(d, n + 1, &l->tracks[n]));
		l->formatted = l->ntracks > 0 && l->tracks[0].state == TRACK_FORMATTED;
	}
	strand_leave(drive_strand(drive));
	for (unsigned n = 0; n < l->ntracks; n++)
		if (l->tracks[n].recorded > 0)
			l->end = l->tracks[n].start + l->tracks[n].recorded;
}

static void
check_track(struct world *w, const struct look *l, unsigned n)
{
	const struct track *t = &l->tracks[n], *before = n > 0 ? t - 1 : NULL;

	CHECK(w, t->size > 0 && (uint64_t)t->start + t->size <= l->capacity);
	CHECK(w, t->recorded <= t->size);
	CHECK(w, before == NULL ? t->start == 0 : t->start >= before->start + before->size);
	CHECK(w, before == NULL
			 ? t->session == 1
			 : t->session == before->session || t->session == before->session + 1);
	CHECK(w, t->state != TRACK_CLOSED || t->recorded == t->size);
	CHECK(w, t->state != TRACK_INVISIBLE || (t->recorded == 0 && n + 1 == l->ntracks));
	CHECK(w, t->state != TRACK_OPEN || n + 1 == l->ntracks);
	CHECK(w, t->state != TRACK_FORMATTED || l->ntracks == 1);
}

/* Checks that the map and the tracks agree on what is recorded. */
static void
check_map(struct world *w, const struct look *l)
{
	static bool recorded[MAP];

	memset(recorded, 0, sizeof(recorded));
	for (unsigned n = 0; n < l->ntracks; n++) {
		const struct track *t = &l->tracks[n];

		for (uint32_t i = t->start; i < MAP && i - t->start < t->recorded; i++)
			recorded[i] = true;
	}
	for (uint32_t i = 0; i < MAP; i++) {
		CHECK(w, l->formatted || recorded[i] || w->now[i] == NEVER);
		CHECK(w, l->formatted || !recorded[i] || w->now[i] != NEVER);
		CHECK(w, !l->formatted || w->now[i] == NEVER || i < l->tracks[0].size);
	}
}

static void
check_look(struct world *w, const struct look *l)
{
	if (l->m == NULL)
		return;
	CHECK(w,
		l->readable <= l->capacity && l->readable <= (l->formatted ? l->capacity : l->end));
	CHECK(w, l->ntracks == 0 || l->tracks[l->ntracks - 1].session == l->sessions);
	for (unsigned n = 0; n < l->ntracks; n++)
		check_track(w, l, n);
	if (w->written)
		CHECK(w, l->status != DISC_BLANK);
	if (l->status == DISC_BLANK)
		CHECK(w, l->end == 0);
	if (l->status == DISC_COMPLETE && !l->formatted)
		for (unsigned n = 0; n < l->ntracks; n++)
			CHECK(w, l->tracks[n].state == TRACK_CLOSED);
}

static bool
same(const struct look *a, const struct look *b)
{
	if (a->m != b->m || a->capacity != b->capacity || a->status != b->status ||
		a->ntracks != b->ntracks || a->sessions != b->sessions)
		return false;
	for (unsigned n = 0; n < a->ntracks; n++) {
		const struct track *s = &a->tracks[n], *t = &b->tracks[n];

		if (s->state != t->state || s->start != t->start || s->size != t->size ||
			s->recorded != t->recorded || s->session != t->session)
			return false;
	}
	return true;
}

/* ---- commands --------------------------------------------------------------------------------- */

/* Sends a command; repeats it while it ends with a unit attention, which other tests check. */
static void
send(struct world *w, const uint8_t *cdb, size_t len, const void *out, size_t out_len)
{
	for (unsigned i = 0; i <= ITL_UA_MAX; i++) {
		run_bytes(w->r, cdb, len, out, out_len);
		if (w->r->key != 0x06)
			break;
	}
	CHECK(w, w->r->status == SCSI_GOOD || w->r->status == SCSI_CHECK_CONDITION);
	CHECK(w, w->r->status == SCSI_GOOD ? true : w->r->key != 0 && w->r->key != 0x06);
	CHECK(w, w->r->status == SCSI_GOOD || w->r->len == 0);
	/* No fault of medium or hardware, no abort. MISCOMPARE is possible for VERIFY only. */
	CHECK(w, w->r->key != 0x03 && w->r->key != 0x04 && w->r->key != 0x0b);
	CHECK(w, w->r->key != 0x0e || cdb[0] == 0x2f);
}

#define SEND(w, out, out_len, ...) \
	do { \
		const uint8_t cdb_[] = {__VA_ARGS__}; \
		send(w, cdb_, sizeof(cdb_), out, out_len); \
	} while (0)

#endif
