/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults and delays that the user sets, as an initiator sees them.
 */
#include "changer/base/clock.h"
#include "changer/fault.h"
#include "tests/unit/mmc/drive.h"

static void
set_faults(struct bay *bay, const char *rules)
{
	assert_int_equal(jb_fault_set(bay->jb, bay_element, rules), JB_OK);
}

static uint64_t
fired(struct bay *bay, unsigned n)
{
	struct jb_fault_line line;

	assert_true(jb_fault_line(bay->jb, bay_element, n, &line));
	return line.fired;
}

/* Checks that the sense has VALID and that its INFORMATION is this address. */
static void
assert_bad_at(const struct run *r, uint32_t lba)
{
	assert_int_equal(r->sense[0], 0xf0);
	assert_int_equal(get_be32(r->sense + 3), lba);
}

static void
reads_fail_at_the_bad_sector(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "DVD.iso", 400000);
	run_clear_ua(r);
	set_faults(bay, "read 10-11 count 2\nread 5 hardware-error count 1");
	bay_read(r, 0, 5);
	run_assert_good(r);
	/* Of two bad sectors the lower one is reported, with the data before it. */
	bay_read(r, 3, 20);
	run_assert_sense(r, 0x04, 0x09, 0x01);
	assert_bad_at(r, 5);
	assert_int_equal(r->len, 2 * SECTOR);
	assert_true(sectors_filled(r->data, 3, 2));
	bay_read(r, 3, 20);
	run_assert_sense(r, 0x03, 0x11, 0x00);
	assert_bad_at(r, 10);
	assert_int_equal(r->len, 7 * SECTOR);
	assert_true(sectors_filled(r->data, 3, 7));
	bay_read(r, 11, 1);
	run_assert_sense(r, 0x03, 0x11, 0x00);
	assert_bad_at(r, 11);
	assert_int_equal(r->len, 0);
	bay_read(r, 3, 20);
	run_assert_good(r);
	assert_int_equal(fired(bay, 0), 2);
	assert_int_equal(fired(bay, 1), 1);
}

/* The good part of a long read is an extent of the image, as in a read without faults. */
static void
a_long_read_fails_too(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "DVD.iso", 400000);
	run_clear_ua(r);
	set_faults(bay, "read 300000-");
	bay_read(r, 299000, 2000);
	run_assert_sense(r, 0x03, 0x11, 0x00);
	assert_bad_at(r, 300000);
	assert_int_equal(r->len, 1000u * SECTOR);
	/* VERIFY, READ(12) and READ CD report the same fault. */
	run_cdb(r, NULL, 0, 0x2f, 0, 0, 4, 0x93, 0xdc, 0, 0, 20); /* 299996 */
	run_assert_sense(r, 0x03, 0x11, 0x00);
	assert_bad_at(r, 300000);
	run_cdb(r, NULL, 0, 0xa8, 0, 0, 4, 0x93, 0xe0, 0, 0, 0, 1); /* 300000 */
	run_assert_sense(r, 0x03, 0x11, 0x00);
	assert_int_equal(fired(bay, 0), 3);
	set_faults(bay, "clear");
	bay_read(r, 299000, 2000);
	run_assert_good(r);
	/* A read beyond the end of the disc reports the range error, not the fault. */
	run_cdb(r, NULL, 0, 0x2f, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 20);
	run_assert_sense(r, 0x05, 0x21, 0x00);
	set_faults(bay, "read 300000-");
	bay_read(r, UINT32_MAX, 20);
	run_assert_sense(r, 0x05, 0x21, 0x00);
}

/* The sectors before the bad one are recorded. */
static void
writes_fail_at_the_bad_sector(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "B.dvd+r.iso", 0);
	run_clear_ua(r);
	set_faults(bay, "write 0 calibration-error count 1\nwrite 20- count 1\nread 0-5 count 1");
	bay_write(r, 0, 16);
	run_assert_sense(r, 0x03, 0x73, 0x03);
	assert_bad_at(r, 0);
	run_cdb(r, NULL, 0, 0x52, 1, 0, 0, 0, 1, 0, 0, 48);
	run_assert_good(r);
	assert_int_equal(get_be32(r->data + 12), 0); /* still writable there */
	bay_write(r, 0, 16);
	run_assert_good(r);
	bay_write(r, 16, 16);
	run_assert_sense(r, 0x03, 0x0c, 0x00);
	assert_bad_at(r, 20);
	run_cdb(r, NULL, 0, 0x52, 1, 0, 0, 0, 1, 0, 0, 48);
	run_assert_good(r);
	assert_int_equal(get_be32(r->data + 12), 20);
	bay_write(r, 20, 12);
	run_assert_good(r);
	/* Read faults do not affect writes, and write faults do not affect reads. */
	assert_int_equal(fired(bay, 2), 0);
}

/* Faults of commands without sectors: the disc does not change, and the next command succeeds. */
static void
commands_without_sectors_fail(void **state)
{
	static const uint8_t list[12] = {0, 2, 0, 8, 0xff, 0xff, 0xff, 0xff, 0x10 << 2};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "B.dvd-rw.iso", 0);
	run_clear_ua(r);
	set_faults(bay, "opc count 1\nsync count 1\nclose count 1\nblank count 1\n"
			"format count 1\nread 500\nslow 1s 500");
	run_cdb(r, NULL, 0, 0x54, 1, 0, 0, 0, 0, 0, 0, 0, 0);
	run_assert_sense(r, 0x03, 0x73, 0x03);
	run_cdb(r, NULL, 0, 0x54, 1, 0, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	bay_write(r, 0, 16);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	run_assert_sense(r, 0x03, 0x0c, 0x00);
	run_cdb(r, NULL, 0, 0x5b, 0, 2, 0, 0, 0, 0, 0, 0, 0);
	run_assert_sense(r, 0x03, 0x72, 0x00);
	run_cdb(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0);
	assert_int_equal(r->data[2], 0x15); /* erasable, appendable, last session not complete */
	run_cdb(r, NULL, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0xa1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	run_assert_sense(r, 0x03, 0x51, 0x00);
	run_cdb(r, list, sizeof(list), 0x04, 0x11, 0, 0, 0, 0);
	run_assert_sense(r, 0x03, 0x31, 0x01);
	bay_read(r, 0, 4);
	run_assert_good(r);
	assert_true(sectors_filled(r->data, 0, 4));
	run_cdb(r, NULL, 0, 0x5b, 0, 2, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0xa1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
	run_cdb(r, list, sizeof(list), 0x04, 0x11, 0, 0, 0, 0);
	run_assert_good(r);
	for (unsigned n = 0; n < 5; n++)
		assert_int_equal(fired(bay, n), 1);
	/* Rules with a range apply only to commands with sectors. */
	assert_int_equal(fired(bay, 5), 0);
	assert_int_equal(fired(bay, 6), 0);
}

static void *
blank_it(void *arg)
{
	run_cdb(arg, NULL, 0, 0xa1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	return NULL;
}

/* Every nexus sees the progress of a slow BLANK. */
static void
slow_blanking_is_shown(void **state)
{
	struct bay *bay = *state;
	struct drive_progress p;
	pthread_t thread;

	bay_insert(bay, "B.dvd-rw.iso", 0);
	run_clear_ua(&bay->r[0]);
	drive_progress(bay->drive, &p);
	assert_int_equal(p.work, DRIVE_IDLE);
	set_faults(bay, "slow 60s");
	pthread_create(&thread, NULL, blank_it, &bay->r[0]);
	while (fired(bay, 0) == 0)
		sched_yield();
	drive_progress(bay->drive, &p);
	assert_int_equal(p.work, DRIVE_BLANKING);
	assert_false(p.background);
	assert_int_equal(p.done, 0);
	assert_int_equal(p.total, medium_by_profile(PROFILE_DVD_RW)->capacity);
	set_faults(bay, "clear");
	pthread_join(thread, NULL);
	run_assert_good(&bay->r[0]);
	drive_progress(bay->drive, &p);
	assert_int_equal(p.work, DRIVE_IDLE);
}

/* A slow command leaves the connection's thread. */
static void
slow_reads_run_on_the_drive_s_thread(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_insert(bay, "DVD.iso", 400000);
	run_clear_ua(r);
	bay_read(r, 0, 1); /* now the page is in memory */
	set_faults(bay, "slow 1ms 0-9 count 2");
	bay_read(r, 10, 1);
	run_assert_good(r);
	assert_int_equal(fired(bay, 0), 0);
	for (unsigned i = 0; i < 3; i++) {
		bay_read(r, 0, 1);
		run_assert_good(r);
		assert_true(sectors_filled(r->data, 0, 1));
		if (i < 2)
			assert_true(r->pended);
	}
	assert_int_equal(fired(bay, 0), 2);
}

struct reader {
	struct run *r;
	pthread_t thread;
};

static void *
read_one(void *arg)
{
	bay_read(((struct reader *)arg)->r, 0, 1);
	return NULL;
}

/* Neither a user who opens the tray nor another command waits for a delay of one minute. */
static void
users_do_not_wait_for_a_slow_drive(void **state)
{
	struct bay *bay = *state;
	struct reader reader = {.r = &bay->r[0]};

	bay_insert(bay, "DVD.iso", 400000);
	run_clear_ua(&bay->r[0]);
	run_clear_ua(&bay->r[1]);
	set_faults(bay, "slow 60s");
	pthread_create(&reader.thread, NULL, read_one, &reader);
	while (fired(bay, 0) == 0)
		sched_yield();
	/* Meanwhile events are still reported. */
	run_cdb(&bay->r[1], NULL, 0, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8);
	run_assert_good(&bay->r[1]);
	strand_enter(drive_strand(bay->drive));
	assert_int_equal(drive_open_tray(bay->drive, false), JB_OK);
	strand_leave(drive_strand(bay->drive));
	pthread_join(reader.thread, NULL);
	run_assert_good(&bay->r[0]); /* it was answered before the tray opened */
	/* Clearing the rules ends the delay, too. */
	run_cdb(&bay->r[0], NULL, 0, 0x1b, 0, 0, 0, 3);
	run_clear_ua(&bay->r[0]);
	set_faults(bay, "slow 60s");
	pthread_create(&reader.thread, NULL, read_one, &reader);
	while (fired(bay, 0) == 0)
		sched_yield();
	set_faults(bay, "clear");
	pthread_join(reader.thread, NULL);
	run_assert_good(&bay->r[0]);
}

/* ---- getting ready ------------------------------------------------------------------------------ */

static void
assert_event(struct run *r, uint8_t class, uint8_t event, uint8_t status)
{
	run_cdb(r, NULL, 0, 0x4a, 1, 0, 0, (uint8_t)(1 << class), 0, 0, 0, 8);
	run_assert_good(r);
	assert_int_equal(r->data[2], class);
	assert_int_equal(r->data[4], event);
	assert_int_equal(r->data[5], status);
}

static void
a_drive_gets_ready(void **state)
{
	enum { MEDIA = 4, BUSY = 6 };
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	run_clear_ua(r);
	assert_event(r, MEDIA, 0, 0);
	bay_set(bay, JB_SET_DRIVE_LOAD_TIME, "100s");
	bay_insert(bay, "DVD.iso", 400000);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_sense(r, 0x02, 0x04, 0x01);
	bay_read(r, 0, 1);
	run_assert_sense(r, 0x02, 0x04, 0x01);
	assert_event(r, MEDIA, 0, 0);
	assert_event(r, BUSY, 1, 1);
	assert_in_range(get_be16(r->data + 6), 1, 1000);
	assert_event(r, BUSY, 0, 1); /* the event comes once; the status stays */
	/* START with IMMED does not wait. */
	run_cdb(r, NULL, 0, 0x1b, 1, 0, 0, 1);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_sense(r, 0x02, 0x04, 0x01);
	bay_set(bay, JB_SET_DRIVE_LOAD_TIME, "0");
	assert_event(r, BUSY, 0, 0);
	assert_event(r, MEDIA, 2, 2);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_sense(r, 0x06, 0x28, 0x00);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_good(r);
	/* Open and close the tray: START without IMMED waits until the drive is ready. */
	bay_set(bay, JB_SET_DRIVE_LOAD_TIME, "20ms");
	run_cdb(r, NULL, 0, 0x1b, 0, 0, 0, 2);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x1b, 0, 0, 0, 3);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_sense(r, 0x06, 0x28, 0x00);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_good(r);
}

static uint64_t now_ms = 1000;

static uint64_t
own_time(void)
{
	return now_ms;
}

static void
assert_not_ready(struct bay *bay, uint8_t asc, uint8_t ascq)
{
	struct run *r = &bay->r[0];

	run_cdb(r, NULL, 0, 0x00);
	run_assert_sense(r, 0x02, asc, ascq);
	bay_write(r, 0, 16);
	run_assert_sense(r, 0x02, asc, ascq);
}

/* close(2) returns before FUSE sends the release. A program that burns at once must find a drive that is
 * becoming ready, because programs wait for that, and not an empty one. */
static void
a_disc_is_put_in_by_hand(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint64_t (*real)(void) = clock_source_ms;
	struct jb_file *f;
	struct jb_item item;

	run_clear_ua(r);
	clock_source_ms = own_time;
	assert_int_equal(
		jb_file_create(bay->jb, bay_element, "B.dvd+r.iso", 0644, 0, 0, &f, &item), JB_OK);
	assert_not_ready(bay, 0x3a, 0x00);
	assert_int_equal(jb_file_flush(f, false), JB_OK);
	assert_not_ready(bay, 0x04, 0x01);
	/* Another descriptor of the file is still open. */
	assert_int_equal(jb_file_write(f, "x", 1, 0), JB_OK);
	assert_not_ready(bay, 0x3a, 0x00);
	assert_int_equal(jb_file_truncate(bay->jb, item.id, 0), JB_OK);
	assert_int_equal(jb_file_flush(f, false), JB_OK);
	assert_not_ready(bay, 0x04, 0x01);
	now_ms += 10000;
	assert_not_ready(bay, 0x3a, 0x00);
	assert_int_equal(jb_file_flush(f, false), JB_OK);
	assert_not_ready(bay, 0x04, 0x01);
	jb_file_release(f);
	run_cdb(r, NULL, 0, 0x00);
	run_assert_sense(r, 0x06, 0x28, 0x00);
	bay_write(r, 0, 16);
	run_assert_good(r);
	/* A program that was killed leaves no disc. */
	assert_int_equal(jb_item_remove(bay->jb, bay_element, "B.dvd+r.iso"), JB_OK);
	assert_int_equal(
		jb_file_create(bay->jb, bay_element, "C.dvd+r.iso", 0644, 0, 0, &f, &item), JB_OK);
	assert_int_equal(jb_file_flush(f, true), JB_OK);
	assert_not_ready(bay, 0x3a, 0x00);
	jb_file_release(f);
	assert_not_ready(bay, 0x3a, 0x00);
	clock_source_ms = real;
}

/* ---- lost sessions ------------------------------------------------------------------------------ */

static unsigned lost;

static void
lose(struct scsi_task *task)
{
	lost++;
}

static void
a_session_is_lost_at_a_sector(void **state)
{
	static const struct scsi_task_ops ops = {
		.detach = run_detach, .done = run_done, .lose = lose};
	struct bay *bay = *state;
	struct scsi_task task = {.ops = &ops, .nexus = bay->nexus[0], .lun = {0, 1}, .cdb = {0x28}};

	bay_insert(bay, "DVD.iso", 400000);
	run_clear_ua(&bay->r[0]);
	bay_read(&bay->r[0], 0, 64);
	set_faults(bay, "lose-session 50- count 1");
	task.cdb[8] = 60;
	wbuf_init(&task.in, malloc(SCSI_IN_MIN), SCSI_IN_MIN);
	assert_int_equal(scsi_task_submit(&task), SCSI_DONE);
	assert_int_equal(lost, 1);
	assert_int_equal(task.in_len, 0);
	free(task.in.data);
	bay_read(&bay->r[0], 0, 60);
	run_assert_good(&bay->r[0]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(reads_fail_at_the_bad_sector),
		TEST(a_long_read_fails_too),
		TEST(writes_fail_at_the_bad_sector),
		TEST(commands_without_sectors_fail),
		TEST(slow_blanking_is_shown),
		TEST(slow_reads_run_on_the_drive_s_thread),
		TEST(users_do_not_wait_for_a_slow_drive),
		TEST(a_drive_gets_ready),
		TEST(a_disc_is_put_in_by_hand),
		TEST(a_session_is_lost_at_a_sector),
	};

	return cmocka_run_group_tests_name("mmc faults", tests, NULL, NULL);
}
