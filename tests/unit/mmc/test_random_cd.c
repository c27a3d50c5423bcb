/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends random commands for CDs of all forms: mode page 05h, cue sheets that are right or nearly right, sectors of
 * any size, and commands that read tables, sectors and sub-channels. After each command:
 *
 * - it ended with GOOD, or with sense that reports no fault of the drive or the medium;
 * - a reply is as long as its length field says; with a smaller allocation length it is the beginning of that;
 * - audio that was written with GOOD is read back.
 *
 * After a stop of the daemon all sectors must read as before.
 *
 *	test_random_cd [SEED [ROUNDS]] begins with another seed.
 */
#include "tests/unit/mmc/audio.h"

#include "changer/disc.h"

enum { CHECKED = 1500, WRITE_MAX = 24, ENTRIES_MAX = 64 };

static uint32_t seed, first_seed = 20260901, rounds = 2;
static unsigned sheets_taken, good_writes, sessions_ended; /* at the end they must not be 0 */
static const char *what;

/* The session at once of the last accepted sheet. */
static struct {
	bool set;
	int32_t next, end;
	uint16_t size; /* bytes per sector */
} session;

static uint32_t
dice(uint32_t sides)
{
	seed = seed * 1664525u + 1013904223u;
	return sides == 0 ? 0 : (uint32_t)((uint64_t)(seed >> 4) * sides >> 28);
}

#define CHECK(r, is) \
	do { \
		if (!(is)) \
			fail_msg("seed %u, %s, sense %x/%02x/%02x: not so: %s", first_seed, what, \
				(r)->key, (r)->asc, (r)->ascq, #is); \
	} while (0)

static void
send(struct run *r, const uint8_t *cdb, size_t len, const void *out, size_t out_len)
{
	for (unsigned i = 0; i <= ITL_UA_MAX; i++) {
		run_bytes(r, cdb, len, out, out_len);
		if (r->key != 0x06)
			break;
	}
	CHECK(r, r->status == SCSI_GOOD || r->status == SCSI_CHECK_CONDITION);
	CHECK(r, r->status == SCSI_GOOD || (r->key == 0x02 || r->key == 0x05 || r->key == 0x07));
	CHECK(r, r->status == SCSI_GOOD || r->len == 0);
}

#define SEND(r, out, out_len, ...) \
	do { \
		const uint8_t cdb_[] = {__VA_ARGS__}; \
		send(r, cdb_, sizeof(cdb_), out, out_len); \
	} while (0)

/* ---- writing ---------------------------------------------------------------------------------- */

static void
act_page(struct run *r)
{
	static const uint8_t blocks[] = {0, 0, 8, 8, 9, 10, 11, 12, 13};
	uint8_t block = blocks[dice(sizeof(blocks))], type = dice(2) ? TYPE_SAO : TYPE_TAO;

	what = "MODE SELECT";
	if (dice(12) == 0)
		block = (uint8_t)dice(16);
	select_page(r, (uint8_t)(type | (dice(10) == 0 ? TEST_WRITE : 0)),
		block == 0 && dice(8) != 0 ? 0 : MODE_DATA, block);
}

static uint8_t *
put_entry(uint8_t *p, uint8_t control, uint8_t track, uint8_t index, uint8_t form, int32_t lba)
{
	const int32_t frames = lba + CD_LEAD_IN_GAP;
	const uint8_t entry[8] = {control, track, index, form, 0, (uint8_t)(frames / 75 / 60),
		(uint8_t)(frames / 75 % 60), (uint8_t)(frames % 75)};

	memcpy(p, entry, sizeof(entry));
	return p + sizeof(entry);
}

/* Sends a sheet with tracks of one form; sometimes one byte is wrong. */
static void
act_sheet(struct run *r)
{
	static const struct {
		uint8_t form, control;
		uint16_t size;
	} forms[] = {{0x00, 0x01, 2352}, {0x00, 0x21, 2352}, {0x10, 0x41, 2048}, {0x11, 0x41, 2352},
		{0x20, 0x41, 2336}, {0x21, 0x41, 2352}, {0x30, 0x41, 2336}};
	unsigned form = dice(sizeof(forms) / sizeof(forms[0])), tracks = 1 + dice(4);
	uint8_t sheet[ENTRIES_MAX * 8], *p = sheet;
	const uint8_t f = forms[form].form, control = forms[form].control;
	int32_t lba = 0;

	p = put_entry(p, control, 0, 0, f, -CD_LEAD_IN_GAP);
	for (uint8_t n = 1; n <= tracks; n++) {
		p = put_entry(p, control, n, 0, f, n == 1 ? -CD_LEAD_IN_GAP : lba);
		lba += n == 1 ? (int32_t)dice(3) * 20 : (int32_t)dice(200);
		p = put_entry(p, control, n, 1, f, lba);
		if (dice(4) == 0)
			p = put_entry(p, control, n, 2, f, lba + 10);
		lba += 11 + (int32_t)dice(300);
	}
	p = put_entry(p, control, 0xaa, 1, f, lba);
	if (dice(4) == 0)
		sheet[dice((uint32_t)(p - sheet))] = (uint8_t)dice(256);
	if (dice(4) != 0)
		select_page(r, TYPE_SAO, 0, 0);
	what = "SEND CUE SHEET";
	send_sheet(r, sheet, (size_t)(p - sheet) - (dice(20) == 0 ? dice(16) : 0));
	CHECK(r, r->status == SCSI_GOOD || r->key == 0x05 || r->key == 0x06);
	if (r->status != SCSI_GOOD)
		return;
	sheets_taken++;
	session.set = true;
	session.size = forms[form].size;
	/* The sheet of an appended session also begins at address 0. */
	SEND(r, NULL, 0, 0x52, 1, 0, 0, 0, 0xff, 0, 0, 48, 0);
	session.next = r->status == SCSI_GOOD ? (int32_t)get_be32(r->data + 12) : -CD_LEAD_IN_GAP;
	session.end = session.next + CD_LEAD_IN_GAP + lba;
}

static bool
is_audio_at(struct bay *bay, uint32_t lba)
{
	struct disc *d = NULL;
	struct track t;
	bool is = false;

	strand_enter(drive_strand(bay->drive));
	if (drive_disc(bay->drive, &d) == JB_OK && disc_track(d, disc_track_at(d, lba), &t))
		is = t.mode == CD_AUDIO && lba >= t.start &&
		     lba < track_first(&t) + (uint64_t)t.recorded;
	strand_leave(drive_strand(bay->drive));
	return is;
}

static void
write_sectors(struct bay *bay, struct run *r, int32_t lba, uint32_t count, size_t size)
{
	what = "WRITE";
	write_blocks(r, lba, count, size);
	if (r->key == 0x06)
		write_blocks(r, lba, count, size);
	CHECK(r, r->status == SCSI_GOOD || r->key == 0x05 || r->key == 0x06);
	if (r->status != SCSI_GOOD || count == 0)
		return;
	good_writes++;
	if (session.set && lba == session.next)
		session.next += (int32_t)count;
	for (uint32_t i = 0; i < count && lba >= 0 && size == CD_RAW_SIZE; i++)
		if (is_audio_at(bay, (uint32_t)lba + i))
			assert_audio(r, (uint32_t)lba + i);
}

static void
act_write(struct bay *bay, struct run *r)
{
	static const uint16_t sizes[] = {2352, 2352, 2048, 2336, 2056, 2324, 2332};
	uint16_t size = session.set ? session.size : sizes[dice(sizeof(sizes) / sizeof(sizes[0]))];
	int32_t lba = session.next;

	if (!session.set || dice(10) == 0) {
		SEND(r, NULL, 0, 0x52, 1, 0, 0, 0, 0xff, 0, 0, 48, 0);
		lba = r->status == SCSI_GOOD && dice(8) != 0 ? (int32_t)get_be32(r->data + 12)
							     : (int32_t)dice(1000) - 500;
	}
	write_sectors(bay, r, lba, dice(WRITE_MAX), size);
}

/* Writes all that is left of a session at once, and ends it. */
static void
act_session(struct bay *bay, struct run *r)
{
	while (session.set && session.next < session.end) {
		int32_t left = session.end - session.next, before = session.next;

		write_sectors(bay, r, session.next, left < WRITE_MAX ? (uint32_t)left : WRITE_MAX,
			session.size);
		if (session.next == before)
			break;
	}
	what = "SYNCHRONIZE CACHE";
	SEND(r, NULL, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	sessions_ended += session.set && session.next == session.end && r->status == SCSI_GOOD;
	session.set = false;
}

static void
act_close(struct run *r)
{
	what = "CLOSE, RESERVE or BLANK";
	switch (dice(6)) {
	case 0:
	case 1:
		SEND(r, NULL, 0, 0x53, 0, 0, 0, 0, 0, 0, (uint8_t)dice(2), (uint8_t)dice(256), 0);
		break;
	case 2:
		SEND(r, NULL, 0, 0xa1, (uint8_t)dice(8), 0, 0, 0, (uint8_t)dice(4), 0, 0, 0, 0, 0,
			0);
		session.set = false;
		break;
	case 3:
		SEND(r, NULL, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
		break;
	default:
		SEND(r, NULL, 0, 0x5b, 0, (uint8_t)(1 + dice(2)), 0, 0, (uint8_t)dice(6), 0, 0, 0,
			0);
		break;
	}
}

/* ---- reading ---------------------------------------------------------------------------------- */

/* Repeats the command with every allocation length. `at` is the offset of that length (two bytes) in the
 * CDB; `field` is the offset of the reply's own length field, which does not count the first `uncounted`
 * bytes of the reply. */
static void
check_lengths(struct run *r, uint8_t *cdb, unsigned at, unsigned field, unsigned uncounted)
{
	static uint8_t all[8192];
	size_t full;

	put_be16(cdb + at, sizeof(all));
	send(r, cdb, 10, NULL, 0);
	if (r->status != SCSI_GOOD)
		return;
	full = r->len;
	CHECK(r, full >= uncounted && full <= sizeof(all));
	CHECK(r, full == sizeof(all) || get_be16(r->data + field) + uncounted == full);
	memcpy(all, r->data, full);
	for (size_t n = 0; n <= full; n++) {
		put_be16(cdb + at, (uint16_t)n);
		send(r, cdb, 10, NULL, 0);
		CHECK(r, r->status == SCSI_GOOD && r->len == n);
		CHECK(r, memcmp(r->data, all, n) == 0);
	}
}

static void
act_tables(struct run *r)
{
	uint8_t toc[10] = {0x43, (uint8_t)(2 * dice(2)), (uint8_t)dice(7), 0, 0, 0,
		(uint8_t)(dice(2)   ? 0
			  : dice(2) ? dice(6)
				    : 0xaa)};
	uint8_t sub[10] = {0x42, (uint8_t)(2 * dice(2)), (uint8_t)(0x40 * dice(2)),
		(uint8_t)dice(5), 0, 0, (uint8_t)dice(4)};
	uint8_t track[10] = {0x52, (uint8_t)dice(8), 0, 0, 0, (uint8_t)dice(200)};
	uint8_t info[10] = {0x51, (uint8_t)dice(4)};

	what = "READ TOC";
	toc[9] = dice(6) == 0 ? (uint8_t)(dice(4) << 6) : 0;
	check_lengths(r, toc, 7, 0, 2);
	what = "READ SUB-CHANNEL";
	check_lengths(r, sub, 7, 2, 4);
	what = "READ TRACK INFORMATION";
	check_lengths(r, track, 7, 0, 2);
	what = "READ DISC INFORMATION";
	check_lengths(r, info, 7, 0, 2);
}

static void
act_read_cd(struct run *r)
{
	static const uint8_t selections[] = {0xf8, 0xf8, 0x10, 0x20, 0x48, 0xfa, 0xfc, 0};
	uint32_t lba = dice(8) == 0 ? 0xffffffff - dice(300) : dice(1500), count = dice(12);
	uint8_t cdb[12] = {0xbe, (uint8_t)(dice(3) == 0 ? dice(8) << 2 : 0)};

	if (dice(20) == 0)
		count = dice(0x1000000);
	put_be32(cdb + 2, lba);
	cdb[6] = (uint8_t)(count >> 16);
	put_be16(cdb + 7, (uint16_t)count);
	cdb[9] = dice(6) == 0 ? (uint8_t)dice(256) : selections[dice(sizeof(selections))];
	cdb[10] = (uint8_t)(dice(2) ? 0 : dice(6));
	what = "READ CD";
	send(r, cdb, sizeof(cdb), NULL, 0);
	if (r->status == SCSI_GOOD && count > 0)
		CHECK(r, r->len % count == 0 && r->len / count <= 2352 + 296 + 96);
	if (r->status == SCSI_GOOD && cdb[9] == 0xf8 && cdb[10] == 0)
		CHECK(r, r->len == (size_t)count * CD_RAW_SIZE);
}

/* Computes a checksum of each sector; it is 0 if the sector cannot be read. */
static void
take_sums(struct run *r, uint32_t sums[CHECKED])
{
	for (uint32_t lba = 0; lba < CHECKED; lba++) {
		sums[lba] = 0;
		read_cd(r, 0, lba, 1, WHOLE, 0);
		if (r->status != SCSI_GOOD)
			continue;
		sums[lba] = 1;
		for (size_t i = 0; i < r->len; i++)
			sums[lba] = sums[lba] * 31 + r->data[i];
	}
}

static void
stop_and_go(struct bay *bay, struct run *r)
{
	static uint32_t before[CHECKED], after[CHECKED];
	uint8_t info[34];

	what = "a restart";
	run_clear_ua(r);
	take_sums(r, before);
	SEND(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, sizeof(info), 0);
	CHECK(r, r->status == SCSI_GOOD && r->len == sizeof(info));
	memcpy(info, r->data, sizeof(info));
	bay_restart(bay);
	run_clear_ua(r);
	SEND(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, sizeof(info), 0);
	CHECK(r, r->status == SCSI_GOOD && memcmp(r->data, info, sizeof(info)) == 0);
	take_sums(r, after);
	for (unsigned i = 0; i < CHECKED; i++)
		CHECK(r, before[i] == after[i]);
	session.set = false;
}

/* ---- the walk --------------------------------------------------------------------------------- */

static void
step(struct bay *bay, struct run *r)
{
	switch (dice(20)) {
	case 0:
	case 1:
		act_page(r);
		break;
	case 2:
	case 3:
	case 4:
		act_sheet(r);
		break;
	case 5:
	case 6:
		act_session(bay, r);
		break;
	case 7:
	case 8:
		act_close(r);
		break;
	case 9:
		act_tables(r);
		break;
	case 10:
	case 11:
	case 12:
		act_read_cd(r);
		break;
	default:
		act_write(bay, r);
		break;
	}
}

static void
random_commands(void **state)
{
	static const char *const names[] = {"D.cd-r.iso", "D.cd-rw.iso"};
	enum { STEPS = 120, STOP_AT = 30 };
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	bay_set(bay, JB_SET_HASH_COMPLETED, "0");
	for (uint32_t round = 0; round < 2 * rounds; round++, first_seed += round % 2 == 0) {
		seed = first_seed;
		session.set = false;
		bay_insert(bay, names[round % 2], 0);
		run_clear_ua(r);
		for (unsigned i = 1; i <= STEPS; i++) {
			step(bay, r);
			if (i % STOP_AT == 0)
				stop_and_go(bay, r);
		}
		remove_d(bay);
	}
	assert_true(sheets_taken > rounds && good_writes > 20 * rounds);
	assert_true(sessions_ended > 0);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(random_commands),
	};

	if (argc > 1)
		first_seed = (uint32_t)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		rounds = (uint32_t)strtoul(argv[2], NULL, 10);
	return cmocka_run_group_tests_name("mmc random cd", tests, folders_in_memory, NULL);
}
