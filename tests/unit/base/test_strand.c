/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "changer/base/strand.h"

static struct strand strand;

static int
begin(void **state)
{
	return strand_init(&strand, "test strand") ? 0 : -1;
}

/* ---- one at a time, in order ----------------------------------------------------------------- */

/* The numbers that jobs wrote. It has no lock of its own: whoever holds the strand may write. */
static int seen[64];
static unsigned nseen;

struct numbered {
	struct strand_job job; /* must be the first member */
	int number;
	sem_t *done; /* the last job posts it */
	pthread_t ran_in;
};

static void
note(struct strand_job *job)
{
	struct numbered *n = (struct numbered *)job;

	seen[nseen++] = n->number;
	n->ran_in = pthread_self();
	if (n->done != NULL)
		sem_post(n->done);
}

static void
assert_seen(const int *want, unsigned n)
{
	assert_int_equal(nseen, n);
	assert_memory_equal(seen, want, n * sizeof(*want));
}

struct asking {
	struct strand_job job;
	bool mine;
};

static void
ask(struct strand_job *job)
{
	((struct asking *)job)->mine = strand_is_mine(&strand);
}

/* Checks that strand_is_mine() is true for the holder only, whether by try, enter or in a job. */
static void
it_knows_its_holder(void **state)
{
	struct asking asking = {.job.run = ask};

	assert_false(strand_is_mine(&strand));
	assert_true(strand_try(&strand));
	assert_true(strand_is_mine(&strand));
	strand_hand_over(&strand, &asking.job);
	assert_false(strand_is_mine(&strand));
	strand_enter(&strand); /* runs after the job */
	assert_true(asking.mine && strand_is_mine(&strand));
	strand_leave(&strand);
	assert_false(strand_is_mine(&strand));
	strand_fini(&strand);
}

static void
a_free_strand_is_taken_inline(void **state)
{
	assert_true(strand_try(&strand));
	assert_false(strand_try(&strand)); /* held */
	strand_leave(&strand);
	strand_enter(&strand);
	assert_false(strand_try(&strand));
	strand_leave(&strand);
	assert_true(strand_try(&strand));
	strand_leave(&strand);
	strand_fini(&strand);
}

static void
jobs_run_in_the_order_posted(void **state)
{
	struct numbered jobs[32];
	int want[32];
	sem_t done;

	nseen = 0;
	sem_init(&done, 0, 0);
	assert_true(strand_try(&strand));
	for (int i = 0; i < 32; i++) {
		jobs[i] = (struct numbered){.job.run = note, .number = i};
		want[i] = i;
		if (i == 31)
			jobs[i].done = &done;
		strand_post(&strand, &jobs[i].job);
	}
	/* No job runs while the strand is held, and strand_try() does not overtake waiting jobs. */
	assert_false(strand_try(&strand));
	assert_int_equal(nseen, 0);
	strand_leave(&strand);
	sem_wait(&done);
	strand_fini(&strand);
	assert_seen(want, 32);
	for (int i = 0; i < 32; i++) {
		assert_false(pthread_equal(jobs[i].ran_in, pthread_self()));
		assert_true(pthread_equal(jobs[i].ran_in, jobs[0].ran_in));
	}
	sem_destroy(&done);
}

static void
a_job_handed_over_goes_first(void **state)
{
	struct numbered waiting[2] = {
		{.job.run = note, .number = 2}, {.job.run = note, .number = 3}};
	struct numbered mine = {.job.run = note, .number = 1};

	nseen = 0;
	assert_true(strand_try(&strand));
	strand_post(&strand, &waiting[0].job);
	strand_post(&strand, &waiting[1].job);
	strand_hand_over(&strand, &mine.job);
	strand_fini(&strand); /* runs the queued jobs */
	assert_seen((int[]){1, 2, 3}, 3);
}

static void
a_job_handed_over_with_nobody_waiting(void **state)
{
	struct numbered mine = {.job.run = note, .number = 7};

	nseen = 0;
	strand_enter(&strand);
	strand_hand_over(&strand, &mine.job);
	strand_enter(&strand); /* runs after the queued job */
	assert_seen((int[]){7}, 1);
	strand_leave(&strand);
	strand_fini(&strand);
}

/* Waits until `want` jobs are in the strand's queue. */
static void
await_queued(unsigned want)
{
	for (;;) {
		struct strand_job *job;
		unsigned n = 0;

		pthread_mutex_lock(&strand.lock);
		TAILQ_FOREACH(job, &strand.queue, link)
		n++;
		pthread_mutex_unlock(&strand.lock);
		if (n == want)
			return;
		sched_yield();
	}
}

static void *
enter_and_note(void *arg)
{
	strand_enter(&strand);
	seen[nseen++] = *(int *)arg;
	strand_leave(&strand);
	return NULL;
}

static void
threads_and_jobs_share_one_queue(void **state)
{
	struct numbered jobs[2] = {{.job.run = note, .number = 1}, {.job.run = note, .number = 3}};
	int numbers[2] = {2, 4};
	pthread_t threads[2];

	nseen = 0;
	strand_enter(&strand);
	for (unsigned i = 0; i < 2; i++) {
		strand_post(&strand, &jobs[i].job);
		assert_int_equal(pthread_create(&threads[i], NULL, enter_and_note, &numbers[i]), 0);
		await_queued(2 * i + 2);
	}
	strand_leave(&strand);
	for (unsigned i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	strand_fini(&strand);
	assert_seen((int[]){1, 2, 3, 4}, 4);
}

/* A job that posts itself again: the strand must not use a job's memory once the job runs. */
static void
repost(struct strand_job *job)
{
	struct numbered *n = (struct numbered *)job;

	seen[nseen++] = n->number;
	if (--n->number > 0)
		strand_post(&strand, job);
}

static void
a_job_may_post_itself_again(void **state)
{
	struct numbered job = {.job.run = repost, .number = 3};
	unsigned seen_now;

	nseen = 0;
	strand_post(&strand, &job.job);
	do {
		strand_enter(&strand);
		seen_now = nseen;
		strand_leave(&strand);
	} while (seen_now < 3);
	strand_fini(&strand);
	assert_seen((int[]){3, 2, 1}, 3);
}

static void
a_long_name_is_cut(void **state)
{
	struct strand other;
	struct numbered job = {.job.run = note};
	char name[16] = "";

	nseen = 0;
	assert_true(strand_init(&other, "a name that is longer than 15 bytes"));
	strand_post(&other, &job.job);
	assert_int_equal(pthread_getname_np(other.thread, name, sizeof(name)), 0);
	assert_string_equal(name, "a name that is ");
	strand_fini(&other);
	strand_fini(&strand);
}

/* ---- a system that refuses threads ------------------------------------------------------------ */

/* Returns how many bytes of memory are mapped. */
static rlim_t
mapped(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%lu", &pages), 1);
	fclose(f);
	return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void
a_strand_needs_no_thread_later(void **state)
{
	struct rlimit limit, old;
	struct strand other;
	sem_t done;
	struct numbered n = {.job.run = note, .number = 1, .done = &done};
	bool started;

	sem_init(&done, 0, 0);
	nseen = 0;
	assert_int_equal(getrlimit(RLIMIT_AS, &old), 0);
	limit = old;
	limit.rlim_cur = mapped() + (1 << 20); /* less than the stack of a thread */
	assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
	started = strand_init(&other, "refused");
	strand_post(&strand, &n.job);
	sem_wait(&done);
	assert_int_equal(setrlimit(RLIMIT_AS, &old), 0);
	strand_fini(&other);
	assert_false(started);
	assert_seen((const int[]){1}, 1);
	strand_fini(&strand);
	sem_destroy(&done);
}

/* ---- many threads ---------------------------------------------------------------------------- */

enum { THREADS = 8, TURNS = 400 };

/* Plain variables: if two threads held the strand at once, the sums would be wrong and TSan would report a
 * race. */
static uint64_t count, in_strand;
static atomic_uint tries;

static void
use_strand(void)
{
	assert_int_equal(in_strand, 0);
	in_strand++;
	count++;
	in_strand--;
}

struct counted {
	struct strand_job job; /* must be the first member */
	sem_t done;
};

static void
use_and_tell(struct strand_job *job)
{
	use_strand();
	sem_post(&((struct counted *)job)->done);
}

static void *
take_turns(void *arg)
{
	unsigned dice = *(unsigned *)arg;
	struct counted mine = {.job.run = use_and_tell};

	sem_init(&mine.done, 0, 0);
	for (int i = 0; i < TURNS; i++) {
		dice = dice * 1664525u + 1013904223u;
		switch (dice >> 30) {
		case 0:
			strand_post(&strand, &mine.job);
			sem_wait(&mine.done);
			break;
		case 1:
			strand_enter(&strand);
			use_strand();
			strand_leave(&strand);
			break;
		case 2:
			strand_enter(&strand);
			use_strand();
			count--;
			strand_hand_over(&strand, &mine.job);
			sem_wait(&mine.done);
			break;
		default:
			/* As a connection does: runs inline if the strand is free, else on the strand's
			 * thread. */
			if (strand_try(&strand)) {
				atomic_fetch_add(&tries, 1);
				use_strand();
				strand_leave(&strand);
			} else {
				strand_post(&strand, &mine.job);
				sem_wait(&mine.done);
			}
		}
	}
	sem_destroy(&mine.done);
	return NULL;
}

static void
many_threads_take_turns(void **state)
{
	pthread_t threads[THREADS];
	unsigned seeds[THREADS];

	count = 0;
	for (unsigned i = 0; i < THREADS; i++) {
		seeds[i] = 12345 * (i + 1);
		assert_int_equal(pthread_create(&threads[i], NULL, take_turns, &seeds[i]), 0);
	}
	for (unsigned i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(count, THREADS * TURNS);
	/* The last job may not have returned yet. strand_enter() waits for it. */
	strand_enter(&strand);
	assert_true(TAILQ_EMPTY(&strand.queue));
	strand_leave(&strand);
	strand_fini(&strand);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: a thread that has ended leaves its stack for another one. */
		cmocka_unit_test_setup(a_strand_needs_no_thread_later, begin),
		cmocka_unit_test_setup(it_knows_its_holder, begin),
		cmocka_unit_test_setup(a_free_strand_is_taken_inline, begin),
		cmocka_unit_test_setup(jobs_run_in_the_order_posted, begin),
		cmocka_unit_test_setup(a_job_handed_over_goes_first, begin),
		cmocka_unit_test_setup(a_job_handed_over_with_nobody_waiting, begin),
		cmocka_unit_test_setup(threads_and_jobs_share_one_queue, begin),
		cmocka_unit_test_setup(a_job_may_post_itself_again, begin),
		cmocka_unit_test_setup(a_long_name_is_cut, begin),
		cmocka_unit_test_setup(many_threads_take_turns, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
