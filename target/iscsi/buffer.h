/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buffers for the data of commands.  A pool keeps some of each size for the next command, so that steady
 * work allocates no memory.  It is emptied when the connection is idle.  One thread owns a pool.
 */
#ifndef TARGET_ISCSI_BUFFER_H
#define TARGET_ISCSI_BUFFER_H

#include <stddef.h>
#include <stdint.h>

enum {
	BUFFER_MIN_SHIFT = 15,
	BUFFER_CLASSES = 9, /* 32 KiB to 8 MiB */
	BUFFER_MAX = 1 << (BUFFER_MIN_SHIFT + BUFFER_CLASSES - 1),
	BUFFER_KEPT_MAX = 2 << 20, /* bytes kept in a pool */
};

struct buffer {
	uint8_t *data; /* NULL: none */
	size_t size;
};

struct buffer_pool {
	uint8_t *kept
		[BUFFER_CLASSES]; /* lists of free buffers; each begins with the next one's address */
	size_t kept_bytes;
};

/* Returns a buffer of at least `size` bytes, which must be BUFFER_MAX or less.  The bytes are not cleared.
 * If there is no memory, `data` in the result is NULL. */
struct buffer buffer_get(struct buffer_pool *pool, size_t size);
/* Gives a buffer back to the pool, and sets its `data` to NULL.  `data` may be NULL already. */
void buffer_put(struct buffer_pool *pool, struct buffer *buffer);
/* Frees all buffers that the pool keeps. */
void buffer_trim(struct buffer_pool *pool);

#endif
