/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <paths.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/base/printable.h"

enum {
	LINE_MAX_BYTES = 512,
	KEPT_BYTES = 32 * 1024,
	TIME_BYTES = sizeof("2026-01-01 00:00:00"), /* with the blank after it */
	PEER_BURST = 10,			    /* lines of log_peer a second */
};

enum log_level log_level = LOG_LEVEL_INFO;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* The lock guards what follows. */
static char kept[KEPT_BYTES]; /* a ring of bytes: the last lines */
static size_t kept_end; /* number of bytes ever kept; the ring has the last KEPT_BYTES of them */
static size_t written; /* how many of them were written, or lost because nobody read them in time */
static bool has_lost;  /* bytes were lost since the last report */
static unsigned lost;  /* lines that were lost and are not reported yet */
static bool
	lost_part; /* the last byte that was lost was not the end of its line: the rest is lost too */
static bool catching_up;	/* a thread waits until standard error takes more */
static int out = STDERR_FILENO; /* where lines are written: see find_out */
static struct stat out_is;	/* what standard error was when find_out looked last */
static const char *syslog_name; /* NULL: lines go to standard error */
static uint64_t peer_second;	/* the second, of clock_ms, for which peer_lines counts */
static unsigned peer_lines;	/* calls of log_peer in that second */

/* Adds the line to the ring.  Bytes that are overwritten before they were written are lost: sets
 * has_lost and lost_part, and counts the lines that end in them.  Lock held. */
static void
keep_line(const char *line, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char *place = &kept[kept_end % KEPT_BYTES];

		if (kept_end - written == KEPT_BYTES) {
			lost_part = *place != '\n';
			lost += !lost_part;
			has_lost = true;
			written++;
		}
		*place = line[i];
		kept_end++;
	}
}

/* Notes that all lines which were lost are reported, and leaves out the rest of one whose beginning is lost.  Lock
 * held. */
static void
forget_lost(void)
{
	lost = 0;
	has_lost = false;
	for (; lost_part && written < kept_end; written++)
		lost_part = kept[written % KEPT_BYTES] != '\n';
}

/* Closes the descriptor in `out`, unless it is standard error or none.  Lock held. */
static void
close_out(void)
{
	if (out > STDERR_FILENO)
		close(out);
	out = STDERR_FILENO;
}

/* ---- to standard error, without blocking ------------------------------------------------------- */

/* Finds out where lines go, if standard error is another one than before.  A pipe or a terminal that
 * nobody reads must not stop the thread that logs, so it is opened again for the log alone with
 * O_NONBLOCK: other programs share standard error itself.  If that fails, uses standard error.  Files
 * never say EAGAIN, and are left alone, because another open would have another position.  Lock held. */
static void
find_out(void)
{
	struct stat st;
	int fd;

	if (fstat(STDERR_FILENO, &st) != 0 ||
		(st.st_dev == out_is.st_dev && st.st_ino == out_is.st_ino))
		return;
	out_is = st;
	close_out();
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
		return;
	fd = open("/proc/self/fd/2", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0)
		out = fd;
}

/* Writes what standard error takes now of n bytes, and stores how many in *done.  Returns false if it
 * takes nothing now.  Any other error counts as written: there is nobody to whom it could be reported.
 * Lock held. */
static bool
put(const char *text, size_t n, size_t *done)
{
	ssize_t put = S_ISSOCK(out_is.st_mode) ? send(out, text, n, MSG_DONTWAIT | MSG_NOSIGNAL)
					       : write(out, text, n);

	*done = put > 0 ? (size_t)put : n;
	return put >= 0 || errno != EAGAIN;
}

/* Writes a line that counts the lost lines, and leaves out the rest of a line whose beginning is lost.
 * Does nothing if none was lost.  Returns false, and changes nothing, if the report has to wait.  Lock
 * held. */
static bool
report_lost(void)
{
	char text[80];
	size_t done;
	int n;

	if (!has_lost)
		return true;
	n = snprintf(text, sizeof(text), "log: %u lines were lost, because nobody read them\n",
		lost + lost_part);
	if (!put(text, (size_t)n, &done))
		return false;
	forget_lost();
	return true;
}

/* ---- to syslog, without blocking ---------------------------------------------------------------- */

/* Opens a socket to the system's log, in place of that in `out`.  Lock held. */
static void
connect_syslog(void)
{
	static const struct sockaddr_un log = {.sun_family = AF_UNIX, .sun_path = _PATH_LOG};

	close_out();
	out = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (out >= 0 && connect(out, (const struct sockaddr *)&log, sizeof(log)) != 0) {
		close(out);
		out = -1;
	}
}

/* Sends a line to syslog (RFC 3164, as glibc writes it, without the time).  A line that cannot be sent although
 * the log was connected again is dropped.  Returns false if it has to wait.  Lock held. */
static bool
send_syslog(const char *line)
{
	char text[LINE_MAX_BYTES + 192];
	int level = strstr(line, ": error: ") != NULL	  ? LOG_ERR
		    : strstr(line, ": warning: ") != NULL ? LOG_WARNING
							  : LOG_INFO;
	int n = snprintf(text, sizeof(text), "<%d>%s[%d]: %s", LOG_DAEMON | level, syslog_name,
		(int)getpid(), line);

	for (int attempt = 0; attempt < 2; attempt++) {
		if (out >= 0 && send(out, text, (size_t)n, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
			return true;
		if (out >= 0 && errno == EAGAIN)
			return false;
		connect_syslog();
	}
	return true;
}

/* Does what drain does, to syslog.  Leaves out the time, which syslog adds.  Lock held. */
static bool
drain_to_syslog(void)
{
	char line[LINE_MAX_BYTES + 96];

	if (has_lost) {
		snprintf(line, sizeof(line), "log: warning: %u lines were lost", lost + lost_part);
		if (!send_syslog(line))
			return false;
		forget_lost();
	}
	while (written < kept_end) {
		size_t n = 0;

		while (n < sizeof(line) - 1 && (line[n] = kept[(written + n) % KEPT_BYTES]) != '\n')
			n++;
		line[n] = '\0';
		if (!send_syslog(line + (n > TIME_BYTES ? TIME_BYTES : 0)))
			return false;
		written += n + 1;
	}
	return true;
}

void
log_to_syslog(const char *name)
{
	pthread_mutex_lock(&lock);
	syslog_name = name;
	close_out();
	out = -1;
	pthread_mutex_unlock(&lock);
}

/* Writes the lines that wait, after a report of lost ones.  Returns true if none is left; false if
 * standard error or syslog takes no more now.  Lock held. */
static bool
drain(void)
{
	if (syslog_name != NULL)
		return drain_to_syslog();
	find_out();
	if (!report_lost())
		return false;
	while (written < kept_end) {
		size_t from = written % KEPT_BYTES, n = kept_end - written, done;

		if (n > KEPT_BYTES - from)
			n = KEPT_BYTES - from;
		if (n > PIPE_BUF)
			n = PIPE_BUF;
		if (!put(kept + from, n, &done))
			return false;
		written += done;
	}
	return true;
}

/* Writes the lines that wait, whenever standard error takes more, and ends when none is left: a thread
 * that exists only so long. */
static void *
catch_up(void *arg)
{
	struct pollfd p = {.events = POLLOUT};
	bool all = false;

	while (!all) {
		pthread_mutex_lock(&lock);
		all = drain();
		catching_up = !all;
		p.fd = out;
		pthread_mutex_unlock(&lock);
		if (!all)
			(void)poll(&p, 1, -1);
	}
	return NULL;
}

/* Starts the thread of catch_up, unless it runs.  If it cannot start, the next line of the log writes
 * those that wait.  Lock held. */
static void
start_catching_up(void)
{
	pthread_attr_t attr;
	pthread_t thread;

	if (catching_up || pthread_attr_init(&attr) != 0)
		return;
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	catching_up = pthread_create(&thread, &attr, catch_up, NULL) == 0;
	(void)pthread_attr_destroy(&attr);
}

/* Writes the line with time, part and level, and keeps it for log_tail.  Cuts a line that is too long, and makes it
 * printable: text may come from outside, and must not add lines or control a terminal.  Takes the lock.  Never
 * waits for standard error. */
static void
write_line(enum log_level level, const char *part, const char *text)
{
	static const char *const names[] = {"error: ", "warning: ", "", "debug: "};
	char line[LINE_MAX_BYTES + 96];
	char when[32];
	time_t now = time(NULL);
	struct tm tm;
	size_t n;

	localtime_r(&now, &tm);
	strftime(when, sizeof(when), "%F %T", &tm);
	if (snprintf(line, sizeof(line) - 1, "%s %s: %s%s", when, part, names[level], text) < 0)
		return;
	n = printable_line(line);
	line[n++] = '\n';
	pthread_mutex_lock(&lock);
	keep_line(line, n);
	if (!drain())
		start_catching_up();
	pthread_mutex_unlock(&lock);
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
	write_line(level, part, text);
}

/* Counts a line of log_peer.  Returns false if there were PEER_BURST in this second already.  For the
 * first line of a second, stores in *left_out the number of lines left out in the last second that had
 * any; else 0.  Takes the lock. */
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
		write_line(LOG_LEVEL_WARN, part, count);
	}
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	write_line(LOG_LEVEL_WARN, part, text);
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
	/* Begin with a whole line.  The byte before the copy says whether a line ends there; it is lost if
	 * the copy has the whole ring. */
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
