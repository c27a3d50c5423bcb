/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/iscsi/tx.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "target/iscsi/conn.h"
#include "target/iscsi/digest.h"

enum {
	PIPE_SIZE = 1 << 20,
	FILE_PIECE = 64 * 1024, /* bytes of a file that are read at once, for a data digest */
	QUEUE_IOVS = 3,		/* header, data, trailer */
};

void
tx_init(struct tx *tx, uint8_t *arena, struct iovec *iov)
{
	memset(tx, 0, sizeof(*tx));
	tx->arena = arena;
	tx->iov = iov;
	tx->pipe[0] = tx->pipe[1] = -1;
}

void
tx_idle(struct tx *tx)
{
	if (tx->pipe[0] >= 0) {
		close(tx->pipe[0]);
		close(tx->pipe[1]);
	}
	tx->pipe[0] = tx->pipe[1] = -1;
}

void
tx_fini(struct tx *tx)
{
	tx_idle(tx);
}

/* Returns the length of a header, with its digest if there are header digests. */
static size_t
header_len(const struct conn *c)
{
	return BHS_LEN + (c->header_digest ? DIGEST_LEN : 0);
}

/* Queues `n` bytes, which must stay where they are.  Extends the last piece if they follow it in memory.  The
 * caller has made room (tx_room).  Does nothing for n 0. */
static void
add_piece(struct tx *tx, const uint8_t *p, size_t n)
{
	struct iovec *last = tx->niov > 0 ? &tx->iov[tx->niov - 1] : NULL;

	if (n == 0)
		return;
	if (last != NULL && (const uint8_t *)last->iov_base + last->iov_len == p) {
		last->iov_len += n;
		return;
	}
	assert(tx->niov < TX_IOVS);
	tx->iov[tx->niov].iov_base = (void *)(uintptr_t)p;
	tx->iov[tx->niov].iov_len = n;
	tx->niov++;
}

/* Removes the first `n` bytes, which have been sent, from the list of *niov pieces at *iov. */
static void
drop_sent(struct iovec **iov, unsigned *niov, size_t n)
{
	while (*niov > 0 && n >= (*iov)->iov_len) {
		n -= (*iov)->iov_len;
		(*iov)++;
		(*niov)--;
	}
	if (*niov > 0) {
		(*iov)->iov_base = (uint8_t *)(*iov)->iov_base + n;
		(*iov)->iov_len -= n;
	}
}

/* Sets c->over after a send that failed.  Logs it, with the bytes that were taken and left since the time
 * `since`, if SO_SNDTIMEO or TCP_USER_TIMEOUT has expired: the peer does not read, or has vanished.  A peer
 * that has closed is not logged.  Reads errno; `lost` is true if the call that failed could not report its
 * error, so errno does not say which of these it was. */
static void
not_sent(struct conn *c, size_t taken, size_t left, uint64_t since, bool lost)
{
	if (errno == EAGAIN || errno == ETIMEDOUT || lost)
		conn_fail(c, "took only %zu of %zu bytes of answers in %u s", taken, taken + left,
			(unsigned)((clock_ms() - since) / 1000));
	c->over = true;
}

/* Returns how many bytes the pieces have in all. */
static size_t
bytes_of(const struct iovec *iov, unsigned niov)
{
	size_t n = 0;

	for (unsigned i = 0; i < niov; i++)
		n += iov[i].iov_len;
	return n;
}

/* Sends all queued pieces; drops them if the connection is over.  The arena stays in use.  If `more` is true,
 * further data follows soon (MSG_MORE).  Blocks.  Returns false if the connection is over. */
static bool
send_pieces(struct conn *c, bool more)
{
	struct tx *tx = &c->tx;
	struct iovec *iov = tx->iov;
	unsigned niov = tx->niov;
	uint64_t since = clock_ms();
	size_t taken = 0;

	while (niov > 0 && !c->over) {
		struct msghdr msg = {.msg_iov = iov, .msg_iovlen = niov};
		ssize_t n = sendmsg(c->fd, &msg, MSG_NOSIGNAL | (more ? MSG_MORE : 0));

		if (n >= 0) {
			drop_sent(&iov, &niov, (size_t)n);
			taken += (size_t)n;
		} else if (errno != EINTR) {
			not_sent(c, taken, bytes_of(iov, niov), since, false);
		}
	}
	tx->niov = 0;
	return !c->over;
}

/* Does what tx_flush does; if `more` is true, further data follows soon (MSG_MORE). */
static bool
flush_more(struct conn *c, bool more)
{
	struct tx *tx = &c->tx;

	send_pieces(c, more);
	tx->used = 0;
	while (tx->sent != NULL) {
		struct itask *task = tx->sent;

		tx->sent = task->next;
		itask_free(c, task);
	}
	return !c->over;
}

bool
tx_flush(struct conn *c)
{
	return flush_more(c, false);
}

bool
tx_room(struct conn *c, size_t bytes, unsigned iovs)
{
	assert(bytes <= TX_ARENA && iovs <= TX_IOVS);
	if (TX_ARENA - c->tx.used < bytes)
		return tx_flush(c);
	if (TX_IOVS - c->tx.niov < iovs)
		return send_pieces(c, false);
	return !c->over;
}

uint8_t *
tx_header(struct conn *c, uint8_t opcode, uint8_t flags)
{
	uint8_t *header;

	/* If the connection is over, the header is written all the same, and never sent. */
	tx_room(c, TX_HEADER_MAX + TX_TRAILER_MAX, QUEUE_IOVS);
	header = c->tx.arena + c->tx.used;
	memset(header, 0, BHS_LEN);
	header[BHS_OPCODE] = opcode;
	header[BHS_FLAGS] = flags;
	return header;
}

uint8_t *
tx_data_place(struct conn *c)
{
	return c->tx.arena + c->tx.used + header_len(c);
}

void
tx_keep(struct conn *c, const uint8_t *end)
{
	size_t used = (size_t)(end - c->tx.arena);

	assert(used <= TX_ARENA);
	if (used > c->tx.used)
		c->tx.used = used;
}

bool
tx_in_arena(const struct conn *c, const uint8_t *p)
{
	return p >= c->tx.arena && p < c->tx.arena + TX_ARENA;
}

/* Completes a header with its data length and its digest, and queues it. */
static void
queue_header(struct conn *c, uint8_t *header, size_t data_len)
{
	put_be24(header + BHS_DATA_LENGTH, (uint32_t)data_len);
	if (c->header_digest)
		digest_put(header + BHS_LEN, digest_add(DIGEST_START, header, BHS_LEN));
	tx_keep(c, header + header_len(c));
	add_piece(&c->tx, header, header_len(c));
}

/* Writes the padding and the data digest behind the used part of the arena, and queues them.  `digest` is its
 * state before the padding; without data digests it is ignored. */
static void
queue_trailer(struct conn *c, size_t data_len, uint32_t digest)
{
	uint8_t *trailer = c->tx.arena + c->tx.used;
	size_t n = pdu_padding((uint32_t)data_len);

	memset(trailer, 0, n);
	if (c->data_digest) {
		digest_put(trailer + n, digest_add(digest, trailer, n));
		n += DIGEST_LEN;
	}
	tx_keep(c, trailer + n);
	add_piece(&c->tx, trailer, n);
}

void
tx_queue(struct conn *c, uint8_t *header, const uint8_t *data, size_t n)
{
	queue_header(c, header, n);
	if (n == 0)
		return;
	add_piece(&c->tx, data, n);
	if (tx_in_arena(c, data))
		tx_keep(c, data + n);
	queue_trailer(c, n, c->data_digest ? digest_add(DIGEST_START, data, n) : 0);
}

void
tx_free_later(struct conn *c, struct itask *task)
{
	task->next = c->tx.sent;
	c->tx.sent = task;
}

/* ---- from files ----------------------------------------------------------------------------- */

/* Logs that a file is too short, and sets c->over, because a header has announced more data than the file
 * has.  Returns false. */
static bool
file_short(struct conn *c)
{
	log_err("iscsi", "an image became shorter while its sectors were sent");
	c->over = true;
	return false;
}

/* Reads exactly `n` bytes of the file at `off` to dst.  Returns false, with c->over set, if the file is
 * shorter or cannot be read. */
static bool
read_whole(struct conn *c, int fd, uint8_t *dst, size_t n, uint64_t off)
{
	while (n > 0) {
		ssize_t got = pread(fd, dst, n, (off_t)off);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return file_short(c);
		dst += got;
		off += (uint64_t)got;
		n -= (size_t)got;
	}
	return true;
}

/* Queues `n` bytes of a file at `off` through the arena, and their padding and data digest.  May send what is
 * queued.  Returns false if the connection is over. */
static bool
file_through_arena(struct conn *c, int fd, uint64_t off, size_t n)
{
	uint32_t digest = DIGEST_START;
	size_t left = n;

	while (left > 0) {
		size_t part = left < FILE_PIECE ? left : FILE_PIECE;
		uint8_t *piece;

		if (!tx_room(c, part + TX_TRAILER_MAX, QUEUE_IOVS))
			return false;
		piece = c->tx.arena + c->tx.used;
		if (!read_whole(c, fd, piece, part, off))
			return false;
		digest = digest_add(digest, piece, part);
		tx_keep(c, piece + part);
		add_piece(&c->tx, piece, part);
		off += part;
		left -= part;
	}
	queue_trailer(c, n, digest);
	return true;
}

/* Opens the pipe for splice, if it is not open, as large as the system allows up to PIPE_SIZE.  Returns false
 * if it cannot. */
static bool
open_pipe(struct tx *tx)
{
	int size;

	if (tx->pipe[0] >= 0)
		return true;
	if (pipe2(tx->pipe, O_CLOEXEC) < 0) {
		tx->pipe[0] = tx->pipe[1] = -1;
		return false;
	}
	size = fcntl(tx->pipe[1], F_SETPIPE_SZ, PIPE_SIZE);
	if (size < 0) /* the user's limit for pipes is reached */
		size = fcntl(tx->pipe[1], F_GETPIPE_SZ);
	tx->pipe_size = size > 0 ? (size_t)size : 4096;
	return true;
}

/* Sends `n` bytes of a file at `off` without a copy: pages go from the page cache through a pipe to the
 * socket.  Nothing may be queued.  Blocks.  Returns false, with c->over set and a log line, if there is no
 * pipe, the file is shorter, or the peer does not take the bytes. */
static bool
splice_file(struct conn *c, int fd, uint64_t off, size_t n)
{
	struct tx *tx = &c->tx;
	loff_t at = (loff_t)off;
	uint64_t since = clock_ms();
	size_t whole = n;
	bool lost = false;

	if (!open_pipe(tx)) {
		log_peer("iscsi", "no pipe for %s: raise the limit on open files", c->peer);
		c->over = true;
		return false;
	}
	while (n > 0) {
		size_t part = n < tx->pipe_size ? n : tx->pipe_size;
		ssize_t in = splice(fd, &at, tx->pipe[1], NULL, part, SPLICE_F_MOVE);

		if (in < 0 && errno == EINTR)
			continue;
		if (in <= 0)
			return file_short(c);
		n -= (size_t)in;
		while (in > 0) {
			unsigned flags = SPLICE_F_MOVE | (n > 0 ? SPLICE_F_MORE : 0);
			ssize_t out = splice(tx->pipe[0], NULL, c->fd, NULL, (size_t)in, flags);

			if (out < 0 && errno == EINTR)
				continue;
			if (out <= 0) {
				not_sent(c, whole - n - (size_t)in, n + (size_t)in, since, lost);
				return false;
			}
			in -= out;
			lost = in > 0; /* a call that is cut short uses up the socket's error */
		}
	}
	return true;
}

bool
tx_file(struct conn *c, uint8_t *header, int fd, uint64_t off, size_t n)
{
	queue_header(c, header, n);
	if (c->data_digest)
		return file_through_arena(c, fd, off, n);
	if (!flush_more(c, true) || !splice_file(c, fd, off, n))
		return false;
	queue_trailer(c, n, 0);
	return true;
}
