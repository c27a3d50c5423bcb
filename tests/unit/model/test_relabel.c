/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Labels that an initiator sets, with and without a mover. */
#include "tests/unit/model/fixture.h"

#define HOST "iqn.2026-01.test:host"

static void
gives_labels(void **state)
{
	struct fixture *fx = *state;
	uint64_t id;

	copy_in(fx, slot(1), "a.dvd+r.iso", 8192, 1);
	id = look(fx, slot(1), "a.dvd+r.iso").id;
	assert_ok(jb_relabel(fx->jb, slot(1), "new", false, HOST));
	assert_content(fx, slot(1), "new.dvd+r.iso", 8192, 1);
	assert_int_equal(look(fx, slot(1), "new.dvd+r.iso").id, id);
	assert_string_equal(status_of(fx, slot(1)).label, "new");
	assert_ok(jb_relabel(fx->jb, slot(1), "new", false, HOST)); /* the same label */
	assert_err(jb_relabel(fx->jb, slot(1), "other", true, HOST), LABELLED);
	assert_ok(jb_relabel(fx->jb, slot(1), NULL, false, HOST));
	assert_content(fx, slot(1), JB_LABEL_NONE ".dvd+r.iso", 8192, 1);
	assert_ok(jb_relabel(fx->jb, slot(1), "other", true, HOST));
	reopen(fx);
	assert_content(fx, slot(1), "other.dvd+r.iso", 8192, 1);
	copy_in(fx, drive(0), "loaded", 4096, 2); /* a name without a suffix */
	assert_ok(jb_relabel(fx->jb, drive(0), "again", false, HOST));
	assert_content(fx, drive(0), "again", 4096, 2);
	assert_false(status_of(fx, drive(0)).reserved);
}

static void
refuses_labels(void **state)
{
	static const char *const bad[] = {"", "a/b", ".a", "a.dvd+r", "a\tb", "\xff"};
	struct fixture *fx = *state;
	char label[JB_NAME_MAX + 2];
	struct jb_file *f;

	assert_err(jb_relabel(fx->jb, slot(7), "x", false, HOST), NO_ELEMENT);
	assert_err(jb_relabel(fx->jb, slot(1), "x", false, HOST), ELEMENT_EMPTY);
	copy_in(fx, slot(1), "a.iso", 8192, 1);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_err(jb_relabel(fx->jb, slot(1), bad[i], false, HOST), BAD_LABEL);
	memset(label, 'x', JB_NAME_MAX - 3);
	label[JB_NAME_MAX - 3] = '\0';
	assert_err(jb_relabel(fx->jb, slot(1), label, false, HOST), BAD_LABEL);
	label[JB_NAME_MAX - 4] = '\0';
	assert_ok(jb_relabel(fx->jb, slot(1), label, false, HOST));
	f = create(fx, slot(2), "b.iso");
	assert_ok(write_pattern(f, 0, 4096, 1));
	assert_err(jb_relabel(fx->jb, slot(2), "x", false, HOST), BEING_INSERTED);
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
	copy_in(fx, drive(0), "c.iso", 4096, 2);
	drive_prevent_for(jb_drive(fx->jb, 0), true, NULL);
	assert_err(jb_relabel(fx->jb, drive(0), "x", false, HOST), MEDIUM_LOCKED);
	drive_prevent_for(jb_drive(fx->jb, 0), false, NULL);
	assert_content(fx, drive(0), "c.iso", 4096, 2);
}

struct mover {
	unsigned jobs;
	char old[JB_NAME_MAX + 1], name[JB_NAME_MAX + 1];
};

static void
mover(void *arg, struct jb_job *job)
{
	struct mover *m = arg;
	struct jb_job_view view;

	m->jobs++;
	jb_job_view(job, &view);
	assert_int_equal(view.from.type, view.to.type);
	assert_int_equal(view.from.number, view.to.number);
	strcpy(m->old, view.name);
	strcpy(m->name, view.new_name);
	assert_ok(jb_job_commit(job));
}

/* The mover gets a rename within one element, with the old and the new name. */
static void
a_relabel_is_a_job_of_the_mover(void **state)
{
	struct fixture *fx = *state;
	struct mover m = {.jobs = 0};

	copy_in(fx, slot(3), "a.iso", 8192, 1);
	jb_set_mover(fx->jb, mover, &m);
	assert_ok(jb_relabel(fx->jb, slot(3), "b", false, HOST));
	assert_int_equal(m.jobs, 1);
	assert_string_equal(m.old, "a.iso");
	assert_string_equal(m.name, "b.iso");
	assert_ok(jb_relabel(fx->jb, slot(3), "b", false, HOST)); /* nothing to do */
	assert_int_equal(m.jobs, 1);
	assert_false(status_of(fx, slot(3)).reserved);
	jb_set_mover(fx->jb, NULL, NULL);
	assert_ok(jb_move(fx->jb, slot(3), slot(4), NULL));
}

/* Initiators are told about changes by users at the mount, not about changes by initiators. */
static void
a_relabel_is_not_reported_as_by_hand(void **state)
{
	struct fixture *fx = *state;
	struct jb_hand_view before, after;

	copy_in(fx, mailslot(1), "a.iso", 8192, 1);
	jb_hand_view(fx->jb, &before);
	assert_ok(jb_relabel(fx->jb, mailslot(1), "b", false, HOST));
	jb_hand_view(fx->jb, &after);
	assert_int_equal(after.mailslots, before.mailslots);
	assert_true(status_of(fx, mailslot(1)).by_hand);
	assert_ok(jb_item_rename(fx->jb, mailslot(1), "b.iso", mailslot(1), "c.iso"));
	jb_hand_view(fx->jb, &after);
	assert_int_equal(after.mailslots, before.mailslots + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(gives_labels),
		TEST(refuses_labels),
		TEST(a_relabel_is_a_job_of_the_mover),
		TEST(a_relabel_is_not_reported_as_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
