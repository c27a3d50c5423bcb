/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Crashes at every step of what happens to folders of parts. */
#include "tests/unit/model/importer.h"

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
prepare_two(struct fixture *fx)
{
	uint64_t folder = make(fx, slot(3), "Album");

	put_part(fx, folder, "new", 0, 7);
	put_part(fx, folder, "one", 0, 1);
}

static void
act_replace(struct fixture *fx)
{
	struct jb_item folder = look(fx, slot(3), "Album");

	assert_ok(jb_folder_rename(fx->jb, folder.id, "new", "one"));
	done();
}

/* There are both files, or only the new one, which then has both its name and its content. */
static void
check_replace(struct fixture *fx, int acknowledged)
{
	uint8_t data[PART], is[PART];
	struct jb_item folder, part;
	struct jb_file *f;
	bool there;

	if (jb_item_lookup(fx->jb, slot(3), "Album", &folder) != JB_OK)
		return;
	there = has_part(fx, folder.id, "new");
	assert_false(acknowledged >= 1 && there);
	assert_int_equal(parts_in(fx, folder.id), there ? 2 : 1);
	assert_ok(jb_folder_lookup(fx->jb, folder.id, "one", &part));
	assert_ok(jb_file_open(fx->jb, part.id, false, false, &f));
	assert_int_equal(pread(jb_file_fd(f), is, PART, 0), PART);
	jb_file_release(f);
	fill(data, PART, 0, there ? 1 : 7);
	assert_memory_equal(is, data, PART);
	(void)jb_folder_unlink(fx->jb, folder.id, "new");
	assert_ok(jb_folder_unlink(fx->jb, folder.id, "one"));
	assert_ok(jb_folder_remove(fx->jb, slot(3), "Album"));
}

static void
crash_while_a_part_replaces_another(void **state)
{
	static const struct scenario s = {prepare_two, act_replace, check_replace};

	held = false;
	run_scenario(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(crash_while_a_part_replaces_another),
		cmocka_unit_test(crash_while_it_becomes_a_disc),
	};

	return cmocka_run_group_tests(tests, share_progress, NULL);
}
