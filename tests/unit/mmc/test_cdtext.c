/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CD-TEXT, which hosts write into the lead-in of a session at once; and CDs made and read by random sheets,
 * writes and reads.
 */
#include "tests/unit/mmc/audio.h"

/* ---- CD-TEXT ---------------------------------------------------------------------------------- */

static void
make_pack(uint8_t pack[CD_TEXT_PACK], unsigned n)
{
	fill(pack, (int32_t)n, CD_TEXT_PACK);
	pack[0] = (uint8_t)(0x80 | n % 16);
	pack[2] = (uint8_t)n;
	pack[3] = (uint8_t)(n >> 8);
}

/* Writes a lead-in that repeats `packs` CD-TEXT packs. A pack is 24 symbols of six bits; a block has 96
 * symbols. */
static void
write_lead_in(struct run *r, int32_t from, unsigned packs)
{
	static uint8_t data[32 * 96];
	uint8_t pack[CD_TEXT_PACK], cdb[10] = {0x2a};
	unsigned next = 0;

	for (int32_t lba = from, n; lba < -150; lba += n) {
		n = -150 - lba < 32 ? -150 - lba : 32;
		for (int32_t i = 0; i < n * 4; i++) {
			uint8_t *to = data + i * 24;

			make_pack(pack, next++ % packs);
			for (unsigned k = 0; k < 6; k++) {
				uint32_t three = get_be24(pack + 3 * k);

				for (unsigned m = 0; m < 4; m++)
					to[4 * k + m] = three >> (18 - 6 * m) & 0x3f;
			}
		}
		put_be32(cdb + 2, (uint32_t)lba);
		put_be16(cdb + 7, (uint16_t)n);
		run_bytes(r, cdb, sizeof(cdb), data, (size_t)n * 96);
		run_assert_good(r);
	}
}

static void
begin_with_text(struct bay *bay, struct run *r)
{
	uint8_t sheet[sizeof(audio_sheet)];

	memcpy(sheet, audio_sheet, sizeof(sheet));
	sheet[19] = 0x41;
	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, 0, 0);
	send_sheet(r, sheet, sizeof(sheet));
	run_assert_good(r);
}

static void
assert_text(struct run *r, unsigned packs)
{
	uint8_t pack[CD_TEXT_PACK];

	run_cdb(r, NULL, 0, 0x43, 0, 5, 0, 0, 0, 0, 0xff, 0xff, 0);
	run_assert_good(r);
	assert_int_equal(get_be16(r->data), 2 + packs * CD_TEXT_PACK);
	assert_int_equal(r->len, 4 + packs * CD_TEXT_PACK);
	for (unsigned n = 0; n < packs; n++) {
		make_pack(pack, n);
		assert_memory_equal(r->data + 4 + (size_t)n * CD_TEXT_PACK, pack, CD_TEXT_PACK);
	}
}

/* The text is read back byte for byte, from one pack to the most packs there can be; also after a restart. */
static void
text_in_the_lead_in(void **state)
{
	static const unsigned packs[] = {1, 3, 4, 17, 255, 2048};
	struct bay *bay = *state;
	struct run *r = &bay->r[0];

	for (size_t i = 0; i < sizeof(packs) / sizeof(packs[0]); i++) {
		begin_with_text(bay, r);
		write_lead_in(r, lead_in_of(r), packs[i]);
		write_run(r, -150, 590, CD_RAW_SIZE);
		flush(r);
		assert_text(r, packs[i]);
		if (i == 3) {
			bay_restart(bay);
			r = &bay->r[0];
			run_clear_ua(r);
			assert_text(r, packs[i]);
		}
		remove_d(bay);
	}
}

/* A lead-in without packs gives no text. Packs after CD_TEXT_PACKS_MAX are dropped. */
static void
text_that_is_wrong(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint8_t nothing[96] = {0};
	uint8_t cdb[10] = {0x2a};

	begin_with_text(bay, r);
	/* Writes must begin in the lead-in, must not cross its end, and must have blocks of 96 bytes. */
	put_be32(cdb + 2, (uint32_t)(lead_in_of(r) - 1));
	put_be16(cdb + 7, 1);
	run_bytes(r, cdb, sizeof(cdb), nothing, sizeof(nothing));
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
	put_be32(cdb + 2, (uint32_t)-151);
	put_be16(cdb + 7, 2);
	run_bytes(r, cdb, sizeof(cdb), nothing, sizeof(nothing));
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
	put_be16(cdb + 7, 1);
	run_bytes(r, cdb, sizeof(cdb), nothing, sizeof(nothing) - 1);
	assert_int_equal(r->status, SCSI_CHECK_CONDITION);
	run_bytes(r, cdb, sizeof(cdb), nothing, sizeof(nothing));
	run_assert_good(r);
	write_run(r, -150, 590, CD_RAW_SIZE);
	flush(r);
	run_cdb(r, NULL, 0, 0x43, 0, 5, 0, 0, 0, 0, 0xff, 0xff, 0);
	run_assert_sense(r, 0x05, 0x24, 0x00);
	remove_d(bay);

	begin_with_text(bay, r);
	write_lead_in(r, lead_in_of(r), 3000);
	write_run(r, -150, 590, CD_RAW_SIZE);
	flush(r);
	assert_text(r, CD_TEXT_PACKS_MAX);
}

/* ---- random sheets and reads ---------------------------------------------------------------------- */

static uint32_t
any(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Sheets with random bytes changed, and random writes after each sheet that was accepted. */
static void
random_sheets(void **state)
{
	static uint8_t data[8 * CD_RAW_SIZE];
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint32_t seed = 4711, taken = 0;

	bay_insert(bay, "D.cd-rw.iso", 0);
	run_clear_ua(r);
	for (unsigned i = 0; i < 500; i++) {
		uint8_t sheet[sizeof(audio_sheet)], cdb[10] = {0x2a};
		const uint8_t *from = any(&seed) % 2 ? audio_sheet : mixed_sheet;
		size_t size = from == audio_sheet ? sizeof(audio_sheet) : sizeof(mixed_sheet);

		memcpy(sheet, from, size);
		for (uint32_t n = any(&seed) % 3; n > 0; n--)
			sheet[any(&seed) % size] =
				any(&seed) % 2 ? (uint8_t)any(&seed) : (uint8_t)(any(&seed) % 4);
		select_page(r, TYPE_SAO | (any(&seed) % 2 ? TEST_WRITE : 0), 0, 0);
		send_sheet(r, sheet, size);
		if (r->status != SCSI_GOOD)
			continue;
		taken++;
		for (uint32_t n = any(&seed) % 8, lba = (uint32_t)-150; n > 0; n--) {
			uint32_t count = any(&seed) % 8;

			put_be32(cdb + 2, any(&seed) % 4 ? lba : any(&seed) - 12000);
			put_be16(cdb + 7, (uint16_t)count);
			run_bytes(r, cdb, sizeof(cdb), data,
				count * (any(&seed) % 4 ? CD_RAW_SIZE : 96));
			if (r->status == SCSI_GOOD)
				lba += count;
		}
		flush(r);
		run_cdb(r, NULL, 0, 0xa1, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
		run_assert_good(r);
	}
	assert_in_range(taken, 20, 480);
}

/* READ CD with random fields: a GOOD answer is as long as the parts that the CDB asks for. */
static void
random_reads(void **state)
{
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	uint32_t seed = 99, good = 0;

	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, 0, 0);
	send_sheet(r, mixed_sheet, sizeof(mixed_sheet));
	write_run(r, -150, 0, SECTOR);
	bay_write(r, 0, 40);
	write_run(r, 40, 225, CD_RAW_SIZE);
	flush(r);
	for (unsigned i = 0; i < 4000; i++) {
		uint32_t lba = any(&seed) % 240, count = any(&seed) % 6;
		uint8_t cdb[12] = {0xbe, (uint8_t)(any(&seed) % 8 << 2)};

		put_be32(cdb + 2, lba);
		cdb[8] = (uint8_t)count;
		cdb[9] = (uint8_t)(any(&seed) & 0xfe);
		cdb[10] = (uint8_t)(any(&seed) % 8);
		run_bytes(r, cdb, sizeof(cdb), NULL, 0);
		if (r->status != SCSI_GOOD)
			continue;
		good++;
		assert_true(r->len <= count * (CD_RAW_SIZE + 296u + 96u));
		if (count > 0)
			assert_int_equal(r->len % count, 0);
	}
	assert_in_range(good, 100, 3900);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(text_in_the_lead_in),
		TEST(text_that_is_wrong),
		TEST(random_sheets),
		TEST(random_reads),
	};

	return cmocka_run_group_tests_name("mmc cdtext", tests, NULL, NULL);
}
