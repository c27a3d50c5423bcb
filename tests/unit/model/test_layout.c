/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements that are added and removed while the jukebox runs. */
#include "tests/unit/model/fixture.h"

#include <pthread.h>
#include <stdatomic.h>

#include "changer/jukebox.h"

static void
put_blank(struct fixture *fx, struct jb_elem e, const char *name)
{
	jb_file_release(create(fx, e, name));
}

static void
adds_the_next_and_only_that(void **state)
{
	struct fixture *fx = *state;

	assert_err(jb_elem_add(fx->jb, slot(6)), NOT_NEXT);
	assert_err(jb_elem_add(fx->jb, slot(8)), NOT_NEXT);
	assert_err(jb_elem_add(fx->jb, slot(0)), NOT_NEXT);
	assert_err(jb_elem_add(fx->jb, slot(UINT32_MAX)), NOT_NEXT);
	assert_err(jb_elem_add(fx->jb, (struct jb_elem){JB_PICKER, 1}), IS_FIXED);
	assert_err(jb_elem_add(fx->jb, (struct jb_elem){0, 1}), IS_FIXED);
	assert_err(jb_elem_add(fx->jb, (struct jb_elem){9, 1}), IS_FIXED);
	assert_ok(jb_elem_add(fx->jb, slot(7)));
	assert_ok(jb_elem_add(fx->jb, mailslot(3)));
	assert_ok(jb_elem_add(fx->jb, drive(2)));
	assert_int_equal(jb_count(fx->jb, JB_SLOT), 7);
	assert_int_equal(jb_count(fx->jb, JB_MAILSLOT), 3);
	assert_int_equal(jb_count(fx->jb, JB_DRIVE), 3);
	put_blank(fx, slot(7), "A.iso");
	assert_ok(move_by_hand(fx->jb, slot(7), drive(2), NULL));
	reopen(fx);
	assert_int_equal(jb_count(fx->jb, JB_SLOT), 7);
	assert_int_equal(jb_count(fx->jb, JB_DRIVE), 3);
	assert_int_equal(look(fx, drive(2), "A.iso").kind, JB_ITEM_DISC);
}

static void
removes_the_last_when_it_is_empty(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f;
	struct jb_item item;

	assert_err(jb_elem_remove(fx->jb, slot(5)), NOT_LAST);
	assert_err(jb_elem_remove(fx->jb, slot(7)), NO_ELEMENT);
	assert_err(jb_elem_remove(fx->jb, picker()), IS_FIXED);
	put_blank(fx, slot(6), "A.iso");
	assert_err(jb_elem_remove(fx->jb, slot(6)), ELEMENT_NOT_EMPTY);
	assert_ok(jb_item_remove(fx->jb, slot(6), "A.iso"));
	f = create(fx, slot(6), ".A.iso.part");
	assert_err(jb_elem_remove(fx->jb, slot(6)), ELEMENT_NOT_EMPTY);
	jb_file_release(f);
	assert_err(jb_elem_remove(fx->jb, slot(6)), ELEMENT_NOT_EMPTY);
	assert_ok(jb_item_remove(fx->jb, slot(6), ".A.iso.part"));
	assert_ok(jb_elem_remove(fx->jb, slot(6)));
	assert_err(jb_file_create(fx->jb, slot(6), "B.iso", 0644, 0, 0, &f, &item), NO_ELEMENT);
	reopen(fx);
	assert_int_equal(jb_count(fx->jb, JB_SLOT), 5);
	assert_ok(jb_elem_add(fx->jb, slot(6)));
	put_blank(fx, slot(6), "B.iso");
}

static void
all_elements_but_the_picker_can_be_removed(void **state)
{
	struct fixture *fx = *state;

	for (unsigned n = 6; n > 0; n--)
		assert_ok(jb_elem_remove(fx->jb, slot(n)));
	for (unsigned n = 2; n > 0; n--) {
		assert_ok(jb_elem_remove(fx->jb, mailslot(n)));
		assert_ok(jb_elem_remove(fx->jb, drive(n - 1)));
	}
	assert_null(jb_drive(fx->jb, 0));
	reopen(fx);
	for (enum jb_elem_type t = JB_SLOT; t <= JB_DRIVE; t++) {
		assert_int_equal(jb_count(fx->jb, t), 0);
		assert_ok(jb_elem_add(fx->jb, (struct jb_elem){t, jb_first_number(t)}));
		assert_int_equal(jb_count(fx->jb, t), 1);
	}
	assert_non_null(jb_drive(fx->jb, 0));
}

static void
keeps_a_locked_drive(void **state)
{
	struct fixture *fx = *state;
	struct drive *d = jb_drive(fx->jb, 1);

	drive_prevent_for(d, true, NULL);
	assert_err(jb_elem_remove(fx->jb, drive(1)), MEDIUM_LOCKED);
	assert_int_equal(jb_count(fx->jb, JB_DRIVE), 2);
	drive_prevent_for(d, false, NULL);
	assert_ok(jb_elem_remove(fx->jb, drive(1)));
	/* A drive that is added again is the same drive, with its tray closed. */
	assert_ok(jb_elem_add(fx->jb, drive(1)));
	assert_ptr_equal(jb_drive(fx->jb, 1), d);
}

static void
keeps_the_settings_of_a_drive(void **state)
{
	struct fixture *fx = *state;
	char value[JB_TEXT_MAX];

	assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_VENDOR, 1, "ACME"));
	assert_ok(jb_elem_remove(fx->jb, drive(1)));
	assert_string_equal(jb_setting_get(fx->jb, JB_SET_DRIVE_VENDOR, 1, value), "");
	assert_err(jb_setting_set(fx->jb, JB_SET_DRIVE_VENDOR, 1, "OTHER"), NO_SETTING);
	reopen(fx);
	assert_ok(jb_elem_add(fx->jb, drive(1)));
	assert_string_equal(jb_setting_get(fx->jb, JB_SET_DRIVE_VENDOR, 1, value), "ACME");
	assert_ok(jb_elem_add(fx->jb, drive(2)));
	assert_string_equal(jb_setting_get(fx->jb, JB_SET_DRIVE_VENDOR, 2, value), "JUKEBOXD");
}

static void
never_reaches_another_range(void **state)
{
	struct fixture *fx = *state;
	uint64_t changes;

	assert_ok(jb_setting_set(fx->jb, JB_SET_CHANGER_FIRST_MAILSLOT, 0, "1022"));
	assert_err(jb_elem_add(fx->jb, mailslot(3)), OVERLAP);
	assert_ok(jb_setting_set(fx->jb, JB_SET_CHANGER_FIRST_SLOT, 0, "65530"));
	assert_err(jb_elem_add(fx->jb, slot(7)), OVERLAP);
	changes = jb_layout_changes(fx->jb);
	assert_ok(jb_elem_add(fx->jb, mailslot(3)));
	assert_true(jb_layout_changes(fx->jb) > changes);
	assert_int_equal(jb_elem_address(fx->jb, mailslot(3)), 1024);
}

static void
has_limits(void **state)
{
	struct fixture *fx = *state;
	unsigned n;

	for (n = 2; n < JB_DRIVES_MAX; n++)
		assert_ok(jb_elem_add(fx->jb, drive(n)));
	assert_err(jb_elem_add(fx->jb, drive(n)), TOO_MANY);
	/* Two more than one chunk holds. */
	for (n = 7; n <= 258; n++)
		assert_ok(jb_elem_add(fx->jb, slot(n)));
	put_blank(fx, slot(258), "Z.iso");
	reopen(fx);
	assert_int_equal(jb_count(fx->jb, JB_SLOT), 258);
	assert_int_equal(jb_count(fx->jb, JB_DRIVE), JB_DRIVES_MAX);
	assert_int_equal(look(fx, slot(258), "Z.iso").kind, JB_ITEM_DISC);
}

static void
a_slot_added_again_has_another_generation(void **state)
{
	struct fixture *fx = *state;
	unsigned before = jb_elem_generation(fx->jb, slot(6));

	assert_ok(jb_elem_remove(fx->jb, slot(6)));
	assert_int_equal(jb_elem_generation(fx->jb, slot(6)), 0);
	assert_ok(jb_elem_add(fx->jb, slot(6)));
	assert_true(jb_elem_generation(fx->jb, slot(6)) > before);
}

/* ---- the callback of drives ------------------------------------------------------------------ */

struct watch {
	unsigned added, removed;
	enum jb_err answer, farewell; /* to an addition, and to a removal */
};

static enum jb_err
watch_drive(void *arg, struct drive *d, bool there)
{
	struct watch *w = arg;

	w->added += there;
	w->removed += !there;
	if (!there)
		assert_false(strand_try(drive_strand(d)));
	return there ? w->answer : w->farewell;
}

static void
tells_of_drives(void **state)
{
	struct fixture *fx = *state;
	struct watch w = {.answer = JB_OK, .farewell = JB_NO_MEMORY};

	jb_watch_drives(fx->jb, watch_drive, &w);
	assert_ok(jb_elem_add(fx->jb, slot(7)));
	assert_int_equal(w.added, 0);
	assert_ok(jb_elem_add(fx->jb, drive(2)));
	assert_int_equal(w.added, 1);
	assert_ok(jb_elem_remove(fx->jb, drive(2)));
	assert_int_equal(w.removed, 1);
	assert_null(jb_drive(fx->jb, 2));
	assert_err(jb_elem_remove(fx->jb, drive(2)), NO_ELEMENT);
	w.answer = JB_NO_MEMORY;
	assert_err(jb_elem_add(fx->jb, drive(2)), NO_MEMORY);
	assert_int_equal(jb_count(fx->jb, JB_DRIVE), 2);
	reopen(fx);
	assert_int_equal(jb_count(fx->jb, JB_DRIVE), 2);
}

/* ---- at the same time ------------------------------------------------------------------------ */

struct race {
	struct jukebox *jb;
	_Atomic bool over;
	_Atomic unsigned inserted;
};

static void *
insert_and_remove(void *arg)
{
	struct race *r = arg;
	struct jb_elem e = {JB_SLOT, 7}, d = {JB_DRIVE, 2};

	while (!r->over) {
		struct jb_elem_status status;
		struct jb_file *f;
		struct jb_item item;

		if (jb_file_create(r->jb, e, "R.iso", 0644, 0, 0, &f, &item) == JB_OK) {
			jb_file_release(f);
			r->inserted++;
			(void)move_by_hand(r->jb, e, d, NULL);
			(void)jb_item_remove(r->jb, e, "R.iso");
			(void)jb_item_remove(r->jb, d, "R.iso");
		}
		(void)jb_elem_status(r->jb, e, &status);
		(void)jb_drive(r->jb, 2);
	}
	return NULL;
}

static void
removed_elements_hold_nothing(void **state)
{
	struct fixture *fx = *state;
	struct race r = {.jb = fx->jb};
	pthread_t thread;
	struct jb_item item;

	assert_int_equal(pthread_create(&thread, NULL, insert_and_remove, &r), 0);
	for (unsigned removed = 0; removed < 30 || r.inserted < 10;) {
		(void)jb_elem_add(fx->jb, slot(7));
		(void)jb_elem_add(fx->jb, drive(2));
		if (jb_elem_remove(fx->jb, slot(7)) == JB_OK) {
			removed++;
			assert_err(jb_item_lookup(fx->jb, slot(7), "R.iso", &item), NO_ELEMENT);
		}
		(void)jb_elem_remove(fx->jb, drive(2));
	}
	r.over = true;
	pthread_join(thread, NULL);
	reopen(fx);
	assert_true(jb_count(fx->jb, JB_SLOT) >= 6);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(adds_the_next_and_only_that),
		TEST(removes_the_last_when_it_is_empty),
		TEST(all_elements_but_the_picker_can_be_removed),
		TEST(keeps_a_locked_drive),
		TEST(keeps_the_settings_of_a_drive),
		TEST(never_reaches_another_range),
		TEST(has_limits),
		TEST(a_slot_added_again_has_another_generation),
		TEST(tells_of_drives),
		TEST(removed_elements_hold_nothing),
	};

	return cmocka_run_group_tests(tests, folders_in_memory, NULL);
}
