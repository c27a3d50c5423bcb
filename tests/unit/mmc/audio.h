/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the tests of audio CDs: burns and reads CDs sector by sector.
 */
#ifndef TESTS_UNIT_MMC_AUDIO_H
#define TESTS_UNIT_MMC_AUDIO_H

#include "changer/cdsector.h"
#include "tests/unit/mmc/drive.h"
#include "tests/unit/sound.h"

enum {
	WHOLE = 0xf8,
	TYPE_TAO = 1,
	TYPE_SAO = 2,
	TEST_WRITE = 0x10,
	MODE_DATA = 4,
};

static inline void
select_page(struct run *r, uint8_t type, uint8_t mode, uint8_t block)
{
	const uint8_t page[60] = {[8] = 0x05,
		[9] = 0x32,
		[10] = type,
		[11] = 0xc0 | mode,
		[12] = block,
		[23] = 0x96,
		[56] = 1, /* subheader: file 1, channel 0, form 1, coding 0 */
		[58] = 0x08};

	run_cdb(r, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page), 0);
}

/* Returns the address at which the first lead-in begins, from the ATIP of a blank. It is before 00:00:00,
 * so it is negative. */
static inline int32_t
lead_in_of(struct run *r)
{
	run_cdb(r, NULL, 0, 0x43, 2, 4, 0, 0, 0, 0, 0, 28, 0);
	run_assert_good(r);
	return (r->data[8] * 60 + r->data[9]) * 75 + r->data[10] - 450150;
}

/* Removes the disc D.cd-r.iso; its name is D.bin if it has become a raw image. */
static inline void
remove_d(struct bay *bay)
{
	if (jb_item_remove(bay->jb, bay_element, bay->disc) != JB_OK)
		assert_int_equal(jb_item_remove(bay->jb, bay_element, "D.bin"), JB_OK);
}

static inline void
flush(struct run *r)
{
	run_cdb(r, NULL, 0, 0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	run_assert_good(r);
}

static inline void
send_sheet(struct run *r, const uint8_t *sheet, size_t size)
{
	run_cdb(r, sheet, size, 0x5d, 0, 0, 0, 0, 0, (uint8_t)(size >> 16), (uint8_t)(size >> 8),
		(uint8_t)size, 0);
}

/* Fills a sector with bytes that depend on its address and on their position. No sector is all zeros. */
static inline void
fill(uint8_t *to, int32_t lba, size_t size)
{
	for (size_t i = 0; i < size; i++)
		to[i] = (uint8_t)((lba + 1000) * 7 + (int32_t)(i * 3) + (int32_t)(i >> 8));
}

/* Sends WRITE(10) for `count` blocks of `size` bytes. */
static inline void
write_blocks(struct run *r, int32_t lba, uint32_t count, size_t size)
{
	static uint8_t data[32 * CD_RAW_SIZE];
	uint8_t cdb[10] = {0x2a};

	assert_in_range(count, 0, 32);
	for (uint32_t i = 0; i < count; i++)
		fill(data + i * size, lba + (int32_t)i, size);
	put_be32(cdb + 2, (uint32_t)lba);
	put_be16(cdb + 7, (uint16_t)count);
	run_bytes(r, cdb, sizeof(cdb), data, count * size);
}

static inline void
write_run(struct run *r, int32_t lba, int32_t end, size_t size)
{
	for (int32_t n; lba < end; lba += n) {
		n = end - lba < 30 ? end - lba : 30;
		write_blocks(r, lba, (uint32_t)n, size);
		run_assert_good(r);
	}
}

static inline void
read_cd(struct run *r, uint8_t type, uint32_t lba, uint8_t count, uint8_t main_channel, uint8_t sub)
{
	run_cdb(r, NULL, 0, 0xbe, (uint8_t)(type << 2), 0, 0, (uint8_t)(lba >> 8), (uint8_t)lba, 0,
		0, count, main_channel, sub, 0);
}

static inline void
assert_audio(struct run *r, uint32_t lba)
{
	uint8_t want[CD_RAW_SIZE];

	read_cd(r, 0, lba, 1, WHOLE, 0);
	run_assert_good(r);
	fill(want, (int32_t)lba, sizeof(want));
	assert_int_equal(r->len, sizeof(want));
	assert_memory_equal(r->data, want, sizeof(want));
}

static inline const uint8_t *
q_of(struct run *r, uint32_t lba)
{
	read_cd(r, 0, lba, 1, 0, 2);
	run_assert_good(r);
	assert_int_equal(r->len, 16);
	assert_int_equal(get_be16(r->data + 10), cd_crc16(r->data, 10));
	return r->data;
}

/*
 * Two audio tracks: 400 sectors, then a pause of 150 and 40 sectors. The sheet uses everything that a sheet
 * can have: catalog number, recording codes, copy permission, more than one index.
 */
// clang-format off
static const uint8_t audio_sheet[] = {
	0x02, '4', '0', '0', '6', '3', '8', '1', // catalog
	0x02, '3', '3', '3', '9', '3', '1', 0,
	0x01, 0, 0, 0x01, 0, 0, 0, 0, // lead-in
	0x23, 1, 'D', 'E', 'A', 'B', 'C', '2',
	0x23, 1, '6', '0', '0', '0', '0', '1',
	0x21, 1, 0, 0x00, 0, 0, 0, 0,
	0x21, 1, 1, 0x00, 0, 0, 2, 0,
	0x21, 1, 2, 0x00, 0, 0, 3, 0,
	0x03, 2, 'D', 'E', 'A', 'B', 'C', '2',
	0x03, 2, '6', '0', '0', '0', '0', '2',
	0x01, 2, 0, 0x00, 0, 0, 7, 25,
	0x01, 2, 1, 0x00, 0, 0, 9, 25,
	0x01, 0xaa, 1, 0x01, 0, 0, 9, 65,
};
// clang-format on

static inline void
write_audio(struct bay *bay, struct run *r)
{
	bay_insert(bay, "D.cd-r.iso", 0);
	run_clear_ua(r);
	select_page(r, TYPE_SAO, 0, 0);
	run_assert_good(r);
	send_sheet(r, audio_sheet, sizeof(audio_sheet));
	run_assert_good(r);
	write_run(r, -150, 590, CD_RAW_SIZE);
}

static inline void
burn_audio(struct bay *bay, struct run *r)
{
	write_audio(bay, r);
	flush(r);
}

/* A data track, then an audio track. The size of a block follows from the form of its track or pause. */
static const uint8_t mixed_sheet[] = {0x41, 0, 0, 0x14, 0, 0, 0, 0, 0x41, 1, 0, 0x10, 0, 0, 0, 0,
	0x41, 1, 1, 0x10, 0, 0, 2, 0, 0x01, 2, 0, 0x00, 0, 0, 2, 40, 0x01, 2, 1, 0x00, 0, 0, 4, 40,
	0x01, 0xaa, 1, 0x01, 0, 0, 5, 0};

/* A read over the end of a data track gives what is before it, and says where that ends. */
static inline void
assert_cut(struct run *r, uint32_t lba, size_t len)
{
	run_assert_sense(r, 0x05, 0x64, 0x00);
	assert_int_equal(r->sense[0], 0xf0);
	assert_int_equal(get_be32(r->sense + 3), lba);
	assert_int_equal(r->len, len);
}

static inline void
assert_ends_at_40(struct run *r)
{
	bay_read(r, 38, 4);
	assert_cut(r, 40, (size_t)2 * SECTOR);
	assert_true(sectors_filled(r->data, 38, 2));
	run_cdb(r, NULL, 0, 0x08, 0, 0, 30, 60);
	assert_cut(r, 40, (size_t)10 * SECTOR);
	assert_true(sectors_filled(r->data, 30, 10));
	bay_read(r, 40, 4);
	assert_cut(r, 40, 0);
	read_cd(r, 0, 38, 4, 0x10, 0); /* any type: that of the first sector */
	assert_cut(r, 40, (size_t)2 * SECTOR);
	assert_true(sectors_filled(r->data, 38, 2));
	read_cd(r, 2, 30, 60, WHOLE, 0); /* whole sectors of mode 1 */
	assert_cut(r, 40, (size_t)10 * CD_RAW_SIZE);
	assert_true(sector_is_sound(r->data));
	read_cd(r, 2, 40, 4, 0x10, 0);
	assert_cut(r, 40, 0);
	read_cd(r, 1, 224, 4, 0x10, 0); /* over the end of the disc: nothing */
	run_assert_sense(r, 0x05, 0x21, 0x00);
	assert_int_equal(get_be32(r->sense + 3), 224);
	assert_int_equal(r->len, 0);
}

#endif
