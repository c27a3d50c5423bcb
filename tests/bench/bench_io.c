/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_io: a load generator for one logical unit, on libiscsi.
 *
 *	bench_io [OPTION]... HOST:PORT/NAME/LUN
 *
 *	-m read|burn	what: READ(10), or WRITE(10) of a blank disc from sector 0 on
 *	-p seq|rnd	where reads go
 *	-b BYTES	of each command (with K or M)
 *	-q DEPTH	commands under way on each connection
 *	-c CONNECTIONS	each with a session and a thread of its own
 *	-s SECONDS	how long to read (with a fraction)
 *	-n BYTES	how much to burn (with K or M)
 *	-f FILE		what to burn: its beginning
 *	-P PID		the target's process, whose CPU time is taken
 *
 * Prints one line of names and values:
 *
 *	mb_s 3141.5 iops 11984 p50_us 650 p99_us 1201 cpu_s_gib 0.312 client_s_gib 0.14 other 0.02
 *
 * An MB is 10^6 bytes. The time of a burn includes SYNCHRONIZE CACHE. `other` is the share of all CPUs that
 * neither the target nor this program used: if it is large, the result means little.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/bench/lib/measure.h"

enum { CONNECTIONS_MAX = 128, DEPTH_MAX = 64 };

/* ---- latencies: a histogram with 64 steps for each power of two ---------------------------------- */

enum { STEP_BITS = 6, NBUCKETS = (64 - STEP_BITS) << STEP_BITS };

static unsigned
bucket_of(uint64_t ns)
{
	unsigned top = 63u - (unsigned)__builtin_clzll(ns | 1);

	if (top < STEP_BITS)
		return (unsigned)ns;
	return (top - STEP_BITS + 1) << STEP_BITS |
	       (unsigned)(ns >> (top - STEP_BITS) & ((1u << STEP_BITS) - 1));
}

static uint64_t
bucket_floor(unsigned b)
{
	unsigned power = b >> STEP_BITS, step = b & ((1u << STEP_BITS) - 1);

	if (power == 0)
		return step;
	return (uint64_t)(step | 1u << STEP_BITS) << (power - 1);
}

/* ---- options ---------------------------------------------------------------------------------- */

static struct {
	const char *target;
	bool burn, random;
	uint32_t block;
	unsigned depth, connections;
	double seconds;
	uint64_t burn_bytes;
	const uint8_t *burn_data;
	pid_t pid;
} opt = {
	.block = 256 * 1024,
	.depth = 8,
	.connections = 1,
	.seconds = 1,
	.burn_bytes = 64 << 20,
};

/* ---- one connection, which is one thread ------------------------------------------------------ */

struct connection;

struct slot { /* a command in progress */
	struct connection *conn;
	uint8_t *buf;
	struct scsi_iovec iov;
	uint64_t sent_ns;
};

struct connection {
	struct iscsi_context *ctx;
	int lun;
	uint32_t sectors; /* of the disc */
	uint32_t next;	  /* the next sector */
	uint64_t random;
	unsigned under_way;
	uint64_t done, bytes;
	uint32_t latency[NBUCKETS];
	struct slot slots[DEPTH_MAX];
	pthread_t thread;
};

static struct connection connections[CONNECTIONS_MAX];
static uint64_t stop_ns;

static void
command_now(struct connection *c, const uint8_t *cdb, int len)
{
	struct scsi_task *task;
	uint8_t copy[16];

	memcpy(copy, cdb, (size_t)len);
	task = scsi_create_task(len, copy, SCSI_XFER_NONE, 0);
	if (task == NULL || iscsi_scsi_command_sync(c->ctx, c->lun, task, NULL) == NULL ||
		task->status != SCSI_STATUS_GOOD)
		die("command %02x: %s", cdb[0], iscsi_get_error(c->ctx));
	scsi_free_scsi_task(task);
}

static void
read_capacity(struct connection *c)
{
	struct scsi_task *task = iscsi_readcapacity10_sync(c->ctx, c->lun, 0, 0);
	struct scsi_readcapacity10 *rc;

	if (task == NULL || task->status != SCSI_STATUS_GOOD ||
		(rc = scsi_datain_unmarshall(task)) == NULL)
		die("READ CAPACITY: %s", iscsi_get_error(c->ctx));
	c->sectors = rc->lba + 1;
	scsi_free_scsi_task(task);
	if (c->sectors < opt.block / SECTOR)
		die("the disc is smaller than one command reads");
}

static void
open_connection(struct connection *c, unsigned number)
{
	char name[64], url_text[512];
	struct iscsi_url *url;

	snprintf(name, sizeof(name), "iqn.2026-01.org.example:bench-%u", number);
	snprintf(url_text, sizeof(url_text), "iscsi://%s", opt.target);
	c->ctx = iscsi_create_context(name);
	url = iscsi_parse_full_url(c->ctx, url_text);
	if (url == NULL)
		die("%s: %s", opt.target, iscsi_get_error(c->ctx));
	c->lun = url->lun;
	c->random = 88172645463325252ull + number;
	iscsi_set_session_type(c->ctx, ISCSI_SESSION_NORMAL);
	iscsi_set_header_digest(c->ctx, ISCSI_HEADER_DIGEST_NONE);
	iscsi_set_noautoreconnect(c->ctx, 1);
	/* Takes the unit attentions, too. */
	if (iscsi_full_connect_sync(c->ctx, url->portal, url->lun) != 0)
		die("%s: %s", opt.target, iscsi_get_error(c->ctx));
	iscsi_destroy_url(url);
	if (!opt.burn)
		read_capacity(c);
	/* Sequential readers begin at different places of the disc, as several hosts would. */
	c->next = (uint32_t)((uint64_t)c->sectors * number / opt.connections);
	for (unsigned i = 0; i < opt.depth; i++) {
		c->slots[i].conn = c;
		c->slots[i].buf = opt.burn ? NULL : malloc(opt.block);
		if (!opt.burn && c->slots[i].buf == NULL)
			die("out of memory");
	}
}

static uint32_t
next_read(struct connection *c)
{
	uint32_t blocks = opt.block / SECTOR, lba;

	if (opt.random) {
		c->random ^= c->random << 13;
		c->random ^= c->random >> 7;
		c->random ^= c->random << 17;
		return (uint32_t)(c->random % (c->sectors / blocks)) * blocks;
	}
	if (c->next > c->sectors - blocks)
		c->next = 0;
	lba = c->next;
	c->next += blocks;
	return lba;
}

static void submit(struct slot *s);

static void
completed(struct iscsi_context *ctx, int status, void *data, void *arg)
{
	struct slot *s = arg;
	struct connection *c = s->conn;
	struct scsi_task *task = data;

	if (status != SCSI_STATUS_GOOD)
		die("command %02x failed with status %d, sense %02x/%04x: %s", task->cdb[0], status,
			(unsigned)task->sense.key, (unsigned)task->sense.ascq,
			iscsi_get_error(ctx));
	if (task->residual_status != SCSI_RESIDUAL_NO_RESIDUAL)
		die("command %02x: residual %zu", task->cdb[0], task->residual);
	c->latency[bucket_of(now_ns() - s->sent_ns)]++;
	c->done++;
	c->bytes += (uint64_t)task->expxferlen;
	c->under_way--;
	scsi_free_scsi_task(task);
	submit(s);
}

static void
submit_read(struct slot *s)
{
	struct connection *c = s->conn;

	s->sent_ns = now_ns();
	if (s->sent_ns >= stop_ns)
		return;
	s->iov = (struct scsi_iovec){.iov_base = s->buf, .iov_len = opt.block};
	if (iscsi_read10_iov_task(c->ctx, c->lun, next_read(c), opt.block, SECTOR, 0, 0, 0, 0, 0,
		    completed, s, &s->iov, 1) == NULL)
		die("READ(10): %s", iscsi_get_error(c->ctx));
	c->under_way++;
}

static void
submit_write(struct slot *s)
{
	struct connection *c = s->conn;
	uint64_t at = (uint64_t)c->next * SECTOR;
	uint32_t n = opt.block;

	if (at >= opt.burn_bytes)
		return;
	if (opt.burn_bytes - at < n)
		n = (uint32_t)(opt.burn_bytes - at);
	s->sent_ns = now_ns();
	if (iscsi_write10_task(c->ctx, c->lun, c->next, (uint8_t *)(uintptr_t)opt.burn_data + at, n,
		    SECTOR, 0, 0, 0, 0, 0, completed, s) == NULL)
		die("WRITE(10): %s", iscsi_get_error(c->ctx));
	c->next += n / SECTOR;
	c->under_way++;
}

static void
submit(struct slot *s)
{
	if (opt.burn)
		submit_write(s);
	else
		submit_read(s);
}

static void *
drive_connection(void *arg)
{
	static const uint8_t synchronize_cache[10] = {0x35};
	struct connection *c = arg;

	for (unsigned i = 0; i < opt.depth; i++)
		submit(&c->slots[i]);
	while (c->under_way > 0) {
		struct pollfd p = {
			.fd = iscsi_get_fd(c->ctx), .events = (short)iscsi_which_events(c->ctx)};

		if (poll(&p, 1, 10000) <= 0)
			die("no answer for 10 s");
		if (iscsi_service(c->ctx, p.revents) != 0)
			die("the session is lost: %s", iscsi_get_error(c->ctx));
	}
	if (opt.burn)
		command_now(c, synchronize_cache, sizeof(synchronize_cache));
	return NULL;
}

/* ---- the run ---------------------------------------------------------------------------------- */

static uint64_t
percentile(double share)
{
	uint64_t total = 0, below = 0;

	for (unsigned i = 0; i < opt.connections; i++)
		total += connections[i].done;
	for (unsigned b = 0; b < NBUCKETS; b++) {
		for (unsigned i = 0; i < opt.connections; i++)
			below += connections[i].latency[b];
		if ((double)below >= share * (double)total)
			return bucket_floor(b);
	}
	return 0;
}

static void
report(double seconds, const struct cpu *from, const struct cpu *to)
{
	uint64_t done = 0, bytes = 0;

	for (unsigned i = 0; i < opt.connections; i++) {
		done += connections[i].done;
		bytes += connections[i].bytes;
	}
	printf("mb_s %.1f iops %.0f p50_us %.1f p99_us %.1f", (double)bytes / seconds / 1e6,
		(double)done / seconds, (double)percentile(0.50) / 1e3,
		(double)percentile(0.99) / 1e3);
	cpu_print(from, to, bytes, seconds);
}

static void
run(void)
{
	static const uint8_t close_track[10] = {0x5b, 0, 1, 0, 0, 1};
	struct cpu before, after;
	uint64_t start, end;

	for (unsigned i = 0; i < opt.connections; i++)
		open_connection(&connections[i], i);
	before = cpu_take(opt.pid);
	start = now_ns();
	stop_ns = start + (uint64_t)(opt.seconds * 1e9);
	for (unsigned i = 0; i < opt.connections; i++)
		if (pthread_create(
			    &connections[i].thread, NULL, drive_connection, &connections[i]) != 0)
			die("cannot start a thread");
	for (unsigned i = 0; i < opt.connections; i++)
		pthread_join(connections[i].thread, NULL);
	end = now_ns();
	after = cpu_take(opt.pid);
	report((double)(end - start) / 1e9, &before, &after);
	if (opt.burn)
		command_now(&connections[0], close_track, sizeof(close_track));
	for (unsigned i = 0; i < opt.connections; i++) {
		iscsi_logout_sync(connections[i].ctx);
		iscsi_destroy_context(connections[i].ctx);
		for (unsigned s = 0; s < opt.depth; s++)
			free(connections[i].slots[s].buf);
	}
}

static void
map_file(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st) != 0)
		die("%s: %s", name, strerror(errno));
	if ((uint64_t)st.st_size < opt.burn_bytes)
		die("%s has less than %ju bytes", name, (uintmax_t)opt.burn_bytes);
	p = mmap(NULL, opt.burn_bytes, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0);
	if (p == MAP_FAILED)
		die("%s: %s", name, strerror(errno));
	opt.burn_data = p;
	close(fd);
}

static void
parse_options(int argc, char **argv)
{
	const char *file = NULL;
	int c;

	while ((c = getopt(argc, argv, "m:p:b:q:c:s:n:f:P:")) != -1) {
		switch (c) {
		case 'm':
			opt.burn = strcmp(optarg, "burn") == 0;
			break;
		case 'p':
			opt.random = strcmp(optarg, "rnd") == 0;
			break;
		case 'b':
			opt.block = (uint32_t)parse_size(optarg);
			break;
		case 'q':
			opt.depth = (unsigned)atoi(optarg);
			break;
		case 'c':
			opt.connections = (unsigned)atoi(optarg);
			break;
		case 's':
			opt.seconds = atof(optarg);
			break;
		case 'n':
			opt.burn_bytes = parse_size(optarg) / SECTOR * SECTOR;
			break;
		case 'f':
			file = optarg;
			break;
		case 'P':
			opt.pid = atoi(optarg);
			break;
		default:
			die("the options are in the comment at the top of bench_io.c");
		}
	}
	if (optind + 1 != argc || opt.depth < 1 || opt.depth > DEPTH_MAX || opt.connections < 1 ||
		opt.connections > CONNECTIONS_MAX || opt.block == 0 || opt.block % SECTOR != 0 ||
		opt.burn_bytes == 0)
		die("the options are in the comment at the top of bench_io.c");
	opt.target = argv[optind];
	if (opt.burn && (file == NULL || opt.connections != 1))
		die("a burn needs -f FILE, and one connection");
	if (opt.burn)
		map_file(file);
}

int
main(int argc, char **argv)
{
	parse_options(argc, argv);
	run();
	return 0;
}
