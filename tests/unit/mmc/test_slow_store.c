/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A slow store device: writes that must wait for it wait on the drive's thread, so that the connection can go
 * on.
 */
#include "tests/unit/mmc/drive.h"

#include <sys/syscall.h>
#include <time.h>

static _Atomic bool device_waits;

/* Replaces the function of the C library. */
ssize_t
pwrite(int fd, const void *buf, size_t n, off_t at)
{
	static const struct timespec a_while = {.tv_nsec = 60 * 1000 * 1000};

	if (device_waits)
		nanosleep(&a_while, NULL);
	return (ssize_t)syscall(SYS_pwrite64, fd, buf, n, at);
}

static void
writes_leave_the_connection_while_the_device_waits(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint32_t lba = 0;

	bay_insert(bay, "D.dvd+r.iso", 0);
	run_clear_ua(r);
	bay_write(r, lba, 16); /* begins the track */
	device_waits = true;
	for (int i = 0; i < 3; i++) {
		bay_write(r, lba += 16, 16);
		run_assert_good(r);
		assert_true(r->pended || i == 0); /* the first one cannot know */
	}
	device_waits = false;
	/* The device is fast again, and the drive notices. */
	for (int i = 0; r->pended; i++) {
		assert_in_range(i, 0, 10000);
		bay_write(r, lba += 16, 16);
		run_assert_good(r);
	}
	bay_read(r, 0, 64);
	assert_true(sectors_filled(r->data, 0, 64));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(writes_leave_the_connection_while_the_device_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
