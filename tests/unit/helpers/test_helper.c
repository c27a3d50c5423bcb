/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Helper processes, with the mover as the example. The mover works on an ordinary folder here; inotify
 * reports its changes as it would on the mount.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "fsctl/helpers/kinds.h"
#include "fsctl/helpers/mover.h"
#include "tests/unit/folder.h"

enum { LONG_MS = 60000 };

static char dir[64];
static dev_t dev;

static void
make_file(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	close(fd);
}

static bool
exists(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return access(path, F_OK) == 0;
}

static int
setup(void **state)
{
	struct stat st;

	if (folder_make(dir, sizeof(dir)) != 0 || stat(dir, &st) != 0)
		return -1;
	dev = st.st_dev;
	return 0;
}

static int
teardown(void **state)
{

	return folder_remove(dir);
}

/* Asks the mover for one action. Returns the channel's result; *error is the errno that the mover
 * answered. */
static enum channel_result
ask(struct helper *h, enum mover_action action, const char *path, const char *to, int *error,
	uint64_t ms)
{
	struct mover_question q;
	struct mover_answer a = {.error = -1};
	enum channel_result r;

	memset(&q, 0, sizeof(q));
	q.action = action;
	q.dev = dev;
	snprintf(q.mount, sizeof(q.mount), "%s", dir);
	snprintf(q.path, sizeof(q.path), "%s", path);
	snprintf(q.to, sizeof(q.to), "%s", to);
	r = helper_call(h, &q, sizeof(q), &a, sizeof(a), NULL, clock_ms() + ms);
	*error = a.error;
	return r;
}

static void
test_a_helper_has_nothing_of_the_daemon(void **state)
{
	struct nursery *n = nursery_start(helper_kinds);
	char path[64], text[64];
	struct helper h;
	ssize_t len;
	int error;

	assert_non_null(n);
	make_file("kept-open"); /* opened later, so a helper must not inherit it */
	helper_init(&h, n, &mover_kind);
	assert_false(helper_is(&h, 0));
	make_file("a");
	assert_int_equal(ask(&h, MOVER_RENAME, "a", "b", &error, LONG_MS), CHANNEL_OK);
	assert_int_equal(error, 0);
	assert_true(exists("b") && !exists("a"));
	assert_true(helper_is(&h, h.pid));
	assert_false(helper_is(&h, getpid()));
	snprintf(path, sizeof(path), "/proc/%d/fd", (int)h.pid);
	assert_int_equal(folder_entries(path), 4);
#if !defined(__SANITIZE_THREAD__) /* ThreadSanitizer adds a thread */
	snprintf(path, sizeof(path), "/proc/%d/task", (int)h.pid);
	assert_int_equal(folder_entries(path), 1);
#endif
	snprintf(path, sizeof(path), "/proc/%d/cwd", (int)h.pid);
	len = readlink(path, text, sizeof(text));
	assert_int_equal(len, 1);
	assert_int_equal(text[0], '/');
	helper_fini(&h);
	nursery_stop(n);
}

static void
test_what_the_mover_does(void **state)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct nursery *n = nursery_start(helper_kinds);
	const struct inotify_event *e;
	uint32_t masks[16], cookies[16];
	unsigned count = 0;
	struct helper h;
	int error, watch = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	ssize_t len;

	helper_init(&h, n, &mover_kind);
	make_file("disc");
	make_file("other");
	inotify_add_watch(watch, dir, IN_ALL_EVENTS);
	assert_int_equal(ask(&h, MOVER_TOUCH, "disc", "", &error, LONG_MS), CHANNEL_OK);
	assert_int_equal(error, 0);
	assert_int_equal(ask(&h, MOVER_CLOSE, "disc", "", &error, LONG_MS), CHANNEL_OK);
	assert_int_equal(error, 0);
	assert_int_equal(ask(&h, MOVER_RENAME, "disc", "moved", &error, LONG_MS), CHANNEL_OK);
	assert_int_equal(error, 0);
	len = read(watch, events, sizeof(events));
	assert_true(len > 0);
	for (char *p = events; p < events + len; p += sizeof(*e) + e->len) {
		e = (const struct inotify_event *)(const void *)p;
		masks[count] = e->mask;
		cookies[count++] = e->cookie;
	}
	assert_int_equal(count, 6);
	assert_int_equal(masks[0], IN_MODIFY);
	assert_int_equal(masks[1], IN_OPEN);
	assert_int_equal(masks[2], IN_MODIFY);
	assert_int_equal(masks[3], IN_CLOSE_WRITE);
	assert_int_equal(masks[4], IN_MOVED_FROM);
	assert_int_equal(masks[5], IN_MOVED_TO);
	assert_int_equal(cookies[4], cookies[5]);
	close(watch);
	/* The mover does not replace an existing file, reports a missing one, and refuses another file
	 * system. */
	assert_int_equal(ask(&h, MOVER_RENAME, "moved", "other", &error, LONG_MS), CHANNEL_OK);
	assert_int_equal(error, EEXIST);
	assert_int_equal(ask(&h, MOVER_RENAME, "disc", "disc2", &error, LONG_MS), CHANNEL_OK);
	assert_int_equal(error, ENOENT);
	dev++;
	assert_int_equal(ask(&h, MOVER_RENAME, "moved", "disc2", &error, LONG_MS), CHANNEL_OK);
	assert_int_equal(error, ENODEV);
	dev--;
	assert_true(exists("moved"));
	helper_fini(&h);
	nursery_stop(n);
}

static void
test_a_killed_helper_is_replaced(void **state)
{
	struct nursery *n = nursery_start(helper_kinds);
	struct helper h;
	pid_t first;
	int error;

	helper_init(&h, n, &mover_kind);
	assert_int_equal(ask(&h, MOVER_TOUCH, "none", "", &error, LONG_MS), CHANNEL_OK);
	first = h.pid;
	kill(first, SIGKILL);
	/* A helper is not started again right after its last start. */
	while (ask(&h, MOVER_TOUCH, "none", "", &error, LONG_MS) == CHANNEL_GONE)
		usleep(10000);
	assert_int_not_equal(h.pid, first);
	assert_int_equal(error, ENOENT);
	helper_abandon(&h);
	assert_false(helper_is(&h, h.pid));
	assert_int_equal(ask(&h, MOVER_TOUCH, "none", "", &error, LONG_MS), CHANNEL_OK);
	helper_fini(&h);
	nursery_stop(n);
}

static void
test_a_stopped_helper_holds_nobody_up(void **state)
{
	struct nursery *n = nursery_start(helper_kinds);
	struct helper h;
	int error;

	helper_init(&h, n, &mover_kind);
	make_file("late");
	assert_int_equal(ask(&h, MOVER_TOUCH, "none", "", &error, LONG_MS), CHANNEL_OK);
	kill(h.pid, SIGSTOP);
	assert_int_equal(ask(&h, MOVER_RENAME, "late", "done", &error, 50), CHANNEL_LATE);
	assert_int_equal(ask(&h, MOVER_RENAME, "late", "never", &error, 50), CHANNEL_LATE);
	assert_true(exists("late"));
	kill(h.pid, SIGCONT);
	/* The first question is carried out; the second one was never sent. */
	assert_int_equal(ask(&h, MOVER_TOUCH, "done", "", &error, LONG_MS), CHANNEL_OK);
	assert_int_equal(error, 0);
	assert_false(exists("late") || exists("never"));
	helper_fini(&h);
	nursery_stop(n);
}

static void
test_no_nursery(void **state)
{
	struct helper h;
	int error;

	helper_init(&h, NULL, &mover_kind);
	assert_int_equal(ask(&h, MOVER_TOUCH, "none", "", &error, LONG_MS), CHANNEL_GONE);
	assert_false(helper_is(&h, 0));
	helper_fini(&h);
	nursery_stop(NULL);
}

/* Returns the parent of a process. */
static pid_t
parent_of(pid_t pid)
{
	char path[64], text[256] = "";
	int parent = 0, fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0 && read(fd, text, sizeof(text) - 1) > 0);
	close(fd);
	assert_int_equal(sscanf(text, "%*d (%*[^)]) %*c %d", &parent), 1);
	return parent;
}

/* Returns the signals that a process blocks (proc(5), "SigBlk:"), bit N - 1 for signal N. */
static unsigned long
blocked_by(pid_t pid)
{
	char path[64], line[256];
	unsigned long set = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL && sscanf(line, "SigBlk: %lx", &set) != 1)
		continue;
	fclose(f);
	return set;
}

/* Fails unless the nursery and its helper block all signals that a terminal or an administrator sends to a foreground
 * daemon, which ends them itself. */
static void
assert_signals_blocked(pid_t nursery, pid_t helper)
{
	static const int sent[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGUSR1};

	for (size_t i = 0; i < sizeof(sent) / sizeof(sent[0]); i++)
		assert_true(blocked_by(nursery) >> (sent[i] - 1) & 1);
	assert_false(blocked_by(nursery) >> (SIGSEGV - 1) & 1);
	assert_int_equal(blocked_by(nursery), blocked_by(helper));
}

static void
test_a_killed_nursery_is_started_again(void **state)
{
	struct nursery *n = nursery_start(helper_kinds);
	char path[64], text[64];
	pid_t first, again;
	struct helper h;
	int error;

	helper_init(&h, n, &mover_kind);
	make_file("held"); /* the new nursery inherits nothing either */
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(ask(&h, MOVER_TOUCH, "none", "", &error, LONG_MS), CHANNEL_OK);
		first = parent_of(h.pid);
		assert_int_equal(parent_of(first), getpid());
		assert_signals_blocked(first, h.pid);
		kill(first, SIGKILL);
		assert_true(nursery_child_ended(h.pidfd, LONG_MS));
		while (ask(&h, MOVER_TOUCH, "none", "", &error, LONG_MS) == CHANNEL_GONE)
			usleep(10000);
		assert_int_equal(error, ENOENT);
		again = parent_of(h.pid);
		assert_int_not_equal(again, first);
		assert_int_equal(parent_of(again), getpid());
		assert_signals_blocked(again, h.pid);
		assert_int_equal(kill(again, SIGINT), 0);
		/* It closes its end of the helper's socket only behind the answer that has it. */
		snprintf(path, sizeof(path), "/proc/%d/fd", (int)again);
		while (folder_entries(path) == 5)
			usleep(1000);
		assert_int_equal(folder_entries(path), 4);
		snprintf(path, sizeof(path), "/proc/%d/cwd", (int)again);
		assert_int_equal(readlink(path, text, sizeof(text)), 1);
	}
	helper_fini(&h);
	nursery_stop(n);
	assert_int_equal(kill(again, 0), -1);
}

/* Helpers of one kind that hang take no place of another kind; and a dead one keeps its pid until its own kind has
 * another one. */
static void
test_kinds_do_not_disturb_each_other(void **state)
{
	enum { MOST = 16 };
	struct nursery *n = nursery_start(helper_kinds);
	struct nursery_child child[MOST + 1];
	struct helper h;
	pid_t mover;
	int error;

	helper_init(&h, n, &mover_kind);
	assert_int_equal(ask(&h, MOVER_TOUCH, "none", "", &error, LONG_MS), CHANNEL_OK);
	mover = h.pid;
	kill(mover, SIGKILL);
	assert_true(nursery_child_ended(h.pidfd, LONG_MS));
	for (unsigned i = 0; i < MOST; i++)
		assert_true(nursery_spawn(n, helper_kinds[1], &child[i], clock_ms() + LONG_MS));
	assert_false(nursery_spawn(n, helper_kinds[1], &child[MOST], clock_ms() + LONG_MS));
	assert_int_equal(child[MOST].sock, -1);
	assert_int_equal(kill(mover, 0), 0);
	while (ask(&h, MOVER_TOUCH, "none", "", &error, LONG_MS) == CHANNEL_GONE)
		usleep(10000);
	assert_int_equal(error, ENOENT);
	assert_int_equal(kill(mover, 0), -1);
	for (unsigned i = 0; i < MOST; i++) {
		nursery_child_kill(child[i].pidfd);
		assert_true(nursery_child_ended(child[i].pidfd, LONG_MS));
		nursery_child_close(&child[i]);
	}
	assert_true(nursery_spawn(n, helper_kinds[1], &child[0], clock_ms() + LONG_MS));
	assert_int_equal(kill(child[0].pid, 0), 0);
	nursery_child_close(&child[0]);
	helper_fini(&h);
	nursery_stop(n);
}

/* If the daemon is killed, its helpers die, even a stopped one. */
static void
test_helpers_die_with_the_daemon(void **state)
{
	int fds[2], error;
	char byte;
	pid_t daemon;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	daemon = fork();
	if (daemon == 0) {
		struct nursery *n;
		struct helper h;

		/* A helper keeps only standard error open, so this pipe stays open while the helper lives. */
		dup2(fds[1], STDERR_FILENO);
		close(fds[0]);
		close(fds[1]);
		n = nursery_start(helper_kinds);
		helper_init(&h, n, &mover_kind);
		if (n == NULL || ask(&h, MOVER_TOUCH, "none", "", &error, LONG_MS) != CHANNEL_OK)
			_exit(1);
		kill(h.pid, SIGSTOP);
		kill(getpid(), SIGKILL);
	}
	close(fds[1]);
	assert_int_equal(waitpid(daemon, &error, 0), daemon);
	assert_true(WIFSIGNALED(error));
	while (read(fds[0], &byte, 1) > 0)
		continue;
	close(fds[0]);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_helper_has_nothing_of_the_daemon),
		cmocka_unit_test(test_what_the_mover_does),
		cmocka_unit_test(test_a_killed_helper_is_replaced),
		cmocka_unit_test(test_a_stopped_helper_holds_nobody_up),
		cmocka_unit_test(test_a_killed_nursery_is_started_again),
		cmocka_unit_test(test_kinds_do_not_disturb_each_other),
		cmocka_unit_test(test_no_nursery),
		cmocka_unit_test(test_helpers_die_with_the_daemon),
	};

	if (nursery_serves(argv[0], helper_kinds))
		return 0;
	return cmocka_run_group_tests(tests, setup, teardown);
}
