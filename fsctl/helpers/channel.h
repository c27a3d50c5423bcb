/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Questions and answers between the daemon and a helper process, over a pair of connected SOCK_SEQPACKET
 * sockets.  Each is one datagram.  Its number says which answer belongs to which question.  An answer may
 * carry an open file descriptor (SCM_RIGHTS).
 *
 * There is one open question at a time.  If it is not answered in time, it stays open: its answer is dropped
 * when it comes, and no other question is sent before that.  So a helper that was stopped finds no queue of
 * old questions when it goes on.
 */
#ifndef FSCTL_HELPERS_CHANNEL_H
#define FSCTL_HELPERS_CHANNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum {
	CHANNEL_DATA_MAX = 16384, /* the most bytes in a question or an answer */
	CHANNEL_FDS_MAX = 160,	  /* the most descriptors in a datagram */
	/* If a question has been open for this time, later calls do not wait for its answer. */
	CHANNEL_PATIENCE_MS = 2000,
};

enum channel_result {
	CHANNEL_OK,   /* the answer came */
	CHANNEL_LATE, /* no answer in time, to this question or to the one before it */
	CHANNEL_GONE, /* the other process has ended, or its answer is not valid */
};

/* The end that asks.  The caller must ensure that only one thread at a time uses it. */
struct channel {
	int sock;	   /* -1: closed */
	uint32_t id;	   /* the number of the last question */
	bool awaiting;	   /* true: that question is open, so no other one is sent */
	uint64_t since_ms; /* when it was sent, by clock_ms */
};

/* Makes *c the end that asks on the socket, which it owns; -1: a closed channel. */
void channel_init(struct channel *c, int sock);
/* Closes the socket, so that the other process ends; forgets an open question.  *c may be closed already. */
void channel_close(struct channel *c);
/*
 * Sends a question, and waits for its answer until clock_ms() reaches deadline_ms.  The answer must have
 * exactly answer_size bytes.  Stores the descriptor that came with the answer in *fd, or -1; the caller must
 * close it, whatever is returned.  If fd is NULL, closes such a descriptor.  Returns CHANNEL_LATE if there
 * was no answer in time; then the question stays open, or was not sent if the one before it is still open.
 * Returns CHANNEL_GONE, and closes the channel, if the other process has ended or answers with another size;
 * also if the channel was closed.  [blocks]
 */
enum channel_result channel_call(struct channel *c, const void *question, size_t size, void *answer,
	size_t answer_size, int *fd, uint64_t deadline_ms);
/* Waits for the answer to a question for which channel_call has returned CHANNEL_LATE, as that does. */
enum channel_result channel_wait(
	struct channel *c, void *answer, size_t answer_size, int *fd, uint64_t deadline_ms);

/* Waits for a question, at the end that answers, cuts it to `room` bytes and stores its number in *id.
 * Closes descriptors that came with it.  Returns the length of what it has stored; or -1 if the daemon has
 * ended.  This function and the next one make only system calls.  [blocks] */
ssize_t channel_receive(int sock, uint32_t *id, void *question, size_t room);
/* Answers question `id`.  Sends a copy of the descriptor fd with the answer; -1: none.  fd stays open here.
 * Ignores errors: if the daemon has ended, the next channel_receive returns -1. */
void channel_answer(int sock, uint32_t id, const void *answer, size_t size, int fd);

/* ---- datagrams, for a conversation of another kind ------------------------------------------- */

/* Sends a datagram with the number `id` and copies of nfds descriptors, CHANNEL_FDS_MAX at most; 0: none, and
 * fds may be NULL.  The descriptors stay open here.  Returns false, with errno, if it could not be sent, as
 * when the other process has ended.  [blocks] */
bool channel_send(
	int sock, uint32_t id, const void *data, size_t size, const int *fds, unsigned nfds);
/* Receives a datagram, by recvmsg(2) with those flags, stores its number in *id, and cuts its data to `room`
 * bytes.  Moves its descriptors to fds, which has room for *nfds, and stores their number in *nfds; closes
 * further ones.  nfds NULL: closes all.  Returns the length of the data; -1 with errno EAGAIN if flags has
 * MSG_DONTWAIT and there is no datagram; -1 with another errno if the other process has ended or recvmsg(2)
 * fails. */
ssize_t channel_take(
	int sock, uint32_t *id, void *data, size_t room, int *fds, unsigned *nfds, int flags);

#endif
