/* SPDX-License-Identifier: GPL-2.0-or-later */
/* REPORT SUPPORTED OPERATION CODES: every row of the table in the layout of the standard. */
#include "tests/unit/scsi/dummy.h"

enum { ROWS = sizeof(dummy_cmds) / sizeof(dummy_cmds[0]) };

static void
report(struct run *r, uint8_t options, uint8_t opcode, uint16_t action)
{
	run_cdb(r, NULL, 0, 0xa3, 0x0c, options, opcode, (uint8_t)(action >> 8), (uint8_t)action, 0,
		0, 0x10, 0);
}

static void
lists_every_row(void **state)
{
	struct fixture *f = *state;

	for (unsigned rctd = 0; rctd < 2; rctd++) {
		size_t each = rctd ? 20 : 8;

		report(&f->a, rctd ? 0x80 : 0, 0, 0);
		run_assert_good(&f->a);
		assert_int_equal(f->a.len, 4 + ROWS * each);
		assert_int_equal(get_be32(f->a.data), ROWS * each);
		for (unsigned i = 0; i < ROWS; i++) {
			const uint8_t *d = f->a.data + 4 + i * each;
			const struct scsi_cmd *cmd = &dummy_cmds[i];
			bool sa = cmd->service_action >= 0;

			assert_int_equal(d[0], cmd->opcode);
			assert_int_equal(get_be16(d + 2), sa ? cmd->service_action : 0);
			assert_int_equal(d[5], (rctd ? 2 : 0) | (sa ? 1 : 0));
			assert_int_equal(get_be16(d + 6), cmd->cdb_len);
			if (rctd)
				assert_memory_equal(d + 8, "\0\x0a\0\0\0\0\0\0\0\0\0\0", 12);
		}
	}
}

static void
tells_of_every_row(void **state)
{
	struct fixture *f = *state;

	for (unsigned i = 0; i < ROWS; i++) {
		const struct scsi_cmd *cmd = &dummy_cmds[i];
		bool sa = cmd->service_action >= 0;
		uint16_t action = sa ? (uint16_t)cmd->service_action : 0;

		report(&f->a, sa ? 2 : 1, cmd->opcode, action);
		run_assert_good(&f->a);
		assert_int_equal(f->a.len, 4 + cmd->cdb_len);
		assert_int_equal(f->a.data[1], 0x03);
		assert_int_equal(get_be16(f->a.data + 2), cmd->cdb_len);
		assert_int_equal(f->a.data[4], cmd->opcode);
		if (sa) /* the usage data has the service action's value */
			assert_int_equal(f->a.data[5] & 0x1f, action);
		assert_memory_equal(f->a.data + 6, cmd->usage + 2, cmd->cdb_len - 2U);
		report(&f->a, 0x83, cmd->opcode, action);
		run_assert_good(&f->a);
		assert_int_equal(f->a.len, 4 + cmd->cdb_len + 12);
		assert_int_equal(f->a.data[1], 0x83);
		report(&f->a, sa ? 1 : 2, cmd->opcode, action); /* wrong option for this opcode */
		run_assert_sense(&f->a, 5, 0x24, 0);
	}
}

static void
reports_unsupported_commands(void **state)
{
	static const struct {
		uint8_t option, opcode, action;
	} rows[] = {{1, 0xff, 0}, {2, 0xff, 0}, {3, 0xff, 0}, {2, DUMMY_SERVICE, 2}, {3, 0x12, 1}};
	struct fixture *f = *state;

	for (unsigned i = 0; i < 5; i++) {
		report(&f->a, rows[i].option, rows[i].opcode, rows[i].action);
		run_assert_good(&f->a);
		assert_int_equal(f->a.len, 4);
		assert_memory_equal(f->a.data, "\0\x01\0\0", 4);
	}
	report(&f->a, 4, 0x12, 0);
	run_assert_sense(&f->a, 5, 0x24, 0);
	assert_memory_equal(f->a.sense + 15, "\xc0\x00\x02", 3);
}

static void
tells_of_task_management(void **state)
{
	struct fixture *f = *state;
	struct run *r = &f->a;

	run_cdb(r, NULL, 0, 0xa3, 0x0d, 0, 0, 0, 0, 0, 0, 0, 255, 0);
	run_assert_good(r);
	assert_int_equal(r->len, 4);
	/* ABORT TASK, ABORT TASK SET, CLEAR TASK SET, LOGICAL UNIT RESET, TARGET RESET */
	assert_memory_equal(r->data, "\xda\0\0\0", 4);
	run_cdb(r, NULL, 0, 0xa3, 0x0d, 0x80, 0, 0, 0, 0, 0, 0, 255, 0);
	run_assert_good(r);
	assert_int_equal(r->len, 16);
	assert_memory_equal(r->data, "\xda\0\0\x0c\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	run_cdb(r, NULL, 0, 0xa3, 0x0d, 0x80, 0, 0, 0, 0, 0, 0, 5, 0);
	assert_int_equal(r->len, 5);
	run_cdb(r, NULL, 0, 0xa3, 0x0d, 0, 0, 0, 0, 0, 0, 0, 3, 0);
	run_assert_sense(r, 5, 0x24, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lists_every_row),
		TEST(tells_of_every_row),
		TEST(reports_unsupported_commands),
		TEST(tells_of_task_management),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
