/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dirhold: holds the kernel's lock of a folder until it is killed.
 *
 *	dirhold FOLDER		prints "held" when it has the lock
 *
 * It lists the folder into memory whose page fault is never answered (userfaultfd(2)).  While the kernel
 * waits for that, it holds the lock of the folder, shared.  Every user who may list a folder can do this,
 * with a file of a FUSE file system that does not answer.  So the daemon must never wait for such a lock.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
die(const char *what)
{
	fprintf(stderr, "dirhold: ");
	perror(what);
	exit(EXIT_FAILURE);
}

struct listing {
	int dir;
	void *buf;
	size_t size;
};

/* Lists the folder.  Never returns. */
static void *
list(void *arg)
{
	struct listing *l = arg;

	if (syscall(SYS_getdents64, l->dir, l->buf, l->size) < 0)
		die("getdents64");
	fprintf(stderr, "dirhold: the page fault was answered\n");
	exit(EXIT_FAILURE);
}

/* Maps memory whose pages are missing.  Returns the descriptor that reports the first page fault. */
static int
missing_memory(struct listing *l)
{
	struct uffdio_api api = {.api = UFFD_API};
	struct uffdio_register range = {.mode = UFFDIO_REGISTER_MODE_MISSING};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC);

	l->size = (size_t)sysconf(_SC_PAGESIZE);
	l->buf = mmap(NULL, l->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (fd < 0 || l->buf == MAP_FAILED || ioctl(fd, UFFDIO_API, &api) != 0)
		die("userfaultfd");
	range.range.start = (uintptr_t)l->buf;
	range.range.len = l->size;
	if (ioctl(fd, UFFDIO_REGISTER, &range) != 0)
		die("UFFDIO_REGISTER");
	return fd;
}

int
main(int argc, char **argv)
{
	struct listing l;
	struct pollfd fault = {.events = POLLIN};
	pthread_t thread;

	if (argc != 2) {
		fprintf(stderr, "usage: dirhold FOLDER\n");
		return 2;
	}
	l.dir = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (l.dir < 0)
		die(argv[1]);
	fault.fd = missing_memory(&l);
	if (pthread_create(&thread, NULL, list, &l) != 0)
		die("pthread_create");
	if (poll(&fault, 1, -1) != 1)
		die("poll");
	printf("held\n");
	fflush(stdout);
	pthread_join(thread, NULL);
	return EXIT_FAILURE;
}
