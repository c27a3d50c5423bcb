/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/helpers/channel.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "changer/base/clock.h"

union fd_control { /* aligned as cmsg(3) wants it */
	char buf[CMSG_SPACE(CHANNEL_FDS_MAX * sizeof(int))];
	struct cmsghdr align;
};

/* ---- datagrams ------------------------------------------------------------------------------ */

bool
channel_send(int sock, uint32_t id, const void *data, size_t size, const int *fds, unsigned nfds)
{
	struct iovec iov[] = {{&id, sizeof(id)}, {(void *)(uintptr_t)data, size}};
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = 2};
	union fd_control control;
	struct cmsghdr *c;
	ssize_t n;

	if (nfds > 0) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = control.buf;
		msg.msg_controllen = CMSG_SPACE(nfds * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(nfds * sizeof(int));
		memcpy(CMSG_DATA(c), fds, nfds * sizeof(int));
	}
	do {
		n = sendmsg(sock, &msg, MSG_NOSIGNAL);
	} while (n < 0 && errno == EINTR);
	return n >= 0;
}

/* Moves the descriptors of a message to fds, which has room for *nfds; closes further ones.  Stores the
 * number of those in fds in *nfds; 0 if the message has none. */
static void
take_descriptors(struct msghdr *msg, int *fds, unsigned *nfds)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(msg);
	unsigned room = *nfds, n = 0;

	*nfds = 0;
	if (c != NULL && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		n = (unsigned)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	for (unsigned i = 0; i < n; i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
		if (i < room)
			fds[(*nfds)++] = fd;
		else
			close(fd);
	}
}

ssize_t
channel_take(int sock, uint32_t *id, void *data, size_t room, int *fds, unsigned *nfds, int flags)
{
	struct iovec iov[] = {{id, sizeof(*id)}, {data, room}};
	union fd_control control;
	struct msghdr msg = {
		.msg_iov = iov,
		.msg_iovlen = 2,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	unsigned none = 0;
	ssize_t n;

	do {
		n = recvmsg(sock, &msg, flags | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		msg.msg_controllen = 0;
	take_descriptors(&msg, fds, nfds != NULL ? nfds : &none);
	if (n < 0)
		return -1;
	if (n >= (ssize_t)sizeof(*id))
		return n - (ssize_t)sizeof(*id);
	errno = ECONNRESET; /* n is 0: the other end is closed */
	return -1;
}

/* Does what channel_take does, with room for one descriptor: stores it in *fd, or -1 if there is none. */
static ssize_t
receive_datagram(int sock, uint32_t *id, void *data, size_t room, int *fd, int flags)
{
	unsigned n = 1;

	*fd = -1;
	return channel_take(sock, id, data, room, fd, &n, flags);
}

/* ---- the end that asks ---------------------------------------------------------------------- */

void
channel_init(struct channel *c, int sock)
{
	*c = (struct channel){.sock = sock};
}

void
channel_close(struct channel *c)
{
	if (c->sock >= 0)
		close(c->sock);
	channel_init(c, -1);
}

/* Waits until there is something to receive, or the other end has closed the socket; returns true then.
 * Returns false if clock_ms() reaches deadline_ms before; a deadline in the past means not to wait. */
static bool
wait_for_answer(int sock, uint64_t deadline_ms)
{
	struct pollfd p = {.fd = sock, .events = POLLIN};
	int n;

	do {
		uint64_t now = clock_ms();

		n = poll(&p, 1, now < deadline_ms ? (int)(deadline_ms - now) : 0);
	} while (n < 0 && errno == EINTR);
	return n > 0;
}

/* Waits for the answer to the open question; returns CHANNEL_OK at once if there is none.  Drops answers with
 * another number.  Stores the answer, and its descriptor in *fd; if `answer` or fd is NULL, drops or closes
 * it.  Clears c->awaiting when the answer came.  Returns CHANNEL_LATE if it did not come until deadline_ms;
 * CHANNEL_GONE if the other process has ended, or the answer does not have `size` bytes (*fd may be a
 * descriptor then). */
static enum channel_result
await(struct channel *c, void *answer, size_t size, int *fd, uint64_t deadline_ms)
{
	uint8_t data[CHANNEL_DATA_MAX];

	while (c->awaiting) {
		uint32_t id = 0;
		int got;
		ssize_t n;

		if (!wait_for_answer(c->sock, deadline_ms))
			return CHANNEL_LATE;
		n = receive_datagram(c->sock, &id, data, sizeof(data), &got, MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			continue;
		if (n < 0)
			return CHANNEL_GONE;
		c->awaiting = id != c->id;
		if (!c->awaiting && fd != NULL) {
			*fd = got;
			got = -1;
		}
		if (got >= 0)
			close(got);
		if (!c->awaiting && answer != NULL) {
			if ((size_t)n != size)
				return CHANNEL_GONE;
			memcpy(answer, data, size);
		}
	}
	return CHANNEL_OK;
}

/* Does the work of channel_call, except to close the channel and to set *fd to -1.  If a question is still
 * open, first waits for its answer, but not if it has been open for CHANNEL_PATIENCE_MS.  Returns
 * CHANNEL_GONE if the channel is closed. */
static enum channel_result
call(struct channel *c, const void *question, size_t size, void *answer, size_t answer_size,
	int *fd, uint64_t deadline_ms)
{
	enum channel_result r = CHANNEL_OK;

	if (c->sock < 0)
		return CHANNEL_GONE;
	if (c->awaiting) {
		bool patient = clock_ms() - c->since_ms < CHANNEL_PATIENCE_MS;

		r = await(c, NULL, 0, NULL, patient ? deadline_ms : 0);
	}
	if (r != CHANNEL_OK)
		return r;
	c->id++;
	c->since_ms = clock_ms();
	if (!channel_send(c->sock, c->id, question, size, NULL, 0))
		return CHANNEL_GONE;
	c->awaiting = true;
	return await(c, answer, answer_size, fd, deadline_ms);
}

enum channel_result
channel_call(struct channel *c, const void *question, size_t size, void *answer, size_t answer_size,
	int *fd, uint64_t deadline_ms)
{
	enum channel_result r;

	if (fd != NULL)
		*fd = -1;
	r = call(c, question, size, answer, answer_size, fd, deadline_ms);
	if (r == CHANNEL_GONE)
		channel_close(c);
	return r;
}

enum channel_result
channel_wait(struct channel *c, void *answer, size_t answer_size, int *fd, uint64_t deadline_ms)
{
	enum channel_result r;

	*fd = -1;
	r = c->sock < 0 ? CHANNEL_GONE : await(c, answer, answer_size, fd, deadline_ms);
	if (r == CHANNEL_GONE)
		channel_close(c);
	return r;
}

/* ---- the end that answers ------------------------------------------------------------------- */

ssize_t
channel_receive(int sock, uint32_t *id, void *question, size_t room)
{
	int fd;
	ssize_t n = receive_datagram(sock, id, question, room, &fd, 0);

	if (fd >= 0)
		close(fd);
	return n;
}

void
channel_answer(int sock, uint32_t id, const void *answer, size_t size, int fd)
{
	(void)channel_send(sock, id, answer, size, &fd, fd >= 0 ? 1 : 0);
}
