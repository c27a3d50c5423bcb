/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes and checks the coverage document of a device type (COMMANDS), which is made from the type's command
 * table. Also sends meaningless CDBs to every row of the table; the device must survive them.
 */
#ifndef TESTS_UNIT_COMMANDS_H
#define TESTS_UNIT_COMMANDS_H

#include "tests/unit/scsi_run.h"

static inline void
commands_write_row(FILE *f, const struct scsi_cmd *cmd)
{
	static const char *const dirs[] = {"none", "in", "out"};
	static const struct {
		unsigned flag;
		const char *name;
	} flags[] = {
		{CMD_ANYTIME, "anytime"},
		{CMD_SLOW, "slow"},
		{CMD_KEEPS_UA, "keeps-ua"},
		{CMD_NEEDS_MEDIUM, "medium"},
		{CMD_UNRESERVED, "unreserved"},
		{CMD_PERSIST_FREE, "persist-free"},
		{CMD_READS, "reads"},
	};
	char text[64] = "";

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (cmd->flags & flags[i].flag) {
			strcat(text, text[0] != '\0' ? "," : "");
			strcat(text, flags[i].name);
		}
	}
	if (cmd->service_action >= 0)
		fprintf(f, "%02X/%02X", cmd->opcode, cmd->service_action);
	else
		fprintf(f, "%02X   ", cmd->opcode);
	fprintf(f, "  %-48s %2u  %-4s  %-30s", cmd->name, cmd->cdb_len, dirs[cmd->dir],
		text[0] != '\0' ? text : "-");
	for (unsigned i = 0; i < cmd->cdb_len; i++)
		fprintf(f, " %02X", cmd->usage[i]);
	fputc('\n', f);
}

/* Writes the coverage document to `f`. `test` is the path of the program that writes it; the heading names
 * it. */
static inline void
commands_write(FILE *f, const struct scsi_lu_type *type, const char *test)
{
	fprintf(f,
		"# Made from the command table; %s --print writes it, its test compares.\n"
		"# CDB usage: a bit is set where the device looks (SPC-4 6.35.3).\n"
		"# anytime: in the connection's thread; slow: always in the mechanism's;\n"
		"# keeps-ua: never ends with a unit attention; medium: refused without one;\n"
		"# unreserved: what others have reserved does not matter, or the command sees to "
		"it;\n"
		"# persist-free: it matters by RESERVE only; reads: goes on when writing is "
		"reserved.\n"
		"#\n"
		"# opcode/service action, name, CDB length, data, flags, CDB usage\n",
		test);
	for (unsigned opcode = 0; opcode < 256; opcode++) {
		for (size_t i = 0; i < type->ncmds; i++) {
			if (type->cmds[i].opcode == opcode)
				commands_write_row(f, &type->cmds[i]);
		}
	}
}

static inline void
commands_assert_documented(const struct scsi_lu_type *type, const char *test, const char *path)
{
	char *want = NULL, *got;
	size_t want_len = 0, got_len;
	FILE *f = open_memstream(&want, &want_len);

	assert_non_null(f);
	commands_write(f, type, test);
	fclose(f);
	f = fopen(path, "r");
	if (f == NULL)
		fail_msg("cannot open %s", path);
	got = calloc(1, want_len + 2);
	assert_non_null(got);
	got_len = fread(got, 1, want_len + 1, f);
	fclose(f);
	if (got_len != want_len || memcmp(got, want, want_len) != 0)
		fail_msg("%s is not what %s --print writes", path, test);
	free(want);
	free(got);
}

/* Sends one command. Checks that it ends with GOOD, CHECK CONDITION or RESERVATION CONFLICT and that the
 * device sends no more data than the buffer holds; sanitizers find the rest. If out_len is 0, the data-out
 * pointer is NULL, as a transport passes it. */
static inline void
commands_send(struct run *r, const struct scsi_cmd *cmd, uint8_t *cdb, size_t out_len)
{
	static const uint8_t out[64];

	cdb[0] = cmd->opcode;
	if (cmd->service_action >= 0)
		cdb[1] = (uint8_t)cmd->service_action;
	run_bytes(r, cdb, SCSI_CDB_MAX, out_len > 0 ? out : NULL, out_len);
	assert_true(r->status == SCSI_GOOD || r->status == SCSI_CHECK_CONDITION ||
		    r->status == SCSI_RESERVATION_CONFLICT);
	if (r->status == SCSI_CHECK_CONDITION) {
		assert_int_not_equal(r->key, 0);
		assert_int_equal(r->len, 0);
	}
}

/* Sends the command of a row that takes data-out, but without any data: once with each value of CDB byte
 * 1, which selects the kind of data. */
static inline void
commands_send_nothing(struct run *r, const struct scsi_cmd *cmd)
{
	for (unsigned value = 0; cmd->dir == SCSI_DIR_OUT && value < 256; value++) {
		uint8_t cdb[SCSI_CDB_MAX] = {[1] = (uint8_t)value};

		commands_send(r, cmd, cdb, 0);
	}
}

/*
 * Sends the command of every row with CDBs of all ones, with counting bytes and with each single byte set;
 * each CDB with 0, 1 and 64 bytes of data-out.
 */
static inline void
commands_walk(struct run *r, const struct scsi_lu_type *type)
{
	static const size_t out_lens[] = {0, 1, 64};
	uint8_t cdb[SCSI_CDB_MAX];

	for (size_t i = 0; i < type->ncmds; i++) {
		for (unsigned pattern = 0; pattern < 2U + SCSI_CDB_MAX; pattern++) {
			for (unsigned byte = 0; byte < SCSI_CDB_MAX; byte++)
				cdb[byte] = pattern == 0	  ? 0xff
					    : pattern == 1	  ? (uint8_t)byte
					    : pattern == byte + 2 ? 0xff
								  : 0x00;
			commands_send(r, &type->cmds[i], cdb, out_lens[pattern % 3]);
		}
		commands_send_nothing(r, &type->cmds[i]);
	}
}

#endif
