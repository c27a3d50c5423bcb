/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The log: where its lines go, and how it never blocks.
 *
 * log_write appends each line to a ring of bytes, `kept`, and then writes as much of the ring as standard
 * error (or syslog) takes at once.  In this file, "to keep" a line means to append it to the ring.  A line
 * that waits is in the ring, but not written yet.  If a destination takes nothing now, a thread (catch_up)
 * waits for it and writes the rest.  A line is "lost" if newer lines overwrite it in the ring before it was
 * written; a later line tells how many were lost.
 */
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
	LINE_MAX_BYTES = 512,			    /* of the text that a caller logs, with a NUL */
	KEPT_BYTES = 32 * 1024,			    /* size of the ring */
	TIME_BYTES = sizeof("2026-01-01 00:00:00"), /* the time at a line's start, and a blank */
	PEER_BURST = 10,			    /* lines of log_peer a second, at most */
};

enum log_level log_level = LOG_LEVEL_INFO;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* The lock guards all variables below. */
static char kept[KEPT_BYTES]; /* the ring: byte n of the log is at kept[n % KEPT_BYTES] */
static size_t kept_end;	      /* bytes that were ever appended to the ring */
/* Bytes from 0 to before `written` are done: each was written or lost.  Those up to kept_end wait. */
static size_t written;
/* true: bytes were lost, and the line that counts the lost lines is not written yet */
static bool has_lost;
static unsigned lost; /* lines whose newline was lost and which are not reported yet */
/* true: the beginning of a line was lost, and its newline was not.  The rest of that line is never
 * written. */
static bool lost_part;
static bool catching_up; /* true: the thread catch_up runs */
/* The descriptor to which lines are written: standard error, a file of the log's own (find_out), or a
 * socket to syslog.  -1: no connection to syslog. */
static int out = STDERR_FILENO;
static struct stat out_is;	/* the file that standard error was at the last call of find_out */
static const char *syslog_name; /* the program's name; NULL: lines go to standard error */
static uint64_t peer_second;	/* clock_ms() / 1000 at the last call of log_peer */
static unsigned peer_lines;	/* calls of log_peer in that second */

/* Appends n bytes, which are one line, to the ring.  If the ring is full of bytes that wait, overwrites the
 * oldest ones: these are lost.  Then updates has_lost, lost_part and lost.  Writes nothing to standard
 * error or syslog.  Lock held. */
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

/* Clears the count of lost lines, after it was written.  If the beginning of a line was lost, skips the
 * rest of that line in the ring, so that it is never written.  Lock held. */
static void
forget_lost(void)
{
	lost = 0;
	has_lost = false;
	for (; lost_part && written < kept_end; written++)
		lost_part = kept[written % KEPT_BYTES] != '\n';
}

/* Closes the descriptor `out` if the log has opened it, and sets `out` to standard error.  Never closes
 * standard error.  Lock held. */
static void
close_out(void)
{
	if (out > STDERR_FILENO)
		close(out);
	out = STDERR_FILENO;
}

/* ---- to standard error, without blocking ------------------------------------------------------- */

/*
 * Chooses the descriptor `out` for lines to standard error.  Does nothing if standard error is the same
 * file as at the last call, or cannot be looked at.
 *
 * A pipe or a terminal whose reader has stopped would block the thread that logs.  So for these, opens the
 * same file once more with O_NONBLOCK, for the log alone.  The flag cannot be set on standard error itself,
 * because other programs share it.  For any other file, or if that open fails, `out` is standard error.
 * A regular file is not opened again, because a second descriptor would write at another position.
 * Lock held.
 */
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

/* Writes up to n bytes of text to `out`, without blocking.  Returns true and stores the number of bytes
 * that are done in *done.  Returns false if `out` takes nothing now (EAGAIN); *done is then meaningless.
 * After any other error returns true with *done = n: these bytes are dropped, because there is no place to
 * report the error.  Lock held. */
static bool
put(const char *text, size_t n, size_t *done)
{
	ssize_t put = S_ISSOCK(out_is.st_mode) ? send(out, text, n, MSG_DONTWAIT | MSG_NOSIGNAL)
					       : write(out, text, n);

	*done = put > 0 ? (size_t)put : n;
	return put >= 0 || errno != EAGAIN;
}

/* Writes one line that says how many lines were lost, and clears that count (forget_lost).  Returns true if
 * that is done, or if no line was lost.  Returns false, and changes nothing, if `out` takes nothing now.
 * Lock held. */
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

/* Closes `out`, and connects a new socket to the system's log as `out`.  If that fails, `out` is -1.  Lock
 * held. */
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

/* Sends one line, which ends with a NUL and begins with its part, to syslog (RFC 3164, without the time, as
 * glibc does).  The priority follows from the words ": error: " or ": warning: " in the line.  If the send
 * fails, connects to syslog again and tries once more.  Returns false if syslog takes nothing now (EAGAIN):
 * the line must be sent again later.  Otherwise returns true; the line was then sent, or dropped because
 * syslog cannot be reached.  Lock held. */
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

/* Sends to syslog all lines that wait; if lines were lost, first a line that says how many.  Leaves out the
 * time of each line, because syslog adds its own.  Returns true if no line waits any more.  Returns false
 * if syslog takes nothing now.  Lock held. */
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

/* Writes all lines that wait to standard error, or to syslog after log_to_syslog.  If lines were lost,
 * first writes a line that says how many.  Returns true if no line waits any more.  Returns false if `out`
 * takes nothing now.  Never blocks.  Lock held. */
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

/* Runs the thread that writes waiting lines: waits until `out` takes more, calls drain, and repeats this.
 * Ends when no line waits, and clears catching_up.  arg is not used.  Takes the lock for each drain.
 * Returns NULL. */
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

/* Starts the thread catch_up, detached, and sets catching_up.  Does nothing if it runs already.  If it
 * cannot start, the next call of log_write writes the lines that wait.  Lock held. */
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

/* Makes a line of the present local time, part, the word for level, and text.  Appends it to the ring, and
 * writes what `out` takes now (drain); if that is not all, starts catch_up.  Cuts a line that is too long.
 * Replaces control characters (printable_line), because text from outside must not add lines or control a
 * terminal.  Takes the lock.  Never blocks on `out`. */
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

/* Counts a call of log_peer.  Returns true if its line may be written: it is one of the first PEER_BURST in
 * this second.  Otherwise returns false.  In *left_out stores 0, except for the first call in a new second.
 * Then it stores how many lines were refused in the last second that had calls.  Takes the lock. */
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
	/* Remove a first line that is not whole.  If the byte before the copy is a newline, the copy
	 * begins with a whole line.  If the copy has the whole ring, that byte is overwritten, so it is
	 * not known. */
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
