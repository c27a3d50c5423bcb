/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nursery of helper processes: a process that is forked before the daemon has a thread, a store or
 * /dev/fuse, and does nothing but fork helpers when it is asked to.  So a helper can be started at any
 * time and still has nothing of the daemon but its socket: above all not /dev/fuse, which would keep
 * the mount alive, and hanging, after the daemon was killed.
 */
#ifndef FSCTL_HELPERS_NURSERY_H
#define FSCTL_HELPERS_NURSERY_H

#include <stdint.h>
#include <sys/types.h>

struct helper_kind {
	const char *name; /* of the process */
	void (*run)(int sock);
};

struct nursery;

/* To be called while the process has one thread.  kinds: of all helpers that it can start, and NULL
 * behind them.  Returns NULL when it fails; errno says why. */
struct nursery *nursery_start(const struct helper_kind *const *kinds);
/* Its helpers end with it.  NULL is allowed. */
void nursery_stop(struct nursery *n);

/* Starts a helper: returns its socket, and its process id; -1: it could not be started until deadline_ms
 * of clock_ms().  [blocks] */
int nursery_spawn(
	struct nursery *n, const struct helper_kind *kind, pid_t *pid, uint64_t deadline_ms);

#endif
