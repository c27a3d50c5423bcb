/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/insert/batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "changer/insert/commit.h"
#include "changer/insert/insert.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"

enum { BESIDE_MAX = 1 << 20 }; /* bytes of a sheet or of packs that the importer may write */

enum jb_err
batch_run(struct item *of, struct batch *b, const struct jb_import_out *out)
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

bool
batch_add(struct batch *b, struct item *part)
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

enum jb_err
batch_open(struct batch *b)
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

void
batch_end(struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		image_put(b->image[i]);
		item_unref(b->part[i]);
		free(b->name[i]);
	}
	b->n = 0;
}

/* Reads what the importer wrote beside the image to *file, with a NUL behind it; the caller frees
 * file->text.  Leaves *file if there is nothing, or after an error: JB_SHEET_SYNTAX if it has more
 * than BESIDE_MAX bytes, JB_STORE_READ, JB_NO_MEMORY. */
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

enum jb_err
batch_fill(struct image *image, struct insert_beside beside[JB_BESIDES], struct batch *b,
	struct item *of) EXCLUDES(jb_lock)
{
	struct jb_import_out out = {
		.image = image->fd,
		.sheet = memfd_create("sheet", MFD_CLOEXEC),
		.packs = memfd_create("packs", MFD_CLOEXEC),
	};
	enum jb_err err = out.sheet < 0 || out.packs < 0 ? JB_NO_MEMORY : JB_OK;

	if (err == JB_OK)
		err = batch_run(of, b, &out);
	if (err == JB_OK && b->result.kind == JB_IMPORT_BIN)
		err = read_beside(out.sheet, &beside[JB_SHEET]);
	if (err == JB_OK && b->result.kind == JB_IMPORT_BIN && b->result.has_packs)
		err = read_beside(out.packs, &beside[JB_PACKS]);
	if (out.sheet >= 0)
		close(out.sheet);
	if (out.packs >= 0)
		close(out.packs);
	return err;
}

bool
batch_has_image(const struct jb_import_result *r)
{
	return r->kind == JB_IMPORT_ISO || r->kind == JB_IMPORT_BIN;
}

enum jb_err
batch_check_name(const char *name, bool raw)
{
	enum jb_err err = name_check(name);

	if (err == JB_OK && jb_name_is_staging(name))
		err = JB_NOT_STAGING;
	return err == JB_OK ? name_fits(name, raw) : err;
}

enum jb_err
batch_disc_name(const struct jb_import_result *r, char *buf)
{
	bool raw = r->kind == JB_IMPORT_BIN;

	if (snprintf(buf, JB_NAME_MAX + 1, "%s%s", r->stem, raw ? ".bin" : ".iso") > JB_NAME_MAX)
		return JB_NAME_TOO_LONG;
	return batch_check_name(buf, raw);
}

void
batch_commit(struct item *folder, struct item *disc, const struct jb_import_result *r)
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
