/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disc: its sectors in the image, what is recorded of it in the description.  recording.h has
 * the rules; here is the order in which things become durable.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/model.h"

struct item *
disc_item(struct disc *d)
{
	return (struct item *)(void *)((char *)d - offsetof(struct item, disc));
}

static const struct item *
const_item(const struct disc *d)
{
	return (const struct item *)(const void *)((const char *)d - offsetof(struct item, disc));
}

/* ---- what it is ------------------------------------------------------------------------------ */

const struct medium *
disc_medium(const struct disc *d)
{
	return d->rec.medium;
}

uint32_t
disc_capacity(const struct disc *d)
{
	return d->rec.capacity;
}

enum disc_status
disc_status(const struct disc *d)
{
	return recording_status(&d->rec);
}

enum session_state
disc_last_session_state(const struct disc *d)
{
	return recording_last_session_state(&d->rec);
}

unsigned
disc_sessions(const struct disc *d)
{
	return recording_sessions(&d->rec);
}

unsigned
disc_tracks(const struct disc *d)
{
	return recording_tracks(&d->rec);
}

bool
disc_track(const struct disc *d, unsigned number, struct track *out)
{
	return recording_track(&d->rec, number, out);
}

unsigned
disc_track_at(const struct disc *d, uint32_t lba)
{
	return recording_track_at(&d->rec, lba);
}

unsigned
disc_first_track_of(const struct disc *d, unsigned session)
{
	return recording_first_track_of(&d->rec, session);
}

uint32_t
disc_readable_capacity(const struct disc *d)
{
	return recording_readable_capacity(&d->rec);
}

bool
disc_is_unrecorded(const struct disc *d)
{
	return recording_is_unrecorded(&d->rec);
}

enum spare_format
disc_spare_format(const struct disc *d)
{
	return d->rec.spare;
}

bool
disc_minimally_blanked(const struct disc *d)
{
	return d->rec.minimal;
}

uint32_t
disc_layer_break(const struct disc *d)
{
	return d->rec.layer_break;
}

bool
disc_protected(const struct disc *d)
{
	return (const_item(d)->mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0;
}

const char *
disc_label(const struct disc *d)
{
	const char *name = const_item(d)->name;

	return name + strlen(name) + 1;
}

bool
disc_is_raw(const struct disc *d)
{
	return d->rec.raw;
}

const char *
disc_catalog(const struct disc *d)
{
	return d->rec.catalog;
}

unsigned
disc_text(const struct disc *d, const uint8_t **packs)
{
	*packs = d->rec.text;
	return d->rec.ntext;
}

uint64_t
disc_size(const struct disc *d)
{
	return d->size;
}

static int64_t
next_writable(const struct recording *rec)
{
	struct track t;
	uint32_t nwa;

	if (rec->medium == NULL || rec->final || !recording_track(rec, recording_tracks(rec), &t) ||
		!track_nwa(&t, &nwa))
		return -1;
	return nwa;
}

void
disc_publish(struct disc *d)
{
	d->medium = d->rec.medium;
	d->capacity = d->rec.capacity;
	d->status = recording_status(&d->rec);
	d->sessions = recording_sessions(&d->rec);
	d->closed_sessions = d->rec.closed_sessions;
	d->tracks = recording_tracks(&d->rec);
	d->nwa = next_writable(&d->rec);
	d->sealed = recording_is_sealed(&d->rec);
	d->unrecorded = recording_is_unrecorded(&d->rec);
	d->raw = d->rec.raw;
	disc_show(d);
}

void
disc_assign(struct disc *d, struct recording *rec, uint64_t size, uint64_t blocks)
{
	recording_fini(&d->rec);
	d->rec = *rec;
	memset(rec, 0, sizeof(*rec));
	d->size = size;
	d->blocks = blocks;
	d->content++;
	disc_publish(d);
}

/* ---- reading --------------------------------------------------------------------------------- */

enum jb_err
disc_read(struct disc *d, uint32_t lba, uint32_t count, void *buf, bool may_block)
{
	enum jb_err err = recording_may_read(&d->rec, lba, count);

	if (err == JB_OK)
		err = link_is_still(d);
	if (err != JB_OK)
		return err;
	if (d->rec.raw)
		return disc_read_user_data(d, lba, count, buf, may_block);
	return image_read(
		d->image, buf, (size_t)count * SECTOR_SIZE, (uint64_t)lba * SECTOR_SIZE, may_block);
}

static void
put_extent(void *arg)
{
	image_put(arg);
}

enum jb_err
disc_extent(struct disc *d, uint32_t lba, uint32_t count, bool may_block, struct disc_extent *out)
{
	uint64_t offset = (uint64_t)lba * SECTOR_SIZE, length = (uint64_t)count * SECTOR_SIZE;
	uint64_t stored;
	enum jb_err err = recording_may_read(&d->rec, lba, count);

	if (err == JB_OK && d->rec.raw)
		err = JB_NOT_SUPPORTED;
	if (err == JB_OK)
		err = link_is_still(d);
	if (err != JB_OK)
		return err;
	/* What was formatted and never written, or a last sector that is not whole, reads as zeros. */
	stored = offset < d->size ? d->size - offset : 0;
	if (stored > length)
		stored = length;
	if (stored > 0 && !image_is_resident(d->image, offset, stored)) {
		if (!may_block)
			return JB_WOULD_BLOCK;
		err = image_populate(d->image, offset, stored);
		if (err != JB_OK)
			return err;
	}
	*out = (struct disc_extent){
		.fd = d->image->fd,
		.offset = offset,
		.length = length,
		.stored = stored,
		.put = put_extent,
		.arg = image_get(d->image),
	};
	return JB_OK;
}

/* ---- events ---------------------------------------------------------------------------------- */

const char *
disc_acts_for(const struct disc *d)
{
	const struct item *it = const_item(d);

	return it->elem != NULL && it->elem->drive != NULL ? it->elem->drive->acts_for : NULL;
}

/* At most once a second, but for the first sector of a track. */
static void
tell_burn(struct disc *d, bool begins)
{
	enum { TELL_MS = 1000 };
	uint64_t now = clock_ms();
	struct item *it = disc_item(d);

	if (it->elem != NULL && it->elem->drive != NULL)
		drive_works(it->elem->drive, DRIVE_BURNING, recording_sectors(&d->rec, d->size),
			d->capacity);

	if (!begins && d->told_ms != 0 && now - d->told_ms < TELL_MS)
		return;
	d->told_ms = now;
	event_item(disc_item(d), JB_EVENT_BURN, disc_acts_for(d));
}

/* Once a load: programs that try again and again have the answer to their command. */
static void
tell_full(struct disc *d, uint32_t lba, uint32_t count)
{
	uint64_t end = recording_is_formatted(&d->rec) ? d->rec.tracks[0].size : d->rec.capacity;

	if (d->told_full || lba > end || lba + (uint64_t)count <= end)
		return;
	d->told_full = true;
	log_warn("drive", "%s: a burn has more to write than the medium holds, %llu sectors",
		disc_item(d)->name, (unsigned long long)end);
	event_item(disc_item(d), JB_EVENT_FULL, disc_acts_for(d));
}

/*
 * An initiator hears of it by sense data alone, and only a person can make room.  Programs that try
 * again and again are told of now and then.
 */
enum jb_err
disc_tell_store(struct disc *d, enum jb_err err)
{
	enum { TELL_MS = 10000 };
	uint64_t now = clock_ms();
	struct item *it = disc_item(d);

	if (err != JB_STORE_FULL && err != JB_STORE_WRITE && err != JB_STORE_READ_ONLY)
		return err;
	if (d->told_store_ms != 0 && now - d->told_store_ms < TELL_MS)
		return err;
	d->told_store_ms = now;
	log_err("store", "%s: cannot be recorded: %s", it->name, jb_err_text(err));
	event_error(it, err, disc_acts_for(d));
	return err;
}

/* ---- writing --------------------------------------------------------------------------------- */

static enum jb_err
store_description(struct disc *d)
{
	enum jb_err err = item_describe(disc_item(d));

	if (err == JB_OK)
		d->changed = false;
	return err;
}

void
disc_changed(struct disc *d)
{
	struct item *it = disc_item(d);
	uint64_t end = recording_bytes(&d->rec);

	if (end > d->size)
		d->size = end;
	it->mtime_ns = it->ctime_ns = clock_wall_ns();
	d->changed = true;
	d->content++;
	d->origin = recording_is_unrecorded(&d->rec) ? JB_ORIGIN_BLANK : JB_ORIGIN_BURNED;
	disc_publish(d);
}

/*
 * The track is durably begun before anything is written to it, so that a crash leaves a disc that
 * says it was written to.  If that fails, memory is behind the next sync, which tries again.
 */
static enum jb_err
begin_track(struct disc *d)
{
	enum jb_err err = recording_begin_track(&d->rec);

	if (err != JB_OK)
		return err;
	disc_changed(d);
	return store_description(d);
}

/* Begins to have the device write what has come together behind that many bytes. */
static void
kick(struct disc *d, uint64_t end, uint64_t length)
{
	d->kick_length += length;
	if (d->kick_length < WRITEBACK_STEP)
		return;
	image_kick(d->image, end > d->kick_length ? end - d->kick_length : 0, d->kick_length);
	d->kick_length = 0;
}

/* The caller's data, in sectors of one form or the other, into the image, which has its own. */
static enum jb_err
write_sectors(struct disc *d, uint32_t lba, uint32_t count, const void *data, bool whole)
{
	uint32_t size = recording_sector_size(&d->rec);

	if (d->rec.raw && !whole)
		return disc_write_user_data(d, lba, count, data);
	return image_write_sparse(d->image, data, (size_t)count * size, (uint64_t)lba * size);
}

static enum jb_err
write_data(struct disc *d, uint32_t lba, uint32_t count, const void *data, bool whole)
{
	uint32_t size = recording_sector_size(&d->rec);
	bool begins = false;
	enum jb_err err = recording_may_write(&d->rec, lba, count, &begins);

	if (err == JB_LBA_RANGE)
		tell_full(d, lba, count);
	if (err != JB_OK || count == 0)
		return err;
	/* Sound has no form in which it would be user data. */
	if (!whole && recording_mode_at(&d->rec, lba) == CD_AUDIO)
		return JB_TRACK_MODE;
	if (begins || d->begin_failed) {
		err = begins ? begin_track(d) : store_description(d);
		d->begin_failed = err != JB_OK;
		if (err != JB_OK)
			return err;
	}
	d->unsynced = true;
	err = write_sectors(d, lba, count, data, whole);
	if (err == JB_OK)
		err = recording_written(&d->rec, lba, count);
	if (err != JB_OK)
		return err;
	disc_changed(d);
	tell_burn(d, begins);
	kick(d, ((uint64_t)lba + count) * size, (uint64_t)count * size);
	return JB_OK;
}

enum jb_err
disc_write(struct disc *d, uint32_t lba, uint32_t count, const void *data)
{
	if (disc_protected(d))
		return JB_PROTECTED;
	return disc_tell_store(d, write_data(d, lba, count, data, false));
}

enum jb_err
disc_write_raw(struct disc *d, uint32_t lba, uint32_t count, const void *data)
{
	enum jb_err err = disc_may_write(d, lba, count);

	/* A refusal is no reason to become another disc; what is beyond the end is told of below. */
	if (err == JB_OK && count > 0)
		err = disc_become_raw(d);
	if (err == JB_OK || err == JB_LBA_RANGE)
		err = write_data(d, lba, count, data, true);
	return disc_tell_store(d, err);
}

/* Closing may have padded a track: the image is as long as what is recorded, sparse if need be. */
static enum jb_err
extend_image(struct disc *d)
{
	uint64_t end = recording_bytes(&d->rec), size;
	enum jb_err err = image_stat(d->image, &size, NULL);

	if (err != JB_OK || size >= end)
		return err;
	if (ftruncate(d->image->fd, (off_t)end) != 0)
		return jb_err_from_errno(errno, JB_STORE_WRITE);
	d->unsynced = true;
	return JB_OK;
}

/*
 * The kernel drops the pages that it could not write, and the next sync would succeed without them
 * (fsync(2), "EIO").  So the disc goes back to what was durable last, as after a crash: recorded up
 * to there, and appendable.
 */
static void
fall_back(struct disc *d)
{
	struct item *it = disc_item(d);
	char dir[STORE_PATH_MAX];
	struct description durable = {.rec = NULL};
	uint64_t size;

	log_err("store", "%s: what was written since the last sync is lost", it->name);
	event_error(it, JB_STORE_WRITE, disc_acts_for(d));
	if (description_load(it->jb, store_item_path(it, dir), DISC_FILE, &durable) != JB_OK)
		return; /* the store is gone altogether: every later sync says so itself */
	disc_assign(d, &durable.own, recording_bytes(&durable.own), d->blocks);
	disc_tell_background(d);
	d->unsynced = d->changed = d->begin_failed = false;
	if (image_stat(d->image, &size, NULL) == JB_OK)
		disc_settle(it, size);
}

enum jb_err
disc_sync(struct disc *d)
{
	enum jb_err err = d->changed ? extend_image(d) : JB_OK;
	uint64_t blocks;

	if (err != JB_OK)
		return disc_tell_store(d, err);
	if (d->unsynced)
		err = image_sync(d->image);
	if (err != JB_OK) {
		fall_back(d);
		return err;
	}
	d->unsynced = false;
	disc_run_background(d);
	if (!d->changed)
		return JB_OK;
	if (image_stat(d->image, NULL, &blocks) == JB_OK)
		d->blocks = blocks;
	return disc_tell_store(d, store_description(d));
}

enum jb_err
disc_sync_change(struct disc *d, enum jb_err err)
{
	if (err != JB_OK)
		return err;
	disc_changed(d);
	err = disc_tell_store(d, extend_image(d));
	return err == JB_OK ? disc_sync(d) : err;
}

/* sessions, final: what it was before. */
static void
tell_closed(struct disc *d, unsigned sessions, bool final)
{
	struct item *it = disc_item(d);

	if (it->elem != NULL && it->elem->drive != NULL)
		drive_works(it->elem->drive, DRIVE_IDLE, 0, 0);
	if (d->rec.final && !final) {
		event_item(it, JB_EVENT_FINALIZED, disc_acts_for(d));
		jb_enter(it->jb);
		check_completed(it);
		jb_leave(it->jb);
	} else if (d->rec.closed_sessions != sessions) {
		event_item(it, JB_EVENT_SESSION_CLOSED, disc_acts_for(d));
	}
	raw_name_due(d);
}

enum jb_err
disc_reserve_track(struct disc *d, uint32_t sectors)
{
	if (disc_protected(d))
		return JB_PROTECTED;
	return disc_sync_change(d, recording_reserve(&d->rec, sectors));
}

/* Becomes raw first: a crash between the two leaves a raw disc that is otherwise as it was. */
enum jb_err
disc_lay_out(struct disc *d, const struct track *tracks, unsigned n)
{
	struct recording probe = {0};
	bool audio = false;
	enum jb_err err;

	if (disc_protected(d))
		return JB_PROTECTED;
	err = recording_copy(&d->rec, &probe);
	if (err == JB_OK)
		err = recording_lay_out(&probe, tracks, n);
	recording_fini(&probe);
	for (unsigned i = 0; i < n; i++)
		audio = audio || tracks[i].mode == CD_AUDIO;
	if (err == JB_OK && audio)
		err = disc_become_raw(d);
	return err == JB_OK ? disc_sync_change(d, recording_lay_out(&d->rec, tracks, n)) : err;
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

/* Of the lead-in that is read: the first session's, until that is closed. */
static bool
first_lead_in_is_open(const struct disc *d)
{
	return d->rec.closed_sessions == 0 && !d->rec.final;
}

enum jb_err
disc_set_text(struct disc *d, const uint8_t *packs, unsigned n)
{
	enum jb_err err;

	if (disc_protected(d))
		return JB_PROTECTED;
	if (!first_lead_in_is_open(d))
		return JB_OK;
	err = recording_set_text(&d->rec, packs, n);
	d->changed = d->changed || err == JB_OK;
	return err;
}

enum jb_err
disc_set_catalog(struct disc *d, const char *digits)
{
	enum jb_err err;

	if (disc_protected(d))
		return JB_PROTECTED;
	if (!first_lead_in_is_open(d))
		return JB_OK;
	err = recording_set_catalog(&d->rec, digits);
	d->changed = d->changed || err == JB_OK;
	return err;
}

enum jb_err
disc_may_write(const struct disc *d, uint32_t lba, uint32_t count)
{
	bool begins;

	return disc_protected(d) ? JB_PROTECTED : recording_may_write(&d->rec, lba, count, &begins);
}

enum jb_err
disc_close(struct disc *d, unsigned function, unsigned track)
{
	unsigned sessions = d->rec.closed_sessions;
	bool final = d->rec.final;
	enum jb_err err;

	if (disc_protected(d))
		return JB_PROTECTED;
	disc_run_background(d);
	err = disc_sync_change(d, recording_close(&d->rec, function, track));
	disc_tell_background(d);
	if (err == JB_OK)
		tell_closed(d, sessions, final);
	return err;
}

enum jb_err
disc_finalize(struct disc *d)
{
	unsigned sessions = d->rec.closed_sessions;
	bool final = d->rec.final;
	enum jb_err err;

	if (disc_protected(d))
		return JB_PROTECTED;
	err = disc_sync_change(d, recording_finalize(&d->rec));
	if (err == JB_OK)
		tell_closed(d, sessions, final);
	return err;
}

enum jb_err
disc_set_layer_break(struct disc *d, uint32_t sectors)
{
	if (disc_protected(d))
		return JB_PROTECTED;
	return disc_sync_change(d, recording_set_layer_break(&d->rec, sectors));
}

static enum jb_err
as_pressed(const struct recording *r, struct recording *rom)
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
	return JB_OK;
}

enum jb_err
disc_turn_into_rom(struct disc *d)
{
	static const uint16_t roms[] = {
		[MEDIUM_CD] = PROFILE_CD_ROM,
		[MEDIUM_DVD] = PROFILE_DVD_ROM,
		[MEDIUM_BD] = PROFILE_BD_ROM,
	};
	uint32_t end = recording_end(&d->rec);
	struct recording rom = {0};
	bool final = d->rec.final;
	enum jb_err err;

	if (disc_protected(d))
		return JB_PROTECTED;
	if (d->rec.medium->writing == WRITES_ANYWHERE)
		return JB_NOT_SUPPORTED;
	if (end == 0)
		return JB_BLANK;
	/* What has tracks of several kinds keeps them. */
	err = d->rec.raw ? as_pressed(&d->rec, &rom)
			 : recording_init_image(
				   &rom, medium_by_profile(roms[d->rec.medium->family]), end, end);
	if (err != JB_OK)
		return err;
	recording_fini(&d->rec);
	d->rec = rom;
	err = disc_sync_change(d, JB_OK);
	if (err == JB_OK)
		tell_closed(d, d->rec.closed_sessions, final);
	return err;
}
