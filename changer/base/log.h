/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: writes lines to standard error, where a service manager reads them, or to syslog.  The argument
 * `part` is the name of the part of the program that logs, for example "store", "iscsi" or "drive 0".  Any
 * thread may log.
 *
 * Logging never blocks on a pipe, a socket or a terminal that takes nothing.  Up to 32 KiB of lines wait
 * for it.  If more come, the oldest are lost, and a later line says how many.
 */
#ifndef CHANGER_BASE_LOG_H
#define CHANGER_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_LEVEL_ERR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above this level are not written.  The default is LOG_LEVEL_INFO. */
extern enum log_level log_level;

/* Writes one line: time, part, level and the text of fmt, which has no newline at its end.  Does nothing if
 * level is above log_level.  Cuts the text to 511 bytes.  Replaces control characters (printable_line). */
void log_write(enum log_level level, const char *part, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Writes a warning that somebody outside can cause as often as he likes, such as a bad PDU or a refused
 * login.  Writes at most ten such lines a second, and drops the others.  Before the first line of a later
 * second, writes a line with the number of dropped ones.  Ignores log_level. */
void log_peer(const char *part, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sends all later lines to the system's log (syslog(3)) instead of standard error, with `name` as the name
 * of the program.  Keeps the pointer: name must stay valid.  Logging then blocks as little as before. */
void log_to_syslog(const char *name);

/* Copies the last lines of the log to buf, the oldest first: as many whole lines as fit in size - 1 bytes,
 * 32 KiB at most.  Lines that standard error did not take are among them.  Puts a NUL behind the text.
 * Returns the length of the text without the NUL.  If size is 0, stores nothing and returns 0. */
size_t log_tail(char *buf, size_t size);

#define log_err(part, ...) log_write(LOG_LEVEL_ERR, part, __VA_ARGS__)
#define log_warn(part, ...) log_write(LOG_LEVEL_WARN, part, __VA_ARGS__)
#define log_info(part, ...) log_write(LOG_LEVEL_INFO, part, __VA_ARGS__)
#define log_debug(part, ...) \
	do { \
		if (__builtin_expect(log_level >= LOG_LEVEL_DEBUG, 0)) \
			log_write(LOG_LEVEL_DEBUG, part, __VA_ARGS__); \
	} while (0)

#endif
