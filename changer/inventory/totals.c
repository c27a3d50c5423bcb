/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Totals: counts of everything. */
#include <stdatomic.h>
#include <string.h>

#include "changer/inventory/model.h"

enum { BLOCK = 512 };

/* Adds the item in an element of that type to the counts: as incoming, as incomplete, or as a disc with its
 * sizes.  An unreadable item only makes the element count as full.  A staged file and a folder count as
 * nothing. */
static void
count_occupant(struct jb_totals *c, const struct item *it, enum jb_elem_type type) REQUIRES(jb_lock)
{
	unsigned status;

	switch (it->kind) {
	case JB_ITEM_INCOMING:
		c->incoming++;
		return;
	case JB_ITEM_INCOMPLETE:
		c->incomplete++;
		return;
	case JB_ITEM_STAGED:
	case JB_ITEM_FOLDER:
		return;
	case JB_ITEM_UNREADABLE:
		c->full[type]++;
		return;
	case JB_ITEM_DISC:
		break;
	}
	c->full[type]++;
	c->discs++;
	/* A burn may change the status at any time, so it is read once. */
	status = atomic_load(&it->disc.status);
	if (status <= DISC_OTHERS)
		c->by_status[status]++;
	c->sessions += it->disc.sessions;
	c->bytes += it->disc.size;
	c->used += it->disc.blocks * BLOCK;
}

void
jb_totals(struct jukebox *jb, struct jb_totals *out)
{
	memset(out, 0, sizeof(*out));
	jb_enter(jb);
	for (unsigned t = JB_PICKER; t < ELEM_TYPES; t++) {
		enum jb_elem_type type = (enum jb_elem_type)t;

		out->elements[t] = jb->counts[t];
		for (unsigned i = 0; i < out->elements[t]; i++) {
			struct element *el = element_at(jb, type, i);

			if (el->occupant != NULL)
				count_occupant(out, el->occupant, type);
			for (unsigned s = 0; s < JB_STAGED_MAX; s++)
				out->staged += el->staged[s] != NULL;
		}
	}
	jb_leave(jb);
}
