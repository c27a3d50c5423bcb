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
	const char *name;      /* of the process, 15 bytes at most */
	void (*run)(int sock); /* the code of the process; it ends when this returns */
};

struct nursery;

/* Forks the nursery.  Call it in the main thread, while the process has no other one: the nursery is killed
 * when that thread ends.  `kinds` are all kinds of helpers that can be started, ended by NULL; borrowed.
 * Returns NULL, with errno, if there is no memory, descriptor or process.  The caller frees the result with
 * nursery_stop. */
struct nursery *nursery_start(const struct helper_kind *const *kinds);
/* Kills the nursery, and with it all helpers; waits for its end and frees n.  No thread may use it any more.
 * Does nothing if n is NULL. */
void nursery_stop(struct nursery *n);

/* Starts a helper of a kind that nursery_start got.  Returns its socket, which the caller closes, and its pid
 * in *pid; or -1, after logging why, if it could not be started before clock_ms() reaches deadline_ms: *pid
 * is unchanged then.  Any thread.  [blocks] */
int nursery_spawn(
	struct nursery *n, const struct helper_kind *kind, pid_t *pid, uint64_t deadline_ms);

#endif
