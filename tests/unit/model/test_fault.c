/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fault rules: which texts are accepted and how they are shown, what the rules hit, and that a restart clears
 * them.
 */
#include "changer/base/duration.h"
#include "changer/drive/fault.h"
#include "tests/unit/model/fixture.h"

static const struct jb_elem robot = {JB_PICKER, 0};

/* Every rule of a drive or of the robot, and the one form in which it is shown. */
static void
rules_are_taken_and_shown(void **state)
{
	static const struct {
		bool drive;
		const char *text, *shown;
	} rows[] = {
		{true, "read", "read medium-error"},
		{true, " \tread\t 5  ", "read 5 medium-error"},
		{true, "read 1000-1999 medium-error count 3",
			"read 1000-1999 medium-error count 3"},
		{true, "read 0-4294967295", "read 0- medium-error"},
		{true, "read fail count 1", "read medium-error count 1"},
		{true, "read 7 hardware-error", "read 7 hardware-error"},
		{true, "write 0x2000- count 1", "write 8192- medium-error count 1"},
		{true, "write calibration-error", "write calibration-error"},
		{true, "write hardware-error # why not", "write hardware-error"},
		{true, "format", "format medium-error"},
		{true, "format calibration-error count 1", "format calibration-error count 1"},
		{true, "blank fail", "blank medium-error"},
		{true, "close hardware-error", "close hardware-error"},
		{true, "sync count 2", "sync medium-error count 2"},
		{true, "opc", "opc calibration-error"},
		{true, "slow 200ms", "slow 200ms"},
		{true, "slow 1.5s 10-20 count 2", "slow 1500ms 10-20 count 2"},
		{true, "slow 1m", "slow 60s"},
		{true, "lose-session", "lose-session"},
		{true, "lose-session 0x10- count 1", "lose-session 16- count 1"},
		{false, "move", "move hardware-error"},
		{false, "move slots/3 fail count 2", "move slots/3 hardware-error count 2"},
		{false, "move drives/0 not-ready", "move drives/0 not-ready"},
		{false, "slow 2s mailslots/1", "slow 2s mailslots/1"},
		{false, "lose-session count 1", "lose-session count 1"},
	};
	struct fault_rule rules[FAULT_RULES_MAX];
	char text[FAULT_TEXT_MAX];
	unsigned n;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_ok(fault_parse(rows[i].text, rows[i].drive, rules, &n));
		assert_int_equal(n, 1);
		fault_print(&rules[0], text);
		assert_string_equal(text, rows[i].shown);
		assert_ok(fault_parse(text, rows[i].drive, rules, &n)); /* and back again */
		assert_int_equal(n, 1);
	}
}

static void
nonsense_is_refused(void **state)
{
	static const char *const of_drives[] = {"burn", "read 5-4", "read -5", "read +5",
		"read 5 6", "read 4294967296", "read 0x", "read 5x", "read count", "read count 0",
		"read count -1", "read count 1 2", "read count 4294967296",
		"read medium-error fail", "read medium-error 5", "read calibration-error", "slow",
		"slow 0", "slow 5", "slow 61s", "slow 1s fail", "move", "lose-session fail",
		"clear all", "read slots/1", "format 5", "blank 0-", "close calibration-error",
		"sync not-ready", "opc medium-error", "format count 0", "\1", "read \377"};
	static const char *const of_robots[] = {"read", "write", "move 5", "move slots/",
		"move slots/x", "move slots/-1", "move slots/3x", "move slots/99999",
		"move cellar/3", "move slots/1 slots/2", "move calibration-error", "format", "sync",
		"opc"};
	struct fault_rule rules[FAULT_RULES_MAX];
	unsigned n;

	for (unsigned i = 0; i < sizeof(of_drives) / sizeof(of_drives[0]); i++)
		if (fault_parse(of_drives[i], true, rules, &n) != JB_BAD_FAULT)
			fail_msg("taken for a drive: %s", of_drives[i]);
	for (unsigned i = 0; i < sizeof(of_robots) / sizeof(of_robots[0]); i++)
		if (fault_parse(of_robots[i], false, rules, &n) != JB_BAD_FAULT)
			fail_msg("taken for the robot: %s", of_robots[i]);
}

static void
lines_and_limits(void **state)
{
	struct fault_rule rules[FAULT_RULES_MAX];
	char many[(FAULT_RULES_MAX + 1) * 8] = "";
	unsigned n;

	assert_ok(fault_parse("", true, rules, &n));
	assert_int_equal(n, 0);
	assert_ok(fault_parse("# nothing\n\n \t\nread 1\nread 2 # two\n", true, rules, &n));
	assert_int_equal(n, 2);
	assert_ok(fault_parse("read 1\nclear\nwrite 2\n", true, rules, &n));
	assert_int_equal(n, 1);
	assert_int_equal(rules[0].verb, FAULT_WRITE);
	for (unsigned i = 0; i < FAULT_RULES_MAX; i++)
		strcat(many, "read 1\n");
	assert_ok(fault_parse(many, true, rules, &n));
	assert_int_equal(n, FAULT_RULES_MAX);
	strcat(many, "read 1\n");
	assert_err(fault_parse(many, true, rules, &n), BAD_FAULT);
}

static void
durations(void **state)
{
	static const struct {
		const char *text;
		unsigned ms;
	} good[] = {{"0", 0}, {"0s", 0}, {"1ms", 1}, {"1.5s", 1500}, {"0.001s", 1}, {"10m", 600000},
		{"0.5m", 30000}, {"600s", 600000}};
	static const char *const bad[] = {"", "5", "ms", "-1s", "1.s", ".5s", "1.0005s", "0.5ms",
		"1h", "601s", "99999999s", "1 s", "1sx", "10.001m"};
	unsigned ms;

	for (unsigned i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(duration_parse(good[i].text, &ms));
		assert_int_equal(ms, good[i].ms);
	}
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (duration_parse(bad[i], &ms))
			fail_msg("taken: %s", bad[i]);
}

static void
rules_hit_their_sectors(void **state)
{
	struct fault_rule rules[FAULT_RULES_MAX];
	uint32_t at;
	unsigned n;

	assert_ok(fault_parse("read 10-20\nread\nread 4294967295", true, rules, &n));
	assert_false(fault_hits_sectors(&rules[0], 0, 10, &at));
	assert_true(fault_hits_sectors(&rules[0], 0, 11, &at));
	assert_int_equal(at, 10);
	assert_true(fault_hits_sectors(&rules[0], 15, 100, &at));
	assert_int_equal(at, 15);
	assert_false(fault_hits_sectors(&rules[0], 21, UINT32_MAX, &at));
	assert_false(fault_hits_sectors(&rules[0], 15, 0, &at));
	assert_true(fault_hits_sectors(&rules[1], 0, 1, &at));
	assert_false(fault_hits_sectors(&rules[2], 5, 1, &at));
	/* Addresses before 0, such as those of the first pause of a CD */
	assert_true(fault_hits_sectors(&rules[2], (uint32_t)-1, 1, &at));
	assert_false(fault_hits_sectors(&rules[0], (uint32_t)-150, 150, &at));
	assert_true(fault_hits_sectors(&rules[0], (uint32_t)-10, 30, &at));
	assert_int_equal(at, 10);
	assert_true(fault_hits_sectors(&rules[1], (uint32_t)-150, 10, &at));
	assert_int_equal(at, (uint32_t)-150);
	assert_ok(fault_parse("move slots/3", false, rules, &n));
	assert_true(fault_hits_move(&rules[0], slot(3), drive(0)));
	assert_true(fault_hits_move(&rules[0], drive(0), slot(3)));
	assert_false(fault_hits_move(&rules[0], slot(2), mailslot(3)));
}

/* ---- with a jukebox ----------------------------------------------------------------------------- */

static void
moves_fail_as_often_as_told(void **state)
{
	struct fixture *fx = *state;
	struct jb_fault_line line;
	struct jb_event e;
	uint64_t n;

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	assert_ok(jb_fault_set(
		fx->jb, robot, "move slots/1 count 2\nmove slots/3 not-ready count 1"));
	n = jb_event_oldest(fx->jb);
	while (jb_event_get(fx->jb, n, &e))
		n = e.number + 1;
	assert_err(jb_move(fx->jb, slot(1), slot(2), "iqn.a"), FAULT_MOVE);
	assert_true(jb_event_get(fx->jb, n, &e));
	assert_int_equal(e.type, JB_EVENT_FAULT);
	assert_int_equal(e.err, JB_FAULT_MOVE);
	assert_string_equal(e.rule, "move slots/1 hardware-error count 2");
	assert_string_equal(e.elem, "slots/1");
	assert_string_equal(e.initiator, "iqn.a");
	/* The rule also applies to moves by users. */
	assert_err(jb_item_rename(fx->jb, slot(1), "x.iso", slot(2), "x.iso"), FAULT_MOVE);
	look(fx, slot(1), "x.iso");
	/* A rename within the element is not a move. */
	assert_ok(jb_item_rename(fx->jb, slot(1), "x.iso", slot(1), "y.iso"));
	assert_true(jb_fault_line(fx->jb, robot, 0, &line));
	assert_int_equal(line.fired, 2);
	assert_ok(jb_move(fx->jb, slot(1), slot(2), "iqn.a"));
	assert_err(jb_move(fx->jb, slot(2), slot(3), "iqn.a"), FAULT_ATTENTION);
	assert_ok(jb_move(fx->jb, slot(2), slot(3), "iqn.a"));
	assert_ok(jb_fault_set(fx->jb, robot, "clear"));
	assert_false(jb_fault_line(fx->jb, robot, 0, &line));
}

/* The second of the three moves of an exchange fails: the disc is in the picker and can be moved from
 * there. */
static void
an_exchange_that_fails_halfway(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	copy_in(fx, slot(2), "y.iso", 8192, 2);
	assert_ok(jb_fault_set(fx->jb, robot, "move slots/1"));
	assert_err(jb_exchange(fx->jb, slot(1), slot(2), slot(3), NULL), FAULT_MOVE);
	look(fx, slot(1), "x.iso");
	look(fx, picker(), "y.iso");
	assert_ok(jb_fault_set(fx->jb, robot, ""));
	assert_ok(jb_move(fx->jb, picker(), slot(3), "iqn.a"));
	assert_content(fx, slot(3), "y.iso", 8192, 2);
}

static void
a_restart_ends_faults_and_keeps_times(void **state)
{
	struct fixture *fx = *state;
	struct jb_fault_line line;
	char buf[JB_TEXT_MAX];

	assert_ok(jb_fault_set(fx->jb, robot, "move"));
	assert_ok(jb_fault_set(fx->jb, drive(0), "read\nwrite 5"));
	assert_err(jb_fault_set(fx->jb, drive(0), "read\nnonsense"), BAD_FAULT);
	assert_true(jb_fault_line(fx->jb, drive(0), 1, &line));
	assert_string_equal(line.rule, "write 5 medium-error"); /* a refused text changes nothing */
	assert_err(jb_fault_set(fx->jb, drive(9), "read"), NO_ELEMENT);
	assert_err(jb_fault_set(fx->jb, slot(1), "read"), NO_ELEMENT);
	assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_LOAD_TIME, 0, "1500ms\n"));
	assert_err(jb_setting_set(fx->jb, JB_SET_CHANGER_MOVE_TIME, 0, "11m"), BAD_VALUE);
	assert_err(jb_setting_set(fx->jb, JB_SET_CHANGER_MOVE_TIME, 0, "3"), BAD_VALUE);
	reopen(fx);
	assert_false(jb_fault_line(fx->jb, robot, 0, &line));
	assert_false(jb_fault_line(fx->jb, drive(0), 0, &line));
	assert_string_equal(jb_setting_get(fx->jb, JB_SET_DRIVE_LOAD_TIME, 0, buf), "1500ms");
}

/* A drive with a load time: the disc arrives when the time has passed or the setting is removed. */
static void
a_drive_gets_ready(void **state)
{
	struct fixture *fx = *state;
	struct drive *d = jb_drive(fx->jb, 0);
	struct drive_view before, v;
	struct disc *disc;

	assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_LOAD_TIME, 0, "600s"));
	copy_in(fx, slot(1), "x.iso", 8192, 1);
	drive_view(d, &before);
	assert_ok(jb_move(fx->jb, slot(1), drive(0), "iqn.a"));
	drive_view(d, &v);
	assert_true(v.has_disc && v.loading);
	assert_int_equal(v.media_changes, before.media_changes);
	assert_in_range(drive_loading_left(d), 1, 600000);
	strand_enter(drive_strand(d));
	assert_err(drive_disc(d, &disc), BECOMING_READY);
	/* A disc that has not arrived does not leave. */
	assert_ok(drive_open_tray(d, false));
	drive_view(d, &v);
	assert_true(v.tray_open && !v.loading);
	assert_int_equal(v.media_changes, before.media_changes);
	assert_ok(drive_close_tray(d));
	assert_err(drive_disc(d, &disc), BECOMING_READY);
	strand_leave(drive_strand(d));
	assert_ok(jb_move(fx->jb, drive(0), slot(1), "iqn.a"));
	drive_view(d, &v);
	assert_false(v.loading || v.has_disc);
	assert_int_equal(v.media_changes, before.media_changes);
	assert_ok(jb_move(fx->jb, slot(1), drive(0), "iqn.a"));
	assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_LOAD_TIME, 0, "0"));
	drive_view(d, &v);
	assert_false(v.loading);
	assert_int_equal(v.media_arrivals, before.media_arrivals + 1);
	strand_enter(drive_strand(d));
	assert_ok(drive_disc(d, &disc));
	drive_await_ready(d); /* it is ready */
	strand_leave(drive_strand(d));
}

/* Sets drive 0 offline (value "0") or online ("1"). */
static void
set_online(struct fixture *fx, const char *value)
{
	assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_ONLINE, 0, value));
}

/* A disc that arrives counts once, also if the drive was offline while it was being loaded. */
static void
a_loading_drive_goes_offline(void **state)
{
	struct fixture *fx = *state;
	struct drive *d = jb_drive(fx->jb, 0);
	struct drive_view before, v;

	for (unsigned ready_offline = 0; ready_offline < 2; ready_offline++) {
		assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_LOAD_TIME, 0, "600s"));
		copy_in(fx, slot(1), "x.iso", 8192, 1);
		drive_view(d, &before);
		assert_ok(jb_move(fx->jb, slot(1), drive(0), "iqn.a"));
		set_online(fx, "0");
		if (ready_offline)
			assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_LOAD_TIME, 0, "0"));
		drive_view(d, &v);
		assert_int_equal(v.media_arrivals, before.media_arrivals);
		assert_int_equal(v.media_changes, before.media_changes);
		set_online(fx, "1");
		drive_view(d, &v);
		assert_int_equal(v.loading, !ready_offline);
		assert_int_equal(v.media_arrivals, before.media_arrivals + ready_offline);
		assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_LOAD_TIME, 0, "0"));
		drive_view(d, &v);
		assert_int_equal(v.media_arrivals, before.media_arrivals + 1);
		assert_int_equal(v.media_changes, before.media_changes + 1);
		assert_ok(jb_item_remove(fx->jb, drive(0), "x.iso"));
	}
}

/* mv does not wait for the robot's times; the drive adds them to its load time. A stop of the daemon does
 * not wait. */
static void
times_of_the_robot(void **state)
{
	struct fixture *fx = *state;
	struct drive *d = jb_drive(fx->jb, 0);

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	assert_ok(jb_setting_set(fx->jb, JB_SET_CHANGER_MOVE_TIME, 0, "300s"));
	assert_ok(jb_fault_set(fx->jb, robot, "slow 60s"));
	assert_ok(jb_item_rename(fx->jb, slot(1), "x.iso", drive(0), "x.iso"));
	assert_in_range(drive_loading_left(d), 300001, 360000);
	assert_ok(jb_item_rename(fx->jb, drive(0), "x.iso", slot(1), "x.iso"));
	jb_interrupt(fx->jb);
	assert_ok(jb_move(fx->jb, slot(1), slot(2), "iqn.a"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_taken_and_shown),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(lines_and_limits),
		cmocka_unit_test(durations),
		cmocka_unit_test(rules_hit_their_sectors),
		TEST(moves_fail_as_often_as_told),
		TEST(an_exchange_that_fails_halfway),
		TEST(a_restart_ends_faults_and_keeps_times),
		TEST(a_drive_gets_ready),
		TEST(a_loading_drive_goes_offline),
		TEST(times_of_the_robot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
