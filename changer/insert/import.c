/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The thread that makes discs of folders.
 *
 * It looks at a folder each time that the folder has changed and no program has a file of it open.  When the
 * importer says that a sheet and all that it names are there, the thread makes a new item, the disc, in the same
 * element, and has the importer join the parts into its image.  Then the disc is committed as any other insert.
 *
 * While the importer runs, the thread holds neither lock nor claim: the disc can be looked at, and removed, which
 * ends the import.  The parts that the disc is made of do not change meanwhile (item.used).
 *
 * In the store, the folder notes first which disc it becomes (folder_mark); then the disc's description commits;
 * then the parts go.  So a crash leaves the folder, or the disc, or both with that note.
 */
#include "changer/insert/import.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/insert/commit.h"
#include "changer/insert/folder.h"
#include "changer/insert/insert.h"
#include "changer/insert/remove.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/recording/recording.h"
#include "changer/store/store.h"

enum {
	BESIDE_MAX = 1 << 20, /* bytes of a sheet or of packs that the importer may write */
	RETRY_MS = 10,	      /* the wait for a folder that is claimed */
	WAIT_MAX_MS = 60000,
};

/* The parts of a folder, or one file, that the importer reads. */
struct batch {
	size_t n;
	struct item *part[JB_PARTS_MAX]; /* references */
	struct image *image[JB_PARTS_MAX];
	char *name[JB_PARTS_MAX]; /* copies: a part may get another name at any time */
	struct jb_import_file file[JB_PARTS_MAX];
	struct jb_import_result result;
};

#define REST "a disc was made, and no sheet names what is left"

/* ---- why an item is no disc ------------------------------------------------------------------ */

/* Keeps for users why the item is no disc: the error, and a sentence about this item, or what its error
 * says. */
static void set_why(struct item *it, enum jb_err err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static void
set_why(struct item *it, enum jb_err err, const char *fmt, ...)
{
	char text[JB_IMPORT_TEXT];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	jb_enter(it->jb);
	free(it->why);
	it->why = err == JB_OK ? NULL : strdup(text);
	it->why_err = err;
	jb_leave(it->jb);
}

/* Tells the log, the event `error` and the function of jb_set_import why the item is no disc.  No lock. */
static void
report_why(struct item *it) EXCLUDES(jb_lock)
{
	struct imports *q = &it->jb->imports;
	char text[JB_NAME_MAX + JB_IMPORT_TEXT + 64], where[32];
	jb_import_told *told;
	void *arg;
	enum jb_err err;

	jb_enter(it->jb);
	err = it->why_err;
	snprintf(text, sizeof(text), "insert %s/%s (%s)",
		it->elem == NULL ? "" : jb_elem_str(it->elem->at, where), it->name,
		it->why != NULL ? it->why : jb_err_text(err));
	told = q->told;
	arg = q->arg;
	q->users += told != NULL;
	event_error(it, err, NULL);
	jb_leave(it->jb);
	log_warn("store", "cannot %s: %s", text, jb_err_text(err));
	if (told == NULL)
		return;
	told(arg, err, text);
	jb_enter(it->jb);
	q->users--;
	jb_changed(it->jb);
	jb_leave(it->jb);
}

/* Returns true if a program is writing a file of the folder. */
static bool
is_being_filled(const struct folder *f) REQUIRES(jb_lock)
{
	for (unsigned i = 0; i < JB_PARTS_MAX; i++)
		if (f->part[i] != NULL && f->part[i]->insert != NULL)
			return true;
	return false;
}

/* Reports each folder that has not changed for FOLDER_QUIET_MS and is no disc, once.  *next becomes the time when
 * that is so for another one, if that is earlier. */
static void
report_quiet(struct jukebox *jb, uint64_t *next) EXCLUDES(jb_lock)
{
	struct item *found;

	do {
		struct folder *f;

		found = NULL;
		jb_enter(jb);
		LIST_FOREACH(f, &jb->imports.folders, link)
		{
			uint64_t end = f->changed_ms + FOLDER_QUIET_MS;

			if (f->item->elem == NULL || f->item->why == NULL || f->reported ||
				is_being_filled(f))
				continue;
			if (end > clock_ms()) {
				*next = end < *next ? end : *next;
			} else if (found == NULL) {
				found = f->item;
				f->reported = true;
				item_ref(found);
			}
		}
		jb_leave(jb);
		if (found != NULL) {
			report_why(found);
			item_unref(found);
		}
	} while (found != NULL);
}

/* ---- the importer ---------------------------------------------------------------------------- */

/* Calls the importer for the item `of`.  out NULL: it only looks.  Returns JB_STOPPING if there is none. */
static enum jb_err
run_importer(struct item *of, struct batch *b, const struct jb_import_out *out) EXCLUDES(jb_lock)
{
	struct imports *q = &of->jb->imports;
	jb_import *import;
	void *arg;
	enum jb_err err;

	memset(&b->result, 0, sizeof(b->result));
	jb_enter(of->jb);
	import = q->stopping ? NULL : q->import;
	arg = q->arg;
	if (import != NULL) {
		q->users++;
		q->of = of;
		q->watch.done = q->watch.total = 0;
		q->watch.stop = false;
	}
	jb_leave(of->jb);
	if (import == NULL)
		return JB_STOPPING;
	err = import(arg, b->file, b->n, out, &q->watch, &b->result);
	jb_enter(of->jb);
	q->users--;
	q->of = NULL;
	jb_changed(of->jb);
	jb_leave(of->jb);
	return err;
}

/* Adds the part to the batch.  Returns false if memory is missing. */
static bool
add_part(struct batch *b, struct item *part) REQUIRES(jb_lock)
{
	b->name[b->n] = strdup(part->name);
	if (b->name[b->n] == NULL)
		return false;
	item_ref(part);
	b->part[b->n] = part;
	b->image[b->n] = NULL;
	b->n++;
	return true;
}

/* Puts all parts of the folder that are whole into the batch.  Returns false if the folder is not there any
 * more, or a program has a file of it open, whose close asks again. */
static bool
gather(struct item *folder, struct batch *b) EXCLUDES(jb_lock)
{
	bool quiet;

	b->n = 0;
	jb_enter(folder->jb);
	quiet = folder->elem != NULL;
	for (unsigned i = 0; quiet && i < JB_PARTS_MAX; i++) {
		struct item *part = folder->folder->part[i];

		if (part == NULL || part->ghost)
			continue;
		quiet = part->insert == NULL && !part->busy;
		if (quiet && !part->damaged)
			quiet = add_part(b, part);
	}
	jb_leave(folder->jb);
	return quiet;
}

/* Opens the parts for the importer. */
static enum jb_err
open_parts(struct batch *b) EXCLUDES(jb_lock)
{
	enum jb_err err = JB_OK;

	for (size_t i = 0; i < b->n && err == JB_OK; i++) {
		err = item_open_image(b->part[i], &b->image[i]);
		if (err == JB_OK)
			b->file[i] = (struct jb_import_file){b->name[i], b->image[i]->fd, false};
		else
			b->image[i] = NULL;
	}
	return err;
}

static void
end_batch(struct batch *b) EXCLUDES(jb_lock)
{
	for (size_t i = 0; i < b->n; i++) {
		image_put(b->image[i]);
		item_unref(b->part[i]);
		free(b->name[i]);
	}
	b->n = 0;
}

/* Keeps the sentence about files of which no disc is made, which is no error. */
static void
note_rest(struct item *folder, const char *text)
{
	set_why(folder, JB_PARTS_NO_SHEET, "%s", text);
	jb_enter(folder->jb);
	folder->folder->reported = true;
	jb_leave(folder->jb);
}

/* Tells what the importer has said that is no success. */
static void
refuse(struct item *it, const struct jb_import_result *r)
{
	bool made;

	jb_enter(it->jb);
	made = it->folder != NULL && it->folder->disc != 0;
	jb_leave(it->jb);
	switch (r->kind) {
	case JB_IMPORT_NO_SHEET:
		if (made)
			note_rest(it, REST);
		else
			set_why(it, JB_PARTS_NO_SHEET, "no sheet is in it");
		break;
	case JB_IMPORT_MISSING:
		set_why(it, JB_PARTS_MISSING, "%s is missing", r->detail);
		break;
	default:
		set_why(it, r->err != JB_OK ? r->err : JB_INCOMPLETE, "%s", r->detail);
		break;
	}
}

/* ---- the disc ------------------------------------------------------------------------------- */

/* Stores the name of the disc in buf (JB_NAME_MAX + 1 bytes).  Returns an error if no disc can have it. */
static enum jb_err
disc_name(const struct jb_import_result *r, char *buf)
{
	bool raw = r->kind == JB_IMPORT_BIN;
	enum jb_err err;

	if (snprintf(buf, JB_NAME_MAX + 1, "%s%s", r->stem, raw ? ".bin" : ".iso") > JB_NAME_MAX)
		return JB_NAME_TOO_LONG;
	err = name_check(buf);
	if (err == JB_OK && jb_name_is_staging(buf))
		err = JB_NOT_STAGING;
	return err == JB_OK ? name_fits(buf, raw) : err;
}

/* Returns true if all parts of the batch are in the folder as they were when it was gathered. */
static bool
is_unchanged(const struct item *folder, const struct batch *b) REQUIRES(jb_lock)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->part[i]->in != folder || b->part[i]->insert != NULL || b->part[i]->busy ||
			strcmp(b->part[i]->name, b->name[i]) != 0)
			return false;
	return folder->elem != NULL;
}

/* Marks the parts that the importer uses, or ends that. */
static void
use_parts(struct item *folder, struct batch *b, bool on) REQUIRES(jb_lock)
{
	for (size_t i = 0; i < b->n; i++)
		b->part[i]->used = on ? b->file[i].used : b->part[i]->ghost;
	folder->folder->joining = on;
	jb_changed(folder->jb);
}

/* Puts the new disc into the folder's element, and makes its file.  Returns JB_IN_USE if the folder has changed;
 * else why the element does not take a disc, or an error of the store. */
static enum jb_err
begin_disc(struct item *folder, struct batch *b, struct item *disc) EXCLUDES(jb_lock)
{
	struct jukebox *jb = folder->jb;
	struct element *el;
	enum jb_err err = JB_OK;

	jb_enter(jb);
	el = folder->elem;
	if (!is_unchanged(folder, b))
		err = JB_IN_USE;
	else if (el->gone || el->reserved || el->occupant != NULL)
		err = el->occupant != NULL ? JB_ELEMENT_FULL : JB_ELEMENT_RESERVED;
	else
		err = element_admits_hand(jb, el);
	if (err == JB_OK) {
		element_put(el, &el->occupant, disc, JB_ITEM_INCOMING);
		disc->importing = true;
		disc->mode = folder->mode & 0666;
		disc->uid = folder->uid;
		disc->gid = folder->gid;
		for (size_t i = 0; i < b->n; i++)
			if (b->file[i].used && (i == 0 || b->part[i]->mtime_ns > disc->mtime_ns))
				disc->mtime_ns = b->part[i]->mtime_ns;
		use_parts(folder, b, true);
	}
	jb_leave(jb);
	if (err != JB_OK)
		return err;
	err = insert_make_file(disc);
	if (err != JB_OK) {
		jb_enter(jb);
		use_parts(folder, b, false);
		jb_leave(jb);
	}
	return err;
}

/* Reads what the importer wrote beside the image; *file becomes its text, or stays NULL if there is none. */
static enum jb_err
read_beside(int fd, struct insert_beside *file)
{
	struct stat st;
	char *text;

	if (fstat(fd, &st) != 0 || st.st_size == 0)
		return JB_OK;
	if (st.st_size > BESIDE_MAX)
		return JB_SHEET_SYNTAX;
	text = malloc((size_t)st.st_size + 1);
	if (text == NULL)
		return JB_NO_MEMORY;
	if (pread(fd, text, (size_t)st.st_size, 0) != st.st_size) {
		free(text);
		return JB_STORE_READ;
	}
	text[st.st_size] = '\0';
	file->text = text;
	file->size = (size_t)st.st_size;
	return JB_OK;
}

/* Has the importer write the image of the disc.  Its sheet and packs become those by which the disc is
 * classified. */
static enum jb_err
fill_disc(struct item *disc, struct batch *b, struct item *of) EXCLUDES(jb_lock)
{
	struct jb_import_out out = {
		.image = disc->insert->image->fd,
		.sheet = memfd_create("sheet", MFD_CLOEXEC),
		.packs = memfd_create("packs", MFD_CLOEXEC),
	};
	enum jb_err err = out.sheet < 0 || out.packs < 0 ? JB_NO_MEMORY : JB_OK;

	if (err == JB_OK)
		err = run_importer(of, b, &out);
	if (err == JB_OK && b->result.kind == JB_IMPORT_BIN)
		err = read_beside(out.sheet, &disc->insert->beside[JB_SHEET]);
	if (err == JB_OK && b->result.kind == JB_IMPORT_BIN && b->result.has_packs)
		err = read_beside(out.packs, &disc->insert->beside[JB_PACKS]);
	if (out.sheet >= 0)
		close(out.sheet);
	if (out.packs >= 0)
		close(out.packs);
	return err;
}

/* Returns true if the importer has made an image. */
static bool
has_image(const struct jb_import_result *r)
{
	return r->kind == JB_IMPORT_ISO || r->kind == JB_IMPORT_BIN;
}

/* Makes the disc's data and description durable, and the folder's note of it before.  Returns JB_INCOMPLETE or why
 * no disc can have the image, or an error of the store.  Claim of the disc held. */
static enum jb_err
write_down(struct item *folder, struct item *disc) EXCLUDES(jb_lock)
{
	struct recording rec = {0};
	bool incomplete = false;
	enum jb_err err = folder_mark(folder, disc->id);

	if (err == JB_OK)
		err = insert_write_down(disc, &rec, &incomplete);
	recording_fini(&rec);
	return err == JB_OK && incomplete ? JB_INCOMPLETE : err;
}

/* Commits the disc, and removes what it was made of.  Claim of the disc held; this function gives it back. */
static void
commit_disc(struct item *folder, struct item *disc, const struct jb_import_result *r)
	EXCLUDES(jb_lock)
{
	disc->made_of = folder;
	insert_commit(disc);
	disc->made_of = NULL;
	jb_enter(disc->jb);
	for (unsigned i = 0; disc->kind == JB_ITEM_DISC && i < r->nwarnings; i++) {
		log_warn("store", "%s: %s", disc->name, r->warnings[i]);
		event_warning(disc, r->warnings[i]);
	}
	jb_leave(disc->jb);
}

/* Ends the insert of a disc that a user has removed, or that is claimed. */
static void
end_insert(struct item *disc) EXCLUDES(jb_lock)
{
	struct insert *ins;

	jb_enter(disc->jb);
	ins = disc->insert;
	disc->insert = NULL;
	jb_leave(disc->jb);
	insert_free(ins);
}

/* Takes a disc that could not be made out of its element and out of the store.  Claim held. */
static void
drop_disc(struct item *disc) EXCLUDES(jb_lock)
{
	jb_enter(disc->jb);
	item_drop(disc);
	jb_leave(disc->jb);
	end_insert(disc);
	jb_enter(disc->jb);
	item_unclaim(disc);
	jb_leave(disc->jb);
	remove_incoming(disc->jb, disc->id);
	item_unref(disc);
}

/* Joins the folder's parts into the new disc, of which the caller has a reference.  Returns why that could not be
 * done, or JB_OK if b->result says what came of it. */
static enum jb_err
join(struct item *folder, struct batch *b, struct item *disc) EXCLUDES(jb_lock)
{
	struct jukebox *jb = folder->jb;
	enum jb_err err = begin_disc(folder, b, disc), claimed;

	if (err != JB_OK) {
		item_unref(disc); /* the reference of the inventory, where it is not */
		return err;
	}
	err = fill_disc(disc, b, disc);
	jb_enter(jb);
	claimed = item_claim(disc, NULL);
	disc->importing = false;
	jb_leave(jb);
	/* A user has removed the disc; its item is out of the inventory. */
	if (claimed != JB_OK) {
		end_insert(disc);
		err = JB_NO_ITEM;
	}
	if (err == JB_OK && has_image(&b->result))
		err = write_down(folder, disc);
	if (claimed == JB_OK && err == JB_OK && has_image(&b->result))
		commit_disc(folder, disc, &b->result);
	else if (claimed == JB_OK)
		drop_disc(disc);
	jb_enter(jb);
	use_parts(folder, b, false);
	jb_leave(jb);
	return err;
}

/* Makes a disc of the folder, which the importer has said it can. */
static void
make_disc(struct item *folder, struct batch *b) EXCLUDES(jb_lock)
{
	char name[JB_NAME_MAX + 1];
	enum jb_err err = disc_name(&b->result, name);
	struct item *disc = err == JB_OK ? item_new(folder->jb, 0, name) : NULL;

	if (err == JB_OK && disc == NULL)
		err = JB_NO_MEMORY;
	if (disc != NULL) {
		jb_enter(folder->jb);
		item_ref(disc);
		jb_leave(folder->jb);
		err = join(folder, b, disc);

		item_unref(disc);
	}
	if (err == JB_OK && has_image(&b->result) && folder->ghost)
		set_why(folder, JB_OK, "%s", "");
	else if (err == JB_OK && has_image(&b->result))
		note_rest(folder, REST);
	else if (err == JB_OK)
		refuse(folder, &b->result);
	else if (err == JB_NO_ITEM)
		set_why(folder, JB_BEING_INSERTED, "its disc was removed");
	else if (err != JB_STOPPING && err != JB_IN_USE)
		set_why(folder, err, "%s", jb_err_text(err));
}

/* Looks at a folder, and makes a disc of it if all is there. */
static void
import_folder(struct item *folder, struct batch *b) EXCLUDES(jb_lock)
{
	enum jb_err err;

	if (!gather(folder, b)) {
		end_batch(b);
		return;
	}
	if (b->n == 0) {
		note_rest(folder, "no whole file is in it");
		return;
	}
	err = open_parts(b);
	if (err == JB_OK)
		err = run_importer(folder, b, NULL);
	if (err == JB_OK && has_image(&b->result))
		make_disc(folder, b);
	else if (err == JB_OK)
		refuse(folder, &b->result);
	else if (err != JB_STOPPING)
		set_why(folder, err, "%s", jb_err_text(err));
	end_batch(b);
}

/* ---- the thread ------------------------------------------------------------------------------ */

/* Takes the next item out of the queue, with the queue's reference.  Waits for one until the time `next` of clock.h.
 * Returns NULL then, or if the thread must end. */
static struct item *
next_item(struct jukebox *jb, uint64_t next) EXCLUDES(jb_lock)
{
	struct imports *q = &jb->imports;
	uint64_t now = clock_ms();
	uint64_t ms = next <= now ? RETRY_MS : next - now < WAIT_MAX_MS ? next - now : WAIT_MAX_MS;
	struct timespec end = jb_deadline((unsigned)ms);
	struct item *it = NULL;
	bool more = true;

	jb_enter(jb);
	while (!q->stopping && more && (TAILQ_EMPTY(&q->queue) || q->import == NULL))
		more = jb_wait_until(jb, next == UINT64_MAX ? NULL : &end);
	if (!q->stopping && q->import != NULL)
		it = TAILQ_FIRST(&q->queue);
	if (it != NULL) {
		TAILQ_REMOVE(&q->queue, it, import_link);
		it->import_asked = false;
	}
	jb_leave(jb);
	return it;
}

static void *
serve(void *arg)
{
	struct jukebox *jb = arg;
	struct batch *b = calloc(1, sizeof(*b));
	bool stopping = b == NULL;

	while (!stopping) {
		uint64_t next = UINT64_MAX;
		struct item *it;

		folder_sweep(jb, &next);
		report_quiet(jb, &next);
		it = next_item(jb, next);
		if (it != NULL && it->folder != NULL)
			import_folder(it, b);
		if (it != NULL)
			item_unref(it);
		jb_enter(jb);
		stopping = jb->imports.stopping;
		jb_leave(jb);
	}
	free(b);
	return NULL;
}

void
import_init(struct jukebox *jb)
{
	jb->imports.serve = serve;
	jb_enter(jb);
	TAILQ_INIT(&jb->imports.queue);
	LIST_INIT(&jb->imports.folders);
	jb_leave(jb);
}

void
import_fini(struct jukebox *jb)
{
	struct imports *q = &jb->imports;
	struct item *it;
	bool started;

	jb_enter(jb);
	q->stopping = true;
	q->watch.stop = true;
	started = q->started;
	jb_changed(jb);
	jb_leave(jb);
	if (started)
		pthread_join(q->thread, NULL);
	do {
		jb_enter(jb);
		it = TAILQ_FIRST(&q->queue);
		if (it != NULL)
			TAILQ_REMOVE(&q->queue, it, import_link);
		jb_leave(jb);
		if (it != NULL)
			item_unref(it);
	} while (it != NULL);
}

void
jb_set_import(struct jukebox *jb, jb_import *import, jb_import_told *told, void *arg)
{
	struct imports *q = &jb->imports;
	struct folder *f;

	jb_enter(jb);
	q->import = NULL;
	q->told = NULL;
	q->watch.stop = true;
	while (q->users > 0)
		(void)jb_wait_until(jb, NULL);
	q->import = import;
	q->told = told;
	q->arg = arg;
	if (import != NULL)
		LIST_FOREACH(f, &q->folders, link)
	import_queue_changed(f->item);
	jb_changed(jb);
	jb_leave(jb);
}
