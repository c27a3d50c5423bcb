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

	FORMAT_LAYER_BREAK = 0x20,
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
	return medium_is_plus(disc_medium(d));
}

/* DVD-R, -RW: the + formats and DVD-RAM have the same in other places. */
static bool
of_minus(const struct disc *d)
{
	const struct medium *m = disc_medium(d);

	return m->family == MEDIUM_DVD && medium_writable(m) && !medium_is_plus(m) &&
	       m->profile != PROFILE_DVD_RAM;
}

static bool
of_dvd_ram(const struct disc *d)
{
	return disc_medium(d)->profile == PROFILE_DVD_RAM;
}

static bool
of_writable_dvd(const struct disc *d)
{
	return of_dvd(d) && medium_writable(disc_medium(d));
}

static bool
with_layer_break(const struct disc *d)
{
	return disc_medium(d)->has_layer_break;
}

static bool
of_writable_bd(const struct disc *d)
{
	return disc_medium(d)->family == MEDIUM_BD && medium_writable(disc_medium(d));
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
/* Sectors of layer 0, of a disc with two: half of them, unless somebody said otherwise. */
static uint32_t
first_layer_of(const struct disc *d)
{
	uint32_t unit = disc_medium(d)->ecc_block, set = disc_layer_break(d);

	return set != 0 ? set : ((disc_capacity(d) + 1) / 2 + unit - 1) / unit * unit;
}

static void
add_physical(const struct disc *d, struct wbuf *w)
{
	enum { OPPOSITE = 0x10 };
	static const uint8_t layer_types[] = {
		[MEDIUM_PRESSED] = 0x01, [MEDIUM_WRITE_ONCE] = 0x02, [MEDIUM_REWRITABLE] = 0x04};
	const struct medium *m = disc_medium(d);
	bool two = layers(d) > 1;
	uint32_t all = disc_capacity(d);
	uint32_t first_layer = two ? first_layer_of(d) : all;
	uint32_t end = m->first_psn + first_layer - 1;

	wb_u8(w, m->book_type);
	wb_u8(w, m->disc_size_rate);
	wb_u8(w, (uint8_t)((two ? 1 << 5 | OPPOSITE : 0) | layer_types[m->kind]));
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

/*
 * Format 0Eh: pre-recorded information in the lead-in of DVD-R and -RW (ECMA-359), in fields of
 * eight bytes that begin with their number.  3 and 4 hold the maker and the disc's type, by which
 * programs know the medium.
 */
static void
build_prerecorded(const struct disc *d, struct wbuf *w)
{
	enum { FIELDS = 5, FIELD_LEN = 6, ID_LEN = 2 * FIELD_LEN, MAKER_FIELD = 3, NAME_LEN = 16 };
	const struct medium *m = disc_medium(d);
	char id[NAME_LEN] = "";

	strncat(id, m->maker, ID_LEN / 2 + 2);
	strncat(id, m->maker_type, ID_LEN - strlen(id));
	for (uint8_t field = 1; field <= FIELDS; field++) {
		bool named = field == MAKER_FIELD || field == MAKER_FIELD + 1;
		size_t skip = (size_t)(field - MAKER_FIELD) * FIELD_LEN;

		wb_u8(w, field);
		if (named)
			wb_pad_str(w, skip < strlen(id) ? id + skip : "", FIELD_LEN, ' ');
		else
			wb_zero(w, FIELD_LEN);
		wb_u8(w, 0);
	}
}

/* Format 20h: where layer 0 ends, and whether that was set. */
static void
build_layer_break(const struct disc *d, struct wbuf *w)
{
	enum { IS_SET = 0x80 };

	wb_u8(w, disc_layer_break(d) != 0 ? IS_SET : 0);
	wb_zero(w, 3);
	wb_be32(w, first_layer_of(d));
}

/* Formats 0Ah of DVD-RAM and BD: blocks of the spare areas that are left, all of them, since no
 * sector is ever found bad. */
static void
build_spares(const struct disc *d, struct wbuf *w)
{
	const struct medium *m = disc_medium(d);
	uint32_t used =
		m->writing == WRITES_ANYWHERE ? disc_readable_capacity(d) : disc_capacity(d);
	uint32_t blocks =
		disc_status(d) == DISC_BLANK || used > m->capacity ? 0 : m->capacity - used;

	wb_zero(w, 4);
	wb_be32(w, blocks / m->ecc_block);
	wb_be32(w, blocks / m->ecc_block);
}

/* Format C0h: the write-protect tab is that of a cartridge, and holds for all of the disc. */
static void
build_protection(const struct disc *d, struct wbuf *w)
{
	enum { CARTRIDGE = 0x04, PERSISTENT = 0x02 };

	wb_u8(w, disc_protected(d) ? CARTRIDGE | PERSISTENT : 0);
	wb_zero(w, 3);
}

/* Format 00h of BD: one disc information unit. */
static void
build_disc_information(const struct disc *d, struct wbuf *w)
{
	enum { UNIT_FORMAT = 1, UNIT_LEN = 112, HEADER_LEN = 8, MAKER = 100, MAKER_LEN = 6 };
	static const char *const kinds[] = {
		[MEDIUM_PRESSED] = "BDO", [MEDIUM_WRITE_ONCE] = "BDR", [MEDIUM_REWRITABLE] = "BDW"};
	const struct medium *m = disc_medium(d);
	size_t begin = w->len;

	wb_bytes(w, "DI", 2);
	wb_u8(w, UNIT_FORMAT);
	wb_u8(w, (uint8_t)(layers(d) << 3)); /* units in the block: one a layer */
	wb_u8(w, 0);
	wb_u8(w, 0); /* sequence number of the unit */
	wb_u8(w, UNIT_LEN);
	wb_u8(w, 0);
	wb_pad_str(w, kinds[m->kind], 3, 0);
	if (m->maker != NULL) {
		wb_zero(w, MAKER - (w->len - begin));
		wb_pad_str(w, m->maker, MAKER_LEN, 0);
		wb_pad_str(w, m->maker_type, 3, 0);
	}
	wb_zero(w, DI_LEN - (w->len - begin));
}

static const struct structure {
	uint8_t type, format;
	bool (*of)(const struct disc *d);
	void (*build)(const struct disc *d, struct wbuf *w);
	bool sendable; /* by SEND DISC STRUCTURE too */
} structures[] = {
	{TYPE_DVD, 0x00, of_dvd, build_physical, false},
	{TYPE_DVD, 0x01, of_dvd, build_copyright, false},
	{TYPE_DVD, 0x04, of_dvd, build_manufacturing, false},
	{TYPE_DVD, 0x0a, of_dvd_ram, build_spares, false},
	{TYPE_DVD, 0x0e, of_minus, build_prerecorded, false},
	{TYPE_DVD, 0x10, of_minus, build_physical, false},
	{TYPE_DVD, 0x11, of_plus, build_adip, false},
	{TYPE_DVD, FORMAT_LAYER_BREAK, with_layer_break, build_layer_break, true},
	{TYPE_DVD, 0xc0, of_writable_dvd, build_protection, false},
	{TYPE_BD, 0x00, of_bd, build_disc_information, false},
	{TYPE_BD, 0x0a, of_writable_bd, build_spares, false},
};

enum { NSTRUCTURES = sizeof(structures) / sizeof(structures[0]) };

/* Format FFh: each structure with the length it has as a reply. */
static void
add_list(const struct disc *d, struct wbuf *w)
{
	enum { SENDABLE = 0x80, READABLE = 0x40, HEADER_LEN = 4 };

	for (size_t i = 0; i < NSTRUCTURES; i++) {
		struct wbuf size;

		if (!structures[i].of(d))
			continue;
		wbuf_init(&size, NULL, 0);
		structures[i].build(d, &size);
		wb_u8(w, structures[i].format);
		wb_u8(w, READABLE | (structures[i].sendable ? SENDABLE : 0));
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

/* MMC-6, SEND DISC STRUCTURE: a header of four bytes, and what READ DISC STRUCTURE then shows. */
void
mmc_send_disc_structure(struct scsi_task *task)
{
	enum { HEADER_LEN = 4, LAYER_BREAK_LEN = HEADER_LEN + 8, LAYER_0 = HEADER_LEN + 4 };
	struct disc *d = mmc_disc(task);
	uint16_t len = get_be16(task->cdb + 8);

	task->out_want = len;
	if (d == NULL)
		return;
	if (task->cdb[7] != FORMAT_LAYER_BREAK || (task->cdb[1] & 0x0f) != TYPE_DVD ||
		!with_layer_break(d)) {
		task_invalid_field(task, true, 7);
		return;
	}
	if (len < LAYER_BREAK_LEN || task->out_len < LAYER_BREAK_LEN) {
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_LIST_LENGTH, 0);
		return;
	}
	mmc_fail(task, disc_set_layer_break(d, get_be32(task->out + LAYER_0)));
}
