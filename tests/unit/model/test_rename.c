/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names, temporary names and their renames to discs, relabels, and all refusals.
 */
#include "changer/inventory/model.h"
#include "tests/unit/model/fixture.h"

static void
names(void **state)
{
	static const char *const staging[] = {".x", "x~", "x.part", "x.PARTIAL", "x.filepart",
		"x.crdownload", "x.tmp", ".x.swp", "x.swp", "sedFQB5sj", ".goutputstream-AB12CD",
		"x.new", "tmpab12_xyz", "rcksum-Ab12cD", "x.iso.aria2", "x.ISO.1", "x.img.Ab12.c",
		"x.bin.md5", "x.udf.0000000002", "x.iso.backup 2"};
	static const char *const discs[] = {"x", "x.iso", "sedation", "sedFQB5s", "sed-12345", "~x",
		"part", "x.parts", "sedum.iso", "tmpdisk.iso", "rcksum-ab.iso", "x.iso.iso",
		"x.iso.gz", "x.img.xz", "x.bin.cue", "x.iso.zst", "x.isolated.y", "iso.x",
		"CuAb12Cd", "new"};
	static const struct {
		const char *name, *label;
	} labels[] = {
		{"x.iso", "x"},
		{"x.ISO", "x"},
		{"x.img", "x"},
		{"x.Udf", "x"},
		{"x", "x"},
		{"x.y.iso", "x.y"},
		{"x.dvd+r.iso", "x"},
		{"x.DVD+R", "x"},
		{"x.iso.iso", "x.iso"},
		{"dvd+r.iso", "dvd+r"},
		{"x.bin", "x"},
		{"x.cd-r.BIN", "x"},
		{"\303\244\303\266.iso", "\303\244\303\266"},
	};
	char label[JB_NAME_MAX + 1];

	(void)state;
	for (unsigned i = 0; i < sizeof(staging) / sizeof(staging[0]); i++)
		assert_true(jb_name_is_staging(staging[i]));
	for (unsigned i = 0; i < sizeof(discs) / sizeof(discs[0]); i++)
		assert_false(jb_name_is_staging(discs[i]));
	for (unsigned i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
		jb_name_label(labels[i].name, label);
		assert_string_equal(label, labels[i].label);
	}
}

static void
bad_names_are_refused(void **state)
{
	static const char *const bad[] = {"", ".", "..", "a/b", "a\nb", "a\x7f", "\xff", "\xc0\xaf",
		"\xed\xa0\x80", "\xc2\x85", "\xe4\xbd", "\xf4\x90\x80\x80"};
	struct fixture *fx = *state;
	struct jb_file *f;
	char name[300];

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_err(jb_file_create(fx->jb, slot(1), bad[i], 0644, 0, 0, &f, NULL), BAD_NAME);
	memset(name, 'a', sizeof(name));
	name[256] = '\0';
	assert_err(jb_file_create(fx->jb, slot(1), name, 0644, 0, 0, &f, NULL), NAME_TOO_LONG);
	name[255] = '\0';
	copy_in(fx, slot(1), name, 2048, 1);
	reopen(fx);
	assert_content(fx, slot(1), name, 2048, 1);
	assert_ok(jb_item_rename(fx->jb, slot(1), name, slot(2), "\xf0\x9f\x93\x80.iso"));
	assert_err(
		jb_item_rename(fx->jb, slot(2), "\xf0\x9f\x93\x80.iso", slot(2), "a\tb"), BAD_NAME);
	assert_err(
		jb_item_rename(fx->jb, slot(2), "\xf0\x9f\x93\x80.iso", slot(1), ".."), BAD_NAME);
}

static void
refused_places(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f, *g;
	struct jb_item item;

	assert_err(jb_file_create(fx->jb, slot(7), "x", 0644, 0, 0, &f, NULL), NO_ELEMENT);
	assert_err(jb_file_create(fx->jb, slot(0), "x", 0644, 0, 0, &f, NULL), NO_ELEMENT);
	assert_err(jb_file_create(fx->jb, drive(2), "x", 0644, 0, 0, &f, NULL), NO_ELEMENT);
	assert_err(jb_file_create(fx->jb, picker(), "x", 0644, 0, 0, &f, NULL), IS_FIXED);
	assert_err(jb_file_create(fx->jb, picker(), ".x", 0644, 0, 0, &f, NULL), IS_FIXED);
	copy_in(fx, slot(1), "x", 2048, 1);
	assert_err(jb_file_create(fx->jb, slot(1), "x", 0644, 0, 0, &f, NULL), ELEMENT_FULL);
	assert_err(jb_file_create(fx->jb, slot(1), "y", 0644, 0, 0, &f, NULL), ELEMENT_FULL);
	f = create(fx, slot(2), "x");
	assert_err(jb_file_create(fx->jb, slot(2), "x", 0644, 0, 0, &g, NULL), ELEMENT_RESERVED);
	assert_err(jb_item_rename(fx->jb, slot(2), "x", slot(2), "y"), BEING_INSERTED);
	assert_err(jb_item_rename(fx->jb, slot(1), "x", slot(2), "z"), ELEMENT_RESERVED);
	jb_file_release(f);
	assert_err(jb_item_lookup(fx->jb, slot(9), "x", &item), NO_ELEMENT);
	assert_err(jb_item_remove(fx->jb, slot(1), "y"), NO_ITEM);
	assert_err(jb_item_remove(fx->jb, slot(9), "y"), NO_ELEMENT);
	assert_err(jb_file_open(fx->jb, 42, false, false, &f), NO_ITEM);
	/* recorded, protected or loaded discs cannot be opened for writing */
	assert_err(jb_file_open(fx->jb, look(fx, slot(1), "x").id, true, true, &f), RECORDED);
	copy_in(fx, drive(0), "b", 0, 0);
	assert_err(
		jb_file_open(fx->jb, look(fx, drive(0), "b").id, true, false, &f), LOADED_CLOSED);
	assert_ok(jb_item_setattr(fx->jb, look(fx, drive(0), "b").id,
		&(struct jb_attr){.set = JB_ATTR_MODE, .mode = 0444}));
	assert_err(jb_file_open(fx->jb, look(fx, drive(0), "b").id, true, false, &f), PROTECTED);
	assert_ok(jb_file_open(fx->jb, look(fx, drive(0), "b").id, false, false, &f));
	assert_err(jb_file_write(f, "", 1, 0), RECORDED);
	assert_err(jb_file_allocate(f, 0, 0, 1), RECORDED);
	jb_file_release(f);
}

static void
staging_limit(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f[JB_STAGED_MAX], *more;
	char name[16];

	copy_in(fx, slot(1), "x", 2048, 1);
	for (unsigned i = 0; i < JB_STAGED_MAX; i++) {
		snprintf(name, sizeof(name), ".x.%u", i);
		f[i] = create(fx, slot(1), name);
		assert_int_equal(look(fx, slot(1), name).kind, JB_ITEM_STAGED);
	}
	assert_err(
		jb_file_create(fx->jb, slot(1), ".more", 0644, 0, 0, &more, NULL), STAGING_LIMIT);
	assert_int_equal(files_in(fx, slot(1)), JB_STAGED_MAX + 1);
	for (unsigned i = 0; i < JB_STAGED_MAX; i++)
		jb_file_release(f[i]);
	assert_ok(jb_item_remove(fx->jb, slot(1), ".x.0"));
	assert_err(jb_item_remove(fx->jb, slot(1), ".x.0"), NO_ITEM);
	copy_in(fx, slot(1), ".more", 0, 1);
	/* rename(2) may replace one temporary file by another */
	assert_ok(jb_item_rename(fx->jb, slot(1), ".more", slot(1), ".x.1"));
	assert_int_equal(files_in(fx, slot(1)), JB_STAGED_MAX);
	assert_ok(jb_item_rename(fx->jb, slot(1), ".x.1", slot(2), ".y"));
	assert_int_equal(files_in(fx, slot(2)), 1);
	reopen(fx);
	assert_int_equal(files_in(fx, slot(1)), 1);
	assert_int_equal(files_in(fx, slot(2)), 0);
	reopen(fx);
	assert_int_equal(entries(fx, "incoming"), 0);
}

/* A rename that fails removes nothing. */
static void
a_failed_rename_leaves_the_target(void **state)
{
	struct fixture *fx = *state;
	struct item *it;
	uint64_t id;

	copy_in(fx, slot(1), ".a", 2048, 1);
	copy_in(fx, slot(1), ".b", 4096, 2);
	id = look(fx, slot(1), ".a").id;
	jb_enter(fx->jb);
	it = item_by_id(fx->jb, id);
	assert_ok(item_claim(it, NULL));
	jb_leave(fx->jb);
	assert_err(jb_item_rename(fx->jb, slot(1), ".a", slot(1), ".b"), IN_USE);
	jb_enter(fx->jb);
	item_unclaim(it);
	jb_leave(fx->jb);
	assert_content(fx, slot(1), ".a", 2048, 1);
	assert_content(fx, slot(1), ".b", 4096, 2);
	assert_ok(jb_item_rename(fx->jb, slot(1), ".a", slot(1), ".b"));
	assert_absent(fx, slot(1), ".a");
	assert_content(fx, slot(1), ".b", 2048, 1);
}

/* A file that could not become a disc in this element is refused before it is transferred. */
static void
rsync_is_refused_early(void **state)
{
	struct fixture *fx = *state;
	char longest[JB_NAME_MAX + 1], cut[JB_NAME_MAX + 1];
	struct jb_file *f;

	copy_in(fx, slot(1), "x.iso", 2048, 1);
	assert_err(jb_file_create(fx->jb, slot(1), ".y.iso.a1B2c3", 0644, 0, 0, &f, NULL),
		ELEMENT_FULL);
	assert_err(
		jb_file_create(fx->jb, slot(1), ".x.a1B2c3", 0644, 0, 0, &f, NULL), ELEMENT_FULL);
	copy_in(fx, slot(1), ".x.iso.a1B2c3", 2048, 1);
	copy_in(fx, slot(1), ".y.iso.a1B2", 2048, 1);
	copy_in(fx, slot(1), ".y.iso.a1B2-3", 2048, 1);
	assert_ok(jb_item_rename(fx->jb, slot(1), "x.iso", drive(0), "x.iso"));
	assert_err(jb_file_create(fx->jb, drive(0), ".x.iso.a1B2c3", 0644, 0, 0, &f, NULL), LOADED);
	copy_in(fx, slot(1), ".y.iso.a1B2c3", 2048, 1);
	/* rsync cuts long names so that its own name fits */
	memset(longest, 'n', JB_NAME_MAX);
	longest[JB_NAME_MAX] = '\0';
	snprintf(cut, sizeof(cut), ".%.247s.a1B2c3", longest);
	copy_in(fx, slot(2), longest, 2048, 1);
	copy_in(fx, slot(2), cut, 2048, 1);
}

static void
promotion_inserts(void **state)
{
	struct fixture *fx = *state;
	uint64_t id;

	copy_in(fx, slot(1), ".x.iso.a1B2c3", 8192, 5);
	assert_int_equal(look(fx, slot(1), ".x.iso.a1B2c3").kind, JB_ITEM_STAGED);
	assert_false(status_of(fx, slot(1)).full);
	id = look(fx, slot(1), ".x.iso.a1B2c3").id;
	assert_ok(jb_item_rename(fx->jb, slot(1), ".x.iso.a1B2c3", slot(1), "x.iso"));
	assert_int_equal(look(fx, slot(1), "x.iso").id, id);
	assert_int_equal(look(fx, slot(1), "x.iso").kind, JB_ITEM_DISC);
	assert_absent(fx, slot(1), ".x.iso.a1B2c3");
	assert_true(status_of(fx, slot(1)).full);
	reopen(fx);
	assert_content(fx, slot(1), "x.iso", 8192, 5);
	assert_int_equal(look(fx, slot(1), "x.iso").id, id);
	/* to another element, and into a drive */
	copy_in(fx, slot(2), "y~", 4096, 6);
	assert_ok(jb_item_rename(fx->jb, slot(2), "y~", drive(0), "y"));
	assert_content(fx, drive(0), "y", 4096, 6);
	assert_int_equal(files_in(fx, slot(2)), 0);
	strand_enter(drive_strand(jb_drive(fx->jb, 0)));
	assert_int_equal(disc_in(fx, 0)->size, 4096);
	strand_leave(drive_strand(jb_drive(fx->jb, 0)));
}

/* Waits until a replaced disc is forgotten: the hashing thread may still hold it for a moment. */
static void
await_forgotten(struct fixture *fx, uint64_t id)
{
	struct jb_item item;

	for (unsigned i = 0; i < 2000 && jb_item_by_id(fx->jb, id, &item) == JB_OK; i++)
		usleep(5000);
	assert_err(jb_item_by_id(fx->jb, id, &item), NO_ITEM);
}

static void
promotion_replaces(void **state)
{
	struct fixture *fx = *state;
	uint64_t old, new;
	struct jb_file *reader;
	uint8_t is[2048], should[2048];

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	old = look(fx, slot(1), "x.iso").id;
	assert_ok(jb_file_open(fx->jb, old, false, false, &reader));
	copy_in(fx, slot(1), ".x.iso.a1B2c3", 4096, 2);
	new = look(fx, slot(1), ".x.iso.a1B2c3").id;
	assert_ok(jb_item_rename(fx->jb, slot(1), ".x.iso.a1B2c3", slot(1), "x.iso"));
	assert_int_equal(look(fx, slot(1), "x.iso").id, new);
	assert_content(fx, slot(1), "x.iso", 4096, 2);
	assert_int_equal(files_in(fx, slot(1)), 1);
	/* A handle to the old disc stays valid. */
	assert_int_equal(pread(jb_file_fd(reader), is, 2048, 6144), 2048);
	fill(should, 2048, 6144, 1);
	assert_memory_equal(is, should, 2048);
	jb_file_release(reader);
	await_forgotten(fx, old);
	reopen(fx);
	assert_int_equal(look(fx, slot(1), "x.iso").id, new);
	assert_content(fx, slot(1), "x.iso", 4096, 2);
	assert_int_equal(entries(fx, "slots/1/x.iso"), 2);
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
}

/* gio renames over the existing disc before it closes. */
static void
promotion_of_an_open_file(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f;

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	f = create(fx, slot(1), ".goutputstream-AB12CD");
	assert_ok(write_pattern(f, 0, 4096, 2));
	assert_ok(jb_file_fsync(f));
	assert_ok(jb_item_rename(fx->jb, slot(1), ".goutputstream-AB12CD", slot(1), "x.iso"));
	assert_int_equal(look(fx, slot(1), "x.iso").kind, JB_ITEM_INCOMING);
	assert_int_equal(files_in(fx, slot(1)), 1);
	assert_err(jb_move(fx->jb, slot(1), drive(0), NULL), BEING_INSERTED);
	assert_ok(write_pattern(f, 4096, 6144, 2));
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
	assert_content(fx, slot(1), "x.iso", 6144, 2);
	/* into an empty element */
	f = create(fx, slot(2), ".goutputstream-AB12CD");
	assert_ok(jb_item_rename(fx->jb, slot(2), ".goutputstream-AB12CD", slot(2), "y.iso"));
	assert_ok(write_pattern(f, 0, 6144, 3));
	jb_file_release(f);
	assert_content(fx, slot(2), "y.iso", 6144, 3);
	/* killed: the old disc stays */
	f = create(fx, slot(1), ".goutputstream-AB12CD");
	assert_ok(write_pattern(f, 0, 2048, 4));
	assert_ok(jb_item_rename(fx->jb, slot(1), ".goutputstream-AB12CD", slot(1), "x.iso"));
	assert_ok(jb_file_flush(f, true));
	jb_file_release(f);
	assert_content(fx, slot(1), "x.iso", 6144, 2);
	reopen(fx);
	assert_content(fx, slot(1), "x.iso", 6144, 2);
	assert_content(fx, slot(2), "y.iso", 6144, 3);
	assert_int_equal(entries(fx, "incoming"), 0);
}

static void
refused_promotions(void **state)
{
	struct fixture *fx = *state;
	struct jb_attr protect = {.set = JB_ATTR_MODE, .mode = 0444};

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	copy_in(fx, slot(1), ".t", 4096, 2);
	assert_err(jb_item_rename(fx->jb, slot(1), ".t", slot(1), "y.iso"), ELEMENT_FULL);
	assert_err(jb_item_rename(fx->jb, slot(1), ".t", picker(), "y.iso"), IS_FIXED);
	assert_err(jb_item_rename(fx->jb, slot(1), ".nix", slot(1), "y.iso"), NO_ITEM);
	copy_in(fx, slot(2), "x.iso", 8192, 1);
	assert_err(jb_item_rename(fx->jb, slot(1), ".t", slot(2), "x.iso"), WOULD_SWAP);
	assert_ok(jb_item_setattr(fx->jb, look(fx, slot(1), "x.iso").id, &protect));
	assert_err(jb_item_rename(fx->jb, slot(1), ".t", slot(1), "x.iso"), PROTECTED);
	assert_ok(jb_item_rename(fx->jb, slot(2), "x.iso", drive(0), "x.iso"));
	copy_in(fx, drive(0), ".t", 4096, 2);
	assert_err(jb_item_rename(fx->jb, drive(0), ".t", drive(0), "x.iso"), LOADED);
	/* what was refused has not changed */
	assert_int_equal(look(fx, slot(1), ".t").kind, JB_ITEM_STAGED);
	assert_content(fx, slot(1), ".t", 4096, 2);
	assert_content(fx, slot(1), "x.iso", 8192, 1);
	assert_content(fx, drive(0), "x.iso", 8192, 1);
	assert_err(jb_item_rename(fx->jb, slot(1), "x.iso", slot(1), ".y"), NOT_STAGING);
	assert_err(jb_item_rename(fx->jb, slot(1), "x.iso", slot(4), "y~"), NOT_STAGING);
}

static void
promotion_of_a_truncated_image(void **state)
{
	struct fixture *fx = *state;
	uint8_t pvd[2048] = "\001CD001\001";
	struct jb_file *f;

	pvd[80] = 100;
	pvd[129] = 8;
	for (unsigned s = 1; s <= 2; s++) {
		f = create(fx, slot(s), ".x.iso.part");
		assert_ok(write_pattern(f, 0, 20 * 2048, 1));
		assert_ok(jb_file_write(f, pvd, sizeof(pvd), 16 * 2048));
		assert_ok(jb_file_flush(f, false));
		jb_file_release(f);
	}
	assert_ok(jb_item_rename(fx->jb, slot(1), ".x.iso.part", slot(1), "x.iso"));
	assert_int_equal(look(fx, slot(1), "x.iso").kind, JB_ITEM_INCOMPLETE);
	assert_ok(jb_item_remove(fx->jb, slot(1), "x.iso"));
	/* an incomplete file never replaces a complete disc */
	copy_in(fx, slot(2), "x.iso", 8192, 1);
	assert_err(jb_item_rename(fx->jb, slot(2), ".x.iso.part", slot(2), "x.iso"), INCOMPLETE);
	assert_content(fx, slot(2), "x.iso", 8192, 1);
	assert_int_equal(look(fx, slot(2), ".x.iso.part").kind, JB_ITEM_STAGED);
}

static void
relabel(void **state)
{
	struct fixture *fx = *state;
	uint64_t id;

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	id = look(fx, slot(1), "x.iso").id;
	assert_ok(jb_item_rename(fx->jb, slot(1), "x.iso", slot(1), "x.iso"));
	assert_ok(jb_item_rename(fx->jb, slot(1), "x.iso", slot(1), "y.iso"));
	assert_absent(fx, slot(1), "x.iso");
	assert_int_equal(look(fx, slot(1), "y.iso").id, id);
	assert_string_equal(status_of(fx, slot(1)).label, "y");
	reopen(fx);
	assert_int_equal(look(fx, slot(1), "y.iso").id, id);
	assert_content(fx, slot(1), "y.iso", 8192, 1);
	/* in a drive: unless it is locked */
	assert_ok(jb_item_rename(fx->jb, slot(1), "y.iso", drive(0), "y.iso"));
	drive_prevent_for(jb_drive(fx->jb, 0), true, NULL);
	assert_err(jb_item_rename(fx->jb, drive(0), "y.iso", drive(0), "z.iso"), MEDIUM_LOCKED);
	drive_prevent_for(jb_drive(fx->jb, 0), false, NULL);
	assert_ok(jb_item_rename(fx->jb, drive(0), "y.iso", drive(0), "z.iso"));
	(void)look(fx, drive(0), "z.iso");
	assert_err(jb_item_rename(fx->jb, drive(0), "y.iso", drive(0), "q.iso"), NO_ITEM);
}

static void
disc_onto_disc(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	copy_in(fx, slot(2), "x.iso", 4096, 2);
	assert_err(jb_item_rename(fx->jb, slot(1), "x.iso", slot(2), "x.iso"), WOULD_SWAP);
	assert_err(jb_item_rename(fx->jb, slot(1), "x.iso", slot(2), "y.iso"), ELEMENT_FULL);
	assert_err(jb_item_rename(fx->jb, slot(1), "x.iso", picker(), "y.iso"), IS_FIXED);
	assert_err(jb_item_rename(fx->jb, slot(1), "nix.iso", slot(3), "y.iso"), NO_ITEM);
	assert_content(fx, slot(1), "x.iso", 8192, 1);
	assert_content(fx, slot(2), "x.iso", 4096, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names),
		TEST(bad_names_are_refused),
		TEST(refused_places),
		TEST(staging_limit),
		TEST(a_failed_rename_leaves_the_target),
		TEST(rsync_is_refused_early),
		TEST(promotion_inserts),
		TEST(promotion_replaces),
		TEST(promotion_of_an_open_file),
		TEST(refused_promotions),
		TEST(promotion_of_a_truncated_image),
		TEST(relabel),
		TEST(disc_onto_disc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
