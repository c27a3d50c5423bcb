/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of the thread that reads whole discs. */
#ifndef CHANGER_VERIFY_CHECK_H
#define CHANGER_VERIFY_CHECK_H

struct jukebox;

/* Prepares the queue, which does not accept requests yet.  Starts no thread: the first request does. */
void check_init(struct jukebox *jb);
/* Accepts requests from now on.  Call it when the store has been scanned. */
void check_open(struct jukebox *jb);
/* Ends the check that is being done, and the thread, and waits for that.  Requests that wait are dropped,
 * and no more are accepted. */
void check_fini(struct jukebox *jb);

#endif
