/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/inventory/block.h"

#include "changer/base/log.h"
#include "changer/inventory/model.h"

void
block_element(struct jukebox *jb, struct element *el)
{
	struct jb_event e;
	char where[32];

	if (el->blocked)
		return;
	el->blocked = true;
	jb->nblocked++;
	event_begin(&e, JB_EVENT_ERROR, NULL);
	if (el->occupant != NULL)
		event_set_item(&e, el->occupant);
	jb_elem_str(el->at, e.elem);
	e.err = JB_UNSETTLED;
	event_add(jb, &e);
	log_err("store", "%s: %s", jb_elem_str(el->at, where), jb_err_text(JB_UNSETTLED));
}

void
block_end(struct jukebox *jb, struct element *el)
{
	char where[32];

	if (!el->blocked)
		return;
	el->blocked = false;
	jb->nblocked--;
	log_info("store", "%s: it is known again what the store has in it",
		jb_elem_str(el->at, where));
	jb_changed(jb);
}
