/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * blockfile: a FUSE file system with one file, `disk`, that writes each change and each flush into a log.
 *
 *	blockfile DISK BLOCKS CALLS MOUNTPOINT
 *
 * DISK holds the bytes of the file.  BLOCKS is the log: a struct block for each write, with its data behind it,
 * and one for each fsync.  A loop device over the file makes an fsync from each flush of its cache.  CALLS is
 * the log of powercut.so (record/record.h): each block says how far that log went when the block came.  So
 * both logs have one order.
 *
 * The program serves one request after the other, and ends when the mount is undone.  blocks.py reads BLOCKS.
 */
#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/powercut/record/record.h"

static int disk, blocks;
static const struct head *calls;

struct block {
	uint64_t calls;	 /* where the next call goes in CALLS: all before it were made */
	uint64_t offset; /* on the disk, in bytes */
	uint64_t length; /* of the data behind this; 0: a flush */
};

/* Appends a block to the log.  Returns 0 or -errno. */
static int
append(const void *data, size_t length, off_t offset)
{
	struct block b = {.calls = __atomic_load_n(&calls->end, __ATOMIC_SEQ_CST),
		.offset = (uint64_t)offset,
		.length = length};

	if (write(blocks, &b, sizeof(b)) != (ssize_t)sizeof(b) ||
		write(blocks, data, length) != (ssize_t)length)
		return -EIO;
	return 0;
}

static int
blockfile_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
	(void)fi;
	memset(st, 0, sizeof(*st));
	if (strcmp(path, "/") == 0) {
		st->st_mode = S_IFDIR | 0700;
		st->st_nlink = 2;
		return 0;
	}
	if (strcmp(path, "/disk") != 0)
		return -ENOENT;
	if (fstat(disk, st) != 0)
		return -errno;
	st->st_mode = S_IFREG | 0600;
	return 0;
}

/* Keeps the file out of the page cache: the loop device alone decides what is written when. */
static int
blockfile_open(const char *path, struct fuse_file_info *fi)
{
	(void)path;
	fi->direct_io = 1;
	return 0;
}

static int
blockfile_read(const char *path, char *data, size_t size, off_t offset, struct fuse_file_info *fi)
{
	ssize_t n = pread(disk, data, size, offset);

	(void)path;
	(void)fi;
	return n < 0 ? -errno : (int)n;
}

static int
blockfile_write(
	const char *path, const char *data, size_t size, off_t offset, struct fuse_file_info *fi)
{
	ssize_t n = pwrite(disk, data, size, offset);
	int err;

	(void)path;
	(void)fi;
	if (n <= 0)
		return n < 0 ? -errno : -EIO;
	err = append(data, (size_t)n, offset);
	return err != 0 ? err : (int)n;
}

static int
blockfile_fsync(const char *path, int only_data, struct fuse_file_info *fi)
{
	(void)path;
	(void)only_data;
	(void)fi;
	return append("", 0, 0);
}

static const struct fuse_operations operations = {
	.getattr = blockfile_getattr,
	.open = blockfile_open,
	.read = blockfile_read,
	.write = blockfile_write,
	.fsync = blockfile_fsync,
};

/* Opens a file, or ends the program. */
static int
must_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd < 0) {
		fprintf(stderr, "blockfile: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	return fd;
}

int
main(int argc, char **argv)
{
	char foreground[] = "-f", one_thread[] = "-s";
	char *args[] = {argv[0], foreground, one_thread, argc > 4 ? argv[4] : NULL, NULL};
	void *map;

	if (argc != 5) {
		fprintf(stderr, "usage: blockfile DISK BLOCKS CALLS MOUNTPOINT\n");
		return 2;
	}
	disk = must_open(argv[1], O_RDWR);
	blocks = must_open(argv[2], O_WRONLY | O_CREAT | O_APPEND);
	map = mmap(
		NULL, sizeof(struct head), PROT_READ, MAP_SHARED, must_open(argv[3], O_RDONLY), 0);
	if (map == MAP_FAILED) {
		fprintf(stderr, "blockfile: %s: %s\n", argv[3], strerror(errno));
		return 1;
	}
	calls = map;
	return fuse_main(4, args, &operations, NULL);
}
