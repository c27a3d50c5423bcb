/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Shared by the tests of imports: an importer that joins the files which a plain list names, and unpacks files that
 * begin with PACK. */
#ifndef TESTS_UNIT_MODEL_IMPORTER_H
#define TESTS_UNIT_MODEL_IMPORTER_H

#include "tests/unit/model/crash.h"

#include <time.h>

enum { PART = 16 * 2048 };

/* ---- an importer ----------------------------------------------------------------------------- */

static _Atomic int joins; /* how often it has joined */
static _Atomic bool held; /* it waits before it joins */
static char told[1024];
static _Atomic enum jb_err told_err;

static void UNUSED_OK
hear(void *arg, enum jb_err err, const char *what)
{
	if (err == JB_OK)
		return;
	snprintf(told, sizeof(told), "%s", what);
	told_err = err;
}

static struct jb_import_file *UNUSED_OK
named(struct jb_import_file *files, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(files[i].name, name) == 0)
			return &files[i];
	return NULL;
}

static void UNUSED_OK
nap(void)
{
	nanosleep(&(struct timespec){0, 5000000}, NULL);
}

static enum jb_err UNUSED_OK
append(const struct jb_import_out *out, struct jb_import_file *f)
{
	char buf[PART * 2];
	ssize_t n = pread(f->fd, buf, sizeof(buf), 0);

	if (out == NULL)
		return JB_OK;
	return write(out->image, buf, (size_t)n) == n ? JB_OK : JB_STORE_WRITE;
}

/* Unpacks a file that begins with PACK; refuses one that begins with BAD!. */
static enum jb_err UNUSED_OK
unpack(struct jb_import_file *file, const struct jb_import_out *out, struct jb_import_watch *watch,
	struct jb_import_result *r)
{
	char buf[PART];
	ssize_t n;
	off_t at = 4;

	r->kind = JB_IMPORT_NO_SHEET;
	if (pread(file->fd, buf, 4, 0) == 4 && memcmp(buf, "BAD!", 4) == 0) {
		r->kind = JB_IMPORT_REFUSED;
		r->err = JB_INCOMPLETE;
		snprintf(r->detail, sizeof(r->detail), "the archive is cut off");
	}
	if (memcmp(buf, "PACK", 4) != 0)
		return JB_OK;
	while (held && !watch->stop)
		nap();
	if (watch->stop)
		return JB_STOPPING;
	for (; (n = pread(file->fd, buf, sizeof(buf), at)) > 0; at += n)
		if (write(out->image, buf, (size_t)n) != n)
			return JB_STORE_WRITE;
	joins++;
	r->kind = JB_IMPORT_UNPACKED;
	snprintf(r->stem, sizeof(r->stem), "%.*s", (int)strlen(file->name) - 3, file->name);
	return JB_OK;
}

/* Takes a file x.lst for a sheet, each line of which is the name of a file. */
static enum jb_err UNUSED_OK
import_list(void *arg, struct jb_import_file *files, size_t n, const struct jb_import_out *out,
	struct jb_import_watch *watch, struct jb_import_result *r)
{
	char text[4096], *save = NULL;
	struct jb_import_file *sheet = NULL;
	ssize_t size;

	if (n == 1 && strstr(files[0].name, ".gz") != NULL)
		return unpack(files, out, watch, r);
	for (size_t i = 0; i < n; i++) {
		const char *dot = strrchr(files[i].name, '.');

		if (dot != NULL && strcmp(dot, ".lst") == 0)
			sheet = &files[i];
	}
	r->kind = JB_IMPORT_NO_SHEET;
	if (sheet == NULL)
		return JB_OK;
	sheet->used = true;
	snprintf(r->stem, sizeof(r->stem), "%.*s", (int)strlen(sheet->name) - 4, sheet->name);
	size = pread(sheet->fd, text, sizeof(text) - 1, 0);
	text[size < 0 ? 0 : size] = '\0';
	while (out != NULL && held && !watch->stop)
		nap();
	if (watch->stop)
		return JB_STOPPING;
	for (char *l = strtok_r(text, "\n", &save); l != NULL; l = strtok_r(NULL, "\n", &save)) {
		struct jb_import_file *f = named(files, n, l);

		/* Any file may be meant by a question mark. */
		if (f == NULL && l[0] == '?') {
			f = sheet == &files[0] ? &files[1] : &files[0];
			r->guessed = true;
			snprintf(r->detail, sizeof(r->detail), "%s", l);
		}
		if (f == NULL) {
			r->kind = JB_IMPORT_MISSING;
			snprintf(r->detail, sizeof(r->detail), "%s", l);
			return JB_OK;
		}
		f->used = true;
		if (append(out, f) != JB_OK)
			return JB_STORE_WRITE;
	}
	joins += out != NULL;
	r->kind = JB_IMPORT_ISO;
	return JB_OK;
}

/* ---- what programs do ------------------------------------------------------------------------ */

static uint64_t UNUSED_OK
make(struct fixture *fx, struct jb_elem e, const char *name)
{
	struct jb_item item;

	assert_ok(jb_folder_make(fx->jb, e, name, 0755, 1, 2, &item));
	assert_int_equal(item.kind, JB_ITEM_FOLDER);
	return item.id;
}

static struct jb_file *UNUSED_OK
begin_part(struct fixture *fx, uint64_t folder, const char *name)
{
	struct jb_file *f = NULL;

	assert_ok(jb_folder_create(fx->jb, folder, name, 0644, 1, 2, &f, NULL));
	return f;
}

static void UNUSED_OK
end_part(struct jb_file *f)
{
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
}

static void UNUSED_OK
put_part(struct fixture *fx, uint64_t folder, const char *name, unsigned from, unsigned seed)
{
	struct jb_file *f = begin_part(fx, folder, name);
	uint8_t data[PART];

	fill(data, PART, from * (uint64_t)PART, seed);
	assert_ok(jb_file_write(f, data, PART, 0));
	end_part(f);
}

static void UNUSED_OK
put_sheet(struct fixture *fx, uint64_t folder, const char *name, const char *text)
{
	struct jb_file *f = begin_part(fx, folder, name);

	assert_ok(jb_file_write(f, text, strlen(text), 0));
	end_part(f);
}

static bool UNUSED_OK
is_disc(struct fixture *fx, struct jb_elem e, const char *name)
{
	struct jb_item item;

	return jb_item_lookup(fx->jb, e, name, &item) == JB_OK && item.kind == JB_ITEM_DISC;
}

#define AWAIT(condition) \
	for (int tries = 0; !(condition); tries++) { \
		assert_true(tries < 4000); \
		nap(); \
	}

static unsigned UNUSED_OK
parts_in(struct fixture *fx, uint64_t folder)
{
	unsigned n = 0;
	enum jb_err err = jb_folder_list(fx->jb, folder, count_item, &n);

	return err == JB_OK ? n : 0;
}

static bool UNUSED_OK
has_part(struct fixture *fx, uint64_t folder, const char *name)
{
	struct jb_item item;

	return jb_folder_lookup(fx->jb, folder, name, &item) == JB_OK;
}

static bool UNUSED_OK
is_empty(struct fixture *fx, struct jb_elem e)
{
	return files_in(fx, e) == 0;
}

static int UNUSED_OK
begin(void **state)
{
	struct fixture *fx;

	if (setup(state) != 0)
		return -1;
	fx = *state;
	joins = 0;
	held = false;
	told[0] = '\0';
	told_err = JB_OK;
	jb_set_import(fx->jb, import_list, hear, NULL);
	return 0;
}

static uint64_t UNUSED_OK
make_whole(struct fixture *fx, struct jb_elem e, const char *name)
{
	uint64_t folder = make(fx, e, name);

	put_part(fx, folder, "one", 0, 7);
	put_sheet(fx, folder, "album.lst", "one\ntwo\n");
	put_part(fx, folder, "two", 1, 7);
	return folder;
}

static void UNUSED_OK
prepare_nothing(struct fixture *fx)
{
}

#undef TEST
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, teardown)

#endif
