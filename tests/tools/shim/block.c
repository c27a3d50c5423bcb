/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads and writes sectors of a drive as Linux's block layer does, but at once and without a cache.  Each
 * read is a READ(10) of whole pages, each write a WRITE(10).  To write a part of a sector, the sector is
 * read, changed and written.  The effects of the kernel's cache (read ahead, late errors, mounts) do not
 * occur here.
 */
#include "tests/tools/shim/shim.h"

#include <errno.h>
#include <linux/fs.h>
#include <string.h>

enum {
	READ_10 = 0x28,
	WRITE_10 = 0x2a,
	READ_CAPACITY_10 = 0x25,
	PAGE = 4096,
	BYTES_MAX = 256 * PAGE, /* the most bytes of one command */
	UNIT_ATTENTION = 6,
	IO_TIMEOUT = 60 * 1000, /* ms */
};

int64_t
block_size(const struct device *device)
{
	static const uint8_t cdb[10] = {READ_CAPACITY_10};
	struct wire_reply reply;
	uint8_t b[8];

	do {
		if (link_simple(device, cdb, sizeof(cdb), WIRE_FROM_DEVICE, b, sizeof(b), &reply) ==
			0)
			return ((int64_t)((uint32_t)b[0] << 24 | b[1] << 16 | b[2] << 8 | b[3]) +
				       1) *
			       SECTOR;
	} while (reply.outcome == WIRE_DONE && (reply.sense[2] & 0xf) == UNIT_ATTENTION);
	errno = ENOMEDIUM;
	return -1;
}

static int
transfer(const struct device *device, uint8_t operation, uint32_t lba, unsigned sectors)
{
	const uint8_t cdb[10] = {operation, 0, lba >> 24, (lba >> 16) & 0xff, (lba >> 8) & 0xff,
		lba & 0xff, 0, sectors >> 8, sectors & 0xff, 0};
	struct command c = {.cdb = cdb,
		.cdb_length = sizeof(cdb),
		.direction = operation == WRITE_10 ? WIRE_TO_DEVICE : WIRE_FROM_DEVICE,
		.length = sectors * SECTOR,
		.timeout = IO_TIMEOUT};

	if (link_command(device, &c) == 0 && c.reply.status == 0 && c.reply.residual == 0)
		return 0;
	errno = EIO;
	return -1;
}

/* Reads or writes `size` bytes of a disc that ends at the offset `end`.  Sends one command, or two to
 * write parts of sectors.  Returns `size`, or -1 with errno. */
static ssize_t
move_piece(const struct device *device, bool write, uint8_t *buffer, size_t size, off_t offset,
	int64_t end)
{
	off_t unit = write ? SECTOR : PAGE, first = offset / unit * unit;
	off_t last = (offset + (off_t)size + unit - 1) / unit * unit;
	size_t skip = (size_t)(offset - first);
	unsigned sectors = (unsigned)(((last < end ? last : end) - first) / SECTOR);
	uint32_t lba = (uint32_t)(first / SECTOR);
	uint8_t *map = link_take();
	int rc = 0;

	if (map == NULL)
		return -1;
	if (!write || skip != 0 || size % SECTOR != 0)
		rc = transfer(device, READ_10, lba, sectors);
	if (rc == 0 && write) {
		memcpy(map + skip, buffer, size);
		rc = transfer(device, WRITE_10, lba, sectors);
	} else if (rc == 0) {
		memcpy(buffer, map + skip, size);
	}
	link_release();
	return rc == 0 ? (ssize_t)size : -1;
}

/* Reads or writes up to BYTES_MAX bytes.  Returns their number; 0 at the end of the disc; -1 without a
 * disc. */
static ssize_t
move_some(const struct device *device, bool write, uint8_t *buffer, size_t size, off_t offset)
{
	int64_t end = block_size(device);
	size_t most = BYTES_MAX - (size_t)(offset % PAGE);

	if (end < 0)
		return -1;
	if (offset >= end)
		return 0;
	if (size > most)
		size = most;
	if ((int64_t)size > end - offset)
		size = (size_t)(end - offset);
	return move_piece(device, write, buffer, size, offset, end);
}

static ssize_t
move(const struct device *device, bool write, uint8_t *buffer, size_t size, off_t offset)
{
	size_t done = 0;

	if (offset < 0) {
		errno = EINVAL;
		return -1;
	}
	while (done < size) {
		ssize_t n =
			move_some(device, write, buffer + done, size - done, offset + (off_t)done);

		if (n < 0 && done == 0)
			return -1;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

ssize_t
block_read(const struct device *device, void *buffer, size_t size, off_t offset)
{
	return move(device, false, buffer, size, offset);
}

ssize_t
block_write(const struct device *device, const void *buffer, size_t size, off_t offset)
{
	ssize_t n = move(device, true, (void *)(uintptr_t)buffer, size, offset);

	if (n != 0 || size == 0)
		return n;
	errno = ENOSPC;
	return -1;
}

static int
size_ioctl(const struct device *device, unsigned long request, void *arg)
{
	int64_t size = block_size(device);

	/* The size of a block device without a medium is 0. */
	if (size < 0)
		size = 0;
	if (request == BLKGETSIZE)
		*(unsigned long *)arg = (unsigned long)(size / 512);
	else
		*(uint64_t *)arg = (uint64_t)size;
	return 0;
}

int
block_ioctl(const struct device *device, unsigned long request, void *arg)
{
	switch (request) {
	case BLKGETSIZE:
	case BLKGETSIZE64:
		return size_ioctl(device, request, arg);
	case BLKSSZGET:
	case BLKBSZGET:
		*(int *)arg = SECTOR;
		return 0;
	case BLKPBSZGET:
		*(unsigned *)arg = SECTOR;
		return 0;
	case BLKROGET:
		*(int *)arg = 0;
		return 0;
	/* There is no cache: nothing to flush, no block size or read-ahead to set. */
	case BLKFLSBUF:
	case BLKBSZSET:
	case BLKRASET:
		return 0;
	}
	errno = ENOTTY;
	return -1;
}
