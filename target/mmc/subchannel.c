/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The Q sub-channel of a CD, and two commands that MMC-6 no longer has, but that programs for CD still
 * send: READ SUB-CHANNEL and READ HEADER.
 */
#include <stdlib.h>
#include <string.h>

#include "changer/base/be.h"
#include "changer/cdsector.h"
#include "target/mmc/unit.h"

enum {
	CONTROL_DATA = 0x4,
	ADR_POSITION = 0x1,
	ADR_CATALOG = 0x2,
	ADR_ISRC = 0x3,
	MSF = 0x02,
	VALID = 0x80,
	/* At least one in every hundred sectors has the catalog number, and one the ISRC (ECMA-130
	 * 22.3.3, IEC 908).  Here it is the sector with this remainder of its address. */
	ROUND = 100,
	CATALOG_AT = 41,
	ISRC_AT = 91,
};

/* Finds the track that `lba` is in, or, if `lba` is before the begin of its next track, in a pause or
 * lead-out, that track: *pause is then true, else false.  Stores the track and its number, from 1.  Returns
 * false, without setting *pause, if `lba` is past the last track; *number is then one more than the disc
 * has tracks. */
static bool
track_of(const struct disc *d, uint32_t lba, struct track *out, unsigned *number, bool *pause)
{
	for (*number = 1; disc_track(d, *number, out); ++*number) {
		if (lba >= track_end(out))
			continue;
		*pause = lba < out->start;
		return true;
	}
	return false;
}

enum cd_mode
mmc_mode_at(const struct disc *d, uint32_t lba)
{
	struct track t = {.mode = CD_MODE1};
	unsigned number;
	bool pause;

	return track_of(d, lba, &t, &number, &pause) ? t.mode : CD_MODE1;
}

unsigned
mmc_number_of(const struct disc *d, unsigned n)
{
	return n == 0 ? 0 : n + disc_first_number(d) - 1;
}

unsigned
mmc_track_of(const struct disc *d, unsigned number)
{
	unsigned first = disc_first_number(d);

	return number < first ? 0 : number - first + 1;
}

uint8_t
mmc_control_of(const struct track *t)
{
	return (uint8_t)((t->mode == CD_AUDIO ? 0 : CONTROL_DATA) | t->control);
}

/* Fills in a Q with the position (ADR 1, ECMA-130 22.3), except its control field and CRC.  In a pause
 * the index is 0, and the relative time counts down to the begin of the track.  `number` 0: past the last
 * track, with track and index 0. */
static void
put_position(uint8_t *q, const struct disc *d, uint32_t lba, const struct track *t, unsigned number,
	bool pause)
{
	uint8_t msf[3];

	q[0] |= ADR_POSITION;
	q[1] = cd_bcd((uint8_t)mmc_number_of(d, number));
	q[2] = number == 0 ? 0 : cd_bcd((uint8_t)disc_index_at(d, t, lba));
	cd_msf((int32_t)(pause ? t->start - lba : lba - t->start) - CD_LEAD_IN_GAP, msf);
	for (unsigned i = 0; i < 3; i++)
		q[3 + i] = cd_bcd(msf[i]);
	cd_msf((int32_t)lba, msf);
	for (unsigned i = 0; i < 3; i++)
		q[7 + i] = cd_bcd(msf[i]);
}

/* Puts the lowest `n` bits of `value` into q, from bit *at on, highest bit first, and moves *at on.  The
 * bits of q must be 0. */
static void
put_bits(uint8_t *q, unsigned *at, unsigned n, uint8_t value)
{
	for (unsigned i = n; i-- > 0; ++*at)
		if (value & 1u << i)
			q[*at / 8] |= (uint8_t)(0x80 >> *at % 8);
}

/* Fills in the frame of the absolute time, the only part of the time that ADR 2 and 3 have. */
static void
put_frame(uint8_t *q, uint32_t lba)
{
	uint8_t msf[3];

	cd_msf((int32_t)lba, msf);
	q[9] = cd_bcd(msf[2]);
}

/* Fills in a Q with the catalog number (ADR 2): 13 digits of four bits. */
static void
put_catalog(uint8_t *q, const char *digits, uint32_t lba)
{
	unsigned at = 8;

	q[0] |= ADR_CATALOG;
	for (unsigned i = 0; digits[i] != '\0'; i++)
		put_bits(q, &at, 4, (uint8_t)(digits[i] - '0'));
	put_frame(q, lba);
}

/* Fills in a Q with an ISRC (ADR 3): five characters of six bits, in a code that begins with the digits, and
 * seven digits of four bits. */
static void
put_isrc(uint8_t *q, const char *isrc, uint32_t lba)
{
	enum { WIDE = 5 };
	unsigned at = 8;

	q[0] |= ADR_ISRC;
	for (unsigned i = 0; isrc[i] != '\0'; i++) {
		put_bits(q, &at, i < WIDE ? 6 : 4, (uint8_t)(isrc[i] - '0'));
		if (i == WIDE - 1)
			at += 2;
	}
	put_frame(q, lba);
}

bool
mmc_q_channel(const struct disc *d, uint32_t lba, uint8_t q[MMC_Q_LEN])
{
	const char *catalog = disc_catalog(d);
	struct track t = {.start = 0};
	unsigned number;
	bool pause = false;

	memset(q, 0, MMC_Q_LEN);
	if (!track_of(d, lba, &t, &number, &pause))
		number = 0;
	q[0] = (uint8_t)(mmc_control_of(&t) << 4);
	if (catalog[0] != '\0' && lba % ROUND == CATALOG_AT)
		put_catalog(q, catalog, lba);
	else if (t.isrc[0] != '\0' && !pause && lba % ROUND == ISRC_AT)
		put_isrc(q, t.isrc, lba);
	else
		put_position(q, d, lba, &t, number, pause);
	put_be16(q + 10, cd_crc16(q, 10));
	return pause;
}

/* Appends an address as four bytes: an LBA, or MSF if `msf` is true.  If `relative` is true, `lba` counts
 * from the begin of the track, so that MSF begins at 00:00:00 and not at 00:02:00.  A relative `lba` in a
 * pause is negative; MSF then counts down to the begin of the track, as in the Q sub-channel. */
static void
add_time(bool msf, int32_t lba, bool relative, struct wbuf *w)
{
	uint8_t time[3];

	if (!msf) {
		wb_be32(w, (uint32_t)lba);
		return;
	}
	cd_msf(relative ? abs(lba) - CD_LEAD_IN_GAP : lba, time);
	wb_u8(w, 0);
	wb_bytes(w, time, sizeof(time));
}

/* Appends format 1, current position: the first address of the last read, or 0 if that is not readable on
 * this disc.  In a pause the index is 0; for the relative address see add_time. */
static void
add_position(struct scsi_task *task, const struct disc *d, struct wbuf *w)
{
	bool msf = (task->cdb[1] & MSF) != 0, pause;
	uint32_t lba = mmc_of(task->lu)->position;
	struct track t = {.start = 0};
	unsigned number = 0;

	/* The last read may have been on another disc. */
	if (lba >= disc_readable_capacity(d))
		lba = 0;
	if (!track_of(d, lba, &t, &number, &pause)) {
		pause = false;
		number = 0;
	}
	wb_u8(w, 0x01);
	wb_u8(w, (uint8_t)(ADR_POSITION << 4 | mmc_control_of(&t)));
	wb_u8(w, (uint8_t)mmc_number_of(d, number));
	wb_u8(w, (uint8_t)(pause ? 0 : disc_index_at(d, &t, lba)));
	add_time(msf, (int32_t)lba, false, w);
	add_time(msf, (int32_t)(lba - t.start), true, w);
}

/* Appends format 2: the media catalog number of the disc; zeros, and not valid, without one. */
static void
add_catalog(struct scsi_task *task, const struct disc *d, struct wbuf *w)
{
	const char *digits = disc_catalog(d);
	size_t n = strlen(digits);

	wb_u8(w, 0x02);
	wb_zero(w, 3);
	wb_u8(w, n > 0 ? VALID : 0);
	wb_bytes(w, (const uint8_t *)digits, n);
	wb_zero(w, 15 - n);
}

/* Appends format 3: the international standard recording code of the track in the CDB; zeros, and not
 * valid, if the track has none or does not exist. */
static void
add_isrc(struct scsi_task *task, const struct disc *d, struct wbuf *w)
{
	uint8_t number = task->cdb[6];
	struct track t = {.start = 0};
	size_t n;

	if (!disc_track(d, mmc_track_of(d, number), &t))
		t = (struct track){.start = 0};
	n = strlen(t.isrc);
	wb_u8(w, 0x03);
	wb_u8(w, (uint8_t)((n > 0 ? ADR_ISRC : ADR_POSITION) << 4 | mmc_control_of(&t)));
	wb_u8(w, number);
	wb_u8(w, 0);
	wb_u8(w, n > 0 ? VALID : 0);
	wb_bytes(w, (const uint8_t *)t.isrc, n);
	wb_zero(w, 15 - n);
}

/* Returns the disc if it is a CD.  Else ends the command, and returns NULL: with the sense of mmc_disc,
 * or with CANNOT READ MEDIUM, INCOMPATIBLE FORMAT. */
static struct disc *
get_cd(struct scsi_task *task)
{
	struct disc *d = mmc_disc(task);

	if (d == NULL || disc_medium(d)->family == MEDIUM_CD)
		return d;
	/* CANNOT READ MEDIUM, INCOMPATIBLE FORMAT */
	task_sense(task, KEY_ILLEGAL_REQUEST, 0x30, 0x02);
	return NULL;
}

/* Carries out READ SUB-CHANNEL (MMC-5 6.38).  Reports no audio status, as the drive does not play audio.
 * Without SubQ in the CDB, sends the header only, whatever the format is; with it, refuses formats other
 * than 1 to 3.  Refuses discs that are not a CD. */
void
mmc_read_sub_channel(struct scsi_task *task)
{
	enum { SUB_Q = 0x40, POSITION = 1, CATALOG = 2, ISRC = 3 };
	uint8_t format = task->cdb[3];
	struct disc *d = get_cd(task);
	struct wbuf w;

	if (d == NULL)
		return;
	task_reply_begin(task, &w);
	wb_zero(&w, 4); /* audio status: not supported, as the drive does not play audio */
	if (task->cdb[2] & SUB_Q) {
		if (format == POSITION)
			add_position(task, d, &w);
		else if (format == CATALOG)
			add_catalog(task, d, &w);
		else if (format == ISRC)
			add_isrc(task, d, &w);
		else {
			task_invalid_field(task, true, 3);
			return;
		}
	}
	wb_patch_be16(&w, 2, (uint16_t)(w.len - 4));
	task_reply_end(task, &w, get_be16(task->cdb + 7));
}

/* Carries out READ HEADER (MMC-1): sends the mode of a sector and its address, as LBA or MSF.  Refuses
 * discs that are not a CD.  Fails with JB_TRACK_MODE for audio, which has no header, and with the error
 * of disc_read_raw. */
void
mmc_read_header(struct scsi_task *task)
{
	uint32_t lba = get_be32(task->cdb + 2);
	uint8_t sector[CD_RAW_SIZE];
	struct disc *d = get_cd(task);
	enum jb_err err;
	struct wbuf w;

	if (d == NULL)
		return;
	err = disc_read_raw(d, lba, 1, sector, task->may_block);
	if (err == JB_OK && mmc_mode_at(d, lba) == CD_AUDIO) /* it has no header */
		err = JB_TRACK_MODE;
	if (err != JB_OK) {
		mmc_finish_at(task, err, lba);
		return;
	}
	task_reply_begin(task, &w);
	wb_u8(&w, sector[CD_HEADER + 3]);
	wb_zero(&w, 3);
	add_time((task->cdb[1] & MSF) != 0, (int32_t)lba, false, &w);
	task_reply_end(task, &w, get_be16(task->cdb + 7));
}
