/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/store/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "changer/store/store.h"

/* Bytes that image_populate reads at once; pages that one call of mincore(2) looks at. */
enum { POPULATE_CHUNK = 256 << 10, RESIDENT_PAGES = 1024 };

enum jb_err
image_open(
	int store, const char *dir, unsigned number, bool writable, int flags, struct image **out)
{
	char path[STORE_PATH_MAX];
	struct image *image = calloc(1, sizeof(*image));
	int fixed = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;

	if (image == NULL)
		return JB_NO_MEMORY;
	store_image_path(dir, number, path);
	if (writable && store_is_read_only()) {
		writable = false;
		if (flags & O_CREAT) {
			free(image);
			return JB_STORE_READ_ONLY;
		}
		flags = 0;
	}
	image->writable = writable;
	image->fd = openat(store, path, fixed | flags | (writable ? O_RDWR : O_RDONLY), 0600);
	if (image->fd < 0 && writable && (flags & O_CREAT) == 0 &&
		(errno == EROFS || errno == EACCES || errno == EPERM)) {
		image->writable = false;
		image->fd = openat(store, path, fixed | O_RDONLY);
	}
	if (image->fd < 0) {
		int err = errno;

		free(image);
		return jb_err_from_errno(err, (flags & O_CREAT) ? JB_STORE_WRITE : JB_STORE_READ);
	}
	atomic_init(&image->refs, 1);
	*out = image;
	return JB_OK;
}

enum jb_err
image_adopt(int fd, struct image **out)
{
	struct image *image = calloc(1, sizeof(*image));

	if (image == NULL)
		return JB_NO_MEMORY;
	image->fd = fd;
	atomic_init(&image->refs, 1);
	*out = image;
	return JB_OK;
}

struct image *
image_get(struct image *image)
{
	atomic_fetch_add(&image->refs, 1);
	return image;
}

void
image_put(struct image *image)
{
	if (image == NULL || atomic_fetch_sub(&image->refs, 1) > 1)
		return;
	if (image->map != NULL)
		munmap(image->map, image->map_size);
	close(image->fd);
	free(image);
}

enum jb_err
image_stat(const struct image *image, uint64_t *size, uint64_t *blocks)
{
	struct stat st;

	if (fstat(image->fd, &st) != 0)
		return jb_err_from_errno(errno, JB_STORE_READ);
	if (size != NULL)
		*size = (uint64_t)st.st_size;
	if (blocks != NULL)
		*blocks = (uint64_t)st.st_blocks;
	return JB_OK;
}

enum jb_err
image_read(const struct image *image, void *buf, size_t size, uint64_t offset, bool may_block)
{
	char *p = buf;

	while (size > 0) {
		struct iovec iov = {p, size};
		ssize_t n = may_block ? pread(image->fd, p, size, (off_t)offset)
				      : preadv2(image->fd, &iov, 1, (off_t)offset, RWF_NOWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		/* EAGAIN: not in the page cache.  The other two: this file system cannot tell. */
		if (n < 0 && !may_block &&
			(errno == EAGAIN || errno == EOPNOTSUPP || errno == ENOSYS))
			return JB_WOULD_BLOCK;
		if (n < 0)
			return jb_err_from_errno(errno, JB_STORE_READ);
		if (n == 0) {
			memset(p, 0, size);
			return JB_OK;
		}
		p += n;
		offset += (uint64_t)n;
		size -= (size_t)n;
	}
	return JB_OK;
}

enum jb_err
image_write(const struct image *image, const void *data, size_t size, uint64_t offset)
{
	const char *p = data;

	if (!image->writable)
		return JB_STORE_READ_ONLY;
	while (size > 0) {
		ssize_t n = pwrite(image->fd, p, size, (off_t)offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return jb_err_from_errno(errno, JB_STORE_WRITE);
		p += n;
		offset += (uint64_t)n;
		size -= (size_t)n;
	}
	return JB_OK;
}

/* Returns true if all bytes are zero and size is not 0.  Compares data with itself, shifted by one byte;
 * most other data differs in the first bytes, so this is fast. */
static bool
is_zeros(const char *data, size_t size)
{
	return size > 0 && data[0] == 0 && memcmp(data, data + 1, size - 1) == 0;
}

enum jb_err
image_write_sparse(const struct image *image, const void *data, size_t size, uint64_t offset)
{
	uint64_t end;

	if (image->writable && is_zeros(data, size) && image_stat(image, &end, NULL) == JB_OK &&
		offset >= end && ftruncate(image->fd, (off_t)(offset + size)) == 0)
		return JB_OK;
	return image_write(image, data, size, offset);
}

enum jb_err
image_sync(const struct image *image)
{
	store_step *hook = store_step_hook;

	if (hook != NULL)
		hook("sync", "image");
	if (fdatasync(image->fd) != 0) {
		store_doubt(true);
		return jb_err_from_errno(errno, JB_STORE_WRITE);
	}
	return JB_OK;
}

void
image_kick(const struct image *image, uint64_t offset, uint64_t length)
{
	/* This is only a hint.  If it fails, the next sync reports the error. */
	(void)sync_file_range(image->fd, (off_t)offset, (off_t)length, SYNC_FILE_RANGE_WRITE);
}

/* Maps the file in its present size, unless it is mapped up to the offset `end` already.  Returns true if
 * it is then mapped up to `end`.  Returns false if the file is shorter; the mapping is then unchanged.
 * Returns false with image->map NULL if it cannot be mapped.  The drive's strand must be held. */
static bool
map_up_to(struct image *image, uint64_t end)
{
	uint64_t size = 0;

	if (image->map != NULL && end <= image->map_size)
		return true;
	if (image_stat(image, &size, NULL) != JB_OK || end > size)
		return false;
	if (image->map != NULL)
		munmap(image->map, image->map_size);
	image->map_size = size;
	image->map = mmap(NULL, image->map_size, PROT_READ, MAP_SHARED, image->fd, 0);
	if (image->map == MAP_FAILED)
		image->map = NULL;
	return image->map != NULL;
}

bool
image_is_resident(struct image *image, uint64_t offset, uint64_t length)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t end = offset + length;
	unsigned char pages[RESIDENT_PAGES];

	if (!map_up_to(image, end))
		return false;
	for (uint64_t at = offset / page * page; at < end; at += RESIDENT_PAGES * page) {
		uint64_t n = end - at < RESIDENT_PAGES * page ? end - at : RESIDENT_PAGES * page;

		/* The mapping is only passed to mincore and never read, so a file that is cut by hand
		 * cannot cause a fault. */
		if (mincore((char *)image->map + at, n, pages) != 0)
			return false;
		for (uint64_t i = 0; i < (n + page - 1) / page; i++)
			if ((pages[i] & 1) == 0)
				return false;
	}
	return true;
}

/* Returns the offset of the first data at or behind `at`; `end` if there is none before `end`.  If the file
 * system cannot say where holes are, returns `at`.  Moves the file offset of the descriptor, which no other
 * code uses. */
static uint64_t
next_data(const struct image *image, uint64_t at, uint64_t end)
{
	off_t data = lseek(image->fd, (off_t)at, SEEK_DATA);

	if (data < 0)
		return errno == ENXIO ? end : at;
	return (uint64_t)data < end ? (uint64_t)data : end;
}

enum jb_err
image_populate(const struct image *image, uint64_t offset, uint64_t length)
{
	enum jb_err err = JB_OK;
	uint64_t end = offset + length;
	char *buf = malloc(POPULATE_CHUNK);

	if (buf == NULL)
		return JB_NO_MEMORY;
	(void)posix_fadvise(image->fd, (off_t)offset, (off_t)length, POSIX_FADV_WILLNEED);
	while (err == JB_OK && (offset = next_data(image, offset, end)) < end) {
		size_t n = end - offset < POPULATE_CHUNK ? (size_t)(end - offset) : POPULATE_CHUNK;

		err = image_read(image, buf, n, offset, true);
		offset += n;
	}
	free(buf);
	return err;
}
