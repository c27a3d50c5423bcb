/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * READ CD and READ CD MSF, MMC-6 6.17 and 6.18.
 *
 * An image holds the user data of its sectors.  What a CD has around it, sync pattern, header,
 * subheader and error correction, and the Q sub-channel, all follow from the address and the mode
 * of the track, and are made here.
 *
 * The standard has these for CD only.  Linux's CDROMREADMODE1, by which cd-info reads a file system
 * of any disc, comes here too, so user data is answered for DVD and BD as well.
 */
#include "changer/base/be.h"
#include "changer/cdsector.h"
#include "target/mmc/unit.h"

enum {
	/* CDB byte 1, expected sector type */
	TYPE_ANY = 0,
	TYPE_MODE_1 = 2,
	TYPE_FORM_1 = 4,
	/* CDB byte 9, main channel selection */
	SYNC = 0x80,
	SUBHEADER = 0x40,
	HEADER = 0x20,
	USER_DATA = 0x10,
	EDC_ECC = 0x08,
	C2_MASK = 0x06,
	C2_FLAGS = 0x02,
	C2_AND_BLOCK = 0x04,
	MAIN_CHANNEL = 0xfe,
	/* CDB byte 10, sub-channel selection */
	SUB_MASK = 0x07,
	SUB_NONE = 0,
	SUB_RAW = 1,
	SUB_Q = 2,

	C2_LEN = 294, /* a bit for each byte of a sector */
	BLOCK_LEN = 2,
	SUB_RAW_LEN = 96,
	SUB_Q_LEN = 16,
	ROOM_MAX = 4 << 20,
};

/* Where the parts of a sector begin in its 2352 bytes; each goes up to the next one. */
struct parts {
	unsigned selected; /* bit n: part n, as in bounds */
	uint16_t bounds[6];
};

enum { PART_SYNC, PART_HEADER, PART_SUBHEADER, PART_DATA, PART_EDC, PARTS };

static struct parts
parts_of(uint8_t main_channel, bool xa)
{
	static const uint8_t bits[PARTS] = {SYNC, HEADER, SUBHEADER, USER_DATA, EDC_ECC};
	uint16_t data = xa ? CD_DATA_MODE2 : CD_DATA_MODE1;
	struct parts p = {.bounds = {0, CD_HEADER, CD_SUBHEADER, data,
				  (uint16_t)(data + SECTOR_SIZE), CD_RAW_SIZE}};

	for (unsigned i = 0; i < PARTS; i++)
		if ((main_channel & bits[i]) && p.bounds[i + 1] > p.bounds[i])
			p.selected |= 1u << i;
	return p;
}

/* Parts with others between them cannot be asked for (MMC-6 table of the main channel). */
static bool
are_adjacent(const struct parts *p)
{
	bool begun = false, ended = false;

	for (unsigned i = 0; i < PARTS; i++) {
		if (p->bounds[i] == p->bounds[i + 1])
			continue;
		if (!(p->selected & 1u << i))
			ended = begun;
		else if (ended)
			return false;
		else
			begun = true;
	}
	return true;
}

static void
add_main_channel(const struct parts *p, uint8_t main_channel, const uint8_t *raw, struct wbuf *w)
{
	for (unsigned i = 0; i < PARTS; i++)
		if (p->selected & 1u << i)
			wb_bytes(w, raw + p->bounds[i], (size_t)(p->bounds[i + 1] - p->bounds[i]));
	if ((main_channel & C2_MASK) != 0) /* no byte is wrong */
		wb_zero(w, (main_channel & C2_MASK) == C2_FLAGS ? C2_LEN : C2_LEN + BLOCK_LEN);
}

/* Formatted Q: its 12 bytes, and the P sub-channel at the end.  Raw: bit 6 of each of 96 bytes. */
static void
add_sub_channel(const struct disc *d, uint32_t lba, uint8_t selection, struct wbuf *w)
{
	uint8_t q[MMC_Q_LEN];

	if (selection == SUB_NONE)
		return;
	mmc_q_channel(d, lba, q);
	if (selection == SUB_Q) {
		wb_bytes(w, q, sizeof(q));
		wb_zero(w, SUB_Q_LEN - sizeof(q));
		return;
	}
	for (unsigned bit = 0; bit < SUB_RAW_LEN; bit++)
		wb_u8(w, q[bit / 8] & 0x80 >> bit % 8 ? 0x40 : 0);
}

static enum jb_err
add_sectors(struct scsi_task *task, struct disc *d, uint32_t lba, uint32_t count, struct wbuf *w)
{
	enum { AT_ONCE = 8 };
	uint8_t main_channel = task->cdb[9] & MAIN_CHANNEL, sub = task->cdb[10] & SUB_MASK;
	uint8_t data[AT_ONCE * SECTOR_SIZE], raw[CD_RAW_SIZE];

	for (uint32_t done = 0, n; done < count; done += n) {
		enum jb_err err;

		n = count - done < AT_ONCE ? count - done : AT_ONCE;
		err = disc_read(d, lba + done, n, data, task->may_block);
		if (err != JB_OK)
			return err;
		for (uint32_t i = 0; i < n; i++) {
			uint32_t at = lba + done + i;
			bool xa = mmc_is_xa(d, at);
			struct parts p = parts_of(main_channel, xa);

			if (xa)
				cd_sector_mode2_form1(
					raw, (int32_t)at, data + (size_t)i * SECTOR_SIZE);
			else
				cd_sector_mode1(raw, (int32_t)at, data + (size_t)i * SECTOR_SIZE);
			add_main_channel(&p, main_channel, raw, w);
			add_sub_channel(d, at, sub, w);
		}
	}
	return JB_OK;
}

/* All of a sector, and of its sub-channel, at most. */
static uint32_t
most_of_sector(void)
{
	return CD_RAW_SIZE + C2_LEN + BLOCK_LEN + SUB_RAW_LEN;
}

static void
read_raw(struct scsi_task *task, struct disc *d, uint32_t lba, uint32_t count)
{
	uint64_t size = (uint64_t)count * most_of_sector();
	uint32_t good;
	enum jb_err err;
	struct wbuf w;

	if (size > ROOM_MAX) {
		mmc_fail(task, JB_NO_MEMORY);
		return;
	}
	if (!mmc_faults_begin(task, false, lba, count, &good) ||
		!task_reply_room(task, (size_t)size))
		return;
	mmc_of(task->lu)->position = lba;
	task_reply_begin(task, &w);
	err = add_sectors(task, d, lba, good, &w);
	if (err != JB_OK) {
		mmc_fail_at(task, err, lba);
		return;
	}
	task_reply_end(task, &w, w.len);
	mmc_faults_end(task, false, lba, count, good);
}

/* Does the CDB ask for what a CD of data has: the sector type, parts side by side, a sub-channel?
 * False: sense is set. */
static bool
can_be_read(struct scsi_task *task, bool is_cd, bool xa, uint32_t lba)
{
	uint8_t type = task->cdb[1] >> 2 & 0x07, main_channel = task->cdb[9] & MAIN_CHANNEL;
	uint8_t sub = task->cdb[10] & SUB_MASK;
	struct parts p = parts_of(main_channel, xa);

	if (sub > SUB_Q || (sub != SUB_NONE && !is_cd)) {
		task_invalid_field(task, true, 10);
		return false;
	}
	if ((type != TYPE_ANY && type != (xa ? TYPE_FORM_1 : TYPE_MODE_1)) ||
		(!is_cd && (main_channel & ~USER_DATA) != 0)) {
		/* ILLEGAL MODE FOR THIS TRACK */
		task_sense_information(task, KEY_ILLEGAL_REQUEST, 0x64, 0x00, lba);
		return false;
	}
	if ((main_channel & C2_MASK) == C2_MASK || !are_adjacent(&p)) {
		task_invalid_field(task, true, 9);
		return false;
	}
	return true;
}

static void
read_cd(struct scsi_task *task, uint32_t lba, uint32_t count)
{
	uint8_t main_channel = task->cdb[9] & MAIN_CHANNEL, sub = task->cdb[10] & SUB_MASK;
	struct disc *d = mmc_disc(task);
	bool is_cd;

	if (d == NULL)
		return;
	is_cd = disc_medium(d)->family == MEDIUM_CD;
	if (!can_be_read(task, is_cd, mmc_is_xa(d, lba), lba))
		return;
	if (main_channel == USER_DATA && sub == SUB_NONE)
		mmc_read_sectors(task, lba, count);
	else if (main_channel != 0 || sub != SUB_NONE)
		read_raw(task, d, lba, count);
}

void
mmc_read_cd(struct scsi_task *task)
{
	read_cd(task, get_be32(task->cdb + 2), get_be24(task->cdb + 6));
}

/* False: no time of day of a CD, or before its LBA 0. */
static bool
msf_to_lba(const uint8_t msf[3], uint32_t *lba)
{
	enum { SECONDS = 60 };
	uint32_t frames = ((uint32_t)msf[0] * SECONDS + msf[1]) * CD_FRAMES + msf[2];

	if (msf[1] >= SECONDS || msf[2] >= CD_FRAMES || frames < CD_LEAD_IN_GAP)
		return false;
	*lba = frames - CD_LEAD_IN_GAP;
	return true;
}

/* The end is the first sector that is not read. */
void
mmc_read_cd_msf(struct scsi_task *task)
{
	uint32_t begin, end;

	if (!msf_to_lba(task->cdb + 3, &begin)) {
		task_invalid_field(task, true, 3);
		return;
	}
	if (!msf_to_lba(task->cdb + 6, &end) || end < begin) {
		task_invalid_field(task, true, 6);
		return;
	}
	read_cd(task, begin, end - begin);
}
