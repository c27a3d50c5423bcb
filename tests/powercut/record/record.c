/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * powercut.so, a preload: writes every call by which the daemon changes or syncs its store into a log, in
 * the order in which the calls were made.  ../README says what the log is for.
 *
 * The log is the file $POWERCUT_LOG, which the driver has made: a struct head, then records.  It is mapped
 * and shared, so no descriptor has to stay open: the threads of the daemon, the processes that the daemon
 * forks, and the driver itself all append to it.  What was appended survives SIGKILL.
 *
 * A call is made and recorded while the head's lock is held, so that the order in the log is the true one.
 * Calls outside of the store, and calls that fail, are not recorded.
 *
 * A process that confines itself (seccomp(2)) may make few calls after that, so the library looks at all open
 * files before.
 */
#include "tests/powercut/record/record.h"
#include "tests/tools/open.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <pthread.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { PATH_ROOM = 4096, FRAMES = 12, FRAMES_OWN = 2, CONFINED_FDS = 64, CONFINED_PATH = 256 };

static struct head *head;
static bool walk;      /* $POWERCUT_WALK is set: the store is said to be on a network file system */
static uintptr_t base; /* where the daemon's program is loaded; a position-independent one */

/* The files of the store that a confined process has open; it has an inode of 0 where there is none. */
static struct {
	uint64_t inode;
	char path[CONFINED_PATH];
} files[CONFINED_FDS];
static bool confined;

/* Returns the address at which the program itself is loaded, by the first line of its map. */
static uintptr_t
program_base(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned long at = 0;

	if (maps != NULL) {
		if (fscanf(maps, "%lx-", &at) != 1)
			at = 0;
		fclose(maps);
	}
	return at;
}

/* Maps the log.  Without $POWERCUT_LOG nothing is recorded. */
__attribute__((constructor)) static void
record_open(void)
{
	const char *name = getenv("POWERCUT_LOG");
	void *frames[1];
	struct stat st;
	int fd = name == NULL ? -1 : (int)syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CLOEXEC);

	if (fd < 0)
		return;
	(void)backtrace(frames, 1); /* the first call allocates memory */
	walk = getenv("POWERCUT_WALK") != NULL;
	base = program_base();
	if (fstat(fd, &st) == 0) {
		void *map =
			mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

		head = map == MAP_FAILED ? NULL : map;
	}
	close(fd);
}

/* Makes the lock of a new log.  The driver calls it once, before any other process maps the log. */
void
powercut_init(const char *store, uint64_t size)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&head->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	head->size = size;
	head->end = RECORDS_AT;
	snprintf(head->store, sizeof(head->store), "%s", store);
}

/* ---- records --------------------------------------------------------------------------------- */

/* Enters the lock.  A process that was killed may have held it; its last record is whole or absent, because
 * `end` is changed last. */
static void
enter(void)
{
	if (pthread_mutex_lock(&head->lock) == EOWNERDEAD)
		pthread_mutex_consistent(&head->lock);
}

/* Leaves the lock, and keeps errno. */
static void
leave(void)
{
	int err = errno;

	pthread_mutex_unlock(&head->lock);
	errno = err;
}

/* Ends the process by SIGKILL if its next call is the one that the driver has named.  The lock is held, so no
 * other thread makes a call before the end.  A confined process is not the daemon: its calls do not count. */
static void
count_call(void)
{
	if (confined)
		return;
	head->calls++;
	if (head->kill_at != 0 && head->calls == head->kill_at) {
		head->kill_at = 0;
		kill(getpid(), SIGKILL);
		for (;;)
			pause();
	}
}

/* Copies size bytes to *at, and moves it. */
static void
put(char **at, const void *data, size_t size)
{
	if (size > 0)
		memcpy(*at, data, size);
	*at += size;
}

/* Appends a record with the callers of the call.  The lock is held.  Returns where its data belongs, which
 * has r->length bytes. */
static char *
append(struct record *r, const char *path, const char *other)
{
	void *frames[FRAMES + FRAMES_OWN];
	int n = r->kind == REC_MARK ? 0 : backtrace(frames, FRAMES + FRAMES_OWN) - FRAMES_OWN;
	size_t data = r->kind == REC_WRITE || r->kind == REC_MARK ? r->length : 0;
	size_t paths = strlen(path) + strlen(other) + 2;
	char *at = (char *)head + head->end;

	r->frames = n > 0 ? (uint32_t)n : 0;
	r->paths = (uint32_t)paths;
	r->size = sizeof(*r) + r->frames * sizeof(uint64_t) + paths + data;
	r->pid = confined ? 0 : (uint32_t)getpid();
	if (head->end + r->size > head->size) {
		static const char full[] = "powercut.so: the log is full\n";

		(void)!syscall(SYS_write, 2, full, sizeof(full) - 1);
		abort();
	}
	put(&at, r, sizeof(*r));
	for (uint32_t i = 0; i < r->frames; i++) {
		uint64_t frame = (uintptr_t)frames[i + FRAMES_OWN] - base;

		put(&at, &frame, sizeof(frame));
	}
	put(&at, path, strlen(path) + 1);
	put(&at, other, strlen(other) + 1);
	head->end += r->size;
	return at;
}

/* Appends a mark of the driver: that an operation begins, or that it was acknowledged. */
void
powercut_mark(const char *text)
{
	struct record r = {.kind = REC_MARK, .length = strlen(text)};

	enter();
	memcpy(append(&r, "", ""), text, r.length);
	leave();
}

/* Makes the n-th call from now on the last one of its process; 0: none. */
void
powercut_kill_at(uint64_t n)
{
	enter();
	head->kill_at = n == 0 ? 0 : head->calls + n;
	leave();
}

/* ---- where a call goes ------------------------------------------------------------------------ */

/* Returns the part of an absolute path below the store, "." for the store itself; NULL if it is outside.
 * Cuts slashes and dots from its end. */
static const char *
strip_store(char *path)
{
	size_t n = strlen(path), store = strlen(head->store);

	if (strncmp(path, head->store, store) != 0 || (path[store] != '/' && path[store] != '\0'))
		return NULL;
	while (n > store && (path[n - 1] == '/' || (path[n - 1] == '.' && path[n - 2] == '/')))
		path[--n] = '\0';
	return path[store] == '\0' ? "." : path + store + 1;
}

/* Makes the path of a call absolute in buf (PATH_ROOM bytes).  Returns what strip_store returns. */
static const char *
below_store(int dirfd, const char *path, char *buf)
{
	size_t n = 0;
	int err = errno;

	if (path[0] != '/') {
		char link[64];
		ssize_t got;

		snprintf(link, sizeof(link), "/proc/self/fd/%d", dirfd);
		got = readlink(dirfd == AT_FDCWD ? "/proc/self/cwd" : link, buf, PATH_ROOM / 2);
		errno = err;
		if (got <= 0)
			return NULL;
		n = (size_t)got;
		buf[n++] = '/';
	}
	snprintf(buf + n, PATH_ROOM - n, "%s", path);
	return strip_store(buf);
}

/* Finds the file of a descriptor.  Returns its path below the store, which may be an old one; NULL if it
 * is outside, or neither a file nor a directory. */
static const char *
file_of(int fd, char *buf, uint64_t *inode)
{
	struct stat st;
	char link[64];
	ssize_t n;
	int err = errno;

	if (confined) {
		*inode = fd >= 0 && fd < CONFINED_FDS ? files[fd].inode : 0;
		return *inode != 0 ? files[fd].path : NULL;
	}
	if (fstat(fd, &st) != 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode))) {
		errno = err;
		return NULL;
	}
	*inode = st.st_ino;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, buf, PATH_ROOM - 1);
	errno = err;
	if (n <= 0)
		return NULL;
	buf[n] = '\0';
	return strip_store(buf);
}

/* Looks at all open files, and confines the process then. */
int
seccomp_load(const scmp_filter_ctx filter)
{
	int (*load)(scmp_filter_ctx) = (int (*)(scmp_filter_ctx))dlsym(RTLD_NEXT, "seccomp_load");

	for (int fd = 0; head != NULL && fd < CONFINED_FDS; fd++) {
		char buf[PATH_ROOM];
		uint64_t inode;
		const char *path = file_of(fd, buf, &inode);

		if (path != NULL && strlen(path) < CONFINED_PATH) {
			files[fd].inode = inode;
			strcpy(files[fd].path, path);
		}
	}
	confined = true;
	return load(filter);
}

/* ---- data -------------------------------------------------------------------------------------- */

/* Reads back what a call has written, through a descriptor of its own, because fd may be for writing only. */
static void
read_back(int fd, char *data, size_t size, uint64_t offset)
{
	char link[64];
	int again;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	again = (int)syscall(SYS_openat, AT_FDCWD, link, O_RDONLY | O_CLOEXEC);
	while (again >= 0 && size > 0) {
		ssize_t n = pread(again, data, size, (off_t)offset);

		if (n <= 0)
			break;
		data += n;
		offset += (uint64_t)n;
		size -= (size_t)n;
	}
	if (again >= 0)
		close(again);
}

/* Records n bytes that a call has written at the offset.  They are at data; NULL: it is not known where. */
static void
record_write(int fd, const char *path, uint64_t inode, ssize_t n, uint64_t offset, const void *data)
{
	struct record r = {
		.kind = REC_WRITE, .inode = inode, .offset = offset, .length = (uint64_t)n};
	int err = errno;

	if (n > 0 && data != NULL)
		memcpy(append(&r, path, ""), data, (size_t)n);
	else if (n > 0)
		read_back(fd, append(&r, path, ""), (size_t)n, offset);
	errno = err;
}

/* Makes a call that writes at an offset, or at the position of the descriptor, and records it. */
#define WRITING(fd, data, offset, call) \
	do { \
		char buf[PATH_ROOM]; \
		uint64_t inode; \
		ssize_t n; \
		const char *path = head == NULL ? NULL : file_of(fd, buf, &inode); \
\
		if (path == NULL) \
			return call; \
		enter(); \
		count_call(); \
		n = call; \
		record_write(fd, path, inode, n, (uint64_t)(offset), data); \
		leave(); \
		return n; \
	} while (0)

ssize_t
write(int fd, const void *data, size_t size)
{
	WRITING(fd, data, syscall(SYS_lseek, fd, 0, SEEK_CUR) - n,
		syscall(SYS_write, fd, data, size));
}

ssize_t
writev(int fd, const struct iovec *iov, int count)
{
	WRITING(fd, NULL, syscall(SYS_lseek, fd, 0, SEEK_CUR) - n,
		syscall(SYS_writev, fd, iov, count));
}

ssize_t
pwrite(int fd, const void *data, size_t size, off_t offset)
{
	WRITING(fd, data, offset, syscall(SYS_pwrite64, fd, data, size, offset));
}

ssize_t
pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
	WRITING(fd, data, offset, syscall(SYS_pwrite64, fd, data, size, offset));
}

ssize_t
pwritev(int fd, const struct iovec *iov, int count, off_t offset)
{
	WRITING(fd, NULL, offset, syscall(SYS_pwritev, fd, iov, count, offset, 0));
}

ssize_t
copy_file_range(int in, off64_t *from, int fd, off64_t *to, size_t size, unsigned flags)
{
	WRITING(fd, NULL, (to != NULL ? *to : syscall(SYS_lseek, fd, 0, SEEK_CUR)) - n,
		syscall(SYS_copy_file_range, in, from, fd, to, size, flags));
}

ssize_t
splice(int in, off64_t *from, int fd, off64_t *to, size_t size, unsigned flags)
{
	WRITING(fd, NULL, (to != NULL ? *to : syscall(SYS_lseek, fd, 0, SEEK_CUR)) - n,
		syscall(SYS_splice, in, from, fd, to, size, flags));
}

ssize_t
sendfile(int fd, int in, off_t *from, size_t size)
{
	WRITING(fd, NULL, syscall(SYS_lseek, fd, 0, SEEK_CUR) - n,
		syscall(SYS_sendfile, fd, in, from, size));
}

/* ---- calls on a descriptor ---------------------------------------------------------------------- */

/* Makes a call on a descriptor, and records it as that kind. */
#define ON_FD(fd, call, ...) \
	do { \
		struct record r = {__VA_ARGS__}; \
		char buf[PATH_ROOM]; \
		const char *path = head == NULL ? NULL : file_of(fd, buf, &r.inode); \
		int rc; \
\
		if (path == NULL) \
			return (int)call; \
		enter(); \
		count_call(); \
		rc = (int)call; \
		if (rc == 0) \
			append(&r, path, ""); \
		leave(); \
		return rc; \
	} while (0)

int
fsync(int fd)
{
	ON_FD(fd, syscall(SYS_fsync, fd), .kind = REC_SYNC);
}

int
fdatasync(int fd)
{
	ON_FD(fd, syscall(SYS_fdatasync, fd), .kind = REC_SYNC);
}

int
syncfs(int fd)
{
	ON_FD(fd, syscall(SYS_syncfs, fd), .kind = REC_SYNC_ALL);
}

/* Tells the type of the file system.  If $POWERCUT_WALK is set, that is NFS, where syncfs may return too early, so
 * that the daemon syncs each file. */
int
fstatfs(int fd, struct statfs *fs)
{
	int rc = (int)syscall(SYS_fstatfs, fd, fs);

	if (rc == 0 && walk)
		fs->f_type = NFS_SUPER_MAGIC;
	return rc;
}

int
fstatfs64(int fd, struct statfs64 *fs)
{
	return fstatfs(fd, (struct statfs *)fs);
}

int
ftruncate(int fd, off_t length)
{
	ON_FD(fd, syscall(SYS_ftruncate, fd, length), .kind = REC_TRUNCATE,
		.length = (uint64_t)length);
}

int
fallocate(int fd, int mode, off_t offset, off_t length)
{
	ON_FD(fd, syscall(SYS_fallocate, fd, mode, offset, length), .kind = REC_ALLOCATE,
		.flags = (uint32_t)mode, .offset = (uint64_t)offset, .length = (uint64_t)length);
}

/* ---- calls on names ------------------------------------------------------------------------------- */

/* Makes a call on one or two names, and records it as that kind. */
static int
on_names(uint32_t kind, uint32_t flags, int (*call)(void *), void *arg, const char *path,
	const char *other)
{
	struct record r = {.kind = kind, .flags = flags};
	int rc;

	enter();
	count_call();
	rc = call(arg);
	if (rc == 0)
		append(&r, path, other);
	leave();
	return rc;
}

struct one {
	int dirfd;
	const char *path;
	unsigned arg;
};

static int
call_mkdir(void *arg)
{
	const struct one *o = arg;

	return (int)syscall(SYS_mkdirat, o->dirfd, o->path, o->arg);
}

static int
call_unlink(void *arg)
{
	const struct one *o = arg;

	return (int)syscall(SYS_unlinkat, o->dirfd, o->path, o->arg);
}

int
mkdirat(int dirfd, const char *name, mode_t mode)
{
	struct one o = {dirfd, name, mode};
	char buf[PATH_ROOM];
	const char *path = head == NULL ? NULL : below_store(dirfd, name, buf);

	return path == NULL ? call_mkdir(&o) : on_names(REC_MKDIR, 0, call_mkdir, &o, path, "");
}

int
mkdir(const char *name, mode_t mode)
{
	return mkdirat(AT_FDCWD, name, mode);
}

int
unlinkat(int dirfd, const char *name, int flags)
{
	struct one o = {dirfd, name, (unsigned)flags};
	char buf[PATH_ROOM];
	const char *path = head == NULL ? NULL : below_store(dirfd, name, buf);

	return path == NULL ? call_unlink(&o) : on_names(REC_UNLINK, 0, call_unlink, &o, path, "");
}

int
unlink(const char *name)
{
	return unlinkat(AT_FDCWD, name, 0);
}

int
rmdir(const char *name)
{
	return unlinkat(AT_FDCWD, name, AT_REMOVEDIR);
}

struct two {
	int from_dirfd, to_dirfd;
	const char *from, *to;
	unsigned flags;
};

static int
call_rename(void *arg)
{
	const struct two *t = arg;

	return (int)syscall(SYS_renameat2, t->from_dirfd, t->from, t->to_dirfd, t->to, t->flags);
}

static int
call_link(void *arg)
{
	const struct two *t = arg;

	return (int)syscall(SYS_linkat, t->from_dirfd, t->from, t->to_dirfd, t->to, t->flags);
}

/* Makes a call on two names.  Both are in the store, or the call is none of ours. */
static int
on_two(uint32_t kind, int (*call)(void *), struct two *t)
{
	char from_buf[PATH_ROOM], to_buf[PATH_ROOM];
	const char *from, *to;

	if (head == NULL)
		return call(t);
	from = below_store(t->from_dirfd, t->from, from_buf);
	to = below_store(t->to_dirfd, t->to, to_buf);
	return from == NULL || to == NULL ? call(t) : on_names(kind, t->flags, call, t, from, to);
}

int
renameat2(int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags)
{
	return on_two(
		REC_RENAME, call_rename, &(struct two){from_dirfd, to_dirfd, from, to, flags});
}

int
renameat(int from_dirfd, const char *from, int to_dirfd, const char *to)
{
	return renameat2(from_dirfd, from, to_dirfd, to, 0);
}

int
rename(const char *from, const char *to)
{
	return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int
linkat(int from_dirfd, const char *from, int to_dirfd, const char *to, int flags)
{
	return on_two(REC_LINK, call_link,
		&(struct two){from_dirfd, to_dirfd, from, to, (unsigned)flags});
}

/* ---- open ------------------------------------------------------------------------------------------ */

/* Opens a file.  Records it if that makes the file or cuts it to nothing. */
int
open_at(int dirfd, const char *name, int flags, mode_t mode)
{
	struct record r = {.kind = REC_OPEN, .flags = (uint32_t)flags};
	char buf[PATH_ROOM], unused[PATH_ROOM];
	const char *path = NULL;
	int fd;

	if (head != NULL && (flags & (O_CREAT | O_TRUNC)) != 0)
		path = below_store(dirfd, name, buf);
	if (path == NULL)
		return (int)syscall(SYS_openat, dirfd, name, flags, mode);
	enter();
	count_call();
	fd = (int)syscall(SYS_openat, dirfd, name, flags, mode);
	if (fd >= 0 && file_of(fd, unused, &r.inode) != NULL)
		append(&r, path, "");
	leave();
	return fd;
}
