/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/foreign/toctext.h"

#include <string.h>

#include "changer/base/be.h"
#include "changer/cdsector.h"

enum {
	PACK = 18,	 /* bytes of a pack */
	TEXT = 4,	 /* offset of its text */
	TEXT_LEN = 12,	 /* bytes of its text */
	CRC = 16,	 /* offset of its CRC */
	BLOCK_MAX = 256, /* packs of a language */
	POSITION_MAX = 15,
	TYPE_TITLE = 0x80,
	TYPE_SIZES = 0x8f,
	SIZES_PACKS = 3,
	/* in the 36 bytes that these packs have together */
	SIZES_FIRST = 1,
	SIZES_LAST = 2,
	SIZES_COUNTS = 4,
	SIZES_LAST_NUMBER = 20,
	SIZES_LANGUAGE = 28,
};

void
toctext_add(struct toctext *t, unsigned language, unsigned type, unsigned track,
	const uint8_t *bytes, size_t size)
{
	if (track > CUE_TRACKS_MAX || size > TOCTEXT_ITEM_MAX || size > TOCTEXT_BYTES - t->used ||
		size == 0)
		return;
	t->items[language][type][track].at = t->used;
	t->items[language][type][track].size = (uint16_t)size;
	t->has_type[language][type] = true;
	memcpy(t->bytes + t->used, bytes, size);
	t->used += (uint32_t)size;
	if (language > 0 || type >= CUE_TEXTS)
		t->more = true;
}

void
toctext_add_text(
	struct toctext *t, unsigned language, unsigned type, unsigned track, const char *text)
{
	uint8_t latin[TOCTEXT_ITEM_MAX];
	size_t n = 0;

	for (const uint8_t *c = (const uint8_t *)text; *c != '\0' && n < sizeof(latin); c++) {
		if ((*c & 0xc0) == 0x80)
			continue;
		latin[n++] = *c < 0x80 ? *c
			     : *c <= 0xc3 && c[1] != '\0'
				     ? (uint8_t)((c[0] & 3) << 6 | (c[1] & 0x3f))
				     : '?';
	}
	toctext_add(t, language, type, track, latin, n);
}

/* The packs of one language, while they are made.  The pack behind the complete ones is being filled. */
struct block {
	uint8_t *packs;
	unsigned language, n; /* n: complete packs; at BLOCK_MAX, more bytes are dropped */
	/* bytes of text in the pack that is being filled; bytes of its item that are in packs */
	unsigned fill, position;
	uint8_t counts[16]; /* complete packs of each type, from 80h on */
};

/* Completes the pack that is being filled: adds zeros, its number and its CRC, and counts it by its type.
 * Does nothing if it is empty. */
static void
end_pack(struct block *b)
{
	uint8_t *p = b->packs + (size_t)b->n * PACK;

	if (b->fill == 0 || b->n == BLOCK_MAX)
		return;
	memset(p + TEXT + b->fill, 0, TEXT_LEN - b->fill);
	p[2] = (uint8_t)b->n++;
	put_be16(p + CRC, cd_crc16(p, CRC));
	b->counts[p[0] & 0xf]++;
	b->fill = 0;
}

/* Appends a byte of an item to the packs.  Begins a pack if necessary, and completes one that is full.
 * Drops the byte if there are BLOCK_MAX packs. */
static void
put_byte(struct block *b, unsigned type, unsigned track, uint8_t byte)
{
	uint8_t *p = b->packs + (size_t)b->n * PACK;

	if (b->n == BLOCK_MAX)
		return;
	if (b->fill == 0) {
		p[0] = (uint8_t)type;
		p[1] = (uint8_t)track;
		p[3] = (uint8_t)(b->language << 4 |
				 (b->position > POSITION_MAX ? POSITION_MAX : b->position));
	}
	p[TEXT + b->fill++] = byte;
	b->position++;
	if (b->fill == TEXT_LEN)
		end_pack(b);
}

/* Appends all items of that type: the disc's and, for a text, those of all tracks.  A missing text becomes
 * an empty one.  The tracks have ntracks numbers from `first` on. */
static void
put_type(struct block *b, const struct toctext *t, unsigned type, unsigned first, unsigned ntracks)
{
	bool binary = type >= TOCTEXT_FIRST_BINARY && type <= TOCTEXT_LAST_BINARY;

	for (unsigned i = 0; i <= (binary ? 0 : ntracks); i++) {
		const uint8_t *from = t->bytes + t->items[b->language][type][i].at;
		unsigned track = i == 0 ? 0 : first + i - 1;

		b->position = 0;
		for (unsigned k = 0; k < t->items[b->language][type][i].size; k++)
			put_byte(b, TYPE_TITLE + type, track, from[k]);
		if (!binary || type == TOCTEXT_FIRST_BINARY)
			put_byte(b, TYPE_TITLE + type, track, 0);
	}
	end_pack(b);
}

/* Appends the packs of the type 8Fh: how many packs each type has, and the last pack number and the code of
 * each language.  ends[] has the number of packs of each language without these; 0 if the language is left
 * out. */
static void
put_sizes(struct block *b, const struct toctext *t, unsigned first, unsigned ntracks,
	const unsigned ends[TOCTEXT_LANGUAGES])
{
	uint8_t sizes[SIZES_PACKS * TEXT_LEN] = {0};

	sizes[SIZES_FIRST] = (uint8_t)first;
	sizes[SIZES_LAST] = (uint8_t)(first + ntracks - 1);
	b->counts[TYPE_SIZES & 0xf] = SIZES_PACKS;
	memcpy(sizes + SIZES_COUNTS, b->counts, sizeof(b->counts));
	for (unsigned i = 0; i < TOCTEXT_LANGUAGES; i++)
		if (ends[i] > 0) {
			sizes[SIZES_LAST_NUMBER + i] = (uint8_t)(ends[i] + SIZES_PACKS - 1);
			sizes[SIZES_LANGUAGE + i] = t->language[i];
		}
	for (unsigned i = 0; i < SIZES_PACKS; i++) {
		b->position = 0;
		for (unsigned k = 0; k < TEXT_LEN; k++)
			put_byte(b, TYPE_SIZES, i, sizes[i * TEXT_LEN + k]);
	}
}

size_t
toctext_packs(const struct toctext *t, unsigned first, unsigned ntracks,
	uint8_t packs[TOCTEXT_LANGUAGES * 256 * 18], bool *cut)
{
	struct block blocks[TOCTEXT_LANGUAGES];
	unsigned ends[TOCTEXT_LANGUAGES] = {0};
	size_t n = 0;

	*cut = false;
	/* First each language gets room for BLOCK_MAX packs, because put_sizes needs the sizes of all. */
	for (unsigned i = 0; i < TOCTEXT_LANGUAGES; i++) {
		struct block *b = &blocks[i];

		*b = (struct block){.packs = packs + (size_t)i * BLOCK_MAX * PACK, .language = i};
		for (unsigned type = 0; type < TOCTEXT_TYPES; type++)
			if (t->has_type[i][type])
				put_type(b, t, type, first, ntracks);
		*cut = *cut || b->n > BLOCK_MAX - SIZES_PACKS;
		ends[i] = b->n <= BLOCK_MAX - SIZES_PACKS ? b->n : 0;
	}
	for (unsigned i = 0; i < TOCTEXT_LANGUAGES; i++) {
		struct block *b = &blocks[i];

		if (ends[i] == 0)
			continue;
		put_sizes(b, t, first, ntracks, ends);
		memmove(packs + n * PACK, b->packs, (size_t)b->n * PACK);
		n += b->n;
	}
	return n;
}
