/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * icdb: sends raw SCSI commands over iSCSI, without a kernel.
 *
 *	icdb [OPTION]... TARGET CDB-BYTE...	one command; not GOOD is a failure
 *	icdb [OPTION]... TARGET - < SCRIPT	several in one session, see below
 *	icdb [OPTION]... TARGET read LBA COUNT	raw sectors of 2048 bytes to standard output
 *	icdb [OPTION]... TARGET write LBA FILE	WRITE(10) of up to 32 sectors each; FILE may be -
 *	icdb [OPTION]... TARGET capacity	"LAST-LBA BLOCK-LENGTH" of READ CAPACITY(10)
 *
 * TARGET is HOST:PORT/NAME/LUN, with or without iscsi:// before it.  Bytes are hexadecimal: "12 00",
 * "0x12 0x00" or "1200".  Options, which may stand anywhere:
 *
 *	-r LEN		the one command reads up to LEN bytes
 *	-w FILE		the one command sends this file (-: standard input)
 *	-o FILE		what it read goes there, not as hex to standard output
 *	-x WHAT		what is expected of it instead of GOOD: "check 05/24/00" (one argument)
 *	-i NAME		initiator name; default iqn.2026-01.org.example:icdb
 *	-d		ask for header digests
 *	-t SECONDS	how long to wait for an answer; default 30
 *	-v		libiscsi's own messages on standard error
 *	--clear-ua	get rid of unit attentions first, with TEST UNIT READY, and wait for a drive
 *			that is becoming ready.  read, write and capacity always do, the others do
 *			not, so that scripts see 29h/00h.
 *	--initial-r2t yes|no, --immediate yes|no	what is offered at login
 *
 * A script has one command a line; # begins a comment.
 *
 *	none HEX...		a command without data
 *	in LEN HEX...		a command that reads up to LEN bytes
 *	out FILE -- HEX...	a command that sends a file, or the bytes given in its place:
 *	out HEX... -- HEX...	(a file whose name looks like hex is written ./name)
 *	expect good | busy | conflict | aborted | check KEY/ASC/ASCQ
 *	expect residual none | under N | over N
 *	expect length N		bytes that were read
 *	expect data [@OFFSET] HEX|??...		and what they are, ?? for any
 *	save FILE		what was read last
 *	dump			the same as hex
 *	lun N			of the commands that follow
 *	session N		go on in another session (0 to 7; made when first named; each has
 *				an initiator name of its own, the first one is 0)
 *	logout			end the current session; the next command logs in again
 *	reset-lun | reset-target	task management
 *	clear-ua		as the option
 *	sleep MILLISECONDS
 *	echo TEXT
 *
 * Each command prints "status GOOD", "status CHECK 05/24/00", "status BUSY"..., then, where there
 * are any, "residual under N", "sense HEX..." and "data N".  A single command prints what it read
 * too: hex, 16 bytes a line.
 *
 * Exit status: 0 all expectations hold; 1 one does not, or the single command is not GOOD; 2 usage,
 * or a script that cannot be understood; 3 no session, or it was lost.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/be.h"
#include "tests/tools/icdb/icdb.h"

enum { SECTORS_A_WRITE = 32 };

/* ---- single commands ------------------------------------------------------------------------- */

static void
need_good(const char *what, uint32_t lba)
{
	if (last.status == SCSI_STATUS_GOOD)
		return;
	fprintf(stderr, "icdb: %s at %u: ", what, lba);
	print_status(stderr);
	exit(EXIT_UNEXPECTED);
}

static size_t
rw10_cdb(uint8_t *cdb, uint8_t opcode, uint32_t lba, uint32_t count)
{
	memset(cdb, 0, CDB_MAX);
	cdb[0] = opcode;
	put_be32(cdb + 2, lba);
	put_be16(cdb + 7, (uint16_t)count);
	return 10;
}

static void
read_sectors(uint32_t lba, uint32_t count)
{
	uint8_t cdb[CDB_MAX];

	clear_ua();
	while (count > 0) {
		uint32_t n = count < SECTORS_A_WRITE ? count : SECTORS_A_WRITE;

		run_simple(cdb, rw10_cdb(cdb, 0x28, lba, n), (size_t)n * SECTOR);
		need_good("READ(10)", lba);
		write_file("-", &last.data);
		lba += n;
		count -= n;
	}
}

/* Writes sectors as soon as they can be read from the file, which may be a pipe. */
static void
write_sectors(uint32_t lba, const char *name)
{
	static uint8_t buf[SECTORS_A_WRITE * SECTOR];
	FILE *f = open_file(name, "rb");
	uint8_t cdb[CDB_MAX];
	struct bytes part = {.p = buf};

	clear_ua();
	while ((part.n = fread(buf, 1, sizeof(buf), f)) > 0) {
		uint32_t n = (uint32_t)(part.n / SECTOR);

		if (part.n % SECTOR != 0)
			die(EXIT_USAGE, "%s is not of whole sectors", name);
		run_command(cdb, rw10_cdb(cdb, 0x2a, lba, n), 0, &part);
		need_good("WRITE(10)", lba);
		lba += n;
	}
	if (f != stdin)
		fclose(f);
}

static void
print_capacity(void)
{
	uint8_t cdb[CDB_MAX];

	clear_ua();
	run_simple(cdb, rw10_cdb(cdb, 0x25, 0, 0), 8);
	need_good("READ CAPACITY(10)", 0);
	if (last.data.n != 8)
		die(EXIT_LOST, "READ CAPACITY(10) brought %zu bytes", last.data.n);
	printf("%u %u\n", get_be32(last.data.p), get_be32(last.data.p + 4));
}

static int want_clear_ua;

struct single {
	size_t in_len;
	const char *out_file, *to_file, *expected;
};

static void
run_single(const struct single *s, size_t n, char **tokens)
{
	struct bytes out = {NULL, 0};
	uint8_t cdb[CDB_MAX];
	size_t len = parse_cdb(tokens, n, cdb);
	char expected[64], *args[2], *rest;
	size_t nargs = 0;

	if (s->out_file != NULL)
		out = read_file(s->out_file);
	run_command(cdb, len, s->in_len, &out);
	free(out.p);
	print_answer();
	if (s->to_file != NULL)
		write_file(s->to_file, &last.data);
	else
		print_hex(&last.data, 16);
	if (s->expected == NULL) {
		failed = last.status != SCSI_STATUS_GOOD;
		return;
	}
	snprintf(expected, sizeof(expected), "%s", s->expected);
	for (char *t = strtok_r(expected, " ", &rest); t != NULL && nargs < 2;
		t = strtok_r(NULL, " ", &rest))
		args[nargs++] = t;
	expect(nargs, args);
}

/* ---- the command line ------------------------------------------------------------------------ */

static const char usage_text[] =
	"usage: icdb [OPTION]... HOST:PORT/NAME/LUN CDB-BYTE...\n"
	"       icdb [OPTION]... HOST:PORT/NAME/LUN - < SCRIPT\n"
	"       icdb [OPTION]... HOST:PORT/NAME/LUN read LBA COUNT | write LBA FILE | capacity\n"
	"  -r LEN   read up to LEN bytes       -w FILE  send FILE (-: standard input)\n"
	"  -o FILE  write the data read to it  -x WHAT  expect \"check KEY/ASC/ASCQ\", "
	"\"busy\"...\n"
	"  -i NAME  initiator name             -t SECS  timeout of an answer (30)\n"
	"  -d       header digests             -v       libiscsi's messages\n"
	"  --clear-ua  first clear unit attentions\n"
	"  --initial-r2t yes|no   --immediate yes|no\n"
	"script lines: none HEX.. | in LEN HEX.. | out FILE-or-HEX.. -- HEX.. | expect good|busy|\n"
	"  conflict|aborted|check K/A/Q | expect residual none|under N|over N | expect length N |\n"
	"  expect data [@OFFSET] HEX|??.. | save FILE | dump | lun N | session N | logout |\n"
	"  reset-lun | reset-target | clear-ua | sleep MS | echo TEXT | # comment\n"
	"exit status: 0 as expected, 1 not as expected, 2 wrong usage, 3 no session\n";

static bool
yes(const char *word)
{
	if (strcmp(word, "yes") != 0 && strcmp(word, "no") != 0)
		die(EXIT_USAGE, "yes or no, not %s", word);
	return word[0] == 'y';
}

static void
parse_options(int argc, char **argv, struct single *s)
{
	static const struct option longs[] = {
		{"clear-ua", no_argument, NULL, 'U'},
		{"initial-r2t", required_argument, NULL, 'R'},
		{"immediate", required_argument, NULL, 'I'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "r:w:o:x:i:t:dvh", longs, NULL)) != -1) {
		switch (c) {
		case 'r':
			s->in_len = parse_number(optarg);
			break;
		case 'w':
			s->out_file = optarg;
			break;
		case 'o':
			s->to_file = optarg;
			break;
		case 'x':
			s->expected = optarg;
			break;
		case 'i':
			opt.initiator = optarg;
			break;
		case 't':
			opt.timeout = (int)parse_number(optarg);
			break;
		case 'd':
			opt.digests = 1;
			break;
		case 'v':
			opt.verbose = 1;
			break;
		case 'U':
			want_clear_ua = 1;
			break;
		case 'R':
			opt.initial_r2t =
				yes(optarg) ? ISCSI_INITIAL_R2T_YES : ISCSI_INITIAL_R2T_NO;
			break;
		case 'I':
			opt.immediate =
				yes(optarg) ? ISCSI_IMMEDIATE_DATA_YES : ISCSI_IMMEDIATE_DATA_NO;
			break;
		case 'h':
			fputs(usage_text, stdout);
			exit(0);
		default:
			fputs(usage_text, stderr);
			exit(EXIT_USAGE);
		}
	}
}

int
main(int argc, char **argv)
{
	struct single s = {0};
	const char *verb;
	char **args;
	int n;

	parse_options(argc, argv, &s);
	if (argc - optind < 2) {
		fputs(usage_text, stderr);
		return EXIT_USAGE;
	}
	opt.target = argv[optind];
	verb = argv[optind + 1];
	args = argv + optind + 2;
	n = argc - optind - 2;
	session();
	if (want_clear_ua != 0)
		clear_ua();
	if (strcmp(verb, "-") == 0 && n == 0)
		run_script();
	else if (strcmp(verb, "read") == 0 && n == 2)
		read_sectors((uint32_t)parse_number(args[0]), (uint32_t)parse_number(args[1]));
	else if (strcmp(verb, "write") == 0 && n == 2)
		write_sectors((uint32_t)parse_number(args[0]), args[1]);
	else if (strcmp(verb, "capacity") == 0 && n == 0)
		print_capacity();
	else
		run_single(&s, (size_t)n + 1, args - 1);
	session_end_all();
	free(last.data.p);
	free(last.sense_raw.p);
	return failed ? EXIT_UNEXPECTED : 0;
}
