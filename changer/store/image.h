/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An open image file with a reference count.  A reader, a drive and a reply that is being sent can share
 * one descriptor.  The last image_put closes it.  That may take long, because closing a removed file frees
 * its space: never call image_put while you hold a lock. */
#ifndef CHANGER_STORE_IMAGE_H
#define CHANGER_STORE_IMAGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/err.h"

/* Callers ask for write-back (image_kick) after this many bytes. */
enum { WRITEBACK_STEP = 8 << 20 };

struct image {
	_Atomic unsigned refs; /* the number of references; at 0 the image is freed */
	int fd;
	bool writable; /* true: fd is open for writing too */
	/* A mapping of the file for mincore(2), which nobody reads; NULL: none.  The drive's strand guards it
	 * and map_size. */
	void *map;
	size_t map_size; /* bytes that are mapped, if map is not NULL */
};

/*
 * Opens the file image.N in dir, a path below the store; N is number.  Follows no symbolic link.  If
 * writable is true, the file is opened for writing too, and flags may be O_CREAT and O_TRUNC; otherwise
 * flags must be 0.  Stores the image in *out with one reference, which the caller owns.
 *
 * If writable is true but the file cannot be opened for writing (EROFS, EACCES, EPERM), opens it for
 * reading only, without O_TRUNC; image_write then fails.  It does this also if nothing may be written to
 * the store (store_is_read_only).  With O_CREAT it returns an error instead: JB_STORE_READ_ONLY if nothing
 * may be written.  Returns JB_NO_MEMORY or the store's error, and leaves *out.
 */
enum jb_err image_open(
	int store, const char *dir, unsigned number, bool writable, int flags, struct image **out);
/* Makes an image that is not writable of the descriptor fd, which is open for reading.  On success the
 * image owns fd, and *out has one reference, which the caller owns.  Returns JB_NO_MEMORY, and leaves fd
 * open, if memory is missing. */
enum jb_err image_adopt(int fd, struct image **out);
/* Adds a reference, and returns the image.  Takes no lock; the caller must have a reference already. */
struct image *image_get(struct image *image);
/* Drops a reference.  After the last one unmaps and closes the file, and frees the image.  image may be
 * NULL.  Do not hold a lock.  [blocks] */
void image_put(struct image *image);
/* Stores the size of the file in bytes in *size, and the number of its allocated blocks of 512 bytes in
 * *blocks.  Either pointer may be NULL.  If fstat(2) fails, returns the store's error, such as
 * JB_STORE_READ, and stores nothing. */
enum jb_err image_stat(const struct image *image, uint64_t *size, uint64_t *blocks);

/* Reads size bytes at offset.  Bytes behind the end of the file are zeros.  If may_block is false, does not
 * wait for the device: returns JB_WOULD_BLOCK if a part of the data is not in the page cache.  It returns
 * that too if the file system cannot tell.  Otherwise returns JB_OK, or the store's error.  On an error, a
 * part of buf may have been written.  Takes no lock. */
enum jb_err image_read(
	const struct image *image, void *buf, size_t size, uint64_t offset, bool may_block);
/* Writes size bytes at offset.  Makes the file longer if needed; a gap before offset reads as zeros.  The
 * data is not durable before image_sync.  Returns JB_STORE_READ_ONLY if the image is not writable; or the
 * store's error, after which a part may have been written.  Takes no lock. */
enum jb_err image_write(const struct image *image, const void *data, size_t size, uint64_t offset);
/* Writes as image_write does, but stores no zeros at the end of the file: if all bytes are zero and offset
 * is at or behind the end, only makes the file longer, which uses no space.  Returns the errors of
 * image_write.  No other thread may write to the image meanwhile. */
enum jb_err image_write_sparse(
	const struct image *image, const void *data, size_t size, uint64_t offset);
/* Makes the data and the size of the file durable.  If that fails, returns the store's error and calls
 * store_doubt.  The next call may return JB_OK although the data of the failed one is lost.  [blocks] */
enum jb_err image_sync(const struct image *image);
/* Asks the kernel to start writing the range to the device; length 0 means up to the end of the file.  Does
 * not wait for the device, and ignores errors: image_sync reports them. */
void image_kick(const struct image *image, uint64_t offset, uint64_t length);
/* Returns true if all pages of the range are in the page cache.  Returns false if one is not, if the range
 * ends behind the end of the file, or if the kernel does not say.  May map the file anew (image->map).  The
 * drive's strand must be held. */
bool image_is_resident(struct image *image, uint64_t offset, uint64_t length);
/* Reads the range to bring its pages into the page cache.  Skips holes, because the device is not read for
 * them, and everything behind the end of the file.  Returns JB_NO_MEMORY or the store's error.  [blocks] */
enum jb_err image_populate(const struct image *image, uint64_t offset, uint64_t length);

#endif
