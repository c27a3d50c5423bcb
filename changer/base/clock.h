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

/* Returns milliseconds of a clock that never goes back.  Its start is not defined. */
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

/* Converts nanoseconds since the epoch, which may be negative, to a timespec with a tv_nsec of 0 to
 * 999999999. */
struct timespec clock_timespec(int64_t ns);
/* Converts a timespec to nanoseconds since the epoch; the caller limits it to 64 bits. */
int64_t clock_ns(const struct timespec *ts);

#endif
