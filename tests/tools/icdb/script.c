/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/tools/icdb/icdb.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
do_none(size_t n, char **args)
{
	uint8_t cdb[CDB_MAX];
	size_t len = parse_cdb(args, n, cdb);

	run_simple(cdb, len, 0);
	print_answer();
}

static void
do_in(size_t n, char **args)
{
	uint8_t cdb[CDB_MAX];
	size_t len;

	if (n < 2)
		die(EXIT_USAGE, "in LEN HEX...");
	len = parse_cdb(args + 1, n - 1, cdb);
	run_simple(cdb, len, parse_number(args[0]));
	print_answer();
}

static void
do_out(size_t n, char **args)
{
	struct bytes out = {alloc(LINE), 0};
	uint8_t cdb[CDB_MAX];
	size_t dashes = 0, len;

	while (dashes < n && strcmp(args[dashes], "--") != 0)
		dashes++;
	if (dashes == 0 || dashes == n)
		die(EXIT_USAGE, "out FILE-or-HEX... -- HEX...");
	if (dashes != 1 || hex_token(args[0], out.p, &out.n, LINE)) {
		out.n = hex_bytes(args, dashes, out.p, LINE);
	} else {
		free(out.p);
		out = read_file(args[0]);
	}
	len = parse_cdb(args + dashes + 1, n - dashes - 1, cdb);
	run_command(cdb, len, 0, &out);
	print_answer();
	free(out.p);
}

static void
do_save(size_t n, char **args)
{
	if (n != 1)
		die(EXIT_USAGE, "save FILE");
	write_file(args[0], &last.data);
}

static void
do_dump(size_t n, char **args)
{
	print_hex(&last.data, 16);
}

static void
do_lun(size_t n, char **args)
{
	if (n != 1)
		die(EXIT_USAGE, "lun N");
	lun = (int)parse_number(args[0]);
}

static void
do_session(size_t n, char **args)
{
	if (n != 1 || parse_number(args[0]) >= SESSIONS)
		die(EXIT_USAGE, "session 0 to %d", SESSIONS - 1);
	session_choose((unsigned)parse_number(args[0]));
}

static void
do_logout(size_t n, char **args)
{
	session_end();
}

static void
do_reset_lun(size_t n, char **args)
{
	int rc = iscsi_task_mgmt_lun_reset_sync(session(), (uint32_t)lun);

	printf("reset-lun %s\n", rc == 0 ? "done" : "refused");
	failed = failed || rc != 0;
}

static void
do_reset_target(size_t n, char **args)
{
	int rc = iscsi_task_mgmt_target_warm_reset_sync(session());

	printf("reset-target %s\n", rc == 0 ? "done" : "refused");
	failed = failed || rc != 0;
}

static void
do_clear_ua(size_t n, char **args)
{
	clear_ua();
}

static void
do_sleep(size_t n, char **args)
{
	if (n != 1)
		die(EXIT_USAGE, "sleep MILLISECONDS");
	fflush(stdout);
	usleep((useconds_t)parse_number(args[0]) * 1000);
}

static void
do_echo(size_t n, char **args)
{
	for (size_t i = 0; i < n; i++)
		printf("%s%c", args[i], i + 1 == n ? '\n' : ' ');
	fflush(stdout);
}

static const struct {
	const char *name;
	void (*run)(size_t n, char **args);
} verbs[] = {
	{"none", do_none},
	{"in", do_in},
	{"out", do_out},
	{"expect", expect},
	{"save", do_save},
	{"dump", do_dump},
	{"lun", do_lun},
	{"session", do_session},
	{"logout", do_logout},
	{"reset-lun", do_reset_lun},
	{"reset-target", do_reset_target},
	{"clear-ua", do_clear_ua},
	{"sleep", do_sleep},
	{"echo", do_echo},
};

static void
script_command(char *line)
{
	static char *args[LINE / 2];
	size_t n = 0;
	char *rest;

	line[strcspn(line, "#\n")] = '\0';
	for (char *t = strtok_r(line, " \t\r", &rest); t != NULL;
		t = strtok_r(NULL, " \t\r", &rest))
		args[n++] = t;
	if (n == 0)
		return;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(verbs[i].name, args[0]) == 0) {
			verbs[i].run(n - 1, args + 1);
			return;
		}
	}
	die(EXIT_USAGE, "%s is not understood", args[0]);
}

void
run_script(void)
{
	static char line[LINE];

	while (fgets(line, sizeof(line), stdin) != NULL) {
		script_line++;
		script_command(line);
		/* Whoever reads along through a pipe sees each answer when it comes. */
		fflush(stdout);
	}
}
