/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/insert/look.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "changer/insert/insert.h"
#include "changer/inventory/block.h"
#include "changer/inventory/description.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/store/store.h"

/* Returns how many cartridges are among the names, and stores the last one in *name.  Hidden names are sheets. */
static size_t
count_cartridges(char **names, size_t count, const char **name)
{
	size_t n = 0;

	for (size_t i = 0; i < count; i++) {
		if (names[i][0] == '.')
			continue;
		*name = names[i];
		n++;
	}
	return n;
}

/* Returns true if the item's directory is certainly not where memory has it. */
static bool
is_away(const struct item *it)
{
	char path[STORE_PATH_MAX];

	return faccessat(it->jb->store, item_path(it, path), F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
	       errno == ENOENT;
}

/* Returns true if the next start will make other content of the disc, which a close has promised; or if that cannot be
 * found out. */
static bool
has_promise(const struct item *it)
{
	char dir[STORE_PATH_MAX], path[STORE_PATH_MAX];

	store_join(item_path(it, dir), PENDING_FILE, path);
	return faccessat(it->jb->store, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

/* Moves the disc with that id, by that name, to the element in memory, as the store has it.  Returns false if it is not
 * known, is claimed, is where memory has it, or a drive's element is concerned. */
static bool
follow(struct jukebox *jb, struct element *el, uint64_t id, const char *name) EXCLUDES(jb_lock)
{
	char *made = name_make(name);
	struct jb_elem from;
	struct item *it;
	bool follows;

	if (made == NULL)
		return false;
	jb_enter(jb);
	it = item_by_id(jb, id);
	follows = it != NULL && it->elem != NULL && it->elem != el && it->elem->occupant == it &&
		  it->elem->blocked && !it->busy && it->elem->drive == NULL && el->drive == NULL &&
		  el->occupant == NULL && it->insert == NULL && is_away(it);
	if (follows) {
		from = it->elem->at;
		it->elem->occupant = NULL;
		el->occupant = it;
		it->elem = el;
		it->at_incoming = false;
		item_swap_name(it, &made);
		event_move(it, from, made, NULL);
	}
	jb_leave(jb);
	free(made);
	return follows;
}

/* Returns true if memory has the element's occupant `it`, which is claimed and may be NULL, as the store has it, or
 * follows the store. */
static bool
agrees(struct jukebox *jb, struct element *el, struct item *it, char **names, size_t count)
{
	char where[32], dir[STORE_PATH_MAX];
	const char *name = NULL;
	size_t n = count_cartridges(names, count, &name);
	struct description d;
	bool follows;

	if (it != NULL && it->at_incoming)
		return n == 0 && !is_away(it) &&
		       (it->kind != JB_ITEM_INCOMPLETE || insert_stay_incomplete(it) == JB_OK);
	if (it != NULL || n == 0)
		return n == (it != NULL) &&
		       (it == NULL || (strcmp(name, it->name) == 0 && !has_promise(it)));
	store_join(jb_elem_str(el->at, where), name, dir);
	if (n != 1 || description_load(jb, dir, DISC_FILE, &d) != JB_OK)
		return false;
	follows = follow(jb, el, d.id, name);
	description_fini(&d);
	return follows;
}

/* Looks at one element, whose occupant `it` is claimed or NULL, and ends its block if that is settled. */
static void
look_at(struct jukebox *jb, struct element *el, struct item *it)
{
	char where[32];
	char **names;
	size_t count;
	bool good;

	if (store_settle_dir(jb->store, jb_elem_str(el->at, where)) != JB_OK ||
		store_names(jb->store, where, &names, &count) != JB_OK)
		return;
	good = agrees(jb, el, it, names, count);
	store_free_names(names, count);
	if (!good)
		return;
	jb_enter(jb);
	block_end(jb, el);
	jb_leave(jb);
}

/* Looks at the element if it is blocked, and nobody has its occupant's claim. */
static void
look_if_blocked(struct jukebox *jb, struct element *el)
{
	struct item *it;
	bool blocked;

	jb_enter(jb);
	it = el->occupant;
	blocked = el->blocked && (it == NULL || !it->busy);
	/* item_claim would refuse, because the element is blocked. */
	if (blocked && it != NULL) {
		it->busy = true;
		item_ref(it);
	}
	jb_leave(jb);
	if (!blocked)
		return;
	look_at(jb, el, it);
	if (it != NULL)
		item_let_go(it);
}

void
look_again(struct jukebox *jb)
{
	/* In the second pass, a disc has left the element that memory had it in. */
	for (unsigned pass = 0; pass < 2 && jb->nblocked > 0; pass++)
		for (unsigned t = JB_PICKER; t < ELEM_TYPES; t++)
			for (unsigned i = 0; i < jb->counts[t]; i++)
				look_if_blocked(jb, element_at(jb, (enum jb_elem_type)t, i));
}
