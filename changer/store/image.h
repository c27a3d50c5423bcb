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

/* Callers ask for write-back (image_kick) after this many bytes. */
enum { WRITEBACK_STEP = 8 << 20 };

struct image {
	_Atomic unsigned refs; /* the number of references; at 0 the image is freed */
	int fd;
	bool writable; /* true: fd is open for writing too */
	/* Only for mincore, never read; NULL: the file is not mapped.  The holder of the drive's strand uses
	 * it. */
	void *map;
	size_t map_size; /* bytes that are mapped, if map is not NULL */
};

/* Opens the file image.N in dir, a path below the store; N is number.  flags may have O_CREAT and O_TRUNC, if
 * writable is true.  If O_CREAT is not set and the file cannot be opened for writing (EROFS, EACCES, EPERM),
 * opens it for reading only, without O_TRUNC: image_write then fails.  So it does if nothing is written to
 * the store (store_is_read_only), but then returns JB_STORE_READ_ONLY for O_CREAT.  The caller has one
 * reference to *out.  Follows no symbolic link.  Returns JB_NO_MEMORY, or the store's error, and leaves
 * *out. */
enum jb_err image_open(
	int store, const char *dir, unsigned number, bool writable, int flags, struct image **out);
/* Makes an image, which is not writable, of a descriptor that is open for reading.  If this succeeds, the
 * image owns the descriptor and the caller has one reference to *out.  Returns JB_NO_MEMORY, and leaves fd
 * open, if there is no memory. */
enum jb_err image_adopt(int fd, struct image **out);
/* Adds a reference, and returns the image.  Takes no lock; the caller must have a reference already. */
struct image *image_get(struct image *image);
/* Drops a reference.  If it was the last one, unmaps and closes the file and frees the image.  Does nothing
 * if image is NULL.  Do not hold a lock.  [blocks] */
void image_put(struct image *image);
/* Stores the size of the file in bytes, and the number of its allocated blocks of 512 bytes.  Either pointer
 * may be NULL.  Returns JB_STORE_READ, and stores nothing, if fstat(2) fails. */
enum jb_err image_stat(const struct image *image, uint64_t *size, uint64_t *blocks);

/* Reads size bytes at offset; size 0: nothing.  Past the end of the file it reads zeros.  Returns
 * JB_WOULD_BLOCK if may_block is false, and a part of the data is not in the page cache or the file system
 * cannot tell; else the store's error.  On an error, buf may be partly written.  Takes no lock. */
enum jb_err image_read(
	const struct image *image, void *buf, size_t size, uint64_t offset, bool may_block);
/* Writes all size bytes at offset.  Makes the file longer if needed; a gap before offset reads as zeros.  Not
 * durable before image_sync.  Returns JB_STORE_READ_ONLY if the image is not writable; or the store's error,
 * and a part may then have been written.  Takes no lock. */
enum jb_err image_write(const struct image *image, const void *data, size_t size, uint64_t offset);
/* Does what image_write does; but if all bytes are zero and offset is at or behind the end of the file, only
 * makes the file longer, which uses no space.  Returns the errors of image_write.  No other thread may write
 * to the image at that time. */
enum jb_err image_write_sparse(
	const struct image *image, const void *data, size_t size, uint64_t offset);
/* Makes the data and the size of the file durable.  Returns the store's error; then something is in doubt
 * (store_doubt).  Does not remember an error: the next call may return JB_OK.  [blocks] */
enum jb_err image_sync(const struct image *image);
/* Asks the kernel to start writing that range to the device; length 0: up to the end.  Does not wait for the
 * device, and ignores errors: image_sync reports them. */
void image_kick(const struct image *image, uint64_t offset, uint64_t length);
/* Returns true if all pages of the range are in the page cache.  Returns false if one is not, if the range
 * ends behind the end of the file, or if that cannot be found out.  May map the file anew (image->map).  The
 * drive's strand must be held. */
bool image_is_resident(struct image *image, uint64_t offset, uint64_t length);
/* Reads a range, to bring its pages into the page cache.  Skips holes, because no device has to be read for
 * them, and what is behind the end of the file.  Returns JB_NO_MEMORY or the store's error.  [blocks] */
enum jb_err image_populate(const struct image *image, uint64_t offset, uint64_t length);

#endif
