/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of icdb, the raw CDB tool.  What it does is said at the top of icdb.c.
 */
#ifndef TESTS_TOOLS_ICDB_ICDB_H
#define TESTS_TOOLS_ICDB_ICDB_H

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum { EXIT_UNEXPECTED = 1, EXIT_USAGE = 2, EXIT_LOST = 3 };
enum { CDB_MAX = 16, SECTOR = 2048, LINE = 65536 };

struct bytes {
	uint8_t *p;
	size_t n;
};

/* ---- args.c: words, bytes, files -------------------------------------------------------------- */

/* The line of the script that is being run; 0: none. */
extern unsigned script_line;

__attribute__((noreturn, format(printf, 2, 3))) void die(int status, const char *fmt, ...);
void *alloc(size_t n);
unsigned long parse_number(const char *text);
/* Appends the bytes of a word; false: it is none of hex digits. */
bool hex_token(const char *token, uint8_t *to, size_t *n, size_t max);
size_t hex_bytes(char *const *tokens, size_t ntokens, uint8_t *to, size_t max);
/* Of 1 to CDB_MAX bytes. */
size_t parse_cdb(char *const *tokens, size_t n, uint8_t *cdb);
/* The name "-" is standard input or output. */
FILE *open_file(const char *name, const char *mode);
struct bytes read_file(const char *name);
void write_file(const char *name, const struct bytes *b);
void print_hex(const struct bytes *b, size_t a_line);

/* ---- session.c: sessions, commands, answers --------------------------------------------------- */

struct options {
	const char *initiator;
	const char *target; /* as given */
	int digests, timeout, verbose;
	enum iscsi_initial_r2t initial_r2t;
	enum iscsi_immediate_data immediate;
};

/* The answer to the last command. */
struct answer {
	int status;
	struct scsi_sense sense;
	enum scsi_residual residual_kind;
	size_t residual;
	struct bytes data;	/* read; of a failed one: none */
	struct bytes sense_raw; /* as it came */
};

enum { SESSIONS = 8, NSTATUSES = 6 };

struct status_name {
	int status;
	const char *shown, *expected;
};

extern struct options opt;
extern struct answer last;
extern const struct status_name status_names[NSTATUSES];
/* The LUN that commands go to; -1: the one in the target's URL. */
extern int lun;

/* The current session; logs in where that is not done yet. */
struct iscsi_context *session(void);
void session_choose(unsigned n);
void session_end(void);
void session_end_all(void);
/* Data goes in when in_len is not 0, else out when there is any. */
void run_command(const uint8_t *cdb, size_t cdb_len, size_t in_len, const struct bytes *out);
/* Without data-out; true: GOOD. */
bool run_simple(const uint8_t *cdb, size_t cdb_len, size_t in_len);
void clear_ua(void);
void print_status(FILE *f);
void print_answer(void);

/* ---- expect.c, script.c ----------------------------------------------------------------------- */

/* An expectation did not hold. */
extern bool failed;

void expect(size_t n, char **args);
void run_script(void);

#endif
