/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SEND CUE SHEET (MMC-6 6.34): what a session at once of a CD will hold, before it is written.
 *
 * A sheet is entries of 8 bytes: control and ADR, track, index, data form, copyright, and minute,
 * second, frame.  Those of time are on a scale that begins with the pause before the session's
 * first track, 150 sectors before its data.  Programs that append give either that time or the
 * disc's.
 *
 * Nothing of it is on the disc before the first sector is: record.c writes by it.
 */
#include "changer/base/be.h"
#include "changer/cdsector.h"
#include "target/mmc/unit.h"

enum {
	ENTRY_LEN = 8,
	ENTRIES_MAX = MMC_CUE_SHEET_MAX / ENTRY_LEN,

	ADR_MASK = 0x0f,
	ADR_POSITION = 1, /* 2 is the catalog number, 3 an ISRC */
	CONTROL_DATA = 0x40,
	LEAD_IN = 0,
	LEAD_OUT = 0xaa,
	/* Data forms.  Mode 1 with its user data sent, the only one that a track may have; lead-in and
	 * lead-out are made by the drive whatever they are said to be. */
	FORM_MODE_1 = 0x10,
};

struct entry {
	uint8_t control_adr, track, index, form;
	int32_t lba; /* -150 is 00:00:00 */
};

static struct entry
get_entry(const uint8_t *p)
{
	return (struct entry){
		.control_adr = p[0],
		.track = p[1],
		.index = p[2],
		.form = p[3],
		.lba = (p[5] * 60 + p[6]) * CD_FRAMES + p[7] - CD_LEAD_IN_GAP,
	};
}

/* Of a track: data of mode 1, with the indices 0, its pause, and 1. */
static bool
is_track_entry(const struct entry *e)
{
	return (e->control_adr & ADR_MASK) == ADR_POSITION && (e->control_adr & CONTROL_DATA) &&
	       e->form == FORM_MODE_1 && e->index <= 1 && e->track >= 1 &&
	       e->track <= MMC_SESSION_TRACKS;
}

/* The entry at i is the next in order: takes it; false: it is not. */
static bool
take_entry(struct mmc_session *s, const struct entry *e, const struct entry *before)
{
	struct track *last = s->ntracks > 0 ? &s->tracks[s->ntracks - 1] : NULL;

	if (e->lba < before->lba)
		return false;
	/* What was there before ends here, be it a pause or a track. */
	if (last != NULL && before->index == 1)
		last->size = (uint32_t)(e->lba - before->lba);
	if (e->track == LEAD_OUT) {
		s->end = e->lba;
		return last != NULL && before->index == 1 && last->size > 0;
	}
	if (!is_track_entry(e))
		return false;
	/* Numbers count on, whatever the first one is; the pause goes before its track. */
	if (before->track != LEAD_IN && e->track != before->track + before->index)
		return false;
	if (e->index == 0)
		return before->track == LEAD_IN || before->index == 1;
	if (s->ntracks == MMC_SESSION_TRACKS || (last != NULL && last->size == 0))
		return false;
	s->tracks[s->ntracks++] = (struct track){.start = (uint32_t)e->lba};
	return true;
}

/* The sheet as a session whose first track is at start; bad: the byte of the entry that is wrong. */
static bool
read_sheet(const uint8_t *sheet, size_t size, uint32_t start, struct mmc_session *s, uint16_t *bad)
{
	struct entry before = get_entry(sheet), e;
	size_t n = size / ENTRY_LEN;
	int32_t shift;

	*bad = 0;
	*s = (struct mmc_session){.set = true};
	if (before.track != LEAD_IN || (before.control_adr & ADR_MASK) != ADR_POSITION)
		return false;
	before = (struct entry){.track = LEAD_IN, .lba = -CD_LEAD_IN_GAP};
	for (size_t i = 1; i < n; i++) {
		*bad = (uint16_t)(i * ENTRY_LEN);
		e = get_entry(sheet + *bad);
		if (!take_entry(s, &e, &before))
			return false;
		before = e;
	}
	if (before.track != LEAD_OUT)
		return false;
	shift = s->tracks[0].start == start ? 0 : (int32_t)start;
	*bad = ENTRY_LEN;
	if (s->tracks[0].start + (uint32_t)shift != start)
		return false;
	for (unsigned i = 0; i < s->ntracks; i++)
		s->tracks[i].start += (uint32_t)shift;
	s->end += shift;
	s->next = (int32_t)start - CD_LEAD_IN_GAP;
	return true;
}

void
mmc_send_cue_sheet(struct scsi_task *task)
{
	struct mmc_settings *s = mmc_settings(mmc_of(task->lu));
	size_t size = get_be24(task->cdb + 6);
	struct disc *d = mmc_disc(task);
	struct mmc_session session;
	struct track t;
	uint16_t bad;

	task->out_want = size;
	if (d == NULL || size == 0)
		return;
	if (disc_medium(d)->family != MEDIUM_CD || !mmc_wants_disc_at_once(mmc_of(task->lu))) {
		/* COMMAND SEQUENCE ERROR: mode page 05h has to ask for a session at once */
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_SEQUENCE, 0x00);
		return;
	}
	if (disc_last_session_state(d) != SESSION_EMPTY || !disc_track(d, disc_tracks(d), &t)) {
		mmc_fail(task, JB_NOT_WRITABLE);
		return;
	}
	if (size % ENTRY_LEN != 0 || size > MMC_CUE_SHEET_MAX || size > task->out_len) {
		task_invalid_field(task, true, 6);
		return;
	}
	if (!read_sheet(task->out, size, t.start, &session, &bad)) {
		task_invalid_field(task, false, bad);
		return;
	}
	if ((uint32_t)session.end > disc_capacity(d)) {
		mmc_fail(task, JB_LBA_RANGE);
		return;
	}
	s->session = session;
}
