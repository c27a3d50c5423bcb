/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <stdlib.h>

#include "fsctl/work.h"

enum { JOBS = 2000 };

static atomic_uint ran, at_once, ordered_at_once, ordered_worst;
static unsigned order[JOBS];

struct numbered {
	struct work_job job;
	unsigned number;
};

static void
run_any(struct work_job *job)
{
	ran++;
	free(job);
}

static void
run_ordered(struct work_job *job)
{
	struct numbered *n = (struct numbered *)job;

	if (++ordered_at_once > 1)
		ordered_worst = ordered_at_once;
	order[ran++] = n->number;
	ordered_at_once--;
	free(job);
}

static struct work_job *
new_job(unsigned number, void (*run)(struct work_job *))
{
	struct numbered *n = calloc(1, sizeof(*n));

	assert_non_null(n);
	n->job.run = run;
	n->number = number;
	return &n->job;
}

static void
test_every_job_runs_once(void **state)
{
	struct work w;

	ran = 0;
	work_init(&w);
	for (unsigned i = 0; i < JOBS; i++)
		work_post(&w, new_job(i, run_any));
	work_fini(&w);
	assert_int_equal(ran, JOBS);
}

static void
test_ordered_jobs_run_in_order_one_at_a_time(void **state)
{
	struct work w;

	ran = ordered_worst = 0;
	work_init(&w);
	for (unsigned i = 0; i < JOBS; i++)
		work_post_ordered(&w, new_job(i, run_ordered));
	work_fini(&w);
	assert_int_equal(ran, JOBS);
	assert_int_equal(ordered_worst, 0);
	for (unsigned i = 0; i < JOBS; i++)
		assert_int_equal(order[i], i);
}

/* ---- jobs that wait for each other: these end only if all of them run at the same time --------- */

static pthread_barrier_t together;

static void
run_together(struct work_job *job)
{
	at_once++;
	pthread_barrier_wait(&together);
	free(job);
}

static void
test_slow_jobs_do_not_hold_up_others(void **state)
{
	struct work w;

	pthread_barrier_init(&together, NULL, WORK_THREADS_MAX);
	at_once = 0;
	work_init(&w);
	work_post_ordered(&w, new_job(0, run_together));
	for (unsigned i = 1; i < WORK_THREADS_MAX; i++)
		work_post(&w, new_job(i, run_together));
	work_fini(&w);
	assert_int_equal(at_once, WORK_THREADS_MAX);
	pthread_barrier_destroy(&together);
}

static void
test_the_first_thread_is_there_from_the_start(void **state)
{
	struct work w;

	work_init(&w);
	assert_int_equal(w.nthreads, 1);
	work_fini(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_job_runs_once),
		cmocka_unit_test(test_ordered_jobs_run_in_order_one_at_a_time),
		cmocka_unit_test(test_slow_jobs_do_not_hold_up_others),
		cmocka_unit_test(test_the_first_thread_is_there_from_the_start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
