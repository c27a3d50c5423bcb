/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a disc's content: its SHA-256, and whether it is still what it was.  Both are
 * found out by reading all of it, which the jukebox's own thread does: one disc at a time, in the
 * order in which it was asked to, behind everything else that the machine has to do.  What is
 * under way ends with the daemon and is not taken up again by itself.
 *
 * Every function may be called from any thread, and takes the jukebox lock itself.
 */
#ifndef CHANGER_CHECK_H
#define CHANGER_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"

struct jukebox;

enum { JB_HASH_TEXT = 65 }; /* bytes of a SHA-256 as text, with its NUL */

enum jb_verdict {
	JB_VERDICT_NONE,
	JB_VERDICT_GOOD,
	JB_VERDICT_BAD, /* the content is not what the hash says, or could not be read */
};

struct jb_check {
	char sha256[JB_HASH_TEXT]; /* "": it is not known, or the content has changed since */
	enum jb_verdict verdict;   /* of the last verification of this content */
	int64_t verdict_ns;	   /* when: wall clock */
	bool hash_asked, verify_asked;
	bool running;	  /* of what was asked for; otherwise it waits for its turn */
	unsigned percent; /* how far */
};

enum jb_err jb_item_check(struct jukebox *jb, uint64_t id, struct jb_check *out);

/* Asks for the hash of a disc that has none.  Returns at once. */
enum jb_err jb_item_hash(struct jukebox *jb, uint64_t id);
/* Asks whether the content has that hash.  JB_NO_HASH: there is none to compare with. */
enum jb_err jb_item_verify(struct jukebox *jb, uint64_t id);
/* Takes back what was asked for. */
enum jb_err jb_item_check_stop(struct jukebox *jb, uint64_t id);
/* The hash that the content should have, 64 hexadecimal digits; NULL: none.  [blocks] */
enum jb_err jb_item_set_hash(struct jukebox *jb, uint64_t id, const char *sha256);

#endif
