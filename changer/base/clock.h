/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Time, behind two pointers so that tests can own it.
 */
#ifndef CHANGER_BASE_CLOCK_H
#define CHANGER_BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Sources of time; replaced by unit tests before any thread starts. */
extern uint64_t (*clock_source_ms)(void);     /* monotonic, milliseconds */
extern int64_t (*clock_source_wall_ns)(void); /* since the epoch, nanoseconds */

static inline uint64_t
clock_ms(void)
{
	return clock_source_ms();
}

static inline int64_t
clock_wall_ns(void)
{
	return clock_source_wall_ns();
}

/* Nanoseconds since the epoch, which may be negative, as a timespec, and back. */
struct timespec clock_timespec(int64_t ns);
int64_t clock_ns(const struct timespec *ts);

#endif
