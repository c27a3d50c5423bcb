/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open image file, with a reference count.  A reader, a drive and an answer on its way to the
 * network can share one descriptor.  The last image_put closes it.  That may take long (closing a
 * removed file frees its space), so never call image_put while holding a lock. */
#ifndef CHANGER_STORE_IMAGE_H
#define CHANGER_STORE_IMAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/err.h"

enum { WRITEBACK_STEP = 8 << 20 }; /* the kernel is asked to write back after this many bytes */

struct image {
	_Atomic unsigned refs;
	int fd;
	bool writable;
	void *map; /* only for mincore, never read; belongs to the holder of the drive's strand */
	size_t map_size;
};

/* Opens the file image.N in dir, a path below the store; N is number.  flags may have O_CREAT and
 * O_TRUNC.  If the file cannot be opened for writing and need not be created, opens it for reading
 * only.  The caller has one reference to *out. */
enum jb_err image_open(
	int store, const char *dir, unsigned number, bool writable, int flags, struct image **out);
/* Makes an image of a descriptor that is open for reading.  If this succeeds, the image owns the
 * descriptor; the only error is JB_NO_MEMORY. */
enum jb_err image_adopt(int fd, struct image **out);
/* Adds a reference, and returns the image. */
struct image *image_get(struct image *image);
/* Drops a reference; image may be NULL.  Do not hold a lock.  [blocks] */
void image_put(struct image *image);
/* Stores the size in bytes, and the number of allocated blocks of 512 bytes.  Either pointer may be
 * NULL. */
enum jb_err image_stat(const struct image *image, uint64_t *size, uint64_t *blocks);

/* Reads size bytes.  Past the end of the file it reads zeros.  If may_block is false and the data is
 * not in the page cache, returns JB_WOULD_BLOCK. */
enum jb_err image_read(
	const struct image *image, void *buf, size_t size, uint64_t offset, bool may_block);
/* Writes all size bytes.  Returns JB_STORE_READ_ONLY if the image is not writable, or the store's
 * error. */
enum jb_err image_write(const struct image *image, const void *data, size_t size, uint64_t offset);
/* Does what image_write does, but zeros after the end of the file only make it longer and use no space.
 * No other thread may write to the image at that time. */
enum jb_err image_write_sparse(
	const struct image *image, const void *data, size_t size, uint64_t offset);
/* Makes the data durable. */
enum jb_err image_sync(const struct image *image);
/* Asks the kernel to start writing that range to the device.  Never waits. */
void image_kick(const struct image *image, uint64_t offset, uint64_t length);
/* Returns true if all pages of the range are in the page cache.  The range must be within the file. */
bool image_is_resident(struct image *image, uint64_t offset, uint64_t length);
/* Reads a range, to bring its pages into the page cache.  Skips holes, because no device has to be read
 * for them. */
enum jb_err image_populate(const struct image *image, uint64_t offset, uint64_t length);

#endif
