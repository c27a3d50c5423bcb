/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * READ DISC INFORMATION, MMC-6 6.21.
 */
#include "changer/base/be.h"
#include "changer/cdsector.h"
#include "target/mmc/unit.h"

enum {
	DATA_STANDARD = 0,
	DATA_TRACKS = 1, /* for BD-R only */
	DATA_POW = 2,	 /* for BD-R only */
	ERASABLE = 0x10,
	UNRESTRICTED = 0x20, /* URU: no application code restricts the use of the disc */
};

/* Stands for both addresses of add_limits on a disc that cannot be appended to. */
static const uint32_t no_address = 0xffffffff;

/* Appends bytes 16 to 23: where the lead-in of the last session begins, and the last address at which a
 * lead-out can begin.  They are MSF addresses for CD, LBAs for DVD, and zeros for BD; FFFFFFFFh for a
 * disc that cannot be appended to. */
static void
add_limits(const struct disc *d, struct wbuf *w)
{
	enum { LEAD_IN = 4500 + CD_LEAD_IN_GAP }; /* sectors, with the pause behind the lead-in */
	struct track first;

	if (disc_last_session_state(d) == SESSION_COMPLETE ||
		!disc_track(d, disc_first_track_of(d, disc_sessions(d)), &first)) {
		wb_be32(w, no_address);
		wb_be32(w, no_address);
		return;
	}
	if (disc_medium(d)->family == MEDIUM_BD) {
		wb_zero(w, 8);
		return;
	}
	if (disc_medium(d)->family != MEDIUM_CD) {
		wb_be32(w, first.start);
		wb_be32(w, disc_capacity(d));
		return;
	}
	wb_u8(w, 0);
	if (first.start == 0)
		wb_bytes(w, mmc_atip_lead_in, sizeof(mmc_atip_lead_in));
	else
		mmc_add_msf((int32_t)first.start - LEAD_IN, w);
	wb_u8(w, 0);
	mmc_add_msf((int32_t)disc_capacity(d), w);
}

/* Returns byte 8, the disc type: XA for a CD whose first track is of mode 2; undefined for a blank CD,
 * which has no table of contents; else 00h, which is CD-DA, CD-ROM, or not a CD. */
static uint8_t
disc_type(const struct disc *d)
{
	enum { TYPE_CD = 0x00, TYPE_XA = 0x20, TYPE_UNDEFINED = 0xff };
	struct track first;

	if (disc_medium(d)->family != MEDIUM_CD)
		return TYPE_CD;
	if (disc_status(d) == DISC_BLANK)
		return TYPE_UNDEFINED;
	return disc_track(d, 1, &first) && first.mode == CD_MODE2 ? TYPE_XA : TYPE_CD;
}

/* Appends type 0, the standard disc information, 34 bytes.  Advances a format in the background (see
 * disc_background). */
static void
add_information(struct disc *d, struct wbuf *w)
{
	uint32_t done, all;
	unsigned sessions = disc_sessions(d), last = mmc_number_of(d, disc_tracks(d));
	unsigned first_of_last = mmc_number_of(d, disc_first_track_of(d, sessions));
	bool erasable = disc_medium(d)->kind == MEDIUM_REWRITABLE;

	wb_be16(w, 0x20);
	wb_u8(w, (uint8_t)(DATA_STANDARD << 5 | (erasable ? ERASABLE : 0) |
			   disc_last_session_state(d) << 2 | disc_status(d)));
	wb_u8(w, (uint8_t)disc_first_number(d));
	wb_u8(w, (uint8_t)sessions);
	wb_u8(w, (uint8_t)first_of_last);
	wb_u8(w, (uint8_t)last);
	wb_u8(w, (uint8_t)(UNRESTRICTED | disc_background(d, &done, &all)));
	wb_u8(w, disc_type(d));
	wb_u8(w, (uint8_t)(sessions >> 8));
	wb_u8(w, (uint8_t)(first_of_last >> 8));
	wb_u8(w, (uint8_t)(last >> 8));
	wb_be32(w, 0); /* disc identification: not valid */
	add_limits(d, w);
	wb_zero(w, 8); /* bar code: not valid */
	wb_u8(w, 0);   /* application code: not valid */
	wb_u8(w, 0);   /* OPC tables */
}

/* Appends type 1, track resources: four numbers of tracks, which are the most on the disc, those on
 * it, the most that can be open, and those that are open or reserved. */
static void
add_track_resources(struct disc *d, struct wbuf *w)
{
	unsigned max = disc_medium(d)->max_tracks, open = 0;
	struct track t;

	for (unsigned n = 1; disc_track(d, n, &t); n++)
		open += t.state == TRACK_OPEN || t.state == TRACK_RESERVED;
	wb_be16(w, 10);
	wb_u8(w, DATA_TRACKS << 5);
	wb_u8(w, 0);
	wb_be16(w, (uint16_t)max);
	wb_be16(w, (uint16_t)disc_tracks(d));
	wb_be16(w, (uint16_t)max);
	wb_be16(w, (uint16_t)open);
}

/* Appends type 2, the room for pseudo-overwrites.  Here they need no replacement blocks, so the room is
 * all of the disc that is not recorded. */
static void
add_pow_resources(struct disc *d, struct wbuf *w)
{
	uint32_t left = disc_capacity(d) - disc_readable_capacity(d);

	wb_be16(w, 14);
	wb_u8(w, DATA_POW << 5);
	wb_u8(w, 0);
	wb_be32(w, left / disc_medium(d)->ecc_block);
	wb_be32(w, left / disc_medium(d)->ecc_block);
	wb_be32(w, left / disc_medium(d)->ecc_block);
}

/* Appends the information of the type in the CDB.  Returns false if the disc has no such type; *w is then
 * useless. */
static bool
add_type(struct disc *d, uint8_t type, struct wbuf *w)
{
	switch (type) {
	case DATA_STANDARD:
		add_information(d, w);
		return true;
	case DATA_TRACKS:
		add_track_resources(d, w);
		return disc_medium(d)->profile == PROFILE_BD_R;
	case DATA_POW:
		add_pow_resources(d, w);
		return disc_spare_format(d) == SPARE_POW;
	default:
		return false;
	}
}

/* Carries out READ DISC INFORMATION.  Refuses types that the disc does not have: all but 0, and on a BD-R
 * 1, with pseudo-overwrite also 2. */
void
mmc_read_disc_information(struct scsi_task *task)
{
	struct disc *d = mmc_disc(task);
	struct wbuf w;

	if (d == NULL)
		return;
	task_reply_begin(task, &w);
	if (!add_type(d, task->cdb[1] & 0x07, &w)) {
		task_invalid_field(task, true, 1);
		return;
	}
	task_reply_end(task, &w, get_be16(task->cdb + 7));
}
