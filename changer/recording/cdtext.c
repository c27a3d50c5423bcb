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

/* The text that is being collected, byte by byte, from ISO 8859-1 to UTF-8.  A text that is too
 * long is cut. */
struct gather {
	struct cue_sheet *sheet; /* where texts are stored */
	/* of this text; type CUE_TEXTS: no pack has been read yet; track 0: the disc */
	unsigned type, track;
	/* the bytes so far, as UTF-8; no NUL at the end yet */
	char text[CUE_TEXT_MAX + 1];
	size_t len; /* bytes of text */
};

/* Returns where the sheet keeps the text of that type for that track (0: the disc); NULL if the
 * sheet has no such track. */
static char *
place_of(struct cue_sheet *sheet, unsigned type, unsigned track)
{
	if (track == 0)
		return sheet->text[type];
	if (track < sheet->first || track >= (unsigned)sheet->first + sheet->ntracks)
		return NULL;
	return sheet->tracks[track - sheet->first].text[type];
}

/* Stores the text in the sheet, or drops it if the sheet has no such track.  A text of one tab
 * stands for the text of the track before (MMC-3 J.2); for the disc and the first track it stands
 * for no text.  Then begins the text of the next track, which is empty. */
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

/* Adds a byte of ISO 8859-1 to the text; 0 ends the text (end_text).  Leaves out control
 * characters, and bytes for which the text has no room. */
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

/* The packs that are being made from a sheet. */
struct packer {
	uint8_t *packs;	   /* borrowed; room for PACKS_MAX packs */
	size_t n;	   /* complete packs; PACKS_MAX: all further bytes are dropped */
	unsigned fill;	   /* bytes of text in the incomplete pack */
	unsigned position; /* of the next character in its text, from 0 */
	unsigned letters;  /* how many characters of each text are kept at most */
	/* cut: a text had more than `letters` characters; replaced: a question mark stands for one */
	bool cut, replaced;
	uint8_t counts[16]; /* complete packs of each type, from 80h on */
};

/* Returns the pack that is being filled.  k->n must be below PACKS_MAX if the pack is used. */
static uint8_t *
pack_at(struct packer *k)
{
	return k->packs + k->n * CDTEXT_PACK;
}

/* Completes the pack that is being filled: sets the rest of its text to zeros, its number and its
 * CRC, and counts it.  Does nothing if the pack is empty. */
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

/* Adds a byte of a text to the pack that is being filled.  A new pack gets the type, the track and
 * the position of its first character.  Ends the pack if it is full.  Drops the byte if there are
 * PACKS_MAX packs. */
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

/* Adds a text in UTF-8, as ISO 8859-1 with a NUL, to the packs.  Cuts it after k->letters
 * characters and sets k->cut; puts a question mark for each character that ISO 8859-1 lacks and
 * sets k->replaced. */
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

/* Returns true if the disc or a track of the sheet has a text of that type.  Every track then gets
 * a text of it, perhaps an empty one. */
static bool
any_of_type(const struct cue_sheet *s, unsigned type)
{
	bool any = s->text[type][0] != '\0';

	for (unsigned i = 0; i < s->ntracks && !any; i++)
		any = s->tracks[i].text[type][0] != '\0';
	return any;
}

/* Adds the three packs that say the first and the last track, the language, and how many packs of
 * each type there are.  There must be room for them, and no pack may be incomplete. */
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

/* Makes the packs again from the start: of each type that is not left out and has a text, with
 * `letters` characters of each text at most; then the packs of sizes, if there is any text.  Sets
 * k->n, k->cut and k->replaced.  Returns false if the packs do not fit; k then holds only some of
 * them. */
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
