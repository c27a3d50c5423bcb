/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device with two logical units for tests of the transport. Its store is a file of 2048-byte blocks. It has
 * a command for each way in which a command can end: at once, with data from the file, with a long reply, on
 * another thread, and only when the test permits.
 */
#ifndef TESTS_UNIT_ISCSI_DUMMY_H
#define TESTS_UNIT_ISCSI_DUMMY_H

#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "changer/base/be.h"
#include "changer/scsi/lu.h"
#include "changer/scsi/spc.h"

enum { DUMMY_BLOCK = 2048, DUMMY_BLOCKS = 8192, DUMMY_UNITS = 2 };

struct dummy {
	int fd;
	uint64_t stored;    /* data beyond this byte of the file reads as zeros; 0: no limit */
	sem_t gate;	    /* each C0h command waits for one sem_post() */
	atomic_int slow;    /* how many C0h commands have begun */
	atomic_int extents; /* how many extents are in use by the transport */
	atomic_int resets;
	atomic_int writes; /* how many WRITE(10) commands were carried out */
	struct strand strand[DUMMY_UNITS];
	struct scsi_lu lu[DUMMY_UNITS];
	struct scsi_device *device;
};

static struct dummy dummy;

static void
dummy_put(void *arg)
{
	atomic_fetch_sub((atomic_int *)arg, 1);
}

/* READ(10): copies short data to the buffer; returns long data as an extent of the file. */
static void
dummy_read(struct scsi_task *task)
{
	uint64_t at = (uint64_t)get_be32(task->cdb + 2) * DUMMY_BLOCK;
	size_t n = (size_t)get_be16(task->cdb + 7) * DUMMY_BLOCK;

	if (at + n > (uint64_t)DUMMY_BLOCK * DUMMY_BLOCKS) {
		task_sense(task, 0x05, 0x21, 0x00);
		return;
	}
	if (n > SCSI_IN_MIN) {
		atomic_fetch_add(&dummy.extents, 1);
		task->extent.fd = dummy.fd;
		task->extent.offset = at;
		task->extent.length = n;
		task->extent.stored = n;
		if (dummy.stored != 0 && at + n > dummy.stored)
			task->extent.stored = at < dummy.stored ? dummy.stored - at : 0;
		task->extent.put = dummy_put;
		task->extent.arg = &dummy.extents;
		return;
	}
	if (pread(dummy.fd, task->in.data, n, (off_t)at) != (ssize_t)n)
		abort();
	task->in_len = n;
}

static void
dummy_write(struct scsi_task *task)
{
	uint64_t at = (uint64_t)get_be32(task->cdb + 2) * DUMMY_BLOCK;
	size_t n = (size_t)get_be16(task->cdb + 7) * DUMMY_BLOCK;

	task->out_want = n;
	if (n > task->out_len)
		n = task->out_len;
	if (at + n > (uint64_t)DUMMY_BLOCK * DUMMY_BLOCKS) {
		task_sense(task, 0x05, 0x21, 0x00);
		return;
	}
	if (n > 0 && pwrite(dummy.fd, task->out, n, (off_t)at) != (ssize_t)n)
		abort();
	atomic_fetch_add(&dummy.writes, 1);
}

static void
dummy_capacity(struct scsi_task *task)
{
	struct wbuf w;

	task_reply_begin(task, &w);
	wb_be32(&w, DUMMY_BLOCKS - 1);
	wb_be32(&w, DUMMY_BLOCK);
	task_reply_end(task, &w, 8);
}

/* C0h: runs on another thread and waits for `gate`. Then it returns the block whose number is byte 2 of
 * the CDB. */
static void
dummy_slow(struct scsi_task *task)
{
	atomic_fetch_add(&dummy.slow, 1);
	sem_wait(&dummy.gate);
	if (pread(dummy.fd, task->in.data, DUMMY_BLOCK, (off_t)task->cdb[2] * DUMMY_BLOCK) !=
		DUMMY_BLOCK)
		abort();
	task->in_len = DUMMY_BLOCK;
}

/* C1h: returns as many bytes as bytes 2 to 5 of the CDB say. Each byte depends on its position. */
static void
dummy_long(struct scsi_task *task)
{
	uint32_t n = get_be32(task->cdb + 2);
	struct wbuf w;

	if (!task_reply_room(task, n))
		return;
	task_reply_begin(task, &w);
	for (uint32_t i = 0; i < n; i++)
		wb_u8(&w, (uint8_t)(i * 7 + (i >> 8)));
	task_reply_end(task, &w, n);
}

/* C2h: answers like C1h, but runs on another thread. It does not wait for `gate`. */
static void
dummy_elsewhere(struct scsi_task *task)
{
	dummy_long(task);
}

static void
dummy_reset(struct scsi_lu *lu)
{
	(void)lu;
	atomic_fetch_add(&dummy.resets, 1);
}

static void
dummy_identity(struct scsi_lu *lu, struct scsi_identity *out)
{
	memset(out, 0, sizeof(*out));
	strcpy(out->vendor, "TEST");
	strcpy(out->product, "DUMMY");
	strcpy(out->revision, "1");
	strcpy(out->serial, "0");
	out->naa[0] = 0x30;
	out->naa[7] = lu->lun;
}

// clang-format off
static const struct scsi_cmd dummy_cmds[] = {
	SPC_COMMON_CMDS,
	{0x25, -1, 10, SCSI_DIR_IN, 0, "READ CAPACITY(10)", {0x25}, dummy_capacity},
	{0x28, -1, 10, SCSI_DIR_IN, 0, "READ(10)",
		{0x28, 0, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0x07}, dummy_read},
	{0x2a, -1, 10, SCSI_DIR_OUT, 0, "WRITE(10)",
		{0x2a, 0, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0x07}, dummy_write},
	{0xc0, -1, 10, SCSI_DIR_IN, CMD_SLOW, "SLOW", {0xc0, 0, 0xff}, dummy_slow},
	{0xc1, -1, 10, SCSI_DIR_IN, 0, "LONG", {0xc1, 0, 0xff, 0xff, 0xff, 0xff}, dummy_long},
	{0xc2, -1, 10, SCSI_DIR_IN, CMD_SLOW, "LONG ELSEWHERE",
		{0xc2, 0, 0xff, 0xff, 0xff, 0xff}, dummy_elsewhere},
};
// clang-format on

static const uint16_t dummy_versions[] = {0};
static const struct scsi_lu_type dummy_type = {
	.type = SCSI_TYPE_MMC,
	.cmds = dummy_cmds,
	.ncmds = sizeof(dummy_cmds) / sizeof(dummy_cmds[0]),
	.versions = dummy_versions,
	.identity = dummy_identity,
	.reset = dummy_reset,
};

static void
dummy_fill(void)
{
	uint8_t block[DUMMY_BLOCK];

	for (uint32_t i = 0; i < DUMMY_BLOCKS; i++) {
		for (size_t j = 0; j < sizeof(block); j += 4)
			put_be32(block + j, i * 2654435761u + (uint32_t)j);
		if (pwrite(dummy.fd, block, sizeof(block), (off_t)i * DUMMY_BLOCK) != DUMMY_BLOCK)
			abort();
	}
}

static void
dummy_init(void)
{
	dummy.fd = memfd_create("dummy", MFD_CLOEXEC);
	sem_init(&dummy.gate, 0, 0);
	dummy_fill();
	dummy.device = scsi_device_new();
	for (uint8_t i = 0; i < DUMMY_UNITS; i++) {
		strand_init(&dummy.strand[i], "unit");
		lu_init(&dummy.lu[i], &dummy_type, i, &dummy.strand[i], NULL);
		scsi_device_add(dummy.device, &dummy.lu[i]);
	}
}

static inline void
dummy_fini(void)
{
	for (int i = 0; i < DUMMY_UNITS; i++)
		strand_fini(&dummy.strand[i]);
	scsi_device_free(dummy.device);
	sem_destroy(&dummy.gate);
	close(dummy.fd);
}

#endif
