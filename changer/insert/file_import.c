/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes a disc of a file that is packed or in a foreign format, in the thread of import.c.
 *
 * The file is closed as any other, and its description has the intent to insert it under its own name.
 * The importer writes the next image.N of the same item.  Then a new description, with that image and
 * the disc's name, commits.  After a crash before that, the next start asks for the import again
 * (insert_place).
 */
#include "changer/insert/file_import.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/log.h"
#include "changer/insert/batch.h"
#include "changer/insert/commit.h"
#include "changer/insert/insert.h"
#include "changer/insert/why.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/recording/recording.h"
#include "changer/store/store.h"

enum { STAGES_MAX = 4 }; /* a packed file may hold another one, as x.nrg.xz does */

/* One file that is imported. */
struct made {
	struct image *image; /* the last one that the importer wrote; NULL: none */
	struct insert_beside beside[JB_BESIDES];
};

/* Has the importer read the only file of the batch, and write the image for the next stage, with the number
 * behind that of the item's.  If the importer has made one, stores it in m, in place of that of the stage
 * before; else deletes it, and b->result says why there is none.  Returns the errors of batch_fill or the
 * store's; then m->image stays. */
static enum jb_err
write_next(struct item *it, struct batch *b, struct made *m) EXCLUDES(jb_lock)
{
	char dir[STORE_PATH_MAX], path[STORE_PATH_MAX], final[STORE_PATH_MAX];
	struct jukebox *jb = it->jb;
	unsigned number = it->disc.image_number + (m->image == NULL ? 1 : 2);
	struct image *image;
	enum jb_err err;

	store_image_path(store_incoming_path(it->id, dir), number, path);
	err = image_open(jb->store, dir, number, true, O_CREAT | O_TRUNC, &image);
	if (err != JB_OK)
		return err;
	err = batch_fill(image, m->beside, b, it);
	if (err == JB_OK && !batch_has_image(&b->result) && b->result.kind != JB_IMPORT_UNPACKED)
		goto none;
	if (err == JB_OK && m->image != NULL)
		err = store_rename(jb->store, path, store_image_path(dir, number - 1, final));
	if (err != JB_OK)
		goto none;
	image_put(m->image);
	m->image = image;
	return JB_OK;
none:
	image_put(image);
	(void)store_unlink(jb->store, path);
	return err;
}

/* Makes the file of that name in the image the only one of the batch, in place of b's file 0.  Returns false,
 * and changes nothing, if memory is missing. */
static bool
set_file(struct batch *b, const char *name, struct image *image)
{
	char *copy = strdup(name);

	if (copy == NULL)
		return false;
	free(b->name[0]);
	b->name[0] = copy;
	b->file[0] = (struct jb_import_file){copy, image->fd, false};
	return true;
}

/* Imports the file in stages, until it is an image.  `name` (JB_NAME_MAX + 1 bytes) becomes that of
 * the disc.  Returns JB_OK if m->image is that of the disc, or if b->result says why there is none;
 * then m->image may be that of a stage before.  Returns an error if the importer failed, or no disc
 * can have the name. */
static enum jb_err
run_stages(struct item *it, struct batch *b, struct made *m, char *name) EXCLUDES(jb_lock)
{
	bool more = true;
	enum jb_err err = JB_OK;

	for (unsigned i = 0; err == JB_OK && more && i < STAGES_MAX; i++) {
		err = write_next(it, b, m);
		more = err == JB_OK && b->result.kind == JB_IMPORT_UNPACKED;
		if (more && snprintf(name, JB_NAME_MAX + 1, "%s", b->result.stem) > JB_NAME_MAX)
			err = JB_NAME_TOO_LONG;
		more = more && name_is_import(name);
		if (err == JB_OK && more && !set_file(b, name, m->image))
			err = JB_NO_MEMORY;
	}
	if (err == JB_OK && batch_has_image(&b->result))
		err = batch_disc_name(&b->result, name);
	else if (err == JB_OK && b->result.kind == JB_IMPORT_UNPACKED)
		err = batch_check_name(name, false);
	return err;
}

/* Makes the image of m that of the item, which gets the name and keeps its old one as alias, deletes the
 * image that was imported, and commits the item as a disc.  Takes the files beside it out of m.  Returns
 * JB_INCOMPLETE, or why it cannot be a disc; then it has its old name and image.  Claim held; this function
 * gives it back if it succeeds, and only then. */
static enum jb_err
become_disc(struct item *it, struct batch *b, struct made *m, const char *name) EXCLUDES(jb_lock)
{
	char dir[STORE_PATH_MAX], path[STORE_PATH_MAX];
	unsigned source = it->disc.image_number;
	char *made = name_make(name);
	struct insert *ins = made == NULL ? NULL : insert_new(it, m->image, source + 1);
	struct recording rec = {0};
	bool incomplete = false;
	enum jb_err err;

	if (ins == NULL) {
		free(made);
		return JB_NO_MEMORY;
	}
	image_get(m->image); /* the insert has the reference of m */
	memcpy(ins->beside, m->beside, sizeof(ins->beside));
	memset(m->beside, 0, sizeof(m->beside));
	jb_enter(it->jb);
	it->insert = ins;
	item_keep_alias(it);
	item_swap_name(it, &made);
	jb_leave(it->jb);
	/* The description that names the image must not be durable before the image's entry. */
	err = store_sync_dir(it->jb->store, store_incoming_path(it->id, dir));
	if (err == JB_OK)
		err = insert_write_down(it, &rec, &incomplete);
	recording_fini(&rec);
	if (err == JB_OK && incomplete)
		err = JB_INCOMPLETE;
	if (err != JB_OK) {
		jb_enter(it->jb);
		item_swap_name(it, &made);
		jb_leave(it->jb);
		insert_end(it);
		free(made);
		return err;
	}
	free(made);
	jb_enter(it->jb);
	it->disc.image_number = source + 1;
	jb_leave(it->jb);
	(void)store_unlink(it->jb->store, store_image_path(dir, source, path));
	batch_commit(NULL, it, &b->result);
	return JB_OK;
}

/* Puts an item that could not be imported into its element as it is (insert_place).  If err is JB_OK and the
 * importer has found no foreign format (JB_IMPORT_NO_SHEET), it becomes a disc, if it can; else it is marked
 * as damaged and becomes an incomplete file, and err or r is kept and reported as the reason (why.h).
 * Deletes the image that an import has left.  Claim held; this function gives it back. */
static void
stay_as_it_is(struct item *it, enum jb_err err, const struct jb_import_result *r) EXCLUDES(jb_lock)
{
	bool plain = err == JB_OK && r->kind == JB_IMPORT_NO_SHEET;
	char dir[STORE_PATH_MAX], path[STORE_PATH_MAX];

	it->damaged = !plain;
	if (err != JB_OK)
		why_set(it, err, "%s", jb_err_text(err));
	else if (!plain)
		why_refuse(it, r);
	err = insert_place(it);
	if (err != JB_OK)
		log_err("store", "%s: %s", it->name, jb_err_text(err));
	/* Until then, a description that become_disc could not take back may name the image. */
	else
		(void)store_unlink(it->jb->store,
			store_image_path(item_path(it, dir), it->disc.image_number + 1, path));
	jb_enter(it->jb);
	/* It stays in incoming/, and its name is in the element. */
	if (err != JB_OK)
		it->kind = JB_ITEM_INCOMPLETE;
	item_unclaim(it);
	jb_leave(it->jb);
	if (!plain)
		why_report(it);
}

void
file_import(struct item *it, struct batch *b)
{
	struct made m = {.image = NULL};
	char name[JB_NAME_MAX + 1];
	enum jb_err err, claimed;

	b->n = 0;
	jb_enter(it->jb);
	err = it->elem != NULL && it->importing && batch_add(b, it) ? JB_OK : JB_NO_ITEM;
	jb_leave(it->jb);
	if (err != JB_OK)
		return;
	snprintf(name, sizeof(name), "%s", b->name[0]);
	err = batch_open(b);
	if (err == JB_OK)
		err = run_stages(it, b, &m, name);
	jb_enter(it->jb);
	claimed = err == JB_STOPPING ? JB_IN_USE : item_claim(it, NULL);
	if (claimed == JB_OK && it->insert != NULL) {
		/* A program writes it, whose release asks again. */
		item_unclaim(it);
		claimed = JB_IN_USE;
	}
	if (claimed == JB_OK) {
		it->imported = true;
		it->importing = false;
	}
	jb_leave(it->jb);
	if (claimed == JB_OK) {
		bool made = err == JB_OK && m.image != NULL &&
			    (batch_has_image(&b->result) || b->result.kind == JB_IMPORT_UNPACKED);

		if (made)
			err = become_disc(it, b, &m, name);
		if (!made || err != JB_OK)
			stay_as_it_is(it, err, &b->result);
	}
	image_put(m.image);
	for (unsigned i = 0; i < JB_BESIDES; i++)
		free(m.beside[i].text);
	batch_end(b);
}
