/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bench_raw: reads like bench_io, over one connection, with its own initiator, which drops the payload in the
 * kernel (recv with MSG_TRUNC). A client that copies every byte into its memory is slower than a good target;
 * this one is not. It implements only what a reader needs of RFC 7143: one login request, READ(10), Data-In,
 * SCSI Response, NOP-In.
 *
 *	bench_raw [-p seq|rnd] [-b BYTES] [-q DEPTH] [-s SECONDS] [-P PID] HOST:PORT/NAME/LUN
 *
 * Options and output are those of bench_io, without latencies.
 */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "changer/base/be.h"
#include "tests/bench/lib/measure.h"

enum { BHS = 48, DEPTH_MAX = 256, TEXT_MAX = 4096 };

/* The opcodes of RFC 7143 11.2.1.2. */
enum {
	NOP_OUT = 0x00,
	SCSI_COMMAND = 0x01,
	LOGIN_REQUEST = 0x03,
	NOP_IN = 0x20,
	SCSI_RESPONSE = 0x21,
	LOGIN_RESPONSE = 0x23,
	DATA_IN = 0x25,
	IMMEDIATE = 0x40,
	FINAL = 0x80,
};

static struct {
	bool random;
	uint32_t block;
	unsigned depth;
	double seconds;
	pid_t pid;
	char host[128], port[16], name[256];
	unsigned lun;
} opt = {.block = 256 * 1024, .depth = 8, .seconds = 1};

static int fd;
static uint32_t cmd_sn = 1, exp_stat_sn;
static uint8_t header[BHS]; /* of the last PDU received */

/* ---- PDUs ------------------------------------------------------------------------------------- */

static void
send_all(const void *p, size_t n)
{
	for (const uint8_t *at = p; n > 0;) {
		ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);

		if (sent < 0)
			die("send: %s", strerror(errno));
		at += sent;
		n -= (size_t)sent;
	}
}

static void
receive(void *p, size_t n, int flags)
{
	for (size_t got = 0; got < n;) {
		ssize_t r = recv(fd, p == NULL ? NULL : (uint8_t *)p + got, n - got, flags);

		if (r <= 0)
			die("the connection is lost");
		got += (size_t)r;
	}
}

/* Receives a PDU; keeps its header and at most `size` bytes of its data. Returns the opcode. */
static uint8_t
receive_pdu(uint8_t *data, size_t size)
{
	size_t n, kept;

	receive(header, BHS, MSG_WAITALL);
	n = (get_be24(header + 5) + 3u) & ~3u;
	kept = n < size ? n : size;
	receive(data, kept, MSG_WAITALL);
	receive(NULL, n - kept, MSG_TRUNC);
	return header[0] & 0x3f;
}

/* Takes StatSN from the PDU in `header`. It must have a StatSN: Data-In has one only with status (RFC 7143
 * 11.7.3). */
static void
take_stat_sn(void)
{
	exp_stat_sn = get_be32(header + 24) + 1;
}

static void
login(void)
{
	uint8_t bhs[BHS] = {LOGIN_REQUEST | IMMEDIATE, 0x87 /* T, operational to full feature */};
	uint8_t data[TEXT_MAX] = {0};
	size_t n = 0;
	static const char *const keys[] = {"InitiatorName=iqn.2026-01.org.example:bench-raw",
		"SessionType=Normal", "HeaderDigest=None", "DataDigest=None", "InitialR2T=Yes",
		"ImmediateData=Yes", "MaxBurstLength=16776192", "MaxRecvDataSegmentLength=1048576"};

	n += (size_t)snprintf((char *)data, sizeof(data), "TargetName=%s", opt.name) + 1;
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		memcpy(data + n, keys[i], strlen(keys[i]) + 1);
		n += strlen(keys[i]) + 1;
	}
	put_be24(bhs + 5, (uint32_t)n);
	bhs[8] = 0x80; /* ISID of a random kind */
	put_be32(bhs + 9, (uint32_t)getpid());
	put_be32(bhs + 24, cmd_sn);
	send_all(bhs, BHS);
	send_all(data, (n + 3) & ~(size_t)3);
	if (receive_pdu(data, sizeof(data)) != LOGIN_RESPONSE || header[36] != 0)
		die("login is refused with status %02x%02x", header[36], header[37]);
	if ((header[1] & 0x83) != 0x83)
		die("the target wants more of a login than one request");
	take_stat_sn();
}

static void
send_command(uint32_t tag, const uint8_t *cdb, size_t cdb_len, uint32_t expected)
{
	uint8_t bhs[BHS] = {SCSI_COMMAND};

	bhs[1] = expected > 0 ? FINAL | 0x41 : FINAL | 0x01; /* R; simple task */
	bhs[9] = (uint8_t)opt.lun;
	put_be32(bhs + 16, tag);
	put_be32(bhs + 20, expected);
	put_be32(bhs + 24, cmd_sn++);
	put_be32(bhs + 28, exp_stat_sn);
	memcpy(bhs + 32, cdb, cdb_len);
	send_all(bhs, BHS);
}

static void
answer_nop(void)
{
	uint8_t bhs[BHS] = {NOP_OUT | IMMEDIATE, FINAL};

	if (get_be32(header + 20) == 0xffffffff)
		return;
	memcpy(bhs + 8, header + 8, 8);
	put_be32(bhs + 16, 0xffffffff);
	memcpy(bhs + 20, header + 20, 4);
	put_be32(bhs + 24, cmd_sn);
	put_be32(bhs + 28, exp_stat_sn);
	send_all(bhs, BHS);
}

/* Receives PDUs until a command ends. Returns its status. */
static uint8_t
await_command(uint8_t *data, size_t size)
{
	for (;;) {
		switch (receive_pdu(data, size)) {
		case DATA_IN:
			if ((header[1] & 0x01) == 0)
				break;
			take_stat_sn();
			return header[3];
		case SCSI_RESPONSE:
			take_stat_sn();
			return header[2] == 0 ? header[3] : 0xff;
		case NOP_IN:
			answer_nop();
			break;
		default:
			die("PDU %02x was not expected", header[0]);
		}
	}
}

/* ---- the run ---------------------------------------------------------------------------------- */

static uint32_t
read_capacity(void)
{
	static const uint8_t test_unit_ready[6], capacity[10] = {0x25};
	uint8_t data[8];

	/* Take the unit attentions first. */
	for (int i = 0; i < 8; i++) {
		send_command(0, test_unit_ready, sizeof(test_unit_ready), 0);
		if (await_command(NULL, 0) == 0)
			break;
	}
	send_command(0, capacity, sizeof(capacity), sizeof(data));
	if (await_command(data, sizeof(data)) != 0)
		die("READ CAPACITY failed");
	return get_be32(data) + 1;
}

static void
send_read(uint32_t sectors)
{
	static uint64_t random = 88172645463325252ull;
	static uint32_t next;
	uint32_t count = opt.block / SECTOR, lba;
	uint8_t cdb[10] = {0x28};

	if (opt.random) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		lba = (uint32_t)(random % (sectors / count)) * count;
	} else {
		if (next > sectors - count)
			next = 0;
		lba = next;
		next += count;
	}
	put_be32(cdb + 2, lba);
	put_be16(cdb + 7, (uint16_t)count);
	send_command(lba, cdb, sizeof(cdb), opt.block);
}

static void
run(void)
{
	uint32_t sectors = read_capacity();
	struct cpu before, after;
	uint64_t start, stop, end, done = 0;
	unsigned under_way;

	if (sectors < opt.block / SECTOR)
		die("the disc is smaller than one command reads");
	before = cpu_take(opt.pid);
	start = now_ns();
	stop = start + (uint64_t)(opt.seconds * 1e9);
	for (under_way = 0; under_way < opt.depth; under_way++)
		send_read(sectors);
	while (under_way > 0) {
		if (await_command(NULL, 0) != 0)
			die("a read failed");
		done++;
		if (now_ns() < stop)
			send_read(sectors);
		else
			under_way--;
	}
	end = now_ns();
	after = cpu_take(opt.pid);
	printf("mb_s %.1f iops %.0f",
		(double)done * opt.block / ((double)(end - start) / 1e9) / 1e6,
		(double)done / ((double)(end - start) / 1e9));
	cpu_print(&before, &after, done * opt.block, (double)(end - start) / 1e9);
}

static void
connect_target(void)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *ai;
	int one = 1;

	if (getaddrinfo(opt.host, opt.port, &hints, &ai) != 0)
		die("%s: no such host", opt.host);
	fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, ai->ai_addr, ai->ai_addrlen) != 0)
		die("%s:%s: %s", opt.host, opt.port, strerror(errno));
	freeaddrinfo(ai);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

int
main(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "p:b:q:s:P:")) != -1) {
		switch (c) {
		case 'p':
			opt.random = strcmp(optarg, "rnd") == 0;
			break;
		case 'b':
			opt.block = (uint32_t)parse_size(optarg);
			break;
		case 'q':
			opt.depth = (unsigned)atoi(optarg);
			break;
		case 's':
			opt.seconds = atof(optarg);
			break;
		case 'P':
			opt.pid = atoi(optarg);
			break;
		default:
			die("the options are in the comment at the top of bench_raw.c");
		}
	}
	if (optind + 1 != argc || opt.depth < 1 || opt.depth > DEPTH_MAX || opt.block == 0 ||
		opt.block % SECTOR != 0 ||
		sscanf(argv[optind], "%127[^:]:%15[0-9]/%255[^/]/%u", opt.host, opt.port, opt.name,
			&opt.lun) != 4)
		die("the options are in the comment at the top of bench_raw.c");
	connect_target();
	login();
	run();
	return 0;
}
