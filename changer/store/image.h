/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An open image file.  Counted, so that a reader, a drive and an answer on its way to the network
 * can share one descriptor; the last to put it closes it.  Putting may take long (closing a file
 * that was removed gives its space back), so never put one while holding a lock.
 */
#ifndef CHANGER_STORE_IMAGE_H
#define CHANGER_STORE_IMAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/err.h"

enum { WRITEBACK_STEP = 8 << 20 }; /* bytes after which the kernel is asked to start writing */

struct image {
	_Atomic unsigned refs;
	int fd;
	bool writable;
	void *map; /* never touched, for mincore only; belongs to the holder of the drive's strand */
	size_t map_size;
};

/* Opens dir/image.N below the store; flags O_CREAT and O_TRUNC may be given.  Falls back to
 * reading only where writing is not allowed, unless it is to be made. */
enum jb_err image_open(
	int store, const char *dir, unsigned number, bool writable, int flags, struct image **out);
/* Takes over a descriptor that is open for reading, if it succeeds. */
enum jb_err image_adopt(int fd, struct image **out);
struct image *image_get(struct image *image);
void image_put(struct image *image);
/* Size in bytes and blocks of 512 bytes really used; either may be NULL. */
enum jb_err image_stat(const struct image *image, uint64_t *size, uint64_t *blocks);

/*
 * Reads all of size bytes; what lies beyond the end of the file reads as zeros.  JB_WOULD_BLOCK:
 * may_block is false and the device would have to be waited for.
 */
enum jb_err image_read(
	const struct image *image, void *buf, size_t size, uint64_t offset, bool may_block);
enum jb_err image_write(const struct image *image, const void *data, size_t size, uint64_t offset);
/* The same, but zeros behind the end of the file only lengthen it, so that they take no place.  For who
 * alone writes to it. */
enum jb_err image_write_sparse(
	const struct image *image, const void *data, size_t size, uint64_t offset);
enum jb_err image_sync(const struct image *image);
/* Lets the device begin with what was written lately; never waits for it. */
void image_kick(const struct image *image, uint64_t offset, uint64_t length);
/* Are all pages of a stretch within the file in memory? */
bool image_is_resident(struct image *image, uint64_t offset, uint64_t length);
/* Reads the data of a stretch to bring its pages into memory.  Skips holes, which no disk has to be
 * read for. */
enum jb_err image_populate(const struct image *image, uint64_t offset, uint64_t length);

#endif
