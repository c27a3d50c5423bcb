/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Tests the import of single files, and the reports about files that are not inserted yet. */
#include "tests/unit/model/importer.h"

#include "changer/base/clock.h"

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
	assert_int_equal(files_in(fx, slot(3)), 1);
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

static void
packed_file_copied_into_a_drive(void **state)
{
	struct fixture *fx = *state;

	put_packed(fx, drive(0), "x.iso.gz", "PACK");
	AWAIT(is_disc(fx, drive(0), "x.iso"));
	assert_content(fx, drive(0), "x.iso", PART, 7);
	assert_int_equal(entries(fx, "drives/0/x.iso"), 2);
	reopen(fx);
	assert_content(fx, drive(0), "x.iso", PART, 7);
}

static void
better_copy_after_a_broken_one(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f;
	uint8_t data[PART];

	put_packed(fx, slot(3), "x.iso.gz", "BAD!");
	AWAIT(look(fx, slot(3), "x.iso.gz").kind == JB_ITEM_INCOMPLETE);
	assert_ok(jb_file_open(fx->jb, look(fx, slot(3), "x.iso.gz").id, true, true, &f));
	fill(data, PART, 0, 7);
	assert_ok(jb_file_write(f, "PACK", 4, 0));
	assert_ok(jb_file_write(f, data, PART, 4));
	end_part(f);
	AWAIT(is_disc(fx, slot(3), "x.iso"));
	assert_content(fx, slot(3), "x.iso", PART, 7);
}

static void
reader_of_the_packed_file_does_not_keep_it(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f;
	char head[5] = "";

	held = true;
	put_packed(fx, slot(3), "x.iso.gz", "PACK");
	assert_ok(jb_file_open(fx->jb, look(fx, slot(3), "x.iso.gz").id, false, false, &f));
	held = false;
	AWAIT(is_disc(fx, slot(3), "x.iso"));
	assert_content(fx, slot(3), "x.iso", PART, 7);
	assert_int_equal(pread(jb_file_fd(f), head, 4, 0), 4);
	assert_string_equal(head, "PACK");
	jb_file_release(f);
	assert_content(fx, slot(3), "x.iso", PART, 7);
}

static void
file_that_cannot_be_put_into_its_element(void **state)
{
	struct fixture *fx = *state;

	jb_set_import(fx->jb, NULL, NULL, NULL);
	put_packed(fx, slot(3), "x.iso.gz", "BAD!");
	shell(fx, "mkdir -p slots/3/x.iso.gz/foreign");
	jb_set_import(fx->jb, import_list, hear, NULL);
	AWAIT(look(fx, slot(3), "x.iso.gz").kind == JB_ITEM_INCOMPLETE);
	assert_ok(jb_item_remove(fx->jb, slot(3), "x.iso.gz"));
	assert_true(is_empty(fx, slot(3)));
}

static struct {
	char done[16]; /* d: a directory in incoming/ is synced; r: a file of one is renamed */
	_Atomic unsigned n;
} steps;

static void
note_step(const char *what, const char *path)
{
	char c = strcmp(what, "syncdir") == 0 ? 'd' : strcmp(what, "rename") == 0 ? 'r' : 0;

	if (c != 0 && strncmp(path, "incoming/", 9) == 0 && steps.n < sizeof(steps.done) - 1)
		steps.done[steps.n++] = c;
}

/* The description that names the new image must not be durable before the image's entry. */
static void
new_image_is_durable_before_its_description(void **state)
{
	struct fixture *fx = *state;

	held = true;
	put_packed(fx, slot(3), "x.iso.gz", "PACK");
	memset(&steps, 0, sizeof(steps));
	store_step_hook = note_step;
	held = false;
	AWAIT(is_disc(fx, slot(3), "x.iso"));
	store_step_hook = NULL;
	assert_int_equal(steps.done[0], 'd');
	assert_int_equal(steps.done[1], 'r');
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

/* ---- crashes -------------------------------------------------------------------------------- */

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

/* The packed file is empty, and no disc can have its name. */
static void
act_unpack_in_vain(struct fixture *fx)
{
	static const char name[] = "x.bd-r-tl.iso.gz";
	struct jb_file *f = create(fx, slot(3), name);

	jb_set_import(fx->jb, import_list, NULL, NULL);
	assert_ok(jb_file_write(f, "PACK", 4, 0));
	end_part(f);
	done();
	AWAIT(look(fx, slot(3), name).kind == JB_ITEM_INCOMPLETE);
	done();
}

/* Whatever becomes of the import, the file that was copied in is there. */
static void
check_packed(struct fixture *fx, int acknowledged)
{
	static const char name[] = "x.bd-r-tl.iso.gz";

	if (files_in(fx, slot(3)) == 0) {
		assert_int_equal(acknowledged, 0);
		return;
	}
	jb_set_import(fx->jb, import_list, NULL, NULL);
	AWAIT(look(fx, slot(3), name).kind == JB_ITEM_INCOMPLETE);
	assert_int_equal(look(fx, slot(3), name).size, 4);
	AWAIT(entries(fx, "incoming") == 0);
}

static void
crash_while_it_is_unpacked_in_vain(void **state)
{
	static const struct scenario s = {prepare_nothing, act_unpack_in_vain, check_packed};

	held = false;
	run_scenario(&s);
}

/* Programs set the times of a file by the name that they gave it. */
static void
uploaded_name_is_known_for_a_moment(void **state)
{
	const struct jb_attr times = {.set = JB_ATTR_MTIME, .mtime = {.tv_sec = 1234567}};
	struct fixture *fx = *state;
	struct jb_item item;

	put_packed(fx, slot(3), "x.iso.gz", "PACK");
	AWAIT(is_disc(fx, slot(3), "x.iso"));
	item = look(fx, slot(3), "x.iso.gz");
	assert_int_equal(item.kind, JB_ITEM_DISC);
	assert_int_equal(item.id, look(fx, slot(3), "x.iso").id);
	assert_ok(jb_item_setattr(fx->jb, item.id, &times));
	assert_int_equal(files_in(fx, slot(3)), 1);
	/* Other calls do not know it. */
	assert_err(jb_item_remove(fx->jb, slot(3), "x.iso.gz"), NO_ITEM);
	usleep(1100000);
	assert_absent(fx, slot(3), "x.iso.gz");
	reopen(fx);
	assert_int_equal(look(fx, slot(3), "x.iso").mtime.tv_sec, 1234567);
	assert_absent(fx, slot(3), "x.iso.gz");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(packed_file_comes_in_unpacked),
		TEST(uploaded_name_is_known_for_a_moment),
		TEST(packed_file_that_is_renamed_when_whole),
		TEST(broken_archive_is_incomplete),
		TEST(plain_file_of_such_a_name_stays_as_it_is),
		TEST(removing_a_packed_file_ends_its_import),
		TEST(packed_file_waits_for_the_next_start),
		TEST(packed_file_copied_into_a_drive),
		TEST(better_copy_after_a_broken_one),
		TEST(reader_of_the_packed_file_does_not_keep_it),
		TEST(file_that_cannot_be_put_into_its_element),
		TEST(new_image_is_durable_before_its_description),
		cmocka_unit_test_setup_teardown(forgotten_upload_is_named, begin_late, end_late),
		cmocka_unit_test_setup_teardown(insert_tells_how_far_it_is, begin_late, end_late),
		cmocka_unit_test(crash_while_it_is_unpacked),
		cmocka_unit_test(crash_while_it_is_unpacked_in_vain),
	};

	return cmocka_run_group_tests(tests, share_progress, NULL);
}
