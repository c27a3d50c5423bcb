/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A second look at an element while the jukebox runs, after a user has removed what was wrong there. */
#ifndef CHANGER_LIFECYCLE_AGAIN_H
#define CHANGER_LIFECYCLE_AGAIN_H

struct element;
struct jukebox;

/* Reads the element's only item again, as start-up does, if it is unreadable.  If it is a disc now, raises
 * the event `insert`; this is so if a second cartridge in the element, now removed, was all that was wrong.
 * If it cannot be read, reports why and makes it unreadable again (damage_take).  Drops the old item, so the
 * new one may have another id.  The element is reserved meanwhile.  Does nothing if the element has other
 * items, is a drive's, reserved or blocked, or the item is claimed.  jb->read_again points to this.
 * [blocks] */
void again_read(struct jukebox *jb, struct element *el);

#endif
