/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nursery is a process that forks helper processes when the daemon asks for it.  It is itself forked
 * before the daemon has threads, a store or /dev/fuse.  So a helper can be started at any time, and yet
 * inherits nothing from the daemon.  Most of all it must not inherit /dev/fuse: after the daemon was killed,
 * that would keep the mount alive, and every program on it would hang.
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

/* Forks the nursery.  Call it while the process has only one thread.  `kinds` are all kinds of
 * helpers that can be started, ended by NULL; borrowed.  Returns NULL on an error, with errno. */
struct nursery *nursery_start(const struct helper_kind *const *kinds);
/* Kills the nursery, and with it all helpers.  NULL is allowed. */
void nursery_stop(struct nursery *n);

/* Starts a helper.  Returns its socket, and its pid in *pid; or -1, after logging why, if it could not be
 * started before clock_ms() reaches deadline_ms.  [blocks] */
int nursery_spawn(
	struct nursery *n, const struct helper_kind *kind, pid_t *pid, uint64_t deadline_ms);

#endif
