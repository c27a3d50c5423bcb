/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs one SCSI command for unit tests of device types and waits for its result. Takes the place of a
 * transport.
 *
 *	struct run r;
 *	run_begin(&r, nexus, 1);
 *	run_cdb(&r, NULL, 0, 0x12, 0, 0, 0, 36, 0);
 *	assert_int_equal(r.status, SCSI_GOOD);
 *	assert_int_equal(r.data[0], 0x05);
 *	run_end(&r);
 *
 * `data` and `len` hold the data-in, wherever the unit left it: in the buffer, in a larger buffer, or as an
 * extent of a file. The data-in buffer is filled with 5Ah before each command. On detach the task gets another
 * buffer, so AddressSanitizer finds a unit that writes into the old one.
 */
#ifndef TESTS_UNIT_SCSI_RUN_H
#define TESTS_UNIT_SCSI_RUN_H

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "changer/scsi/port.h"
#include "changer/scsi/task.h"

struct run {
	struct scsi_nexus *nexus; /* borrowed */
	uint8_t lun[8];

	/* The result of the last command. */
	enum scsi_status status;
	uint8_t sense[SCSI_SENSE_LEN];
	uint8_t key, asc, ascq; /* of sense; 0 with GOOD */
	uint8_t *data;
	size_t len;
	bool pended; /* true if the command ran on the strand's thread */

	struct scsi_task task;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool done;
};

/* Returns a new nexus. Its initiator port has the name of its initiator. */
static inline struct scsi_nexus *
run_nexus(struct scsi_device *device, const char *initiator)
{
	return scsi_nexus_new(scsi_device_port(device), initiator, initiator);
}

static inline void
run_detach(struct scsi_task *task)
{
	free(task->in.data);
	wbuf_init(&task->in, malloc(SCSI_IN_MIN), SCSI_IN_MIN);
	assert_non_null(task->in.data);
	memset(task->in.data, 0x5a, SCSI_IN_MIN);
}

static inline void
run_done(struct scsi_task *task)
{
	struct run *r = (struct run *)(void *)((char *)task - offsetof(struct run, task));

	pthread_mutex_lock(&r->lock);
	r->done = true;
	pthread_cond_signal(&r->changed);
	pthread_mutex_unlock(&r->lock);
}

static const struct scsi_task_ops run_ops = {.detach = run_detach, .done = run_done};

/* Initializes *r. All later commands of *r use this nexus and this LUN. */
static inline void
run_begin(struct run *r, struct scsi_nexus *nexus, uint8_t lun)
{
	memset(r, 0, sizeof(*r));
	r->nexus = nexus;
	r->lun[1] = lun;
	pthread_mutex_init(&r->lock, NULL);
	pthread_cond_init(&r->changed, NULL);
}

static inline void
run_end(struct run *r)
{
	free(r->data);
	r->data = NULL;
	pthread_cond_destroy(&r->changed);
	pthread_mutex_destroy(&r->lock);
}

/* Copies the data-in of a finished task into *r, wherever the unit left it. */
static inline void
run_collect(struct run *r)
{
	struct scsi_task *task = &r->task;

	r->len = task->in_len;
	if (task->extent.length != 0) {
		/* One command can read a whole formatted BD (25 GB); only the beginning of that is kept. */
		enum { LOOK_AT = 16 << 20 };
		size_t stored = task->extent.stored < LOOK_AT ? task->extent.stored : LOOK_AT;
		ssize_t got;

		r->len = task->extent.length;
		r->data = calloc(1, r->len < LOOK_AT ? r->len : LOOK_AT);
		assert_non_null(r->data);
		got = pread(task->extent.fd, r->data, stored, (off_t)task->extent.offset);
		assert_int_equal(got, stored);
		task->extent.put(task->extent.arg);
		free(task->in.data);
	} else if (task->big != NULL) {
		r->data = task->big;
		free(task->in.data);
	} else {
		r->data = task->in.data;
	}
}

static inline void
run_bytes(struct run *r, const uint8_t *cdb, size_t cdb_len, const void *out, size_t out_len)
{
	struct scsi_task *task = &r->task;

	assert_in_range(cdb_len, 6, SCSI_CDB_MAX);
	free(r->data);
	r->data = NULL;
	memset(task, 0, sizeof(*task));
	task->ops = &run_ops;
	task->nexus = r->nexus;
	memcpy(task->lun, r->lun, sizeof(task->lun));
	memcpy(task->cdb, cdb, cdb_len);
	task->out = out;
	task->out_len = task->out_want = out_len;
	run_detach(task); /* gives the task its first buffer */
	r->done = false;
	r->pended = scsi_task_submit(task) == SCSI_PENDING;
	pthread_mutex_lock(&r->lock);
	while (r->pended && !r->done)
		pthread_cond_wait(&r->changed, &r->lock);
	pthread_mutex_unlock(&r->lock);
	r->status = task->status;
	memset(r->sense, 0, sizeof(r->sense));
	if (r->status == SCSI_CHECK_CONDITION)
		memcpy(r->sense, task->sense, sizeof(r->sense));
	r->key = r->sense[2] & 0x0f;
	r->asc = r->sense[12];
	r->ascq = r->sense[13];
	run_collect(r);
}

/* Runs a command. The arguments are the bytes of its CDB; bytes that are left out at the end are 0. */
#define run_cdb(r, out, out_len, ...) \
	do { \
		const uint8_t run_cdb_bytes[SCSI_CDB_MAX] = {__VA_ARGS__}; \
		run_bytes(r, run_cdb_bytes, sizeof(run_cdb_bytes), out, out_len); \
	} while (0)

#define run_assert_good(r) \
	do { \
		if ((r)->status != SCSI_GOOD) \
			fail_msg("status %02x, sense %x/%02x/%02x", (unsigned)(r)->status, \
				(r)->key, (r)->asc, (r)->ascq); \
	} while (0)

#define run_assert_sense(r, k, c, q) \
	do { \
		if ((r)->status != SCSI_CHECK_CONDITION || (r)->key != (k) || (r)->asc != (c) || \
			(r)->ascq != (q)) \
			fail_msg("status %02x, sense %x/%02x/%02x, not %x/%02x/%02x", \
				(unsigned)(r)->status, (r)->key, (r)->asc, (r)->ascq, (k), (c), \
				(q)); \
	} while (0)

/* Runs TEST UNIT READY until no unit attention is pending. The first one is that of power on. */
static inline void
run_clear_ua(struct run *r)
{
	for (unsigned i = 0; i <= ITL_UA_MAX; i++) {
		run_cdb(r, NULL, 0, 0x00);
		if (r->status != SCSI_CHECK_CONDITION || r->key != 0x06)
			return;
	}
	fail_msg("unit attentions without end");
}

/* Reads a file of annotated bytes (tests/golden) into buf. The file has hex pairs and white space; #
 * begins a comment up to the end of the line. Returns the number of bytes. */
static inline size_t
golden_read(const char *path, uint8_t *buf, size_t size)
{
	FILE *f = fopen(path, "r");
	size_t n = 0;
	int c;

	if (f == NULL)
		fail_msg("cannot open %s", path);
	while ((c = fgetc(f)) != EOF) {
		char pair[3] = {(char)c, 0, 0};
		char *end;

		if (c == '#') {
			while (c != '\n' && c != EOF)
				c = fgetc(f);
			continue;
		}
		if (c == ' ' || c == '\t' || c == '\n')
			continue;
		pair[1] = (char)fgetc(f);
		if (n == size)
			fail_msg("%s: more than %zu bytes", path, size);
		buf[n++] = (uint8_t)strtoul(pair, &end, 16);
		if (*end != '\0')
			fail_msg("%s: not a hex pair: '%s'", path, pair);
	}
	fclose(f);
	return n;
}

/* Compares the data-in of the last command with a golden file, byte for byte. */
static inline void
run_assert_golden(const struct run *r, const char *path)
{
	static uint8_t want[64 * 1024];
	size_t n = golden_read(path, want, sizeof(want));

	for (size_t i = 0; i < n && i < r->len; i++) {
		if (r->data[i] != want[i])
			fail_msg("%s: byte %zu (%zXh) is %02x, not %02x", path, i, i, r->data[i],
				want[i]);
	}
	if (r->len != n)
		fail_msg("%s: %zu bytes, not %zu", path, r->len, n);
}

#endif
