/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Replays tests/golden/mmc-*.hex: sends commands and compares the drive's answers byte for byte. Each line is
 * one of these; # begins a comment.
 *
 *	insert NAME SECTORS	puts a disc into the drive at the mount; 0 sectors: a blank
 *	remove			removes the disc
 *	ask-eject		the user at the mount asks for the disc
 *	nexus N			the nexus of the commands that follow, 0 to 2
 *	clear-ua		takes all unit attentions of the nexus
 *	reset			LOGICAL UNIT RESET by the nexus
 *	restart			the daemon ends and starts again; all nexuses are new
 *	set-rom 0|1		sets finalize-as-rom
 *	> BYTES			the CDB
 *	out BYTES		its data-out; *N after a byte: that byte N times
 *	out sectors N		data-out of N sectors that hold their own addresses
 *	good			sends the command, expects GOOD; the data-in is checked from its beginning
 *	sense KK AA QQ		sends the command, expects CHECK CONDITION with this sense
 *	in BYTES		the data-in after the bytes that were checked before; ??: any byte
 *	in sectors LBA N	data-in of N sectors that hold their own addresses
 *
 * All of the data-in must be checked. With the argument -v it prints all data-in.
 */
#include <glob.h>

#include "tests/unit/mmc/drive.h"

enum { OUT_MAX = 64 * SECTOR };

struct script {
	struct bay *bay;
	const char *path;
	unsigned line;
	struct run *r;
	uint8_t cdb[SCSI_CDB_MAX];
	size_t cdb_len;
	uint8_t out[OUT_MAX];
	size_t out_len;
	bool waiting;	/* the command has not been sent yet */
	size_t checked; /* bytes of data-in that were compared */
};

static bool verbose;

#define script_fail(s, ...) \
	do { \
		print_error("%s:%u: ", (s)->path, (s)->line); \
		fail_msg(__VA_ARGS__); \
	} while (0)

/* Reads the bytes of a line, with repeats, into `out`. Returns their number, at most `room`. If `any` is not
 * NULL, sets any[n] to true for each byte that is ??. */
static size_t
get_pattern(struct script *s, const char *text, uint8_t *out, bool *any, size_t room)
{
	size_t n = 0;

	for (;;) {
		unsigned long byte, times = 1;
		char *end;

		text += strspn(text, " \t\n");
		if (*text == '\0')
			return n;
		if (any != NULL && strncmp(text, "??", 2) == 0) {
			if (n == room)
				script_fail(s, "too many bytes");
			any[n++] = true;
			text += 2;
			continue;
		}
		byte = strtoul(text, &end, 16);
		if (end != text + 2 || byte > 0xff)
			script_fail(s, "no byte: %s", text);
		if (*end == '*')
			times = strtoul(end + 1, &end, 10);
		if (times > room - n)
			script_fail(s, "too many bytes");
		memset(out + n, (int)byte, times);
		n += times;
		text = end;
	}
}

static size_t
get_bytes(struct script *s, const char *text, uint8_t *out, size_t room)
{
	return get_pattern(s, text, out, NULL, room);
}

static void
send(struct script *s)
{
	if (!s->waiting)
		return;
	s->waiting = false;
	run_bytes(s->r, s->cdb, s->cdb_len, s->out_len > 0 ? s->out : NULL, s->out_len);
	s->checked = 0;
	if (!verbose)
		return;
	printf("%s:%u: %02x:", s->path, s->line, s->cdb[0]);
	for (size_t i = 0; i < s->r->len && i < 160; i++)
		printf(" %02x", s->r->data[i]);
	printf(s->r->len > 160 ? " ... %zu\n" : "\n", s->r->len);
}

/* Checks that all data-in of the last command was compared. */
static void
finish(struct script *s)
{
	send(s);
	if (s->r->status == SCSI_GOOD && s->checked != s->r->len)
		script_fail(s, "%zu bytes came, %zu expected", s->r->len, s->checked);
}

static void
expect_good(struct script *s)
{
	send(s);
	if (s->r->status != SCSI_GOOD)
		script_fail(s, "sense %02x %02x %02x", s->r->key, s->r->asc, s->r->ascq);
}

static void
expect_sense(struct script *s, const char *text)
{
	uint8_t want[3];

	send(s);
	if (get_bytes(s, text, want, sizeof(want)) != sizeof(want))
		script_fail(s, "sense takes three bytes");
	if (s->r->status != SCSI_CHECK_CONDITION)
		script_fail(s, "status %02x, not sense", (unsigned)s->r->status);
	if (s->r->key != want[0] || s->r->asc != want[1] || s->r->ascq != want[2])
		script_fail(s, "sense %02x %02x %02x", s->r->key, s->r->asc, s->r->ascq);
}

static void
expect_in(struct script *s, const char *text)
{
	static uint8_t want[256 * SECTOR];
	static bool any[256 * SECTOR];
	unsigned lba, count;
	size_t n;

	memset(any, 0, sizeof(any));
	expect_good(s);
	if (sscanf(text, " sectors %u %u", &lba, &count) == 2) {
		n = (size_t)count * SECTOR;
		if (n > sizeof(want))
			script_fail(s, "too many sectors");
		fill_sectors(want, lba, count);
	} else {
		n = get_pattern(s, text, want, any, sizeof(want));
	}
	for (size_t i = 0; i < n; i++, s->checked++) {
		if (s->checked >= s->r->len)
			script_fail(s, "only %zu bytes came", s->r->len);
		if (!any[i] && s->r->data[s->checked] != want[i])
			script_fail(s, "byte %zu is %02x, not %02x", s->checked,
				s->r->data[s->checked], want[i]);
	}
}

static void
take_out(struct script *s, const char *text)
{
	unsigned count;

	if (sscanf(text, " sectors %u", &count) == 1 && count * SECTOR <= OUT_MAX) {
		fill_sectors(s->out, get_be32(s->cdb + 2), count);
		s->out_len = count * SECTOR;
	} else {
		s->out_len = get_bytes(s, text, s->out, OUT_MAX);
	}
}

/* Carries out a line that is not about a command. */
static void
set_up(struct script *s, const char *line)
{
	char name[64];
	unsigned n;

	finish(s);
	if (sscanf(line, "insert %63s %u", name, &n) == 2)
		bay_insert(s->bay, name, n);
	else if (strcmp(line, "remove") == 0)
		assert_int_equal(bay_remove(s->bay), JB_OK);
	else if (strcmp(line, "ask-eject") == 0)
		drive_request_eject(s->bay->drive);
	else if (sscanf(line, "nexus %u", &n) == 1 && n < NEXUSES)
		s->r = &s->bay->r[n];
	else if (strcmp(line, "clear-ua") == 0)
		run_clear_ua(s->r);
	else if (strcmp(line, "reset") == 0)
		assert_true(scsi_nexus_reset_lu(s->r->nexus, s->r->lun));
	else if (strcmp(line, "restart") == 0)
		bay_restart(s->bay);
	else if (sscanf(line, "set-rom %63[01]", name) == 1)
		bay_set(s->bay, JB_SET_DRIVE_FINALIZE_AS_ROM, name);
	else
		script_fail(s, "what is '%s'?", line);
	/* These lines may send commands of their own; their data-in is not compared. */
	s->checked = s->r->len;
}

static void
do_line(struct script *s, char *line)
{
	line[strcspn(line, "#\n")] = '\0';
	for (size_t n = strlen(line); n > 0 && (line[n - 1] == ' ' || line[n - 1] == '\t'); n--)
		line[n - 1] = '\0';
	line += strspn(line, " \t");
	if (*line == '\0')
		return;
	if (line[0] == '>') {
		finish(s);
		s->cdb_len = get_bytes(s, line + 1, s->cdb, sizeof(s->cdb));
		s->out_len = 0;
		s->waiting = true;
	} else if (strncmp(line, "out ", 4) == 0) {
		take_out(s, line + 4);
	} else if (strcmp(line, "good") == 0) {
		expect_good(s);
	} else if (strncmp(line, "sense ", 6) == 0) {
		expect_sense(s, line + 6);
	} else if (strncmp(line, "in ", 3) == 0) {
		expect_in(s, line + 3);
	} else {
		set_up(s, line);
	}
}

static void
replay(void **state)
{
	struct script *s = calloc(1, sizeof(*s));
	char line[512];
	FILE *f;

	assert_non_null(s);
	s->path = *state;
	s->bay = bay_open();
	s->r = &s->bay->r[0];
	f = fopen(s->path, "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL) {
		s->line++;
		do_line(s, line);
	}
	finish(s);
	fclose(f);
	bay_close(s->bay);
	free(s);
}

int
main(int argc, char **argv)
{
	struct CMUnitTest tests[32];
	glob_t found;
	size_t n = 0;
	int rc;

	verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
	if (glob("tests/golden/mmc-*.hex", 0, NULL, &found) != 0) {
		fprintf(stderr, "run from the top of the tree: no tests/golden/mmc-*.hex\n");
		return 1;
	}
	for (; n < found.gl_pathc && n < sizeof(tests) / sizeof(tests[0]); n++)
		tests[n] = (struct CMUnitTest){.name = found.gl_pathv[n],
			.test_func = replay,
			.initial_state = found.gl_pathv[n]};
	rc = _cmocka_run_group_tests("golden", tests, n, NULL, NULL);
	globfree(&found);
	return rc;
}
