/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dispatch of commands: look-up by LUN and opcode, order of refusals, threads, replies. */
#include "tests/unit/scsi/dummy.h"

static void
decodes_luns(void **state)
{
	static const struct {
		uint8_t lun[8];
		int number;
	} rows[] = {
		{{0, 0}, 0}, {{0, 5}, 5}, {{0, 255}, 255}, {{0x40, 7}, 7}, /* flat */
		{{0x41, 0x02}, 0x102},					   /* flat, 14 bits */
		{{0x01, 5}, -1},					   /* another bus */
		{{0x80, 5}, -1},		/* logical unit addressing */
		{{0xc1, 0x01}, -1},		/* well-known */
		{{0, 5, 0, 1}, -1},		/* a second level */
		{{0, 5, 0, 0, 0, 0, 0, 1}, -1}, /* a fourth level */
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(scsi_lun_decode(rows[i].lun), rows[i].number);
}

static void
answers_for_a_lun_without_unit(void **state)
{
	struct fixture *f = *state;
	static const uint8_t luns[][8] = {{0, 4}, {0, 200}, {0x7f, 0xff}, {0xc1, 0x01}};

	for (unsigned i = 0; i < 4; i++) {
		memcpy(f->a.lun, luns[i], 8);
		run_cdb(&f->a, NULL, 0, 0x12, 0, 0, 0, 36, 0); /* SPC-4 6.4.1 */
		run_assert_good(&f->a);
		assert_int_equal(f->a.len, 36);
		assert_int_equal(f->a.data[0], 0x7f);
		run_cdb(&f->a, NULL, 0, 0x12, 1, 0x80, 0, 36, 0);
		run_assert_sense(&f->a, 5, 0x25, 0);
		run_cdb(&f->a, NULL, 0, 0x03, 0, 0, 0, 18, 0);
		run_assert_good(&f->a);
		assert_int_equal(f->a.data[2], 0x05);
		assert_int_equal(f->a.data[12], 0x25);
		run_cdb(&f->a, NULL, 0, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 32);
		run_assert_good(&f->a);
		assert_int_equal(get_be32(f->a.data), 8);
		assert_int_equal(get_be16(f->a.data + 8), 3);
		run_cdb(&f->a, NULL, 0, 0x00);
		run_assert_sense(&f->a, 5, 0x25, 0);
		run_cdb(&f->a, NULL, 0, 0xff);
		run_assert_sense(&f->a, 5, 0x25, 0);
	}
}

static void
finds_commands_and_service_actions(void **state)
{
	struct fixture *f = *state;

	run_cdb(&f->a, NULL, 0, 0xff);
	run_assert_sense(&f->a, 5, 0x20, 0);
	run_cdb(&f->a, NULL, 0, DUMMY_SERVICE, 1);
	run_assert_good(&f->a);
	assert_int_equal(f->dummy.last_service, 1);
	run_cdb(&f->a, NULL, 0, DUMMY_SERVICE, 0x60 | 3); /* with a SCSI-2 LUN field */
	run_assert_good(&f->a);
	assert_int_equal(f->dummy.last_service, 3);
	run_cdb(&f->a, NULL, 0, DUMMY_SERVICE, 2);
	run_assert_sense(&f->a, 5, 0x24, 0);
	assert_memory_equal(f->a.sense + 15, "\xc0\x00\x01", 3);
	assert_int_equal(f->dummy.ran, 2);
}

static void
reports_unit_attention_once_and_first(void **state)
{
	struct fixture *f = *state;

	run_cdb(&f->b, NULL, 0, 0x12, 0, 0, 0, 36, 0); /* keeps the unit attention */
	run_assert_good(&f->b);
	run_cdb(&f->b, NULL, 0, 0xff); /* reported before the opcode is looked up */
	run_assert_sense(&f->b, 6, 0x29, 0);
	run_cdb(&f->b, NULL, 0, 0xff);
	run_assert_sense(&f->b, 5, 0x20, 0);

	f->dummy.changes++;
	f->dummy.ready = false;
	run_cdb(&f->a, NULL, 0, DUMMY_READY);
	run_assert_sense(&f->a, 6, 0x28, 0);
	run_cdb(&f->a, NULL, 0, DUMMY_READY);
	run_assert_sense(&f->a, 2, 0x3a, 0);
	run_cdb(&f->b, NULL, 0, DUMMY_ANYTIME);
	run_assert_sense(&f->b, 6, 0x28, 0);
	assert_int_equal(f->dummy.ran, 0);
	f->dummy.ready = true;
	run_cdb(&f->a, NULL, 0, DUMMY_READY);
	run_assert_good(&f->a);
	assert_int_equal(f->dummy.ran, 1);
}

static void
refuses_naca(void **state)
{
	struct fixture *f = *state;

	run_cdb(&f->a, NULL, 0, 0x12, 0, 0, 0, 36, 0x04);
	run_assert_sense(&f->a, 5, 0x24, 0);
	assert_memory_equal(f->a.sense + 15, "\xc0\x00\x05", 3);
	run_cdb(&f->a, NULL, 0, DUMMY_NOTE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x04);
	run_assert_sense(&f->a, 5, 0x24, 0);
	run_cdb(&f->a, NULL, 0, DUMMY_NOTE, 0, 0, 0, 0, 0x04); /* not the control byte */
	run_assert_good(&f->a);
}

static void
runs_in_the_right_thread(void **state)
{
	struct fixture *f = *state;

	run_cdb(&f->a, NULL, 0, DUMMY_NOTE);
	assert_false(f->a.pended);
	assert_true(pthread_equal(f->dummy.thread, pthread_self()));
	run_cdb(&f->a, NULL, 0, DUMMY_SLOW);
	assert_true(f->a.pended);
	assert_false(pthread_equal(f->dummy.thread, pthread_self()));
	assert_int_equal(f->dummy.detached_ran, 1);
	run_cdb(&f->a, NULL, 0, DUMMY_BLOCK);
	run_assert_good(&f->a);
	assert_true(f->a.pended);
	assert_int_equal(f->dummy.detached_ran, 2);
	assert_int_equal(f->a.len, 4);
	assert_int_equal(get_be32(f->a.data), 0x01020304);
	strand_enter(&f->dummy.strand); /* the strand is free after each command */
	run_cdb(&f->a, NULL, 0, DUMMY_ANYTIME);
	assert_false(f->a.pended);
	strand_leave(&f->dummy.strand);
	assert_int_equal(f->dummy.ran, 4);
}

/* A command that pends. It has its own ops, because run_cdb() would wait for the result. */
struct late {
	struct scsi_task task;
	atomic_bool done;
	uint8_t buf[SCSI_IN_MIN];
};

static void
late_detach(struct scsi_task *task)
{
}

static void
late_done(struct scsi_task *task)
{
	((struct late *)(void *)task)->done = true;
}

static const struct scsi_task_ops late_ops = {.detach = late_detach, .done = late_done};

static enum scsi_submit
late_submit(struct late *l, struct fixture *f, struct scsi_nexus *nexus, uint8_t opcode)
{
	memset(&l->task, 0, sizeof(l->task));
	l->done = false;
	l->task.ops = &late_ops;
	l->task.nexus = nexus;
	l->task.lun[1] = 3;
	l->task.cdb[0] = opcode;
	wbuf_init(&l->task.in, l->buf, sizeof(l->buf));
	return scsi_task_submit(&l->task);
}

/* Commands for a busy mechanism run in the order in which they came. Unit attentions and readiness are
 * checked when each of them runs. */
static void
queues_behind_a_busy_mechanism(void **state)
{
	struct fixture *f = *state;
	struct late *l = calloc(3, sizeof(*l));

	assert_non_null(l);
	assert_true(strand_try(&f->dummy.strand));
	assert_int_equal(late_submit(&l[0], f, f->nexus_a, DUMMY_NOTE), SCSI_PENDING);
	assert_int_equal(late_submit(&l[1], f, f->nexus_a, DUMMY_READY), SCSI_PENDING);
	assert_int_equal(late_submit(&l[2], f, f->nexus_a, DUMMY_READY), SCSI_PENDING);
	f->dummy.changes++;
	f->dummy.ready = false;
	assert_false(l[0].done);
	strand_leave(&f->dummy.strand);
	while (!l[0].done || !l[1].done || !l[2].done)
		usleep(1000);
	assert_int_equal(l[0].task.status, SCSI_CHECK_CONDITION);
	assert_int_equal(l[0].task.sense[12], 0x28);
	assert_int_equal(l[1].task.sense[12], 0x3a);
	assert_int_equal(l[2].task.sense[12], 0x3a);
	assert_int_equal(f->dummy.ran, 0);
	free(l);
}

static void
gives_replies_of_any_size(void **state)
{
	struct fixture *f = *state;

	run_cdb(&f->a, NULL, 0, DUMMY_BIG, 0, 0, 0, 0x80, 0x00);
	assert_int_equal(f->a.len, SCSI_IN_MIN);
	assert_null(f->a.task.big);
	run_cdb(&f->a, NULL, 0, DUMMY_BIG, 0, 0, 0x10, 0x00, 0x01);
	assert_int_equal(f->a.len, 0x100001);
	assert_non_null(f->a.task.big);
	assert_int_equal(f->a.data[0xfffff], 0xff);
}

static void
builds_sense(void **state)
{
	struct scsi_task task;

	memset(&task, 0xff, sizeof(task));
	task_sense(&task, 4, 0x44, 0x01);
	assert_int_equal(task.status, SCSI_CHECK_CONDITION);
	assert_int_equal(task.in_len, 0);
	assert_memory_equal(task.sense, "\x70\0\x04\0\0\0\0\x0a\0\0\0\0\x44\x01\0\0\0\0", 18);
	task_sense_information(&task, 3, 0x11, 0x00, 0x12345678);
	assert_memory_equal(task.sense, "\xf0\0\x03\x12\x34\x56\x78\x0a\0\0\0\0\x11\0\0\0\0\0", 18);
	task_invalid_field(&task, false, 0x0102);
	assert_memory_equal(task.sense, "\x70\0\x05\0\0\0\0\x0a\0\0\0\0\x26\0\0\x80\x01\x02", 18);
}

static void
requests_sense_in_both_formats(void **state)
{
	struct fixture *f = *state;

	run_cdb(&f->b, NULL, 0, 0x03, 0x01, 0, 0, 252, 0);
	run_assert_good(&f->b);
	assert_int_equal(f->b.len, 8);
	assert_memory_equal(f->b.data, "\x72\x06\x29\0\0\0\0\0", 8);
	run_cdb(&f->b, NULL, 0, 0x03, 0, 0, 0, 252, 0); /* it was reported before */
	assert_int_equal(f->b.len, 18);
	assert_memory_equal(f->b.data, "\x70\0\0\0\0\0\0\x0a\0\0\0\0\0\0\0\0\0\0", 18);
	f->dummy.changes++;
	run_cdb(&f->b, NULL, 0, 0x03, 0, 0, 0, 14, 0);
	assert_int_equal(f->b.len, 14);
	assert_memory_equal(f->b.data, "\x70\0\x06\0\0\0\0\x0a\0\0\0\0\x28\0", 14);
	run_cdb(&f->b, NULL, 0, 0x00);
	run_assert_good(&f->b);
}

static uint64_t
times(const struct scsi_lu *lu, uint8_t opcode)
{
	uint64_t n = 0;

	for (size_t i = 0; i < lu->type->ncmds; i++)
		if (lu->type->cmds[i].opcode == opcode)
			n += lu->stats.commands[i];
	return n;
}

/* Every command and its end are counted once, on any thread. */
static void
counts_commands_and_their_ends(void **state)
{
	struct fixture *f = *state;
	const struct scsi_stats *s = &f->dummy.lu.stats;
	uint64_t attentions = s->sense[6], in = s->bytes_in;
	const uint8_t list[] = {0, 0, 0, 0, 0x01, 2, 0x07, 0x55};

	for (unsigned i = 0; i < 2; i++) {
		run_cdb(&f->a, NULL, 0, DUMMY_NOTE);
		run_cdb(&f->a, NULL, 0, DUMMY_SLOW);
		run_cdb(&f->a, NULL, 0, DUMMY_BLOCK);
		run_cdb(&f->a, NULL, 0, DUMMY_ANYTIME);
		run_cdb(&f->a, NULL, 0, DUMMY_SERVICE, 3);
	}
	assert_int_equal(times(&f->dummy.lu, DUMMY_NOTE), 2);
	assert_int_equal(times(&f->dummy.lu, DUMMY_SLOW), 2);
	assert_int_equal(times(&f->dummy.lu, DUMMY_BLOCK), 2);
	assert_int_equal(times(&f->dummy.lu, DUMMY_ANYTIME), 2);
	assert_int_equal(times(&f->dummy.lu, DUMMY_SERVICE), 2);
	assert_int_equal(s->bytes_in - in, 2 * 4); /* two DUMMY_BLOCK */
	f->dummy.ready = false;
	run_cdb(&f->a, NULL, 0, DUMMY_READY);
	assert_int_equal(s->sense[2], 1);
	run_cdb(&f->a, NULL, 0, 0xff);
	assert_int_equal(s->sense[5], 1);
	assert_int_equal(s->unknown, 1);
	assert_int_equal(s->sense[6], attentions);
	run_cdb(&f->b, NULL, 0, 0x00);
	assert_int_equal(s->sense[6], attentions + 1);
	assert_int_equal(s->bytes_out, 0);
	run_cdb(&f->a, list, sizeof(list), 0x15, 0x10, 0, 0, sizeof(list), 0);
	run_assert_good(&f->a);
	assert_int_equal(s->bytes_out, sizeof(list));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes_luns),
		cmocka_unit_test(builds_sense),
		TEST(answers_for_a_lun_without_unit),
		TEST(finds_commands_and_service_actions),
		TEST(reports_unit_attention_once_and_first),
		TEST(refuses_naca),
		TEST(runs_in_the_right_thread),
		TEST(queues_behind_a_busy_mechanism),
		TEST(gives_replies_of_any_size),
		TEST(requests_sense_in_both_formats),
		TEST(counts_commands_and_their_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
