/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Helper processes make the system calls that the daemon must not make itself: those on our own mount, which
 * might wait for the daemon, and those that need the rights of another user.
 *
 * A helper has one thread, which reads questions from a socket and answers them (channel.h).  Its working
 * folder is /.  It has no file descriptors but that socket, standard error, and /dev/null as standard input
 * and output.  It is killed when the daemon ends.
 *
 * To add one: write static void run(int sock) in a file of its name,
 *
 *	while ((n = channel_receive(sock, &id, &question, sizeof(question))) >= 0) {
 *		... system calls ...
 *		channel_answer(sock, id, &answer, sizeof(answer), fd_or_minus_1);
 *	}
 *
 * which returns when the daemon has ended; then define a struct helper_kind, NAME_kind, and add it to
 * kinds.c.  The daemon asks through a struct helper.  It starts the process for the first question, and again
 * if the process has died.
 */
#ifndef FSCTL_HELPERS_HELPER_H
#define FSCTL_HELPERS_HELPER_H

#include <pthread.h>
#include <stdatomic.h>

#include "fsctl/helpers/channel.h"
#include "fsctl/helpers/nursery.h"

struct helper {
	pthread_mutex_t lock;	 /* guards the rest; held until a question is answered or late */
	struct nursery *nursery; /* borrowed; NULL: no process can be started */
	const struct helper_kind *kind; /* borrowed */
	struct channel channel;
	uint64_t started_ms; /* when the process was last started, by clock_ms; 0: never */
	_Atomic pid_t pid;   /* of the process; 0: there is none.  May be read without the lock */
	int pidfd;	     /* of the process, also of one that has ended; -1: none */
};

/* Initializes *h, which borrows the nursery and the kind.  Starts no process yet.  If nursery is NULL, every
 * helper_call returns CHANNEL_GONE. */
void helper_init(struct helper *h, struct nursery *nursery, const struct helper_kind *kind);
/* Closes the socket, by which the process ends, without waiting for that.  No thread may use *h any more. */
void helper_fini(struct helper *h);
/*
 * Asks the helper, and waits for its answer until clock_ms() reaches deadline_ms; see channel_call for the
 * arguments.  Starts the process if it is not running.  Any thread; threads take turns, and the wait for the
 * turn is included in the time.  Returns CHANNEL_OK with the answer; CHANNEL_LATE if the turn or the answer
 * did not come in time; or CHANNEL_GONE if the helper died while it was asked, cannot be started, or was
 * started less than a second ago and has died again.  [blocks]
 */
enum channel_result helper_call(struct helper *h, const void *question, size_t size, void *answer,
	size_t answer_size, int *fd, uint64_t deadline_ms);
/* A process that has a question and is late with its answer. */
struct helper_late {
	struct channel channel;
	int pidfd; /* -1: there is none */
};
/*
 * Asks the helper as helper_call does.  If it returns CHANNEL_LATE because the process has the question but has
 * not answered, *late has the process, and the next question starts another one.  The caller must then call
 * helper_late_kill and helper_late_forget.  If another thread had the turn for all of the time, late->pidfd is -1.  [blocks]
 */
enum channel_result helper_call_or_take(struct helper *h, const void *question, size_t size,
	void *answer, size_t answer_size, int *fd, uint64_t deadline_ms, struct helper_late *late);
/* Waits longer for the answer, until clock_ms() reaches deadline_ms; see channel_wait.  On
 * CHANNEL_GONE, helper_late_end kills nothing any more.  [blocks] */
enum channel_result helper_late_wait(
	struct helper_late *late, void *answer, size_t answer_size, int *fd, uint64_t deadline_ms);
/* Kills the process.  One that hangs in a system call may end later (nursery_child_ended). */
void helper_late_kill(struct helper_late *late);
/* Closes the pidfd. */
void helper_late_forget(struct helper_late *late);
/* Kills a helper that hangs in a system call, and drops its open question.  The next question starts another
 * one at once.  Waits while another thread asks the helper.  [blocks] */
void helper_abandon(struct helper *h);
/*
 * Returns true if this pid of a FUSE request (fuse_req_ctx) is that of the helper.  Any thread, no lock.  A
 * helper that has died keeps its pid until the nursery starts the next helper of its kind, and h->pid is cleared
 * before: so no other process is taken for it.  (If the nursery was killed too, that does not hold.)
 */
bool helper_is(const struct helper *h, pid_t pid);

#endif
