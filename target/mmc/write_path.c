/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the sectors of WRITE go.  On a CD, mode page 05h gives the form in which the host sends them; on all
 * other media they are 2048 bytes.  If a cue sheet was sent, they belong to a CD session that is written at
 * once, and the sheet gives their forms.  A test write (mode page 05h) records nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "target/mmc/unit.h"

bool
mmc_is_test(const struct mmc_settings *s, const struct disc *d)
{
	/* A format may have changed the medium to one without test writes, and the page still asks for
	 * one. */
	return disc_medium(d)->has_test_write && (s->write[2] & WRITE_TEST) != 0;
}

/* Returns the form of the sectors that mode page 05h asks for, if the disc is a CD that is written in
 * order and not at once; else NULL: 2048 bytes of user data. */
static const struct mmc_form *
track_form(const struct mmc_settings *s, const struct disc *d)
{
	if (disc_medium(d)->family != MEDIUM_CD || disc_medium(d)->writing == WRITES_ANYWHERE ||
		mmc_write_type(s) == WRITE_SAO)
		return NULL;
	return mmc_block_type(s->write[4] & WRITE_BLOCK_MASK);
}

void
mmc_write_begin(struct mmc_write *w, struct mmc *m, struct disc *d)
{
	w->settings = mmc_settings(m);
	w->text = &m->text;
	w->disc = d;
	w->drive = m->drive;
	w->form = track_form(w->settings, d);
	w->test = mmc_is_test(w->settings, d);
}

void
mmc_allow_overburn(struct drive *drive, struct disc *d, uint64_t end)
{
	char value[JB_TEXT_MAX];

	if (end <= disc_capacity(d))
		return;
	jb_setting_get(drive_jukebox(drive), JB_SET_DRIVE_OVERBURN, drive_number(drive), value);
	disc_allow_overburn(
		d, strcmp(value, "on") == 0 ? UINT32_MAX : (uint32_t)strtoul(value, NULL, 10));
}

/* ---- a session at once ------------------------------------------------------------------------ */

/* A stretch of a session whose sectors have the same form: a track, a recorded pause, or a pause that is not
 * recorded. */
struct piece {
	int64_t end; /* the first address behind the piece */
	const struct mmc_form
		*form; /* form->size 0: the host sends nothing, the drive makes the sectors */
	bool recorded; /* false: the image has no place for these sectors */
};

/* Stores in *out the piece at an address behind the lead-in.  Returns false, and leaves *out as it is, if
 * `lba` is past the last track. */
static bool
piece_at(const struct mmc_session *s, int64_t lba, struct piece *out)
{
	for (unsigned i = 0; i < s->ntracks; i++) {
		const struct track *t = &s->tracks[i];
		int64_t start = t->start;

		if (lba >= start + t->size)
			continue;
		if (lba >= start)
			*out = (struct piece){start + t->size, s->form[i], true};
		else if (lba >= start - t->pregap)
			*out = (struct piece){start, s->pause[i], true};
		else
			*out = (struct piece){start - t->pregap, s->pause[i], false};
		return true;
	}
	return false;
}

/* Returns true if `lba` is the next address to write in the session.  First moves s->next to `lba` where
 * the host may skip sectors: to any address in a lead-in that the host writes, if that is the first
 * write; over the first pause, if that is the first write and the host writes no lead-in; and over every
 * piece that the drive makes, towards `lba`. */
static bool
is_next(struct mmc_session *s, int64_t lba)
{
	int64_t program = s->first - CD_LEAD_IN_GAP;
	struct piece p;

	if (s->text && !s->begun && lba >= s->lead_in && lba < program)
		s->next = (int32_t)lba;
	if (!s->begun && !s->text && lba == s->first)
		s->next = s->first;
	while (lba > s->next && s->next >= program && piece_at(s, s->next, &p) && p.form->size == 0)
		s->next = (int32_t)p.end;
	return lba == s->next;
}

/* Writes `count` sectors that have the form `f`, whose f->size must not be 0.  Audio and sectors of
 * exactly 2048 bytes go to the disc unchanged; of other cooked forms the user data is written; of all
 * others whole sectors are made, which makes the disc raw.  Returns the error of disc_write or
 * disc_write_raw; some sectors may then have been written. */
static enum jb_err
write_sectors_of(const struct mmc_write *w, int32_t lba, uint32_t count, const struct mmc_form *f,
	const uint8_t *data)
{
	enum { AT_ONCE = 8, SUBHEADER = 48 /* of mode page 05h */ };
	const uint8_t *subheader = w->settings->write + SUBHEADER;
	uint8_t sectors[AT_ONCE * CD_RAW_SIZE];
	struct disc *d = w->disc;
	enum jb_err err = JB_OK;

	if (f->layout == FORM_WHOLE)
		return disc_write_raw(d, (uint32_t)lba, count, data);
	if (mmc_form_is_cooked(f) && f->size == SECTOR_SIZE)
		return disc_write(d, (uint32_t)lba, count, data);
	for (uint32_t done = 0, n; err == JB_OK && done < count; done += n) {
		n = count - done < AT_ONCE ? count - done : AT_ONCE;
		for (uint32_t i = 0; i < n; i++, data += f->size) {
			int32_t at = lba + (int32_t)(done + i);

			if (mmc_form_is_cooked(f))
				memcpy(sectors + (size_t)i * SECTOR_SIZE,
					mmc_form_user_data(f, data), SECTOR_SIZE);
			else
				mmc_form_sector(
					f, at, data, subheader, sectors + (size_t)i * CD_RAW_SIZE);
		}
		if (mmc_form_is_cooked(f))
			err = disc_write(d, (uint32_t)lba + done, n, sectors);
		else
			err = disc_write_raw(d, (uint32_t)lba + done, n, sectors);
	}
	return err;
}

/* Lays out the tracks of the cue sheet on the disc, durably, and sets the catalog number if the sheet has
 * one.  First calls mmc_allow_overburn for the end of the last track.  Returns the error of disc_lay_out or
 * disc_set_catalog. */
static enum jb_err
begin_session(const struct mmc_write *w)
{
	const struct mmc_session *s = &w->settings->session;
	const struct disc_layout layout = {
		s->tracks, s->ntracks, s->indices, s->nindices, s->number};
	enum jb_err err;

	if (s->ntracks > 0)
		mmc_allow_overburn(w->drive, w->disc, track_end(&s->tracks[s->ntracks - 1]));
	err = disc_lay_out(w->disc, &layout);
	if (err == JB_OK && s->catalog[0] != '\0')
		err = disc_set_catalog(w->disc, s->catalog);
	return err;
}

/* Takes `count` sectors of the lead-in from s->next on, and moves s->next on.  When the lead-in is
 * complete, stores its CD-TEXT on the disc, unless this is a test write, and returns the error of
 * disc_set_text.  The disc is not blank any more even if the host never completes it, since a lead-in
 * cannot be written twice. */
static enum jb_err
write_lead_in(const struct mmc_write *w, uint32_t count, const uint8_t *data)
{
	struct mmc_session *s = &w->settings->session;
	enum jb_err err = JB_OK;

	mmc_text_add(w->text, data, count);
	if (s->next + (int32_t)count == s->first - CD_LEAD_IN_GAP && w->text->n > 0 && !w->test)
		err = disc_set_text(w->disc, w->text->packs, w->text->n);
	if (err == JB_OK)
		s->next += (int32_t)count;
	return err;
}

/* Writes `count` sectors from s->next on, which is behind the lead-in, piece by piece, and moves s->next
 * on with each.  A test write, and sectors that are not recorded, only move it.  Returns JB_NOT_NWA if
 * the host sends sectors that the drive makes, JB_LBA_RANGE behind the last track, or an error of the
 * disc. */
static enum jb_err
write_pieces(const struct mmc_write *w, uint32_t count, const uint8_t *data)
{
	struct mmc_session *s = &w->settings->session;
	enum jb_err err = JB_OK;
	struct piece p;

	while (err == JB_OK && count > 0) {
		uint32_t n = count;

		if (!piece_at(s, s->next, &p))
			return JB_LBA_RANGE;
		if (p.end - s->next < count)
			n = (uint32_t)(p.end - s->next);
		if (p.form->size == 0)
			return JB_NOT_NWA;
		if (p.recorded && !w->test)
			err = write_sectors_of(w, s->next, n, p.form, data);
		if (err != JB_OK)
			break;
		s->next += (int32_t)n;
		count -= n;
		data += (size_t)n * p.form->size;
	}
	return err;
}

/* Writes sectors of a session at once.  Sets s->begun at the first write; one that is not a test then first
 * calls begin_session, and leaves it false if that fails.  Returns JB_NOT_NWA if `lba` is not the next
 * address, JB_LBA_RANGE if the sectors reach past the lead-in or the session, or the error of one of the
 * functions above. */
static enum jb_err
write_session(const struct mmc_write *w, int32_t lba, uint32_t count, const uint8_t *data)
{
	struct mmc_session *s = &w->settings->session;
	int32_t program = s->first - CD_LEAD_IN_GAP;
	enum jb_err err = JB_OK;

	if (!is_next(s, lba))
		return JB_NOT_NWA;
	if (count > (uint32_t)((lba < program ? program : s->end) - lba))
		return JB_LBA_RANGE;
	if (!s->begun && !w->test)
		err = begin_session(w);
	s->begun = err == JB_OK;
	if (err != JB_OK)
		return err;
	return lba < program ? write_lead_in(w, count, data) : write_pieces(w, count, data);
}

/* Returns the number of bytes that the host sends for `count` sectors of a session at once:
 * MMC_TEXT_BLOCK each if `lba` is in the lead-in, else by piece; 2048 each past the last track. */
static uint64_t
session_size(const struct mmc_session *s, int32_t lba, uint32_t count)
{
	uint64_t size = 0;
	int64_t at = lba;
	struct piece p;

	if (lba < s->first - CD_LEAD_IN_GAP)
		return (uint64_t)count * MMC_TEXT_BLOCK;
	for (int64_t n; count > 0; count -= (uint32_t)n, at += n) {
		if (!piece_at(s, at, &p)) /* write_session refuses these sectors */
			return size + (uint64_t)count * SECTOR_SIZE;
		n = p.end - at < count ? p.end - at : count;
		size += (uint64_t)n * p.form->size;
	}
	return size;
}

/* ---- tracks ----------------------------------------------------------------------------------- */

/* Returns true for three writes: the first one in a track, until the track's begin is durable; the first
 * one in a session at once, which lays out all tracks; and one that makes the disc raw, which converts
 * its image. */
bool
mmc_write_waits(const struct mmc_write *w, uint32_t lba)
{
	const struct mmc_session *s = &w->settings->session;
	const struct disc *d = w->disc;
	struct track t;

	if (s->set)
		return !s->begun || (s->raw && !disc_is_raw(d));
	if (w->form != NULL && !mmc_form_is_cooked(w->form) && !disc_is_raw(d))
		return true;
	return disc_track(d, disc_track_at(d, lba), &t) && track_begins(&t);
}

uint64_t
mmc_write_size(const struct mmc_write *w, uint32_t lba, uint32_t count)
{
	if (w->settings->session.set)
		return session_size(&w->settings->session, (int32_t)lba, count);
	return (uint64_t)count * (w->form != NULL ? w->form->size : SECTOR_SIZE);
}

/* Copies a number of `len` characters from mode page 05h to `out`, which has len + 1 bytes.  Stores "" if
 * the field is not valid: bit 7 of its first byte is 0.  Does not check the characters. */
static void
get_number(const uint8_t *field, unsigned len, char *out)
{
	enum { VALID = 0x80 };

	memset(out, 0, len + 1);
	if (field[0] & VALID)
		memcpy(out, field + 1, len);
}

/* Gives the form's mode and the page's control bits and ISRC to the tracks that begin from now on.  A data
 * track gets only the bit "copy permitted". */
static void
next_tracks(const uint8_t *page, struct disc *d, const struct mmc_form *f)
{
	enum { ISRC = 32 };
	char isrc[CD_ISRC_LEN + 1];
	uint8_t control = page[3] & CD_CONTROL_BITS;

	get_number(page + ISRC, CD_ISRC_LEN, isrc);
	/* For data, bit 0 of the control field says that the track is in packets. */
	if (f->mode != CD_AUDIO)
		control &= CD_COPY_PERMITTED;
	disc_next_tracks(d, f->mode, control, isrc);
}

/* Does next_tracks, and gives the page's catalog number to the disc, if it is valid and differs from the
 * disc's.  Returns the error of disc_set_catalog, but JB_OK for a number that is not valid. */
static enum jb_err
take_numbers(const uint8_t *page, struct disc *d, const struct mmc_form *f)
{
	enum { CATALOG = 16 };
	char catalog[CD_CATALOG_LEN + 1];
	enum jb_err err = JB_OK;

	next_tracks(page, d, f);
	get_number(page + CATALOG, CD_CATALOG_LEN, catalog);
	if (catalog[0] != '\0' && strcmp(catalog, disc_catalog(d)) != 0)
		err = disc_set_catalog(d, catalog);
	return err == JB_NOT_SUPPORTED ? JB_OK : err; /* a number that is not valid is ignored */
}

enum jb_err
mmc_write_reserve(const struct mmc_write *w, uint32_t sectors)
{
	enum jb_err err = JB_OK;

	if (w->form != NULL)
		err = take_numbers(w->settings->write, w->disc, w->form);
	return err == JB_OK ? disc_reserve_track(w->disc, sectors) : err;
}

void
mmc_write_next_tracks(const struct mmc_settings *s, struct disc *d)
{
	next_tracks(s->write, d, mmc_block_type(s->write[4] & WRITE_BLOCK_MASK));
}

/* Writes sectors of a track.  First calls mmc_allow_overburn.  With a form, also sets what the next tracks
 * get (take_numbers).  Returns JB_TRACK_MODE if the track at `lba` is begun or reserved in another mode
 * than mode page 05h has, or the error of take_numbers or of the write. */
static enum jb_err
write_track(const struct mmc_write *w, uint32_t lba, uint32_t count, const uint8_t *data)
{
	const struct mmc_form *f = w->form;
	struct disc *d = w->disc;
	enum jb_err err;
	struct track t;

	mmc_allow_overburn(w->drive, w->disc, (uint64_t)lba + count);
	if (f == NULL)
		return disc_write(d, lba, count, data);
	if (disc_track(d, disc_track_at(d, lba), &t) && t.state != TRACK_INVISIBLE &&
		(t.recorded > 0 || t.state == TRACK_RESERVED) && t.mode != f->mode)
		return JB_TRACK_MODE;
	err = take_numbers(w->settings->write, d, f);
	return err == JB_OK ? write_sectors_of(w, (int32_t)lba, count, f, data) : err;
}

/* Checks a test write as a real write would be checked, and notes in the settings where the next one must
 * be.  First calls mmc_allow_overburn.  The first one may be wherever a write may, and the next one goes on
 * behind it; one that does not begins a new test.  Returns the error of disc_may_write, or JB_LBA_RANGE
 * past the capacity; the settings then stay as they are. */
static enum jb_err
write_test(const struct mmc_write *w, uint32_t lba, uint32_t count)
{
	struct mmc_settings *s = w->settings;
	const struct disc *d = w->disc;
	enum jb_err err = JB_OK;

	mmc_allow_overburn(w->drive, w->disc, (uint64_t)lba + count);
	if (!s->testing || lba != s->test_next)
		err = disc_may_write(d, lba, count);
	else if ((uint64_t)lba + count > disc_limit(d))
		err = JB_LBA_RANGE;
	if (err == JB_OK) {
		s->testing = true;
		s->test_next = lba + count;
	}
	return err;
}

/* Returns true if mode page 05h asks for packets on a CD that is not formatted for them. */
static bool
has_no_packets(const struct mmc_write *w)
{
	const struct medium *medium = disc_medium(w->disc);

	return medium->family == MEDIUM_CD && medium->writing == WRITES_IN_ORDER &&
	       mmc_write_type(w->settings) == WRITE_PACKET;
}

/* Returns true if mode page 05h asks for a session at once on a CD that is not complete.  The caller
 * knows that there is no cue sheet, without which it cannot be written. */
static bool
has_no_sheet(const struct mmc_write *w)
{
	return disc_medium(w->disc)->family == MEDIUM_CD && disc_status(w->disc) != DISC_COMPLETE &&
	       mmc_write_type(w->settings) == WRITE_SAO;
}

void
mmc_write_run(struct scsi_task *task, const struct mmc_write *w, uint32_t lba, uint32_t count)
{
	enum jb_err err = disc_protection(w->disc);

	if (err != JB_OK)
		mmc_fail(task, err);
	else if (w->settings->session.set)
		mmc_finish(task, write_session(w, (int32_t)lba, count, task->out));
	else if (has_no_sheet(w))
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_SEQUENCE, 0x00);
	else if (has_no_packets(w))
		mmc_fail(task, JB_NOT_FORMATTED);
	else if (w->test)
		mmc_finish(task, write_test(w, lba, count));
	else
		mmc_finish(task, write_track(w, lba, count, task->out));
}

/* ---- what SYNCHRONIZE CACHE ends ------------------------------------------------------------- */

/* Leaves the cue sheet set when it returns SYNC_SESSION: mmc_recorded drops it after the session was
 * closed. */
enum mmc_sync
mmc_sync_ends(struct mmc_settings *s, const struct disc *d, unsigned *track)
{
	struct track t;

	*track = disc_tracks(d);
	if (disc_medium(d)->family != MEDIUM_CD) {
		s->testing = false;
		return SYNC_ONLY;
	}
	if (s->session.set) {
		if (s->session.next != s->session.end)
			return SYNC_ONLY;
		if (!mmc_is_test(s, d))
			return SYNC_SESSION; /* mmc_recorded drops the sheet when the session is closed */
		s->session.set = false;
		return SYNC_ONLY;
	}
	s->testing = false;
	if (mmc_write_type(s) == WRITE_TAO && disc_track(d, *track, &t) && t.state == TRACK_OPEN &&
		t.recorded > 0)
		return SYNC_TRACK;
	return SYNC_ONLY;
}
