/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Locking a mutex with a limit of time.
 */
#ifndef CHANGER_BASE_TIMEDLOCK_H
#define CHANGER_BASE_TIMEDLOCK_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Locks the mutex.  Waits at most ms milliseconds for it; ms 0: does not wait.  Returns false, and has
 * not locked it, if another thread still has it then. */
bool mutex_lock_within(pthread_mutex_t *mutex, uint64_t ms);

#endif
