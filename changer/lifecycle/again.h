/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A second look at an element while the jukebox runs, after a user has removed what was wrong there. */
#ifndef CHANGER_LIFECYCLE_AGAIN_H
#define CHANGER_LIFECYCLE_AGAIN_H

struct element;
struct jukebox;

/* Reads the element's one item again, as start-up does, if it is unreadable: it is a disc now if nothing but a
 * second one was wrong.  Raises the event `insert` then; else tells anew what is wrong.  Does nothing if the element
 * has other items, or is a drive's.  The hook jb->read_again.  [blocks] */
void again_read(struct jukebox *jb, struct element *el);

#endif
