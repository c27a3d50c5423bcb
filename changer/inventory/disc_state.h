/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disc as the inventory has it: what is recorded on it, its image, and what others may read of it
 * at any time.  For the order of locks and what [still] means see lock.h.
 */
#ifndef CHANGER_INVENTORY_DISC_STATE_H
#define CHANGER_INVENTORY_DISC_STATE_H

#include <stdatomic.h>

#include "changer/base/lock.h"
#include "changer/check.h"
#include "changer/recording/recording.h"
#include "changer/store/image.h"

struct item;
struct track_view;

/* The SHA-256 of a disc's content, and how its last verification went. */
struct digest {
	char sha256[JB_HASH_TEXT]; /* "": none */
	uint64_t size;		   /* of the image that it is of, and when that was changed */
	int64_t mtime_ns;
	unsigned content; /* what disc.content was */
	enum jb_verdict verdict;
	int64_t verdict_ns;
};

/* A format in the background: done of total sectors at that time. */
struct formatting {
	uint32_t done, total; /* total 0: there is none */
	uint64_t from_ms;
};

struct disc {
	struct recording rec;  /* [still] */
	unsigned image_number; /* [still] the N of its file image.N */
	/* Open while a drive or an open file has use for it.  Changes under the lock; while the disc
	 * is in a drive only with its strand held, when what it holds is made anew. */
	struct image *image;
	bool unsynced, changed; /* strand held: data, or the recording, is not durable */
	bool lost; /* strand held: a sync has failed, and the disc is yet to go back behind that */
	uint64_t kick_length;	/* strand held: bytes written since writeback was started */
	uint64_t told_ms;	/* strand held: when its burn was told of last; 0: never */
	bool told_full;		/* strand held: that it is full was told since it was loaded */
	uint64_t told_store_ms; /* strand held: when a failure of the store was told; 0: none */
	struct formatting formatting; /* strand held: while rec.background is running */
	/* What others may read at any time; disc_state_publish keeps it. */
	_Atomic(const struct medium *) medium;
	_Atomic uint32_t capacity;
	_Atomic unsigned status, sessions, closed_sessions, tracks;
	_Atomic int64_t nwa;	 /* see struct jb_item */
	_Atomic unsigned origin; /* enum jb_origin */
	_Atomic bool sealed, unrecorded, raw, pwp;
	struct track_view *view;  /* track_view.c: of CDs, what others may read of their tracks */
	_Atomic uint64_t size;	  /* bytes */
	_Atomic uint64_t blocks;  /* of 512 bytes */
	_Atomic unsigned content; /* grows with every change of what is recorded */
	struct digest digest;	  /* [still] valid while its content is that one */
};

bool digest_is_valid(const struct disc *d);
/* Is it of an image of that size that was changed then? */
bool digest_fits(const struct digest *digest, uint64_t size, int64_t mtime_ns);

struct item *disc_state_item(struct disc *d);
const struct item *disc_state_const_item(const struct disc *d);
/* After a change of the recording. */
void disc_state_publish(struct disc *d);
/* Takes over *rec, which is empty then, and the size of the image. */
void disc_state_assign(struct disc *d, struct recording *rec, uint64_t size, uint64_t blocks);
/* Who is at the drive that the disc is in; NULL: nobody, or the mount. */
const char *disc_state_acts_for(const struct disc *d);

#endif
