/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disc in the inventory: what is recorded on it, its image, and a copy of its state that any thread
 * may read.  For the order of locks and for the mark [still] see lock.h. */
#ifndef CHANGER_INVENTORY_DISC_STATE_H
#define CHANGER_INVENTORY_DISC_STATE_H

#include <stdatomic.h>

#include "changer/base/lock.h"
#include "changer/check.h"
#include "changer/recording/recording.h"
#include "changer/store/image.h"

struct item;
struct track_view;

/* The SHA-256 of a disc's content, and the result of its last verification. */
/* The digest belongs to an image of that size, last modified at mtime_ns. */
struct digest {
	char sha256[JB_HASH_TEXT]; /* "": none */
	uint64_t size;
	int64_t mtime_ns;	 /* of the image file, since the epoch */
	unsigned content;	 /* value of disc.content when it was computed */
	enum jb_verdict verdict; /* of the last verification; JB_VERDICT_NONE: there was none */
	int64_t verdict_ns;	 /* when that verification ended, since the epoch */
};

/* A format in the background.  At from_ms, done of total sectors were formatted. */
struct formatting {
	uint32_t done, total; /* total 0: no format */
	uint64_t from_ms;
};

struct disc {
	struct recording rec;  /* [still] */
	unsigned image_number; /* [still] the N of its file image.N */
	/* Open while a drive or an open file uses it.  Changes under the lock.  If the disc is in a
	 * drive and gets a new image, that also needs the strand. */
	struct image *image;
	/* strand held, or the claim: unsynced is true if sectors may not be durable yet, also if another
	 * process has written them; changed, if the recording is not */
	bool unsynced, changed;
	bool lost; /* strand held: a sync failed; the disc must go back to its last durable state */
	uint64_t kick_length; /* strand held: bytes written since the last image_kick */
	uint64_t reported_ms; /* strand held: time of the last `burn` event; 0: none yet */
	/* strand held: the event `full` was raised since the disc was loaded */
	bool full_reported;
	/* strand held: time of the last report that the store failed; 0: none */
	uint64_t store_reported_ms;
	struct formatting formatting; /* strand held: while rec.background is running */
	/* A copy for any thread.  disc_state_publish keeps it up to date. */
	_Atomic(const struct medium *) medium;
	_Atomic uint32_t capacity;				    /* as in struct jb_item */
	_Atomic unsigned status, sessions, closed_sessions, tracks; /* status: enum disc_status */
	_Atomic int64_t nwa;					    /* as in struct jb_item */
	_Atomic unsigned origin;				    /* enum jb_origin */
	/* each as in struct jb_item; unrecorded: nothing is recorded */
	_Atomic bool sealed, unrecorded, raw, packs, pwp;
	_Atomic unsigned first_number;
	/* of a CD or a writable disc: its tracks, for any thread (track_view.h) */
	struct track_view *view;
	_Atomic uint64_t size;	  /* bytes */
	_Atomic uint64_t blocks;  /* of 512 bytes */
	_Atomic unsigned content; /* counter: grows with every change of what is recorded */
	struct digest digest;	  /* [still] valid while digest.content == content */
};

/* Returns true if the disc has a digest and its content has not changed since.  Keep the disc still
 * (lock.h). */
bool digest_is_valid(const struct disc *d);
/* Returns true if the digest belongs to an image of that size and time of modification.  A mtime_ns
 * of whole seconds fits each time within that second, because some archives keep no more. */
bool digest_fits(const struct digest *digest, uint64_t size, int64_t mtime_ns);

/* Returns the item that the disc is a part of. */
struct item *disc_state_item(struct disc *d);
/* Returns the item that the disc is a part of, for reading. */
const struct item *disc_state_const_item(const struct disc *d);
/* Returns true if the disc is in no drive, or the calling thread holds the strand of its drive; also
 * for an item that is not a disc.  Does not check the claim of a disc that is in no drive.  For
 * asserts. */
bool disc_state_is_still(const struct disc *d);
/* Updates the copy for other threads, and the view of the tracks (track_view.h).  Call it after each
 * change of the recording. */
void disc_state_publish(struct disc *d);
/* Replaces the recording by *rec, which is empty afterwards, and sets the size of the image.  Counts
 * as new content, so the digest is not valid any more.  Updates the copy for other threads. */
void disc_state_assign(struct disc *d, struct recording *rec, uint64_t size, uint64_t blocks);
/* Returns the name of the initiator for which the disc's drive acts (drive_acts_for).  NULL: it acts
 * for the mount, or the disc is in no drive. */
const char *disc_state_acts_for(const struct disc *d);

#endif
