/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/base/timedlock.h"

#include <time.h>

/*
 * The time is measured by CLOCK_MONOTONIC, which nobody can set.  But GCC 12's ThreadSanitizer does not know
 * pthread_mutex_clocklock, and would report the mutex as not locked.
 */
#ifdef __SANITIZE_THREAD__
enum { CLOCK = CLOCK_REALTIME };
#else
enum { CLOCK = CLOCK_MONOTONIC };
#endif

bool
mutex_lock_within(pthread_mutex_t *mutex, uint64_t ms)
{
	struct timespec end;

	clock_gettime(CLOCK, &end);
	end.tv_sec += (time_t)(ms / 1000);
	end.tv_nsec += (long)(ms % 1000) * 1000000;
	if (end.tv_nsec >= 1000000000) {
		end.tv_sec++;
		end.tv_nsec -= 1000000000;
	}
#ifdef __SANITIZE_THREAD__
	return pthread_mutex_timedlock(mutex, &end) == 0;
#else
	return pthread_mutex_clocklock(mutex, CLOCK, &end) == 0;
#endif
}
