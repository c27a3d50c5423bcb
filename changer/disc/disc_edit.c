/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Changes a disc's recording for all commands but WRITE: tracks, sessions, the lead-in, the end of layer 0.
 * The functions edit_...  are the steps for disc_edit; each changes a copy of the recording. */
#include <assert.h>
#include <string.h>

#include "changer/base/clock.h"
#include "changer/disc/correct_name.h"
#include "changer/disc/disc_change.h"
#include "changer/disc/disc_edit.h"
#include "changer/disc/disc_raw.h"
#include "changer/disc/disc_sync.h"
#include "changer/disc/disc_report.h"
#include "changer/inventory/model.h"

/* ---- tracks and sessions ---------------------------------------------------------------------- */

/* Reports what a close has changed.  sessions and final are the number of closed sessions and the state
 * `final` before it.  If the disc has become final, raises the event `finalized` and queues a check of a
 * completed disc (verify_queue_completed).  Otherwise, if a session was closed, raises `session-closed`.
 * Also reports the drive as idle, and requests the correct name for the disc.  Takes the jukebox lock. */
static void
report_closed(struct disc *d, unsigned sessions, bool final)
{
	struct item *it = disc_state_item(d);

	if (it->elem != NULL && it->elem->drive != NULL)
		drive_works(it->elem->drive, DRIVE_IDLE, 0, 0);
	if (d->rec.final && !final) {
		event_item(it, JB_EVENT_FINALIZED, disc_state_acts_for(d));
		jb_enter(it->jb);
		verify_queue_completed(it);
		jb_leave(it->jb);
	} else if (d->rec.closed_sessions != sessions) {
		event_item(it, JB_EVENT_SESSION_CLOSED, disc_state_acts_for(d));
	}
	correct_name_schedule(d);
}

/* Calls edit once before it converts the disc to raw, because a refused edit must not convert the disc.
 * After a crash between the conversion and the edit, the disc is raw and otherwise unchanged. */
enum jb_err
disc_edit(struct disc *d, disc_edit_fn *edit, const void *arg, bool whole)
{
	struct recording rec = {0};
	bool raw = d->rec.raw;
	enum jb_err err = recording_copy(&d->rec, &rec);

	assert(disc_state_is_still(d));
	if (err == JB_OK)
		err = edit(&rec, arg);
	if (err == JB_OK && whole && !raw) {
		recording_fini(&rec);
		err = recording_copy(&d->rec, &rec);
		if (err == JB_OK)
			err = disc_make_raw(d, &rec);
		if (err == JB_OK)
			err = edit(&rec, arg);
	}
	if (err == JB_OK)
		err = disc_change(d, &rec);
	recording_fini(&rec);
	if (err == JB_OK && d->rec.raw != raw)
		correct_name_schedule(d);
	return err;
}

/* Reserves a track of *arg (uint32_t) sectors, for disc_edit.  Returns the errors of
 * recording_reserve. */
static enum jb_err
edit_reserve(struct recording *rec, const void *arg)
{
	return recording_reserve(rec, *(const uint32_t *)arg);
}

enum jb_err
disc_reserve_track(struct disc *d, uint32_t sectors)
{
	enum jb_err err = disc_protection(d);

	if (err == JB_OK)
		err = disc_edit(d, edit_reserve, &sectors, d->rec.next_mode == CD_AUDIO);
	if (err == JB_LBA_RANGE)
		disc_report_full(d);
	return err;
}

/* Reserves the tracks of the layout arg (struct disc_layout), for disc_edit.  Returns the errors of
 * recording_lay_out. */
static enum jb_err
edit_lay_out(struct recording *rec, const void *arg)
{
	return recording_lay_out(rec, arg);
}

enum jb_err
disc_lay_out(struct disc *d, const struct disc_layout *layout)
{
	enum jb_err err = disc_protection(d);
	bool audio = false;

	for (unsigned i = 0; i < layout->ntracks; i++)
		audio = audio || layout->tracks[i].mode == CD_AUDIO;
	return err == JB_OK ? disc_edit(d, edit_lay_out, layout, audio) : err;
}

void
disc_allow_overburn(struct disc *d, uint32_t sectors)
{
	d->rec.overburn = sectors;
}

void
disc_next_tracks(struct disc *d, enum cd_mode mode, uint8_t control, const char *isrc)
{
	bool is_cd = d->rec.medium->family == MEDIUM_CD;

	d->rec.next_mode = is_cd ? mode : CD_MODE1;
	d->rec.next_control = control & CD_CONTROL_BITS;
	d->rec.next_isrc[0] = '\0';
	if (is_cd && cd_isrc_is_valid(isrc))
		memcpy(d->rec.next_isrc, isrc, sizeof(d->rec.next_isrc));
}

/* Returns true if the lead-in of the first session can still change: no session is closed, and the disc is
 * not final.  Programs read CD-TEXT and the catalog number from that lead-in only. */
static bool
first_lead_in_is_open(const struct disc *d)
{
	return d->rec.closed_sessions == 0 && !d->rec.final;
}

enum jb_err
disc_set_text(struct disc *d, const uint8_t *packs, unsigned n)
{
	enum jb_err err = disc_protection(d);

	if (err != JB_OK)
		return err;
	if (!first_lead_in_is_open(d))
		return JB_OK;
	err = recording_set_text(&d->rec, packs, n);
	d->changed = d->changed || err == JB_OK;
	return err;
}

enum jb_err
disc_set_catalog(struct disc *d, const char *digits)
{
	enum jb_err err = disc_protection(d);

	if (err != JB_OK)
		return err;
	if (!first_lead_in_is_open(d))
		return JB_OK;
	err = recording_set_catalog(&d->rec, digits);
	d->changed = d->changed || err == JB_OK;
	return err;
}

/* The argument of edit_close: a close function and its track, as in recording_close. */
struct closing {
	unsigned function, track; /* track counts from 1 */
};

/* Carries out the close function in arg (struct closing), for disc_edit.  Returns the errors of
 * recording_close. */
static enum jb_err
edit_close(struct recording *rec, const void *arg)
{
	const struct closing *c = arg;

	return recording_close(rec, c->function, c->track);
}

enum jb_err
disc_close(struct disc *d, unsigned function, unsigned track)
{
	const struct closing c = {function, track};
	unsigned sessions = d->rec.closed_sessions;
	bool final = d->rec.final;
	enum jb_err err = disc_protection(d);

	if (err != JB_OK)
		return err;
	disc_run_background(d);
	err = disc_edit(d, edit_close, &c, false);
	disc_report_background(d);
	if (err == JB_OK)
		report_closed(d, sessions, final);
	return err;
}

/* Finalizes the disc, for disc_edit; arg is not used.  Returns the errors of recording_finalize. */
static enum jb_err
edit_finalize(struct recording *rec, const void *arg)
{
	return recording_finalize(rec);
}

enum jb_err
disc_finalize(struct disc *d)
{
	unsigned sessions = d->rec.closed_sessions;
	bool final = d->rec.final;
	enum jb_err err = disc_protection(d);

	if (err == JB_OK)
		err = disc_edit(d, edit_finalize, NULL, false);
	if (err == JB_OK)
		report_closed(d, sessions, final);
	return err;
}

/* Sets the layer break to *arg (uint32_t) sectors, for disc_edit.  Returns the errors of
 * recording_set_layer_break. */
static enum jb_err
edit_layer_break(struct recording *rec, const void *arg)
{
	return recording_set_layer_break(rec, *(const uint32_t *)arg);
}

enum jb_err
disc_set_layer_break(struct disc *d, uint32_t sectors)
{
	enum jb_err err = disc_protection(d);

	return err == JB_OK ? disc_edit(d, edit_layer_break, &sectors, false) : err;
}

/* Stores in *rom, which is empty, a CD-ROM's recording with the tracks of the recording r.  Returns JB_OK;
 * JB_NO_MEMORY or an error of recording_finalize: *rom is then empty. */
static enum jb_err
copy_as_pressed(const struct recording *r, struct recording *rom)
{
	enum jb_err err = recording_copy(r, rom);

	if (err == JB_OK)
		err = recording_finalize(rom);
	if (err != JB_OK) {
		recording_fini(rom);
		return err;
	}
	rom->medium = medium_by_profile(PROFILE_CD_ROM);
	rom->capacity = recording_end(rom);
	rom->overburned = rom->overburn = 0;
	return JB_OK;
}

enum jb_err
disc_turn_into_rom(struct disc *d)
{
	static const uint16_t roms[] = {
		[MEDIUM_DVD] = PROFILE_DVD_ROM,
		[MEDIUM_BD] = PROFILE_BD_ROM,
	};
	enum medium_family family = d->rec.medium->family;
	uint32_t end = recording_end(&d->rec);
	struct recording rom = {0};
	bool final = d->rec.final;
	enum jb_err err = disc_protection(d);

	if (err != JB_OK)
		return err;
	if (d->rec.medium->writing == WRITES_ANYWHERE)
		return JB_NOT_SUPPORTED;
	if (end == 0)
		return JB_BLANK;
	/* A CD has tracks of several kinds, and keeps them; a pressed disc of any other family has one. */
	err = family == MEDIUM_CD
		      ? copy_as_pressed(&d->rec, &rom)
		      : recording_init_image(&rom, medium_by_profile(roms[family]), end, end);
	if (err != JB_OK)
		return err;
	err = disc_change(d, &rom);
	recording_fini(&rom);
	if (err == JB_OK)
		report_closed(d, d->rec.closed_sessions, final);
	return err;
}
