/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Moves a disc as `mv` does at the mount. Include it after cmocka.h. */
#ifndef TESTS_UNIT_BY_HAND_H
#define TESTS_UNIT_BY_HAND_H

#include "changer/item.h"

static inline bool
keep_disc(void *arg, const struct jb_item *item)
{
	struct jb_item *out = arg;

	if (item->kind == JB_ITEM_DISC)
		*out = *item;
	return item->kind != JB_ITEM_DISC;
}

/* Renames the disc in element `from` to element `to`. If new_name is NULL, the disc keeps its name.
 * Returns JB_ELEMENT_EMPTY if `from` has no disc, else the result of jb_item_rename(). */
static inline enum jb_err
move_by_hand(struct jukebox *jb, struct jb_elem from, struct jb_elem to, const char *new_name)
{
	struct jb_item disc = {.kind = JB_ITEM_INCOMING};
	enum jb_err err = jb_item_list(jb, from, keep_disc, &disc);

	if (err != JB_OK)
		return err;
	if (disc.kind != JB_ITEM_DISC)
		return JB_ELEMENT_EMPTY;
	return jb_item_rename(jb, from, disc.name, to, new_name == NULL ? disc.name : new_name);
}

#endif
