/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The nursery is a process that forks helper processes when the daemon asks for it.  It is itself forked
 * before the daemon has threads, a store or /dev/fuse.  So a helper can be started at any time, and yet
 * inherits nothing from the daemon.  Most of all it must not inherit /dev/fuse: after the daemon was killed,
 * that would keep the mount alive, and every program on it would hang.
 *
 * If the nursery dies, all helpers die with it.  The next one that is needed starts it again, by executing the daemon's
 * program under the nursery's name.
 */
#ifndef FSCTL_HELPERS_NURSERY_H
#define FSCTL_HELPERS_NURSERY_H

#include <stdbool.h>
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

/* For main(), which calls it first, with its name: argv[0].  If that is the name under which a nursery which has died is
 * started again, serves as one until the daemon ends, and returns true. */
bool nursery_serves(const char *name, const struct helper_kind *const *kinds);

struct nursery_child {
	int sock;  /* the socket to it; -1: none */
	pid_t pid; /* for logs, and to know its requests by it (helper_is) */
	int pidfd; /* -1: none */
};

/* Starts a helper of a kind that nursery_start got.  Returns true and *child, which the caller ends with
 * nursery_child_close; or false, after logging why, if it could not be started before clock_ms() reaches deadline_ms.
 * If the nursery was killed, first starts it again.  There are 16 helpers of each kind at most.  Any thread.
 * [blocks] */
bool nursery_spawn(struct nursery *n, const struct helper_kind *kind, struct nursery_child *child,
	uint64_t deadline_ms);
/* Closes both descriptors.  Does not kill the helper, but one that waits for a question ends. */
void nursery_child_close(struct nursery_child *child);
/* Kills the helper of that pidfd, and no other process, even if the helper has ended; does nothing for -1. */
void nursery_child_kill(int pidfd);
/* Waits until the helper has ended, ms at most.  Returns true if it has; false if not, or if pidfd is -1. */
bool nursery_child_ended(int pidfd, unsigned ms);

#endif
