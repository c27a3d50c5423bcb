/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Buffers for commands that wait: a few of each size are kept for the next one, so that steady work
 * allocates nothing, and all are given back when a connection is idle.  One thread owns a pool.
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
	uint8_t *kept[BUFFER_CLASSES]; /* each begins with the address of the next */
	size_t kept_bytes;
};

/* At least size bytes, at most BUFFER_MAX, not cleared; data is NULL: out of memory. */
struct buffer buffer_get(struct buffer_pool *pool, size_t size);
/* Takes it back and forgets it; one with data NULL is allowed. */
void buffer_put(struct buffer_pool *pool, struct buffer *buffer);
/* Gives back to the system what is kept. */
void buffer_trim(struct buffer_pool *pool);

#endif
