/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The way out: answers are gathered, headers and small data in an arena, long data where it lies,
 * and go out together with one call when the input is used up or the arena is full.
 *
 * Sending blocks: a peer that does not read its answers stops its own connection only.
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
	TX_ARENA = 256 * 1024,
	TX_IOVS = 256,
	TX_HEADER_MAX = 48 + 4,
	TX_TRAILER_MAX = 3 + 4, /* padding and data digest */
};

struct tx {
	uint8_t *arena;	   /* TX_ARENA bytes */
	struct iovec *iov; /* TX_IOVS of them */
	size_t used;	   /* of the arena */
	unsigned niov;
	struct itask *sent; /* finished, but their data is queued; freed by the flush */
	int pipe[2];	    /* for splice; -1: none */
	size_t pipe_size;
};

void tx_init(struct tx *tx, uint8_t *arena, struct iovec *iov);
void tx_fini(struct tx *tx);
/* Closes what only work needs. */
void tx_idle(struct tx *tx);

/* Makes room for bytes in the arena and for iovs pieces, by flushing if it must. */
bool tx_room(struct conn *c, size_t bytes, unsigned iovs);
/*
 * A cleared header in the arena, its opcode and flags set.  It takes room but is not queued; with
 * no tx_room and tx_flush between, the next call without tx_queue returns the same place.
 */
uint8_t *tx_header(struct conn *c, uint8_t opcode, uint8_t flags);
/* Where the data would stand that follows the next tx_header in the arena. */
uint8_t *tx_data_place(struct conn *c);
/*
 * Queues the header and n bytes of data (in the arena, or wherever they stay until the flush):
 * fills in the length, adds digests and padding.
 */
void tx_queue(struct conn *c, uint8_t *header, const uint8_t *data, size_t n);
bool tx_in_arena(const struct conn *c, const uint8_t *p);
/* The arena up to here is in use. */
void tx_keep(struct conn *c, const uint8_t *end);
/* Frees the task at the next flush. */
void tx_free_later(struct conn *c, struct itask *task);
/* Sends all that is queued and empties the arena. */
bool tx_flush(struct conn *c);
/* Sends a header and, as its data, n bytes of the file from off. */
bool tx_file(struct conn *c, uint8_t *header, int fd, uint64_t off, size_t n);

#endif
