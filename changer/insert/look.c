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

/* Returns how many of the names are cartridges: those that do not begin with a dot, as sheets do.  Stores the
 * last of them in *name; leaves *name if there is none.  The names stay the caller's. */
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

/* Returns true if the item's directory is certainly not where memory has it; false if it is there, or if that
 * cannot be found out. */
static bool
is_away(const struct item *it)
{
	char path[STORE_PATH_MAX];

	return faccessat(it->jb->store, item_path(it, path), F_OK, AT_SYMLINK_NOFOLLOW) != 0 &&
	       errno == ENOENT;
}

/* Returns true if a pending description (PENDING_FILE) is in the disc's directory, which the next start puts
 * in place of the present one; also if that cannot be found out. */
static bool
has_promise(const struct item *it)
{
	char dir[STORE_PATH_MAX], path[STORE_PATH_MAX];

	store_join(item_path(it, dir), PENDING_FILE, path);
	return faccessat(it->jb->store, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

/* Moves the disc with that id, in memory only, to the element el, where the store has it, gives it that name,
 * and raises the event of a move.  Returns false, and changes nothing, if the disc is not the occupant of
 * another blocked element, is claimed or written, is where memory has it, el has an occupant, one of both
 * elements is a drive's, or memory is missing. */
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

/* Compares the element's occupant `it`, which is claimed or NULL, with the names in the element's directory.
 * Returns true if both agree: no cartridge and no occupant; one of that name without a pending description;
 * or none, and an occupant in incoming/ that is stored as incomplete or is no incomplete file.  If one
 * cartridge is there and no occupant, returns what `follow` does.  May store a description
 * (insert_stay_incomplete). */
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

/* Syncs the directory of one element, whose occupant `it` is claimed or NULL, and ends the element's block if
 * the directory and memory agree (agrees).  If the store fails or they do not, the element stays blocked. */
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

/* Looks at the element (look_at) if it is blocked, with the claim of its occupant, if it has one.  Does
 * nothing if it is not blocked, or another thread has that claim; does not wait. */
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
