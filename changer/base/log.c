/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "changer/base/clock.h"

enum {
	LINE_MAX_BYTES = 512,
	KEPT_BYTES = 32 * 1024,
	PEER_BURST = 10, /* lines of log_peer a second */
};

enum log_level log_level = LOG_LEVEL_INFO;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* The lock guards what follows. */
static char kept[KEPT_BYTES]; /* a ring of bytes: the last lines */
static size_t kept_end; /* number of bytes ever kept; the ring has the last KEPT_BYTES of them */
static uint64_t peer_second; /* the second, of clock_ms, for which peer_lines counts */
static unsigned peer_lines;  /* calls of log_peer in that second */

/* Adds the line to the ring.  Lock held. */
static void
keep(const char *line, size_t n)
{
	for (size_t i = 0; i < n; i++)
		kept[kept_end++ % KEPT_BYTES] = line[i];
}

/* Replaces control characters by "?".  Text may come from outside, and must not add lines or control a
 * terminal. */
static void
tame(char *line, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f)
			line[i] = '?';
}

/* Writes the line with time, part and level, and keeps it for log_tail. */
static void
emit(enum log_level level, const char *part, const char *text)
{
	static const char *const names[] = {"error: ", "warning: ", "", "debug: "};
	char line[LINE_MAX_BYTES + 96];
	char when[32];
	time_t now = time(NULL);
	struct tm tm;
	int n;

	localtime_r(&now, &tm);
	strftime(when, sizeof(when), "%F %T", &tm);
	n = snprintf(line, sizeof(line), "%s %s: %s%s\n", when, part, names[level], text);
	if (n < 0)
		return;
	if ((size_t)n >= sizeof(line))
		n = (int)sizeof(line) - 1;
	tame(line, (size_t)n - 1);
	line[n - 1] = '\n';
	pthread_mutex_lock(&lock);
	keep(line, (size_t)n);
	pthread_mutex_unlock(&lock);
	/* There is nobody to whom an error here could be reported. */
	if (write(STDERR_FILENO, line, (size_t)n) < 0)
		return;
}

void
log_write(enum log_level level, const char *part, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	va_list ap;

	if (level > log_level)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	emit(level, part, text);
}

/* Counts a line of log_peer.  Returns false if there were PEER_BURST in this second already.  For the
 * first line of a second, *left_out is the number of lines left out in the last one that had any; else
 * 0. */
static bool
peer_may_speak(unsigned *left_out)
{
	uint64_t second = clock_ms() / 1000;
	bool may;

	*left_out = 0;
	pthread_mutex_lock(&lock);
	if (second != peer_second) {
		if (peer_lines > PEER_BURST)
			*left_out = peer_lines - PEER_BURST;
		peer_second = second;
		peer_lines = 0;
	}
	may = peer_lines++ < PEER_BURST;
	pthread_mutex_unlock(&lock);
	return may;
}

void
log_peer(const char *part, const char *fmt, ...)
{
	char text[LINE_MAX_BYTES];
	char count[64];
	unsigned left_out;
	va_list ap;

	if (!peer_may_speak(&left_out))
		return;
	if (left_out != 0) {
		snprintf(count, sizeof(count), "%u more lines like these left out", left_out);
		emit(LOG_LEVEL_WARN, part, count);
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	emit(LOG_LEVEL_WARN, part, text);
}

size_t
log_tail(char *buf, size_t size)
{
	size_t n, from;

	if (size == 0)
		return 0;
	pthread_mutex_lock(&lock);
	n = kept_end < KEPT_BYTES ? kept_end : KEPT_BYTES;
	if (n > size - 1)
		n = size - 1;
	from = kept_end - n;
	for (size_t i = 0; i < n; i++)
		buf[i] = kept[(from + i) % KEPT_BYTES];
	/* Begin with a whole line.  The byte before the copy says whether a line ends there; it is lost if the
	 * copy has the whole ring. */
	if (from > 0 && (n == KEPT_BYTES || kept[(from - 1) % KEPT_BYTES] != '\n')) {
		char *nl = memchr(buf, '\n', n);
		size_t cut = nl == NULL ? 0 : (size_t)(nl - buf) + 1;

		memmove(buf, buf + cut, n - cut);
		n -= cut;
	}
	pthread_mutex_unlock(&lock);
	buf[n] = '\0';
	return n;
}
