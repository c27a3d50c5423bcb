/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Checks of a disc's content: its SHA-256, and whether the content still has it.
 *
 * A check reads the whole disc.  The jukebox's own thread does that, one disc at a time, in the order of
 * the requests, and at low priority.  A check that is under way ends with the daemon; it does not start
 * again by itself.
 *
 * Any thread may call these functions.  Each takes the jukebox lock itself.  They return JB_NO_ITEM if
 * there is no such disc.
 */
#ifndef CHANGER_CHECK_H
#define CHANGER_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"

struct jukebox;

enum { JB_HASH_TEXT = 65 }; /* bytes of a SHA-256 as text, with its NUL */

/* The result of a verification: a comparison of the content with its hash. */
enum jb_verdict {
	JB_VERDICT_NONE, /* the content was not verified since it changed last */
	JB_VERDICT_GOOD, /* the content has the hash */
	JB_VERDICT_BAD,	 /* the content does not have the hash, or could not be read */
};

struct jb_check {
	char sha256
		[JB_HASH_TEXT];	 /* hexadecimal; "": not known, or the content has changed since */
	enum jb_verdict verdict; /* of the last verification of this content */
	int64_t verdict_ns;	 /* time of the verdict: wall clock; 0: none */
	/* true: the hash, or a verification, was requested and is not done yet */
	bool hash_asked, verify_asked;
	/* true: a check is being done; false: it waits for its turn, or there is none */
	bool running;
	unsigned percent; /* progress of the check that is being done */
};

/* Stores in *out the hash and the verdict of the disc's content, and which requests wait or are being done.
 * Returns JB_NO_ITEM if there is no such item; *out is then all zeros.  Otherwise returns JB_OK, also for
 * an item that is not a disc. */
enum jb_err jb_item_check(struct jukebox *jb, uint64_t id, struct jb_check *out);

/*
 * Requests that the hash of the disc is computed, and returns before that is done.  Does nothing if the
 * hash is known or this was requested already.  If a program has just closed the file, first waits until
 * the file is a disc, one second at most.
 *
 * Returns JB_NO_ITEM if there is no such item; JB_INCOMPLETE if the file is incomplete; JB_BEING_INSERTED
 * if it is not a disc for another reason; JB_NOTHING_THERE if the disc is empty; JB_STOPPING if the jukebox
 * is starting or ending; JB_NO_THREADS if the thread cannot start.  [blocks]
 */
enum jb_err jb_item_hash(struct jukebox *jb, uint64_t id);
/* Requests a comparison of the content with its hash, and returns before that is done.  At its end the
 * verdict is stored, and the event `verify-ok` or `verify-failed` is raised.  Waits as jb_item_hash does.
 * Returns JB_NO_HASH if no hash is known, or an error of jb_item_hash.  [blocks] */
enum jb_err jb_item_verify(struct jukebox *jb, uint64_t id);
/* Withdraws all requests for the disc, if there are any.  A check that runs ends soon without a result;
 * this function does not wait for its end.  Returns JB_NO_ITEM if there is no such item. */
enum jb_err jb_item_check_stop(struct jukebox *jb, uint64_t id);
/*
 * Sets the hash that the content should have: 64 hexadecimal digits; NULL removes it.  Durable on return.
 * Does not compare the hash with the content; the verdict becomes JB_VERDICT_NONE.  Withdraws all requests
 * for the disc.  Waits as jb_item_hash does.
 *
 * Returns JB_BAD_HASH if the text is not a hash; JB_NO_ITEM, JB_INCOMPLETE, JB_BEING_INSERTED or
 * JB_NOTHING_THERE as jb_item_hash does; JB_IN_USE if the content changes meanwhile; or the error of
 * opening the image or of the store.  On an error the old hash stays.  [blocks]
 */
enum jb_err jb_item_set_hash(struct jukebox *jb, uint64_t id, const char *sha256);

#endif
