/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * READ TOC/PMA/ATIP, MMC-6 6.25.
 *
 * The table of contents holds the tracks of closed sessions.  What is being recorded is not in it,
 * and what is left to record neither: READ TRACK INFORMATION has those.
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

enum {
	FORMAT_TOC = 0,
	FORMAT_SESSIONS = 1,
	FORMAT_FULL = 2,

	ADR_CONTROL_DATA = 0x14, /* ADR 1, control: data track, recorded uninterrupted */
	LEAD_OUT = 0xaa,
	NUMBER_MAX = 99, /* two digits */

	FRAMES = 75,
	SECONDS = 60,
	LBA_0_MSF = 2 * FRAMES, /* LBA 0 is at 00:02:00 */
};

struct toc {
	const struct disc *disc;
	unsigned sessions; /* closed ones */
	unsigned tracks;   /* of those */
	uint32_t lead_out; /* of the last of those */
	bool msf;	   /* addresses as minute, second, frame */
};

/* A BD-R with pseudo-overwrite is never closed; so its one session is in the table as far as its tracks
 * are, and growisofs finds what it appends to. */
static bool
begin_open(struct toc *toc, const struct disc *d)
{
	struct track t;

	toc->sessions = 1;
	toc->tracks = 0;
	while (disc_track(d, toc->tracks + 1, &t) && t.recorded > 0)
		toc->tracks++;
	return toc->tracks > 0;
}

/* False: no session is closed, so there is no table. */
static bool
toc_begin(struct toc *toc, const struct disc *d, bool msf)
{
	bool open = disc_last_session_state(d) != SESSION_COMPLETE;
	unsigned last = disc_sessions(d), first;

	toc->disc = d;
	toc->msf = msf;
	toc->sessions = last - (open ? 1 : 0);
	toc->tracks = disc_tracks(d);
	first = open ? disc_first_track_of(d, last) : 0;
	if (first != 0)
		toc->tracks = first - 1;
	toc->lead_out = disc_readable_capacity(d);
	if (toc->sessions == 0 && disc_spare_format(d) == SPARE_POW)
		return begin_open(toc, d);
	return toc->sessions > 0 && toc->tracks > 0;
}

/* The table has two digits for tracks and sessions.  Of discs with more, its last ones stand for
 * the last of the disc, which is where file systems are looked for. */
static uint8_t
shown(unsigned number)
{
	return (uint8_t)(number < NUMBER_MAX ? number : NUMBER_MAX);
}

static unsigned
meant(const struct toc *toc, unsigned number)
{
	return number < NUMBER_MAX || toc->tracks <= NUMBER_MAX ? number : toc->tracks;
}

/* Addresses past 255:59:74, which DVD and BD have, read as just that. */
static void
add_msf(uint32_t lba, struct wbuf *w)
{
	uint64_t frames = (uint64_t)lba + LBA_0_MSF;
	uint64_t minute = frames / FRAMES / SECONDS;

	if (minute > UINT8_MAX) {
		wb_u8(w, UINT8_MAX);
		wb_u8(w, SECONDS - 1);
		wb_u8(w, FRAMES - 1);
		return;
	}
	wb_u8(w, (uint8_t)minute);
	wb_u8(w, (uint8_t)(frames / FRAMES % SECONDS));
	wb_u8(w, (uint8_t)(frames % FRAMES));
}

static void
add_address(const struct toc *toc, uint32_t lba, struct wbuf *w)
{
	if (!toc->msf) {
		wb_be32(w, lba);
		return;
	}
	wb_u8(w, 0);
	add_msf(lba, w);
}

static void
add_track(const struct toc *toc, unsigned number, uint32_t lba, struct wbuf *w)
{
	wb_u8(w, 0);
	wb_u8(w, ADR_CONTROL_DATA);
	wb_u8(w, (uint8_t)number);
	wb_u8(w, 0);
	add_address(toc, lba, w);
}

static uint32_t
track_start(const struct toc *toc, unsigned number)
{
	struct track t = {.start = 0};

	disc_track(toc->disc, meant(toc, number), &t);
	return t.start;
}

/* Format 0: from the track asked for on, which may be the lead-out. */
static bool
add_toc(const struct toc *toc, uint8_t from, struct wbuf *w)
{
	uint8_t last = shown(toc->tracks);

	if (from > last && from != LEAD_OUT)
		return false;
	wb_u8(w, 1);
	wb_u8(w, last);
	for (unsigned n = from > 0 ? from : 1; n <= last; n++)
		add_track(toc, n, track_start(toc, n), w);
	add_track(toc, LEAD_OUT, toc->lead_out, w);
	return true;
}

/* Format 1: the first track of the last closed session, where Linux looks for the file system. */
static bool
add_sessions(const struct toc *toc, uint8_t from, struct wbuf *w)
{
	unsigned first = disc_first_track_of(toc->disc, toc->sessions);
	struct track t = {.start = 0};

	disc_track(toc->disc, first, &t);
	wb_u8(w, 1);
	wb_u8(w, shown(toc->sessions));
	add_track(toc, shown(first), t.start, w);
	return true;
}

/* An entry of the lead-in of a CD: point, and its P-MSF. */
static void
add_point(unsigned session, uint8_t point, struct wbuf *w)
{
	wb_u8(w, (uint8_t)session);
	wb_u8(w, ADR_CONTROL_DATA);
	wb_u8(w, 0); /* TNO: the lead-in */
	wb_u8(w, point);
	wb_zero(w, 4); /* running time, zero */
}

/* Format 2: as the lead-in has it, always in MSF.  Pressed CDs have one session. */
static bool
add_full(const struct toc *toc, uint8_t from, struct wbuf *w)
{
	enum { FIRST_TRACK = 0xa0, LAST_TRACK = 0xa1, START_OF_LEAD_OUT = 0xa2 };

	wb_u8(w, 1);
	wb_u8(w, (uint8_t)toc->sessions);
	if (from > toc->sessions)
		return true;
	add_point(1, FIRST_TRACK, w);
	wb_u8(w, 1);
	wb_zero(w, 2); /* disc type CD-ROM */
	add_point(1, LAST_TRACK, w);
	wb_u8(w, (uint8_t)toc->tracks);
	wb_zero(w, 2);
	add_point(1, START_OF_LEAD_OUT, w);
	add_msf(toc->lead_out, w);
	for (unsigned n = 1; n <= toc->tracks; n++) {
		add_point(1, (uint8_t)n, w);
		add_msf(track_start(toc, n), w);
	}
	return true;
}

static const struct toc_format {
	bool cd_only;
	bool (*add)(const struct toc *toc, uint8_t from, struct wbuf *w);
} formats[] = {
	[FORMAT_TOC] = {false, add_toc},
	[FORMAT_SESSIONS] = {false, add_sessions},
	[FORMAT_FULL] = {true, add_full},
};

void
mmc_read_toc(struct scsi_task *task)
{
	enum { MSF = 0x02 };
	const uint8_t *cdb = task->cdb;
	/* SFF-8020 had the format in the top bits of the control byte; Linux still puts it there to
	 * find the last session (sr_cd_check). */
	uint8_t format = (cdb[2] & 0x0f) != 0 ? cdb[2] & 0x0f : cdb[9] >> 6;
	struct disc *d = mmc_disc(task);
	struct toc toc;
	struct wbuf w;

	if (d == NULL)
		return;
	if (format >= sizeof(formats) / sizeof(formats[0])) { /* of recordable CDs, and CD-Text */
		task_invalid_field(task, true, 2);
		return;
	}
	if (formats[format].cd_only && disc_medium(d)->family != MEDIUM_CD) {
		/* CANNOT READ MEDIUM, INCOMPATIBLE FORMAT */
		task_sense(task, KEY_ILLEGAL_REQUEST, 0x30, 0x02);
		return;
	}
	if (!toc_begin(&toc, d, (cdb[1] & MSF) != 0)) {
		task_invalid_field(task, true, 2);
		return;
	}
	task_reply_begin(task, &w);
	wb_be16(&w, 0);
	if (!formats[format].add(&toc, cdb[6], &w)) {
		task_invalid_field(task, true, 6);
		return;
	}
	wb_patch_be16(&w, 0, (uint16_t)(w.len - 2));
	task_reply_end(task, &w, get_be16(cdb + 7));
}
