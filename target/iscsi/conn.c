/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Functions of a connection that many files call: they end it, wake it and free its memory.
 */
#include "target/iscsi/conn.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "changer/base/log.h"

void
conn_fail(struct conn *c, const char *fmt, ...)
{
	const char *who = c->session.initiator[0] != '\0' ? c->session.initiator : "a peer";
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	log_peer("iscsi", "%s at %s: %s; closing the connection", who, c->peer, text);
	c->closing = true;
}

void
conn_wake(struct conn *c)
{
	uint64_t one = 1;

	/* This fails only if the counter is full, and then the thread will wake up anyway. */
	if (write(c->wake_fd, &one, sizeof(one)) < 0)
		return;
}

void
conn_forget_pages(struct conn *c)
{
	madvise(c->memory, CONN_MEMORY_SIZE, MADV_DONTNEED);
}
