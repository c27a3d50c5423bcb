/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/lifecycle/settle.h"

#include <stdio.h>
#include <string.h>

#include "changer/inventory/block.h"
#include "changer/inventory/model.h"
#include "changer/store/store.h"

struct found {
	struct jukebox *jb;
	enum jb_err err; /* of a path that is in no element */
};

/* Returns the element in whose directory the path is, or which it is; NULL if it is in none. */
static struct element *
element_of(struct jukebox *jb, const char *path)
{
	char where[32];

	for (unsigned t = JB_PICKER; t < ELEM_TYPES; t++) {
		for (unsigned i = 0; i < jb->counts[t]; i++) {
			struct element *el = element_at(jb, (enum jb_elem_type)t, i);
			size_t len = strlen(jb_elem_str(el->at, where));

			if (strncmp(path, where, len) == 0 &&
				(path[len] == '/' || path[len] == '\0'))
				return el;
		}
	}
	return NULL;
}

/* Is called by store_settle for a path that could not be synced because of err: blocks the path's element.
 * For a path in no element, keeps err in the struct found at arg. */
static void
block_path(void *arg, const char *path, enum jb_err err)
{
	struct found *f = arg;
	struct element *el = element_of(f->jb, path);

	if (el == NULL) {
		f->err = err;
		return;
	}
	jb_enter(f->jb);
	block_element(f->jb, el);
	jb_leave(f->jb);
}

enum jb_err
settle_found(struct jukebox *jb)
{
	struct found f = {.jb = jb};
	enum jb_err err = store_settle(jb->store, &jb->last_end, block_path, &f);

	return err == JB_OK ? f.err : err;
}
