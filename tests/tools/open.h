/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For a preloaded library that takes open(2) over: it defines open_at, as a function, and then includes this
 * file, which defines all that a program may call instead, by open_at.
 */
#ifndef TESTS_TOOLS_OPEN_H
#define TESTS_TOOLS_OPEN_H

#include <fcntl.h>
#include <stdarg.h>
#include <sys/types.h>

/* Defines a form of open with a directory. */
#define DEFINE_OPENAT(name_) \
	int name_(int dirfd, const char *name, int flags, ...) \
	{ \
		va_list args; \
		mode_t mode; \
\
		va_start(args, flags); \
		/* the mode is there only if the call may make a file */ \
		mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0; \
		va_end(args); \
		return open_at(dirfd, name, flags, mode); \
	}
/* Defines a form of open without one. */
#define DEFINE_OPEN(name_) \
	int name_(const char *name, int flags, ...) \
	{ \
		va_list args; \
		mode_t mode; \
\
		va_start(args, flags); \
		mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0; \
		va_end(args); \
		return open_at(AT_FDCWD, name, flags, mode); \
	}

DEFINE_OPENAT(openat)
DEFINE_OPENAT(openat64)
DEFINE_OPEN(open)
DEFINE_OPEN(open64)

#endif
