/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/cdsector.h"

#include <pthread.h>
#include <string.h>

enum {
	USER_DATA = 2048,
	/* Offsets of the EDC, after the user data of mode 1, and of mode 2 form 1 and form 2 */
	EDC_MODE1 = 2064,
	EDC_FORM1 = 2072,
	EDC_FORM2 = 2348,
	ZEROS_MODE1 = 2068,
	PARITY_P = 2076,
	PARITY_Q = 2248,
	/* ECMA-130 annex A: the bytes from the header on are 16-bit words; plane 0 has the one bytes of
	 * the words, plane 1 the other ones. */
	WORDS = 1118, /* from the header to the end of the P parity */
	P_VECTORS = 43,
	P_LENGTH = 24, /* data words of a P vector; two parity words follow */
	Q_VECTORS = 26,
	Q_LENGTH = 43,
	MODE_1 = 1,
	MODE_2 = 2,
};

static const uint8_t sync_pattern[12] = {
	0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x00};

/* ---- tables ---------------------------------------------------------------------------------- */

static uint32_t edc_table[256];
static uint16_t crc_table[256];
static uint8_t over_alpha_plus_1[256]; /* x / (alpha + 1) in GF(2^8) */

/* Returns x * alpha in GF(2^8).  alpha is the root of x^8 + x^4 + x^3 + x^2 + 1 (ECMA-130 A.2). */
static uint8_t
times_alpha(uint8_t x)
{
	return (uint8_t)(x << 1 ^ (x & 0x80 ? 0x1d : 0));
}

/* Fills edc_table, crc_table and over_alpha_plus_1.  Called once, by need_tables. */
static void
fill_tables(void)
{
	for (unsigned i = 0; i < 256; i++) {
		/* (x^16 + x^15 + x^2 + 1) (x^16 + x^2 + x + 1), lowest bit first (ECMA-130 14.3). */
		uint32_t edc = i;
		uint16_t crc = (uint16_t)(i << 8);

		for (unsigned bit = 0; bit < 8; bit++) {
			edc = edc >> 1 ^ (edc & 1 ? 0xd8018001U : 0);
			crc = (uint16_t)(crc << 1 ^ (crc & 0x8000 ? 0x1021 : 0));
		}
		edc_table[i] = edc;
		crc_table[i] = crc;
		over_alpha_plus_1[times_alpha((uint8_t)i) ^ i] = (uint8_t)i;
	}
}

/* Fills the tables at the first call; later calls do nothing.  Must be called before edc_of,
 * parity_end or crc_table are used.  Any thread. */
static void
need_tables(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, fill_tables);
}

/* ---- error detection and correction codes ---------------------------------------------------- */

/* Returns the EDC of `size` bytes (ECMA-130 14.3).  The tables must be filled. */
static uint32_t
edc_of(const uint8_t *data, unsigned size)
{
	uint32_t edc = 0;

	for (unsigned i = 0; i < size; i++)
		edc = edc >> 8 ^ edc_table[(edc ^ data[i]) & 0xff];
	return edc;
}

/* Stores the EDC of `size` bytes in the four bytes from `at` on.  It is the only number on a CD
 * that has its lowest byte first. */
static void
put_edc(uint8_t *at, const uint8_t *data, unsigned size)
{
	uint32_t edc = edc_of(data, size);

	for (unsigned i = 0; i < 4; i++)
		at[i] = (uint8_t)(edc >> 8 * i);
}

/*
 * The state while the parity bytes of a vector are computed.  The vector and its two parity bytes are a
 * Reed-Solomon code word (ECMA-130 annex A): the sum of all bytes is 0, and so is their sum when the byte
 * at position n from the end (0 is the last one) is multiplied by alpha^n.
 */
struct parity {
	/* of the bytes so far; in weighted, each is multiplied by its power of alpha */
	uint8_t sum, weighted;
};

/* Adds the next byte of the vector to *p. */
static void
parity_add(struct parity *p, uint8_t byte)
{
	p->sum ^= byte;
	p->weighted = times_alpha(p->weighted) ^ byte;
}

/* Stores the two parity bytes of the vector in *first and *second.  They follow its last byte.
 * Leaves *p as it is.  The tables must be filled. */
static void
parity_end(const struct parity *p, uint8_t *first, uint8_t *second)
{
	uint8_t weighted = times_alpha(times_alpha(p->weighted));

	*first = over_alpha_plus_1[weighted ^ p->sum];
	*second = p->sum ^ *first;
}

/* Stores the P parity of one plane.  body starts at the header of the sector; plane 0 has its even
 * bytes, plane 1 the odd ones. */
static void
put_parity_p(uint8_t *body, unsigned plane)
{
	for (unsigned n = 0; n < P_VECTORS; n++) {
		struct parity p = {0};
		unsigned m;

		for (m = 0; m < P_LENGTH; m++)
			parity_add(&p, body[2 * (P_VECTORS * m + n) + plane]);
		parity_end(&p, &body[2 * (P_VECTORS * m + n) + plane],
			&body[2 * (P_VECTORS * (m + 1) + n) + plane]);
	}
}

/* Stores the Q parity of one plane, over diagonals of the data and the P parity, so put_parity_p
 * must come first.  body and plane are as in put_parity_p. */
static void
put_parity_q(uint8_t *body, unsigned plane)
{
	for (unsigned n = 0; n < Q_VECTORS; n++) {
		struct parity p = {0};

		for (unsigned m = 0; m < Q_LENGTH; m++)
			parity_add(&p, body[2 * ((44 * m + 43 * n) % WORDS) + plane]);
		parity_end(&p, &body[2 * (WORDS + n) + plane],
			&body[2 * (WORDS + Q_VECTORS + n) + plane]);
	}
}

/* Stores the P parities of both planes, then the Q parities.  The bytes from the header to the EDC
 * must be complete. */
static void
put_parities(uint8_t raw[CD_RAW_SIZE])
{
	for (unsigned plane = 0; plane < 2; plane++)
		put_parity_p(raw + CD_HEADER, plane);
	for (unsigned plane = 0; plane < 2; plane++)
		put_parity_q(raw + CD_HEADER, plane);
}

uint16_t
cd_crc16(const uint8_t *data, unsigned size)
{
	uint16_t crc = 0;

	need_tables();
	for (unsigned i = 0; i < size; i++)
		crc = (uint16_t)(crc << 8 ^ crc_table[(crc >> 8 ^ data[i]) & 0xff]);
	return (uint16_t)~crc;
}

/* ---- sectors --------------------------------------------------------------------------------- */

uint8_t
cd_bcd(uint8_t n)
{
	return (uint8_t)(n / 10 % 10 << 4 | n % 10);
}

void
cd_msf(int32_t lba, uint8_t msf[3])
{
	enum { MINUTE = 60 * CD_FRAMES, END = 100 * MINUTE };
	uint32_t frames = (uint32_t)(lba + CD_LEAD_IN_GAP) % END;

	msf[0] = (uint8_t)(frames / MINUTE);
	msf[1] = (uint8_t)(frames / CD_FRAMES % 60);
	msf[2] = (uint8_t)(frames % CD_FRAMES);
}

/* Stores the sync pattern and the header: the address in BCD, and the mode.  Leaves all other
 * bytes. */
static void
put_header(uint8_t raw[CD_RAW_SIZE], int32_t lba, uint8_t mode)
{
	uint8_t msf[3];

	cd_msf(lba, msf);
	memcpy(raw, sync_pattern, sizeof(sync_pattern));
	for (unsigned i = 0; i < 3; i++)
		raw[CD_HEADER + i] = cd_bcd(msf[i]);
	raw[CD_HEADER + 3] = mode;
}

void
cd_sector_mode1(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *data)
{
	need_tables();
	memmove(raw + CD_DATA_MODE1, data, USER_DATA);
	put_header(raw, lba, MODE_1);
	put_edc(raw + EDC_MODE1, raw, EDC_MODE1);
	memset(raw + ZEROS_MODE1, 0, PARITY_P - ZEROS_MODE1);
	put_parities(raw);
}

/* Completes a sector of mode 2 from its subheader and data: header, EDC and, for form 1, parities.
 * Computes the parities as if the header were zero, so a sector can be copied to another address. */
void
cd_sector_mode2(uint8_t raw[CD_RAW_SIZE], int32_t lba)
{
	need_tables();
	if (raw[CD_SUBHEADER + 2] & CD_SUBMODE_FORM2) {
		put_edc(raw + EDC_FORM2, raw + CD_SUBHEADER, EDC_FORM2 - CD_SUBHEADER);
	} else {
		memset(raw + CD_HEADER, 0, 4);
		put_edc(raw + EDC_FORM1, raw + CD_SUBHEADER, EDC_FORM1 - CD_SUBHEADER);
		put_parities(raw);
	}
	put_header(raw, lba, MODE_2);
}

void
cd_sector_mode2_formless(uint8_t raw[CD_RAW_SIZE], int32_t lba)
{
	put_header(raw, lba, MODE_2);
}

void
cd_sector_mode2_form1(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *data)
{
	static const uint8_t submode_data[8] = {0, 0, 0x08, 0, 0, 0, 0x08, 0};

	memmove(raw + CD_DATA_MODE2, data, USER_DATA);
	memcpy(raw + CD_SUBHEADER, submode_data, sizeof(submode_data));
	cd_sector_mode2(raw, lba);
}

const uint8_t *
cd_sector_user_data(const uint8_t raw[CD_RAW_SIZE])
{
	if (memcmp(raw, sync_pattern, sizeof(sync_pattern)) != 0)
		return NULL;
	if (raw[CD_HEADER + 3] == MODE_1)
		return raw + CD_DATA_MODE1;
	if (raw[CD_HEADER + 3] == MODE_2 && !(raw[CD_SUBHEADER + 2] & CD_SUBMODE_FORM2))
		return raw + CD_DATA_MODE2;
	return NULL;
}
