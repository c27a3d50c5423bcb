/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/tools/icdb/icdb.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options opt = {
	.initiator = "iqn.2026-01.org.example:icdb",
	.timeout = 30,
	.initial_r2t = ISCSI_INITIAL_R2T_NO,
	.immediate = ISCSI_IMMEDIATE_DATA_YES,
};
struct answer last;
int lun = -1;

static struct iscsi_context *sessions[SESSIONS];
static unsigned current;

static void
log_line(int level, const char *message)
{
	fprintf(stderr, "icdb: libiscsi: %s\n", message);
}

/* Not iscsi_full_connect_sync: that eats unit attentions. */
static struct iscsi_context *
connect_session(unsigned n)
{
	char url_text[1024], name[256];
	struct iscsi_context *ctx;
	struct iscsi_url *url;

	snprintf(name, sizeof(name), n == 0 ? "%s" : "%s:%u", opt.initiator, n);
	snprintf(url_text, sizeof(url_text), "%s%s",
		strncmp(opt.target, "iscsi://", 8) == 0 ? "" : "iscsi://", opt.target);
	ctx = iscsi_create_context(name);
	if (ctx == NULL)
		die(EXIT_LOST, "out of memory");
	if (opt.verbose != 0) {
		iscsi_set_log_level(ctx, 10);
		iscsi_set_log_fn(ctx, log_line);
	}
	url = iscsi_parse_full_url(ctx, url_text);
	if (url == NULL)
		die(EXIT_USAGE, "%s", iscsi_get_error(ctx));
	if (lun < 0)
		lun = url->lun;
	iscsi_set_targetname(ctx, url->target);
	iscsi_set_session_type(ctx, ISCSI_SESSION_NORMAL);
	iscsi_set_header_digest(
		ctx, opt.digests ? ISCSI_HEADER_DIGEST_CRC32C : ISCSI_HEADER_DIGEST_NONE);
	iscsi_set_initial_r2t(ctx, opt.initial_r2t);
	iscsi_set_immediate_data(ctx, opt.immediate);
	iscsi_set_timeout(ctx, opt.timeout);
	iscsi_set_noautoreconnect(ctx, 1);
	if (iscsi_connect_sync(ctx, url->portal) != 0 || iscsi_login_sync(ctx) != 0)
		die(EXIT_LOST, "%s: %s", url_text, iscsi_get_error(ctx));
	iscsi_destroy_url(url);
	return ctx;
}

struct iscsi_context *
session(void)
{
	if (sessions[current] == NULL)
		sessions[current] = connect_session(current);
	return sessions[current];
}

void
session_choose(unsigned n)
{
	current = n;
	session();
}

void
session_end(void)
{
	if (sessions[current] == NULL)
		return;
	iscsi_logout_sync(sessions[current]);
	iscsi_destroy_context(sessions[current]);
	sessions[current] = NULL;
}

void
session_end_all(void)
{
	for (current = 0; current < SESSIONS; current++)
		session_end();
}

static void
copy_bytes(struct bytes *to, const uint8_t *p, size_t n)
{
	free(to->p);
	to->p = alloc(n);
	to->n = n;
	if (n > 0)
		memcpy(to->p, p, n);
}

static void
keep_answer(const struct scsi_task *task)
{
	bool check = task->status == SCSI_STATUS_CHECK_CONDITION;
	size_t n = task->datain.size > 0 ? (size_t)task->datain.size : 0;

	last.status = task->status;
	last.sense = task->sense;
	last.residual_kind = task->residual_status;
	last.residual = task->residual;
	/* What libiscsi leaves there with CHECK CONDITION is the sense data, behind its length. */
	copy_bytes(&last.sense_raw, task->datain.data + 2, check && n > 2 ? n - 2 : 0);
	copy_bytes(&last.data, task->datain.data, check ? 0 : n);
}

void
run_command(const uint8_t *cdb, size_t cdb_len, size_t in_len, const struct bytes *out)
{
	struct iscsi_context *ctx = session();
	int dir = in_len > 0 ? SCSI_XFER_READ : out->n > 0 ? SCSI_XFER_WRITE : SCSI_XFER_NONE;
	struct iscsi_data data = {.size = out->n, .data = out->p};
	uint8_t cdb_copy[CDB_MAX];
	struct scsi_task *task;

	memcpy(cdb_copy, cdb, cdb_len);
	task = scsi_create_task((int)cdb_len, cdb_copy, dir, (int)(in_len > 0 ? in_len : out->n));
	if (task == NULL)
		die(EXIT_LOST, "out of memory");
	if (iscsi_scsi_command_sync(ctx, lun, task, out->n > 0 ? &data : NULL) == NULL ||
		task->status >= SCSI_STATUS_CANCELLED)
		die(EXIT_LOST, "command %02x: the session is lost: %s", cdb[0],
			iscsi_get_error(ctx));
	keep_answer(task);
	scsi_free_scsi_task(task);
}

bool
run_simple(const uint8_t *cdb, size_t cdb_len, size_t in_len)
{
	static const struct bytes none;

	run_command(cdb, cdb_len, in_len, &none);
	return last.status == SCSI_STATUS_GOOD;
}

/* LOGICAL UNIT IS IN PROCESS OF BECOMING READY: the disc is on its way, and initiators wait for it. */
static bool
is_becoming_ready(void)
{
	return last.sense.key == SCSI_SENSE_NOT_READY && last.sense.ascq == 0x0401;
}

void
clear_ua(void)
{
	enum { UAS_MAX = 32, WAITS_MAX = 200, WAIT_MS = 50 };
	static const uint8_t test_unit_ready[6];
	int uas = 0, waits = 0;

	while (uas < UAS_MAX && waits < WAITS_MAX) {
		if (run_simple(test_unit_ready, 6, 0))
			return;
		if (last.sense.key == SCSI_SENSE_UNIT_ATTENTION) {
			uas++;
		} else if (is_becoming_ready()) {
			usleep(WAIT_MS * 1000);
			waits++;
		} else {
			return;
		}
	}
}

const struct status_name status_names[NSTATUSES] = {
	{SCSI_STATUS_GOOD, "GOOD", "good"},
	{SCSI_STATUS_CHECK_CONDITION, "CHECK", "check"},
	{SCSI_STATUS_BUSY, "BUSY", "busy"},
	{SCSI_STATUS_RESERVATION_CONFLICT, "CONFLICT", "conflict"},
	{SCSI_STATUS_TASK_SET_FULL, "FULL", "full"},
	{SCSI_STATUS_TASK_ABORTED, "ABORTED", "aborted"},
};

void
print_status(FILE *f)
{
	const char *name = NULL;

	for (unsigned i = 0; i < NSTATUSES; i++)
		if (status_names[i].status == last.status)
			name = status_names[i].shown;
	if (name == NULL)
		fprintf(f, "status %02x", (unsigned)last.status);
	else
		fprintf(f, "status %s", name);
	if (last.status == SCSI_STATUS_CHECK_CONDITION)
		fprintf(f, " %02x/%02x/%02x", (unsigned)last.sense.key,
			(unsigned)last.sense.ascq >> 8, (unsigned)last.sense.ascq & 0xff);
	fputc('\n', f);
}

void
print_answer(void)
{
	print_status(stdout);
	if (last.residual_kind != SCSI_RESIDUAL_NO_RESIDUAL)
		printf("residual %s %zu\n",
			last.residual_kind == SCSI_RESIDUAL_UNDERFLOW ? "under" : "over",
			last.residual);
	if (last.sense_raw.n > 0) {
		printf("sense ");
		print_hex(&last.sense_raw, SIZE_MAX);
	}
	if (last.data.n > 0)
		printf("data %zu\n", last.data.n);
}
