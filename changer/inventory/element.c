/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements: their types, numbers and addresses, and what is in them. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/inventory/element.h"
#include "changer/inventory/model.h"
#include "changer/inventory/progress.h"

static const struct elem_type {
	const char *dir;
	unsigned first; /* number of the first one; the same as in mtx */
	unsigned max;	/* how many a jukebox can have */
} elem_types[ELEM_TYPES] = {
	[JB_PICKER] = {"transport", 0, TRANSPORTS},
	[JB_SLOT] = {"slots", 1, JB_SLOTS_MAX},
	[JB_MAILSLOT] = {"mailslots", 1, JB_MAILSLOTS_MAX},
	[JB_DRIVE] = {"drives", 0, JB_DRIVES_MAX},
};

/* Returns true if the type is one of elements: 1 to ELEM_TYPES - 1. */
static bool
is_type(enum jb_elem_type type)
{
	return (unsigned)type >= JB_PICKER && (unsigned)type < ELEM_TYPES;
}

const char *
jb_elem_dir(enum jb_elem_type type)
{
	return is_type(type) ? elem_types[type].dir : "?";
}

const char *
jb_elem_str(struct jb_elem e, char *buf)
{
	snprintf(buf, 32, "%s/%u", jb_elem_dir(e.type), e.number);
	return buf;
}

unsigned
jb_count(const struct jukebox *jb, enum jb_elem_type type)
{
	return is_type(type) ? jb->counts[type] : 0;
}

unsigned
jb_first_number(enum jb_elem_type type)
{
	return is_type(type) ? elem_types[type].first : 0;
}

unsigned
element_max(enum jb_elem_type type)
{
	return is_type(type) ? elem_types[type].max : 0;
}

/* Needs no lock: a count is raised after its chunk is made, and a chunk is not freed before the end. */
struct element *
element_at(struct jukebox *jb, enum jb_elem_type type, unsigned index)
{
	struct element *chunk;

	if (!is_type(type) || index >= ELEM_CHUNK * ELEM_CHUNKS)
		return NULL;
	chunk = jb->chunks[type][index / ELEM_CHUNK];
	return chunk == NULL ? NULL : &chunk[index % ELEM_CHUNK];
}

struct element *
element_find(struct jukebox *jb, struct jb_elem e)
{
	unsigned first = jb_first_number(e.type);

	if (!is_type(e.type) || e.number < first || e.number - first >= jb->counts[e.type])
		return NULL;
	return element_at(jb, e.type, e.number - first);
}

struct drive *
jb_drive(struct jukebox *jb, unsigned number)
{
	return number < jb->counts[JB_DRIVE] ? jb->drives[number] : NULL;
}

enum jb_err
element_make(struct jukebox *jb, enum jb_elem_type type, unsigned index)
{
	struct element *_Atomic *chunk = &jb->chunks[type][index / ELEM_CHUNK];
	struct element *made;

	if (*chunk == NULL) {
		made = calloc(ELEM_CHUNK, sizeof(*made));
		if (made == NULL)
			return JB_NO_MEMORY;
		for (unsigned i = 0; i < ELEM_CHUNK; i++)
			made[i].at = (struct jb_elem){
				type, jb_first_number(type) + index - index % ELEM_CHUNK + i};
		*chunk = made;
	}
	(*chunk)[index % ELEM_CHUNK].generation++;
	return JB_OK;
}

enum jb_err
element_make_all(struct jukebox *jb)
{
	enum jb_err err = JB_OK;

	for (unsigned t = JB_PICKER; t < ELEM_TYPES; t++)
		for (unsigned i = 0; i < jb->counts[t] && err == JB_OK; i++)
			err = element_make(jb, (enum jb_elem_type)t, i);
	return err;
}

void
element_free_all(struct jukebox *jb)
{
	for (unsigned t = JB_PICKER; t < ELEM_TYPES; t++)
		for (unsigned i = 0; i < ELEM_CHUNKS; i++)
			free(jb->chunks[t][i]);
}

/* ---- addresses ------------------------------------------------------------------------------- */

uint16_t
jb_elem_address(struct jukebox *jb, struct jb_elem e)
{
	if (!is_type(e.type))
		return 0;
	return (uint16_t)(jb->first_address[e.type] + e.number - jb_first_number(e.type));
}

bool
jb_elem_at(struct jukebox *jb, uint16_t address, struct jb_elem *out)
{
	for (unsigned t = JB_PICKER; t < ELEM_TYPES; t++) {
		unsigned first = jb->first_address[t];

		if (address >= first && address - first < jb->counts[t]) {
			*out = (struct jb_elem){(enum jb_elem_type)t,
				address - first + jb_first_number((enum jb_elem_type)t)};
			return true;
		}
	}
	return false;
}

void
element_counts(const struct jukebox *jb, unsigned counts[ELEM_TYPES])
{
	for (unsigned t = 0; t < ELEM_TYPES; t++)
		counts[t] = jb->counts[t];
}

bool
element_ranges_fit(const unsigned first[ELEM_TYPES], const unsigned counts[ELEM_TYPES])
{
	for (unsigned a = JB_PICKER; a < ELEM_TYPES; a++) {
		if (first[a] + counts[a] > 0x10000)
			return false;
		for (unsigned b = JB_PICKER; b < a; b++)
			if (first[a] < first[b] + counts[b] && first[b] < first[a] + counts[a])
				return false;
	}
	return true;
}

/* ---- what is in an element ------------------------------------------------------------------- */

struct item *
element_item(struct element *el, const char *name)
{
	for (unsigned i = 0; i < JB_STAGED_MAX; i++)
		if (el->staged[i] != NULL && strcmp(el->staged[i]->name, name) == 0)
			return el->staged[i];
	if (el->occupant != NULL && strcmp(el->occupant->name, name) == 0)
		return el->occupant;
	if (el->folder != NULL && !folder_is_over(el->folder) &&
		strcmp(el->folder->name, name) == 0)
		return el->folder;
	return NULL;
}

enum jb_err
element_admits(struct element *el)
{
	if (el->gone)
		return JB_NO_ELEMENT;
	if (el->blocked)
		return JB_UNSETTLED;
	if (el->reserved)
		return JB_ELEMENT_RESERVED;
	if (el->occupant == NULL)
		return el->folder != NULL && folder_bars(el->folder) ? JB_FOLDER_THERE : JB_OK;
	/* If its program has closed it, the item is as good as a disc. */
	return el->occupant->kind == JB_ITEM_INCOMING && !el->occupant->closing
		       ? JB_ELEMENT_RESERVED
		       : JB_ELEMENT_FULL;
}

struct item **
element_staged_place(struct element *el)
{
	for (unsigned i = 0; i < JB_STAGED_MAX; i++)
		if (el->staged[i] == NULL)
			return &el->staged[i];
	return NULL;
}

void
element_put(struct element *el, struct item **place, struct item *it, enum jb_item_kind kind)
{
	assert(*place == NULL && it->elem == NULL);
	*place = it;
	it->elem = el;
	it->kind = kind;
	it->at_incoming = true;
	it->busy = true;
}

/* If the element has no occupant, makes the first unreadable item among its staged ones the occupant: the
 * store still has it in the element.  Does nothing if there is none. */
static void
follow_unreadable(struct element *el) REQUIRES(jb_lock)
{
	for (unsigned i = 0; i < JB_STAGED_MAX && el->occupant == NULL; i++) {
		struct item *it = el->staged[i];

		if (it == NULL || it->kind != JB_ITEM_UNREADABLE)
			continue;
		el->staged[i] = NULL;
		el->occupant = it;
	}
}

bool
element_has_unreadable(const struct element *el)
{
	for (unsigned i = 0; i < JB_STAGED_MAX; i++)
		if (el->staged[i] != NULL && el->staged[i]->kind == JB_ITEM_UNREADABLE)
			return true;
	return false;
}

void
element_vacate(struct element *el)
{
	el->occupant = NULL;
	follow_unreadable(el);
	import_queue_freed(el);
}

void
element_forget(struct item *it)
{
	struct element *el = it->elem;

	if (el == NULL)
		return;
	for (unsigned i = 0; i < JB_STAGED_MAX; i++)
		if (el->staged[i] == it)
			el->staged[i] = NULL;
	if (el->occupant == it)
		element_vacate(el);
	if (el->folder == it)
		el->folder = NULL;
	folder_forget(it);
	it->elem = NULL;
}

/* Returns true if the robot can reach the element: neither an open mail slot nor a locked drive with a
 * disc is in the way. */
static bool
is_accessible(struct element *el)
{
	if (el->open)
		return false;
	/* PREVENT holds the disc only while the tray is closed. */
	return el->drive == NULL || !el->drive->has_disc || !drive_is_locked(el->drive);
}

/* Stores the status of the element in *out.  If no disc is in it, the label is empty, and the fields
 * about the disc's source are zero. */
static void
fill_status(struct jukebox *jb, struct element *el, struct jb_elem_status *out) REQUIRES(jb_lock)
{
	struct element *source;
	struct item *it = el->occupant;

	/* This runs for every element of every report, so it does not clear the long label. */
	memset(out, 0, offsetof(struct jb_elem_status, label));
	out->label[0] = '\0';
	out->elem = el->at;
	out->address = jb_elem_address(jb, el->at);
	out->unreadable = it != NULL && it->kind == JB_ITEM_UNREADABLE;
	out->full = it != NULL && (it->kind == JB_ITEM_DISC || out->unreadable);
	out->reserved = el->reserved || (it != NULL && it->kind == JB_ITEM_INCOMING);
	out->open = el->open;
	out->accessible = is_accessible(el) && !out->unreadable;
	if (!out->full)
		return;
	strcpy(out->label, it->name + strlen(it->name) + 1); /* see name_make */
	source = it->has_source ? element_find(jb, it->source) : NULL;
	out->by_hand = !it->has_source;
	out->has_source = source != NULL;
	if (source != NULL)
		out->source = jb_elem_address(jb, it->source);
}

enum jb_err
jb_elem_status(struct jukebox *jb, struct jb_elem e, struct jb_elem_status *out)
{
	struct element *el = element_find(jb, e);

	if (el == NULL)
		return JB_NO_ELEMENT;
	jb_enter(jb);
	fill_status(jb, el, out);
	jb_leave(jb);
	return JB_OK;
}

void
jb_elem_list(struct jukebox *jb, const struct jb_elem_range *ranges, unsigned n,
	bool (*each)(void *arg, const struct jb_elem_status *status), void *arg)
{
	bool more = true;

	jb_enter(jb);
	for (unsigned r = 0; r < n && more; r++) {
		for (unsigned i = 0; i < ranges[r].count && more; i++) {
			unsigned number = ranges[r].first + i;
			struct element *el = element_at(
				jb, ranges[r].type, number - jb_first_number(ranges[r].type));
			struct jb_elem_status status;

			if (el == NULL)
				break;
			fill_status(jb, el, &status);
			more = each(arg, &status);
		}
	}
	jb_leave(jb);
}
