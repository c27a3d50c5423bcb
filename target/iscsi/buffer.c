/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/iscsi/buffer.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

static unsigned
class_of(size_t size)
{
	unsigned class = 0;

	while (((size_t)1 << (BUFFER_MIN_SHIFT + class)) < size)
		class ++;
	return class;
}

static size_t
class_size(unsigned class)
{
	return (size_t)1 << (BUFFER_MIN_SHIFT + class);
}

struct buffer
buffer_get(struct buffer_pool *pool, size_t size)
{
	unsigned class = class_of(size);
	struct buffer b = {.size = class_size(class)};
	void *p;

	assert(size <= BUFFER_MAX);
	if (pool->kept[class] != NULL) {
		b.data = pool->kept[class];
		memcpy(&pool->kept[class], b.data, sizeof(uint8_t *));
		pool->kept_bytes -= b.size;
		return b;
	}
	/* Mapped, not from the heap: memory is taken as data comes in, and given back for sure. */
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
	if (pool->kept_bytes + buffer->size <= BUFFER_KEPT_MAX) {
		memcpy(buffer->data, &pool->kept[class], sizeof(uint8_t *));
		pool->kept[class] = buffer->data;
		pool->kept_bytes += buffer->size;
	} else {
		munmap(buffer->data, buffer->size);
	}
	buffer->data = NULL;
}

void
buffer_trim(struct buffer_pool *pool)
{
	for (unsigned class = 0; class < BUFFER_CLASSES; class ++) {
		while (pool->kept[class] != NULL) {
			uint8_t *data = pool->kept[class];

			memcpy(&pool->kept[class], data, sizeof(uint8_t *));
			munmap(data, class_size(class));
		}
	}
	pool->kept_bytes = 0;
}
