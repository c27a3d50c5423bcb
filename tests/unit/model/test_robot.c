/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Moves, exchanges, jobs of a mover, and the effects of the drive's tray and of mail slot doors.
 */
#include "tests/unit/model/fixture.h"

#include <pthread.h>

static void
moves(void **state)
{
	struct fixture *fx = *state;
	uint64_t id;

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	id = look(fx, slot(1), "x.iso").id;
	assert_false(status_of(fx, slot(1)).has_source);
	assert_ok(jb_move(fx->jb, slot(1), drive(1), NULL));
	assert_false(status_of(fx, slot(1)).full);
	assert_true(status_of(fx, drive(1)).full);
	assert_true(status_of(fx, drive(1)).has_source);
	assert_int_equal(status_of(fx, drive(1)).source, status_of(fx, slot(1)).address);
	reopen(fx);
	assert_content(fx, drive(1), "x.iso", 8192, 1);
	assert_int_equal(status_of(fx, drive(1)).source, status_of(fx, slot(1)).address);
	strand_enter(drive_strand(jb_drive(fx->jb, 1)));
	assert_int_equal(disc_capacity(disc_in(fx, 1)), 4);
	strand_leave(drive_strand(jb_drive(fx->jb, 1)));
	/* from drive to drive, and out: the source stays the storage element */
	assert_ok(jb_move(fx->jb, drive(1), drive(0), NULL));
	assert_ok(move_by_hand(fx->jb, drive(0), mailslot(2), "y.iso"));
	assert_int_equal(status_of(fx, mailslot(2)).source, status_of(fx, slot(1)).address);
	assert_int_equal(look(fx, mailslot(2), "y.iso").id, id);
	assert_ok(jb_move(fx->jb, mailslot(2), slot(6), NULL));
	assert_int_equal(status_of(fx, slot(6)).source, status_of(fx, mailslot(2)).address);
	reopen(fx);
	assert_content(fx, slot(6), "y.iso", 8192, 1);
}

static void
refused_moves(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	copy_in(fx, slot(2), "y.iso", 8192, 2);
	assert_err(jb_move(fx->jb, slot(3), slot(4), NULL), ELEMENT_EMPTY);
	assert_err(jb_move(fx->jb, slot(1), slot(2), NULL), ELEMENT_FULL);
	assert_err(jb_move(fx->jb, slot(1), slot(1), NULL), ELEMENT_FULL);
	assert_err(jb_move(fx->jb, slot(1), slot(99), NULL), NO_ELEMENT);
	assert_err(jb_move(fx->jb, slot(99), slot(1), NULL), NO_ELEMENT);
	assert_err(jb_move(fx->jb, slot(1), picker(), NULL), IS_FIXED);
	/* a directory of that name, made by hand while the daemon runs, is not overwritten */
	shell(fx, "mkdir slots/5/x.iso && touch slots/5/x.iso/precious");
	assert_err(jb_move(fx->jb, slot(1), slot(5), NULL), ELEMENT_FULL);
	assert_content(fx, slot(1), "x.iso", 8192, 1);
	assert_int_equal(entries(fx, "slots/5/x.iso"), 1);
	assert_ok(jb_move(fx->jb, slot(1), slot(6), NULL));
}

static void
locked_drive(void **state)
{
	struct fixture *fx = *state;
	struct drive *d = jb_drive(fx->jb, 0);
	struct drive_view view;

	assert_null(jb_drive(fx->jb, 2));
	copy_in(fx, slot(1), "x.iso", 8192, 1);
	drive_prevent_for(d, true, NULL);
	/* PREVENT without a disc does not keep a disc out. */
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	assert_false(status_of(fx, drive(0)).accessible);
	assert_err(jb_move(fx->jb, drive(0), slot(1), NULL), MEDIUM_LOCKED);
	assert_err(jb_item_rename(fx->jb, drive(0), "x.iso", slot(1), "x.iso"), MEDIUM_LOCKED);
	assert_err(jb_item_remove(fx->jb, drive(0), "x.iso"), MEDIUM_LOCKED);
	strand_enter(drive_strand(d));
	assert_err(drive_open_tray(d, false), MEDIUM_LOCKED);
	drive_request_eject(d);
	assert_ok(drive_open_tray(d, true));
	assert_ok(drive_open_tray(d, false));
	strand_leave(drive_strand(d));
	drive_view(d, &view);
	assert_true(view.locked && view.tray_open && view.has_disc);
	assert_int_equal(view.eject_requests, 1);
	/* PREVENT locks a closed tray. From an open tray the disc can be taken. */
	assert_true(status_of(fx, drive(0)).accessible);
	assert_ok(jb_move(fx->jb, drive(0), slot(1), NULL));
	drive_view(d, &view);
	assert_true(view.tray_open && !view.has_disc);
	/* and a load closes it */
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	drive_view(d, &view);
	assert_false(view.tray_open);
	drive_prevent_for(d, false, NULL);
	assert_ok(jb_item_remove(fx->jb, drive(0), "x.iso"));
}

static void
tray_and_counters(void **state)
{
	struct fixture *fx = *state;
	struct drive *d = jb_drive(fx->jb, 0);
	struct drive_view a, b;
	struct disc *disc;

	assert_ptr_equal(drive_jukebox(d), fx->jb);
	assert_int_equal(drive_number(d), 0);
	strand_enter(drive_strand(d));
	assert_err(drive_disc(d, &disc), NO_MEDIUM);
	assert_ok(drive_open_tray(d, false));
	assert_err(drive_disc(d, &disc), TRAY_OPEN);
	assert_ok(drive_close_tray(d));
	strand_leave(drive_strand(d));
	copy_in(fx, slot(1), "x.iso", 8192, 1);
	drive_view(d, &a);
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	drive_view(d, &b);
	assert_int_equal(b.media_changes, a.media_changes + 1);
	assert_int_equal(b.media_arrivals, a.media_arrivals + 1);
	strand_enter(drive_strand(d));
	assert_ok(drive_open_tray(d, false));
	drive_view(d, &a);
	assert_int_equal(a.media_changes, b.media_changes + 1);
	assert_int_equal(a.media_arrivals, b.media_arrivals);
	assert_err(drive_disc(d, &disc), TRAY_OPEN);
	assert_ok(drive_close_tray(d));
	assert_ok(drive_close_tray(d));
	drive_view(d, &b);
	assert_int_equal(b.media_changes, a.media_changes + 1);
	assert_int_equal(b.media_arrivals, a.media_arrivals + 1);
	assert_ok(drive_disc(d, &disc));
	strand_leave(drive_strand(d));
	assert_ok(jb_move(fx->jb, drive(0), slot(2), NULL));
	drive_view(d, &a);
	assert_int_equal(a.media_changes, b.media_changes + 1);
	assert_int_equal(a.media_arrivals, b.media_arrivals);
}

/* ---- exchange -------------------------------------------------------------------------------- */

static void
exchanges(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, slot(1), "a.iso", 8192, 1);
	copy_in(fx, slot(2), "b.iso", 4096, 2);
	assert_ok(jb_move(fx->jb, slot(2), drive(0), NULL));
	/* there and back */
	assert_ok(jb_exchange(fx->jb, slot(1), drive(0), slot(1), NULL));
	assert_content(fx, drive(0), "a.iso", 8192, 1);
	assert_content(fx, slot(1), "b.iso", 4096, 2);
	/* three elements */
	assert_ok(jb_exchange(fx->jb, slot(1), drive(0), slot(5), NULL));
	assert_content(fx, drive(0), "b.iso", 4096, 2);
	assert_content(fx, slot(5), "a.iso", 8192, 1);
	assert_false(status_of(fx, slot(1)).full);
	assert_false(status_of(fx, picker()).full);
	reopen(fx);
	assert_content(fx, drive(0), "b.iso", 4096, 2);
	assert_content(fx, slot(5), "a.iso", 8192, 1);
}

static void
refused_exchanges(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, slot(1), "a.iso", 8192, 1);
	copy_in(fx, slot(2), "b.iso", 4096, 2);
	copy_in(fx, slot(3), "c.iso", 4096, 3);
	assert_err(jb_exchange(fx->jb, slot(1), drive(0), slot(1), NULL), ELEMENT_EMPTY);
	assert_err(jb_exchange(fx->jb, slot(4), slot(1), slot(4), NULL), ELEMENT_EMPTY);
	assert_err(jb_exchange(fx->jb, slot(1), slot(2), slot(3), NULL), ELEMENT_FULL);
	assert_err(jb_exchange(fx->jb, slot(1), slot(99), slot(3), NULL), NO_ELEMENT);
	assert_ok(jb_move(fx->jb, slot(2), drive(0), NULL));
	drive_prevent_for(jb_drive(fx->jb, 0), true, NULL);
	assert_err(jb_exchange(fx->jb, slot(1), drive(0), slot(1), NULL), MEDIUM_LOCKED);
	drive_prevent_for(jb_drive(fx->jb, 0), false, NULL);
	/* no element is left reserved */
	assert_ok(jb_exchange(fx->jb, slot(1), drive(0), slot(1), NULL));
	assert_content(fx, drive(0), "a.iso", 8192, 1);
}

static void
disc_left_in_the_picker(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, slot(1), "a.iso", 8192, 1);
	copy_in(fx, slot(2), "b.iso", 8192, 2);
	copy_in(fx, slot(3), "c.iso", 8192, 3);
	jb_close(fx->jb);
	shell(fx, "mv slots/1/a.iso transport/0/");
	open_store(fx, 0, 0, 0);
	assert_true(status_of(fx, picker()).full);
	assert_content(fx, picker(), "a.iso", 8192, 1);
	assert_err(jb_exchange(fx->jb, slot(2), slot(3), slot(2), NULL), ELEMENT_FULL);
	assert_ok(jb_item_rename(fx->jb, picker(), "a.iso", slot(1), "a.iso"));
	assert_ok(jb_exchange(fx->jb, slot(2), slot(3), slot(2), NULL));
	assert_content(fx, slot(2), "c.iso", 8192, 3);
}

/* ---- the mail slot's door, and jobs of a mover ----------------------------------------------- */

/* An open mail slot stops the robot; a user who inserts a disc closes it. */
static void
open_mailslot(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, slot(1), "a.iso", 8192, 1);
	copy_in(fx, mailslot(1), "b.iso", 4096, 2);
	assert_ok(jb_mailslot_open(fx->jb, mailslot(1), true));
	assert_ok(jb_mailslot_open(fx->jb, mailslot(2), true));
	assert_err(jb_move(fx->jb, mailslot(1), slot(2), NULL), MAILSLOT_OPEN);
	assert_err(jb_move(fx->jb, slot(1), mailslot(2), NULL), MAILSLOT_OPEN);
	/* this is checked before anything else */
	assert_err(jb_move(fx->jb, slot(3), mailslot(2), NULL), MAILSLOT_OPEN);
	assert_err(jb_exchange(fx->jb, slot(1), mailslot(1), slot(1), NULL), MAILSLOT_OPEN);
	assert_ok(jb_item_rename(fx->jb, slot(1), "a.iso", mailslot(2), "a.iso"));
	assert_false(status_of(fx, mailslot(2)).open);
	assert_ok(jb_move(fx->jb, mailslot(2), slot(1), NULL));
}

struct mover {
	struct fixture *fx;
	unsigned jobs;
	bool later;
	enum jb_err committed, again;
	pthread_t thread;
	struct jb_job *job;
};

static void *
commit_later(void *arg)
{
	struct mover *m = arg;

	usleep(20000);
	m->committed = jb_job_commit(m->job);
	return NULL;
}

static void
mover(void *arg, struct jb_job *job)
{
	struct mover *m = arg;
	struct jb_job_view view;

	m->jobs++;
	jb_job_view(job, &view);
	/* The destination is reserved while the job runs. */
	assert_true(status_of(m->fx, view.to).reserved);
	assert_string_equal(view.name, view.new_name);
	assert_int_equal(look(m->fx, view.from, view.name).id, view.disc);
	m->job = job;
	if (m->later)
		pthread_create(&m->thread, NULL, commit_later, m);
	else
		m->committed = jb_job_commit(job);
}

static void
jobs(void **state)
{
	struct fixture *fx = *state;
	struct mover m = {.fx = fx};

	copy_in(fx, slot(1), "a.iso", 8192, 1);
	copy_in(fx, slot(2), "b.iso", 4096, 2);
	jb_set_mover(fx->jb, mover, &m);
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	assert_int_equal(m.jobs, 1);
	assert_ok(m.committed);
	assert_content(fx, drive(0), "a.iso", 8192, 1);
	/* mv does not use the mover */
	assert_ok(jb_item_rename(fx->jb, drive(0), "a.iso", slot(1), "a.iso"));
	assert_int_equal(m.jobs, 1);
	/* the job is done on another thread, as by the FUSE handler */
	m.later = true;
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	pthread_join(m.thread, NULL);
	assert_ok(m.committed);
	m.later = false;
	m.jobs = 0;
	assert_ok(jb_exchange(fx->jb, slot(2), drive(0), slot(4), NULL));
	assert_int_equal(m.jobs, 3);
	assert_content(fx, drive(0), "b.iso", 4096, 2);
	assert_content(fx, slot(4), "a.iso", 8192, 1);
	jb_set_mover(fx->jb, NULL, NULL);
}

/* ---- addresses ------------------------------------------------------------------------------- */

static void
addresses(void **state)
{
	static const struct {
		enum jb_elem_type type;
		unsigned number;
		uint16_t address;
	} rows[] = {
		{JB_DRIVE, 0, 1},
		{JB_DRIVE, 1, 2},
		{JB_PICKER, 0, 752},
		{JB_MAILSLOT, 1, 768},
		{JB_SLOT, 1, 1024},
		{JB_SLOT, 6, 1029},
	};
	struct fixture *fx = *state;
	struct jb_elem e;
	char buf[32];

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		e = (struct jb_elem){rows[i].type, rows[i].number};
		assert_int_equal(jb_elem_address(fx->jb, e), rows[i].address);
		assert_true(jb_elem_at(fx->jb, rows[i].address, &e));
		assert_int_equal(e.type, rows[i].type);
		assert_int_equal(e.number, rows[i].number);
	}
	assert_false(jb_elem_at(fx->jb, 0, &e));
	assert_false(jb_elem_at(fx->jb, 3, &e));
	assert_false(jb_elem_at(fx->jb, 770, &e));
	assert_false(jb_elem_at(fx->jb, 1030, &e));
	assert_string_equal(jb_elem_str(slot(3), buf), "slots/3");
	assert_int_equal(jb_count(fx->jb, JB_SLOT), 6);
	assert_int_equal(jb_count(fx->jb, JB_MAILSLOT), 2);
	assert_int_equal(jb_count(fx->jb, JB_DRIVE), 2);
	assert_int_equal(jb_count(fx->jb, JB_PICKER), 1);
}

static void
space(void **state)
{
	struct fixture *fx = *state;
	struct jb_space sp;

	copy_in(fx, slot(1), "a.iso", 8192, 1);
	assert_ok(jb_space(fx->jb, &sp));
	assert_int_equal(sp.elements, 10);
	assert_int_equal(sp.elements_empty, 9);
	assert_true(sp.blocks >= sp.blocks_free && sp.block_size > 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(moves),
		TEST(refused_moves),
		TEST(locked_drive),
		TEST(tray_and_counters),
		TEST(exchanges),
		TEST(refused_exchanges),
		TEST(disc_left_in_the_picker),
		TEST(open_mailslot),
		TEST(jobs),
		TEST(addresses),
		TEST(space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
