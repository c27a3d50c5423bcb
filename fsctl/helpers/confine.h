/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Takes all rights from a process that has read a question of the daemon and is going to work on bytes that
 * somebody else has made.  It needs no namespaces, so it also works where those are forbidden.
 */
#ifndef FSCTL_HELPERS_CONFINE_H
#define FSCTL_HELPERS_CONFINE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * From now on the process may read and write the files that it has open, at offsets; send datagrams by the
 * socket; and get and free memory, up to 1 GiB.  Any other system call kills it (seccomp(2)), also a sendmsg(2)
 * on another socket.  A write beyond file_bytes of a file fails with EFBIG, and a process that has used
 * cpu_seconds of CPU time is killed.  Nothing can undo that.  Returns true if all this holds.  Returns false if
 * the system does not offer it; a part may hold then, and the caller must end the process.
 *
 * Built with a sanitizer, it may also make the calls by which that works, and memory has no limit.
 */
bool confine_process(int sock, uint64_t file_bytes, unsigned cpu_seconds);

#endif
