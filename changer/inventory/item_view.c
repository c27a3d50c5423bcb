/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Items as the mount sees them: by name and by id, with their tracks, their sheets and the targets of
 * links. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/clock.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/inventory/track_view.h"
#include "changer/recording/sheet.h"

enum { LIST_MAX = JB_STAGED_MAX + 2 };

/* Copies the item to *out, and notes that somebody has looked at it (folder_touch).  Returns JB_NO_ITEM, and
 * leaves *out, if `it` is NULL. */
static enum jb_err
show(struct item *it, struct jb_item *out) REQUIRES(jb_lock)
{
	if (it == NULL)
		return JB_NO_ITEM;
	folder_touch(it);
	item_fill(it, out);
	return JB_OK;
}

enum jb_err
jb_item_lookup(struct jukebox *jb, struct jb_elem e, const char *name, struct jb_item *out)
{
	struct element *el = element_find(jb, e);
	struct item *it;
	enum jb_err err;

	if (el == NULL)
		return JB_NO_ELEMENT;
	jb_enter(jb);
	it = element_item(el, name);
	err = show(it != NULL ? it : item_by_alias(el, name), out);
	jb_leave(jb);
	return err;
}

enum jb_err
jb_item_by_id(struct jukebox *jb, uint64_t id, struct jb_item *out)
{
	struct item *it;

	jb_enter(jb);
	it = item_by_id(jb, id);
	if (it != NULL)
		item_fill(it, out);
	jb_leave(jb);
	return it == NULL ? JB_NO_ITEM : JB_OK;
}

enum jb_err
jb_item_list(struct jukebox *jb, struct jb_elem e,
	bool (*each)(void *arg, const struct jb_item *item), void *arg)
{
	struct element *el = element_find(jb, e);
	struct jb_item found[LIST_MAX];
	unsigned n = 0;

	if (el == NULL)
		return JB_NO_ELEMENT;
	jb_enter(jb);
	if (el->occupant != NULL && !el->occupant->shadowed)
		item_fill(el->occupant, &found[n++]);
	for (unsigned i = 0; i < JB_STAGED_MAX; i++)
		if (el->staged[i] != NULL)
			item_fill(el->staged[i], &found[n++]);
	if (el->folder != NULL && !folder_is_over(el->folder))
		item_fill(el->folder, &found[n++]);
	jb_leave(jb);
	for (unsigned i = 0; i < n; i++)
		if (!each(arg, &found[i]))
			break;
	return JB_OK;
}

/* Returns the element's occupant if a program has closed its file and the commit (insert/commit.h) is still
 * to come; NULL if not, or if there is no such element.  Takes no reference. */
static struct item *
settling_item(struct jukebox *jb, struct jb_elem e) REQUIRES(jb_lock)
{
	struct element *el = element_find(jb, e);
	struct item *it = el == NULL ? NULL : el->occupant;

	/* An item that is a disc already may still wait for its sheet. */
	return it != NULL && it->insert != NULL && (it->closing || it->writers == 0) ? it : NULL;
}

/* Returns true if the thread of imports works on the element's folder or file, or will do so next,
 * and a program has closed or changed it less than CLOSING_WAIT_MS ago.  Returns false if there is
 * no importer. */
static bool
is_importing_now(struct jukebox *jb, struct jb_elem e) REQUIRES(jb_lock)
{
	struct element *el = element_find(jb, e);
	struct item *it = el == NULL ? NULL : el->occupant,
		    *folder = el == NULL ? NULL : el->folder;

	if (jb->imports.import == NULL)
		return false;
	if (it != NULL && it->importing && clock_ms() - it->closed_ms < CLOSING_WAIT_MS)
		return true;
	return folder != NULL &&
	       (folder->import_asked || folder->folder->joining || jb->imports.working == folder) &&
	       clock_ms() - folder->folder->changed_ms < CLOSING_WAIT_MS;
}

bool
jb_elem_is_settling(struct jukebox *jb, struct jb_elem e)
{
	bool settling;

	jb_enter(jb);
	settling = settling_item(jb, e) != NULL || is_importing_now(jb, e);
	jb_leave(jb);
	return settling;
}

bool
jb_import_may_bring(struct jukebox *jb, struct jb_elem e, const char *name)
{
	struct element *el = element_find(jb, e);
	bool may = false;

	if (el == NULL)
		return false;
	jb_enter(jb);
	if (jb->imports.import != NULL && element_item(el, name) == NULL) {
		may = el->occupant != NULL && el->occupant->importing &&
		      name_is_import_of(name, el->occupant->name);
		may = may || (el->folder != NULL && jb->imports.working == el->folder &&
				     !el->folder->folder->joining);
	}
	jb_leave(jb);
	return may;
}

void
jb_elem_settle(struct jukebox *jb, struct jb_elem e)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	struct item *it;

	jb_enter(jb);
	it = settling_item(jb, e);
	if (it != NULL) {
		item_ref(it);
		item_await_writers(it, &deadline);
	}
	while (is_importing_now(jb, e) && jb_wait_until(jb, &deadline))
		;
	jb_leave(jb);
	if (it != NULL)
		item_unref(it);
}

/* ---- folders ------------------------------------------------------------------------------- */

enum jb_err
jb_folder_lookup(struct jukebox *jb, uint64_t folder, const char *name, struct jb_item *out)
{
	struct item *f;
	enum jb_err err;

	jb_enter(jb);
	f = item_folder_by_id(jb, folder);
	err = show(f != NULL ? folder_part(f, name) : NULL, out);
	jb_leave(jb);
	return err;
}

enum jb_err
jb_folder_list(struct jukebox *jb, uint64_t folder,
	bool (*each)(void *arg, const struct jb_item *item), void *arg)
{
	struct jb_item *found = calloc(JB_PARTS_MAX, sizeof(*found));
	struct item *f;
	unsigned n = 0;

	if (found == NULL)
		return JB_NO_MEMORY;
	jb_enter(jb);
	f = item_folder_by_id(jb, folder);
	for (unsigned i = 0; f != NULL && i < JB_PARTS_MAX; i++) {
		struct item *part = f->folder->part[i];

		if (part != NULL && !(part->ghost && folder_lingered(f)))
			item_fill(part, &found[n++]);
	}
	if (f != NULL)
		folder_touch(f);
	jb_leave(jb);
	for (unsigned i = 0; i < n; i++)
		if (!each(arg, &found[i]))
			break;
	free(found);
	return f == NULL ? JB_NO_ITEM : JB_OK;
}

void
jb_item_why(struct jukebox *jb, uint64_t id, char *buf)
{
	struct item *it;

	buf[0] = '\0';
	jb_enter(jb);
	it = item_by_id(jb, id);
	if (it != NULL && it->why != NULL)
		snprintf(buf, JB_IMPORT_TEXT, "%s", it->why);
	jb_leave(jb);
}

/* ---- links --------------------------------------------------------------------------------- */

enum jb_err
jb_item_target(struct jukebox *jb, uint64_t id, char *buf)
{
	struct item *it;
	bool found;

	jb_enter(jb);
	it = item_by_id(jb, id);
	found = it != NULL && it->link != NULL;
	if (found)
		strcpy(buf, it->link->target);
	jb_leave(jb);
	return found ? JB_OK : JB_NO_ITEM;
}

/* ---- tracks -------------------------------------------------------------------------------- */

/* Fills *item with the item of that id, and returns the view of its tracks, which the caller puts.
 * Returns NULL, and leaves *item, if there is no such item; NULL too if it has no view. */
static struct track_view *
view_of(struct jukebox *jb, uint64_t id, struct jb_item *item) EXCLUDES(jb_lock)
{
	struct track_view *v = NULL;
	struct item *it;

	jb_enter(jb);
	it = item_by_id(jb, id);
	if (it != NULL) {
		item_fill(it, item);
		v = track_view_get(&it->disc);
	}
	jb_leave(jb);
	return v;
}

const char *
cd_mode_name(enum cd_mode mode)
{
	static const char *const names[CD_MODES] = {
		[CD_MODE1] = "mode1", [CD_MODE2] = "mode2", [CD_AUDIO] = "audio"};

	return names[mode];
}

unsigned
jb_item_track_list(struct jukebox *jb, uint64_t id, struct track *out, unsigned max)
{
	struct jb_item item;
	struct track_view *v = view_of(jb, id, &item);
	unsigned n = 0;

	for (; v != NULL && n < v->rec.ntracks && n < max; n++) {
		out[n] = v->rec.tracks[n];
		/* The size of an open track is all the room that is left, so it is replaced. */
		if (out[n].state != TRACK_CLOSED)
			out[n].size = out[n].recorded > out[n].pregap
					      ? out[n].recorded - out[n].pregap
					      : 0;
	}
	/* The track that is being recorded ends where the image ends. */
	if (n > 0 && out[n - 1].state != TRACK_CLOSED && !item.raw &&
		jb_item_sectors(&item) > out[n - 1].start)
		out[n - 1].size = (uint32_t)jb_item_sectors(&item) - out[n - 1].start;
	track_view_put(v);
	return n;
}

uint64_t
jb_item_sectors(const struct jb_item *item)
{
	return item->size / (item->raw ? CD_RAW_SIZE : SECTOR_SIZE);
}

/* ---- files beside a raw disc ---------------------------------------------------------------- */

bool
jb_beside_name(const struct jb_item *item, enum jb_beside which, char *buf)
{
	return item->kind == JB_ITEM_DISC && item->raw && (which != JB_PACKS || item->packs) &&
	       name_of_beside(item->name, which, buf);
}

enum jb_err
jb_beside_lookup(struct jukebox *jb, struct jb_elem e, const char *name, struct jb_item *out,
	enum jb_beside *which)
{
	struct element *el = name_is_beside(name) ? element_find(jb, e) : NULL;
	char own[JB_NAME_MAX + 1];
	bool found = false;

	if (el == NULL)
		return JB_NO_ITEM;
	jb_enter(jb);
	if (el->occupant != NULL && !el->occupant->shadowed) {
		item_fill(el->occupant, out);
		for (unsigned i = 0; !found && i < JB_BESIDES; i++) {
			*which = (enum jb_beside)i;
			found = jb_beside_name(out, *which, own) && strcmp(own, name) == 0;
		}
	}
	jb_leave(jb);
	return found ? JB_OK : JB_NO_ITEM;
}

/* Stores the text of the sheet in *text, which the caller frees, and its length in *size.  `name` is
 * the name of the image in it; `packs` that of its file of CD-TEXT, or NULL.  Returns JB_NO_MEMORY
 * if that fails. */
static enum jb_err
print_sheet(
	const struct recording *rec, const char *name, const char *packs, char **text, size_t *size)
{
	FILE *out = open_memstream(text, size);
	bool printed;

	if (out == NULL)
		return JB_NO_MEMORY;
	printed = sheet_print(rec, name, packs, out);
	if (fclose(out) == 0 && printed)
		return JB_OK;
	free(*text);
	return JB_NO_MEMORY;
}

/* Stores a copy of the packs of CD-TEXT in *text, which the caller frees, and their bytes in *size,
 * 0 if there are none.  Returns JB_NO_MEMORY if memory is missing. */
static enum jb_err
copy_packs(const struct recording *rec, char **text, size_t *size)
{
	*size = (size_t)rec->ntext * CD_TEXT_PACK;
	*text = malloc(*size + 1);
	if (*text == NULL)
		return JB_NO_MEMORY;
	if (*size > 0)
		memcpy(*text, rec->text, *size);
	(*text)[*size] = '\0';
	return JB_OK;
}

enum jb_err
jb_beside_text(struct jukebox *jb, uint64_t id, enum jb_beside which, char **text, size_t *size)
{
	char name[JB_NAME_MAX + 1];
	struct jb_item item;
	struct track_view *v = view_of(jb, id, &item);
	enum jb_err err = JB_NO_ITEM;
	bool packs;

	if (v != NULL && v->rec.raw && jb_beside_name(&item, which, name)) {
		packs = jb_beside_name(&item, JB_PACKS, name);
		/* A program finds the file by this name where the sheet is called LABEL.cue. */
		err = which == JB_PACKS ? copy_packs(&v->rec, text, size)
					: print_sheet(&v->rec, item.name, packs ? name + 1 : NULL,
						  text, size);
	}
	track_view_put(v);
	return err;
}
