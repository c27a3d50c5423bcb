/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * READ CD and READ CD MSF, MMC-6 6.17 and 6.18.
 *
 * The image of a data disc holds only the user data of each sector.  disc_read_raw makes the rest of a CD
 * sector (sync pattern, header, subheader, error correction) from the address and the track's mode.  The
 * image of a raw disc (see changer/disc.h) holds whole sectors.  The Q sub-channel is made in subchannel.c.
 *
 * MMC-6 has these commands for CD only.  Here they also read user data of DVD and BD: Linux sends READ CD
 * for the ioctl CDROMREADMODE1, with which cd-info reads the file system of any disc.
 */
#include <string.h>

#include "changer/base/be.h"
#include "changer/cdsector.h"
#include "target/mmc/unit.h"

enum {
	/* CDB byte 1, expected sector type */
	TYPE_ANY = 0,
	TYPE_AUDIO = 1,
	TYPE_MODE_1 = 2,
	TYPE_FORMLESS = 3, /* mode 2 without a form */
	TYPE_FORM_1 = 4,
	TYPE_FORM_2 = 5,
	TYPES,
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
	WHOLE = SYNC | SUBHEADER | HEADER | USER_DATA | EDC_ECC,
	/* CDB byte 10, sub-channel selection */
	SUB_MASK = 0x07,
	SUB_NONE = 0,
	SUB_RAW = 1,
	SUB_Q = 2,

	C2_LEN = 294, /* one bit for each of the 2352 bytes of a sector */
	BLOCK_LEN = 2,
	SUB_RAW_LEN = 96,
	SUB_Q_LEN = 16,
	P_FLAG = 0x80,
};

/* The parts of a sector.  Part n is the bytes from bounds[n] to bounds[n + 1] of its 2352 bytes. */
struct parts {
	unsigned selected;	/* bit n: part n is asked for and is not empty */
	const uint16_t *bounds; /* PARTS + 1 offsets: a row of the table below */
};

enum { PART_SYNC, PART_HEADER, PART_SUBHEADER, PART_DATA, PART_EDC, PARTS };

/* The bounds of the parts, by sector type.  TYPE_ANY has no row. */
static const uint16_t bounds[TYPES][PARTS + 1] = {
	[TYPE_AUDIO] = {0, 0, 0, 0, CD_RAW_SIZE, CD_RAW_SIZE},
	[TYPE_MODE_1] = {0, CD_HEADER, CD_SUBHEADER, CD_DATA_MODE1, CD_DATA_MODE1 + SECTOR_SIZE,
		CD_RAW_SIZE},
	[TYPE_FORMLESS] = {0, CD_HEADER, CD_SUBHEADER, CD_SUBHEADER, CD_RAW_SIZE, CD_RAW_SIZE},
	[TYPE_FORM_1] = {0, CD_HEADER, CD_SUBHEADER, CD_DATA_MODE2, CD_DATA_MODE2 + SECTOR_SIZE,
		CD_RAW_SIZE},
	[TYPE_FORM_2] = {0, CD_HEADER, CD_SUBHEADER, CD_DATA_MODE2, CD_RAW_SIZE, CD_RAW_SIZE},
};

/* Returns the sector type, not TYPE_ANY, of a whole sector in a track of that mode.  In mode 2, a sector
 * that has a form has its subheader twice, and the subheader says which form it is. */
static unsigned
type_of(enum cd_mode mode, const uint8_t *raw)
{
	const uint8_t *sub = raw + CD_SUBHEADER;

	if (mode == CD_AUDIO)
		return TYPE_AUDIO;
	if (mode == CD_MODE1)
		return TYPE_MODE_1;
	if (memcmp(sub, sub + 4, 4) != 0)
		return TYPE_FORMLESS;
	return sub[2] & CD_SUBMODE_FORM2 ? TYPE_FORM_2 : TYPE_FORM_1;
}

/* Returns the parts that the main channel selection in the CDB asks for, of a sector of that type, which
 * must not be TYPE_ANY. */
static struct parts
parts_of(uint8_t main_channel, unsigned type)
{
	static const uint8_t bits[PARTS] = {SYNC, HEADER, SUBHEADER, USER_DATA, EDC_ECC};
	struct parts p = {.bounds = bounds[type]};

	for (unsigned i = 0; i < PARTS; i++)
		if ((main_channel & bits[i]) && p.bounds[i + 1] > p.bounds[i])
			p.selected |= 1u << i;
	return p;
}

/* Returns true if no part that has bytes lies unselected between two selected ones.  MMC-6 allows no
 * selection with a gap (6.17, main channel selection). */
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

/* Appends the selected parts of a whole sector, and its C2 pointers if they are asked for. */
static void
add_main_channel(const struct parts *p, uint8_t main_channel, const uint8_t *raw, struct wbuf *w)
{
	for (unsigned i = 0; i < PARTS; i++)
		if (p->selected & 1u << i)
			wb_bytes(w, raw + p->bounds[i], (size_t)(p->bounds[i + 1] - p->bounds[i]));
	if ((main_channel & C2_MASK) != 0) /* all zero: no byte is in error */
		wb_zero(w, (main_channel & C2_MASK) == C2_FLAGS ? C2_LEN : C2_LEN + BLOCK_LEN);
}

/* Appends the sub-channels of a sector.  SUB_Q: 16 bytes, the 12 of Q first, and the P bit in the last one.
 * SUB_RAW: 96 bytes, with P in bit 7 and Q in bit 6 of each. */
static void
add_sub_channel(const struct disc *d, uint32_t lba, uint8_t selection, struct wbuf *w)
{
	uint8_t q[MMC_Q_LEN], p;

	if (selection == SUB_NONE)
		return;
	p = mmc_q_channel(d, lba, q) ? P_FLAG : 0;
	if (selection == SUB_Q) {
		wb_bytes(w, q, sizeof(q));
		wb_zero(w, SUB_Q_LEN - sizeof(q) - 1);
		wb_u8(w, p);
		return;
	}
	for (unsigned bit = 0; bit < SUB_RAW_LEN; bit++)
		wb_u8(w, (uint8_t)(p | (q[bit / 8] & 0x80 >> bit % 8 ? 0x40 : 0)));
}

/* The selection of a READ CD. */
struct request {
	uint8_t main_channel, sub; /* CDB bytes 9 and 10, masked by MAIN_CHANNEL and SUB_MASK */
	unsigned expected;	   /* sector type, or TYPE_ANY; see add_sector */
};

/* Appends the selected parts of one whole sector.  Returns JB_TRACK_MODE, and appends nothing, if the
 * sector is not of the expected type, or its selection has a gap.  With TYPE_ANY and less than the whole
 * main channel, sets r->expected to the type of the first sector. */
static enum jb_err
add_sector(
	const struct disc *d, struct request *r, uint32_t lba, const uint8_t *raw, struct wbuf *w)
{
	unsigned type = type_of(mmc_mode_at(d, lba), raw);
	struct parts p = parts_of(r->main_channel, type);

	/* Parts differ in length between the types; only whole sectors are all of the same length. */
	if (r->expected == TYPE_ANY && (r->main_channel & WHOLE) != WHOLE)
		r->expected = type;
	if ((r->expected != TYPE_ANY && type != r->expected) || !are_adjacent(&p))
		return JB_TRACK_MODE;
	add_main_channel(&p, r->main_channel, raw, w);
	add_sub_channel(d, lba, r->sub, w);
	return JB_OK;
}

/* Reads whole sectors, and appends the selected parts of each.  Returns the first error, of disc_read_raw
 * or add_sector, and stores in *done the number of sectors appended before it. */
static enum jb_err
add_sectors(struct scsi_task *task, struct disc *d, struct request *r, uint32_t lba, uint32_t count,
	struct wbuf *w, uint32_t *done)
{
	enum { AT_ONCE = 8 };
	uint8_t raw[AT_ONCE * CD_RAW_SIZE];
	enum jb_err err = JB_OK;

	for (*done = 0; err == JB_OK && *done < count;) {
		uint32_t n = count - *done < AT_ONCE ? count - *done : AT_ONCE;

		err = disc_read_raw(d, lba + *done, n, raw, task->may_block);
		for (uint32_t i = 0; err == JB_OK && i < n; i++) {
			err = add_sector(d, r, lba + *done, raw + (size_t)i * CD_RAW_SIZE, w);
			*done += err == JB_OK;
		}
	}
	return err;
}

/* Returns the most bytes that a reply can have for one sector, whatever is selected. */
static uint32_t
most_of_sector(void)
{
	return CD_RAW_SIZE + C2_LEN + BLOCK_LEN + SUB_RAW_LEN;
}

/* Makes the reply from `count` whole sectors that are recorded, and ends the command.  Applies faults, and
 * sets mmc.position.  If a sector is not of the type that is asked for, sends the parts of the sectors
 * before it, as READ(10) does; any other error, and no memory for the reply, sends nothing. */
static void
send_sectors(
	struct scsi_task *task, struct disc *d, struct request *r, uint32_t lba, uint32_t count)
{
	uint32_t good, done;
	enum jb_err err;
	struct wbuf w;

	if (!mmc_faults_begin(task, false, lba, count, &good) ||
		!task_reply_room(task, (size_t)count * most_of_sector()))
		return;
	mmc_of(task->lu)->position = lba;
	task_reply_begin(task, &w);
	err = add_sectors(task, d, r, lba, good, &w, &done);
	if (err != JB_OK && (done == 0 || !mmc_has_no_data(err))) {
		mmc_finish_at(task, err, lba);
		return;
	}
	task_reply_end(task, &w, w.len);
	if (err != JB_OK)
		mmc_fail_after(task, err, lba + done);
	mmc_faults_end(task, false, lba, count, good);
}

/* Sends the selected parts of the sectors up to the first one that is not recorded, whose error then ends
 * the command.  Refuses a reply that could have more than MMC_ROOM_MAX bytes. */
static void
read_raw(struct scsi_task *task, struct disc *d, struct request *r, uint32_t lba, uint32_t count)
{
	uint32_t recorded;
	enum jb_err err = disc_recorded_run(d, lba, count, &recorded);

	if (err != JB_OK && recorded == 0) {
		mmc_fail_at(task, err, lba);
		return;
	}
	if ((uint64_t)recorded * most_of_sector() > MMC_ROOM_MAX) {
		task_invalid_field(task, true, 6);
		return;
	}
	send_sectors(task, d, r, lba, recorded);
	if (err != JB_OK && !task->would_block && task->status == SCSI_GOOD)
		mmc_fail_after(task, err, lba + recorded);
}

/* Returns true if the request asks for no more than user data of mode 1, which DVD and BD have too. */
static bool
is_of_no_cd(const struct request *r)
{
	return (r->main_channel & ~USER_DATA) == 0 &&
	       (r->expected == TYPE_ANY || r->expected == TYPE_MODE_1);
}

/* Checks the sector type, the parts and the sub-channel in the CDB, before any sector is read.  Returns
 * false and sets the sense data if one is not valid, or if a disc that is not a CD is asked for more than
 * user data. */
static bool
can_be_read(struct scsi_task *task, const struct disc *d, const struct request *r, uint32_t lba)
{
	static const unsigned usual[CD_MODES] = {
		[CD_MODE1] = TYPE_MODE_1, [CD_MODE2] = TYPE_FORM_1, [CD_AUDIO] = TYPE_AUDIO};
	bool is_cd = disc_medium(d)->family == MEDIUM_CD;
	struct parts p;

	if (r->expected >= TYPES) {
		task_invalid_field(task, true, 1);
		return false;
	}
	p = parts_of(r->main_channel,
		r->expected != TYPE_ANY ? r->expected : usual[mmc_mode_at(d, lba)]);
	if (r->sub > SUB_Q || (r->sub != SUB_NONE && !is_cd)) {
		task_invalid_field(task, true, 10);
		return false;
	}
	if (!is_cd && !is_of_no_cd(r)) {
		/* ILLEGAL MODE FOR THIS TRACK */
		task_sense_information(task, KEY_ILLEGAL_REQUEST, 0x64, 0x00, lba);
		return false;
	}
	if ((r->main_channel & C2_MASK) == C2_MASK || !are_adjacent(&p)) {
		task_invalid_field(task, true, 9);
		return false;
	}
	return true;
}

/* Returns true if all of these sectors are in tracks of that mode, or in the pauses before them.  Sectors
 * past the last track count as of the mode. */
static bool
are_of_mode(const struct disc *d, uint32_t lba, uint32_t count, enum cd_mode mode)
{
	uint64_t begin = 0, end = (uint64_t)lba + count;
	struct track t;

	for (unsigned n = 1; begin < end && disc_track(d, n, &t); n++) {
		if (track_end(&t) > lba && t.mode != mode)
			return false;
		begin = track_end(&t);
	}
	return true;
}

/* Returns true if only the 2048 bytes of user data are asked for, of a disc that is not raw, and all
 * sectors are in tracks of one mode, the expected one.  READ(10) does the same, and faster. */
static bool
is_plain(const struct disc *d, const struct request *r, uint32_t lba, uint32_t count)
{
	enum cd_mode mode = mmc_mode_at(d, lba);

	return !disc_is_raw(d) && r->main_channel == USER_DATA && r->sub == SUB_NONE &&
	       are_of_mode(d, lba, count, mode) &&
	       (r->expected == TYPE_ANY ||
		       r->expected == (mode == CD_MODE1 ? TYPE_MODE_1 : TYPE_FORM_1));
}

/* Carries out both commands for `count` sectors, 0 included, and ends them.  If no part and no
 * sub-channel is selected, checks the CDB only: GOOD without data. */
static void
read_cd(struct scsi_task *task, uint32_t lba, uint32_t count)
{
	struct request r = {
		.main_channel = task->cdb[9] & MAIN_CHANNEL,
		.sub = task->cdb[10] & SUB_MASK,
		.expected = task->cdb[1] >> 2 & 0x07,
	};
	struct disc *d = mmc_disc(task);

	if (d == NULL)
		return;
	if (!can_be_read(task, d, &r, lba))
		return;
	if (is_plain(d, &r, lba, count))
		mmc_read_sectors(task, lba, count);
	else if (r.main_channel != 0 || r.sub != SUB_NONE)
		read_raw(task, d, &r, lba, count);
}

/* Carries out READ CD. */
void
mmc_read_cd(struct scsi_task *task)
{
	read_cd(task, get_be32(task->cdb + 2), get_be24(task->cdb + 6));
}

/* Converts an MSF address.  Returns false, and leaves *lba as it is, if seconds or frames are too large,
 * or it lies before LBA 0. */
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

/* Carries out READ CD MSF.  The end address in the CDB is that of the first sector that is not read.
 * Refuses addresses that are not valid, and an end before the begin. */
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
