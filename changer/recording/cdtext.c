/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/recording/cdtext.h"

#include <stdbool.h>
#include <string.h>

#include "changer/base/be.h"
#include "changer/cdsector.h"
#include "changer/recording/cue.h"

enum {
	/* Offsets in a pack */
	TYPE = 0,
	TRACK = 1,
	NUMBER = 2,
	BLOCK = 3,
	TEXT = 4,
	TEXT_LEN = 12,
	CRC = 16,

	TYPE_TITLE = 0x80, /* the other types follow in the order of enum cue_text */
	TYPE_SIZES = 0x8f,
	DOUBLE_BYTE = 0x80, /* in BLOCK: a character has two bytes */
	POSITION_MAX = 15,
	PACKS_MAX = 256, /* in a block */

	/* Offsets in the 36 bytes that the three packs of sizes have together */
	SIZES_FIRST = 1,
	SIZES_LAST = 2,
	SIZES_COUNTS = 4,
	SIZES_LAST_NUMBER = 20,
	SIZES_LANGUAGE = 28,
	SIZES_LEN = 36,
	ENGLISH = 0x09,
};

/* ---- reading --------------------------------------------------------------------------------- */

/* Collects one text, byte by byte, from ISO 8859-1 to UTF-8.  A text that is too long is cut. */
struct gather {
	struct cue_sheet *sheet;
	unsigned type, track; /* of this text; track 0: the disc */
	char text[CUE_TEXT_MAX + 1];
	size_t len;
};

/* Returns where the sheet keeps the text of that type for that track, 0 for the disc; NULL if there is
 * no such track. */
static char *
place_of(struct cue_sheet *sheet, unsigned type, unsigned track)
{
	if (track == 0)
		return sheet->text[type];
	if (track < sheet->first || track >= (unsigned)sheet->first + sheet->ntracks)
		return NULL;
	return sheet->tracks[track - sheet->first].text[type];
}

/* Stores the text.  A text of one tab stands for the text of the track before (MMC-3 J.2). */
static void
end_text(struct gather *g)
{
	char *to = place_of(g->sheet, g->type, g->track), *before = NULL;

	g->text[g->len] = '\0';
	if (strcmp(g->text, "\t") == 0) {
		before = g->track > 1 ? place_of(g->sheet, g->type, g->track - 1) : NULL;
		strcpy(g->text, before != NULL ? before : "");
	}
	if (to != NULL)
		strcpy(to, g->text);
	g->len = 0;
	/* If the first track is not 1, the texts go from 0 (the disc) to that track. */
	g->track = g->track == 0 ? g->sheet->first : g->track + 1;
}

/* Adds a byte of ISO 8859-1 to the text; 0 ends the text.  Leaves out control characters. */
static void
add_byte(struct gather *g, uint8_t byte)
{
	if (byte == 0) {
		end_text(g);
	} else if (byte < 0x80 && g->len < CUE_TEXT_MAX && (byte >= 0x20 || byte == '\t')) {
		g->text[g->len++] = (char)byte;
	} else if (byte >= 0xa0 && g->len < CUE_TEXT_MAX - 1) {
		g->text[g->len++] = (char)(0xc0 | byte >> 6);
		g->text[g->len++] = (char)(0x80 | (byte & 0x3f));
	}
}

void
cdtext_to_sheet(const uint8_t *packs, size_t npacks, struct cue_sheet *sheet)
{
	struct gather g = {.sheet = sheet, .type = CUE_TEXTS};

	for (size_t i = 0; i < npacks; i++) {
		const uint8_t *p = packs + i * CDTEXT_PACK;
		unsigned type = p[TYPE] - TYPE_TITLE;

		if (p[TYPE] < TYPE_TITLE || type >= CUE_TEXTS || p[BLOCK] & ~POSITION_MAX ||
			get_be16(p + CRC) != cd_crc16(p, CRC))
			continue;
		if (type != g.type) {
			g.type = type;
			g.track = p[TRACK];
			g.len = 0;
		}
		for (unsigned n = 0; n < TEXT_LEN; n++)
			add_byte(&g, p[TEXT + n]);
	}
}

/* ---- writing --------------------------------------------------------------------------------- */

struct packer {
	uint8_t *packs;
	size_t n;	   /* complete packs; PACKS_MAX: they do not fit */
	unsigned fill;	   /* bytes of text in the incomplete pack */
	unsigned position; /* of the next character in its text */
	unsigned letters;  /* of each text, at most */
	bool cut, replaced;
	uint8_t counts[16];
};

/* Returns the pack that is being filled. */
static uint8_t *
pack_at(struct packer *k)
{
	return k->packs + k->n * CDTEXT_PACK;
}

/* Completes the pack that is being filled, with its number and its CRC, if anything is in it. */
static void
end_pack(struct packer *k)
{
	uint8_t *p = pack_at(k);

	if (k->fill == 0)
		return;
	memset(p + TEXT + k->fill, 0, TEXT_LEN - k->fill);
	p[NUMBER] = (uint8_t)k->n;
	put_be16(p + CRC, cd_crc16(p, CRC));
	k->counts[p[TYPE] & 0x0f]++;
	k->n++;
	k->fill = 0;
}

/* Adds a byte of a text to the pack that is being filled, and ends the pack if it is full. */
static void
put_byte(struct packer *k, unsigned type, unsigned track, uint8_t byte)
{
	uint8_t *p = pack_at(k);

	if (k->n >= PACKS_MAX)
		return;
	if (k->fill == 0) {
		p[TYPE] = (uint8_t)(TYPE_TITLE + type);
		p[TRACK] = (uint8_t)track;
		p[BLOCK] = (uint8_t)(k->position > POSITION_MAX ? POSITION_MAX : k->position);
	}
	p[TEXT + k->fill++] = byte;
	k->position++;
	if (k->fill == TEXT_LEN)
		end_pack(k);
}

/* Puts a text in UTF-8, with its NUL, into packs. */
static void
put_text(struct packer *k, unsigned type, unsigned track, const char *text)
{
	unsigned letters = 0;

	k->position = 0;
	for (const uint8_t *c = (const uint8_t *)text; *c != '\0'; c++) {
		if ((*c & 0xc0) == 0x80) /* the character was put with its first byte */
			continue;
		if (letters++ == k->letters) {
			k->cut = true;
			break;
		}
		if (*c < 0x80) {
			put_byte(k, type, track, *c);
		} else if (*c <= 0xc3 && c[1] != '\0') {
			put_byte(k, type, track, (uint8_t)((c[0] & 0x03) << 6 | (c[1] & 0x3f)));
		} else {
			put_byte(k, type, track, '?');
			k->replaced = true;
		}
	}
	put_byte(k, type, track, 0);
}

/* Returns true if the disc or a track has a text of that type.  Then every track gets one, perhaps
 * empty. */
static bool
any_of_type(const struct cue_sheet *s, unsigned type)
{
	bool any = s->text[type][0] != '\0';

	for (unsigned i = 0; i < s->ntracks && !any; i++)
		any = s->tracks[i].text[type][0] != '\0';
	return any;
}

/* Adds the packs that say how many packs of each type there are. */
static void
put_sizes(struct packer *k, const struct cue_sheet *s)
{
	uint8_t sizes[SIZES_LEN] = {0};
	enum { PACKS = SIZES_LEN / TEXT_LEN };

	sizes[SIZES_FIRST] = s->first;
	sizes[SIZES_LAST] = (uint8_t)(s->first + s->ntracks - 1);
	k->counts[TYPE_SIZES & 0x0f] = PACKS;
	memcpy(sizes + SIZES_COUNTS, k->counts, sizeof(k->counts));
	sizes[SIZES_LAST_NUMBER] = (uint8_t)(k->n + PACKS - 1);
	sizes[SIZES_LANGUAGE] = ENGLISH;
	for (unsigned i = 0; i < PACKS; i++) {
		uint8_t *p = pack_at(k);

		p[TYPE] = TYPE_SIZES;
		p[TRACK] = (uint8_t)i;
		p[BLOCK] = 0;
		memcpy(p + TEXT, sizes + (size_t)i * TEXT_LEN, TEXT_LEN);
		k->fill = TEXT_LEN;
		end_pack(k);
	}
}

/* Makes the packs of the types that are not left out, with so many letters of each text.  Returns false if
 * they do not fit. */
static bool
pack_all(struct packer *k, const struct cue_sheet *sheet, const bool left_out[CUE_TEXTS],
	unsigned letters)
{
	enum { SIZES_PACKS = SIZES_LEN / TEXT_LEN };

	*k = (struct packer){.packs = k->packs, .letters = letters};
	for (unsigned type = 0; type < CUE_TEXTS; type++) {
		if (left_out[type] || !any_of_type(sheet, type))
			continue;
		put_text(k, type, 0, sheet->text[type]);
		for (unsigned i = 0; i < sheet->ntracks; i++)
			put_text(k, type, sheet->first + i, sheet->tracks[i].text[type]);
		if (k->n < PACKS_MAX)
			end_pack(k); /* each type begins with a pack of its own */
	}
	if (k->n > PACKS_MAX - SIZES_PACKS)
		return false;
	if (k->n > 0)
		put_sizes(k, sheet);
	return true;
}

size_t
cdtext_from_sheet(
	const struct cue_sheet *sheet, uint8_t packs[256 * CDTEXT_PACK], struct cdtext_loss *loss)
{
	struct packer k = {.packs = packs};
	unsigned first = 0, letters = CUE_TEXT_LETTERS;
	bool fits;

	memset(loss, 0, sizeof(*loss));
	while (first < CUE_TEXTS && !any_of_type(sheet, first))
		first++;
	fits = pack_all(&k, sheet, loss->left_out, letters);
	for (unsigned type = CUE_TEXTS - 1; !fits && type > first; type--) {
		loss->left_out[type] = any_of_type(sheet, type);
		if (loss->left_out[type])
			fits = pack_all(&k, sheet, loss->left_out, letters);
	}
	while (!fits && letters > 0)
		fits = pack_all(&k, sheet, loss->left_out, --letters);
	loss->cut = k.cut;
	loss->replaced = k.replaced;
	return k.n;
}
