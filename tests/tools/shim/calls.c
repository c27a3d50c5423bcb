/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The functions of libc that this library replaces.  If the path or the descriptor is not that of a device,
 * each calls the function of libc.  README.md lists the functions, with the reasons.
 */
#include "tests/tools/shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/sysmacros.h>
#include <unistd.h>

_Static_assert(sizeof(off_t) == 8 && sizeof(struct stat) == sizeof(struct stat64),
	"functions with 64 in their name are the same as those without");

/* Functions that glibc's headers do not declare.  Old programs and hardened programs call them. */
int __open_2(const char *path, int flags);
int __open64_2(const char *path, int flags);
int __openat_2(int at, const char *path, int flags);
int __openat64_2(int at, const char *path, int flags);
int __xstat(int version, const char *path, struct stat *st);
int __lxstat(int version, const char *path, struct stat *st);
int __fxstat(int version, int fd, struct stat *st);
int __xstat64(int version, const char *path, struct stat64 *st);
int __lxstat64(int version, const char *path, struct stat64 *st);
int __fxstat64(int version, int fd, struct stat64 *st);
ssize_t __read_chk(int fd, void *buffer, size_t size, size_t room);
ssize_t __pread_chk(int fd, void *buffer, size_t size, off_t offset, size_t room);
ssize_t __pread64_chk(int fd, void *buffer, size_t size, off64_t offset, size_t room);
char *__realpath_chk(const char *path, char *resolved, size_t room);

/* ---- opening ----------------------------------------------------------------------------------- */

/* Opens the empty file that stands for the device.  A block device is checked as the cdrom driver does it.
 * For the sg node of a drive only the kernel's poll is repeated, which the open would have come after. */
static int
open_device(const struct device *device, int flags)
{
	int rc = 0;

	if (device->block)
		rc = cdrom_open(device, flags);
	else if (device->type == TYPE_DRIVE)
		rc = link_poll(device);
	if (rc != 0)
		return -1;
	return REAL(openat)(AT_FDCWD, device->file, flags & (O_ACCMODE | O_CLOEXEC | O_NONBLOCK));
}

/* One function for all of open's names. */
static int
open_any(int at, const char *path, int flags, mode_t mode)
{
	const struct device *device = device_by_path(path);

	return device != NULL ? open_device(device, flags) : REAL(openat)(at, path, flags, mode);
}

#define TAKE_MODE(flags) \
	({ \
		mode_t mode_ = 0; \
		va_list ap; \
		va_start(ap, flags); \
		if (((flags)&O_CREAT) != 0 || ((flags)&O_TMPFILE) == O_TMPFILE) \
			mode_ = va_arg(ap, mode_t); \
		va_end(ap); \
		mode_; \
	})

int
open(const char *path, int flags, ...)
{
	return open_any(AT_FDCWD, path, flags, TAKE_MODE(flags));
}

int
open64(const char *path, int flags, ...)
{
	return open_any(AT_FDCWD, path, flags, TAKE_MODE(flags));
}

int
openat(int at, const char *path, int flags, ...)
{
	return open_any(at, path, flags, TAKE_MODE(flags));
}

int
openat64(int at, const char *path, int flags, ...)
{
	return open_any(at, path, flags, TAKE_MODE(flags));
}

int
__open_2(const char *path, int flags)
{
	return open_any(AT_FDCWD, path, flags, 0);
}

int
__open64_2(const char *path, int flags)
{
	return open_any(AT_FDCWD, path, flags, 0);
}

int
__openat_2(int at, const char *path, int flags)
{
	return open_any(at, path, flags, 0);
}

int
__openat64_2(int at, const char *path, int flags)
{
	return open_any(at, path, flags, 0);
}

/*
 * Streams of libc call functions inside libc, which cannot be replaced.  So the stream of a device is one
 * with functions of ours (fopencookie(3)).  libc knows no descriptor for such a stream; our fileno(3) finds
 * it here.
 */
static struct stream {
	FILE *file;
	int fd;
} streams[16];
static pthread_mutex_t streams_lock = PTHREAD_MUTEX_INITIALIZER;

static ssize_t
stream_read(void *cookie, char *buffer, size_t size)
{
	return read(((struct stream *)cookie)->fd, buffer, size);
}

static ssize_t
stream_write(void *cookie, const char *buffer, size_t size)
{
	return write(((struct stream *)cookie)->fd, buffer, size);
}

static int
stream_seek(void *cookie, off64_t *offset, int whence)
{
	*offset = lseek64(((struct stream *)cookie)->fd, *offset, whence);
	return *offset < 0 ? -1 : 0;
}

static int
stream_close(void *cookie)
{
	struct stream *s = cookie;
	int fd = s->fd;

	pthread_mutex_lock(&streams_lock);
	*s = (struct stream){0};
	pthread_mutex_unlock(&streams_lock);
	return close(fd);
}

static struct stream *
find_stream(const FILE *file)
{
	for (unsigned i = 0; i < sizeof(streams) / sizeof(streams[0]); i++)
		if (streams[i].file == file)
			return &streams[i];
	return NULL;
}

static FILE *
add_stream(int fd, const char *mode)
{
	static const cookie_io_functions_t functions = {.read = stream_read,
		.write = stream_write,
		.seek = stream_seek,
		.close = stream_close};
	struct stream *s;

	pthread_mutex_lock(&streams_lock);
	s = find_stream(NULL);
	if (s == NULL) {
		errno = EMFILE;
	} else if ((s->file = fopencookie(s, mode, functions)) != NULL) {
		s->fd = fd;
	}
	pthread_mutex_unlock(&streams_lock);
	return s != NULL ? s->file : NULL;
}

static FILE *
open_stream(const struct device *device, const char *mode)
{
	int flags = strchr(mode, '+') != NULL ? O_RDWR : mode[0] == 'r' ? O_RDONLY : O_WRONLY;
	int fd = open_device(device, flags);
	FILE *f = fd < 0 ? NULL : add_stream(fd, mode);

	if (f == NULL && fd >= 0)
		close(fd);
	return f;
}

int
fileno(FILE *file)
{
	const struct stream *s = file != NULL ? find_stream(file) : NULL;

	return s != NULL ? s->fd : REAL(fileno)(file);
}

int
fileno_unlocked(FILE *file)
{
	return fileno(file);
}

FILE *
fopen(const char *path, const char *mode)
{
	const struct device *device = device_by_path(path);

	return device != NULL ? open_stream(device, mode) : REAL(fopen)(path, mode);
}

FILE *
fopen64(const char *path, const char *mode)
{
	return fopen(path, mode);
}

/* ---- reading and writing ----------------------------------------------------------------------- */

/* Returns true if the descriptor was opened for reading or writing, as `mode` says; else sets errno to
 * EBADF. */
static bool
opened_for(int fd, int mode)
{
	int have = fcntl(fd, F_GETFL) & O_ACCMODE;

	if (have == O_RDWR || have == mode)
		return true;
	errno = EBADF;
	return false;
}

/* Reads from a device.  Fails with ENOTSUP for an sg node, where read(2) is the asynchronous interface. */
static ssize_t
device_read(const struct device *device, int fd, void *buffer, size_t size, off_t offset)
{
	if (!device->block) {
		errno = ENOTSUP;
		return -1;
	}
	return opened_for(fd, O_RDONLY) ? block_read(device, buffer, size, offset) : -1;
}

static ssize_t
device_write(const struct device *device, int fd, const void *buffer, size_t size, off_t offset)
{
	if (!device->block) {
		errno = ENOTSUP;
		return -1;
	}
	return opened_for(fd, O_WRONLY) ? block_write(device, buffer, size, offset) : -1;
}

/* Moves the offset of the descriptor behind the `n` bytes that were read or written.  Returns n. */
static ssize_t
advance(int fd, off_t offset, ssize_t n)
{
	if (n > 0)
		REAL(lseek)(fd, offset + n, SEEK_SET);
	return n;
}

ssize_t
read(int fd, void *buffer, size_t size)
{
	const struct device *device = device_by_fd(fd);
	off_t offset;

	if (device == NULL)
		return REAL(read)(fd, buffer, size);
	offset = REAL(lseek)(fd, 0, SEEK_CUR);
	return advance(fd, offset, device_read(device, fd, buffer, size, offset));
}

ssize_t
write(int fd, const void *buffer, size_t size)
{
	const struct device *device = device_by_fd(fd);
	off_t offset;

	if (device == NULL)
		return REAL(write)(fd, buffer, size);
	offset = REAL(lseek)(fd, 0, SEEK_CUR);
	return advance(fd, offset, device_write(device, fd, buffer, size, offset));
}

ssize_t
pread(int fd, void *buffer, size_t size, off_t offset)
{
	const struct device *device = device_by_fd(fd);

	return device != NULL ? device_read(device, fd, buffer, size, offset)
			      : REAL(pread)(fd, buffer, size, offset);
}

ssize_t
pwrite(int fd, const void *buffer, size_t size, off_t offset)
{
	const struct device *device = device_by_fd(fd);

	return device != NULL ? device_write(device, fd, buffer, size, offset)
			      : REAL(pwrite)(fd, buffer, size, offset);
}

ssize_t
pread64(int fd, void *buffer, size_t size, off64_t offset)
{
	return pread(fd, buffer, size, offset);
}

ssize_t
pwrite64(int fd, const void *buffer, size_t size, off64_t offset)
{
	return pwrite(fd, buffer, size, offset);
}

ssize_t
__read_chk(int fd, void *buffer, size_t size, size_t room)
{
	return size <= room ? read(fd, buffer, size) : (abort(), -1);
}

ssize_t
__pread_chk(int fd, void *buffer, size_t size, off_t offset, size_t room)
{
	return size <= room ? pread(fd, buffer, size, offset) : (abort(), -1);
}

ssize_t
__pread64_chk(int fd, void *buffer, size_t size, off64_t offset, size_t room)
{
	return __pread_chk(fd, buffer, size, offset, room);
}

off_t
lseek(int fd, off_t offset, int whence)
{
	const struct device *device = whence == SEEK_END ? device_by_fd(fd) : NULL;
	int64_t size;

	if (device == NULL)
		return REAL(lseek)(fd, offset, whence);
	size = device->block ? block_size(device) : 0;
	return size < 0 ? -1 : REAL(lseek)(fd, size + offset, SEEK_SET);
}

off64_t
lseek64(int fd, off64_t offset, int whence)
{
	return lseek(fd, offset, whence);
}

/* Does nothing for a device: all writes were done at once, and Linux's sr driver flushes no cache. */
int
fsync(int fd)
{
	return device_by_fd(fd) != NULL ? 0 : REAL(fsync)(fd);
}

int
fdatasync(int fd)
{
	return device_by_fd(fd) != NULL ? 0 : REAL(fdatasync)(fd);
}

int
ioctl(int fd, unsigned long request, ...)
{
	struct device *device = device_by_fd(fd);
	va_list ap;
	void *arg;
	int rc;

	va_start(ap, request);
	arg = va_arg(ap, void *);
	va_end(ap);
	if (device == NULL)
		return REAL(ioctl)(fd, request, arg);
	/* If a program keeps the request in an int, it is sign-extended. */
	request &= 0xffffffff;
	rc = sg_ioctl(device, request, arg);
	return rc < 0 && errno == ENOTTY && device->block ? cdrom_ioctl(device, request, arg) : rc;
}

/* ---- functions that would use the empty file directly ------------------------------------------ */

/* Fails with the error of a block device, so that programs use read and write. */
ssize_t
copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t size, unsigned flags)
{
	if (device_by_fd(in) == NULL && device_by_fd(out) == NULL)
		return REAL(copy_file_range)(in, in_at, out, out_at, size, flags);
	errno = EINVAL;
	return -1;
}

ssize_t
sendfile(int out, int in, off_t *offset, size_t size)
{
	if (device_by_fd(in) == NULL && device_by_fd(out) == NULL)
		return REAL(sendfile)(out, in, offset, size);
	errno = EINVAL;
	return -1;
}

ssize_t
sendfile64(int out, int in, off64_t *offset, size_t size)
{
	return sendfile(out, in, offset, size);
}

ssize_t
splice(int in, off64_t *in_at, int out, off64_t *out_at, size_t size, unsigned flags)
{
	if (device_by_fd(in) == NULL && device_by_fd(out) == NULL)
		return REAL(splice)(in, in_at, out, out_at, size, flags);
	errno = EINVAL;
	return -1;
}

int
ftruncate(int fd, off_t size)
{
	if (device_by_fd(fd) == NULL)
		return REAL(ftruncate)(fd, size);
	errno = EINVAL;
	return -1;
}

int
ftruncate64(int fd, off64_t size)
{
	return ftruncate(fd, size);
}

void *
mmap(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
	if (fd < 0 || device_by_fd(fd) == NULL)
		return REAL(mmap)(address, size, protection, flags, fd, offset);
	errno = ENODEV;
	return MAP_FAILED;
}

void *
mmap64(void *address, size_t size, int protection, int flags, int fd, off64_t offset)
{
	return mmap(address, size, protection, flags, fd, offset);
}

/* ---- status ------------------------------------------------------------------------------------ */

static void
as_device(const struct device *device, struct stat *st)
{
	/* Linux's Documentation/admin-guide/devices.txt: 11 is sr, 21 is sg. */
	st->st_mode = (device->block ? S_IFBLK : S_IFCHR) | 0660;
	st->st_rdev = makedev(device->block ? 11 : 21, (unsigned)device->number);
	st->st_size = 0;
	st->st_blksize = 4096;
}

int
fstatat(int at, const char *path, struct stat *st, int flags)
{
	const struct device *device = device_by_path(path);
	int rc = REAL(fstatat)(at, device != NULL ? device->file : path, st, flags);

	/* The path may lead to a device through a symbolic link or /dev/fd. */
	if (rc == 0 && device == NULL)
		device = device_by_stat(st);
	if (rc == 0 && device != NULL)
		as_device(device, st);
	return rc;
}

int
fstat(int fd, struct stat *st)
{
	int rc = REAL(fstat)(fd, st);
	const struct device *device = rc == 0 ? device_by_stat(st) : NULL;

	if (device != NULL)
		as_device(device, st);
	return rc;
}

int
statx(int at, const char *restrict path, int flags, unsigned mask, struct statx *restrict stx)
{
	const struct device *device = (flags & AT_EMPTY_PATH) != 0 && path[0] == 0
					      ? device_by_fd(at)
					      : device_by_path(path);
	bool by_path = device != NULL && path[0] != 0;
	int rc = REAL(statx)(at, by_path ? device->file : path, flags, mask, stx);
	struct stat st = {
		.st_dev = makedev(stx->stx_dev_major, stx->stx_dev_minor), .st_ino = stx->stx_ino};

	if (rc == 0 && device == NULL)
		device = device_by_stat(&st);
	if (rc != 0 || device == NULL)
		return rc;
	as_device(device, &st);
	stx->stx_mode = (uint16_t)st.st_mode;
	stx->stx_rdev_major = major(st.st_rdev);
	stx->stx_rdev_minor = minor(st.st_rdev);
	stx->stx_size = 0;
	stx->stx_blksize = (uint32_t)st.st_blksize;
	return 0;
}

int
stat(const char *path, struct stat *st)
{
	return fstatat(AT_FDCWD, path, st, 0);
}

int
lstat(const char *path, struct stat *st)
{
	return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
}

int
stat64(const char *path, struct stat64 *st)
{
	return stat(path, (struct stat *)st);
}

int
lstat64(const char *path, struct stat64 *st)
{
	return lstat(path, (struct stat *)st);
}

int
fstat64(int fd, struct stat64 *st)
{
	return fstat(fd, (struct stat *)st);
}

int
fstatat64(int at, const char *path, struct stat64 *st, int flags)
{
	return fstatat(at, path, (struct stat *)st, flags);
}

int
__xstat(int version, const char *path, struct stat *st)
{
	return stat(path, st);
}

int
__lxstat(int version, const char *path, struct stat *st)
{
	return lstat(path, st);
}

int
__fxstat(int version, int fd, struct stat *st)
{
	return fstat(fd, st);
}

int
__xstat64(int version, const char *path, struct stat64 *st)
{
	return stat64(path, st);
}

int
__lxstat64(int version, const char *path, struct stat64 *st)
{
	return lstat64(path, st);
}

int
__fxstat64(int version, int fd, struct stat64 *st)
{
	return fstat64(fd, st);
}

int
access(const char *path, int mode)
{
	const struct device *device = device_by_path(path);

	return REAL(access)(
		device != NULL ? device->file : path, device != NULL ? mode & ~X_OK : mode);
}

int
euidaccess(const char *path, int mode)
{
	return access(path, mode);
}

/* Returns the path of a device as it is: there are no links of udev. */
char *
realpath(const char *path, char *resolved)
{
	const struct device *device = device_by_path(path);

	if (device == NULL)
		return REAL(realpath)(path, resolved);
	return resolved != NULL ? strcpy(resolved, path) : strdup(path);
}

char *
__realpath_chk(const char *path, char *resolved, size_t room)
{
	return room >= PATH_MAX ? realpath(path, resolved) : (abort(), NULL);
}
