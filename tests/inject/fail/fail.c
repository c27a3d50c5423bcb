/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inject.so, a preload: lets the n-th call of the daemon fail with a given error, or all calls from the n-th
 * on.  ../README says what for.  The driver sets struct control; without $INJECT_CONTROL nothing is changed.
 */
#include "tests/inject/fail/fail.h"
#include "tests/tools/open.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { PATH_ROOM = 4096, FRAMES_OWN = 2 };

static struct control *control;
/* Where the program's code is, and that of its JSON library. */
static struct range {
	uintptr_t start, end;
} ranges[2];

/* Notes where the program and libjansson are loaded. */
static int
note_range(struct dl_phdr_info *info, size_t size, void *arg)
{
	int which = info->dlpi_name[0] == '\0'			 ? 0
		    : strstr(info->dlpi_name, "jansson") != NULL ? 1
								 : -1;

	for (int i = 0; which >= 0 && i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_LOAD && ranges[which].start == 0)
			ranges[which].start = info->dlpi_addr;
		if (p->p_type == PT_LOAD)
			ranges[which].end = info->dlpi_addr + p->p_vaddr + p->p_memsz;
	}
	return 0;
}

/* Maps the control file. */
__attribute__((constructor)) static void
fail_open(void)
{
	const char *name = getenv("INJECT_CONTROL");
	void *frames[1];
	int fd = name == NULL ? -1 : (int)syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CLOEXEC);
	void *map;

	if (fd < 0)
		return;
	(void)backtrace(frames, 1); /* the first call allocates memory */
	dl_iterate_phdr(note_range, NULL);
	map = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	syscall(SYS_close, fd);
	control = map == MAP_FAILED ? NULL : map;
}

/* ---- which call fails ------------------------------------------------------------------------ */

static bool
is_armed(void)
{
	return control != NULL && __atomic_load_n(&control->armed, __ATOMIC_ACQUIRE) != 0;
}

/* Keeps what the first call that failed was, and its callers, for the report. */
static void
note_hit(enum call call, const char *path)
{
	void *frames[HIT_FRAMES + FRAMES_OWN];
	int n = backtrace(frames, HIT_FRAMES + FRAMES_OWN);

	control->hit_call = call;
	snprintf(control->hit_path, sizeof(control->hit_path), "%s", path);
	for (int i = FRAMES_OWN; i < n; i++) {
		uintptr_t at = (uintptr_t)frames[i];

		control->frames[i - FRAMES_OWN] =
			at >= ranges[0].start && at < ranges[0].end ? at - ranges[0].start : 0;
	}
}

/* Counts a call.  Returns true if it is to fail; errno is then the error. */
static bool
is_hit(enum call call, const char *path)
{
	uint64_t n;

	__atomic_add_fetch(&control->counts[call], 1, __ATOMIC_RELAXED);
	if ((control->calls >> call & 1) == 0 || control->at == 0)
		return false;
	n = __atomic_add_fetch(&control->number, 1, __ATOMIC_RELAXED);
	if (n != control->at && !(control->from_on != 0 && n > control->at))
		return false;
	if (__atomic_fetch_add(&control->hits, 1, __ATOMIC_RELAXED) == 0)
		note_hit(call, path);
	errno = control->error;
	return true;
}

/* Returns true if an absolute path is the store's or below it, or if any path counts. */
static bool
is_ours(const char *path)
{
	size_t n = strlen(control->store);

	return control->any != 0 ||
	       (strncmp(path, control->store, n) == 0 && (path[n] == '/' || path[n] == '\0'));
}

/* Reads the path of a descriptor into buf (PATH_ROOM bytes).  Returns its length; 0 if it has none. */
static size_t
path_of(int fd, char *buf)
{
	char link[64];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(fd == AT_FDCWD ? "/proc/self/cwd" : link, buf, PATH_ROOM - 1);
	buf[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* Returns true if a call on that descriptor is to fail.  Keeps errno if not. */
static bool
fd_is_hit(enum call call, int fd)
{
	char buf[PATH_ROOM];
	int err = errno;

	if (!is_armed())
		return false;
	if (path_of(fd, buf) > 0 && is_ours(buf) && is_hit(call, buf))
		return true;
	errno = err;
	return false;
}

/* Returns true if a call on that name is to fail.  Keeps errno if not. */
static bool
name_is_hit(enum call call, int dirfd, const char *name)
{
	char buf[PATH_ROOM];
	size_t n = 0;
	int err = errno;

	if (!is_armed())
		return false;
	if (name[0] != '/') {
		n = path_of(dirfd, buf);
		if (n > 0 && n < PATH_ROOM - 1)
			buf[n++] = '/';
	}
	snprintf(buf + n, PATH_ROOM - n, "%s", name);
	if (is_ours(buf) && is_hit(call, buf))
		return true;
	errno = err;
	return false;
}

/* Returns true if a call that is not on a file is to fail.  Keeps errno if not. */
static bool
call_is_hit(enum call call, const char *name)
{
	return is_armed() && is_hit(call, name);
}

/* Makes a call that does not fail; or lets it fail, made or not. */
#define MAKE(hit, call) \
	do { \
		if (!(hit)) \
			return call; \
		int err_ = errno; \
		if (control->late != 0) \
			(void)!(call); \
		errno = err_; \
		return -1; \
	} while (0)

/* The functions of the C library that have no system call of their own. */
#define NEXT(name) ((__typeof__(&(name)))(uintptr_t)dlsym(RTLD_NEXT, #name))

/* ---- data ---------------------------------------------------------------------------------------- */

ssize_t
write(int fd, const void *data, size_t size)
{
	MAKE(fd_is_hit(CALL_WRITE, fd), syscall(SYS_write, fd, data, size));
}

ssize_t
pwrite(int fd, const void *data, size_t size, off_t offset)
{
	MAKE(fd_is_hit(CALL_WRITE, fd), syscall(SYS_pwrite64, fd, data, size, offset));
}

ssize_t
pwritev(int fd, const struct iovec *iov, int count, off_t offset)
{
	MAKE(fd_is_hit(CALL_WRITE, fd), syscall(SYS_pwritev, fd, iov, count, offset, 0));
}

ssize_t
copy_file_range(int in, off64_t *from, int fd, off64_t *to, size_t size, unsigned flags)
{
	MAKE(fd_is_hit(CALL_WRITE, fd),
		syscall(SYS_copy_file_range, in, from, fd, to, size, flags));
}

ssize_t
splice(int in, off64_t *from, int fd, off64_t *to, size_t size, unsigned flags)
{
	MAKE(fd_is_hit(CALL_WRITE, fd) || fd_is_hit(CALL_READ, in),
		syscall(SYS_splice, in, from, fd, to, size, flags));
}

/* The library's own is where a thread can be cancelled, as libfuse does to its threads at the end. */
ssize_t
read(int fd, void *data, size_t size)
{
	static ssize_t (*next)(int, void *, size_t);

	if (next == NULL)
		next = NEXT(read);
	MAKE(fd_is_hit(CALL_READ, fd), next(fd, data, size));
}

ssize_t
pread(int fd, void *data, size_t size, off_t offset)
{
	MAKE(fd_is_hit(CALL_READ, fd), syscall(SYS_pread64, fd, data, size, offset));
}

ssize_t
preadv2(int fd, const struct iovec *iov, int count, off_t offset, int flags)
{
	MAKE(fd_is_hit(CALL_READ, fd), syscall(SYS_preadv2, fd, iov, count, offset, 0, flags));
}

int
fsync(int fd)
{
	MAKE(fd_is_hit(CALL_SYNC, fd), (int)syscall(SYS_fsync, fd));
}

int
fdatasync(int fd)
{
	MAKE(fd_is_hit(CALL_SYNC, fd), (int)syscall(SYS_fdatasync, fd));
}

int
syncfs(int fd)
{
	MAKE(fd_is_hit(CALL_SYNC_FS, fd), (int)syscall(SYS_syncfs, fd));
}

int
ftruncate(int fd, off_t length)
{
	MAKE(fd_is_hit(CALL_TRUNCATE, fd), (int)syscall(SYS_ftruncate, fd, length));
}

int
fallocate(int fd, int mode, off_t offset, off_t length)
{
	MAKE(fd_is_hit(CALL_ALLOCATE, fd), (int)syscall(SYS_fallocate, fd, mode, offset, length));
}

/* A close ends the descriptor also if it fails. */
int
close(int fd)
{
	bool hit = fd_is_hit(CALL_CLOSE, fd);
	int err = errno, rc = (int)syscall(SYS_close, fd);

	if (!hit)
		return rc;
	errno = err;
	return -1;
}

/* ---- names ----------------------------------------------------------------------------------------- */

int
mkdirat(int dirfd, const char *name, mode_t mode)
{
	MAKE(name_is_hit(CALL_MKDIR, dirfd, name), (int)syscall(SYS_mkdirat, dirfd, name, mode));
}

int
mkdir(const char *name, mode_t mode)
{
	MAKE(name_is_hit(CALL_MKDIR, AT_FDCWD, name),
		(int)syscall(SYS_mkdirat, AT_FDCWD, name, mode));
}

int
unlinkat(int dirfd, const char *name, int flags)
{
	MAKE(name_is_hit(CALL_UNLINK, dirfd, name), (int)syscall(SYS_unlinkat, dirfd, name, flags));
}

int
renameat2(int from_dirfd, const char *from, int to_dirfd, const char *to, unsigned flags)
{
	MAKE(name_is_hit(CALL_RENAME, to_dirfd, to),
		(int)syscall(SYS_renameat2, from_dirfd, from, to_dirfd, to, flags));
}

int
renameat(int from_dirfd, const char *from, int to_dirfd, const char *to)
{
	MAKE(name_is_hit(CALL_RENAME, to_dirfd, to),
		(int)syscall(SYS_renameat2, from_dirfd, from, to_dirfd, to, 0));
}

int
fchmodat(int dirfd, const char *name, mode_t mode, int flags)
{
	MAKE(name_is_hit(CALL_CHANGE, dirfd, name), NEXT(fchmodat)(dirfd, name, mode, flags));
}

int
utimensat(int dirfd, const char *name, const struct timespec times[2], int flags)
{
	MAKE(name_is_hit(CALL_CHANGE, dirfd, name),
		(int)syscall(SYS_utimensat, dirfd, name, times, flags));
}

int
futimens(int fd, const struct timespec times[2])
{
	MAKE(fd_is_hit(CALL_CHANGE, fd), (int)syscall(SYS_utimensat, fd, NULL, times, 0));
}

/* ---- looking ----------------------------------------------------------------------------------------- */

int
fstat(int fd, struct stat *st)
{
	MAKE(fd_is_hit(CALL_STAT, fd), (int)syscall(SYS_fstat, fd, st));
}

int
fstatat(int dirfd, const char *restrict name, struct stat *restrict st, int flags)
{
	MAKE(name_is_hit(CALL_STAT, dirfd, name), NEXT(fstatat)(dirfd, name, st, flags));
}

int
statx(int dirfd, const char *restrict name, int flags, unsigned mask, struct statx *restrict st)
{
	MAKE(name_is_hit(CALL_STAT, dirfd, name),
		(int)syscall(SYS_statx, dirfd, name, flags, mask, st));
}

int
faccessat(int dirfd, const char *name, int mode, int flags)
{
	MAKE(name_is_hit(CALL_STAT, dirfd, name), NEXT(faccessat)(dirfd, name, mode, flags));
}

int
fstatfs(int fd, struct statfs *st)
{
	MAKE(fd_is_hit(CALL_STAT, fd), (int)syscall(SYS_fstatfs, fd, st));
}

int
fstatvfs(int fd, struct statvfs *st)
{
	MAKE(fd_is_hit(CALL_STAT, fd), NEXT(fstatvfs)(fd, st));
}

DIR *
fdopendir(int fd)
{
	return fd_is_hit(CALL_LIST, fd) ? NULL : NEXT(fdopendir)(fd);
}

struct dirent *
readdir(DIR *dir)
{
	return fd_is_hit(CALL_LIST, dirfd(dir)) ? NULL : NEXT(readdir)(dir);
}

/* ---- open ---------------------------------------------------------------------------------------------- */

int
open_at(int dirfd, const char *name, int flags, mode_t mode)
{
	if (name_is_hit((flags & O_CREAT) != 0 ? CALL_CREATE : CALL_OPEN, dirfd, name))
		return -1;
	return (int)syscall(SYS_openat, dirfd, name, flags, mode);
}

int __openat_2(int dirfd, const char *name, int flags);

int
__openat_2(int dirfd, const char *name, int flags)
{
	return open_at(dirfd, name, flags, 0);
}

/* ---- other descriptors ----------------------------------------------------------------------------------- */

int
socket(int domain, int type, int protocol)
{
	MAKE(call_is_hit(CALL_DESCRIPTOR, "socket"),
		(int)syscall(SYS_socket, domain, type, protocol));
}

int
socketpair(int domain, int type, int protocol, int fds[2])
{
	if (call_is_hit(CALL_DESCRIPTOR, "socketpair"))
		return -1;
	return (int)syscall(SYS_socketpair, domain, type, protocol, fds);
}

int
accept4(int fd, struct sockaddr *restrict address, socklen_t *restrict length, int flags)
{
	if (call_is_hit(CALL_DESCRIPTOR, "accept4"))
		return -1;
	return NEXT(accept4)(fd, address, length, flags);
}

int
pipe2(int fds[2], int flags)
{
	if (call_is_hit(CALL_DESCRIPTOR, "pipe2"))
		return -1;
	return (int)syscall(SYS_pipe2, fds, flags);
}

int
eventfd(unsigned count, int flags)
{
	if (call_is_hit(CALL_DESCRIPTOR, "eventfd"))
		return -1;
	return (int)syscall(SYS_eventfd2, count, flags);
}

int
dup(int fd)
{
	if (call_is_hit(CALL_DESCRIPTOR, "dup"))
		return -1;
	return (int)syscall(SYS_dup, fd);
}

/* ---- threads, processes, memory -------------------------------------------------------------------------- */

int
pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attr,
	void *(*run)(void *), void *restrict arg)
{
	if (call_is_hit(CALL_THREAD, "pthread_create"))
		return errno;
	return NEXT(pthread_create)(thread, attr, run, arg);
}

pid_t
fork(void)
{
	if (call_is_hit(CALL_PROCESS, "fork"))
		return -1;
	return NEXT(fork)();
}

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);

/* Returns true if memory that the program or its JSON library wants is not to be had. */
static bool
memory_is_hit(const void *caller)
{
	uintptr_t at = (uintptr_t)caller;

	if (!is_armed() || ((at < ranges[0].start || at >= ranges[0].end) &&
				   (at < ranges[1].start || at >= ranges[1].end)))
		return false;
	return is_hit(CALL_MEMORY, "malloc");
}

void *
malloc(size_t size)
{
	return memory_is_hit(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *
calloc(size_t n, size_t size)
{
	return memory_is_hit(__builtin_return_address(0)) ? NULL : __libc_calloc(n, size);
}

void *
realloc(void *old, size_t size)
{
	return memory_is_hit(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}

void *
reallocarray(void *old, size_t n, size_t size)
{
	size_t bytes;

	if (memory_is_hit(__builtin_return_address(0)))
		return NULL;
	if (__builtin_mul_overflow(n, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_realloc(old, bytes);
}

static char *
copy_text(const char *text, size_t n)
{
	char *copy = __libc_malloc(n + 1);

	if (copy != NULL) {
		memcpy(copy, text, n);
		copy[n] = '\0';
	}
	return copy;
}

char *
strdup(const char *text)
{
	return memory_is_hit(__builtin_return_address(0)) ? NULL : copy_text(text, strlen(text));
}

char *
strndup(const char *text, size_t n)
{
	return memory_is_hit(__builtin_return_address(0)) ? NULL
							  : copy_text(text, strnlen(text, n));
}

FILE *
open_memstream(char **text, size_t *size)
{
	return memory_is_hit(__builtin_return_address(0)) ? NULL : NEXT(open_memstream)(text, size);
}
