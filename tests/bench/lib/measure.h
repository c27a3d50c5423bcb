/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the load generators share: time, CPU time, and words of the command line.
 */
#ifndef TESTS_BENCH_LIB_MEASURE_H
#define TESTS_BENCH_LIB_MEASURE_H

#include <stdint.h>
#include <sys/types.h>

enum { SECTOR = 2048 };

__attribute__((noreturn, format(printf, 1, 2))) void die(const char *fmt, ...);
uint64_t now_ns(void);
/* Bytes, with K or M behind. */
uint64_t parse_size(const char *text);

/* CPU time used so far, in seconds. */
struct cpu {
	double target, client, all; /* all: of the whole machine */
};
/* target: the process that is measured; 0: none. */
struct cpu cpu_take(pid_t target);
/* Prints " cpu_s_gib X client_s_gib X other X" and ends the line. */
void cpu_print(const struct cpu *from, const struct cpu *to, uint64_t bytes, double seconds);

#endif
