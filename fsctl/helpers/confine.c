/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/helpers/confine.h"

#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum { MEMORY_MAX = 1 << 30 }; /* bytes of address space */

/* Sets both limits of the resource `what` (setrlimit(2)), for good.  Returns true if it could. */
static bool
limit(int what, uint64_t most)
{
	struct rlimit r = {.rlim_cur = most, .rlim_max = most};

	return setrlimit((__rlimit_resource_t)what, &r) == 0;
}

/* Limits the size of files, the time of the CPU, core files (none) and memory, and ignores SIGXFSZ.  Returns
 * true if all limits were set. */
static bool
set_limits(uint64_t file_bytes, unsigned cpu_seconds)
{
	/* A write beyond the limit fails with EFBIG then. */
	signal(SIGXFSZ, SIG_IGN);
	return limit(RLIMIT_FSIZE, file_bytes) && limit(RLIMIT_CPU, cpu_seconds) &&
	       limit(RLIMIT_CORE, 0) && (SANITIZED || limit(RLIMIT_AS, MEMORY_MAX));
}

/* The calls that are allowed with any arguments. */
static const int calls[] = {
	SCMP_SYS(pread64),
	SCMP_SYS(pwrite64),
	SCMP_SYS(ftruncate),
	SCMP_SYS(brk),
	SCMP_SYS(munmap),
	SCMP_SYS(mremap),
	SCMP_SYS(madvise),
	SCMP_SYS(futex),
	SCMP_SYS(exit),
	SCMP_SYS(exit_group),
	SCMP_SYS(rt_sigreturn),
	SCMP_SYS(restart_syscall),
	SCMP_SYS(clock_gettime),
#if SANITIZED
	/* By these the sanitizers get their own memory, and write and symbolize a report. */
	SCMP_SYS(mmap),
	SCMP_SYS(mprotect),
	SCMP_SYS(write),
	SCMP_SYS(getpid),
	SCMP_SYS(gettid),
	SCMP_SYS(sigaltstack),
	SCMP_SYS(rt_sigaction),
	SCMP_SYS(rt_sigprocmask),
	SCMP_SYS(sched_yield),
	SCMP_SYS(prctl),
	SCMP_SYS(clock_nanosleep),
	SCMP_SYS(getrusage),
#endif
};

/* Allows a call if its arguments are as n comparisons say.  Returns true if it could. */
static bool
allow_if(scmp_filter_ctx filter, int call, const struct scmp_arg_cmp *args, unsigned n)
{
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, n, args) == 0;
}

/* Allows all calls that confine_process says.  Returns true if it could. */
static bool
allow_calls(scmp_filter_ctx filter, int sock)
{
	const struct scmp_arg_cmp on_socket = {
		.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (scmp_datum_t)sock};
	/* no program, and no file */
	const struct scmp_arg_cmp memory[] = {
		{.arg = 2, .op = SCMP_CMP_MASKED_EQ, .datum_a = PROT_EXEC, .datum_b = 0},
		{.arg = 3,
			.op = SCMP_CMP_MASKED_EQ,
			.datum_a = MAP_ANONYMOUS,
			.datum_b = MAP_ANONYMOUS},
	};

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++)
		if (seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0) != 0)
			return false;
	return allow_if(filter, SCMP_SYS(sendmsg), &on_socket, 1) &&
	       (SANITIZED || allow_if(filter, SCMP_SYS(mmap), memory, 2));
}

bool
confine_process(int sock, uint64_t file_bytes, unsigned cpu_seconds)
{
	scmp_filter_ctx filter;
	bool ok;

	if (!set_limits(file_bytes, cpu_seconds) || prctl(PR_SET_DUMPABLE, 0) != 0)
		return false;
	filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	if (filter == NULL)
		return false;
	/* Sets PR_SET_NO_NEW_PRIVS too. */
	ok = allow_calls(filter, sock) && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return ok;
}
