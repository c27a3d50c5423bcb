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
		drive_works(it->elem->drive, DRIVE_BURNING, d->size / SECTOR_SIZE, d->capacity);

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
	uint64_t end = (uint64_t)recording_end(&d->rec) * SECTOR_SIZE;

	if (end > d->size)
		d->size = end;
	it->mtime_ns = it->ctime_ns = clock_wall_ns();
	d->changed = true;
	d->content++;
	d->origin = JB_ORIGIN_BURNED;
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

enum jb_err
disc_write(struct disc *d, uint32_t lba, uint32_t count, const void *data)
{
	uint64_t offset = (uint64_t)lba * SECTOR_SIZE, length = (uint64_t)count * SECTOR_SIZE;
	bool begins = false;
	enum jb_err err;

	if (disc_protected(d))
		return JB_PROTECTED;
	err = recording_may_write(&d->rec, lba, count, &begins);
	if (err == JB_LBA_RANGE)
		tell_full(d, lba, count);
	if (err != JB_OK || count == 0)
		return err;
	if (begins || d->begin_failed) {
		err = begins ? begin_track(d) : store_description(d);
		d->begin_failed = err != JB_OK;
		if (err != JB_OK)
			return err;
	}
	d->unsynced = true;
	err = image_write(d->image, data, (size_t)length, offset);
	if (err == JB_OK)
		err = recording_written(&d->rec, lba, count);
	if (err != JB_OK)
		return err;
	disc_changed(d);
	tell_burn(d, begins);
	d->kick_length += length;
	if (d->kick_length >= WRITEBACK_STEP) {
		image_kick(d->image,
			offset + length > d->kick_length ? offset + length - d->kick_length : 0,
			d->kick_length);
		d->kick_length = 0;
	}
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

	log_err("store", "%s: what was written since the last sync is lost", it->name);
	event_error(it, JB_STORE_WRITE, disc_acts_for(d));
	if (description_load(it->jb, store_item_path(it, dir), DISC_FILE, &durable) != JB_OK)
		return; /* the store is gone altogether: every later sync says so itself */
	disc_assign(
		d, &durable.own, (uint64_t)recording_end(&durable.own) * SECTOR_SIZE, d->blocks);
	d->unsynced = d->changed = d->begin_failed = false;
}

enum jb_err
disc_sync(struct disc *d)
{
	enum jb_err err = JB_OK;
	uint64_t blocks;

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
	return store_description(d);
}

/* Closing may have padded a track: the image is as long as what is recorded, sparse if need be. */
static enum jb_err
extend_image(struct disc *d)
{
	uint64_t end = (uint64_t)recording_end(&d->rec) * SECTOR_SIZE, size;
	enum jb_err err = image_stat(d->image, &size, NULL);

	if (err != JB_OK || size >= end)
		return err;
	if (ftruncate(d->image->fd, (off_t)end) != 0)
		return jb_err_from_errno(errno, JB_STORE_WRITE);
	d->unsynced = true;
	return JB_OK;
}

enum jb_err
disc_sync_change(struct disc *d, enum jb_err err)
{
	if (err != JB_OK)
		return err;
	disc_changed(d);
	err = extend_image(d);
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
}

enum jb_err
disc_reserve_track(struct disc *d, uint32_t sectors)
{
	if (disc_protected(d))
		return JB_PROTECTED;
	return disc_sync_change(d, recording_reserve(&d->rec, sectors));
}

enum jb_err
disc_lay_out(struct disc *d, const struct track *tracks, unsigned n)
{
	if (disc_protected(d))
		return JB_PROTECTED;
	return disc_sync_change(d, recording_lay_out(&d->rec, tracks, n));
}

void
disc_next_tracks(struct disc *d, bool xa)
{
	d->rec.next_xa = xa;
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
	err = disc_sync_change(d, recording_close(&d->rec, function, track));
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
	err = recording_init_image(&rom, medium_by_profile(roms[d->rec.medium->family]), end, end);
	if (err != JB_OK)
		return err;
	recording_fini(&d->rec);
	d->rec = rom;
	err = disc_sync_change(d, JB_OK);
	if (err == JB_OK)
		tell_closed(d, d->rec.closed_sessions, final);
	return err;
}

/* ---- after a crash --------------------------------------------------------------------------- */

/* A disc that takes no more is as long as its image, also if that was replaced by hand. */
static void
settle_final(struct item *it, uint64_t image_sectors)
{
	struct recording rec = {0};
	struct disc *d = &it->disc;
	const struct medium *m = d->rec.medium;

	if (image_sectors == recording_end(&d->rec))
		return;
	if (d->rec.ntracks == 1 && image_sectors > 0) {
		if (!medium_writable(m))
			m = medium_for_image(image_sectors);
		if (m != NULL &&
			recording_init_image(&rec, m,
				medium_writable(m) ? d->rec.capacity : (uint32_t)image_sectors,
				(uint32_t)image_sectors) == JB_OK) {
			log_info("store", "%s: the image was changed by hand to %llu sectors",
				it->name, (unsigned long long)image_sectors);
			recording_fini(&d->rec);
			d->rec = rec;
			return;
		}
	}
	log_warn("store", "%s: the image has %llu sectors, the description says %u: left alone",
		it->name, (unsigned long long)image_sectors, recording_end(&d->rec));
}

/* What was written to any sector of it may be there or not, as after a power failure: so all that the
 * image has counts. */
static void
settle_formatted(struct item *it, uint64_t image_sectors)
{
	struct track *t = &it->disc.rec.tracks[0];

	t->recorded = image_sectors < t->size ? (uint32_t)image_sectors : t->size;
	if (image_sectors > t->size)
		log_warn("store", "%s: the image has %llu sectors, %u are formatted: left alone",
			it->name, (unsigned long long)image_sectors, t->size);
}

/* Says what became of a burn that the daemon did not live to see the end of. */
static void
tell_cut_off(const struct item *it, uint64_t image_sectors)
{
	const struct recording *r = &it->disc.rec;
	unsigned last = recording_tracks(r);
	uint32_t end = recording_end(r), nwa;
	struct track t;

	if (recording_last_session_state(r) != SESSION_INCOMPLETE)
		return;
	if (image_sectors > end)
		log_warn("store", "%s: a burn was cut off: its last %llu sectors were not synced",
			it->name, (unsigned long long)(image_sectors - end));
	if (recording_track(r, last, &t) && track_nwa(&t, &nwa))
		log_info("store", "%s: a session is open, and goes on at sector %u", it->name, nwa);
}

/*
 * Of a burn that was cut off, what was synced is what was described: the rest of the image was
 * never acknowledged as durable, and is cut off.
 */
void
disc_settle(struct item *it, uint64_t image_bytes)
{
	struct disc *d = &it->disc;
	uint64_t sectors = (image_bytes + SECTOR_SIZE - 1) / SECTOR_SIZE, end;
	char dir[STORE_PATH_MAX], path[STORE_PATH_MAX];

	if (it->kind == JB_ITEM_DISC) {
		if (d->rec.final)
			settle_final(it, sectors);
		else if (recording_is_formatted(&d->rec))
			settle_formatted(it, sectors);
		else if (!recording_cut(&d->rec, sectors))
			log_warn("store", "%s: the image is shorter than what is recorded: damaged",
				it->name);
		else
			tell_cut_off(it, sectors);
		end = (uint64_t)recording_end(&d->rec) * SECTOR_SIZE;
		if (!d->rec.final && !recording_is_formatted(&d->rec) && image_bytes > end &&
			store_truncate(it->jb->store,
				store_image_path(store_item_path(it, dir), d->image_number, path),
				end) == JB_OK)
			image_bytes = end;
	}
	d->size = image_bytes;
	disc_publish(d);
}
