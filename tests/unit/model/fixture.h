/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the tests of the model: a store in its own directory, and short functions for what programs do at
 * the mount.
 */
#ifndef TESTS_UNIT_MODEL_FIXTURE_H
#define TESTS_UNIT_MODEL_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "changer/base/log.h"
#include "changer/inventory/model.h"
#include "changer/jukebox.h"
#include "tests/unit/by_hand.h"
#include "tests/unit/folder.h"

#define UNUSED_OK __attribute__((unused))

struct fixture {
	char dir[64];	/* for use by the test */
	char store[80]; /* path of the store, in dir */
	struct jukebox *jb;
};

static struct jb_elem UNUSED_OK
slot(unsigned n)
{
	return (struct jb_elem){JB_SLOT, n};
}

static struct jb_elem UNUSED_OK
mailslot(unsigned n)
{
	return (struct jb_elem){JB_MAILSLOT, n};
}

static struct jb_elem UNUSED_OK
drive(unsigned n)
{
	return (struct jb_elem){JB_DRIVE, n};
}

static struct jb_elem UNUSED_OK
picker(void)
{
	return (struct jb_elem){JB_PICKER, 0};
}

#define assert_ok(e) assert_string_equal(jb_err_name(e), "OK")
#define assert_err(e, name) assert_string_equal(jb_err_name(e), #name)

static void UNUSED_OK
open_store(struct fixture *fx, unsigned slots, unsigned mailslots, unsigned drives)
{
	struct jb_layout layout = {slots, mailslots, drives};
	char why[256] = "";
	enum jb_err err = jb_open(fx->store, &layout, &fx->jb, why, sizeof(why));

	if (err != JB_OK)
		fail_msg("jb_open: %s", why);
}

static void UNUSED_OK
reopen(struct fixture *fx)
{
	jb_close(fx->jb);
	open_store(fx, 0, 0, 0);
}

static int UNUSED_OK
setup(void **state)
{
	struct fixture *fx = calloc(1, sizeof(*fx));

	if (folder_make(fx->dir, sizeof(fx->dir)) != 0)
		return -1;
	snprintf(fx->store, sizeof(fx->store), "%s/store", fx->dir);
	log_level = LOG_LEVEL_ERR;
	open_store(fx, 6, 2, 2);
	/* Without hashing nothing else writes to the store while a test looks at it. test_check.c tests
	 * hashing. */
	assert_ok(jb_setting_set(fx->jb, JB_SET_HASH_COMPLETED, 0, "0"));
	*state = fx;
	return 0;
}

static int UNUSED_OK
teardown(void **state)
{
	struct fixture *fx = *state;
	int rc;

	if (fx->jb != NULL)
		jb_close(fx->jb);
	rc = folder_remove(fx->dir);
	free(fx);
	return rc;
}

/* Fills a buffer with bytes that depend on their offset and on the seed. */
static void UNUSED_OK
fill(uint8_t *buf, size_t size, uint64_t offset, unsigned seed)
{
	for (size_t i = 0; i < size; i++)
		buf[i] = (uint8_t)((offset + i) * 31 + (offset + i) / 2048 + seed);
}

static enum jb_err UNUSED_OK
write_pattern(struct jb_file *f, uint64_t from, uint64_t to, unsigned seed)
{
	uint8_t buf[16384];
	enum jb_err err = JB_OK;

	while (err == JB_OK && from < to) {
		size_t n = to - from < sizeof(buf) ? (size_t)(to - from) : sizeof(buf);

		fill(buf, n, from, seed);
		err = jb_file_write(f, buf, n, from);
		from += n;
	}
	return err;
}

static UNUSED_OK struct jb_file *
create(struct fixture *fx, struct jb_elem e, const char *name)
{
	struct jb_file *f = NULL;

	assert_ok(jb_file_create(fx->jb, e, name, 0644, 1, 2, &f, NULL));
	return f;
}

/* Copies a new file into an element as cp does: one writer, one close. */
static void UNUSED_OK
copy_in(struct fixture *fx, struct jb_elem e, const char *name, uint64_t size, unsigned seed)
{
	struct jb_file *f = create(fx, e, name);

	assert_ok(write_pattern(f, 0, size, seed));
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
}

static struct jb_item UNUSED_OK
look(struct fixture *fx, struct jb_elem e, const char *name)
{
	struct jb_item item;

	assert_ok(jb_item_lookup(fx->jb, e, name, &item));
	return item;
}

static void UNUSED_OK
assert_absent(struct fixture *fx, struct jb_elem e, const char *name)
{
	struct jb_item item;

	assert_err(jb_item_lookup(fx->jb, e, name, &item), NO_ITEM);
}

static void UNUSED_OK
assert_content(struct fixture *fx, struct jb_elem e, const char *name, uint64_t size, unsigned seed)
{
	struct jb_item item = look(fx, e, name);
	uint8_t *is = malloc(size + 1), *should = malloc(size + 1);
	struct jb_file *f;

	assert_int_equal(item.size, size);
	assert_ok(jb_file_open(fx->jb, item.id, false, false, &f));
	assert_int_equal(pread(jb_file_fd(f), is, size + 1, 0), size);
	fill(should, size, 0, seed);
	assert_memory_equal(is, should, size);
	jb_file_release(f);
	free(is);
	free(should);
}

static struct jb_elem_status UNUSED_OK
status_of(struct fixture *fx, struct jb_elem e)
{
	struct jb_elem_status st;

	assert_ok(jb_elem_status(fx->jb, e, &st));
	return st;
}

static bool
count_item(void *arg, const struct jb_item *item)
{
	(void)item;
	++*(unsigned *)arg;
	return true;
}

static unsigned UNUSED_OK
files_in(struct fixture *fx, struct jb_elem e)
{
	unsigned n = 0;

	assert_ok(jb_item_list(fx->jb, e, count_item, &n));
	return n;
}

/* Returns the number of entries of a directory in the store. */
static int UNUSED_OK
entries(struct fixture *fx, const char *dir)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", fx->store, dir);
	return folder_entries(path);
}

static void UNUSED_OK
shell(struct fixture *fx, const char *command)
{
	char all[600];

	snprintf(all, sizeof(all), "cd %s && %s", fx->store, command);
	assert_int_equal(system(all), 0);
}

/* Returns the disc in drive n. The caller must hold the drive's strand. */
static UNUSED_OK struct disc *
disc_in(struct fixture *fx, unsigned n)
{
	struct disc *d = NULL;

	assert_ok(drive_disc(jb_drive(fx->jb, n), &d));
	return d;
}

/* Enters the strand of drive 0 and returns its disc. release() leaves the strand. */
static UNUSED_OK struct disc *
hold(struct fixture *fx)
{
	strand_enter(drive_strand(jb_drive(fx->jb, 0)));
	return disc_in(fx, 0);
}

static void UNUSED_OK
release(struct fixture *fx)
{
	strand_leave(drive_strand(jb_drive(fx->jb, 0)));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
