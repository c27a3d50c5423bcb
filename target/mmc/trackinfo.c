/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * READ TRACK INFORMATION, MMC-6 6.26.
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

enum {
	/* CDB byte 1 */
	BY_LBA = 0,
	BY_TRACK = 1,
	BY_SESSION = 2,
	OPEN = 0x04,
	TRACK_NUMBER_INVISIBLE = 0xff,

	/* Byte 6 */
	RESERVED = 0x80,
	BLANK = 0x40,
	PACKET = 0x20,
	FIXED_PACKET = 0x10,
	DATA_MODE_1 = 0x01,
	DATA_MODE_2 = 0x02,
	DATA_MODE_UNKNOWN = 0x0f, /* for audio, and for a CD track that is blank */
	/* Byte 7 */
	LRA_VALID = 0x02,
	NWA_VALID = 0x01,

	COMPATIBLE_FROM = 0x040000,
};

/* Returns true if the track can still be recorded: it is open, reserved or invisible. */
static bool
is_incomplete(const struct track *t)
{
	return t->state != TRACK_CLOSED && t->state != TRACK_FORMATTED;
}

/* Returns the number of the last track if it can still be recorded, else 0. */
static unsigned
incomplete_track(const struct disc *d)
{
	struct track t;
	unsigned last = disc_tracks(d);

	return disc_track(d, last, &t) && is_incomplete(&t) ? last : 0;
}

/* Returns the number of the first track from `number` on that can still be recorded; 0 if there is none,
 * or if `number` is 0. */
static unsigned
open_track_from(const struct disc *d, unsigned number)
{
	struct track t;

	for (; number != 0 && disc_track(d, number, &t); number++) {
		if (is_incomplete(&t))
			return number;
	}
	return 0;
}

/* Returns the track that the CDB asks for, counted from 1: by address, by number (FFh: the invisible or
 * incomplete one) or as the first of a session; with Open, the first from there on that can still be
 * recorded.  If there is none, or the address type is 3, sets the sense data and returns 0.  Does not
 * check a number past the last track. */
static unsigned
find_track(struct scsi_task *task, const struct disc *d)
{
	uint32_t address = get_be32(task->cdb + 2);
	unsigned number = 0;

	switch (task->cdb[1] & 0x03) {
	case BY_LBA:
		number = disc_track_at(d, address);
		if (number == 0) {
			mmc_fail(task, JB_LBA_RANGE);
			return 0;
		}
		break;
	case BY_TRACK:
		number = address == TRACK_NUMBER_INVISIBLE ? incomplete_track(d)
							   : mmc_track_of(d, address);
		break;
	case BY_SESSION:
		number = address <= disc_sessions(d) ? disc_first_track_of(d, address) : 0;
		break;
	default:
		task_invalid_field(task, true, 1);
		return 0;
	}
	if (task->cdb[1] & OPEN)
		number = open_track_from(d, number);
	if (number == 0)
		task_invalid_field(task, true, 2);
	return number;
}

/* Returns true for DVD+R and BD-R, on which closed tracks have the bit RT too; see track_flags. */
static bool
closed_is_reserved(const struct medium *m)
{
	return m->kind == MEDIUM_WRITE_ONCE && (medium_is_plus(m) || m->family == MEDIUM_BD);
}

/*
 * Returns byte 6: the bits RT (RESERVED), Blank, Packet and FP, and the data mode.  On DVD+R and BD-R sets RT
 * for closed tracks too, not only for reserved ones.  dvd+rw-mediainfo relies on it: it calls a track with RT
 * "reserved" or "partial/complete", and one without RT and Blank "invisible".
 */
static uint8_t
track_flags(const struct disc *d, const struct track *t)
{
	const struct medium *m = disc_medium(d);
	bool blank = t->recorded == 0 && is_incomplete(t);
	static const uint8_t modes[CD_MODES] = {
		[CD_MODE1] = DATA_MODE_1, [CD_MODE2] = DATA_MODE_2, [CD_AUDIO] = DATA_MODE_UNKNOWN};
	uint8_t flags = blank && m->family == MEDIUM_CD ? DATA_MODE_UNKNOWN : modes[t->mode];

	/* All recording that is not "at once" is in packets (MMC-6 6.26, track status).  But programs for
	 * DVD+R read these bits in another way, so they are not set there.  growisofs expects variable
	 * packets on a DVD-R, and fixed packets on a DVD-RW that is overwritten. */
	if (medium_writable(m) && m->family != MEDIUM_CD && !disc_minimally_blanked(d) &&
		!(medium_is_plus(m) && m->kind == MEDIUM_WRITE_ONCE))
		flags |= PACKET;
	if (m->profile == PROFILE_DVD_RW_RO ||
		(t->state == TRACK_FORMATTED && medium_packet(m) != 0))
		flags |= PACKET | FIXED_PACKET;

	if (t->state == TRACK_RESERVED || (t->state == TRACK_CLOSED && closed_is_reserved(m)))
		flags |= RESERVED;
	if (blank)
		flags |= BLANK;
	return flags;
}

/* Returns the next writable address that is reported for `nwa`.  For a CD session at once it is where the
 * first pause begins, 150 sectors earlier (MMC-6 6.26).  This holds only after a cue sheet was sent, which is
 * when wodim asks.  Mode page 05h alone is not enough: cdrskin -msinfo sets it to session at once only to
 * ask, and then writes a track. */
static uint32_t
nwa_for(struct mmc *m, const struct disc *d, const struct track *t, uint32_t nwa)
{
	if (disc_medium(d)->family != MEDIUM_CD || t->state != TRACK_INVISIBLE ||
		disc_last_session_state(d) != SESSION_EMPTY || !mmc_settings(m)->session.set)
		return nwa;
	return nwa - CD_LEAD_IN_GAP;
}

/* Appends the track information block of the track `number`, counted from 1, in the form of MMC-6 6.26. */
static void
add_track(struct mmc *mmc, const struct disc *d, unsigned number, const struct track *t,
	struct wbuf *w)
{
	const struct medium *m = disc_medium(d);
	uint32_t nwa = 0, room = 0;
	/* A formatted track reports no last recorded address: Linux would regard it as the disc's end. */
	bool has_nwa = track_nwa(t, &nwa);
	bool has_lra = t->recorded > 0 && t->state != TRACK_FORMATTED;

	if (has_nwa)
		room = (uint32_t)(track_end(t) - nwa);
	wb_be16(w, 46);
	number = mmc_number_of(d, number);
	wb_u8(w, (uint8_t)number);
	wb_u8(w, (uint8_t)t->session);
	wb_u8(w, 0);
	wb_u8(w, mmc_control_of(t)); /* track mode */
	wb_u8(w, track_flags(d, t));
	wb_u8(w, (has_lra ? LRA_VALID : 0) | (has_nwa ? NWA_VALID : 0));
	wb_be32(w, t->start);
	wb_be32(w, has_nwa ? nwa_for(mmc, d, t, nwa) : 0);
	wb_be32(w, room);
	wb_be32(w, m->ecc_block); /* packet size or blocking factor */
	wb_be32(w, t->size);
	wb_be32(w, has_lra ? track_first(t) + t->recorded - 1 : 0);
	wb_u8(w, (uint8_t)(number >> 8));
	wb_u8(w, (uint8_t)(t->session >> 8));
	wb_zero(w, 2);
	/* Many players do not read a DVD+R that ends before this address, which is at a radius of 30 mm. */
	wb_be32(w, closed_is_reserved(m) && m->family == MEDIUM_DVD ? COMPATIBLE_FROM : 0);
	wb_zero(w, 8); /* layer jump addresses: of DVD-R DL */
}

/* Carries out READ TRACK INFORMATION.  Refuses tracks that do not exist: by address with JB_LBA_RANGE,
 * else with a field pointer. */
void
mmc_read_track_information(struct scsi_task *task)
{
	struct disc *d = mmc_disc(task);
	struct track t;
	struct wbuf w;
	unsigned number;

	if (d == NULL)
		return;
	number = find_track(task, d);
	if (number == 0)
		return;
	if (!disc_track(d, number, &t)) {
		task_invalid_field(task, true, 2);
		return;
	}
	task_reply_begin(task, &w);
	add_track(mmc_of(task->lu), d, number, &t, &w);
	task_reply_end(task, &w, get_be16(task->cdb + 7));
}
