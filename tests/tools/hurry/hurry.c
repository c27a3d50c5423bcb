/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hurry.so, a preload: what a program sleeps passes $HURRY times as fast.  About half of the time of a
 * burn is sleep: `xorriso -toc` takes 2.7 s, of which 2.5 s are five calls of usleep(3).
 *
 * Only pure sleeps are shortened.  A wait for a descriptor, a process, a lock or a timer takes the
 * time that it takes, and no clock is changed: a program that measures finds that it slept less.
 * A sleep that a signal interrupts returns what is left, multiplied by $HURRY.
 */
#include <dlfcn.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

enum { BILLION = 1000000000 };

static int64_t
factor(void)
{
	const char *s = getenv("HURRY");
	long n = s != NULL ? atol(s) : 1;

	return n < 1 ? 1 : n;
}

static int64_t
nanoseconds(const struct timespec *t)
{
	return (int64_t)t->tv_sec * BILLION + t->tv_nsec;
}

static struct timespec
timespec(int64_t ns)
{
	return (struct timespec){.tv_sec = ns / BILLION, .tv_nsec = ns % BILLION};
}

/* Returns what is left when a signal has interrupted it, with errno EINTR, otherwise 0. */
static int64_t
nap(int64_t ns)
{
	struct timespec left = {0}, t = timespec(ns / factor());

	if (REAL(nanosleep)(&t, &left) == 0)
		return 0;
	return nanoseconds(&left) * factor();
}

int
nanosleep(const struct timespec *t, struct timespec *left)
{
	int64_t rest;

	if (t->tv_sec < 0 || t->tv_nsec < 0 || t->tv_nsec >= BILLION) {
		errno = EINVAL;
		return -1;
	}
	rest = nap(nanoseconds(t));
	if (rest > 0 && left != NULL)
		*left = timespec(rest);
	return rest > 0 ? -1 : 0;
}

/* A sleep until a moment (TIMER_ABSTIME) is left alone: no clock is changed. */
int
clock_nanosleep(clockid_t clock, int flags, const struct timespec *t, struct timespec *left)
{
	if (flags != 0)
		return REAL(clock_nanosleep)(clock, flags, t, left);
	return nanosleep(t, left) == 0 ? 0 : errno;
}

int
usleep(useconds_t us)
{
	return nap((int64_t)us * 1000) > 0 ? -1 : 0;
}

unsigned
sleep(unsigned seconds)
{
	return (unsigned)((nap((int64_t)seconds * BILLION) + BILLION - 1) / BILLION);
}

int
poll(struct pollfd *fds, nfds_t n, int ms)
{
	if (n != 0 || ms <= 0)
		return REAL(poll)(fds, n, ms);
	return nap((int64_t)ms * 1000000) > 0 ? -1 : 0;
}

int
select(int n, fd_set *read, fd_set *write, fd_set *except, struct timeval *t)
{
	if (read != NULL || write != NULL || except != NULL || t == NULL)
		return REAL(select)(n, read, write, except, t);
	return nap((int64_t)t->tv_sec * BILLION + (int64_t)t->tv_usec * 1000) > 0 ? -1 : 0;
}
