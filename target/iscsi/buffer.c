/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/iscsi/buffer.h"

#include <assert.h>
#include <sys/mman.h>

/* Returns the class of the smallest buffers that have `size` bytes; size must be BUFFER_MAX or less. */
static unsigned
class_of(size_t size)
{
	unsigned class = 0;

	while (((size_t)1 << (BUFFER_MIN_SHIFT + class)) < size)
		class ++;
	return class;
}

/* Returns the size of the buffers of a class in bytes. */
static size_t
class_size(unsigned class)
{
	return (size_t)1 << (BUFFER_MIN_SHIFT + class);
}

/* The first bytes of a free buffer in the pool. */
struct kept {
	uint8_t *next; /* the next free buffer of its class; NULL: none */
};

/* Puts a free buffer of that class into the pool: overwrites its first bytes, and counts it in kept_bytes. */
static void
push_free(struct buffer_pool *pool, unsigned class, uint8_t *data)
{
	struct kept *kept = (void *)data; /* a page's beginning, so aligned */

	kept->next = pool->kept[class];
	pool->kept[class] = data;
	pool->kept_bytes += class_size(class);
}

/* Takes a free buffer of that class out of the pool and off kept_bytes.  Returns NULL if there is none. */
static uint8_t *
pop_free(struct buffer_pool *pool, unsigned class)
{
	uint8_t *data = pool->kept[class];
	struct kept *kept = (void *)data;

	if (data == NULL)
		return NULL;
	pool->kept[class] = kept->next;
	pool->kept_bytes -= class_size(class);
	return data;
}

struct buffer
buffer_get(struct buffer_pool *pool, size_t size)
{
	unsigned class = class_of(size);
	struct buffer b = {.size = class_size(class)};
	void *p;

	assert(size <= BUFFER_MAX);
	b.data = pop_free(pool, class);
	if (b.data != NULL)
		return b;
	/* Mapped, not from the heap: pages are allocated only as data comes in, and munmap frees them. */
	p = mmap(NULL, b.size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		-1, 0);
	b.data = p == MAP_FAILED ? NULL : p;
	return b;
}

void
buffer_put(struct buffer_pool *pool, struct buffer *buffer)
{
	unsigned class = class_of(buffer->size);

	if (buffer->data == NULL)
		return;
	if (pool->kept_bytes + buffer->size <= BUFFER_KEPT_MAX)
		push_free(pool, class, buffer->data);
	else
		munmap(buffer->data, buffer->size);
	buffer->data = NULL;
}

void
buffer_trim(struct buffer_pool *pool)
{
	for (unsigned class = 0; class < BUFFER_CLASSES; class ++) {
		uint8_t *data;

		while ((data = pop_free(pool, class)) != NULL)
			munmap(data, class_size(class));
	}
}
