/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/bench/lib/measure.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

void
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("bench: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	exit(1);
}

uint64_t
now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

uint64_t
parse_size(const char *text)
{
	char *end;
	uint64_t n = strtoull(text, &end, 10);

	if (*end == 'K')
		return n << 10;
	if (*end == 'M')
		return n << 20;
	if (*end != '\0')
		die("%s is not a size", text);
	return n;
}

static double
process_cpu(pid_t pid)
{
	clockid_t clock;
	struct timespec ts;

	if (pid == 0)
		return 0;
	if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &ts) != 0)
		die("no CPU time of process %d", (int)pid);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Returns the time that all CPUs were not idle, in seconds. */
static double
system_cpu(void)
{
	unsigned long long v[8] = {0};
	FILE *f = fopen("/proc/stat", "r");

	if (f == NULL || fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &v[0], &v[1],
				 &v[2], &v[3], &v[4], &v[5], &v[6], &v[7]) != 8)
		die("/proc/stat cannot be read");
	fclose(f);
	return (double)(v[0] + v[1] + v[2] + v[5] + v[6]) / (double)sysconf(_SC_CLK_TCK);
}

struct cpu
cpu_take(pid_t target)
{
	return (struct cpu){process_cpu(target), process_cpu(getpid()), system_cpu()};
}

void
cpu_print(const struct cpu *from, const struct cpu *to, uint64_t bytes, double seconds)
{
	double gib = (double)bytes / (double)(1 << 30),
	       cpus = (double)sysconf(_SC_NPROCESSORS_ONLN);
	double target = to->target - from->target, client = to->client - from->client;
	double other = to->all - from->all - target - client;

	printf(" cpu_s_gib %.4f client_s_gib %.4f other %.3f\n", target / gib, client / gib,
		other > 0 ? other / seconds / cpus : 0);
}
