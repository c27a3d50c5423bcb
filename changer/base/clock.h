/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The current time.  Unit tests replace its two sources.
 */
#ifndef CHANGER_BASE_CLOCK_H
#define CHANGER_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* The sources of time.  A unit test may set them before it starts a thread. */
extern uint64_t (*clock_source_ms)(void);     /* monotonic, milliseconds */
extern int64_t (*clock_source_wall_ns)(void); /* since the epoch, nanoseconds */

/* Returns milliseconds of a clock that never goes back.  Only differences of two values have a meaning. */
static inline uint64_t
clock_ms(void)
{
	return clock_source_ms();
}

/* Returns nanoseconds since the epoch.  The user may set this clock. */
static inline int64_t
clock_wall_ns(void)
{
	return clock_source_wall_ns();
}

/* Converts nanoseconds since the epoch to a timespec.  ns may be negative; tv_nsec is from 0 to 999999999
 * all the same. */
struct timespec clock_timespec(int64_t ns);
/* Converts a timespec to nanoseconds since the epoch.  Does not check that the result fits in 64 bits. */
int64_t clock_ns(const struct timespec *ts);

#endif
