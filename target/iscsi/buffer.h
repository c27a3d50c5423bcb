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
	BUFFER_MIN_SHIFT = 15, /* the smallest buffer has 2 to the power of this many bytes */
	BUFFER_CLASSES = 9,    /* 32 KiB to 8 MiB */
	BUFFER_MAX = 1 << (BUFFER_MIN_SHIFT + BUFFER_CLASSES - 1),
	BUFFER_KEPT_MAX = 2 << 20, /* bytes kept in a pool */
};

struct buffer {
	uint8_t *data; /* NULL: none */
	size_t size;   /* in bytes: a power of two */
};

struct buffer_pool {
	/* lists of free buffers by size class; each buffer begins with the next one's address */
	uint8_t *kept[BUFFER_CLASSES];
	size_t kept_bytes; /* the sum of the sizes of all free buffers */
};

/* Returns a buffer of at least `size` bytes, which must be BUFFER_MAX or less: one that is kept, or a new
 * one.  The bytes are not cleared.  If there is no memory, `data` in the result is NULL. */
struct buffer buffer_get(struct buffer_pool *pool, size_t size);
/* Gives a buffer back: keeps it in the pool, or frees it if the pool would keep more than BUFFER_KEPT_MAX
 * bytes.  Sets its `data` to NULL.  Does nothing if that is NULL already. */
void buffer_put(struct buffer_pool *pool, struct buffer *buffer);
/* Frees all buffers that the pool keeps. */
void buffer_trim(struct buffer_pool *pool);

#endif
