/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A target that serves one end of a socket pair, and an initiator at the other end that sends the PDUs of a
 * fuzz input. A record of the input is
 *
 *	control byte, header of 48 bytes, length of two bytes, as much data
 *
 * The initiator fills in what makes most PDUs valid, unless the control byte says not to. It sends without
 * waiting for answers, and reads them at the same time. Each run has a target of its own.
 */
#ifndef TESTS_FUZZ_SERVE_H
#define TESTS_FUZZ_SERVE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "changer/base/log.h"
#include "target/iscsi/conn.h"
#include "target/iscsi/digest.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/iscsi/dummy.h"

#define SERVE_TARGET "iqn.2026-11.test.jukebox:t"
#define SERVE_NAMES "InitiatorName=iqn.2026-11.test.initiator:a\0TargetName=" SERVE_TARGET "\0"

enum {				   /* bits of the control byte */
	SERVE_RAW_LENGTH = 0x01,   /* DataSegmentLength is that of the record */
	SERVE_RAW_NUMBER = 0x02,   /* CmdSN is that of the record */
	SERVE_RAW_TAG = 0x04,	   /* the Initiator Task Tag is that of the record */
	SERVE_WRONG_HEADER = 0x08, /* the header digest is wrong */
	SERVE_WRONG_DATA = 0x10,   /* the data digest is wrong */
	SERVE_CUT = 0x20,	   /* half of it is sent, and nothing more */
	SERVE_LAST_TAG = 0x40,	   /* the tag of the PDU before, as Data-Out has */
	SERVE_PATTERN =
		0x80, /* the data is 16 bytes for each one of the length, and not in the record */
	SERVE_BYTES_MAX = 1 << 20,  /* in one run */
	SERVE_FIRST_CMD_SN = 0x100, /* of the first command */
};

struct serve {
	struct iscsi_target *target;
	int fd; /* the initiator's end */
	uint32_t cmd_sn, itt;
	bool header_digest, data_digest;
	uint8_t *out; /* what is to be sent */
	size_t len;
};

/* The challenges of CHAP are zeros, so that the corpus can have answers to them. */
ssize_t
getrandom(void *buf, size_t n, unsigned flags)
{
	(void)flags;
	memset(buf, 0, n);
	return (ssize_t)n;
}

static inline void
serve_begin(struct serve *s, const struct iscsi_access *access)
{
	static const char *const portals[] = {"127.0.0.1:0"};
	struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct iscsi_options options = {
		.name = SERVE_TARGET, .portals = portals, .nportals = 1, .access = access};
	char why[256];
	int pair[2];

	memset(s, 0, sizeof(*s));
	s->cmd_sn = SERVE_FIRST_CMD_SN;
	s->out = malloc(SERVE_BYTES_MAX);
	if (dummy.device == NULL) {
		signal(SIGPIPE, SIG_IGN);
		log_level = LOG_LEVEL_ERR;
		dummy_init();
		scsi_device_free(dummy.device);
		sem_init(&dummy.gate, 0, 1 << 30);
	}
	dummy.device = scsi_device_new();
	for (uint8_t i = 0; i < DUMMY_UNITS; i++) {
		lu_init(&dummy.lu[i], &dummy_type, i, &dummy.strand[i], NULL);
		scsi_device_add(dummy.device, &dummy.lu[i]);
	}
	options.device = dummy.device;
	s->target = iscsi_start(&options, why, sizeof(why));
	FUZZ_CHECK(s->target != NULL && s->out != NULL);
	FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	s->fd = pair[0];
	serve_start(s->target, pair[1], (struct sockaddr *)&from);
}

/* Adds bytes to what is to be sent. Those that are too many are dropped. */
static inline void
serve_add(struct serve *s, const void *bytes, size_t n)
{
	if (n > SERVE_BYTES_MAX - s->len)
		n = SERVE_BYTES_MAX - s->len;
	if (n > 0)
		memcpy(s->out + s->len, bytes, n);
	s->len += n;
}

/* Adds a digest of what was added from `from` on. */
static inline void
serve_add_digest(struct serve *s, size_t from, bool wrong)
{
	uint8_t digest[DIGEST_LEN];

	digest_put(digest, digest_add(DIGEST_START, s->out + from, s->len - from) ^ wrong);
	serve_add(s, digest, sizeof(digest));
}

/* Adds one PDU. The additional header is taken from the begin of the data. */
static inline void
serve_add_pdu(struct serve *s, uint8_t bhs[BHS_LEN], const uint8_t *data, size_t n, uint8_t control)
{
	static const uint8_t zeros[AHS_MAX];
	size_t from = s->len, ahs = (size_t)bhs[BHS_AHS_LENGTH] * 4, has = ahs < n ? ahs : n;

	if (bhs[COMMAND_CDB] == 0xc1 || bhs[COMMAND_CDB] == 0xc2) {
		/* The dummy's replies may be as long as the initiator likes: 1 MiB is enough. */
		bhs[COMMAND_CDB + 2] = 0;
		bhs[COMMAND_CDB + 3] &= 0x0f;
	}
	if (!(control & SERVE_RAW_LENGTH))
		put_be24(bhs + BHS_DATA_LENGTH, (uint32_t)(n - has));
	serve_add(s, bhs, BHS_LEN);
	serve_add(s, data, has);
	serve_add(s, zeros, ahs - has);
	if (s->header_digest)
		serve_add_digest(s, from, control & SERVE_WRONG_HEADER);
	if (n == has)
		return;
	from = s->len;
	serve_add(s, data + has, n - has);
	serve_add(s, zeros, pdu_padding((uint32_t)(n - has)));
	if (s->data_digest)
		serve_add_digest(s, from, control & SERVE_WRONG_DATA);
}

/* Adds the PDU of the next record. Returns false if no other one may follow. */
static inline bool
serve_add_record(struct serve *s, struct feed *f)
{
	static uint8_t pattern[16 * 8192];
	uint8_t control = feed_u8(f), bhs[BHS_LEN];
	size_t from = s->len, n, got;
	const uint8_t *data;

	feed_fill(f, bhs, sizeof(bhs));
	n = feed_u16(f);
	if (control & SERVE_PATTERN) {
		got = n * 16 < sizeof(pattern) ? n * 16 : sizeof(pattern);
		data = pattern;
	} else {
		data = feed_take(f, n, &got);
	}
	if (!(control & SERVE_RAW_TAG))
		put_be32(bhs + BHS_ITT, control & SERVE_LAST_TAG ? s->itt : ++s->itt);
	if (!(control & SERVE_RAW_NUMBER) && (bhs[BHS_OPCODE] & BHS_OPCODE_MASK) != OP_DATA_OUT) {
		put_be32(bhs + BHS_CMD_SN, s->cmd_sn);
		s->cmd_sn += !(bhs[BHS_OPCODE] & BHS_IMMEDIATE);
	}
	serve_add_pdu(s, bhs, data, got, control);
	if (control & SERVE_CUT)
		s->len = from + (s->len - from) / 2;
	return !(control & SERVE_CUT) && s->len < SERVE_BYTES_MAX;
}

/* Sends all, reads what comes until the target closes the connection, and checks that nothing is left. */
static inline void
serve_end(struct serve *s)
{
	static uint8_t answers[65536];
	size_t sent = 0;
	ssize_t n = 1;
	int ready;

	if (s->len == 0)
		shutdown(s->fd, SHUT_WR);
	while (n > 0) {
		struct pollfd pfd = {.fd = s->fd, .events = POLLIN};

		pfd.events |= sent < s->len ? POLLOUT : 0;
		/* libFuzzer's alarm interrupts it now and then. */
		if ((ready = poll(&pfd, 1, 20000)) < 0 && errno == EINTR)
			continue;
		FUZZ_CHECK(ready > 0);
		if (sent < s->len && (pfd.revents & POLLOUT)) {
			n = send(s->fd, s->out + sent, s->len - sent, MSG_DONTWAIT | MSG_NOSIGNAL);
			sent = n < 0 ? s->len : sent + (size_t)n;
			n = 1;
			if (sent == s->len)
				shutdown(s->fd, SHUT_WR);
		}
		if (pfd.revents & (POLLIN | POLLHUP))
			n = recv(s->fd, answers, sizeof(answers), 0);
	}
	close(s->fd);
	free(s->out);
	iscsi_stop(s->target);
	scsi_device_free(dummy.device);
	FUZZ_CHECK(atomic_load(&dummy.extents) == 0);
}

#endif
