/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the load generators: time, CPU time, and arguments.
 */
#ifndef TESTS_BENCH_LIB_MEASURE_H
#define TESTS_BENCH_LIB_MEASURE_H

#include <stdint.h>
#include <sys/types.h>

enum { SECTOR = 2048 };

__attribute__((noreturn, format(printf, 1, 2))) void die(const char *fmt, ...);
uint64_t now_ns(void);
/* Returns a number of bytes; the text may end with K or M. */
uint64_t parse_size(const char *text);

/* The CPU time used so far, in seconds. */
struct cpu {
	double target, client, all; /* all: of the whole machine */
};
/* Returns the CPU times now. target is the process that is measured, or 0. */
struct cpu cpu_take(pid_t target);
/* Prints " cpu_s_gib X client_s_gib X other X" and ends the line. */
void cpu_print(const struct cpu *from, const struct cpu *to, uint64_t bytes, double seconds);

#endif
