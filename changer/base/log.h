/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: one line per event to standard error, where a service manager picks it up.  The first
 * argument names the part that speaks ("store", "iscsi", "drive 0").  Any thread may log.
 *
 * log_peer is for lines that somebody outside can cause at will (bad PDUs, refused logins): it
 * lets a few through per second and then says how many it left out.
 */
#ifndef CHANGER_BASE_LOG_H
#define CHANGER_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level { LOG_LEVEL_ERR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above this level are dropped; LOG_LEVEL_INFO until set. */
extern enum log_level log_level;

void log_write(enum log_level level, const char *part, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void log_peer(const char *part, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The last lines logged, oldest first, NUL-terminated, at most size bytes; returns their length. */
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
