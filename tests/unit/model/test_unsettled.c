/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps of which one call on the store fails: memory and store never part.  After each, the daemon shows what a
 * start finds in the store, and says that something went wrong.  fsync(2), renameat(2), mkdirat(2) and unlinkat(2)
 * are replaced here.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/unit/model/fixture.h"

enum fault {
	SYNC_FAILS,
	RENAME_FAILS,
	RENAME_LIES, /* it is done, but reports an error, as over a network that was cut */
	FAULTS,
	READ_ONLY, /* from that call on nothing can be changed */
};

/* Housekeeping removes files meanwhile, in a thread of its own. */
static _Atomic enum fault fault;
static _Atomic int fails_at; /* the fault comes in this call from now on; 0: in none */
static _Atomic bool lasts;   /* and in each later one */
static _Atomic int was_hit;

static int
is_hit(enum fault f)
{
	if (fault != f || fails_at == 0 || --fails_at != 0)
		return 0;
	if (lasts)
		fails_at = 1;
	was_hit = 1;
	errno = EIO;
	return 1;
}

/* Returns true if the file system is read-only now, and counts a call. */
static int
is_read_only(void)
{
	if (fault != READ_ONLY || fails_at == 0 || (fails_at > 1 && --fails_at > 0))
		return 0;
	was_hit = 1;
	errno = EROFS;
	return 1;
}

int
mkdirat(int dir, const char *name, mode_t mode)
{
	return is_read_only() ? -1 : (int)syscall(SYS_mkdirat, dir, name, mode);
}

int
unlinkat(int dir, const char *name, int flags)
{
	return is_read_only() ? -1 : (int)syscall(SYS_unlinkat, dir, name, flags);
}

int
fsync(int fd)
{
	return is_hit(SYNC_FAILS) || is_read_only() ? -1 : (int)syscall(SYS_fsync, fd);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	int rc;

	if (is_hit(RENAME_FAILS) || is_read_only())
		return -1;
	rc = (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
	return is_hit(RENAME_LIES) ? -1 : rc;
}

/* ---- what is shown --------------------------------------------------------------------------- */

enum { SHOWN_MAX = 1024 };

static bool
add_line(void *arg, const struct jb_item *item)
{
	char *text = arg, where[32];
	size_t len = strlen(text);

	snprintf(text + len, SHOWN_MAX - len, "%s/%s %d %llu\n", jb_elem_str(item->elem, where),
		item->name, (int)item->kind, (unsigned long long)item->size);
	return true;
}

/* Writes all items of three slots and a drive into text (SHOWN_MAX bytes). */
static void
show(struct fixture *fx, char *text)
{
	text[0] = '\0';
	for (unsigned n = 1; n <= 3; n++)
		assert_ok(jb_item_list(fx->jb, slot(n), add_line, text));
	assert_ok(jb_item_list(fx->jb, drive(0), add_line, text));
}

/* ---- steps ----------------------------------------------------------------------------------- */

static enum jb_err
step_move(struct fixture *fx)
{
	return jb_move(fx->jb, slot(1), slot(3), NULL);
}

static enum jb_err
step_load(struct fixture *fx)
{
	return jb_move(fx->jb, slot(1), drive(0), NULL);
}

static enum jb_err
step_relabel(struct fixture *fx)
{
	return jb_item_rename(fx->jb, slot(1), "x.iso", slot(1), "other.iso");
}

static enum jb_err
step_move_by_hand(struct fixture *fx)
{
	return jb_item_rename(fx->jb, slot(1), "x.iso", slot(3), "other.iso");
}

static enum jb_err
step_remove(struct fixture *fx)
{
	return jb_item_remove(fx->jb, slot(1), "x.iso");
}

/* Removes the discs of the tests from the slots. */
static void
empty_slots(struct fixture *fx)
{
	for (unsigned i = 1; i <= 3; i++) {
		(void)jb_item_remove(fx->jb, slot(i), "x.iso");
		(void)jb_item_remove(fx->jb, slot(i), "other.iso");
	}
}

/* Does each step with each fault in each of its calls, by `once`, which returns false if the step has no n-th
 * call. */
static void
fail_everywhere(struct fixture *fx, enum jb_err (*const *steps)(struct fixture *fx), size_t nsteps,
	bool (*once)(
		struct fixture *fx, enum jb_err (*step)(struct fixture *fx), enum fault f, int n))
{
	unsigned hits = 0;

	log_level = LOG_LEVEL_ERR;
	for (size_t s = 0; s < nsteps; s++)
		for (enum fault f = SYNC_FAILS; f < FAULTS; f++)
			for (int n = 1; once(fx, steps[s], f, n); n++)
				hits++;
	assert_true(hits >= 20);
}

/* Does one step with one fault in its n-th call.  Returns false if the step has not so many calls. */
static bool
fail_once(struct fixture *fx, enum jb_err (*step)(struct fixture *fx), enum fault f, int n)
{
	char before[SHOWN_MAX], now[SHOWN_MAX], later[SHOWN_MAX];
	enum jb_err err;

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	show(fx, before);
	fault = f;
	was_hit = 0;
	fails_at = n;
	err = step(fx);
	fails_at = 0;
	show(fx, now);
	assert_int_equal(err != JB_OK, was_hit);
	if (f == RENAME_FAILS && was_hit)
		assert_string_equal(now, before);
	reopen(fx);
	show(fx, later);
	assert_string_equal(now, later);
	/* Nothing is blocked: the disc can be removed, wherever it is. */
	empty_slots(fx);
	(void)jb_item_remove(fx->jb, drive(0), "x.iso");
	show(fx, now);
	assert_string_equal(now, "");
	return was_hit;
}

static void
shows_what_the_store_has(void **state)
{
	static enum jb_err (*const steps[])(struct fixture * fx) = {
		step_move, step_load, step_relabel, step_move_by_hand, step_remove};

	fail_everywhere(*state, steps, sizeof(steps) / sizeof(steps[0]), fail_once);
}

/* Adds a slot, or removes the last one, with a fault from the n-th call on.  Returns false if there are not so
 * many calls. */
static bool
change_once(struct fixture *fx, bool add, enum fault f, int n)
{
	unsigned before = jb_count(fx->jb, JB_SLOT), now;
	enum jb_err err;

	fault = f;
	was_hit = 0;
	fails_at = n;
	err = add ? jb_elem_add(fx->jb, slot(before + 1)) : jb_elem_remove(fx->jb, slot(before));
	fails_at = 0;
	now = jb_count(fx->jb, JB_SLOT);
	assert_int_equal(err != JB_OK, was_hit);
	assert_int_equal(err == JB_OK || err == JB_NOT_DURABLE, now != before);
	reopen(fx);
	assert_int_equal(jb_count(fx->jb, JB_SLOT), now);
	if (now > 4)
		assert_ok(jb_elem_remove(fx->jb, slot(now)));
	return was_hit;
}

static void
shows_the_elements_that_the_store_has(void **state)
{
	struct fixture *fx = *state;
	unsigned hits = 0;

	log_level = LOG_LEVEL_ERR;
	for (enum fault f = SYNC_FAILS; f <= READ_ONLY; f++) {
		for (int n = 1; change_once(fx, true, f, n); n++)
			hits++;
		for (int n = 1;; n++) {
			while (jb_count(fx->jb, JB_SLOT) <= 4)
				assert_ok(jb_elem_add(fx->jb, slot(jb_count(fx->jb, JB_SLOT) + 1)));
			if (!change_once(fx, false, f, n))
				break;
			hits++;
		}
	}
	assert_true(hits >= 6);
}

/* Copies over a blank disc, with a fault in the n-th call after the close.  Returns false if there are not so many
 * calls.  The close has promised the content. */
static bool
fail_after_close(struct fixture *fx, enum fault f, int n)
{
	struct jb_item item = look(fx, slot(2), "b.dvd+r.iso");
	struct jb_file *file;

	assert_ok(jb_file_open(fx->jb, item.id, true, true, &file));
	assert_ok(write_pattern(file, 0, 8192, 1));
	assert_ok(jb_file_flush(file, false));
	fault = f;
	was_hit = 0;
	fails_at = n;
	jb_file_release(file);
	fails_at = 0;
	reopen(fx);
	assert_int_equal(look(fx, slot(2), "b.dvd+r.iso").size, 8192);
	assert_ok(jb_item_remove(fx->jb, slot(2), "b.dvd+r.iso"));
	return was_hit;
}

static void
keeps_what_a_close_has_promised(void **state)
{
	struct fixture *fx = *state;
	unsigned hits = 0;
	bool hit;

	log_level = LOG_LEVEL_ERR;
	for (enum fault f = SYNC_FAILS; f <= READ_ONLY; f++) {
		for (int n = 1; n < 20; n++) {
			copy_in(fx, slot(2), "b.dvd+r.iso", 0, 1);
			hit = fail_after_close(fx, f, n);
			hits += hit;
			if (!hit)
				break;
		}
	}
	assert_true(hits >= 4);
}

/* ---- a store that works again ----------------------------------------------------------------- */

/* Inserts a file, whose rename into its element comes after close: only that fails. */
static enum jb_err
step_insert(struct fixture *fx)
{
	int n = fails_at;
	struct jb_file *f;

	fails_at = 0;
	f = create(fx, slot(2), "other.iso");
	assert_ok(write_pattern(f, 0, 8192, 2));
	assert_ok(jb_file_flush(f, false));
	fails_at = n;
	jb_file_release(f);
	return JB_OK;
}

static unsigned told;

static void
note_told(void *arg, enum jb_err err, const char *text)
{
	if (err != JB_OK && text != NULL)
		told++;
}

static enum jb_err
import_nothing(void *arg, struct jb_import_file *files, size_t n, const struct jb_import_out *out,
	struct jb_import_watch *watch, struct jb_import_result *result)
{
	return JB_FOREIGN;
}

/* Does one step with a fault from its n-th call on; then the store works again, and the next operation settles what is
 * blocked.  Returns false if the step has not so many calls. */
static bool
settle_once(struct fixture *fx, enum jb_err (*step)(struct fixture *fx), enum fault f, int n)
{
	char now[SHOWN_MAX], later[SHOWN_MAX];

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	fault = f;
	was_hit = 0;
	lasts = true;
	fails_at = n;
	told = 0;
	jb_set_import(fx->jb, import_nothing, note_told, NULL);
	(void)step(fx);
	jb_set_import(fx->jb, NULL, NULL, NULL);
	fails_at = 0;
	lasts = false;
	if (was_hit && step == step_insert && f != RENAME_LIES && f != SYNC_FAILS)
		assert_int_equal(told, 1);
	/* Any operation; this one changes nothing. */
	assert_err(jb_item_remove(fx->jb, slot(3), "no such"), NO_ITEM);
	show(fx, now);
	/* Nothing is blocked. */
	for (unsigned i = 1; i <= 3; i++)
		assert_int_not_equal(jb_item_rename(fx->jb, slot(i), "x.iso", slot(i), "again.iso"),
			JB_UNSETTLED);
	for (unsigned i = 1; i <= 3; i++)
		(void)jb_item_rename(fx->jb, slot(i), "again.iso", slot(i), "x.iso");
	reopen(fx);
	show(fx, later);
	assert_string_equal(now, later);
	empty_slots(fx);
	return was_hit;
}

static void
settles_when_the_store_works_again(void **state)
{
	static enum jb_err (*const steps[])(struct fixture * fx) = {
		step_move, step_relabel, step_move_by_hand, step_remove, step_insert};

	fail_everywhere(*state, steps, sizeof(steps) / sizeof(steps[0]), settle_once);
}

/* An insert whose rename fails once is tried again, and is in. */
static void
an_insert_gets_a_second_chance(void **state)
{
	struct fixture *fx = *state;
	char now[SHOWN_MAX];

	fault = RENAME_FAILS;
	fails_at = 1;
	(void)step_insert(fx);
	assert_int_equal(fails_at, 0);
	show(fx, now);
	assert_non_null(strstr(now, "slots/2/other.iso"));
	assert_int_equal(look(fx, slot(2), "other.iso").kind, JB_ITEM_DISC);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(shows_what_the_store_has),
		TEST(keeps_what_a_close_has_promised),
		TEST(shows_the_elements_that_the_store_has),
		TEST(settles_when_the_store_works_again),
		TEST(an_insert_gets_a_second_chance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
