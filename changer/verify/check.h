/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starts and ends the jukebox's thread that reads whole discs to check them.  changer/check.h has the
 * requests. */
#ifndef CHANGER_VERIFY_CHECK_H
#define CHANGER_VERIFY_CHECK_H

struct jukebox;

/* Prepares the queue of requests.  It does not accept requests before check_open.  Starts no thread: the
 * first request starts it (verify_queue.h).  Takes the jukebox lock. */
void check_init(struct jukebox *jb);
/* Lets the queue accept requests from now on.  Call it when all items of the store are in the inventory.
 * Takes the jukebox lock. */
void check_open(struct jukebox *jb);
/* Closes the queue, stops the check that runs now, and waits until the thread has ended.  Drops the
 * requests that wait.  Takes the jukebox lock.  [blocks] */
void check_fini(struct jukebox *jb);

#endif
