/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Task management.
 */
#include "tests/unit/iscsi/peer.h"

static struct peer p;
static const uint8_t slow[16] = {0xc0};

static uint32_t
send_tmf(uint8_t function, uint8_t lun, uint32_t referenced)
{
	uint8_t bhs[BHS_LEN];

	peer_header(&p, bhs, OP_TMF_REQUEST | BHS_IMMEDIATE, BHS_FINAL | function);
	bhs[BHS_LUN + 1] = lun;
	put_be32(bhs + TMF_REFERENCED_TAG, referenced);
	put_be32(bhs + BHS_CMD_SN, p.cmd_sn);
	peer_send(&p, bhs, NULL, 0);
	return p.itt;
}

static void
expect_tmf(uint32_t itt, uint8_t response)
{
	peer_expect(&p, OP_TMF_RESPONSE);
	assert_int_equal(get_be32(p.bhs + BHS_ITT), itt);
	assert_int_equal(p.bhs[TMF_RESPONSE], response);
}

/* Checks that no other answer has arrived: a NOP is answered next. */
static void
assert_quiet(void)
{
	uint8_t bhs[BHS_LEN];

	peer_header(&p, bhs, OP_NOP_OUT | BHS_IMMEDIATE, BHS_FINAL);
	put_be32(bhs + BHS_CMD_SN, p.cmd_sn);
	peer_send(&p, bhs, NULL, 0);
	peer_expect(&p, OP_NOP_IN);
	assert_int_equal(get_be32(p.bhs + BHS_ITT), p.itt);
}

/* Checks that the window is fully open, so no task is left. */
static void
assert_window_open(void)
{
	assert_quiet();
	assert_int_equal(get_be32(p.bhs + BHS_EXP_CMD_SN), p.cmd_sn);
	assert_int_equal(get_be32(p.bhs + BHS_MAX_CMD_SN), p.cmd_sn + COMMAND_WINDOW - 1);
}

static void
test_functions_without_tasks(void **state)
{
	static const struct {
		uint8_t function, lun, response;
	} rows[] = {
		{TMF_ABORT_TASK, 0, TMF_NO_TASK},
		{TMF_ABORT_TASK_SET, 0, TMF_COMPLETE},
		{TMF_ABORT_TASK_SET, 9, TMF_NO_LUN},
		{TMF_CLEAR_ACA, 0, TMF_NOT_SUPPORTED},
		{TMF_CLEAR_TASK_SET, 1, TMF_COMPLETE},
		{TMF_LUN_RESET, 9, TMF_NO_LUN},
		{TMF_TARGET_COLD_RESET, 0, TMF_NOT_SUPPORTED},
		{TMF_TASK_REASSIGN, 0, TMF_NO_REASSIGN},
		{0, 0, TMF_REJECTED},
		{9, 0, TMF_REJECTED},
		{127, 0, TMF_REJECTED},
	};

	peer_session(&p, KEYS(""));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_tmf(send_tmf(rows[i].function, rows[i].lun, 0x777), rows[i].response);
	assert_window_open();
	peer_close(&p);
}

/* ABORT TASK of a task on another thread: the answer comes when the task has ended. The task itself gets
 * no answer. */
static void
test_abort_pending(void **state)
{
	uint32_t task, tmf;

	peer_session(&p, KEYS(""));
	peer_command(&p, READS, 0, DUMMY_BLOCK, slow, NULL, 0);
	task = p.itt;
	tmf = send_tmf(TMF_ABORT_TASK, 0, task);
	assert_quiet();
	sem_post(&dummy.gate);
	expect_tmf(tmf, TMF_COMPLETE);
	expect_tmf(send_tmf(TMF_ABORT_TASK, 0, task), TMF_NO_TASK);
	assert_window_open();
	peer_close(&p);
}

/* ABORT TASK of a write that waits for data: it ends at once, and data that still comes is discarded. */
static void
test_abort_waiting(void **state)
{
	uint8_t cdb[16], bhs[BHS_LEN], data[DUMMY_BLOCK] = {0};
	int writes = atomic_load(&dummy.writes);
	uint32_t task;
	struct outcome o;

	peer_session(&p, KEYS("ImmediateData=No"));
	cdb_rw10(cdb, 0x2a, 0, 1);
	peer_command(&p, WRITES, 0, DUMMY_BLOCK, cdb, NULL, 0);
	task = p.itt;
	peer_expect(&p, OP_R2T);
	expect_tmf(send_tmf(TMF_ABORT_TASK, 0, task), TMF_COMPLETE);
	memset(bhs, 0, sizeof(bhs));
	bhs[BHS_OPCODE] = OP_DATA_OUT;
	bhs[BHS_FLAGS] = BHS_FINAL;
	put_be32(bhs + BHS_ITT, task);
	memcpy(bhs + BHS_TTT, p.bhs + BHS_TTT, 4);
	peer_send(&p, bhs, data, sizeof(data));
	assert_window_open();
	assert_int_equal(atomic_load(&dummy.writes), writes);
	/* A later command of the unit does not wait for the aborted one. */
	cdb_rw10(cdb, 0x28, 0, 1);
	o = peer_run(&p, READS, 0, DUMMY_BLOCK, cdb, NULL, 0);
	assert_int_equal(o.status, SCSI_GOOD);
	free(o.data);
	peer_close(&p);
}

/* ABORT TASK SET ends running and waiting tasks of one unit and none of the other unit. */
static void
test_abort_set(void **state)
{
	uint32_t other, tmf;
	uint8_t cdb[16];

	peer_session(&p, KEYS("ImmediateData=No"));
	peer_command(&p, READS, 1, DUMMY_BLOCK, slow, NULL, 0);
	other = p.itt;
	for (int i = 0; i < 3; i++)
		peer_command(&p, READS, 0, DUMMY_BLOCK, slow, NULL, 0);
	cdb_rw10(cdb, 0x2a, 0, 1);
	peer_command(&p, WRITES, 0, DUMMY_BLOCK, cdb, NULL, 0);
	peer_expect(&p, OP_R2T);
	cdb_rw10(cdb, 0x28, 0, 1);
	peer_command(&p, READS, 0, DUMMY_BLOCK, cdb, NULL, 0);
	tmf = send_tmf(TMF_ABORT_TASK_SET, 0, 0);
	assert_quiet();
	for (int i = 0; i < 4; i++)
		sem_post(&dummy.gate);
	for (int i = 0; i < 2; i++) { /* in any order */
		assert_true(peer_recv(&p));
		if (p.bhs[BHS_OPCODE] == OP_TMF_RESPONSE)
			assert_int_equal(get_be32(p.bhs + BHS_ITT), tmf);
		else
			assert_int_equal(get_be32(p.bhs + BHS_ITT), other);
	}
	assert_window_open();
	peer_close(&p);
}

/* After a LUN reset both sessions get a unit attention. A command that is sent after the reset runs after
 * it. */
static void
test_lun_reset(void **state)
{
	static struct peer q;
	int resets = atomic_load(&dummy.resets);
	static const uint8_t test_unit_ready[16];
	uint32_t tmf;

	peer_session(&p, KEYS(""));
	peer_connect(&q);
	q.isid = 2;
	assert_int_equal(
		peer_login_step(&q, LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES)), LOGIN_SUCCESS);
	peer_ready(&q, 0);
	peer_ready(&q, 1);
	peer_command(&p, READS, 0, DUMMY_BLOCK, slow, NULL, 0);
	tmf = send_tmf(TMF_LUN_RESET, 0, 0);
	peer_command(&p, NO_DATA, 0, 0, test_unit_ready, NULL, 0);
	assert_quiet();
	sem_post(&dummy.gate);
	expect_tmf(tmf, TMF_COMPLETE);
	peer_expect(&p, OP_SCSI_RESPONSE);
	assert_int_equal(p.bhs[RESPONSE_STATUS], SCSI_CHECK_CONDITION);
	assert_int_equal(p.data[2 + 12], 0x29);
	peer_ready(&q, 0);
	peer_command(&q, NO_DATA, 1, 0, test_unit_ready, NULL, 0);
	peer_expect(&q, OP_SCSI_RESPONSE);
	assert_int_equal(q.bhs[RESPONSE_STATUS], SCSI_GOOD);
	assert_int_equal(atomic_load(&dummy.resets), resets + 1);
	peer_close(&q);
	peer_close(&p);
}

/* Receives the answer of a command of another session, including its data-in. Returns the status. */
static uint8_t
next_status(struct peer *q, uint32_t itt)
{
	struct outcome o = peer_gather(q, itt, DUMMY_BLOCK);

	free(o.data);
	return o.status;
}

/*
 * Checks what a function does to the tasks of another session. The running task completes. A task that waits
 * for its turn, one that waits for its data and one behind these end with TASK ABORTED and do not run. Tasks
 * of the other unit do not end.
 */
static void
ends_tasks_of_others(uint8_t function, bool resets)
{
	static struct peer q;
	static const uint8_t test_unit_ready[16];
	uint8_t cdb[16], bhs[BHS_LEN], data[DUMMY_BLOCK] = {0}, ttt[4];
	int writes = atomic_load(&dummy.writes), begun = atomic_load(&dummy.slow);
	uint32_t first;

	peer_session(&p, KEYS(""));
	peer_connect(&q);
	q.isid = 2;
	assert_int_equal(
		peer_login_step(&q, LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES "ImmediateData=No")),
		LOGIN_SUCCESS);
	peer_ready(&q, 0);
	peer_ready(&q, 1);
	first = q.itt + 1;
	peer_command(&q, READS, 0, DUMMY_BLOCK, slow, NULL, 0);
	peer_command(&q, READS, 0, DUMMY_BLOCK, slow, NULL, 0);
	cdb_rw10(cdb, 0x2a, 0, 1);
	peer_command(&q, WRITES, 0, DUMMY_BLOCK, cdb, NULL, 0);
	peer_expect(&q, OP_R2T);
	memcpy(ttt, q.bhs + BHS_TTT, sizeof(ttt));
	peer_command(&q, NO_DATA, 0, 0, test_unit_ready, NULL, 0);
	peer_command(&q, NO_DATA, 1, 0, test_unit_ready, NULL, 0);
	assert_int_equal(next_status(&q, first + 4), SCSI_GOOD);
	while (atomic_load(&dummy.slow) ==
		begun) /* wait: a task that has not begun would be aborted, too */
		poll(NULL, 0, 1);

	expect_tmf(send_tmf(function, 0, 0), TMF_COMPLETE);
	sem_post(&dummy.gate);
	assert_int_equal(next_status(&q, first), SCSI_GOOD);
	assert_int_equal(next_status(&q, first + 1), SCSI_TASK_ABORTED);
	memset(bhs, 0, sizeof(bhs));
	bhs[BHS_OPCODE] = OP_DATA_OUT;
	bhs[BHS_FLAGS] = BHS_FINAL;
	put_be32(bhs + BHS_ITT, first + 2);
	memcpy(bhs + BHS_TTT, ttt, sizeof(ttt));
	assert_true(peer_send(&q, bhs, data, sizeof(data)));
	assert_int_equal(next_status(&q, first + 2), SCSI_TASK_ABORTED);
	assert_int_equal(next_status(&q, first + 3), SCSI_TASK_ABORTED);
	assert_int_equal(atomic_load(&dummy.writes), writes);
	if (resets)
		peer_ready(&q, 0);
	peer_command(&q, NO_DATA, 0, 0, test_unit_ready, NULL, 0);
	assert_int_equal(next_status(&q, q.itt), SCSI_GOOD);
	peer_close(&q);
	peer_close(&p);
}

static void
test_lun_reset_of_others(void **state)
{
	ends_tasks_of_others(TMF_LUN_RESET, true);
}

static void
test_target_reset_of_others(void **state)
{
	ends_tasks_of_others(TMF_TARGET_WARM_RESET, true);
}

/* TASK ABORTED reports the abort, so no unit attention is needed (SPC-4 7.5.8, TAS). */
static void
test_clear_task_set_of_others(void **state)
{
	ends_tasks_of_others(TMF_CLEAR_TASK_SET, false);
}

/* ABORT TASK SET affects only tasks of its own session. */
static void
test_abort_set_spares_others(void **state)
{
	static struct peer q;

	peer_session(&p, KEYS(""));
	peer_connect(&q);
	q.isid = 2;
	assert_int_equal(
		peer_login_step(&q, LOGIN_OPERATIONAL_TO_FULL, KEYS(NAMES)), LOGIN_SUCCESS);
	peer_ready(&q, 0);
	for (int i = 0; i < 2; i++)
		peer_command(&q, READS, 0, DUMMY_BLOCK, slow, NULL, 0);
	expect_tmf(send_tmf(TMF_ABORT_TASK_SET, 0, 0), TMF_COMPLETE);
	for (uint32_t i = 0; i < 2; i++) {
		sem_post(&dummy.gate);
		assert_int_equal(next_status(&q, q.itt - 1 + i), SCSI_GOOD);
	}
	peer_close(&q);
	peer_close(&p);
}

static void
test_target_reset(void **state)
{
	int resets = atomic_load(&dummy.resets);
	uint32_t tmf;

	peer_session(&p, KEYS(""));
	for (uint8_t lun = 0; lun < DUMMY_UNITS; lun++)
		peer_command(&p, READS, lun, DUMMY_BLOCK, slow, NULL, 0);
	tmf = send_tmf(TMF_TARGET_WARM_RESET, 0, 0);
	assert_quiet();
	for (int i = 0; i < DUMMY_UNITS; i++)
		sem_post(&dummy.gate);
	expect_tmf(tmf, TMF_COMPLETE);
	for (uint8_t lun = 0; lun < DUMMY_UNITS; lun++)
		peer_ready(&p, lun);
	assert_int_equal(atomic_load(&dummy.resets), resets + DUMMY_UNITS);
	assert_window_open();
	peer_close(&p);
}

/* More functions at once than TMF_MAX: the surplus is rejected, the others are answered. */
static void
test_too_many_functions(void **state)
{
	unsigned complete = 0, rejected = 0;

	peer_session(&p, KEYS(""));
	peer_command(&p, READS, 0, DUMMY_BLOCK, slow, NULL, 0);
	for (int i = 0; i < TMF_MAX + 3; i++)
		send_tmf(TMF_ABORT_TASK_SET, 0, 0);
	for (int i = 0; i < 3; i++) {
		peer_expect(&p, OP_TMF_RESPONSE);
		assert_int_equal(p.bhs[TMF_RESPONSE], TMF_REJECTED);
		rejected++;
	}
	sem_post(&dummy.gate);
	for (int i = 0; i < TMF_MAX; i++) {
		peer_expect(&p, OP_TMF_RESPONSE);
		complete += p.bhs[TMF_RESPONSE] == TMF_COMPLETE;
	}
	assert_int_equal(complete, TMF_MAX);
	assert_int_equal(rejected, 3);
	assert_window_open();
	peer_close(&p);
}

/* The peer disconnects while a function is in progress. */
static void
test_the_peer_leaves_during_a_function(void **state)
{
	peer_session(&p, KEYS(""));
	peer_command(&p, READS, 0, DUMMY_BLOCK, slow, NULL, 0);
	send_tmf(TMF_LUN_RESET, 0, 0);
	peer_close(&p);
	sem_post(&dummy.gate);
	assert_serves();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_functions_without_tasks),
		cmocka_unit_test(test_abort_pending),
		cmocka_unit_test(test_abort_waiting),
		cmocka_unit_test(test_abort_set),
		cmocka_unit_test(test_lun_reset),
		cmocka_unit_test(test_lun_reset_of_others),
		cmocka_unit_test(test_target_reset_of_others),
		cmocka_unit_test(test_clear_task_set_of_others),
		cmocka_unit_test(test_abort_set_spares_others),
		cmocka_unit_test(test_target_reset),
		cmocka_unit_test(test_too_many_functions),
		cmocka_unit_test(test_the_peer_leaves_during_a_function),
	};

	return cmocka_run_group_tests(tests, setup_target, teardown_target);
}
