/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "fsctl/helpers/channel.h"

enum { LONG_MS = 60000 };

static int other; /* the helper's end of the pair; the test answers there */

static void
open_pair(struct channel *c)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	channel_init(c, pair[0]);
	other = pair[1];
}

static void
close_pair(struct channel *c)
{
	channel_close(c);
	close(other);
}

static uint32_t
take_question(const char *expected)
{
	char text[64];
	uint32_t id;
	ssize_t n = channel_receive(other, &id, text, sizeof(text));

	assert_int_equal(n, strlen(expected));
	assert_memory_equal(text, expected, strlen(expected));
	return id;
}

static void
test_late_answers_are_dropped(void **state)
{
	struct channel c;
	char answer[3];
	uint32_t first;

	open_pair(&c);
	/* Nobody answers. A second question is not sent while the first one is open. */
	assert_int_equal(channel_call(&c, "one", 3, answer, 3, NULL, clock_ms()), CHANNEL_LATE);
	assert_int_equal(channel_call(&c, "two", 3, answer, 3, NULL, clock_ms()), CHANNEL_LATE);
	first = take_question("one");
	channel_answer(other, first, "1st", 3, -1);
	assert_int_equal(channel_call(&c, "three", 5, answer, 3, NULL, clock_ms()), CHANNEL_LATE);
	channel_answer(other, take_question("three"), "3rd", 3, -1);
	/* A late answer to "three" is not taken as the answer to "four". */
	assert_int_equal(channel_call(&c, "four", 4, answer, 3, NULL, clock_ms()), CHANNEL_LATE);
	channel_answer(other, take_question("four") + 100, "5th", 3, -1);
	assert_int_equal(channel_call(&c, "five", 4, answer, 3, NULL, clock_ms()), CHANNEL_LATE);
	assert_int_equal(c.awaiting, 1);
	close_pair(&c);
}

static void
test_answers_and_descriptors(void **state)
{
	struct channel c;
	char answer[3];
	int fds[2], got = 0;

	open_pair(&c);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	/* The answers are sent before the questions: ids begin with 1. */
	channel_answer(other, 1, "1st", 3, fds[1]);
	channel_answer(other, 2, "2nd", 3, fds[1]);
	channel_answer(other, 3, "3rd", 3, -1);
	close(fds[1]);
	assert_int_equal(
		channel_call(&c, "one", 3, answer, 3, &got, clock_ms() + LONG_MS), CHANNEL_OK);
	assert_memory_equal(answer, "1st", 3);
	assert_true(got >= 0);
	assert_int_equal(write(got, "x", 1), 1);
	assert_true(fcntl(got, F_GETFD) & FD_CLOEXEC);
	close(got);
	/* A descriptor that the caller does not want is closed: then the pipe has no writer. */
	assert_int_equal(
		channel_call(&c, "two", 3, answer, 3, NULL, clock_ms() + LONG_MS), CHANNEL_OK);
	assert_int_equal(read(fds[0], answer, 3), 1);
	assert_int_equal(read(fds[0], answer, 3), 0);
	assert_int_equal(
		channel_call(&c, "three", 5, answer, 3, &got, clock_ms() + LONG_MS), CHANNEL_OK);
	assert_memory_equal(answer, "3rd", 3);
	assert_int_equal(got, -1);
	close(fds[0]);
	close_pair(&c);
}

static void
test_the_other_side_goes(void **state)
{
	struct channel c;
	char answer[3];

	open_pair(&c);
	channel_answer(other, 1, "too long", 8, -1);
	assert_int_equal(
		channel_call(&c, "one", 3, answer, 3, NULL, clock_ms() + LONG_MS), CHANNEL_GONE);
	assert_int_equal(c.sock, -1);
	close_pair(&c);

	open_pair(&c);
	assert_int_equal(channel_call(&c, "one", 3, answer, 3, NULL, clock_ms()), CHANNEL_LATE);
	take_question("one");
	shutdown(other, SHUT_RDWR);
	assert_int_equal(
		channel_call(&c, "two", 3, answer, 3, NULL, clock_ms() + LONG_MS), CHANNEL_GONE);
	assert_int_equal(
		channel_call(&c, "two", 3, answer, 3, NULL, clock_ms() + LONG_MS), CHANNEL_GONE);
	close_pair(&c);
}

static void
test_the_daemon_goes(void **state)
{
	struct channel c;
	char text[8];
	uint32_t id;

	open_pair(&c);
	channel_close(&c);
	channel_answer(other, 1, "x", 1, -1); /* fails, but does not raise SIGPIPE */
	assert_int_equal(channel_receive(other, &id, text, sizeof(text)), -1);
	close(other);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_late_answers_are_dropped),
		cmocka_unit_test(test_answers_and_descriptors),
		cmocka_unit_test(test_the_other_side_goes),
		cmocka_unit_test(test_the_daemon_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
