/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A device type for tests of the SCSI layer. Its commands note how they ran; its one changeable mode page
 * stores a byte.
 */
#ifndef TESTS_UNIT_SCSI_DUMMY_H
#define TESTS_UNIT_SCSI_DUMMY_H

#include <stdatomic.h>

#include "changer/base/be.h"
#include "changer/scsi/sense.h"
#include "changer/scsi/spc.h"
#include "tests/unit/scsi_run.h"

enum {
	DUMMY_NOTE = 0xc0,    /* on any thread */
	DUMMY_SLOW = 0xc1,    /* always on the strand's thread */
	DUMMY_BLOCK = 0xc2,   /* blocks if it may, else asks for the strand's thread */
	DUMMY_READY = 0xc3,   /* needs a medium */
	DUMMY_BIG = 0xc4,     /* returns as many bytes as CDB bytes 2-5 say */
	DUMMY_SERVICE = 0xc5, /* service actions 1 and 3 */
	DUMMY_ANYTIME = 0xc6, /* on the caller's thread, even if the strand is held */
	DUMMY_READS = 0xc7,   /* allowed while writing is reserved */
	DUMMY_PREVENT = 0x1e,
	DUMMY_CONTROL_LEN = 16,
};

struct dummy {
	struct scsi_lu lu;
	struct strand strand;
	bool ready;
	uint8_t value, fixed;	    /* of mode page 01h */
	unsigned ran, detached_ran; /* commands that ran, and those that might block */
	pthread_t thread;	    /* of the last command */
	unsigned lost, resets;
	atomic_ulong changes; /* check_ua compares with it */
	uint16_t last_service;
};

static inline struct dummy *
dummy_of(struct scsi_lu *lu)
{
	return lu->priv;
}

static inline void
dummy_note(struct scsi_task *task)
{
	struct dummy *d = dummy_of(task->lu);

	d->ran++;
	d->detached_ran += task->may_block;
	d->thread = pthread_self();
}

static inline void
dummy_block(struct scsi_task *task)
{
	struct wbuf w;

	if (!task->may_block) {
		if (task_reply_room(task, 1 << 20)) /* the reply so far is dropped */
			task_would_block(task);
		return;
	}
	dummy_note(task);
	task_reply_begin(task, &w);
	wb_be32(&w, 0x01020304);
	task_reply_end(task, &w, 4);
}

static inline void
dummy_big(struct scsi_task *task)
{
	uint32_t n = get_be32(task->cdb + 2);
	struct wbuf w;

	if (!task_reply_room(task, n))
		return;
	task_reply_begin(task, &w);
	for (uint32_t i = 0; i < n; i++)
		wb_u8(&w, (uint8_t)i);
	task_reply_end(task, &w, n);
}

static inline void
dummy_service(struct scsi_task *task)
{
	dummy_of(task->lu)->last_service = (uint16_t)task->cmd->service_action;
	dummy_note(task);
}

static inline void
dummy_page_01(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w)
{
	static const uint8_t changeable[] = {0x0f, 0x00};
	struct dummy *d = dummy_of(lu);
	const uint8_t now[] = {d->value, 0x55}, dflt[] = {0x01, 0x55};

	wb_u8(w, 0x01);
	wb_u8(w, sizeof(now));
	wb_bytes(w, control == 1 ? changeable : control == 2 ? dflt : now, sizeof(now));
}

static inline bool
dummy_accepts_01(struct scsi_lu *lu, const uint8_t *page)
{
	return page[2] != 0x0e;
}

static inline void
dummy_select_01(struct scsi_lu *lu, struct scsi_itl *itl, const uint8_t *page, size_t len)
{
	dummy_of(lu)->value = page[2];
}

static inline void
dummy_page_1c(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w)
{
	wb_u8(w, 0x1c);
	wb_u8(w, 10);
	wb_zero(w, 9);
	wb_u8(w, control == 1 ? 0 : 0x77);
}

static const struct scsi_mode_page dummy_pages[] = {
	{.code = 0x01,
		.build = dummy_page_01,
		.accepts = dummy_accepts_01,
		.select = dummy_select_01},
	{.code = 0x1c, .build = dummy_page_1c},
};

// clang-format off
static const struct scsi_cmd dummy_cmds[] = {
	SPC_COMMON_CMDS,
	{DUMMY_NOTE, -1, 16, SCSI_DIR_NONE, 0, "NOTE", {DUMMY_NOTE}, dummy_note},
	{DUMMY_SLOW, -1, 10, SCSI_DIR_NONE, CMD_SLOW, "SLOW", {DUMMY_SLOW}, dummy_note},
	{DUMMY_BLOCK, -1, 10, SCSI_DIR_IN, 0, "BLOCK", {DUMMY_BLOCK}, dummy_block},
	{DUMMY_READY, -1, 10, SCSI_DIR_NONE, CMD_NEEDS_MEDIUM, "READY", {DUMMY_READY}, dummy_note},
	{DUMMY_BIG, -1, 12, SCSI_DIR_IN, 0, "BIG", {DUMMY_BIG}, dummy_big},
	{DUMMY_SERVICE, 1, 12, SCSI_DIR_NONE, 0, "FIRST", {DUMMY_SERVICE, 0x3f, 0xee}, dummy_service},
	{DUMMY_SERVICE, 3, 12, SCSI_DIR_NONE, 0, "SECOND", {DUMMY_SERVICE, 0x1f}, dummy_service},
	{DUMMY_ANYTIME, -1, 6, SCSI_DIR_NONE, CMD_ANYTIME, "ANYTIME", {DUMMY_ANYTIME}, dummy_note},
	{DUMMY_READS, -1, 10, SCSI_DIR_NONE, CMD_READS, "READS", {DUMMY_READS}, dummy_note},
	{DUMMY_PREVENT, -1, 6, SCSI_DIR_NONE, 0, "PREVENT", {DUMMY_PREVENT}, dummy_note},
};
// clang-format on

static inline void
dummy_identity(struct scsi_lu *lu, struct scsi_identity *out)
{
	static const struct scsi_identity id = {
		.vendor = "ACME",
		.product = "DUMMY UNIT",
		.revision = "7",
		.serial = "SN-0042",
		.naa = {0x30, 1, 2, 3, 4, 5, 6, 7},
	};

	*out = id;
}

static inline void
dummy_check_ua(struct scsi_lu *lu, struct scsi_itl *itl)
{
	unsigned long changes = dummy_of(lu)->changes;

	if (itl->seen[0] == changes)
		return;
	itl->seen[0] = changes;
	itl_ua(itl, 0x28, 0x00);
}

static inline bool
dummy_ready(struct scsi_task *task)
{
	if (dummy_of(task->lu)->ready)
		return true;
	task_sense(task, KEY_NOT_READY, 0x3a, 0x00);
	return false;
}

static inline void
dummy_nexus_lost(struct scsi_lu *lu, struct scsi_itl *itl)
{
	dummy_of(lu)->lost++;
	itl->prevents = false;
}

static inline void
dummy_reset(struct scsi_lu *lu)
{
	dummy_of(lu)->resets++;
	dummy_of(lu)->value = 0x01;
}

static const uint16_t dummy_versions[] = {0x00a0, 0x0460, 0};

static const struct scsi_lu_type dummy_type = {
	.type = SCSI_TYPE_CHANGER,
	.cmds = dummy_cmds,
	.ncmds = sizeof(dummy_cmds) / sizeof(dummy_cmds[0]),
	.pages = dummy_pages,
	.npages = sizeof(dummy_pages) / sizeof(dummy_pages[0]),
	.versions = dummy_versions,
	.medium_type_byte = 0x33,
	.identity = dummy_identity,
	.check_ua = dummy_check_ua,
	.ready = dummy_ready,
	.nexus_lost = dummy_nexus_lost,
	.reset = dummy_reset,
};

static inline void
dummy_init(struct dummy *d, struct scsi_device *device, uint8_t lun)
{
	memset(d, 0, sizeof(*d));
	d->value = 0x01;
	d->ready = true;
	strand_init(&d->strand, "dummy");
	lu_init(&d->lu, &dummy_type, lun, &d->strand, d);
	scsi_device_add(device, &d->lu);
}

static inline void
dummy_fini(struct dummy *d)
{
	strand_fini(&d->strand);
}

/* One dummy at LUN 3 and two nexuses. `a` has no pending unit attention, `b` has that of power on. */
struct fixture {
	struct scsi_device *device;
	struct dummy dummy;
	struct scsi_nexus *nexus_a, *nexus_b;
	struct run a, b;
};

static inline int
fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	f->device = scsi_device_new();
	dummy_init(&f->dummy, f->device, 3);
	f->nexus_a = run_nexus(f->device, "iqn.2026-01.test:a");
	f->nexus_b = run_nexus(f->device, "iqn.2026-01.test:b");
	run_begin(&f->a, f->nexus_a, 3);
	run_begin(&f->b, f->nexus_b, 3);
	run_clear_ua(&f->a);
	*state = f;
	return 0;
}

static inline int
fixture_teardown(void **state)
{
	struct fixture *f = *state;

	run_end(&f->a);
	run_end(&f->b);
	scsi_nexus_free(f->nexus_a);
	scsi_nexus_free(f->nexus_b);
	scsi_device_free(f->device);
	dummy_fini(&f->dummy);
	free(f);
	return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

#endif
