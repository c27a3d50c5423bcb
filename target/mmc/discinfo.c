/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * READ DISC INFORMATION, MMC-6 6.21.
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

enum {
	DATA_STANDARD = 0, /* types 1 and 2 are of BD-R */
	ERASABLE = 0x10,
	UNRESTRICTED = 0x20, /* URU: no application code narrows its use */
};

/* Of a disc that takes nothing more. */
static const uint32_t no_address = 0xffffffff;

/* Bytes 16 to 19 and 20 to 23: where the last session's lead-in begins, and where the last possible
 * lead-out would.  Both as LBA: no medium that can be written yet is a CD, which has them as MSF. */
static void
add_limits(const struct disc *d, struct wbuf *w)
{
	struct track first;

	if (disc_status(d) == DISC_COMPLETE ||
		!disc_track(d, disc_first_track_of(d, disc_sessions(d)), &first)) {
		wb_be32(w, no_address);
		wb_be32(w, no_address);
		return;
	}
	wb_be32(w, first.start);
	wb_be32(w, disc_capacity(d));
}

static void
add_information(const struct disc *d, struct wbuf *w)
{
	unsigned sessions = disc_sessions(d), last = disc_tracks(d);
	unsigned first_of_last = disc_first_track_of(d, sessions);
	bool erasable = disc_medium(d)->kind == MEDIUM_REWRITABLE;

	wb_be16(w, 0x20);
	wb_u8(w, (uint8_t)(DATA_STANDARD << 5 | (erasable ? ERASABLE : 0) |
			   disc_last_session_state(d) << 2 | disc_status(d)));
	wb_u8(w, 1); /* first track on the disc */
	wb_u8(w, (uint8_t)sessions);
	wb_u8(w, (uint8_t)first_of_last);
	wb_u8(w, (uint8_t)last);
	wb_u8(w, UNRESTRICTED);
	wb_u8(w, 0); /* disc type: CD-ROM, or no CD */
	wb_u8(w, (uint8_t)(sessions >> 8));
	wb_u8(w, (uint8_t)(first_of_last >> 8));
	wb_u8(w, (uint8_t)(last >> 8));
	wb_be32(w, 0); /* disc identification: not valid */
	add_limits(d, w);
	wb_zero(w, 8); /* bar code: not valid */
	wb_u8(w, 0);   /* application code: not valid */
	wb_u8(w, 0);   /* OPC tables */
}

void
mmc_read_disc_information(struct scsi_task *task)
{
	struct disc *d = mmc_disc(task);
	struct wbuf w;

	if (d == NULL)
		return;
	if ((task->cdb[1] & 0x07) != DATA_STANDARD) {
		task_invalid_field(task, true, 1);
		return;
	}
	task_reply_begin(task, &w);
	add_information(d, &w);
	task_reply_end(task, &w, get_be16(task->cdb + 7));
}
