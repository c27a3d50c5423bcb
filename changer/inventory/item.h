/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Items: the files of the elements, whatever they are, with their claims and references.  For the order
 * of locks and what [still] means see lock.h.
 */
#ifndef CHANGER_INVENTORY_ITEM_H
#define CHANGER_INVENTORY_ITEM_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include "changer/element.h"
#include "changer/inventory/disc_state.h"
#include "changer/inventory/lock.h"
#include "changer/item.h"

struct drive;
struct element;
struct link;

enum {
	RELEASE_WAIT_MS =
		100, /* how long an open for writing waits for the one before to be released */
	CLOSING_WAIT_MS = 1000, /* how long a move waits for programs that are closing its file */
};

/* New content of an item while programs write it; lives as long as a writable handle does. */
struct insert {
	struct image *image;
	unsigned image_number;
	pthread_rwlock_t io; /* write side: makes or withdraws the intent; read side: writes data */
	bool intent;	     /* io held: a description with the intent to insert is durable */
	bool over;	     /* it is recorded over a standing blank */
	bool resumed;	     /* what is continued was incomplete */
	bool listed;	     /* io held: its directory's entry in incoming/ is durable */
	enum jb_err lost;    /* io held: what became of data that could not be made durable */
	enum jb_err flushed; /* io held: what the last close was told */
	_Atomic bool touched;	    /* written to since it was opened */
	_Atomic bool dirty;	    /* written to since the last sync */
	_Atomic bool attrs_changed; /* attributes changed since the description was stored */
	_Atomic uint64_t max;	    /* bytes that the medium takes */
	_Atomic uint64_t size, blocks;
	_Atomic uint64_t kick_at;
	char *sheet; /* io held: the sheet that it was judged by; NULL: none */
	size_t sheet_size;
};

struct item {
	struct jukebox *jb;
	uint64_t id;
	struct item *next_by_id GUARDED_BY(jb_lock);
	struct element *elem;	    /* [still] NULL: it is gone, only open files keep it */
	enum jb_item_kind kind;	    /* [still] */
	char *name;		    /* [still] its label follows behind the NUL */
	bool at_incoming;	    /* [still] its directory is incoming/ID */
	bool has_source, recovered; /* [still] */
	struct jb_elem source;	    /* [still] */
	uid_t uid;		    /* [still], as are the next two */
	gid_t gid;
	int64_t atime_ns;
	_Atomic mode_t mode;
	_Atomic int64_t mtime_ns, ctime_ns;
	_Atomic bool truncated; /* its image is shorter than it should be */
	_Atomic bool damaged;	/* a writer was killed or failed, and nobody began afresh */
	unsigned refs GUARDED_BY(jb_lock);
	unsigned writers GUARDED_BY(jb_lock);
	unsigned pins GUARDED_BY(jb_lock); /* users of disc.image: handles and the drive */
	bool busy GUARDED_BY(jb_lock);	   /* claimed */
	bool shadowed GUARDED_BY(
		jb_lock);	    /* a new disc of its name is being written in its place */
	_Atomic bool closing;	    /* flushed and not written to since: its release is due */
	_Atomic uint64_t closed_ms; /* since when */
	struct link *link;	    /* for life; NULL: the image is in the store */
	struct insert *insert;	    /* changes under the lock, with claim */
	/* check.c: what was asked for, and waits in the queue or is under way */
	unsigned check_asked GUARDED_BY(jb_lock), check_runs GUARDED_BY(jb_lock);
	_Atomic unsigned check_percent;
	TAILQ_ENTRY(item) check_link GUARDED_BY(jb_lock);
	struct item *replaces; /* [still] the standing disc that its commit replaces */
	struct disc disc;
};

/* A new one of a fresh id, or of a known one (not 0), in no element; NULL: no memory. */
struct item *item_new(struct jukebox *jb, uint64_t id, const char *name) EXCLUDES(jb_lock);
struct item *item_by_id(struct jukebox *jb, uint64_t id) REQUIRES(jb_lock);
/* Has the index of ids keep up with that many elements; without memory it only gets slower. */
void item_index_grow(struct jukebox *jb, size_t elements) EXCLUDES(jb_lock);
void item_ref(struct item *it) REQUIRES(jb_lock);
/* Its directory in the store: buf of STORE_PATH_MAX bytes, which it returns.  Still (lock.h). */
const char *item_path(const struct item *it, char *buf);
void item_unref(struct item *it) EXCLUDES(jb_lock);
/* Out of its element; it is still found by its id as long as somebody has a reference. */
void item_drop(struct item *it) REQUIRES(jb_lock);
/*
 * Hides the claimed disc old, which the item it is going to replace, until item_reveal_replaced.  item_unclaim
 * of old is then up to that.
 */
void item_shadow(struct item *it, struct item *old) REQUIRES(jb_lock);
/*
 * Ends what item_shadow began: shows the old disc again, if it has not been dropped, and gives back its claim.
 * Does nothing if the item it replaces no disc.
 */
void item_reveal_replaced(struct item *it) REQUIRES(jb_lock);
void item_fill(struct item *it, struct jb_item *out) REQUIRES(jb_lock);
/* Waits for the claim until the deadline (NULL: for ever): JB_IN_USE, or JB_NO_ITEM if it went. */
enum jb_err item_claim(struct item *it, const struct timespec *deadline) REQUIRES(jb_lock);
void item_unclaim(struct item *it) REQUIRES(jb_lock);
/* Waits while programs that have closed the item's file are being heard of. */
void item_await_writers(struct item *it, const struct timespec *deadline) REQUIRES(jb_lock);
/* The drive that an item, which the caller claims, is in as a disc; entered.  NULL: none. */
struct drive *item_enter_drive(struct item *it) EXCLUDES(jb_lock);
/*
 * One more user of its image, which is opened if need be.  Claim or strand held, or item new.  out
 * NULL: for a drive, which takes a disc also when the file that it is a link to is gone.
 */
enum jb_err item_pin_image(struct item *it, struct image **out) EXCLUDES(jb_lock);
void item_unpin_image(struct item *it) EXCLUDES(jb_lock);
/* Its image for reading, shared if it is open. */
enum jb_err item_open_image(struct item *it, struct image **out) EXCLUDES(jb_lock);
/*
 * Claims the item of that id, once programs that are closing its file have had their time, and
 * takes a reference of it.  What it gives has to be let go again.
 */
enum jb_err item_take(struct jukebox *jb, uint64_t id, struct item **out) EXCLUDES(jb_lock);
void item_let_go(struct item *it) EXCLUDES(jb_lock);

/* Keeps flushes and writes of a claimed item out while its place or its name changes. */
void item_pause(struct item *it);
void item_resume(struct item *it);
/* Exchanges the claimed item's name with *name, in memory only. */
void item_swap_name(struct item *it, char **name) REQUIRES(jb_lock);

/* Gives a claimed disc, or incomplete file, the name *name, which is exchanged for its old one, whether
 * or not its drive is locked.  initiator: for whom; NULL: the mount. */
enum jb_err item_relabel(struct item *it, char **name, const char *initiator) EXCLUDES(jb_lock);

#endif
