/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What users set on a disc: type and capacity of a blank, the write-protect tab; and the origin that is
 * stored with the content.
 */
#include "tests/unit/model/fixture.h"

#include "changer/check.h"

static uint64_t
blank(struct fixture *fx, struct jb_elem e, const char *name)
{
	copy_in(fx, e, name, 0, 0);
	return look(fx, e, name).id;
}

/* A blank holds what was set, also one that comes formatted, in packets or not. */
static void
assert_holds_what_is_set(struct fixture *fx, uint64_t id, const struct medium *m)
{
	uint32_t all = m->largest != 0 ? m->largest : medium_blank_holds(m),
		 packet = medium_packet(m);
	const uint32_t sectors[] = {packet > 1 ? packet : 64, all / 2 / 64 * 64, all};
	char text[32];

	for (size_t i = 0; i < sizeof(sectors) / sizeof(sectors[0]); i++) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)sectors[i] * SECTOR_SIZE);
		assert_ok(jb_item_set_capacity(fx->jb, id, text));
		assert_int_equal(look(fx, slot(1), "x.iso").capacity, sectors[i]);
	}
	snprintf(text, sizeof(text), "%llu", ((unsigned long long)all + 1) * SECTOR_SIZE);
	assert_err(jb_item_set_capacity(fx->jb, id, text), BAD_CAPACITY);
}

/* Every writable type can be set and survives a restart; it brings its own capacity. */
static void
type_of_a_blank(void **state)
{
	struct fixture *fx = *state;
	uint64_t id = blank(fx, slot(1), "x.iso");
	const struct medium *m;

	for (size_t i = 0; (m = medium_row(i)) != NULL; i++) {
		if (!medium_writable(m)) {
			assert_err(jb_item_set_profile(fx->jb, id, m->suffix), NO_SUCH_MEDIUM);
			continue;
		}
		assert_ok(jb_item_set_profile(fx->jb, id, m->suffix));
		assert_ptr_equal(look(fx, slot(1), "x.iso").medium, m);
		assert_int_equal(look(fx, slot(1), "x.iso").capacity, medium_blank_holds(m));
		reopen(fx);
		assert_ptr_equal(look(fx, slot(1), "x.iso").medium, m);
		assert_holds_what_is_set(fx, id, m);
	}
	assert_err(jb_item_set_profile(fx->jb, id, "vinyl"), NO_SUCH_MEDIUM);
	assert_err(jb_item_set_profile(fx->jb, id, ""), NO_SUCH_MEDIUM);
	assert_err(jb_item_set_profile(fx->jb, 4711, "dvd+r"), NO_ITEM);
}

/* The largest disc of a type, in sectors, and one sector more. */
static void
capacities_beyond_the_usual(void **state)
{
	static const struct {
		const char *name;
		uint64_t sectors;
	} rows[] = {{"x.cd-r.iso", 449850}, {"x.cd-rw.iso", 449850}, {"x.bd-r-xl.iso", 62500864},
		{"x.bd-re-xl.iso", 48878592}, {"x.dvd-r.iso", 2297888}};
	struct fixture *fx = *state;
	char bytes[32];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint64_t id = blank(fx, slot(1), rows[i].name);

		snprintf(bytes, sizeof(bytes), "%ju", (uintmax_t)(rows[i].sectors * SECTOR_SIZE));
		assert_ok(jb_item_set_capacity(fx->jb, id, bytes));
		snprintf(bytes, sizeof(bytes), "%ju",
			(uintmax_t)((rows[i].sectors + 1) * SECTOR_SIZE));
		assert_err(jb_item_set_capacity(fx->jb, id, bytes), BAD_CAPACITY);
		reopen(fx);
		assert_int_equal(look(fx, slot(1), rows[i].name).capacity, rows[i].sectors);
		assert_ok(jb_item_remove(fx->jb, slot(1), rows[i].name));
	}
}

static void
capacity_of_a_blank(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{"1048576", 1048576},
		{"64K", 65536},
		{"1m", 1048576},
		{"1 MB", 999424}, /* whole sectors */
		{"2GiB", (uint64_t)2 << 30},
		{"4G", (uint64_t)4 << 30},
		{"4gb", 4000000000 / 2048 * 2048},
		{"4700372992", 4700372992},
		{"65536b", 65536},
		{"1.5G", (uint64_t)3 << 29},
	};
	static const char *const bad[] = {"", "x", "-1", "0", "1", "4700375040", "5G", "1T", "4GG",
		"4Gi", "4 G B", "4G ", "99999999999999999999", "9999999999T", "1e9", "0x10000",
		"1.5.1G", "64K\n"};
	struct fixture *fx = *state;
	uint64_t id = blank(fx, slot(1), "x.dvd+r.iso");

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_ok(jb_item_set_capacity(fx->jb, id, good[i].text));
		assert_int_equal(
			look(fx, slot(1), "x.dvd+r.iso").capacity, good[i].bytes / SECTOR_SIZE);
	}
	assert_ok(jb_item_set_capacity(fx->jb, id, "64K"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_err(jb_item_set_capacity(fx->jb, id, bad[i]), BAD_CAPACITY);
		assert_int_equal(look(fx, slot(1), "x.dvd+r.iso").capacity, 32);
	}
	/* A file that is not a disc has no capacity, and no medium yet. */
	copy_in(fx, slot(2), ".s.iso", 0, 0);
	assert_err(
		jb_item_set_capacity(fx->jb, look(fx, slot(2), ".s.iso").id, "64K"), NO_ATTRIBUTE);
	/* Setting the type that it already has changes nothing. */
	assert_ok(jb_item_set_profile(fx->jb, id, "dvd+r"));
	reopen(fx);
	assert_int_equal(look(fx, slot(1), "x.dvd+r.iso").capacity, 32);
	/* The disc holds no more than its capacity. */
	{
		struct jb_file *f;

		assert_ok(jb_file_open(fx->jb, id, true, false, &f));
		assert_err(jb_file_write(f, "x", 1, 65536), TOO_LARGE);
		jb_file_release(f);
		assert_ok(jb_file_open(fx->jb, id, true, true, &f));
		assert_ok(write_pattern(f, 0, 65536, 1));
		assert_ok(jb_file_flush(f, false));
		jb_file_release(f);
	}
	assert_content(fx, slot(1), "x.dvd+r.iso", 65536, 1);
	assert_int_equal(look(fx, slot(1), "x.dvd+r.iso").capacity, 32);
}

static void
only_of_a_blank(void **state)
{
	struct jb_attr tab = {.set = JB_ATTR_MODE, .mode = 0444};
	struct fixture *fx = *state;
	uint64_t id = blank(fx, slot(1), "x.iso");
	struct jb_file *f;

	assert_ok(jb_item_setattr(fx->jb, id, &tab));
	assert_err(jb_item_set_profile(fx->jb, id, "dvd+r"), PROTECTED);
	assert_err(jb_item_set_capacity(fx->jb, id, "64K"), PROTECTED);
	reopen(fx);
	assert_err(jb_item_set_capacity(fx->jb, id, "64K"), PROTECTED);
	tab.mode = 0644;
	assert_ok(jb_item_setattr(fx->jb, id, &tab));
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	assert_err(jb_item_set_capacity(fx->jb, id, "64K"), LOADED);
	copy_in(fx, slot(2), "y.iso", 4096, 1);
	assert_err(jb_item_set_profile(fx->jb, look(fx, slot(2), "y.iso").id, "dvd+r"), NOT_BLANK);
	assert_err(jb_item_set_capacity(fx->jb, look(fx, slot(2), "y.iso").id, "64K"), NOT_BLANK);
	f = create(fx, slot(3), "z.iso");
	assert_err(jb_item_set_profile(fx->jb, look(fx, slot(3), "z.iso").id, "dvd+r"),
		BEING_INSERTED);
	assert_ok(write_pattern(f, 0, 4096, 1));
	assert_ok(jb_file_flush(f, true));
	jb_file_release(f);
	assert_err(jb_item_set_profile(fx->jb, look(fx, slot(3), "z.iso").id, "dvd+r"), INCOMPLETE);
	copy_in(fx, slot(4), ".s.iso", 0, 0);
	assert_err(
		jb_item_set_profile(fx->jb, look(fx, slot(4), ".s.iso").id, "dvd+r"), NO_ATTRIBUTE);
}

/* ---- origin, next writable address ------------------------------------------------------------ */

static void
origin_follows_the_content(void **state)
{
	static const uint8_t sectors[16 * SECTOR_SIZE];
	struct fixture *fx = *state;
	struct strand *strand = drive_strand(jb_drive(fx->jb, 0));
	uint64_t id = blank(fx, slot(1), "x.iso");

	assert_int_equal(look(fx, slot(1), "x.iso").origin, JB_ORIGIN_BLANK);
	assert_int_equal(look(fx, slot(1), "x.iso").nwa, 0);
	copy_in(fx, slot(2), "y.iso", 4096, 1);
	assert_int_equal(look(fx, slot(2), "y.iso").origin, JB_ORIGIN_INSERTED);
	assert_int_equal(look(fx, slot(2), "y.iso").nwa, -1);
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	strand_enter(strand);
	assert_ok(disc_write(disc_in(fx, 0), 0, 16, sectors));
	strand_leave(strand);
	assert_int_equal(look(fx, drive(0), "x.iso").origin, JB_ORIGIN_BURNED);
	assert_int_equal(look(fx, drive(0), "x.iso").nwa, 16);
	/* Both are kept in the store. */
	reopen(fx);
	assert_int_equal(look(fx, drive(0), "x.iso").origin, JB_ORIGIN_BURNED);
	assert_int_equal(look(fx, drive(0), "x.iso").nwa, 16);
	assert_int_equal(look(fx, slot(2), "y.iso").origin, JB_ORIGIN_INSERTED);
	assert_int_equal(look(fx, drive(0), "x.iso").id, id);
	assert_string_equal(jb_origin_name(JB_ORIGIN_BURNED), "burned");
	assert_null(jb_origin_name(JB_ORIGIN_UNKNOWN));
}

/* An old store, or a description that was written by hand. */
static void
unknown_origin(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, slot(1), "x.iso", 4096, 1);
	copy_in(fx, slot(2), "y.iso", 4096, 1);
	jb_close(fx->jb);
	shell(fx, "sed -i '/\"origin\"/d' slots/1/x.iso/disc.json");
	shell(fx, "sed -i 's/\"inserted\"/\"found\"/' slots/2/y.iso/disc.json");
	open_store(fx, 0, 0, 0);
	assert_int_equal(look(fx, slot(1), "x.iso").origin, JB_ORIGIN_UNKNOWN);
	assert_int_equal(look(fx, slot(2), "y.iso").origin, JB_ORIGIN_UNKNOWN);
}

/* ---- the tab ---------------------------------------------------------------------------------- */

static void
tab_stops_every_way_to_write(void **state)
{
	static const uint8_t sectors[16 * SECTOR_SIZE];
	struct jb_attr tab = {.set = JB_ATTR_MODE, .mode = 0444};
	struct fixture *fx = *state;
	struct strand *strand = drive_strand(jb_drive(fx->jb, 0));
	uint64_t id = blank(fx, slot(1), "x.iso");
	struct jb_file *f;

	assert_ok(jb_item_setattr(fx->jb, id, &tab));
	assert_err(jb_file_open(fx->jb, id, true, false, &f), PROTECTED);
	assert_err(jb_file_open(fx->jb, id, true, true, &f), PROTECTED);
	assert_err(jb_file_truncate(fx->jb, id, 4096), PROTECTED);
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	reopen(fx);
	strand = drive_strand(jb_drive(fx->jb, 0));
	strand_enter(strand);
	assert_true(disc_protected(disc_in(fx, 0)));
	assert_err(disc_write(disc_in(fx, 0), 0, 16, sectors), PROTECTED);
	assert_err(disc_reserve_track(disc_in(fx, 0), 64), PROTECTED);
	assert_err(disc_close(disc_in(fx, 0), 6, 0), PROTECTED);
	assert_err(disc_turn_into_rom(disc_in(fx, 0)), PROTECTED);
	strand_leave(strand);
	tab.mode = 0644;
	assert_ok(jb_item_setattr(fx->jb, id, &tab));
	strand_enter(strand);
	assert_ok(disc_write(disc_in(fx, 0), 0, 16, sectors));
	strand_leave(strand);
	/* The tab stops a burn in progress. */
	tab.mode = 0444;
	assert_ok(jb_item_setattr(fx->jb, id, &tab));
	strand_enter(strand);
	assert_err(disc_write(disc_in(fx, 0), 16, 16, sectors), PROTECTED);
	strand_leave(strand);
	assert_int_equal(look(fx, drive(0), "x.iso").nwa, 16);
}

/* ---- persistent write protection --------------------------------------------------------------- */

static void
persistent_protection_stops_every_way_to_write(void **state)
{
	static const uint8_t sectors[16 * SECTOR_SIZE];
	struct fixture *fx = *state;
	uint64_t id = blank(fx, slot(1), "x.dvd-ram.iso"), other;
	struct jb_file *f;
	struct disc *d;

	assert_err(jb_item_set_protection(fx->jb, id, "tab"), BAD_PROTECTION);
	assert_ok(jb_item_set_protection(fx->jb, id, "persistent"));
	assert_true(look(fx, slot(1), "x.dvd-ram.iso").pwp);
	reopen(fx);
	assert_err(jb_file_open(fx->jb, id, true, false, &f), PERSISTENT);
	assert_err(jb_file_truncate(fx->jb, id, 4096), PERSISTENT);
	assert_err(jb_item_set_profile(fx->jb, id, "dvd+r"), PERSISTENT);
	assert_err(jb_item_set_capacity(fx->jb, id, "1G"), PERSISTENT);
	copy_in(fx, slot(1), ".new", 4096, 1);
	assert_err(jb_item_rename(fx->jb, slot(1), ".new", slot(1), "x.dvd-ram.iso"), PERSISTENT);
	/* A protected disc can be moved, and is protected in the drive. */
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	d = hold(fx);
	assert_err(disc_write(d, 0, 16, sectors), PERSISTENT);
	assert_err(disc_close(d, 1, 1), PERSISTENT);
	release(fx);
	assert_ok(jb_item_set_protection(fx->jb, id, "off"));
	assert_false(look(fx, drive(0), "x.dvd-ram.iso").pwp);
	d = hold(fx);
	assert_ok(disc_write(d, 0, 16, sectors));
	assert_ok(disc_set_pwp(d, true));
	release(fx);
	/* The earlier content is still there, and a protected disc can be removed. */
	reopen(fx);
	assert_true(look(fx, drive(0), "x.dvd-ram.iso").pwp);
	assert_int_equal(look(fx, drive(0), "x.dvd-ram.iso").size, 16 * SECTOR_SIZE);
	other = blank(fx, slot(3), "y.dvd+r.iso");
	assert_err(jb_item_set_protection(fx->jb, other, "persistent"), NOT_SUPPORTED);
	assert_ok(jb_item_remove(fx->jb, drive(0), "x.dvd-ram.iso"));
}

/* The hash is that of the content, which does not change. */
static void
protection_keeps_the_hash(void **state)
{
	static const char hash[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	struct fixture *fx = *state;
	struct jb_check check;
	uint64_t id;

	copy_in(fx, slot(1), "x.dvd-ram.iso", 65536, 1);
	id = look(fx, slot(1), "x.dvd-ram.iso").id;
	assert_ok(jb_item_set_hash(fx->jb, id, hash));
	assert_ok(jb_item_set_protection(fx->jb, id, "persistent"));
	for (int again = 0; again < 2; again++) {
		assert_ok(jb_item_check(fx->jb, id, &check));
		assert_string_equal(check.sha256, hash);
		reopen(fx);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(type_of_a_blank),
		TEST(capacities_beyond_the_usual),
		TEST(capacity_of_a_blank),
		TEST(only_of_a_blank),
		TEST(origin_follows_the_content),
		TEST(unknown_origin),
		TEST(tab_stops_every_way_to_write),
		TEST(persistent_protection_stops_every_way_to_write),
		TEST(protection_keeps_the_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
