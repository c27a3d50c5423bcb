/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * READ DISC STRUCTURE, MMC-6 6.22: a table of structures, by the discs that have them.
 */
#include <string.h>

#include "changer/base/be.h"
#include "target/mmc/unit.h"

enum {
	TYPE_DVD = 0,
	TYPE_BD = 1,

	LIST = 0xff, /* the list of structures, for any type */

	PHYSICAL_LEN = 2048,
	ADIP_LEN = 256,
	DI_LEN = 4096,
	DVD_LAYER_MAX = 2298496, /* the most sectors of one layer: a larger image is of two */
};

static unsigned
layers(const struct disc *d)
{
	const struct medium *m = disc_medium(d);

	if (m->family == MEDIUM_DVD && m->kind == MEDIUM_PRESSED)
		return disc_capacity(d) > DVD_LAYER_MAX ? 2 : 1;
	return m->layers;
}

static bool
of_dvd(const struct disc *d)
{
	return disc_medium(d)->family == MEDIUM_DVD;
}

static bool
of_plus(const struct disc *d)
{
	return mmc_is_plus(disc_medium(d));
}

static bool
of_bd(const struct disc *d)
{
	return disc_medium(d)->family == MEDIUM_BD;
}

/*
 * Bytes 0 to 16 of physical format information (format 00h), which ADIP begins with too.  On
 * two layers the second one is read inwards, and its sector numbers are the complements of those
 * that lie above them (ECMA-267, opposite track path).
 */
static void
add_physical(const struct disc *d, struct wbuf *w)
{
	enum { OPPOSITE = 0x10, LAYER_PRESSED = 0x01, LAYER_WRITE_ONCE = 0x02 };
	const struct medium *m = disc_medium(d);
	bool two = layers(d) > 1;
	uint32_t all = disc_capacity(d);
	uint32_t half = ((all + 1) / 2 + m->ecc_block - 1) / m->ecc_block * m->ecc_block;
	uint32_t first_layer = two ? half : all;
	uint32_t end = m->first_psn + first_layer - 1;

	wb_u8(w, m->book_type);
	wb_u8(w, m->disc_size_rate);
	wb_u8(w, (uint8_t)((two ? 1 << 5 | OPPOSITE : 0) |
			   (m->kind == MEDIUM_PRESSED ? LAYER_PRESSED : LAYER_WRITE_ONCE)));
	wb_u8(w, 0); /* density of a DVD of 4.7 GB a layer */
	wb_u8(w, 0);
	wb_be24(w, m->first_psn);
	wb_u8(w, 0);
	wb_be24(w, two ? (~end & 0xffffff) + all - first_layer - 1 : end);
	wb_u8(w, 0);
	wb_be24(w, two ? end : 0); /* end of layer 0, if there is another */
	wb_u8(w, 0);		   /* no burst cutting area */
}

static void
build_physical(const struct disc *d, struct wbuf *w)
{
	size_t begin = w->len;

	add_physical(d, w);
	wb_zero(w, PHYSICAL_LEN - (w->len - begin));
}

/* Format 01h: no copyright protection system, all regions. */
static void
build_copyright(const struct disc *d, struct wbuf *w)
{
	wb_zero(w, 4);
}

/* Format 04h: what the maker of the disc left in its lead-in; nothing. */
static void
build_manufacturing(const struct disc *d, struct wbuf *w)
{
	wb_zero(w, PHYSICAL_LEN);
}

/* ADIP of a + disc (ECMA-349 14.4.2): programs know the medium by maker and type. */
static void
build_adip(const struct disc *d, struct wbuf *w)
{
	enum { MAKER = 19, MAKER_LEN = 8, MAKER_TYPE_LEN = 3, REVISION = 1, USED = 56 };
	const struct medium *m = disc_medium(d);
	size_t begin = w->len;

	add_physical(d, w);
	wb_zero(w, MAKER - (w->len - begin));
	wb_pad_str(w, m->maker != NULL ? m->maker : "", MAKER_LEN, 0);
	wb_pad_str(w, m->maker_type != NULL ? m->maker_type : "", MAKER_TYPE_LEN, 0);
	wb_u8(w, REVISION);
	wb_u8(w, USED); /* bytes in use */
	wb_zero(w, ADIP_LEN - (w->len - begin));
}

/* Format 00h of BD: one disc information unit, of a pressed disc. */
static void
build_disc_information(const struct disc *d, struct wbuf *w)
{
	enum { UNIT_FORMAT = 1, UNIT_LEN = 112, HEADER_LEN = 8 };
	size_t begin = w->len;

	wb_bytes(w, "DI", 2);
	wb_u8(w, UNIT_FORMAT);
	wb_u8(w, (uint8_t)(layers(d) << 3)); /* units in the block: one a layer */
	wb_u8(w, 0);
	wb_u8(w, 0); /* sequence number of the unit */
	wb_u8(w, UNIT_LEN);
	wb_u8(w, 0);
	wb_bytes(w, "BDO", 3); /* BD-ROM */
	wb_zero(w, DI_LEN - (w->len - begin));
}

static const struct structure {
	uint8_t type, format;
	bool (*of)(const struct disc *d);
	void (*build)(const struct disc *d, struct wbuf *w);
} structures[] = {
	{TYPE_DVD, 0x00, of_dvd, build_physical},
	{TYPE_DVD, 0x01, of_dvd, build_copyright},
	{TYPE_DVD, 0x04, of_dvd, build_manufacturing},
	{TYPE_DVD, 0x11, of_plus, build_adip},
	{TYPE_BD, 0x00, of_bd, build_disc_information},
};

enum { NSTRUCTURES = sizeof(structures) / sizeof(structures[0]) };

/* Format FFh: each structure with the length it has as a reply. */
static void
add_list(const struct disc *d, struct wbuf *w)
{
	enum { READABLE = 0x40, HEADER_LEN = 4 };

	for (size_t i = 0; i < NSTRUCTURES; i++) {
		struct wbuf size;

		if (!structures[i].of(d))
			continue;
		wbuf_init(&size, NULL, 0);
		structures[i].build(d, &size);
		wb_u8(w, structures[i].format);
		wb_u8(w, READABLE);
		wb_be16(w, (uint16_t)(HEADER_LEN + size.len));
	}
}

/* False: sense is set. */
static bool
add_structure(struct scsi_task *task, const struct disc *d, struct wbuf *w)
{
	uint8_t type = task->cdb[1] & 0x0f, layer = task->cdb[6], format = task->cdb[7];

	if (format == LIST) {
		add_list(d, w);
		return true;
	}
	if (type > TYPE_BD) {
		task_invalid_field(task, true, 1);
		return false;
	}
	if (type == TYPE_BD ? !of_bd(d) : !of_dvd(d)) {
		/* CANNOT READ MEDIUM, INCOMPATIBLE FORMAT */
		task_sense(task, KEY_ILLEGAL_REQUEST, 0x30, 0x02);
		return false;
	}
	if (layer >= layers(d)) {
		task_invalid_field(task, true, 6);
		return false;
	}
	for (size_t i = 0; i < NSTRUCTURES; i++) {
		const struct structure *s = &structures[i];

		if (s->type == type && s->format == format && s->of(d)) {
			s->build(d, w);
			return true;
		}
	}
	task_invalid_field(task, true, 7);
	return false;
}

void
mmc_read_disc_structure(struct scsi_task *task)
{
	struct disc *d = mmc_disc(task);
	struct wbuf w;

	if (d == NULL)
		return;
	task_reply_begin(task, &w);
	wb_be16(&w, 0);
	wb_zero(&w, 2);
	if (!add_structure(task, d, &w))
		return;
	wb_patch_be16(&w, 0, (uint16_t)(w.len - 2));
	task_reply_end(task, &w, get_be16(task->cdb + 8));
}
