/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The changer's command table as a whole: its document, and meaningless CDBs for each row.
 */
#include "tests/unit/commands.h"
#include "tests/unit/smc/library.h"

#define SELF "tests/unit/smc/test_commands"

static void
is_documented(void **state)
{
	struct library *lib = *state;

	commands_assert_documented(lib->changer->type, SELF, "changer/smc/COMMANDS");
}

static void
survives_nonsense(void **state)
{
	struct library *lib = *state;

	library_insert(lib, JB_SLOT, 1, "X.iso");
	commands_walk(&lib->r, lib->changer->type);
	assert_string_equal(library_label(lib, JB_SLOT, 1), "X");
}

/* The commands that mtx and Linux's ch need; REPORT SUPPORTED OPERATION CODES must list them. */
static void
has_what_initiators_need(void **state)
{
	static const uint8_t needed[] = {0x00, 0x03, 0x07, 0x12, 0x15, 0x1a, 0x1b, 0x1d, 0x1e, 0x2b,
		0x37, 0x4d, 0x55, 0x5a, 0xa0, 0xa3, 0xa5, 0xa6, 0xb5, 0xb6, 0xb8, 0xe7};
	struct library *lib = *state;

	for (unsigned i = 0; i < sizeof(needed); i++) {
		run_cdb(&lib->r, NULL, 0, 0xa3, 0x0c, 0x03, needed[i], 0,
			needed[i] == 0xa3 ? 0x0d : 0, 0, 0, 0, 255);
		run_assert_good(&lib->r);
		if (lib->r.data[1] != 0x03)
			fail_msg("%02x is not supported", needed[i]);
	}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(is_documented),
		TEST(survives_nonsense),
		TEST(has_what_initiators_need),
	};
	struct library *lib;

	if (argc < 2 || strcmp(argv[1], "--print") != 0)
		return cmocka_run_group_tests(tests, NULL, NULL);
	lib = library_open(1, 0, 1);
	commands_write(stdout, lib->changer->type, SELF);
	library_close(lib);
	return 0;
}
