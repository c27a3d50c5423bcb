/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A mutex that is waited for only so long.
 */
#ifndef CHANGER_BASE_TIMEDLOCK_H
#define CHANGER_BASE_TIMEDLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Locks it within so many milliseconds; false: somebody else had it all the time. */
bool mutex_lock_within(pthread_mutex_t *mutex, uint64_t ms);

#endif
