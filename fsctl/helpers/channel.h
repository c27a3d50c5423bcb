/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions and answers between the daemon and a process of its own, over a pair of connected
 * SOCK_SEQPACKET sockets: one datagram each, with a number that joins an answer to its question.
 * An answer may bring an open descriptor along (SCM_RIGHTS).
 *
 * One question is under way at a time.  One that was not answered in time stays under way: its
 * answer is thrown away when it comes, and until then nothing else is asked, so that the other
 * side never finds a queue of old wishes when it wakes up again.
 */
#ifndef FSCTL_HELPERS_CHANNEL_H
#define FSCTL_HELPERS_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	CHANNEL_DATA_MAX = 16384, /* bytes of a question or an answer */
	/* Once the other side has kept one waiting for so long, the next do not wait for it. */
	CHANNEL_PATIENCE_MS = 2000,
};

enum channel_result {
	CHANNEL_OK,
	CHANNEL_LATE, /* no answer in time, to this question or still to the one before */
	CHANNEL_GONE, /* the other side is not there any more */
};

/* The end that asks.  The caller sees to it that one thread at a time uses it. */
struct channel {
	int sock; /* -1: none */
	uint32_t id;
	bool awaiting;	   /* the question of that id has no answer yet */
	uint64_t since_ms; /* it was asked; clock_ms */
};

void channel_init(struct channel *c, int sock);
void channel_close(struct channel *c);
/*
 * Asks and waits for the answer until deadline_ms of clock_ms().  The answer has to be of exactly
 * answer_size bytes.  fd: takes a descriptor that came with it, which the caller closes, or -1;
 * NULL: none is wanted.  After CHANNEL_GONE the channel is closed.
 */
enum channel_result channel_call(struct channel *c, const void *question, size_t size, void *answer,
	size_t answer_size, int *fd, uint64_t deadline_ms);

/*
 * The end that answers; calls nothing but system calls.  Waits for a question: its length, or -1
 * once the daemon has gone.  One that is longer than room is cut.
 */
ssize_t channel_receive(int sock, uint32_t *id, void *question, size_t room);
/* fd: goes along; -1: none.  It stays open here. */
void channel_answer(int sock, uint32_t id, const void *answer, size_t size, int fd);

#endif
