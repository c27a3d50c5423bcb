/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The operator's hand: mail slots, their lock and their doors, and what users of the mount changed
 * without an initiator's command. */
#include "changer/inventory/model.h"

void
jb_hand_view(const struct jukebox *jb, struct jb_hand_view *out)
{
	out->mailslots = jb->hand_mailslots;
}

void
element_changed_by_hand(struct jukebox *jb, struct element *el)
{
	if (el->at.type == JB_MAILSLOT) {
		el->open = false; /* putting a disc in, or taking it out, closes the door */
		jb->hand_mailslots++;
	}
}

enum jb_err
element_admits_hand(const struct jukebox *jb, const struct element *el)
{
	return el->at.type == JB_MAILSLOT && jb->mailslot_prevents > 0 ? JB_MAILSLOTS_LOCKED
								       : JB_OK;
}

enum jb_err
element_admits_robot(const struct element *el, enum jb_by by)
{
	return by == JB_BY_INITIATOR && el->open ? JB_MAILSLOT_OPEN : JB_OK;
}

void
jb_mailslots_prevent(struct jukebox *jb, bool on)
{
	jb_enter(jb);
	if (on)
		jb->mailslot_prevents++;
	else
		jb->mailslot_prevents--;
	for (unsigned i = 0; jb->mailslot_prevents == 0 && i < jb->counts[JB_MAILSLOT]; i++)
		import_queue_freed(element_at(jb, JB_MAILSLOT, i));
	jb_leave(jb);
}

enum jb_err
jb_mailslot_open(struct jukebox *jb, struct jb_elem e, bool open)
{
	struct element *el = element_find(jb, e);

	if (el == NULL || e.type != JB_MAILSLOT)
		return JB_NO_ELEMENT;
	if (open && jb->mailslot_prevents > 0)
		return JB_MAILSLOTS_LOCKED;
	el->open = open;
	return JB_OK;
}
