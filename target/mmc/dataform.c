/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The forms in which a host sends the sectors of a CD, one row for each data form of a cue sheet (MMC-6
 * 6.34) and each data block type of mode page 05h (MMC-6 7.5); and how a whole sector is made from them.
 *
 * The drive always makes the sync pattern, the header, the EDC and the parities itself, even if the host
 * sends them.  Mode 2 without a form has no EDC and no parities.
 */
#include <string.h>

#include "changer/cdsector.h"
#include "target/mmc/unit.h"

enum {
	SUBHEADER_LEN = 8,
	FORMLESS_LEN = CD_RAW_SIZE - CD_SUBHEADER, /* 2336: all that follows the header */
	FORM_2_LEN = 2324,
};

/* The data forms of a cue sheet.  The columns are those of struct mmc_form: code, mode, layout, size, at. */
static const struct mmc_form sheet_forms[] = {
	{0x00, CD_AUDIO, FORM_WHOLE, CD_RAW_SIZE, 0},
	{0x01, CD_AUDIO, FORM_WHOLE, 0, 0},
	{0x10, CD_MODE1, FORM_USER_DATA, SECTOR_SIZE, 0},
	{0x11, CD_MODE1, FORM_USER_DATA, CD_RAW_SIZE, CD_DATA_MODE1},
	{0x12, CD_MODE1, FORM_USER_DATA, SECTOR_SIZE, 0},
	{0x13, CD_MODE1, FORM_USER_DATA, CD_RAW_SIZE, CD_DATA_MODE1},
	{0x14, CD_MODE1, FORM_USER_DATA, 0, 0},
	{0x20, CD_MODE2, FORM_XA, FORMLESS_LEN, 0},
	{0x21, CD_MODE2, FORM_XA, CD_RAW_SIZE, CD_SUBHEADER},
	{0x22, CD_MODE2, FORM_XA, FORMLESS_LEN, 0},
	{0x23, CD_MODE2, FORM_XA, CD_RAW_SIZE, CD_SUBHEADER},
	{0x24, CD_MODE2, FORM_XA, 0, 0},
	{0x30, CD_MODE2, FORM_FORMLESS, FORMLESS_LEN, 0},
	{0x31, CD_MODE2, FORM_FORMLESS, CD_RAW_SIZE, CD_SUBHEADER},
	{0x34, CD_MODE2, FORM_FORMLESS, 0, 0},
};

/* The data block types of mode page 05h, in the same columns. */
static const struct mmc_form block_types[] = {
	{0, CD_AUDIO, FORM_WHOLE, CD_RAW_SIZE, 0},
	{8, CD_MODE1, FORM_USER_DATA, SECTOR_SIZE, 0},
	{9, CD_MODE2, FORM_FORMLESS, FORMLESS_LEN, 0},
	{10, CD_MODE2, FORM_USER_DATA, SECTOR_SIZE, 0},
	{11, CD_MODE2, FORM_XA, SUBHEADER_LEN + SECTOR_SIZE, 0},
	{12, CD_MODE2, FORM_XA_2, FORM_2_LEN, 0},
	{13, CD_MODE2, FORM_XA, SUBHEADER_LEN + FORM_2_LEN, 0},
};

/* Returns the row with that code among the `n` rows; NULL if there is none. */
static const struct mmc_form *
find(const struct mmc_form *rows, size_t n, uint8_t code)
{
	for (size_t i = 0; i < n; i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}

const struct mmc_form *
mmc_sheet_form(uint8_t code)
{
	return find(sheet_forms, sizeof(sheet_forms) / sizeof(sheet_forms[0]), code);
}

const struct mmc_form *
mmc_block_type(uint8_t code)
{
	return find(block_types, sizeof(block_types) / sizeof(block_types[0]), code);
}

bool
mmc_form_is_cooked(const struct mmc_form *f)
{
	return f->layout == FORM_USER_DATA;
}

const uint8_t *
mmc_form_user_data(const struct mmc_form *f, const uint8_t *data)
{
	return data + f->at;
}

/* Copies the bytes of FORM_XA, from the subheader on, to `body`, which has FORMLESS_LEN bytes.  Fills up
 * with zeros, or cuts what does not fit. */
static void
add_xa(const struct mmc_form *f, const uint8_t *data, uint8_t *body)
{
	size_t n = f->size - f->at;

	memset(body, 0, FORMLESS_LEN);
	memcpy(body, data + f->at, n < FORMLESS_LEN ? n : FORMLESS_LEN);
}

void
mmc_form_sector(const struct mmc_form *f, int32_t lba, const uint8_t *data,
	const uint8_t subheader[4], uint8_t raw[CD_RAW_SIZE])
{
	switch (f->layout) {
	case FORM_WHOLE:
		memcpy(raw, data, CD_RAW_SIZE);
		break;
	case FORM_USER_DATA:
		if (f->mode == CD_MODE1)
			cd_sector_mode1(raw, lba, data + f->at);
		else
			cd_sector_mode2_form1(raw, lba, data + f->at);
		break;
	case FORM_XA:
		add_xa(f, data, raw + CD_SUBHEADER);
		cd_sector_mode2(raw, lba);
		break;
	case FORM_XA_2:
		memset(raw, 0, CD_RAW_SIZE);
		for (unsigned i = 0; i < SUBHEADER_LEN; i++)
			raw[CD_SUBHEADER + i] = subheader[i % 4];
		raw[CD_SUBHEADER + 2] |= CD_SUBMODE_FORM2;
		raw[CD_SUBHEADER + 6] |= CD_SUBMODE_FORM2;
		memcpy(raw + CD_DATA_MODE2, data, FORM_2_LEN);
		cd_sector_mode2(raw, lba);
		break;
	case FORM_FORMLESS:
		memcpy(raw + CD_SUBHEADER, data + f->at, FORMLESS_LEN);
		cd_sector_mode2_formless(raw, lba);
		break;
	}
}
