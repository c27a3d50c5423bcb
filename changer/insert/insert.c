/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * New content of an item, from the first write to the last close. commit.c has what follows.
 *
 * Programs write to incoming/ID/image.1.  If the item is a blank disc in an element, they write to the next
 * image of that disc, image.N+1.  Each close syncs the data and stores a description with an intent to insert
 * it.  The next write withdraws the intent before it changes anything.  A file that was closed with data in
 * it is then kept as an incomplete one; so is a file that was synced before its first close, or that is
 * incomplete when it is closed.  The release of the last writer commits: it renames the directory into its
 * element, or the new description of the blank disc over the old one.  A crash after the close and before the
 * release leaves the intent, which the next start carries out (lifecycle/recover.c and scan.c).
 */
#include <stdlib.h>
#include <string.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/insert/classify.h"
#include "changer/insert/insert.h"
#include "changer/inventory/description.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/store/store.h"

enum { PROGRESS_MS = 1000 };

struct insert *
insert_new(struct item *it, struct image *image, unsigned image_number)
{
	struct insert *ins = calloc(1, sizeof(*ins));
	uint64_t size = 0, blocks = 0;

	if (ins == NULL)
		return NULL;
	pthread_rwlock_init(&ins->io, NULL);
	ins->image = image;
	ins->image_number = image_number;
	(void)image_stat(image, &size, &blocks);
	ins->size = size;
	ins->blocks = blocks;
	ins->started_ms = clock_ms();
	ins->progressed_ms = ins->started_ms;
	ins->progressed = size;
	ins->written = size; /* what is there already counts as data */
	ins->max = insert_limit(it, it->name);
	return ins;
}

void
insert_free(struct insert *ins)
{
	if (ins == NULL)
		return;
	image_put(ins->image);
	for (unsigned i = 0; i < JB_BESIDES; i++)
		free(ins->beside[i].text);
	pthread_rwlock_destroy(&ins->io);
	free(ins);
}

void
insert_end(struct item *disc)
{
	struct insert *ins;

	jb_enter(disc->jb);
	ins = disc->insert;
	disc->insert = NULL;
	jb_leave(disc->jb);
	insert_free(ins);
}

uint64_t
insert_limit(const struct item *it, const char *name)
{
	const struct medium *m = name_medium(name);
	uint32_t capacity;

	if (it->kind == JB_ITEM_DISC)
		m = it->disc.rec.medium;
	if (m == NULL)
		m = medium_by_profile(PROFILE_BD_ROM);
	capacity = it->kind == JB_ITEM_DISC ? it->disc.rec.capacity : medium_largest(m);
	/* Whether the file has raw sectors is known when it is closed. */
	return (uint64_t)capacity * (m->family == MEDIUM_CD ? CD_RAW_SIZE : SECTOR_SIZE);
}

/* ---- the intent ------------------------------------------------------------------------------ */

void
insert_describe(struct item *it, const struct recording *rec, bool incomplete,
	struct description *d) EXCLUDES(jb_lock)
{
	jb_enter(it->jb);
	description_of(it, d);
	d->rec = rec;
	d->incomplete = incomplete;
	d->truncated = false;
	d->origin = description_origin_of(rec);
	if (it->insert != NULL)
		d->image = it->insert->image_number;
	d->has_intent = it->elem != NULL;
	if (it->elem != NULL) {
		d->intent.elem = it->elem->at;
		strncpy(d->intent.name, it->name, sizeof(d->intent.name) - 1);
		d->intent.replaces = it->replaces != NULL ? it->replaces->id : 0;
		d->intent.folder = it->in != NULL ? it->in->id : it->folder != NULL ? it->id : 0;
	}
	jb_leave(it->jb);
}

/* Stores the description with the intent, durably, where the next start looks for it: in DISC_FILE, or for a
 * blank disc that is written over in PENDING_FILE, beside its present description.  In incoming/, sets
 * insert->listed: true if the directory's name is durable too, false after an error.  Returns the store's
 * error.  The write side of io is held, or no writer is left. */
static enum jb_err
store_new(struct item *it, const struct description *d)
{
	char dir[STORE_PATH_MAX];
	enum jb_err err;

	item_path(it, dir);
	if (!it->insert->over) {
		err = description_store(it->jb, dir, d);
		if (err == JB_OK && !it->insert->listed)
			err = store_sync_dir(it->jb->store, INCOMING_DIR);
		it->insert->listed = err == JB_OK;
		return err;
	}
	err = description_prepare(it->jb, dir, d);
	return err == JB_OK ? store_sync_dir(it->jb->store, dir) : err;
}

/* Returns true if the file can be kept as an incomplete one: it is new, in an element, no staged file or
 * part, replaces nothing, and was not made by an import, whose source is kept instead. */
static bool
can_keep(const struct item *it)
{
	return it->elem != NULL && it->kind != JB_ITEM_STAGED && it->in == NULL &&
	       it->replaces == NULL && !it->imported && (it->insert == NULL || !it->insert->over);
}

/* Fills *d with the description by which the next start keeps the file as an incomplete one.  Makes *rec a
 * blank recording, which *d borrows and the caller frees. */
static void
describe_kept(struct item *it, struct recording *rec, struct description *d)
{
	/* A description must have a recording.  That of an incomplete file means nothing. */
	recording_init_blank(rec, medium_by_profile(PROFILE_DVD_PLUS_R), 0);
	insert_describe(it, rec, true, d);
}

/* Stores the description of an incomplete file, and sets insert->kept: after a crash the next start keeps the
 * file as one, with what is durable of it.  Does nothing, and returns JB_OK, if `kept` is set already or
 * can_keep is false.  Returns the store's error.  The write side of io is held, or no writer is left. */
static enum jb_err
keep_incomplete(struct item *it)
{
	struct description d;
	struct recording rec;
	enum jb_err err;

	if (!can_keep(it) || it->insert->kept)
		return JB_OK;
	describe_kept(it, &rec, &d);
	err = store_new(it, &d);
	it->insert->kept = err == JB_OK;
	recording_fini(&rec);
	return err;
}

enum jb_err
insert_store_kept(struct item *it)
{
	char dir[STORE_PATH_MAX];
	struct description d;
	struct recording rec;
	enum jb_err err;

	describe_kept(it, &rec, &d);
	err = description_store(it->jb, item_path(it, dir), &d);
	recording_fini(&rec);
	return err;
}

/* Returns true if the file's description in the store says that it is incomplete, or if it has none, because
 * nothing was promised.  Returns false for a description of a disc, and if it cannot be read. */
static bool
is_described_so(struct item *it)
{
	char dir[STORE_PATH_MAX];
	struct description d;
	enum jb_err err = description_load(it->jb, item_path(it, dir), DISC_FILE, &d);
	bool so = err == JB_NO_ITEM || (err == JB_OK && d.incomplete);

	if (err == JB_OK)
		description_fini(&d);
	return so;
}

enum jb_err
insert_stay_incomplete(struct item *it)
{
	enum jb_err err = insert_store_kept(it);

	return err == JB_OK || is_described_so(it) ? JB_OK : err;
}

enum jb_err
insert_fsync(struct item *it)
{
	struct insert *ins = it->insert;
	enum jb_err err = image_sync(ins->image);

	if (err != JB_OK)
		return err;
	pthread_rwlock_wrlock(&ins->io);
	if (!ins->intent)
		err = keep_incomplete(it);
	pthread_rwlock_unlock(&ins->io);
	return err;
}

enum jb_err
insert_drop_description(struct item *it, const char *file)
{
	char dir[STORE_PATH_MAX], path[STORE_PATH_MAX];
	enum jb_err err = store_unlink(it->jb->store, store_join(item_path(it, dir), file, path));

	return err == JB_OK ? store_sync_dir(it->jb->store, dir) : err;
}

/* Takes back, durably, the description that store_new stored with the intent: deletes it; or, if a close has
 * promised that the file stays (must_stay), describes it as incomplete.  Returns the store's error.  Leaves
 * insert->intent to the caller.  The write side of io is held. */
static enum jb_err
withdraw_intent(struct item *it)
{
	if (it->insert->must_stay && can_keep(it))
		return keep_incomplete(it);
	return insert_drop_description(it, it->insert->over ? PENDING_FILE : DISC_FILE);
}

/* Stores the description of a part of a folder (folder.h), so that the part is there after a crash.
 * Clears attrs_changed, and sets insert->intent: true on JB_OK, else false.  Returns the store's error.  The
 * write side of io is held, or no writer is left. */
static enum jb_err
keep_part(struct item *it)
{
	struct insert *ins = it->insert;
	struct description d;
	struct recording rec;
	enum jb_err err;

	/* A description must have a recording.  That of a part means nothing. */
	recording_init_blank(&rec, medium_by_profile(PROFILE_DVD_PLUS_R), 0);
	insert_describe(it, &rec, false, &d);
	d.intent.size = ins->size;
	ins->attrs_changed = false;
	err = store_new(it, &d);
	ins->intent = err == JB_OK;
	recording_fini(&rec);
	return err;
}

enum jb_err
insert_write_down(struct item *it, struct recording *rec, bool *incomplete)
{
	struct insert *ins = it->insert;
	struct description d;
	uint64_t size, blocks;
	enum jb_err err = image_sync(ins->image), class_err;

	/* The kernel reports lost data only once, and the data does not come back: remember it. */
	if (err != JB_OK && ins->lost == JB_OK)
		ins->lost = err;
	if (ins->lost != JB_OK)
		it->damaged = true;
	if (err == JB_OK)
		err = image_stat(ins->image, &size, &blocks);
	if (err != JB_OK)
		return err;
	ins->size = size;
	ins->blocks = blocks;
	ins->dirty = false;
	if (it->in != NULL && !it->damaged)
		return keep_part(it);
	if (it->kind == JB_ITEM_STAGED || it->elem == NULL)
		return JB_OK;
	class_err = classify_image(it, ins->image, size, rec, incomplete);
	if (*incomplete) {
		err = keep_incomplete(it);
		/* A failed write was reported already. */
		return class_err != JB_OK || it->damaged ? class_err : err;
	}
	/* A blank disc that was opened and closed without a write gets no new description. */
	if (ins->over && size == 0)
		return class_err;
	insert_describe(it, rec, false, &d);
	d.intent.size = size;
	ins->attrs_changed = false;
	ins->kept = false;
	err = store_new(it, &d);
	ins->intent = err == JB_OK;
	/* Shells and dd close an empty file before they write: that promises nothing. */
	ins->must_stay = ins->intent && size > 0;
	return err;
}

enum jb_err
insert_flush(struct item *it)
{
	struct insert *ins = it->insert;
	struct recording rec = {0};
	bool incomplete = false;
	enum jb_err err = JB_OK;

	pthread_rwlock_wrlock(&ins->io);
	if (!ins->intent || ins->dirty || ins->attrs_changed)
		err = insert_write_down(it, &rec, &incomplete);
	/* Programs that close twice, such as touch and shells, use the last result.  So each close
	 * reports lost data again, while a description that could not be stored is tried again. */
	if (err == JB_OK)
		err = ins->lost;
	ins->flushed = err;
	pthread_rwlock_unlock(&ins->io);
	recording_fini(&rec);
	return err;
}

/* Withdraws the intent, if there is one, and clears insert->intent.  Of a removed file, only clears it.
 * Returns the store's error; then the intent stays.  Takes the write side of io, so the caller must not hold
 * io. */
static enum jb_err
open_for_change(struct item *it)
{
	struct insert *ins = it->insert;
	enum jb_err err = JB_OK;

	pthread_rwlock_wrlock(&ins->io);
	/* The directory of a removed file is trash, so its intent is not carried out. */
	if (ins->intent && it->elem != NULL)
		err = withdraw_intent(it);
	if (err == JB_OK)
		ins->intent = false;
	pthread_rwlock_unlock(&ins->io);
	return err;
}

/* Returns true if the item may become `end` bytes large: its medium holds them (insert->max), and if a part
 * of a folder grows, also the bytes of all other parts with them. */
static bool
has_room(struct item *it, uint64_t end) EXCLUDES(jb_lock)
{
	const struct insert *ins = it->insert;
	uint64_t others = 0;

	if (end > ins->size) {
		jb_enter(it->jb);
		if (it->in != NULL)
			others = folder_bytes(it->in, it);
		jb_leave(it->jb);
	}
	return end <= ins->max && others <= ins->max - end;
}

enum jb_err
insert_begin_write(struct item *it, uint64_t end)
{
	struct insert *ins = it->insert;
	enum jb_err err = JB_OK;

	if (!has_room(it, end)) {
		it->damaged = true;
		return JB_TOO_LARGE;
	}
	pthread_rwlock_rdlock(&ins->io);
	while (ins->intent && err == JB_OK) {
		pthread_rwlock_unlock(&ins->io);
		err = open_for_change(it);
		pthread_rwlock_rdlock(&ins->io);
	}
	if (err != JB_OK) {
		pthread_rwlock_unlock(&ins->io);
		return err;
	}
	ins->touched = true;
	ins->dirty = true;
	it->closing = false;
	return JB_OK;
}

/* Raises *value to `to` if it is less.  Other threads may do the same at the same time. */
static void
raise_size(_Atomic uint64_t *value, uint64_t to)
{
	uint64_t old = *value;

	while (old < to && !atomic_compare_exchange_weak(value, &old, to))
		;
}

void
insert_wrote(struct insert *ins, uint64_t end)
{
	raise_size(&ins->written, end);
	ins->awaited = ins->promised != 0;
}

void
insert_set_size(struct insert *ins, uint64_t size, bool ahead)
{
	if (size == ins->size)
		return;
	if (size < ins->written)
		ins->written = size;
	ins->promised = size > ins->written ? size : 0;
	ins->awaited = ahead && ins->promised != 0;
}

/* Raises the event `insert-progress`, at most once in PROGRESS_MS, if more was written since the last one and
 * the item is in an element; else does nothing.  Either side of io is held, which keeps the item still. */
static void
report_progress(struct item *it)
{
	struct insert *ins = it->insert;
	uint64_t last = ins->progressed_ms, now = clock_ms(), written = ins->written;

	if (now - last < PROGRESS_MS || written == ins->progressed || it->elem == NULL ||
		!atomic_compare_exchange_strong(&ins->progressed_ms, &last, now))
		return;
	ins->progressed = written;
	event_progress(it, written, ins->promised > written ? ins->promised : 0);
}

void
insert_end_write(struct item *it, uint64_t end, bool failed)
{
	struct insert *ins = it->insert;
	uint64_t from = ins->kick_at, blocks;

	if (failed)
		it->damaged = true;
	else
		raise_size(&ins->size, end);
	report_progress(it);
	pthread_rwlock_unlock(&ins->io);
	it->mtime_ns = it->ctime_ns = clock_wall_ns();
	if (end >= from + WRITEBACK_STEP &&
		atomic_compare_exchange_strong(&ins->kick_at, &from, end)) {
		image_kick(ins->image, from, end - from);
		if (image_stat(ins->image, NULL, &blocks) == JB_OK)
			ins->blocks = blocks;
	}
}
