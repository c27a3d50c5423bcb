/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "tests/unit/folder.h"

static uint64_t now_ms = 1000000;
static char tail[64 * 1024];
static int pipe_fds[2];

static uint64_t
fake_ms(void)
{
	return now_ms;
}

/* Returns what was logged since the last call. Standard error is a pipe for the test. */
static const char *
logged(void)
{
	static char text[64 * 1024];
	ssize_t n = read(pipe_fds[0], text, sizeof(text) - 1);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

/* Returns the line without its time stamp ("2026-01-31 12:00:00 "). */
static const char *
after_time(const char *line)
{
	assert_true(strlen(line) > 20);
	return line + 20;
}

static unsigned
lines(const char *text)
{
	unsigned n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static void
a_line_says_when_who_and_what(void **state)
{
	const char *line;

	log_info("store", "%u discs", 3u);
	line = logged();
	assert_int_equal(lines(line), 1);
	assert_true(line[4] == '-' && line[7] == '-' && line[10] == ' ' && line[13] == ':');
	assert_string_equal(after_time(line), "store: 3 discs\n");
	log_err("drive 0", "broken");
	assert_string_equal(after_time(logged()), "drive 0: error: broken\n");
	log_warn("drive 0", "hot");
	assert_string_equal(after_time(logged()), "drive 0: warning: hot\n");
}

static void
levels_above_are_dropped(void **state)
{
	log_debug("x", "quiet");
	assert_string_equal(logged(), "");
	log_level = LOG_LEVEL_DEBUG;
	log_debug("x", "loud");
	assert_string_equal(after_time(logged()), "x: debug: loud\n");
	log_level = LOG_LEVEL_ERR;
	log_warn("x", "no");
	assert_string_equal(logged(), "");
	log_level = LOG_LEVEL_INFO;
}

/* Names come from outside: a name must not forge a log line or send control codes to a terminal. */
static void
control_characters_do_not_pass(void **state)
{
	log_info("iscsi", "login by %s",
		"a\nb\033[31m\x7f"
		"c\xc3\xa4");
	assert_string_equal(after_time(logged()), "iscsi: login by a?b?[31m?c\xc3\xa4\n");
}

static void
a_long_line_is_cut(void **state)
{
	char big[4000];
	const char *line;

	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	log_info("x", "%s", big);
	line = logged();
	assert_int_equal(lines(line), 1);
	assert_true(strlen(line) < 700);
	assert_int_equal(line[strlen(line) - 1], '\n');
	/* A long name of the logging part does not overflow the line either. */
	log_info(big, "%s", big);
	line = logged();
	assert_int_equal(lines(line), 1);
	assert_int_equal(line[strlen(line) - 1], '\n');
}

static void
strangers_are_let_through_slowly(void **state)
{
	const char *text;

	for (int i = 0; i < 100; i++)
		log_peer("iscsi", "bad PDU %d", i);
	text = logged();
	assert_int_equal(lines(text), 10);
	assert_non_null(strstr(text, "bad PDU 9\n"));
	assert_null(strstr(text, "bad PDU 10\n"));
	/* The limit on lines about peers does not hold back other lines. */
	log_info("store", "still here");
	assert_int_equal(lines(logged()), 1);
	now_ms += 1000;
	log_peer("iscsi", "the next second");
	text = logged();
	assert_int_equal(lines(text), 2);
	assert_non_null(strstr(text, "90 more lines like these left out\n"));
	assert_non_null(strstr(text, "the next second\n"));
	log_peer("iscsi", "again");
	assert_int_equal(lines(logged()), 1);
}

static void
the_tail_has_the_last_whole_lines(void **state)
{
	size_t n;

	for (int i = 0; i < 2000; i++) {
		log_info("tail", "line number %d", i);
		if (i % 200 == 0)
			logged();
	}
	logged();
	n = log_tail(tail, sizeof(tail));
	assert_int_equal(n, strlen(tail));
	assert_true(n > 30 * 1024 && n <= 32 * 1024);
	assert_string_equal(tail + n - strlen("line number 1999\n"), "line number 1999\n");
	assert_memory_equal(after_time(tail), "tail: line number ", 18);
	/* A small buffer gets the last lines only. */
	n = log_tail(tail, 100);
	assert_int_equal(n, strlen(tail));
	assert_true(n < 100);
	assert_memory_equal(after_time(tail), "tail: line number 199", 21);
	assert_string_equal(tail + n - strlen("line number 1999\n"), "line number 1999\n");
	/* A buffer that fits the line and its NUL exactly gets the line. */
	n = log_tail(tail, 20 + strlen("tail: line number 1999\n") + 1);
	assert_string_equal(after_time(tail), "tail: line number 1999\n");
	assert_int_equal(log_tail(tail, 1), 0);
	assert_int_equal(log_tail(tail, 0), 0);
}

static void *
log_much(void *arg)
{
	for (int i = 0; i < 100; i++) {
		log_info("thread", "%s", "all of a line");
		log_peer("thread", "%s", "all of a line");
		log_tail(arg, 2000);
	}
	return NULL;
}

static void
threads_do_not_mix_lines(void **state)
{
	static char tails[4][2000];
	pthread_t threads[4];
	char *line, *rest;

	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, log_much, tails[i]), 0);
	for (unsigned i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	log_tail(tail, 4000);
	for (line = strtok_r(tail, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest))
		assert_non_null(strstr(line, "all of a line"));
	logged();
}

static int saved_stderr;

static int
take_stderr(void **state)
{
	if (pipe(pipe_fds) != 0 || fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK) != 0)
		return -1;
	saved_stderr = dup(STDERR_FILENO);
	return dup2(pipe_fds[1], STDERR_FILENO) < 0 ? -1 : 0;
}

static int
give_stderr_back(void **state)
{
	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return 0;
}

/* Nobody reads the pipe: logging goes on, and says later how many lines were lost. */
static void
an_unread_pipe_does_not_block(void **state)
{
	static char text[1 << 20];
	unsigned n = 0, count = 0;
	size_t len = 0;
	char *line;

	log_level = LOG_LEVEL_INFO;
	(void)logged();
	for (; n < 4000; n++)
		log_info("x", "line %u of many, so long that the pipe and the ring are soon full",
			n);
	/* The lines that fit into the pipe, then the report, then the last ones, each whole. */
	while (len < sizeof(text) - 1) {
		struct pollfd p = {.fd = pipe_fds[0], .events = POLLIN};
		ssize_t got;

		text[len] = '\0';
		if (strstr(text, "line 3999 of many, so long that the pipe and the ring are soon "
				 "full\n") != NULL)
			break;
		assert_int_equal(poll(&p, 1, 60000), 1);
		got = read(pipe_fds[0], text + len, sizeof(text) - 1 - len);
		assert_true(got > 0);
		len += (size_t)got;
	}
	line = strstr(text, "log: ");
	assert_non_null(line);
	assert_int_equal(sscanf(line, "log: %u lines were lost", &count), 1);
	assert_int_equal(lines(text) - 1 + count, 4000);
	for (char *save, *l = strtok_r(text, "\n", &save); l != NULL;
		l = strtok_r(NULL, "\n", &save))
		assert_true(strncmp(l, "log: ", 5) == 0 || strlen(l) > 80);
	log_info("x", "and on");
	assert_string_equal(after_time(logged()), "x: and on\n");
}

/* Makes the pipe so full that it takes not even one more byte. */
static void
fill_pipe(void)
{
	static const char junk[4096];
	size_t n = sizeof(junk);

	assert_int_equal(fcntl(pipe_fds[1], F_SETFL, O_NONBLOCK), 0);
	while (n > 0)
		if (write(pipe_fds[1], junk, n) < 0)
			n /= 2;
}

/* If the lines that are lost end where one begins that is kept, that one is not lost. */
static void
whole_lines_are_lost_alone(void **state)
{
	enum { LINE = 64, RING = 32 * 1024, LOST = 10 };
	static char text[256 * 1024];
	size_t len = 0;
	char *at;

	log_level = LOG_LEVEL_INFO;
	(void)logged();
	log_info("x", "first");
	(void)logged();
	fill_pipe();
	for (int i = 0; i < RING / LINE + LOST; i++) /* 20 bytes are the time */
		log_info("x", "%-*d", LINE - 20 - (int)strlen("x: \n"), i);
	while (strstr(text, "x: 521 ") == NULL || text[len - 1] != '\n') {
		struct pollfd ready = {.fd = pipe_fds[0], .events = POLLIN};
		ssize_t got;

		assert_int_equal(poll(&ready, 1, 60000), 1);
		got = read(pipe_fds[0], text + len, sizeof(text) - 1 - len);
		assert_true(got > 0);
		for (const char *p = text + len, *end = p + got; p < end; p++)
			if (*p != '\0') /* leave the junk out */
				text[len++] = *p;
		text[len] = '\0';
	}
	at = strstr(text, "log: ");
	assert_non_null(at);
	assert_memory_equal(at, "log: 10 lines were lost,", 24);
	at = strchr(at, '\n') + 1;
	assert_memory_equal(after_time(at), "x: 10 ", 6);
}

/* Syslog takes the place of standard error: the descriptor of that is closed. */
static void
syslog_leaves_no_descriptor(void **state)
{
	pid_t child;
	int status;

	log_info("x", "opens the pipe again");
	child = fork();
	if (child == 0) {
		int before = folder_entries("/proc/self/fd");

		log_to_syslog("test");
		_exit(folder_entries("/proc/self/fd") == before - 1 ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	(void)logged();
}

int
main(void)
{
#define CAUGHT(f) cmocka_unit_test_setup_teardown(f, take_stderr, give_stderr_back)
	const struct CMUnitTest tests[] = {
		CAUGHT(a_line_says_when_who_and_what),
		CAUGHT(levels_above_are_dropped),
		CAUGHT(control_characters_do_not_pass),
		CAUGHT(a_long_line_is_cut),
		CAUGHT(strangers_are_let_through_slowly),
		CAUGHT(the_tail_has_the_last_whole_lines),
		CAUGHT(threads_do_not_mix_lines),
		CAUGHT(an_unread_pipe_does_not_block),
		CAUGHT(whole_lines_are_lost_alone),
		CAUGHT(syslog_leaves_no_descriptor),
	};

	clock_source_ms = fake_ms;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
