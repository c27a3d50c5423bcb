/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SEND CUE SHEET (MMC-6 6.34): the host describes a CD session before it writes the session at once.
 *
 * A sheet consists of entries of 8 bytes, in the order of the disc:
 *
 *	ADR 2, two entries	the catalog number, if there is one
 *	lead-in			its form says whether the host writes it, for CD-TEXT
 *	for each track:		ADR 3, two entries: its ISRC, if it has one; index 0, its pause, if it
 *				has one; index 1, its begin; further indices
 *	lead-out
 *
 * An entry of ADR 1 has control and ADR, track, index, data form, copyright, and a time in minute, second
 * and frame.  00:00:00 is 150 sectors before the data of the session's first track.  When programs append
 * a session, some use this time, and others use the disc's.
 *
 * On a blank disc the tracks keep the numbers of the sheet; those of a later session count on from the
 * disc's last track.
 *
 * The sheet is kept in struct mmc_session.  Nothing is on the disc before the first sector is written; see
 * write_path.c.
 */
#include <string.h>

#include "changer/base/be.h"
#include "target/mmc/unit.h"
#include "target/mmc/write_path.h"

enum {
	ADR_MASK = 0x0f,
	ADR_POSITION = 1,
	ADR_CATALOG = 2,
	ADR_ISRC = 3,
	CONTROL_SHIFT = 4,
	CONTROL_DATA = 0x40,
	LEAD_IN = 0,
	LEAD_OUT = 0xaa,
	INDEX_MAX = 99,
	/* The data form: the form of the main channel, and that of the sub-channels.  A track must have
	 * no sub-channels.  In the lead-in the raw sub-channels are CD-TEXT. */
	MAIN_MASK = 0x3f,
	SUB_MASK = 0xc0,
	SUB_RAW = 0x40,

	ISRC_PART = 6,	  /* characters in each of the two entries of an ISRC */
	ISRC_LETTERS = 5, /* only the first five characters, country and owner, may be letters */
	CATALOG_PART = 7, /* characters in each of the two entries of a catalog number */
	LATER_LEAD_IN =
		4500, /* sectors in the lead-in of a later session; the ATIP has the first one's */
};

/* One entry of a sheet.  The fields before `bytes` have a meaning only if its ADR is 1. */
struct entry {
	uint8_t control_adr, track, index, form; /* its bytes 0 to 3 */
	int32_t lba;				 /* its time; -150 is 00:00:00 */
	const uint8_t *bytes; /* its 8 bytes; NULL in sheet.before: there is no entry yet */
};

/* The state while a sheet is read, entry by entry.  A function take_* reads one entry into it; it returns
 * false if the entry is not valid there, and the whole sheet is then refused. */
struct sheet {
	struct mmc_session *s; /* the result */
	/* the last entry of ADR 1; its index is 0 after the lead-in or a pause */
	struct entry before;
	bool paused;   /* true: `before` is a pause */
	int32_t pause; /* where the last pause begins, or index 1 of a track without a pause */
	unsigned catalog, isrc;		 /* the characters read so far */
	uint8_t isrc_track;		 /* the track of next_isrc, if isrc is not 0 */
	char next_isrc[CD_ISRC_LEN + 1]; /* the ISRC of the next track */
};

/* Returns the entry of 8 bytes at p, with its time as an address.  Keeps a pointer to p.  Does not check
 * the time; take_entry does. */
static struct entry
get_entry(const uint8_t *p)
{
	return (struct entry){
		.control_adr = p[0],
		.track = p[1],
		.index = p[2],
		.form = p[3],
		.lba = (p[5] * 60 + p[6]) * CD_FRAMES + p[7] - CD_LEAD_IN_GAP,
		.bytes = p,
	};
}

/* Appends at most `n` characters at `from` to the number `into`, which has len + 1 bytes, and ends it with
 * NUL.  Raises *have, the characters that it has so far, to `len` at most; ignores the surplus.  If `len`
 * is CD_ISRC_LEN, the number is an ISRC.  Returns false at a character that is not a digit, when those
 * before it are appended; the first five of an ISRC may also be letters from A to Z. */
static bool
take_characters(const uint8_t *from, unsigned n, char *into, unsigned *have, unsigned len)
{
	unsigned letters = len == CD_ISRC_LEN ? ISRC_LETTERS : 0;

	for (unsigned i = 0; i < n && *have < len; i++) {
		char c = (char)from[i];

		if (!(c >= '0' && c <= '9') && !(*have < letters && c >= 'A' && c <= 'Z'))
			return false;
		into[(*have)++] = c;
	}
	into[*have] = '\0';
	return true;
}

/* Takes one of the two entries of the catalog number into session.catalog.  Refuses it behind the lead-in,
 * refuses a third one, and refuses a character that is not a digit. */
static bool
take_catalog(struct sheet *sheet, const struct entry *e)
{
	return sheet->before.bytes == NULL && sheet->catalog < CD_CATALOG_LEN &&
	       take_characters(e->bytes + 1, CATALOG_PART, sheet->s->catalog, &sheet->catalog,
		       CD_CATALOG_LEN);
}

/* Takes one of the two entries of an ISRC into sheet->next_isrc.  Refuses a third one, one of another track
 * than the first, and what take_characters refuses.  Does not check that the track exists; take_index_1
 * does.  take_entry has checked that the lead-in came before. */
static bool
take_isrc(struct sheet *sheet, const struct entry *e)
{
	if (sheet->isrc > 0 && e->track != sheet->isrc_track)
		return false;
	sheet->isrc_track = e->track;
	return sheet->isrc < CD_ISRC_LEN && take_characters(e->bytes + 2, ISRC_PART,
						    sheet->next_isrc, &sheet->isrc, CD_ISRC_LEN);
}

/* Takes the entry of the lead-in, which must be the first of ADR 1, and sets session.text.  Refuses other
 * sub-channels than raw ones, and half a catalog number before it. */
static bool
take_lead_in(struct sheet *sheet, const struct entry *e)
{
	uint8_t sub = e->form & SUB_MASK;

	if (e->track != LEAD_IN || (sub != 0 && sub != SUB_RAW) ||
		(sheet->catalog != 0 && sheet->catalog != CD_CATALOG_LEN))
		return false;
	sheet->s->text = sub == SUB_RAW;
	return true;
}

/* Sets the size of the last track, which ends at `lba`.  Returns false if `lba` is not behind the track's
 * last index.  Does nothing, and returns true, if there is no track, or if a pause ended it before. */
static bool
end_track(struct sheet *sheet, int32_t lba)
{
	struct mmc_session *s = sheet->s;
	struct track *last = s->ntracks > 0 ? &s->tracks[s->ntracks - 1] : NULL;

	if (last == NULL || sheet->paused)
		return true;
	last->size = (uint32_t)(lba - (int32_t)last->start);
	return lba > sheet->before.lba; /* of its last index */
}

/*
 * Takes index 1, which begins a track.  Ends the track before it; adds a track with the ISRC and the pause
 * that came before, and forgets these.  The first track sets session.number; a form that is not cooked sets
 * session.raw.  Refuses sectors that the host does not send, an ISRC that is not complete or of another
 * track, and a pause of another mode.  Without a pause, refuses a begin not behind the last index of the
 * track before.  is_next must have accepted the entry.
 */
static bool
take_index_1(struct sheet *sheet, const struct entry *e, const struct mmc_form *form)
{
	struct mmc_session *s = sheet->s;
	struct track *t = &s->tracks[s->ntracks];

	if (form->size == 0 || !end_track(sheet, e->lba))
		return false;
	if (sheet->isrc != 0 && (sheet->isrc != CD_ISRC_LEN || sheet->isrc_track != e->track))
		return false;
	if (!sheet->paused) {
		sheet->pause = e->lba;
		s->pause[s->ntracks] = form;
	}
	if (s->pause[s->ntracks]->mode != form->mode)
		return false;
	if (s->ntracks == 0)
		s->number = e->track;
	*t = (struct track){
		.mode = form->mode,
		.control = e->control_adr >> CONTROL_SHIFT & CD_CONTROL_BITS,
		.start = (uint32_t)e->lba,
		.pregap = (uint32_t)(e->lba - sheet->pause),
	};
	if (sheet->isrc != 0)
		memcpy(t->isrc, sheet->next_isrc, sizeof(t->isrc));
	s->form[s->ntracks++] = form;
	s->raw = s->raw || !mmc_form_is_cooked(form);
	sheet->isrc = 0;
	sheet->paused = false;
	return true;
}

/* Returns true if the entry has the track and index that may come next.  The first track of a sheet may
 * have any number from 1 to 99, and the others count on from it.  Index 0, the pause, may be left out; the
 * others count on by one, up to 99.  A track needs an index 1 before the next track. */
static bool
is_next(const struct sheet *sheet, const struct entry *e)
{
	const struct entry *before = &sheet->before;

	if (before->track == LEAD_IN)
		return e->track >= 1 && e->track <= MMC_SESSION_TRACKS && e->index <= 1;
	if (e->track == before->track)
		return e->index == before->index + 1 && e->index <= INDEX_MAX;
	return e->track == before->track + 1 && e->track <= CD_NUMBER_MAX && e->index <= 1 &&
	       before->index >= 1 && sheet->s->ntracks < MMC_SESSION_TRACKS;
}

/* Takes an entry of a track.  Index 0: ends the track before it, and begins a pause.  Index 1:
 * take_index_1, which may refuse it.  Further indices: adds them to session.indices.  Refuses a form that
 * is not supported or contradicts the control field, what is_next refuses, a pause not behind the last
 * index of the track before, and a further index of another form than its track's. */
static bool
take_track(struct sheet *sheet, const struct entry *e)
{
	struct mmc_session *s = sheet->s;
	const struct mmc_form *form = (e->form & SUB_MASK) == 0 ? mmc_sheet_form(e->form) : NULL;

	if (form == NULL || !is_next(sheet, e) ||
		!(e->control_adr & CONTROL_DATA) != (form->mode == CD_AUDIO))
		return false;
	if (e->index > 1) {
		s->indices[s->nindices++] = (uint32_t)e->lba;
		return form == s->form[s->ntracks - 1];
	}
	if (e->index == 1)
		return take_index_1(sheet, e, form);
	if (!end_track(sheet, e->lba))
		return false;
	sheet->paused = true;
	sheet->pause = e->lba;
	s->pause[s->ntracks] = form;
	return true;
}

/* Returns true if the seconds and frames of an entry of ADR 1 are valid. */
static bool
is_time(const struct entry *e)
{
	enum { SECOND = 6, FRAME = 7, SECONDS = 60 };

	return e->bytes[SECOND] < SECONDS && e->bytes[FRAME] < CD_FRAMES;
}

/*
 * Takes the next entry, and keeps it as sheet->before if its ADR is 1.  The lead-out ends the last track
 * and sets session.end.  Refuses an ADR other than 1, 2 or 3, and what the take_* of the entry refuses.
 * The first entry of ADR 1 must be the lead-in, whose time is ignored; no ISRC may come before it.  Refuses
 * a later time that is not valid or goes back, and all entries of ADR 1 behind the lead-out.  Refuses a
 * lead-out without a track, right behind a pause, or not behind the last index.
 */
static bool
take_entry(struct sheet *sheet, const struct entry *e)
{
	bool ok;

	switch (e->control_adr & ADR_MASK) {
	case ADR_CATALOG:
		return take_catalog(sheet, e);
	case ADR_ISRC:
		return sheet->before.bytes != NULL && take_isrc(sheet, e);
	case ADR_POSITION:
		break;
	default:
		return false;
	}
	if (sheet->before.bytes == NULL) {
		ok = take_lead_in(sheet, e);
		sheet->before =
			(struct entry){.track = LEAD_IN, .lba = -CD_LEAD_IN_GAP, .bytes = e->bytes};
		return ok;
	}
	if (sheet->before.track == LEAD_OUT || !is_time(e) || e->lba < sheet->before.lba)
		return false;
	if (e->track == LEAD_OUT) {
		sheet->s->end = e->lba;
		ok = sheet->s->ntracks > 0 && !sheet->paused && end_track(sheet, e->lba);
	} else {
		ok = take_track(sheet, e);
	}
	sheet->before = *e;
	return ok;
}

/*
 * Converts the times of the sheet to addresses of the disc, on which the session's data begins at `first`, and
 * sets where the session's lead-in, its data and its first write begin.
 *
 * Times: if the sheet begins at 00:00:00, or at 00:02:00 without a pause, `first` is added to all; else they
 * are those of the disc already.
 * First pause: its 150 sectors before `first` are not recorded; its sectors behind `first` are, as a part of the
 * first track (cdrdao, when it appends, has it begin at `first`).
 * Pauses of later tracks: recorded if the session is raw and the host sends them.
 *
 * Returns false if the sheet does not begin at `first`, if index 1 of the first track lies before `first`, or
 * if the drive would have to make the recorded part of the first pause.
 */
static bool
place(struct mmc_session *s, int32_t first)
{
	int32_t begin = (int32_t)(s->tracks[0].start - s->tracks[0].pregap), shift;
	bool no_pause = s->tracks[0].pregap == 0;

	shift = begin == (no_pause ? 0 : -CD_LEAD_IN_GAP) ? first : 0;
	if (begin + shift != (no_pause ? first : first - CD_LEAD_IN_GAP) &&
		(first == 0 || begin != first))
		return false;
	for (unsigned i = 0; i < s->ntracks; i++) {
		struct track *t = &s->tracks[i];

		t->start += (uint32_t)shift;
		if (i > 0 && (!s->raw || s->pause[i]->size == 0))
			t->pregap = 0;
	}
	for (unsigned i = 0; i < s->nindices; i++)
		s->indices[i] += (uint32_t)shift;
	if ((int32_t)s->tracks[0].start < first)
		return false;
	s->tracks[0].pregap = s->tracks[0].start - (uint32_t)first;
	if (s->tracks[0].pregap > 0 && s->pause[0]->size == 0)
		return false;
	s->end += shift;
	s->first = first;
	s->next = first - CD_LEAD_IN_GAP;
	s->lead_in = first == 0 ? mmc_lead_in_lba() : s->next - LATER_LEAD_IN;
	return true;
}

/*
 * Reads a sheet of `size` bytes, a multiple of MMC_CUE_ENTRY and not 0, for a session whose data begins at
 * `first`.  Overwrites *s and *bad in any case; *s is valid only if it returns true.  Returns false if an
 * entry is not valid, the lead-out is missing, an ISRC belongs to no track, or the times do not fit to
 * `first`.  *bad is then the offset of the entry that is not valid; of the last one, if the lead-out is
 * missing or an ISRC has no track; of the second one, if the times do not fit.
 */
static bool
read_sheet(const uint8_t *bytes, size_t size, uint32_t first, struct mmc_session *s, uint16_t *bad)
{
	struct sheet sheet = {.s = s};
	struct entry e;

	*s = (struct mmc_session){.set = true};
	for (size_t i = 0; i < size; i += MMC_CUE_ENTRY) {
		*bad = (uint16_t)i;
		e = get_entry(bytes + i);
		if (!take_entry(&sheet, &e))
			return false;
	}
	if (sheet.before.track != LEAD_OUT || sheet.isrc != 0)
		return false;
	*bad = MMC_CUE_ENTRY;
	return place(s, (int32_t)first);
}

/*
 * Carries out SEND CUE SHEET.  Keeps the sheet in the settings, in place of an earlier one, and empties the
 * CD-TEXT if the host is going to write it.  Records nothing.  A sheet of 0 bytes changes nothing.  Refuses
 * a drive without an accessible disc, also for 0 bytes; a disc that is not a CD, or to which no session can
 * be added (JB_NOT_WRITABLE); mode page 05h without write type session at once (COMMAND SEQUENCE ERROR); an
 * open session with a track (30h/09h); a sheet that is too long, cut short, not whole entries, or not valid
 * (INVALID FIELD).  Then calls mmc_allow_overburn for the session's end, and refuses what disc_has_room
 * refuses, which raises the event `full`.  Last, refuses with JB_NO_MEMORY without memory for the CD-TEXT.
 * After any refusal keeps the earlier sheet.
 */
void
mmc_send_cue_sheet(struct scsi_task *task)
{
	struct mmc *m = mmc_of(task->lu);
	struct mmc_settings *s = mmc_settings(m);
	size_t size = get_be24(task->cdb + 6);
	struct disc *d = mmc_disc(task);
	struct mmc_session session;
	struct track t;
	uint16_t bad = 0;
	enum jb_err err;

	task->out_want = size;
	if (d == NULL || size == 0)
		return;
	if (disc_medium(d)->family != MEDIUM_CD) {
		mmc_fail(task, JB_NOT_WRITABLE);
		return;
	}
	if (!mmc_wants_disc_at_once(s)) {
		/* COMMAND SEQUENCE ERROR: mode page 05h has to ask for a session at once */
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_SEQUENCE, 0x00);
		return;
	}
	if (disc_last_session_state(d) == SESSION_INCOMPLETE) {
		/* CURRENT SESSION NOT FIXATED FOR APPEND */
		task_sense(task, KEY_ILLEGAL_REQUEST, 0x30, 0x09);
		return;
	}
	if (disc_last_session_state(d) != SESSION_EMPTY || !disc_track(d, disc_tracks(d), &t)) {
		mmc_fail(task, JB_NOT_WRITABLE);
		return;
	}
	if (size % MMC_CUE_ENTRY != 0 || size > MMC_CUE_SHEET_MAX || size > task->out_len) {
		task_invalid_field(task, true, 6);
		return;
	}
	if (!read_sheet(task->out, size, t.start, &session, &bad)) {
		task_invalid_field(task, false, bad);
		return;
	}
	mmc_allow_overburn(m->drive, d, (uint64_t)session.end);
	err = disc_has_room(d, (uint32_t)session.end);
	if (err != JB_OK) {
		mmc_finish(task, err);
		return;
	}
	if (session.text && !mmc_text_begin(&m->text)) {
		mmc_fail(task, JB_NO_MEMORY);
		return;
	}
	s->session = session;
}
