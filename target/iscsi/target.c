/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions of the target that connections call: they lock it and wake the acceptor.
 */
#include "target/iscsi/target.h"

#include <errno.h>
#include <unistd.h>

LOCK_CLASS_DEFINE(iscsi_target_lock);

void
target_enter(struct iscsi_target *target) NO_LOCK_ANALYSIS
{
	pthread_mutex_lock(&target->lock);
}

void
target_leave(struct iscsi_target *target) NO_LOCK_ANALYSIS
{
	pthread_mutex_unlock(&target->lock);
}

struct timespec
target_time_in(unsigned ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += ms / 1000;
	t.tv_nsec += ms % 1000 * 1000000L;
	if (t.tv_nsec >= 1000000000L) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000L;
	}
	return t;
}

void
target_kick_acceptor(struct iscsi_target *target)
{
	uint64_t one = 1;

	while (write(target->accept_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}
