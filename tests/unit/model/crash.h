/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kill -9 at every step. A child does one thing and dies before its n-th step that changes the store, for n =
 * 1, 2, ... until it ends by itself. After each run the store is opened again and checked: nothing that was
 * acknowledged may be lost.
 */
#ifndef TESTS_UNIT_MODEL_CRASH_H
#define TESTS_UNIT_MODEL_CRASH_H

#include "tests/unit/model/fixture.h"

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "changer/store/store.h"

/* In memory that parent and child share. */
static struct progress {
	_Atomic int left; /* steps that the child may still do */
	int acknowledged; /* done() calls of the child */
} * progress;

static void
die_at_step(const char *what, const char *path)
{
	(void)what;
	(void)path;
	if (progress->left-- == 0)
		kill(getpid(), SIGKILL);
}

struct scenario {
	void (*prepare)(struct fixture *fx);
	void (*act)(struct fixture *fx);
	/* Checks the store after the crash. `acknowledged` is the number of done() calls before it. */
	void (*check)(struct fixture *fx, int acknowledged);
};

static void UNUSED_OK
done(void)
{
	progress->acknowledged++;
}

static bool
run_child(struct fixture *fx, const struct scenario *s, int steps)
{
	int status;
	pid_t pid;

	progress->left = steps;
	progress->acknowledged = 0;
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		open_store(fx, 0, 0, 0);
		store_step_hook = die_at_step;
		s->act(fx);
		store_step_hook = NULL;
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFSIGNALED(status))
		assert_int_equal(WTERMSIG(status), SIGKILL);
	else
		assert_int_equal(WEXITSTATUS(status), 0);
	return WIFSIGNALED(status);
}

static void UNUSED_OK
run_scenario(const struct scenario *s)
{
	bool died = true;
	int n;

	for (n = 0; died; n++) {
		void *state = NULL;
		struct fixture *fx;

		if (setup(&state) != 0 || state == NULL)
			abort();
		fx = state;
		s->prepare(fx);
		jb_close(fx->jb);
		fx->jb = NULL;
		died = run_child(fx, s, n);
		open_store(fx, 0, 0, 0);
		s->check(fx, progress->acknowledged);
		/* A second start must find the same: recovery and cleaning up are final. */
		reopen(fx);
		s->check(fx, progress->acknowledged);
		jb_close(fx->jb);
		fx->jb = NULL;
		assert_int_equal(entries(fx, "incoming"), 0);
		assert_int_equal(teardown(&state), 0);
		assert_true(n < 200);
	}
	/* The child did go through steps. */
	assert_true(n > 2);
}

static int
share_progress(void **state)
{
	folders_in_memory(state);
	progress = mmap(
		NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return progress == MAP_FAILED ? -1 : 0;
}

#endif
