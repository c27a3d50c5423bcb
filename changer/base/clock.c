/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/base/clock.h"

/* Returns the milliseconds of the system's monotonic clock. */
static uint64_t
system_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Returns the nanoseconds since the epoch by the system's wall clock. */
static int64_t
system_wall_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

uint64_t (*clock_source_ms)(void) = system_ms;
int64_t (*clock_source_wall_ns)(void) = system_wall_ns;

struct timespec
clock_timespec(int64_t ns)
{
	struct timespec ts = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};

	if (ts.tv_nsec < 0) {
		ts.tv_sec--;
		ts.tv_nsec += 1000000000;
	}
	return ts;
}

int64_t
clock_ns(const struct timespec *ts)
{
	return (int64_t)ts->tv_sec * 1000000000 + ts->tv_nsec;
}
