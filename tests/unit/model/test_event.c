/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event log: what it reports, its order and numbers, and how it forgets.
 */
#include "tests/unit/model/fixture.h"

#include <pthread.h>

#include "changer/base/clock.h"

static uint64_t next_number;

/* Returns the next event, which must be of this type. */
static struct jb_event
expect(struct fixture *fx, enum jb_event_type type)
{
	struct jb_event e;

	assert_true(jb_event_get(fx->jb, next_number, &e));
	assert_string_equal(jb_event_name(e.type), jb_event_name(type));
	assert_int_equal(e.number, next_number);
	assert_true(e.time_ns > 0);
	next_number++;
	return e;
}

static void
expect_none(struct fixture *fx)
{
	struct jb_event e;

	if (jb_event_get(fx->jb, next_number, &e))
		fail_msg("an event that nobody expects: %s", jb_event_name(e.type));
}

static int
begin(void **state)
{
	int rc = setup(state);

	next_number = 1;
	return rc;
}

static void
discs_come_and_go(void **state)
{
	struct fixture *fx = *state;
	struct jb_event e;
	uint64_t id;

	expect_none(fx);
	copy_in(fx, slot(1), "x.iso", 8192, 1);
	id = look(fx, slot(1), "x.iso").id;
	e = expect(fx, JB_EVENT_INSERT);
	assert_string_equal(e.elem, "slots/1");
	assert_string_equal(e.from, "");
	assert_string_equal(e.name, "x.iso");
	assert_string_equal(e.medium, "cd-rom");
	assert_string_equal(e.initiator, "");
	assert_int_equal(e.disc, id);
	assert_int_equal(e.size, 8192);
	assert_ok(jb_item_rename(fx->jb, slot(1), "x.iso", slot(1), "y.iso"));
	e = expect(fx, JB_EVENT_RELABEL);
	assert_string_equal(e.name, "y.iso");
	assert_string_equal(e.old_name, "x.iso");
	assert_int_equal(e.disc, id);
	assert_ok(jb_move(fx->jb, slot(1), drive(0), "iqn.host"));
	e = expect(fx, JB_EVENT_LOAD);
	assert_string_equal(e.elem, "drives/0");
	assert_string_equal(e.from, "slots/1");
	assert_string_equal(e.initiator, "iqn.host");
	assert_ok(move_by_hand(fx->jb, drive(0), drive(1), "y.iso"));
	e = expect(fx, JB_EVENT_MOVE);
	assert_string_equal(e.initiator, "");
	assert_string_equal(e.old_name, "");
	assert_ok(jb_item_rename(fx->jb, drive(1), "y.iso", mailslot(1), "z.iso"));
	e = expect(fx, JB_EVENT_UNLOAD);
	assert_string_equal(e.elem, "mailslots/1");
	assert_string_equal(e.from, "drives/1");
	assert_string_equal(e.name, "z.iso");
	assert_string_equal(e.old_name, "y.iso");
	assert_ok(jb_item_remove(fx->jb, mailslot(1), "z.iso"));
	e = expect(fx, JB_EVENT_REMOVE);
	assert_string_equal(e.elem, "mailslots/1");
	assert_int_equal(e.disc, id);
	expect_none(fx);
}

static void
nothing_is_told_of_what_did_not_happen(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f;

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	expect(fx, JB_EVENT_INSERT);
	assert_err(jb_move(fx->jb, slot(1), slot(1), NULL), ELEMENT_FULL);
	assert_err(jb_item_remove(fx->jb, slot(2), "x.iso"), NO_ITEM);
	/* a temporary file is not a disc and gives no events */
	copy_in(fx, slot(2), ".x.iso", 4096, 1);
	assert_ok(jb_item_rename(fx->jb, slot(2), ".x.iso", slot(2), ".y.iso"));
	assert_ok(jb_item_remove(fx->jb, slot(2), ".y.iso"));
	expect_none(fx);
	/* the program that wrote it was killed */
	f = create(fx, slot(3), "cut.iso");
	assert_ok(write_pattern(f, 0, 4096, 1));
	assert_ok(jb_file_flush(f, true));
	jb_file_release(f);
	assert_string_equal(jb_err_name(expect(fx, JB_EVENT_ERROR).err), "INCOMPLETE");
	expect_none(fx);
	assert_ok(jb_item_complete(fx->jb, look(fx, slot(3), "cut.iso").id));
	expect(fx, JB_EVENT_INSERT);
	expect_none(fx);
}

static void
a_promoted_and_a_replaced_disc(void **state)
{
	struct fixture *fx = *state;
	uint64_t old;

	copy_in(fx, slot(1), ".x.iso", 4096, 1);
	expect_none(fx);
	assert_ok(jb_item_rename(fx->jb, slot(1), ".x.iso", slot(1), "x.iso"));
	assert_string_equal(expect(fx, JB_EVENT_INSERT).name, "x.iso");
	old = look(fx, slot(1), "x.iso").id;
	copy_in(fx, slot(1), ".x.iso", 6144, 2);
	assert_ok(jb_item_rename(fx->jb, slot(1), ".x.iso", slot(1), "x.iso"));
	assert_int_equal(expect(fx, JB_EVENT_REMOVE).disc, old);
	assert_int_equal(expect(fx, JB_EVENT_INSERT).size, 6144);
	expect_none(fx);
	/* a blank that is recorded at the mount */
	copy_in(fx, slot(2), "b.dvd+r.iso", 0, 1);
	assert_int_equal(expect(fx, JB_EVENT_INSERT).size, 0);
	{
		struct jb_file *f;

		assert_ok(
			jb_file_open(fx->jb, look(fx, slot(2), "b.dvd+r.iso").id, true, false, &f));
		assert_ok(write_pattern(f, 0, 4096, 1));
		assert_ok(jb_file_flush(f, false));
		jb_file_release(f);
	}
	assert_int_equal(expect(fx, JB_EVENT_FINALIZED).size, 4096);
	expect_none(fx);
}

static void
the_mechanism(void **state)
{
	struct fixture *fx = *state;
	struct drive *d = jb_drive(fx->jb, 1);
	struct jb_event e;

	drive_prevent_for(d, true, "iqn.a");
	drive_prevent_for(d, true, "iqn.b");
	assert_string_equal(expect(fx, JB_EVENT_LOCK).initiator, "iqn.a");
	drive_request_eject(d);
	assert_string_equal(expect(fx, JB_EVENT_EJECT_REQUEST).elem, "drives/1");
	drive_prevent_for(d, false, "iqn.a");
	expect_none(fx);
	drive_prevent_for(d, false, "iqn.b");
	assert_string_equal(expect(fx, JB_EVENT_UNLOCK).initiator, "iqn.b");
	strand_enter(drive_strand(d));
	drive_acts_for(d, "iqn.c");
	assert_ok(drive_open_tray(d, false));
	assert_ok(drive_open_tray(d, false));
	drive_acts_for(d, NULL);
	strand_leave(drive_strand(d));
	assert_string_equal(expect(fx, JB_EVENT_TRAY_OPEN).initiator, "iqn.c");
	copy_in(fx, slot(1), "x.iso", 4096, 1);
	expect(fx, JB_EVENT_INSERT);
	assert_ok(jb_move(fx->jb, slot(1), drive(1), "iqn.d"));
	expect(fx, JB_EVENT_LOAD);
	e = expect(fx, JB_EVENT_TRAY_CLOSE);
	assert_string_equal(e.initiator, "iqn.d");
	assert_string_equal(e.name, "x.iso");
	/* events of a drive name the disc in it */
	drive_prevent_for(d, true, "iqn.a");
	assert_string_equal(expect(fx, JB_EVENT_LOCK).name, "x.iso");
	drive_request_eject(d);
	e = expect(fx, JB_EVENT_EJECT_REQUEST);
	assert_string_equal(e.name, "x.iso");
	assert_string_equal(e.elem, "drives/1");
	assert_string_equal(e.initiator, "");
	drive_prevent_for(d, false, "iqn.a");
	assert_string_equal(expect(fx, JB_EVENT_UNLOCK).name, "x.iso");
	jb_event_session(fx->jb, true, "iqn.e", "127.0.0.1:5");
	assert_string_equal(expect(fx, JB_EVENT_LOGIN).peer, "127.0.0.1:5");
	jb_event_session(fx->jb, false, "iqn.e", "127.0.0.1:5");
	assert_string_equal(expect(fx, JB_EVENT_LOGOUT).initiator, "iqn.e");
	expect_none(fx);
}

static uint64_t test_ms = 5000;

static uint64_t
own_ms(void)
{
	return test_ms;
}

static void
a_burn(void **state)
{
	struct fixture *fx = *state;
	struct drive *d = jb_drive(fx->jb, 0);
	uint64_t (*before)(void) = clock_source_ms;
	static const uint8_t data[16 * 2048];
	struct disc *disc;
	struct jb_event e;

	clock_source_ms = own_ms;
	copy_in(fx, drive(0), "b.dvd+r.iso", 0, 1);
	expect(fx, JB_EVENT_INSERT);
	strand_enter(drive_strand(d));
	drive_acts_for(d, "iqn.burner");
	assert_ok(drive_disc(d, &disc));
	assert_ok(disc_write(disc, 0, 16, data));
	e = expect(fx, JB_EVENT_BURN);
	assert_string_equal(e.initiator, "iqn.burner");
	assert_int_equal(e.size, sizeof(data));
	assert_true(e.capacity > 4000000000U);
	test_ms += 999;
	assert_ok(disc_write(disc, 16, 16, data));
	expect_none(fx);
	test_ms += 1;
	assert_ok(disc_write(disc, 32, 16, data));
	assert_int_equal(expect(fx, JB_EVENT_BURN).size, 3 * sizeof(data));
	assert_ok(disc_close(disc, 1, 1));
	expect_none(fx);
	assert_ok(disc_close(disc, 2, 0));
	e = expect(fx, JB_EVENT_SESSION_CLOSED);
	assert_int_equal(e.sessions, 1);
	assert_string_equal(e.initiator, "iqn.burner");
	assert_ok(disc_close(disc, 6, 0));
	e = expect(fx, JB_EVENT_FINALIZED);
	assert_int_equal(e.disc, look(fx, drive(0), "b.dvd+r.iso").id);
	drive_acts_for(d, NULL);
	strand_leave(drive_strand(d));
	expect_none(fx);
	clock_source_ms = before;
}

static void
an_exchange(void **state)
{
	struct fixture *fx = *state;
	struct jb_event e;

	copy_in(fx, slot(1), "a.iso", 4096, 1);
	copy_in(fx, drive(0), "b.iso", 4096, 1);
	next_number += 2;
	assert_ok(jb_exchange(fx->jb, slot(1), drive(0), slot(1), "iqn.x"));
	e = expect(fx, JB_EVENT_UNLOAD);
	assert_string_equal(e.elem, "transport/0");
	assert_string_equal(e.initiator, "iqn.x");
	assert_string_equal(expect(fx, JB_EVENT_LOAD).name, "a.iso");
	assert_string_equal(expect(fx, JB_EVENT_MOVE).elem, "slots/1");
	expect_none(fx);
}

/* After a clean stop the numbers have no gap, after a crash they have one; no number comes twice. */
static void
numbers_go_on(void **state)
{
	struct fixture *fx = *state;
	struct jb_event e;
	char command[256];

	copy_in(fx, slot(1), "a.iso", 4096, 1);
	expect(fx, JB_EVENT_INSERT);
	reopen(fx);
	expect_none(fx);
	assert_int_equal(jb_event_oldest(fx->jb), 2);
	assert_ok(jb_item_remove(fx->jb, slot(1), "a.iso"));
	expect(fx, JB_EVENT_REMOVE);
	/* as a crash leaves it */
	snprintf(command, sizeof(command), "cp %s/ctl/next-event %s/kept", fx->store, fx->dir);
	assert_int_equal(system(command), 0);
	jb_close(fx->jb);
	snprintf(command, sizeof(command), "cp %s/kept %s/ctl/next-event", fx->dir, fx->store);
	assert_int_equal(system(command), 0);
	open_store(fx, 0, 0, 0);
	copy_in(fx, slot(1), "b.iso", 4096, 1);
	assert_true(jb_event_get(fx->jb, 0, &e));
	assert_true(e.number >= next_number);
	next_number = e.number + 1;
	expect_none(fx);
	/* more than are reserved at once, so more are reserved meanwhile */
	for (unsigned i = 0; i < 150000; i++)
		jb_event_session(fx->jb, true, "iqn.many", "");
	next_number += 150000;
	expect_none(fx);
	snprintf(command, sizeof(command),
		"i=0; until [ \"$(cat %s/ctl/next-event)\" -gt %llu ]; do sleep 0.01; "
		"i=$((i + 1)); [ $i -lt 10000 ] || exit 1; done",
		fx->store, (unsigned long long)next_number);
	assert_int_equal(system(command), 0);
	/* damaged by hand */
	jb_close(fx->jb);
	snprintf(command, sizeof(command), "echo many > %s/ctl/next-event", fx->store);
	assert_int_equal(system(command), 0);
	open_store(fx, 0, 0, 0);
	assert_int_equal(jb_event_oldest(fx->jb), 1);
}

static void
what_is_old_is_gone(void **state)
{
	struct fixture *fx = *state;
	struct jb_event e;

	for (unsigned i = 1; i <= JB_EVENTS_KEPT + 10; i++)
		jb_event_session(fx->jb, true, "iqn.many", "");
	assert_int_equal(jb_event_oldest(fx->jb), 11);
	assert_true(jb_event_get(fx->jb, 3, &e));
	assert_int_equal(e.number, 11);
	assert_true(jb_event_get(fx->jb, JB_EVENTS_KEPT + 10, &e));
	assert_int_equal(e.number, JB_EVENTS_KEPT + 10);
	assert_false(jb_event_get(fx->jb, JB_EVENTS_KEPT + 11, &e));
}

static void
count_wakes(void *arg)
{
	++*(unsigned *)arg;
}

static void
whoever_watches_is_woken(void **state)
{
	struct fixture *fx = *state;
	unsigned wakes = 0;

	jb_event_watch(fx->jb, count_wakes, &wakes);
	copy_in(fx, slot(1), "a.iso", 4096, 1);
	assert_int_equal(wakes, 1);
	jb_event_watch(fx->jb, NULL, NULL);
	assert_ok(jb_item_remove(fx->jb, slot(1), "a.iso"));
	assert_int_equal(wakes, 1);
}

/* Longer texts from outside are cut, and nothing is written beyond the buffer. */
static void
long_texts(void **state)
{
	struct fixture *fx = *state;
	char text[1000];
	struct jb_event e;

	memset(text, 'i', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	jb_event_session(fx->jb, true, text, text);
	e = expect(fx, JB_EVENT_LOGIN);
	assert_int_equal(strlen(e.initiator), JB_EVENT_INITIATOR_MAX);
	assert_int_equal(strlen(e.peer), JB_EVENT_PEER_MAX);
}

enum { ADDERS = 4, EACH = 2000 };

static void *
add_many(void *arg)
{
	for (unsigned i = 0; i < EACH; i++)
		jb_event_session(arg, true, "iqn.thread", "");
	return NULL;
}

static void
many_threads(void **state)
{
	struct fixture *fx = *state;
	pthread_t threads[ADDERS];
	uint64_t number = 1, last = 0;
	struct jb_event e;

	for (unsigned i = 0; i < ADDERS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_many, fx->jb), 0);
	while (last < ADDERS * EACH) {
		if (!jb_event_get(fx->jb, number, &e))
			continue;
		assert_true(e.number >= number);
		assert_true(e.number > last);
		last = e.number;
		number = last + 1;
	}
	for (unsigned i = 0; i < ADDERS; i++)
		pthread_join(threads[i], NULL);
	assert_false(jb_event_get(fx->jb, number, &e));
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(discs_come_and_go),
		T(nothing_is_told_of_what_did_not_happen),
		T(a_promoted_and_a_replaced_disc),
		T(the_mechanism),
		T(a_burn),
		T(an_exchange),
		T(numbers_go_on),
		T(what_is_old_is_gone),
		T(whoever_watches_is_woken),
		T(long_texts),
		T(many_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
