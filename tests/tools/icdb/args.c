/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/tools/icdb/icdb.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

unsigned script_line;

void
die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fflush(stdout);
	fputs("icdb: ", stderr);
	if (script_line != 0)
		fprintf(stderr, "line %u: ", script_line);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(status);
}

void *
alloc(size_t n)
{
	void *p = malloc(n == 0 ? 1 : n);

	if (p == NULL)
		die(EXIT_LOST, "out of memory");
	return p;
}

unsigned long
parse_number(const char *text)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 0);
	if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0)
		die(EXIT_USAGE, "%s is not a number", text);
	return n;
}

bool
hex_token(const char *token, uint8_t *to, size_t *n, size_t max)
{
	size_t len;

	if (token[0] == '0' && (token[1] == 'x' || token[1] == 'X'))
		token += 2;
	len = strlen(token);
	if (len == 0 || strspn(token, "0123456789abcdefABCDEF") != len || (len > 1 && len % 2 != 0))
		return false;
	for (size_t i = 0; i < len; i += 2) {
		char digits[3] = {token[i], len > 1 ? token[i + 1] : '\0', '\0'};

		if (*n == max)
			die(EXIT_USAGE, "more than %zu bytes", max);
		to[(*n)++] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return true;
}

size_t
hex_bytes(char *const *tokens, size_t ntokens, uint8_t *to, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < ntokens; i++)
		if (!hex_token(tokens[i], to, &n, max))
			die(EXIT_USAGE, "%s is not hexadecimal", tokens[i]);
	return n;
}

FILE *
open_file(const char *name, const char *mode)
{
	bool reads = mode[0] == 'r';
	FILE *f;

	if (strcmp(name, "-") == 0)
		return reads ? stdin : stdout;
	f = fopen(name, mode);
	if (f == NULL)
		die(EXIT_USAGE, "%s: %s", name, strerror(errno));
	return f;
}

struct bytes
read_file(const char *name)
{
	FILE *f = open_file(name, "rb");
	struct bytes b = {NULL, 0};
	size_t room = 0, got;

	do {
		if (b.n == room) {
			room = room * 2 + 65536;
			b.p = realloc(b.p, room);
			if (b.p == NULL)
				die(EXIT_LOST, "out of memory");
		}
		got = fread(b.p + b.n, 1, room - b.n, f);
		b.n += got;
	} while (got > 0);
	if (f != stdin)
		fclose(f);
	return b;
}

void
write_file(const char *name, const struct bytes *b)
{
	FILE *f = open_file(name, "wb");

	if ((b->n > 0 && fwrite(b->p, b->n, 1, f) != 1) || fflush(f) != 0)
		die(EXIT_USAGE, "%s: %s", name, strerror(errno));
	if (f != stdout)
		fclose(f);
}

void
print_hex(const struct bytes *b, size_t a_line)
{
	for (size_t i = 0; i < b->n; i++)
		printf("%02x%c", b->p[i], i + 1 == b->n || (i + 1) % a_line == 0 ? '\n' : ' ');
}

size_t
parse_cdb(char *const *tokens, size_t n, uint8_t *cdb)
{
	size_t len = hex_bytes(tokens, n, cdb, CDB_MAX);

	if (len == 0)
		die(EXIT_USAGE, "no CDB");
	return len;
}
