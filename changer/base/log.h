/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: writes lines to standard error, where a service manager reads them, or to syslog.  The argument part names the
 * part of the program that writes ("store", "iscsi", "drive 0").  Any thread may log.
 *
 * Logging never blocks on a pipe, a socket or a terminal that takes nothing: up to 32 KiB of lines wait,
 * older ones are lost, and a line counts them later.
 */
#ifndef CHANGER_BASE_LOG_H
#define CHANGER_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_LEVEL_ERR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above this level are not written.  The default is LOG_LEVEL_INFO. */
extern enum log_level log_level;

/* Writes one line with the present time, if the level is not above log_level.  fmt has no newline at its
 * end.  Makes the line printable (printable_line), and cuts the text to 511 bytes. */
void log_write(enum log_level level, const char *part, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Writes a warning that somebody outside can cause at will (a bad PDU, a refused login).  Writes at most
 * ten such lines a second; the first line of a later second is preceded by the number of lines that were
 * left out.  Ignores log_level. */
void log_peer(const char *part, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Writes all later lines to the system's log (syslog(3)) instead of standard error, as from a program of that
 * name; borrowed.  Blocks no more than standard error does. */
void log_to_syslog(const char *name);

/* Copies the last lines of the log to buf, the oldest first, 32 KiB at most; also those that standard
 * error did not take.  The text begins with a whole line and has at most size bytes with the NUL at its
 * end.  Returns its length without the NUL.  size 0: stores nothing and returns 0. */
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
