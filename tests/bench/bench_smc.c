/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_smc: how long READ ELEMENT STATUS takes, one command at a time.
 *
 *	bench_smc [-m whole|pieces|one] [-t TYPE] [-n TIMES] [-P PID] HOST:PORT/NAME/LUN
 *
 *	-m whole	all elements of the type by one command (the default)
 *	-m pieces	by as many commands as 64 KiB each take, which is what SCSI hosts often allow
 *	-m one		the first element of the type, again and again
 *	-t TYPE		element type code; default 2, storage; 0 is all of them
 *	-n TIMES	default 50; the first answer does not count
 *	-P PID		the target's process, for its CPU time
 *
 * Reads with volume tags. Prints one line: "elements N bytes N commands N p50_us N p99_us N cpu_us N". The
 * times and the CPU time of the target are those of one reading of all elements.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#include "changer/base/be.h"
#include "tests/bench/lib/measure.h"

enum {
	VOLTAG = 0x10,
	HEADER = 8,
	DESCRIPTOR = 52, /* with a volume tag */
	PIECE = 64 * 1024,
	WHOLE = 0xffffff,
	ADDRESSES = 0x10000,
	UA_MAX = 8,
};

static struct {
	char mode;
	unsigned type, times;
	pid_t pid;
	int lun;
} opt = {.mode = 'w', .type = 2, .times = 50};

/* The totals of the last reading. */
static struct {
	unsigned elements, commands;
	uint64_t bytes;
} got;

static struct iscsi_context *
login(const char *target)
{
	struct iscsi_context *iscsi = iscsi_create_context("iqn.2026-01.org.example:bench");
	char text[512];
	struct iscsi_url *url;

	snprintf(text, sizeof(text), "iscsi://%s", target);
	url = iscsi != NULL ? iscsi_parse_full_url(iscsi, text) : NULL;
	if (url == NULL)
		die("bench_smc: not a target: %s", target);
	opt.lun = url->lun;
	iscsi_set_targetname(iscsi, url->target);
	iscsi_set_session_type(iscsi, ISCSI_SESSION_NORMAL);
	iscsi_set_noautoreconnect(iscsi, 1);
	if (iscsi_full_connect_sync(iscsi, url->portal, url->lun) != 0)
		die("bench_smc: %s: %s", target, iscsi_get_error(iscsi));
	iscsi_destroy_url(url);
	return iscsi;
}

/* Sends READ ELEMENT STATUS, again while it ends with a unit attention. Returns the task; its datain has
 * the answer. */
static struct scsi_task *
read_status(struct iscsi_context *iscsi, unsigned start, unsigned number, uint32_t allocation)
{
	for (unsigned i = 0; i < UA_MAX; i++) {
		uint8_t cdb[12] = {0xb8, (uint8_t)(VOLTAG | opt.type)};
		struct scsi_task *task;

		put_be16(cdb + 2, (uint16_t)start);
		put_be16(cdb + 4, (uint16_t)number);
		put_be24(cdb + 7, allocation);
		task = scsi_create_task(sizeof(cdb), cdb, SCSI_XFER_READ, (int)allocation);
		if (task == NULL || iscsi_scsi_command_sync(iscsi, opt.lun, task, NULL) == NULL)
			die("bench_smc: %s", iscsi_get_error(iscsi));
		got.commands++;
		if (task->status == SCSI_STATUS_GOOD && task->datain.size >= HEADER)
			return task;
		if (task->status != SCSI_STATUS_CHECK_CONDITION ||
			task->sense.key != SCSI_SENSE_UNIT_ATTENTION)
			die("bench_smc: READ ELEMENT STATUS: %s", iscsi_get_error(iscsi));
		scsi_free_scsi_task(task);
	}
	die("bench_smc: unit attentions without end");
}

/* Returns the number of elements in the answer. *next is the address after the last one. */
static unsigned
count(struct scsi_task *task, unsigned *next)
{
	const uint8_t *data = task->datain.data;
	size_t size = (size_t)task->datain.size;
	unsigned n = 0;

	for (size_t at = HEADER; at + HEADER <= size;) {
		size_t len = get_be16(data + at + 2), end = at + HEADER + get_be24(data + at + 5);

		if (len == 0)
			die("bench_smc: descriptors of no length");
		for (at += HEADER; at + len <= size && at < end; at += len) {
			*next = get_be16(data + at) + 1U;
			n++;
		}
		if (at < end)
			break;
	}
	got.elements += n;
	got.bytes += size;
	scsi_free_scsi_task(task);
	return n;
}

static void
read_all(struct iscsi_context *iscsi)
{
	unsigned next = 0;

	memset(&got, 0, sizeof(got));
	if (opt.mode == 'w') {
		count(read_status(iscsi, 0, ADDRESSES - 1, WHOLE), &next);
		return;
	}
	if (opt.mode == 'o') {
		count(read_status(iscsi, 0, 1, PIECE), &next);
		return;
	}
	while (next < ADDRESSES &&
		count(read_status(iscsi, next, (PIECE - 2 * HEADER) / DESCRIPTOR, PIECE), &next) >
			0)
		continue;
}

static int
by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void
measure(struct iscsi_context *iscsi)
{
	uint64_t *took = calloc(opt.times, sizeof(*took));
	struct cpu from, to;

	if (took == NULL)
		die("bench_smc: out of memory");
	read_all(iscsi);
	from = cpu_take(opt.pid);
	for (unsigned i = 0; i < opt.times; i++) {
		uint64_t begin = now_ns();

		read_all(iscsi);
		took[i] = now_ns() - begin;
	}
	to = cpu_take(opt.pid);
	qsort(took, opt.times, sizeof(*took), by_size);
	printf("elements %u bytes %llu commands %u p50_us %.0f p99_us %.0f cpu_us %.0f\n",
		got.elements, (unsigned long long)got.bytes, got.commands,
		(double)took[opt.times / 2] / 1e3, (double)took[opt.times * 99 / 100] / 1e3,
		(to.target - from.target) * 1e6 / opt.times);
	free(took);
}

int
main(int argc, char **argv)
{
	struct iscsi_context *iscsi;
	int c;

	while ((c = getopt(argc, argv, "m:t:n:P:")) != -1) {
		if (c == 'm')
			opt.mode = optarg[0];
		else if (c == 't')
			opt.type = (unsigned)strtoul(optarg, NULL, 10) & 0x0f;
		else if (c == 'n')
			opt.times = (unsigned)strtoul(optarg, NULL, 10);
		else if (c == 'P')
			opt.pid = (pid_t)strtol(optarg, NULL, 10);
		else
			die("bench_smc: no such option");
	}
	if (optind + 1 != argc || opt.times == 0 || strchr("wpo", opt.mode) == NULL)
		die("usage: bench_smc [-m whole|pieces|one] [-t TYPE] [-n TIMES] [-P PID] "
		    "HOST:PORT/NAME/LUN");
	iscsi = login(argv[optind]);
	measure(iscsi);
	iscsi_logout_sync(iscsi);
	iscsi_destroy_context(iscsi);
	return 0;
}
