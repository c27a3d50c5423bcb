/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Items: the files of the elements, of every kind, with their claims, references and names. */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/inventory/description.h"
#include "changer/inventory/block.h"
#include "changer/inventory/item.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/inventory/track_view.h"
#include "changer/store/store.h"

enum { BUCKETS_MIN = 64 };

/* ---- index by id ----------------------------------------------------------------------------- */

/* Returns a pointer to the head of the list, in the index by id, that has the item with that id if there is
 * one; the head is NULL if the list is empty. */
static struct item **
bucket(struct jukebox *jb, uint64_t id) REQUIRES(jb_lock)
{
	return &jb->by_id[id & (jb->buckets - 1)];
}

struct item *
item_by_id(struct jukebox *jb, uint64_t id)
{
	struct item *it = *bucket(jb, id);

	while (it != NULL && it->id != id)
		it = it->next_by_id;
	return it;
}

struct item *
item_folder_by_id(struct jukebox *jb, uint64_t id)
{
	struct item *it = item_by_id(jb, id);

	if (it == NULL || it->folder == NULL || it->elem == NULL || folder_is_over(it))
		return NULL;
	return it;
}

bool
item_is_ghost(const struct item *it)
{
	bool ghost;

	jb_enter(it->jb);
	ghost = it->ghost;
	jb_leave(it->jb);
	return ghost;
}

void
item_index_grow(struct jukebox *jb, size_t elements)
{
	size_t buckets = jb->buckets < BUCKETS_MIN ? BUCKETS_MIN : jb->buckets, old_buckets;
	struct item **made, **old;

	while (buckets < 2 * elements)
		buckets *= 2;
	if (buckets == jb->buckets || (made = calloc(buckets, sizeof(*made))) == NULL)
		return;
	jb_enter(jb);
	old = jb->by_id;
	old_buckets = jb->buckets;
	jb->by_id = made;
	jb->buckets = buckets;
	for (size_t i = 0; i < old_buckets; i++) {
		while (old[i] != NULL) {
			struct item *it = old[i];

			old[i] = it->next_by_id;
			it->next_by_id = *bucket(jb, it->id);
			*bucket(jb, it->id) = it;
		}
	}
	jb_leave(jb);
	free(old);
}

/* Returns a random id of 62 bits, not below JB_ID_MIN.  Such an id is never used again, and is
 * positive in JSON and as an inode number.  Aborts if the system has no random numbers. */
static uint64_t
random_id(void)
{
	uint64_t id;

	do {
		if (getrandom(&id, sizeof(id), 0) != (ssize_t)sizeof(id))
			abort();
		id &= (UINT64_C(1) << 62) - 1;
	} while (id < JB_ID_MIN);
	return id;
}

struct item *
item_new(struct jukebox *jb, uint64_t id, const char *name)
{
	struct item *it = calloc(1, sizeof(*it));

	if (it == NULL || (it->name = name_make(name)) == NULL) {
		free(it);
		return NULL;
	}
	it->jb = jb;
	it->mtime_ns = it->ctime_ns = it->atime_ns = clock_wall_ns();
	it->mode = 0644;
	it->disc.image_number = 1;
	it->disc.nwa = -1;
	jb_enter(jb);
	it->refs = 1;
	it->id = id != 0 && item_by_id(jb, id) == NULL ? id : random_id();
	while (item_by_id(jb, it->id) != NULL)
		it->id = random_id();
	it->next_by_id = *bucket(jb, it->id);
	*bucket(jb, it->id) = it;
	jb_leave(jb);
	return it;
}

/* Removes the item, which must be in it, from the index by id. */
static void
unindex(struct item *it) REQUIRES(jb_lock)
{
	struct item **p = bucket(it->jb, it->id);

	while (*p != it)
		p = &(*p)->next_by_id;
	*p = it->next_by_id;
}

void
item_unref(struct item *it)
{
	struct jukebox *jb = it->jb;
	bool last;
	char *why, *alias;

	jb_enter(jb);
	last = --it->refs == 0;
	if (last)
		unindex(it);
	why = it->why;
	alias = it->alias;
	jb_leave(jb);
	if (!last)
		return;
	image_put(it->disc.image);
	recording_fini(&it->disc.rec);
	track_view_hide(&it->disc);
	link_free(it->link);
	folder_free(jb, it->folder);
	free(it->warnings);
	free(why);
	free(alias);
	free(it->name);
	free(it);
}

void
item_drop(struct item *it)
{
	element_forget(it);
	import_queue_forget(it);
	jb_changed(it->jb);
}

/* ---- claims ---------------------------------------------------------------------------------- */

enum jb_err
item_claim(struct item *it, const struct timespec *deadline)
{
	while (it->busy)
		if (!jb_wait_until(it->jb, deadline))
			return JB_IN_USE;
	if (it->elem == NULL)
		return JB_NO_ITEM;
	if (it->elem->blocked)
		return JB_UNSETTLED;
	it->busy = true;
	return JB_OK;
}

void
item_unclaim(struct item *it)
{
	it->busy = false;
	jb_changed(it->jb);
}

void
item_await_writers(struct item *it, const struct timespec *deadline)
{
	/* A release comes after close(2) has returned.  A file that was closed counts as closed. */
	while ((it->writers > 0 && it->closing) || (it->writers == 0 && it->busy))
		if (!jb_wait_until(it->jb, deadline))
			return;
}

enum jb_err
item_take(struct jukebox *jb, uint64_t id, struct item **out)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	struct item *it;
	enum jb_err err = JB_NO_ITEM;

	jb_enter(jb);
	it = item_by_id(jb, id);
	if (it != NULL) {
		item_ref(it);
		item_await_writers(it, &deadline);
		err = it->shadowed ? JB_NO_ITEM : item_claim(it, &deadline);
	}
	jb_leave(jb);
	if (err != JB_OK && it != NULL)
		item_unref(it);
	*out = it;
	return err;
}

void
item_let_go(struct item *it)
{
	struct jukebox *jb = it->jb;

	jb_enter(jb);
	item_unclaim(it);
	jb_leave(jb);
	item_unref(it);
}

struct drive *
item_enter_drive(struct item *it)
{
	struct drive *d = it->kind == JB_ITEM_DISC ? it->elem->drive : NULL;

	if (d != NULL)
		strand_enter(&d->strand);
	return d;
}

/* ---- its open image -------------------------------------------------------------------------- */

/* Opens the image; of a link, the file outside the store.  `writable` opens it for writing too,
 * which readers can share.  Returns the errors of link_open or image_open. */
static enum jb_err
open_image(struct item *it, bool writable, struct image **out) EXCLUDES(jb_lock)
{
	char dir[STORE_PATH_MAX];

	if (it->link != NULL)
		return link_open(it, out);
	return image_open(
		it->jb->store, item_path(it, dir), it->disc.image_number, writable, 0, out);
}

enum jb_err
item_open_image(struct item *it, struct image **out)
{
	struct image *image;

	jb_enter(it->jb);
	image = it->disc.image == NULL ? NULL : image_get(it->disc.image);
	jb_leave(it->jb);
	*out = image;
	return image != NULL ? JB_OK : open_image(it, false, out);
}

/* Opens the image for writing too, if something may still be recorded.  A drive may hold a link whose file
 * could not be opened; then this returns that error again, and only the drive tries again
 * (link_read_again). */
enum jb_err
item_pin_image(struct item *it, struct image **out)
{
	struct image *image = NULL, *spare = NULL;
	enum jb_err err = JB_OK;
	bool pinned;

	jb_enter(it->jb);
	if (it->disc.image != NULL)
		image = it->disc.image;
	pinned = it->pins > 0;
	jb_leave(it->jb);
	if (image == NULL && it->link != NULL && pinned && link_error(it) != JB_OK)
		err = link_error(it);
	else if (image == NULL)
		err = open_image(it, it->kind != JB_ITEM_DISC || !it->disc.sealed, &spare);
	if (err != JB_OK && (it->link == NULL || out != NULL))
		return err;
	jb_enter(it->jb);
	if (it->disc.image == NULL) {
		it->disc.image = spare;
		spare = NULL;
	}
	it->pins++;
	if (out != NULL)
		*out = image_get(it->disc.image);
	jb_leave(it->jb);
	image_put(spare);
	return JB_OK;
}

void
item_unpin_image(struct item *it)
{
	struct image *image = NULL;

	jb_enter(it->jb);
	if (--it->pins == 0) {
		image = it->disc.image;
		it->disc.image = NULL;
	}
	jb_leave(it->jb);
	image_put(image);
}

/* ---- what others see ------------------------------------------------------------------------- */

/* Copies how far the insert or the import of the item is to written, total (0: not known) and rate (bytes a
 * second; 0 in the first millisecond) of *out, which must be zero. */
static void
fill_progress(const struct item *it, struct jb_item *out) REQUIRES(jb_lock)
{
	const struct imports *q = &it->jb->imports;
	const struct insert *ins = it->insert;
	uint64_t from = it->closed_ms, ms;

	if (q->of == it) {
		out->written = q->watch.done;
		out->total = q->watch.total;
	} else if (ins != NULL) {
		out->written = ins->written;
		out->total = ins->promised > ins->written ? ins->promised : 0;
	}
	if (ins != NULL)
		from = ins->started_ms;
	ms = clock_ms() - from;
	out->rate = ms == 0 ? 0 : out->written * 1000 / ms;
}

void
item_fill(struct item *it, struct jb_item *out)
{
	memset(out, 0, sizeof(*out));
	out->id = it->id;
	out->kind = it->kind;
	if (it->elem != NULL)
		out->elem = it->elem->at;
	strncpy(out->name, it->name, sizeof(out->name) - 1);
	out->size = it->insert != NULL ? it->insert->size : it->disc.size;
	out->blocks = it->insert != NULL ? it->insert->blocks : it->disc.blocks;
	out->mode = it->mode;
	out->uid = it->uid;
	out->gid = it->gid;
	out->atime = clock_timespec(it->atime_ns);
	out->mtime = clock_timespec(it->mtime_ns);
	out->ctime = clock_timespec(it->ctime_ns);
	out->medium = it->disc.medium;
	out->capacity = it->disc.capacity;
	out->status = (enum disc_status)it->disc.status;
	out->sealed = it->disc.sealed;
	out->sessions = it->disc.sessions;
	out->tracks = it->disc.tracks;
	out->recovered = it->recovered;
	out->origin = (enum jb_origin)it->disc.origin;
	out->truncated = it->truncated;
	if (it->link != NULL) {
		out->link = (enum jb_link)it->link->state;
		out->target_len = strlen(it->link->target);
	}
	out->nwa = it->disc.nwa;
	out->pwp = it->kind == JB_ITEM_DISC && it->disc.pwp;
	out->first_number = it->disc.first_number;
	out->raw = it->kind == JB_ITEM_DISC && it->insert == NULL && it->disc.raw;
	out->packs = out->raw && it->disc.packs;
	out->folder = it->in != NULL ? it->in->id : 0;
	out->importing = it->importing;
	if (it->insert != NULL || it->importing)
		fill_progress(it, out);
	out->idle = item_is_idle(it) && clock_ms() - it->closed_ms >= STAGED_IDLE_MS;
	if (it->folder != NULL) {
		out->size = folder_bytes(it, NULL);
		out->importing = it->folder->joining;
	}
	out->bad = digest_is_valid(&it->disc) && it->disc.digest.verdict == JB_VERDICT_BAD;
}

/* ---- where it is --------------------------------------------------------------------------- */

const char *
item_path(const struct item *it, char *buf)
{
	char where[32];

	if (it->at_incoming || it->elem == NULL)
		return store_incoming_path(it->id, buf);
	return store_join(jb_elem_str(it->elem->at, where), it->name, buf);
}

/* ---- another name -------------------------------------------------------------------------- */

void
item_shadow(struct item *it, struct item *old)
{
	assert(old->busy && it->replaces == NULL);
	old->shadowed = true;
	it->replaces = old;
}

void
item_reveal_replaced(struct item *it)
{
	struct item *old = it->replaces;

	if (old == NULL)
		return;
	old->shadowed = false;
	item_unclaim(old);
	it->replaces = NULL;
}

void
item_swap_name(struct item *it, char **name) REQUIRES(jb_lock)
{
	char *old = it->name;

	it->name = *name;
	*name = old;
}

enum jb_err
item_move(struct item *it, struct element *to, const struct item_paths *p, bool *moved)
{
	struct jukebox *jb = it->jb;
	enum store_at at;
	enum jb_err err = store_move(jb->store, p->from, p->from_dir, p->to, p->to_dir, &at);

	*moved = at == STORE_AT_TO;
	if (err == JB_OK || at == STORE_AT_FROM)
		return err;
	log_err("store", "%s: %s", p->from,
		*moved ? jb_err_text(JB_NOT_DURABLE) : "is not there any more, or cannot be found");
	jb_enter(jb);
	if (*moved) {
		event_error(it, JB_NOT_DURABLE, NULL);
	} else {
		block_element(jb, it->elem);
		block_element(jb, to);
	}
	jb_leave(jb);
	return *moved ? JB_NOT_DURABLE : JB_UNSETTLED;
}

enum jb_err
item_relabel(struct item *it, char **name, const char *initiator)
{
	struct jukebox *jb = it->jb;
	struct drive *d = item_enter_drive(it);
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX], where[32];
	bool moved;
	enum jb_err err;

	if (it->at_incoming) {
		err = description_follow(it, item_path(it, from), *name);
		moved = err == JB_OK;
	} else {
		jb_elem_str(it->elem->at, where);
		item_path(it, from);
		store_join(where, *name, to);
		err = item_move(it, it->elem,
			&(struct item_paths){
				.from = from, .from_dir = where, .to = to, .to_dir = where},
			&moved);
	}
	if (moved) {
		jb_enter(jb);
		item_swap_name(it, name);
		it->ctime_ns = clock_wall_ns();
		if (it->kind == JB_ITEM_DISC)
			event_relabel(it, *name, initiator);
		jb_leave(jb);
	}
	if (d != NULL)
		strand_leave(&d->strand);
	return err;
}

void
item_pause(struct item *it)
{
	if (it->insert != NULL)
		pthread_rwlock_wrlock(&it->insert->io);
}

void
item_resume(struct item *it)
{
	if (it->insert != NULL)
		pthread_rwlock_unlock(&it->insert->io);
}
