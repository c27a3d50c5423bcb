/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/tools/icdb/icdb.h"

#include <stdarg.h>
#include <string.h>

bool failed;

__attribute__((format(printf, 1, 2))) static void
unexpected(const char *fmt, ...)
{
	va_list ap;

	failed = true;
	fflush(stdout);
	if (script_line != 0)
		fprintf(stderr, "icdb: line %u: ", script_line);
	else
		fprintf(stderr, "icdb: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs(", but got ", stderr);
	print_status(stderr);
}

static void
expect_sense(const char *text)
{
	unsigned key, asc, ascq;
	int end = 0;

	if (sscanf(text, "%x/%x/%x%n", &key, &asc, &ascq, &end) != 3 || text[end] != '\0')
		die(EXIT_USAGE, "%s is not KEY/ASC/ASCQ", text);
	if (last.status != SCSI_STATUS_CHECK_CONDITION ||
		last.sense.key != (enum scsi_sense_key)key ||
		last.sense.ascq != (int)(asc << 8 | ascq))
		unexpected("expected check %02x/%02x/%02x", key, asc, ascq);
}

static void
expect_residual(size_t n, char **args)
{
	static const char *const kinds[] = {
		[SCSI_RESIDUAL_NO_RESIDUAL] = "none",
		[SCSI_RESIDUAL_UNDERFLOW] = "under",
		[SCSI_RESIDUAL_OVERFLOW] = "over",
	};
	bool none = n == 1 && strcmp(args[0], "none") == 0;

	if (!none && n != 2)
		die(EXIT_USAGE, "expect residual none, under N or over N");
	if (strcmp(kinds[last.residual_kind], args[0]) != 0 ||
		(!none && last.residual != parse_number(args[1])))
		unexpected("expected residual %s %s, is %s %zu", args[0], none ? "" : args[1],
			kinds[last.residual_kind], last.residual);
}

static void
expect_data(size_t n, char **args)
{
	size_t at = 0, i = 0;

	if (n > 0 && args[0][0] == '@') {
		at = parse_number(args[0] + 1);
		i = 1;
	}
	for (; i < n; i++) {
		uint8_t want[LINE / 2];
		size_t nwant = 0;

		if (strcmp(args[i], "??") == 0) {
			at++;
			continue;
		}
		if (!hex_token(args[i], want, &nwant, sizeof(want)))
			die(EXIT_USAGE, "%s is not hexadecimal", args[i]);
		if (at + nwant > last.data.n || memcmp(last.data.p + at, want, nwant) != 0) {
			unexpected("expected %s at byte %zu of %zu", args[i], at, last.data.n);
			print_hex(&last.data, 16);
			return;
		}
		at += nwant;
	}
}

void
expect(size_t n, char **args)
{
	if (n == 0)
		die(EXIT_USAGE, "expect what?");
	if (strcmp(args[0], "check") == 0 && n == 2) {
		expect_sense(args[1]);
		return;
	}
	if (strcmp(args[0], "residual") == 0) {
		expect_residual(n - 1, args + 1);
		return;
	}
	if (strcmp(args[0], "data") == 0) {
		expect_data(n - 1, args + 1);
		return;
	}
	if (strcmp(args[0], "length") == 0 && n == 2) {
		if (last.data.n != parse_number(args[1]))
			unexpected("expected length %s, is %zu", args[1], last.data.n);
		return;
	}
	for (unsigned i = 0; i < NSTATUSES; i++) {
		if (n == 1 && strcmp(args[0], status_names[i].expected) == 0) {
			if (last.status != status_names[i].status)
				unexpected("expected %s", args[0]);
			return;
		}
	}
	die(EXIT_USAGE, "expect %s is not understood", args[0]);
}
