/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Helper processes: for the system calls that the daemon must not make itself, because they might
 * wait for the daemon (any on our own mount), or need other rights than the daemon's.
 *
 * A helper is one thread that reads questions from its socket and answers them (channel.h).  Its
 * folder is /, its signals are those of the daemon, it has no descriptors but that socket, standard
 * error, and /dev/null for the other two; and it dies with the daemon.
 *
 * To add one: write static void run(int sock) in a file of its name,
 *
 *	while ((n = channel_receive(sock, &id, &question, sizeof(question))) >= 0) {
 *		... system calls ...
 *		channel_answer(sock, id, &answer, sizeof(answer), fd_or_minus_1);
 *	}
 *
 * which returns when the daemon has gone; give it a struct helper_kind, NAME_kind, and a row in
 * kinds.c.  The asking side has a struct helper, which starts the process with the first question and
 * again after it has died.
 */
#ifndef FSCTL_HELPERS_HELPER_H
#define FSCTL_HELPERS_HELPER_H

#include <pthread.h>
#include <stdatomic.h>

#include "fsctl/helpers/channel.h"
#include "fsctl/helpers/nursery.h"

struct helper {
	pthread_mutex_t lock; /* guards the next four; held while a question is under way */
	struct nursery *nursery;
	const struct helper_kind *kind;
	struct channel channel;
	uint64_t started_ms; /* clock_ms; 0: never */
	_Atomic pid_t pid;   /* of the process; 0: there is none */
};

/* nursery: NULL: it can never be started, and every call says CHANNEL_GONE. */
void helper_init(struct helper *h, struct nursery *nursery, const struct helper_kind *kind);
/* Ends the process, without waiting for that. */
void helper_fini(struct helper *h);
/*
 * Asks the helper, which is started first if it is not there, and waits for its answer until
 * deadline_ms of clock_ms(); see channel_call.  Any thread; threads take turns, and waiting for
 * the turn counts.  CHANNEL_GONE: the helper died over it, or cannot be started.  [blocks]
 */
enum channel_result helper_call(struct helper *h, const void *question, size_t size, void *answer,
	size_t answer_size, int *fd, uint64_t deadline_ms);
/* Kills a helper that does not come back from a system call; the next question goes to another. */
void helper_abandon(struct helper *h);
/*
 * Is the request of that process or thread id, as fuse_req_ctx has it, one of the helper's?  Any
 * thread, no lock.  A dead helper's id is not given to others before it is forgotten here.
 */
bool helper_is(const struct helper *h, pid_t pid);

#endif
