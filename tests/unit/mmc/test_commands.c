/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The drive's command table as a whole: its document, its walk, and each reply cut short.
 *
 *	test_commands --print > target/mmc/COMMANDS
 */
#include "tests/unit/commands.h"
#include "tests/unit/mmc/drive.h"

#define SELF "tests/unit/mmc/test_commands"

static void
is_documented(void **state)
{
	struct bay *bay = *state;

	commands_assert_documented(bay->lu->type, SELF, "target/mmc/COMMANDS");
}

static void
survives_nonsense_without_a_disc(void **state)
{
	struct bay *bay = *state;

	commands_walk(&bay->r[0], bay->lu->type);
}

static void
survives_nonsense_with_a_pressed_disc(void **state)
{
	struct bay *bay = *state;

	bay_insert(bay, "A.iso", 400000);
	commands_walk(&bay->r[0], bay->lu->type);
}

static void
survives_nonsense_with_a_blank(void **state)
{
	struct bay *bay = *state;

	bay_insert(bay, "B.dvd+r.iso", 0);
	commands_walk(&bay->r[0], bay->lu->type);
}

/* The commands that Linux, the burning programs and Windows send. */
static void
has_what_initiators_need(void **state)
{
	static const uint8_t needed[] = {0x00, 0x03, 0x08, 0x0a, 0x12, 0x15, 0x1a, 0x1b, 0x1e, 0x23,
		0x25, 0x28, 0x2a, 0x2b, 0x2f, 0x35, 0x43, 0x46, 0x4a, 0x51, 0x52, 0x53, 0x54, 0x55,
		0x5a, 0x5b, 0x5c, 0xa0, 0xa4, 0xa8, 0xaa, 0xac, 0xad, 0xb6, 0xb9, 0xbb, 0xbd, 0xbe};
	struct bay *bay = *state;

	for (unsigned i = 0; i < sizeof(needed); i++) {
		if (bay->lu->by_opcode[needed[i]] == NULL)
			fail_msg("%02x is not there", needed[i]);
	}
}

/* Returns the offset of the allocation length in the CDB, or 0 if the command has none in this list. */
static unsigned
allocation_at(uint8_t opcode)
{
	static const struct {
		uint8_t opcode, at;
	} list[] = {{0x23, 7}, {0x43, 7}, {0x46, 7}, {0x4a, 7}, {0x51, 7}, {0x52, 7}, {0x5a, 7},
		{0x5c, 7}, {0xa4, 8}, {0xad, 8}, {0xbd, 8}};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		if (list[i].opcode == opcode)
			return list[i].at;
	}
	return 0;
}

/* A cut reply is the beginning of the whole reply, and its length field still has the whole length (SPC-4
 * 4.2.5.6). Nearly every program asks for a few bytes first. */
static void
replies_are_cut_alike(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	static uint8_t whole[8192];

	bay_insert(bay, "A.iso", 400000);
	run_clear_ua(r);
	run_cdb(r, NULL, 0, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8); /* takes the new-media event */
	for (unsigned opcode = 0; opcode < 256; opcode++) {
		uint8_t cdb[SCSI_CDB_MAX] = {(uint8_t)opcode};
		unsigned at = allocation_at((uint8_t)opcode);
		size_t len;

		if (at == 0)
			continue;
		cdb[1] = opcode == 0x4a ? 1 : opcode == 0x52 ? 1 : 0;
		cdb[2] = opcode == 0x5a ? 0x3f : 0;
		cdb[4] = opcode == 0x4a ? 0x10 : 0;
		cdb[5] = opcode == 0x52 ? 1 : 0;
		cdb[10] = opcode == 0xa4 ? 8 : 0;
		put_be16(cdb + at, 0xffff);
		run_bytes(r, cdb, sizeof(cdb), NULL, 0);
		run_assert_good(r);
		len = r->len;
		assert_in_range(len, 4, sizeof(whole));
		memcpy(whole, r->data, len);
		for (size_t n = 0; n <= len; n++) {
			put_be16(cdb + at, (uint16_t)n);
			run_bytes(r, cdb, sizeof(cdb), NULL, 0);
			run_assert_good(r);
			assert_int_equal(r->len, n);
			assert_memory_equal(r->data, whole, n);
		}
	}
}

/* SCSI-2 has the LUN in bits 5 to 7 of byte 1, and initiators still put it there; so no command looks at
 * them: not one in the table, and none of these that old systems send, with any of its effects. */
static void
the_lun_field_is_ignored(void **state)
{
	static const uint8_t cdbs[][12] = {
		{0x00},
		{0x03, 0, 0, 0, 18},
		{0x08, 0, 0, 16, 2},
		{0x0a, 0, 0, 16, 1},
		{0x12, 0, 0, 0, 36},
		{0x1a, 0, 0x2a, 0, 128},
		{0x1b, 0, 0, 0, 1},
		{0x1e, 0, 0, 0, 0},
		{0x23, 0, 0, 0, 0, 0, 0, 0, 255},
		{0x25},
		{0x28, 0, 0, 0, 0, 16, 0, 0, 2},
		{0x2a, 0, 0, 0, 0, 16, 0, 0, 1},
		{0x2e, 0, 0, 0, 0, 16, 0, 0, 1},
		{0x2f, 0, 0, 0, 0, 16, 0, 0, 1},
		{0x35},
		{0x43, 2, 0, 0, 0, 0, 0, 0, 255},
		{0x46, 2, 0, 0x20, 0, 0, 0, 0, 255},
		{0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8},
		{0x51, 0, 0, 0, 0, 0, 0, 0, 34},
		{0x52, 1, 0, 0, 0, 1, 0, 0, 48},
		{0x55, 0x10, 0, 0, 0, 0, 0, 0, 8},
		{0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 255},
		{0x5b, 0, 2},
		{0x5c, 0, 0, 0, 0, 0, 0, 0, 12},
		{0xac, 0x10, 0, 0, 0, 0, 0, 0, 0, 8},
		{0xad, 0, 0, 0, 0, 0, 0, 0xff, 8},
		{0xbb, 0, 0xff, 0xff, 0xff, 0xff},
		{0xbd, 0, 0, 0, 0, 0, 0, 0, 0, 8},
		{0xbe, 0x08, 0, 0, 0, 16, 0, 0, 2, 0x10},
	};
	static const uint8_t out[SECTOR];
	static uint8_t first[8192];
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	const struct scsi_lu_type *type = bay->lu->type;

	for (size_t i = 0; i < type->ncmds; i++)
		if (type->cmds[i].usage[1] & 0xe0)
			fail_msg("%s looks at them", type->cmds[i].name);
	bay_insert(bay, "D.dvd-ram.iso", 0);
	run_clear_ua(r);
	run_cdb(r, NULL, 0, 0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8); /* uses up the new medium */
	for (size_t i = 0; i < sizeof(cdbs) / sizeof(cdbs[0]); i++) {
		const struct scsi_cmd *cmd = bay->lu->by_opcode[cdbs[i][0]];
		size_t out_len = cmd->dir != SCSI_DIR_OUT ? 0 : cmd->opcode == 0x55 ? 8 : SECTOR;
		size_t len;

		run_bytes(r, cdbs[i], sizeof(cdbs[i]), out_len > 0 ? out : NULL, out_len);
		run_assert_good(r);
		len = r->len;
		assert_in_range(len, 0, sizeof(first));
		memcpy(first, r->data, len);
		for (unsigned lun = 1; lun < 8; lun++) {
			uint8_t cdb[12];

			memcpy(cdb, cdbs[i], sizeof(cdb));
			cdb[1] |= (uint8_t)(lun << 5);
			run_bytes(r, cdb, sizeof(cdb), out_len > 0 ? out : NULL, out_len);
			run_assert_good(r);
			assert_int_equal(r->len, len);
			assert_memory_equal(r->data, first, len);
		}
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(is_documented),
		TEST(has_what_initiators_need),
		TEST(survives_nonsense_without_a_disc),
		TEST(survives_nonsense_with_a_pressed_disc),
		TEST(survives_nonsense_with_a_blank),
		TEST(replies_are_cut_alike),
		TEST(the_lun_field_is_ignored),
	};
	struct bay *bay;

	if (argc < 2 || strcmp(argv[1], "--print") != 0)
		return cmocka_run_group_tests(tests, NULL, NULL);
	bay = bay_open();
	commands_write(stdout, bay->lu->type, SELF);
	bay_close(bay);
	return 0;
}
