/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Commands of a fuzz input, for a logical unit. A record begins with a byte that chooses a row of the unit's
 * table of commands. The rest of the CDB follows, without its control byte, and for a command that sends data,
 * a length of two bytes and the data. Row 254: the CDB is 16 bytes as they are.
 */
#ifndef TESTS_FUZZ_COMMANDS_H
#define TESTS_FUZZ_COMMANDS_H

#include "tests/fuzz/fuzz.h"
#include "tests/unit/scsi_run.h"

enum {
	COMMANDS_ANY = 254,
	COMMANDS_PATTERN = 0x8000, /* of the length: the data is so many sectors of a pattern */
	COMMANDS_SECTORS_MAX = 64,
};

/* Sends one command and checks the form of its result. */
static inline void
commands_send(struct run *r, const uint8_t *cdb, size_t cdb_len, const void *out, size_t len)
{
	run_bytes(r, cdb, cdb_len, len > 0 ? out : NULL, len);
	switch (r->status) {
	case SCSI_CHECK_CONDITION:
		FUZZ_CHECK((r->sense[0] & 0x7e) == 0x70 && r->sense[7] >= 10);
		break;
	case SCSI_GOOD:
	case SCSI_RESERVATION_CONFLICT:
		break;
	default:
		FUZZ_CHECK(!"a status that no command has");
	}
}

/* Sends the command of the next record. */
static inline void
commands_next(struct run *r, const struct scsi_lu_type *type, uint8_t row, struct feed *f)
{
	static const uint8_t pattern[COMMANDS_SECTORS_MAX * 2352] = {1, 2, 3};
	const struct scsi_cmd *cmd = &type->cmds[row % type->ncmds];
	uint8_t cdb[SCSI_CDB_MAX] = {cmd->opcode}, *copy = NULL;
	const uint8_t *out = pattern;
	size_t cdb_len = cmd->cdb_len, len = 0;
	uint16_t n;

	if (row == COMMANDS_ANY) {
		feed_fill(f, cdb, sizeof(cdb));
		cdb_len = sizeof(cdb);
	} else {
		feed_fill(f, cdb + 1, cdb_len - 2);
		if (cmd->service_action >= 0)
			cdb[1] = (uint8_t)((cdb[1] & 0xe0) | cmd->service_action);
	}
	if (row == COMMANDS_ANY || cmd->dir == SCSI_DIR_OUT) {
		n = feed_u16(f);
		if (n & COMMANDS_PATTERN)
			len = (size_t)(n % (COMMANDS_SECTORS_MAX + 1)) * (n & 0x4000 ? 2352 : 2048);
		else
			out = copy = feed_copy(f, n, &len);
	}
	commands_send(r, cdb, cdb_len, out, len);
	free(copy);
}

#endif
