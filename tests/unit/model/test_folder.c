/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests folders of parts, with an importer that joins the files which a plain list names. */
#include "tests/unit/model/crash.h"

#include <fcntl.h>
#include <time.h>

#include "changer/base/clock.h"

enum { PART = 16 * 2048 };

/* ---- an importer ----------------------------------------------------------------------------- */

static _Atomic int joins; /* how often it has joined */
static _Atomic bool held; /* it waits before it joins */
static char told[1024];
static _Atomic enum jb_err told_err;

static void
hear(void *arg, enum jb_err err, const char *what)
{
	if (err == JB_OK)
		return;
	snprintf(told, sizeof(told), "%s", what);
	told_err = err;
}

static struct jb_import_file *
named(struct jb_import_file *files, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(files[i].name, name) == 0)
			return &files[i];
	return NULL;
}

static void
nap(void)
{
	nanosleep(&(struct timespec){0, 5000000}, NULL);
}

static enum jb_err
append(const struct jb_import_out *out, struct jb_import_file *f)
{
	char buf[PART * 2];
	ssize_t n = pread(f->fd, buf, sizeof(buf), 0);

	if (out == NULL)
		return JB_OK;
	return write(out->image, buf, (size_t)n) == n ? JB_OK : JB_STORE_WRITE;
}

/* Unpacks a file that begins with PACK; refuses one that begins with BAD!. */
static enum jb_err
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
static enum jb_err
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

static uint64_t
make(struct fixture *fx, struct jb_elem e, const char *name)
{
	struct jb_item item;

	assert_ok(jb_folder_make(fx->jb, e, name, 0755, 1, 2, &item));
	assert_int_equal(item.kind, JB_ITEM_FOLDER);
	return item.id;
}

static struct jb_file *
begin_part(struct fixture *fx, uint64_t folder, const char *name)
{
	struct jb_file *f = NULL;

	assert_ok(jb_folder_create(fx->jb, folder, name, 0644, 1, 2, &f, NULL));
	return f;
}

static void
end_part(struct jb_file *f)
{
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
}

static void
put_part(struct fixture *fx, uint64_t folder, const char *name, unsigned from, unsigned seed)
{
	struct jb_file *f = begin_part(fx, folder, name);
	uint8_t data[PART];

	fill(data, PART, from * (uint64_t)PART, seed);
	assert_ok(jb_file_write(f, data, PART, 0));
	end_part(f);
}

static void
put_sheet(struct fixture *fx, uint64_t folder, const char *name, const char *text)
{
	struct jb_file *f = begin_part(fx, folder, name);

	assert_ok(jb_file_write(f, text, strlen(text), 0));
	end_part(f);
}

static bool
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

static unsigned
parts_in(struct fixture *fx, uint64_t folder)
{
	unsigned n = 0;
	enum jb_err err = jb_folder_list(fx->jb, folder, count_item, &n);

	return err == JB_OK ? n : 0;
}

static bool
has_part(struct fixture *fx, uint64_t folder, const char *name)
{
	struct jb_item item;

	return jb_folder_lookup(fx->jb, folder, name, &item) == JB_OK;
}

/* Returns true if the element has files, without a look at them, which would keep a folder there. */
static bool
is_empty(struct fixture *fx, struct jb_elem e)
{
	return files_in(fx, e) == 0;
}

static int
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
	log_level = LOG_LEVEL_ERR;
	jb_set_import(fx->jb, import_list, hear, NULL);
	return 0;
}

static uint64_t
make_whole(struct fixture *fx, struct jb_elem e, const char *name)
{
	uint64_t folder = make(fx, e, name);

	put_part(fx, folder, "one", 0, 7);
	put_sheet(fx, folder, "album.lst", "one\ntwo\n");
	put_part(fx, folder, "two", 1, 7);
	return folder;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void
becomes_a_disc(void **state)
{
	struct fixture *fx = *state;
	struct jb_attr attr = {.set = JB_ATTR_MTIME, .mtime = {1000, 0}};
	uint64_t folder = make_whole(fx, slot(3), "Album");
	struct jb_item item;

	AWAIT(is_disc(fx, slot(3), "album.iso"));
	assert_content(fx, slot(3), "album.iso", 2 * PART, 7);
	assert_int_equal(joins, 1);
	item = look(fx, slot(3), "album.iso");
	assert_int_equal(item.uid, 1);
	assert_int_equal(item.gid, 2);
	assert_int_equal(item.mode, 0644);
	/* Programs set the times of what they have copied. */
	assert_int_equal(parts_in(fx, folder), 3);
	assert_ok(jb_folder_lookup(fx->jb, folder, "one", &item));
	assert_ok(jb_item_setattr(fx->jb, item.id, &attr));
	assert_ok(jb_item_setattr(fx->jb, folder, &attr));
	assert_int_equal(look(fx, slot(3), "Album").mtime.tv_sec, 1000);
	AWAIT(files_in(fx, slot(3)) == 1);
	assert_absent(fx, slot(3), "Album");
	AWAIT(entries(fx, "incoming") == 0);
	reopen(fx);
	assert_content(fx, slot(3), "album.iso", 2 * PART, 7);
}

static void
rest_keeps_the_folder(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album");
	char why[JB_IMPORT_TEXT];
	struct jb_item item;

	put_part(fx, folder, "readme", 0, 1);
	put_part(fx, folder, "one", 0, 7);
	put_sheet(fx, folder, "album.lst", "one\n");
	AWAIT(is_disc(fx, slot(3), "album.iso"));
	put_part(fx, folder, "late", 0, 2);
	sleep(2);
	assert_ok(jb_item_lookup(fx->jb, slot(3), "Album", &item));
	assert_int_equal(parts_in(fx, folder), 2);
	assert_true(has_part(fx, folder, "readme") && has_part(fx, folder, "late"));
	jb_item_why(fx->jb, folder, why);
	assert_non_null(strstr(why, "no sheet names"));
	assert_int_equal(told_err, JB_OK);
	reopen(fx);
	assert_int_equal(parts_in(fx, folder), 2);
	/* The disc may go, and another one come. */
	assert_ok(jb_item_rename(fx->jb, slot(3), "album.iso", slot(4), "album.iso"));
	copy_in(fx, slot(3), "x.iso", 4096, 1);
	assert_ok(jb_folder_unlink(fx->jb, folder, "readme"));
	assert_ok(jb_folder_unlink(fx->jb, folder, "late"));
	assert_ok(jb_folder_remove(fx->jb, slot(3), "Album"));
	AWAIT(entries(fx, "incoming") == 0);
}

static void
files_come_to_a_folder_that_is_done(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make_whole(fx, slot(3), "Album");

	AWAIT(is_disc(fx, slot(3), "album.iso"));
	AWAIT(entries(fx, "incoming") == 0);
	put_part(fx, folder, "readme", 0, 1);
	AWAIT(parts_in(fx, folder) == 1 || (sleep(2), 0));
	reopen(fx);
	assert_int_equal(parts_in(fx, folder), 1);
}

static void
says_what_is_missing(void **state)
{
	struct fixture *fx = *state;
	uint64_t counts[JB_EVENT_COUNT], folder = make(fx, slot(3), "Album");
	char why[JB_IMPORT_TEXT];

	put_part(fx, folder, "one", 0, 7);
	AWAIT(told_err != JB_OK);
	assert_err(told_err, PARTS_NO_SHEET);
	assert_string_equal(told, "insert slots/3/Album (no sheet is in it)");
	put_sheet(fx, folder, "album.lst", "one\ntwo\n");
	AWAIT(told_err != JB_PARTS_NO_SHEET);
	assert_err(told_err, PARTS_MISSING);
	jb_item_why(fx->jb, folder, why);
	assert_string_equal(why, "two is missing");
	jb_event_counts(fx->jb, counts);
	assert_int_equal(counts[JB_EVENT_ERROR], 2);
	put_part(fx, folder, "two", 1, 7);
	AWAIT(is_disc(fx, slot(3), "album.iso"));
}

static void
refuses(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album");
	struct jb_file *f;
	struct jb_item item;
	char name[32];

	assert_err(jb_folder_make(fx->jb, slot(3), "B", 0755, 0, 0, &item), FOLDER_THERE);
	assert_err(jb_file_create(fx->jb, slot(3), "x.iso", 0644, 0, 0, &f, NULL), FOLDER_THERE);
	assert_err(jb_folder_make(fx->jb, picker(), "B", 0755, 0, 0, &item), IS_FIXED);
	assert_err(jb_folder_make(fx->jb, slot(99), "B", 0755, 0, 0, &item), NO_ELEMENT);
	copy_in(fx, slot(2), "x.iso", 4096, 1);
	assert_err(jb_folder_make(fx->jb, slot(2), "B", 0755, 0, 0, &item), ELEMENT_FULL);
	assert_err(jb_item_rename(fx->jb, slot(2), "x.iso", slot(3), "x.iso"), FOLDER_THERE);
	jb_mailslots_prevent(fx->jb, true);
	assert_err(jb_folder_make(fx->jb, mailslot(1), "B", 0755, 0, 0, &item), MAILSLOTS_LOCKED);
	jb_mailslots_prevent(fx->jb, false);
	assert_err(jb_folder_remove(fx->jb, slot(2), "x.iso"), NOT_FOLDER);
	assert_err(jb_folder_remove(fx->jb, slot(2), "y"), NO_ITEM);
	assert_err(jb_item_remove(fx->jb, slot(3), "Album"), NOT_A_DISC);
	assert_err(jb_item_rename(fx->jb, slot(3), "Album", slot(4), "Album"), FOLDER_STAYS);
	assert_err(jb_file_open(fx->jb, folder, false, false, &f), NOT_A_DISC);
	assert_err(jb_elem_remove(fx->jb, slot(6)), OK);
	for (unsigned i = 0; i < JB_PARTS_MAX; i++) {
		snprintf(name, sizeof(name), "%u", i);
		put_sheet(fx, folder, name, "");
	}
	assert_err(jb_folder_create(fx->jb, folder, "more", 0644, 0, 0, &f, NULL), PARTS_LIMIT);
	assert_err(jb_folder_remove(fx->jb, slot(3), "Album"), FOLDER_NOT_EMPTY);
	assert_err(jb_folder_unlink(fx->jb, folder, "more"), NO_ITEM);
	for (unsigned i = 0; i < JB_PARTS_MAX; i++) {
		snprintf(name, sizeof(name), "%u", i);
		assert_ok(jb_folder_unlink(fx->jb, folder, name));
	}
	assert_ok(jb_folder_remove(fx->jb, slot(3), "Album"));
	assert_true(is_empty(fx, slot(3)));
	assert_err(jb_folder_create(fx->jb, folder, "more", 0644, 0, 0, &f, NULL), NO_ITEM);
	AWAIT(entries(fx, "incoming") == 0);
}

static void
all_files_of_a_folder_fit_on_a_disc(void **state)
{
	uint64_t half = 0;
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album");
	struct jb_file *one = begin_part(fx, folder, "one"), *two = begin_part(fx, folder, "two");

	/* The largest medium that there is has more than 100 GB. */
	for (half = 1 << 30; jb_file_write(one, "x", 1, half * 2) == JB_OK; half *= 2)
		;
	assert_err(jb_file_write(two, "x", 1, half), TOO_LARGE);
	assert_ok(jb_file_write(two, "x", 1, 0));
	jb_file_release(one);
	jb_file_release(two);
}

static void
nothing_changes_while_a_disc_is_made(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder;
	struct jb_item item;
	struct jb_file *f;

	held = true;
	folder = make_whole(fx, slot(3), "Album");
	AWAIT(jb_item_lookup(fx->jb, slot(3), "album.iso", &item) == JB_OK);
	assert_int_equal(item.kind, JB_ITEM_INCOMING);
	assert_true(status_of(fx, slot(3)).reserved);
	assert_err(jb_file_open(fx->jb, item.id, true, false, &f), BEING_INSERTED);
	assert_err(
		jb_item_rename(fx->jb, slot(3), "album.iso", slot(4), "album.iso"), BEING_INSERTED);
	assert_err(jb_folder_unlink(fx->jb, folder, "one"), BEING_INSERTED);
	assert_err(jb_folder_rename(fx->jb, folder, "one", "three"), BEING_INSERTED);
	assert_ok(jb_folder_lookup(fx->jb, folder, "one", &item));
	assert_err(jb_file_open(fx->jb, item.id, true, false, &f), BEING_INSERTED);
	put_part(fx, folder, "readme", 0, 1);
	held = false;
	AWAIT(is_disc(fx, slot(3), "album.iso"));
}

static void
removing_the_disc_ends_its_making(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder;
	struct jb_item item;

	held = true;
	folder = make_whole(fx, slot(3), "Album");
	AWAIT(jb_item_lookup(fx->jb, slot(3), "album.iso", &item) == JB_OK);
	assert_ok(jb_item_remove(fx->jb, slot(3), "album.iso"));
	AWAIT(told_err != JB_OK);
	assert_int_equal(parts_in(fx, folder), 3);
	assert_absent(fx, slot(3), "album.iso");
	held = false;
	assert_ok(jb_folder_rename(fx->jb, folder, "album.lst", "again.lst"));
	AWAIT(is_disc(fx, slot(3), "again.iso"));
}

static void
stops_while_a_disc_is_made(void **state)
{
	struct fixture *fx = *state;
	struct jb_item item;

	held = true;
	make_whole(fx, slot(3), "Album");
	AWAIT(jb_item_lookup(fx->jb, slot(3), "album.iso", &item) == JB_OK);
	reopen(fx);
	held = false;
	assert_int_equal(look(fx, slot(3), "Album").kind, JB_ITEM_FOLDER);
	jb_set_import(fx->jb, import_list, hear, NULL);
	AWAIT(is_disc(fx, slot(3), "album.iso"));
	assert_content(fx, slot(3), "album.iso", 2 * PART, 7);
}

static void
renames(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album"), one;
	struct jb_item item;

	put_part(fx, folder, ".one.XyZ123", 0, 7);
	put_part(fx, folder, "two", 0, 7);
	assert_ok(jb_folder_lookup(fx->jb, folder, ".one.XyZ123", &item));
	one = item.id;
	assert_ok(jb_folder_rename(fx->jb, folder, ".one.XyZ123", "two"));
	assert_int_equal(parts_in(fx, folder), 1);
	assert_err(jb_folder_rename(fx->jb, folder, "one", "two"), NO_ITEM);
	assert_ok(jb_folder_rename(fx->jb, folder, "two", "one"));
	assert_ok(jb_item_rename(fx->jb, slot(3), "Album", slot(3), "Other"));
	assert_absent(fx, slot(3), "Album");
	reopen(fx);
	assert_int_equal(look(fx, slot(3), "Other").id, folder);
	assert_ok(jb_folder_lookup(fx->jb, folder, "one", &item));
	assert_int_equal(item.id, one);
	assert_int_equal(item.size, PART);
}

static void
only_closed_files_outlive_the_daemon(void **state)
{
	struct fixture *fx = *state;
	uint64_t folder = make(fx, slot(3), "Album");
	struct jb_file *f, *g;

	put_part(fx, folder, "one", 0, 7);
	f = begin_part(fx, folder, "killed");
	assert_ok(jb_file_write(f, "x", 1, 0));
	assert_ok(jb_file_flush(f, true));
	jb_file_release(f);
	g = begin_part(fx, folder, "open");
	assert_ok(jb_file_write(g, "x", 1, 0));
	assert_int_equal(parts_in(fx, folder), 3);
	jb_file_release(g);
	reopen(fx);
	assert_true(has_part(fx, folder, "one"));
	assert_int_equal(parts_in(fx, folder), 1);
	assert_int_equal(look(fx, slot(3), "Album").mode, 0755);
}

/* ---- one file -------------------------------------------------------------------------------- */

static void
put_packed(struct fixture *fx, struct jb_elem e, const char *name, const char *head)
{
	struct jb_file *f = create(fx, e, name);
	uint8_t data[PART];

	fill(data, PART, 0, 7);
	assert_ok(jb_file_write(f, head, strlen(head), 0));
	assert_ok(jb_file_write(f, data, PART, strlen(head)));
	end_part(f);
}

static void
packed_file_comes_in_unpacked(void **state)
{
	struct jb_attr attr = {.set = JB_ATTR_MTIME, .mtime = {1000, 0}};
	struct fixture *fx = *state;
	struct jb_item item;
	struct jb_file *f;

	held = true;
	put_packed(fx, slot(3), "x.iso.gz", "PACK");
	item = look(fx, slot(3), "x.iso.gz");
	assert_int_equal(item.kind, JB_ITEM_INCOMING);
	assert_true(item.importing);
	assert_ok(jb_item_setattr(fx->jb, item.id, &attr));
	assert_err(jb_file_open(fx->jb, item.id, true, false, &f), BEING_INSERTED);
	assert_err(
		jb_file_create(fx->jb, slot(3), "y.iso", 0644, 0, 0, &f, NULL), ELEMENT_RESERVED);
	held = false;
	AWAIT(is_disc(fx, slot(3), "x.iso"));
	assert_absent(fx, slot(3), "x.iso.gz");
	assert_int_equal(look(fx, slot(3), "x.iso").id, item.id);
	assert_int_equal(look(fx, slot(3), "x.iso").mtime.tv_sec, 1000);
	assert_content(fx, slot(3), "x.iso", PART, 7);
	assert_int_equal(entries(fx, "slots/3/x.iso"), 2);
	reopen(fx);
	assert_content(fx, slot(3), "x.iso", PART, 7);
	assert_int_equal(entries(fx, "incoming"), 0);
}

static void
packed_file_that_is_renamed_when_whole(void **state)
{
	struct fixture *fx = *state;

	put_packed(fx, slot(3), "x.iso.gz.part", "PACK");
	assert_ok(jb_item_rename(fx->jb, slot(3), "x.iso.gz.part", slot(3), "x.iso.gz"));
	AWAIT(is_disc(fx, slot(3), "x.iso"));
	assert_content(fx, slot(3), "x.iso", PART, 7);
}

static void
broken_archive_is_incomplete(void **state)
{
	struct fixture *fx = *state;
	char why[JB_IMPORT_TEXT];
	struct jb_item item;

	put_packed(fx, slot(3), "x.iso.gz", "BAD!");
	AWAIT(look(fx, slot(3), "x.iso.gz").kind == JB_ITEM_INCOMPLETE);
	item = look(fx, slot(3), "x.iso.gz");
	jb_item_why(fx->jb, item.id, why);
	assert_string_equal(why, "the archive is cut off");
	AWAIT(told_err != JB_OK);
	assert_string_equal(told, "insert slots/3/x.iso.gz (the archive is cut off)");
	assert_int_equal(entries(fx, "slots/3/x.iso.gz"), 2);
	assert_ok(jb_item_remove(fx->jb, slot(3), "x.iso.gz"));
}

static void
plain_file_of_such_a_name_stays_as_it_is(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, slot(3), "x.iso.gz", PART, 7);
	AWAIT(is_disc(fx, slot(3), "x.iso.gz"));
	assert_content(fx, slot(3), "x.iso.gz", PART, 7);
	copy_in(fx, slot(4), "y.iso.gz", 0, 7);
	assert_int_equal(look(fx, slot(4), "y.iso.gz").kind, JB_ITEM_DISC);
}

static void
removing_a_packed_file_ends_its_import(void **state)
{
	struct fixture *fx = *state;

	held = true;
	put_packed(fx, slot(3), "x.iso.gz", "PACK");
	assert_ok(jb_item_remove(fx->jb, slot(3), "x.iso.gz"));
	assert_true(is_empty(fx, slot(3)));
	put_packed(fx, slot(3), "y.iso.gz", "PACK");
	held = false;
	AWAIT(is_disc(fx, slot(3), "y.iso"));
	AWAIT(entries(fx, "incoming") == 0);
}

static void
packed_file_waits_for_the_next_start(void **state)
{
	struct fixture *fx = *state;

	held = true;
	put_packed(fx, slot(3), "x.iso.gz", "PACK");
	reopen(fx);
	assert_int_equal(look(fx, slot(3), "x.iso.gz").kind, JB_ITEM_INCOMING);
	held = false;
	jb_set_import(fx->jb, import_list, hear, NULL);
	AWAIT(is_disc(fx, slot(3), "x.iso"));
	assert_content(fx, slot(3), "x.iso", PART, 7);
}

/* ---- what is told meanwhile ------------------------------------------------------------------ */

static uint64_t (*real_ms)(void);
static _Atomic uint64_t later_ms;

static uint64_t
late_clock(void)
{
	return real_ms() + later_ms;
}

static int
begin_late(void **state)
{
	real_ms = clock_source_ms;
	later_ms = 0;
	clock_source_ms = late_clock;
	return begin(state);
}

static int
end_late(void **state)
{
	int rc = teardown(state);

	clock_source_ms = real_ms;
	return rc;
}

/* Returns the last event of that type, and their number in *n. */
static struct jb_event
last_event(struct fixture *fx, enum jb_event_type type, unsigned *n)
{
	struct jb_event e, found = {.number = 0};

	*n = 0;
	for (uint64_t at = 0; jb_event_get(fx->jb, at, &e); at = e.number + 1) {
		if (e.type != type)
			continue;
		found = e;
		++*n;
	}
	return found;
}

static void
forgotten_upload_is_named(void **state)
{
	struct fixture *fx = *state;
	struct jb_event e;
	unsigned n;

	copy_in(fx, slot(1), "x.iso.part", 4096, 1);
	copy_in(fx, slot(1), ".x.cue", 4096, 1);
	copy_in(fx, slot(2), "y.iso.part", 4096, 1);
	assert_false(look(fx, slot(1), "x.iso.part").idle);
	assert_ok(jb_item_remove(fx->jb, slot(2), "y.iso.part"));
	later_ms = 61000;
	assert_true(look(fx, slot(1), "x.iso.part").idle);
	copy_in(fx, slot(3), "z.iso.part", 4096, 1);
	AWAIT((e = last_event(fx, JB_EVENT_WARNING, &n)).number != 0);
	assert_string_equal(e.name, "x.iso.part");
	assert_string_equal(e.warning, "it " JB_IDLE_TEXT);
	assert_false(look(fx, slot(3), "z.iso.part").idle);
	sleep(1);
	(void)last_event(fx, JB_EVENT_WARNING, &n);
	assert_int_equal(n, 1);
}

static void
insert_tells_how_far_it_is(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f = create(fx, slot(1), "x.iso");
	struct jb_event e;
	struct jb_item item;
	unsigned n;

	assert_ok(jb_file_allocate(f, 0, 0, 8192));
	assert_ok(write_pattern(f, 0, 2048, 1));
	later_ms = 2000;
	assert_ok(write_pattern(f, 2048, 4096, 1));
	assert_ok(write_pattern(f, 4096, 6144, 1));
	e = last_event(fx, JB_EVENT_INSERT_PROGRESS, &n);
	assert_int_equal(n, 1);
	assert_int_equal(e.size, 4096);
	assert_int_equal(e.capacity, 8192);
	later_ms = 3500;
	assert_ok(write_pattern(f, 4096, 6144, 1)); /* nothing new */
	item = look(fx, slot(1), "x.iso");
	assert_int_equal(item.written, 6144);
	assert_int_equal(item.total, 8192);
	assert_in_range(item.rate, 1000, 2048);
	end_part(f);
	(void)last_event(fx, JB_EVENT_INSERT_PROGRESS, &n);
	assert_in_range(n, 1, 2);
}

/* ---- crashes --------------------------------------------------------------------------------- */

static void
prepare_nothing(struct fixture *fx)
{
}

static void
act_join(struct fixture *fx)
{
	jb_set_import(fx->jb, import_list, NULL, NULL);
	make_whole(fx, slot(3), "Album");
	done();
	AWAIT(is_disc(fx, slot(3), "album.iso"));
	done();
	AWAIT(entries(fx, "incoming") == 0);
	done();
}

/* After the last close the disc must come, whatever happened: at once, or when the importer is there. */
static void
check_join(struct fixture *fx, int acknowledged)
{
	struct jb_item folder;
	bool there = jb_item_lookup(fx->jb, slot(3), "Album", &folder) == JB_OK;

	assert_false(acknowledged >= 2 && there);
	if (acknowledged >= 1) {
		assert_true(there != is_disc(fx, slot(3), "album.iso"));
		jb_set_import(fx->jb, import_list, NULL, NULL);
		AWAIT(is_disc(fx, slot(3), "album.iso"));
		assert_content(fx, slot(3), "album.iso", 2 * PART, 7);
		AWAIT(entries(fx, "incoming") == 0);
	} else if (there) {
		const char *const names[] = {"one", "two", "album.lst"};

		for (size_t i = 0; i < 3; i++)
			(void)jb_folder_unlink(fx->jb, folder.id, names[i]);
		assert_ok(jb_folder_remove(fx->jb, slot(3), "Album"));
	}
}

static void
crash_while_it_becomes_a_disc(void **state)
{
	static const struct scenario s = {prepare_nothing, act_join, check_join};

	held = false;
	run_scenario(&s);
}

static void
act_unpack(struct fixture *fx)
{
	jb_set_import(fx->jb, import_list, NULL, NULL);
	put_packed(fx, slot(3), "x.iso.gz", "PACK");
	done();
	AWAIT(is_disc(fx, slot(3), "x.iso"));
	done();
}

static void
check_unpack(struct fixture *fx, int acknowledged)
{
	if (files_in(fx, slot(3)) == 0) {
		assert_int_equal(acknowledged, 0);
		return;
	}
	jb_set_import(fx->jb, import_list, NULL, NULL);
	AWAIT(is_disc(fx, slot(3), "x.iso"));
	assert_content(fx, slot(3), "x.iso", PART, 7);
	assert_int_equal(files_in(fx, slot(3)), 1);
	AWAIT(entries(fx, "incoming") == 0);
}

static void
crash_while_it_is_unpacked(void **state)
{
	static const struct scenario s = {prepare_nothing, act_unpack, check_unpack};

	held = false;
	run_scenario(&s);
}

#undef TEST
#define TEST(f) cmocka_unit_test_setup_teardown(f, begin, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(becomes_a_disc),
		TEST(rest_keeps_the_folder),
		TEST(files_come_to_a_folder_that_is_done),
		TEST(says_what_is_missing),
		TEST(refuses),
		TEST(all_files_of_a_folder_fit_on_a_disc),
		TEST(nothing_changes_while_a_disc_is_made),
		TEST(removing_the_disc_ends_its_making),
		TEST(stops_while_a_disc_is_made),
		TEST(renames),
		TEST(only_closed_files_outlive_the_daemon),
		TEST(packed_file_comes_in_unpacked),
		TEST(packed_file_that_is_renamed_when_whole),
		TEST(broken_archive_is_incomplete),
		TEST(plain_file_of_such_a_name_stays_as_it_is),
		TEST(removing_a_packed_file_ends_its_import),
		TEST(packed_file_waits_for_the_next_start),
		cmocka_unit_test_setup_teardown(forgotten_upload_is_named, begin_late, end_late),
		cmocka_unit_test_setup_teardown(insert_tells_how_far_it_is, begin_late, end_late),
		cmocka_unit_test(crash_while_it_becomes_a_disc),
		cmocka_unit_test(crash_while_it_is_unpacked),
	};

	return cmocka_run_group_tests(tests, share_progress, NULL);
}
