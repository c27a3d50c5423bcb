/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sending.  Answers are queued: headers and small data in a buffer, the arena; long data stays where it is.
 * One system call sends them all, when all received PDUs are handled or when the arena is full.
 *
 * Sending blocks.  A peer that does not read its answers stops only its own connection.  A function that
 * returns bool returns false if the connection is over.
 */
#ifndef TARGET_ISCSI_TX_H
#define TARGET_ISCSI_TX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "changer/scsi/task.h"

struct conn;
struct itask;

enum {
	TX_ARENA = 256 * 1024,	/* bytes of the arena */
	TX_IOVS = 256,		/* the most pieces in one system call */
	TX_HEADER_MAX = 48 + 4, /* with its digest */
	TX_TRAILER_MAX = 3 + 4, /* padding and data digest */
};

struct tx {
	uint8_t *arena;	    /* TX_ARENA bytes */
	struct iovec *iov;  /* TX_IOVS of them */
	size_t used;	    /* bytes of the arena that are in use */
	unsigned niov;	    /* pieces that are queued */
	struct itask *sent; /* tasks whose data is queued; the next flush frees them */
	int pipe[2];	    /* for splice; -1: not open */
	size_t pipe_size;   /* bytes that fit into the pipe, while it is open */
};

/* Makes *tx empty, without a pipe; it borrows the arena (TX_ARENA bytes) and iov (TX_IOVS places). */
void tx_init(struct tx *tx, uint8_t *arena, struct iovec *iov);
/* Closes the pipe, if it is open.  The arena and iov belong to the caller. */
void tx_fini(struct tx *tx);
/* Closes the pipe, which an idle connection does not need.  tx_file opens it again. */
void tx_idle(struct tx *tx);

/* Makes room for `bytes` bytes in the arena, TX_ARENA at most, and for `iovs` pieces of data.  If there is
 * none, sends what is queued; for lack of bytes this also empties the arena.  Returns false if the connection
 * is over. */
bool tx_room(struct conn *c, size_t bytes, unsigned iovs);
/* Returns a header in the arena: the opcode and flags are set, all else is 0.  Makes room for it first, and
 * may send what is queued.  The header is not queued before tx_queue or tx_file; until then a second call
 * returns the same place.  Never fails: if the connection is over, the header is never sent. */
uint8_t *tx_header(struct conn *c, uint8_t opcode, uint8_t flags);
/* Returns the place in the arena directly behind the header that the next tx_header will return, if that has
 * room (tx_room).  Reserves nothing. */
uint8_t *tx_data_place(struct conn *c);
/* Queues a header and `n` bytes of data, which must stay where they are until the next flush.  Fills in the
 * data length; adds padding and the digests that were negotiated.  n may be 0.  Sends nothing.  The room of
 * tx_header is enough. */
void tx_queue(struct conn *c, uint8_t *header, const uint8_t *data, size_t n);
/* Returns true if `p` points into the arena. */
bool tx_in_arena(const struct conn *c, const uint8_t *p);
/* Marks the arena up to the address `end` as in use until the next flush.  Does nothing if it is in use that
 * far. */
void tx_keep(struct conn *c, const uint8_t *end);
/* Frees the task at the next flush, because its data is queued. */
void tx_free_later(struct conn *c, struct itask *task);
/* Sends all that is queued, empties the arena, and frees the tasks of tx_free_later.  Blocks until the peer
 * has taken all; gives up if it takes nothing for dead_ms.  Returns false if the connection is over, with a
 * log line if the peer did not take the data. */
bool tx_flush(struct conn *c);
/* Queues a header and, as its data, `n` bytes of the file from offset `off` on.  Without a data digest, sends
 * them and all that is queued at once, without a copy; padding stays queued.  With one, reads the bytes into
 * the arena, and sends only as that gets full.  Returns false, with a log line, if the connection is over,
 * also because the file is shorter or there is no descriptor for a pipe. */
bool tx_file(struct conn *c, uint8_t *header, int fd, uint64_t off, size_t n);

#endif
