/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * For one file of a preloaded library that takes open(2) over: defines all its forms, by the function open_at,
 * which that file defines.
 */
#ifndef TESTS_TOOLS_OPEN_H
#define TESTS_TOOLS_OPEN_H

#include <fcntl.h>
#include <stdarg.h>
#include <sys/types.h>

/* Does what openat(2) does, for all forms of open. */
__attribute__((visibility("hidden"))) int open_at(
	int dirfd, const char *name, int flags, mode_t mode);

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
