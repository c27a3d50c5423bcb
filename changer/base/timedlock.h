/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Locking a mutex with a limit of time.
 */
#ifndef CHANGER_BASE_TIMEDLOCK_H
#define CHANGER_BASE_TIMEDLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Locks the mutex, and waits for that at most ms milliseconds; with ms 0 does not wait.  Returns true if it
 * has locked the mutex; false if another thread still had it, and it is not locked then. */
bool mutex_lock_within(pthread_mutex_t *mutex, uint64_t ms);

#endif
