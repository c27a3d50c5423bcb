/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * READ DISC STRUCTURE (MMC-6 6.22) and SEND DISC STRUCTURE.  The table `structures` has a row for each
 * structure: a function of_* or with_* that returns true for the discs that have it, a function build_* that
 * appends it to a reply, and a function send_* where it can be changed.
 */
#include <string.h>

#include "changer/base/be.h"
#include "target/mmc/unit.h"

enum {
	TYPE_DVD = 0,
	TYPE_BD = 1,

	LIST = 0xff, /* the format that asks for the list of structures */

	PHYSICAL_LEN = 2048,
	ADIP_LEN = 256,
	DI_LEN = 4096,
	BD_LAYER = 12219392, /* sectors in a layer of 25 GB */
	XL_LAYERS = 3,
	DVD_LAYER_MAX =
		2298496, /* the most sectors in one layer; a larger DVD-ROM has two layers */
};

/* Returns the number of layers of the disc, which follows from its capacity where one medium may have
 * more or fewer. */
static unsigned
layers(const struct disc *d)
{
	const struct medium *m = disc_medium(d);

	if (m->family == MEDIUM_DVD && m->kind == MEDIUM_PRESSED)
		return disc_capacity(d) > DVD_LAYER_MAX ? 2 : 1;
	/* BD-R XL with more than three layers hold has four. */
	if (m->largest != 0 && m->family == MEDIUM_BD && disc_capacity(d) > m->capacity)
		return m->layers + 1u;
	return m->layers;
}

/* Returns true for all DVD. */
static bool
of_dvd(const struct disc *d)
{
	return disc_medium(d)->family == MEDIUM_DVD;
}

/* Returns true for DVD+R and DVD+RW. */
static bool
of_plus(const struct disc *d)
{
	return medium_is_plus(disc_medium(d));
}

/* Returns true for DVD-R and DVD-RW. */
static bool
of_minus(const struct disc *d)
{
	const struct medium *m = disc_medium(d);

	return m->family == MEDIUM_DVD && medium_writable(m) && !medium_is_plus(m) &&
	       m->profile != PROFILE_DVD_RAM;
}

/* Returns true for DVD-RAM. */
static bool
of_dvd_ram(const struct disc *d)
{
	return disc_medium(d)->profile == PROFILE_DVD_RAM;
}

/* Returns true for all DVD that can be written. */
static bool
of_writable_dvd(const struct disc *d)
{
	return of_dvd(d) && medium_writable(disc_medium(d));
}

/* Returns true if the medium has persistent write protection. */
static bool
with_pwp(const struct disc *d)
{
	return disc_medium(d)->has_pwp;
}

/* Returns true for DVD that can be written but has no persistent write protection. */
static bool
of_dvd_without_pwp(const struct disc *d)
{
	return of_writable_dvd(d) && !with_pwp(d);
}

/* Returns true if an initiator may set the layer break of the medium. */
static bool
with_layer_break(const struct disc *d)
{
	return disc_medium(d)->has_layer_break;
}

/* Returns true for BD-R and BD-RE. */
static bool
of_writable_bd(const struct disc *d)
{
	return disc_medium(d)->family == MEDIUM_BD && medium_writable(disc_medium(d));
}

/* Returns true for all BD. */
static bool
of_bd(const struct disc *d)
{
	return disc_medium(d)->family == MEDIUM_BD;
}

/* Returns the number of sectors in the data area: that of the medium, or, if a user chose the disc's
 * capacity, that capacity. */
static uint32_t
data_area(const struct disc *d)
{
	const struct medium *m = disc_medium(d);

	return m->data_area != 0 && disc_capacity(d) == m->capacity ? m->data_area
								    : disc_capacity(d);
}

/* Returns the number of sectors of layer 0 on a disc with two layers: as SEND DISC STRUCTURE set it, or
 * else half of the disc, rounded up to whole ECC blocks.  Does not check that there are two. */
static uint32_t
first_layer_of(const struct disc *d)
{
	uint32_t unit = disc_medium(d)->ecc_block, set = disc_layer_break(d);

	return set != 0 ? set : ((disc_capacity(d) + 1) / 2 + unit - 1) / unit * unit;
}

/*
 * Appends bytes 0 to 16 of the physical format information (format 00h), for a data area of `all` sectors.
 * ADIP begins with the same bytes.  If there are two layers, the second one is read inwards.  Its physical
 * sector numbers are the bitwise complements of those at the same place on layer 0 (ECMA-267, opposite track
 * path).
 */
static void
add_physical(const struct disc *d, uint32_t all, struct wbuf *w)
{
	enum { OPPOSITE = 0x10 };
	static const uint8_t layer_types[] = {
		[MEDIUM_PRESSED] = 0x01, [MEDIUM_WRITE_ONCE] = 0x02, [MEDIUM_REWRITABLE] = 0x04};
	const struct medium *m = disc_medium(d);
	bool two = layers(d) > 1 && all > first_layer_of(d);
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
	wb_be24(w, two ? end : 0); /* the end of layer 0, if there is a second layer */
	wb_u8(w, 0);		   /* no burst cutting area */
}

/* Appends the physical format information, PHYSICAL_LEN bytes, for a data area of `sectors` sectors. */
static void
build_physical_of(const struct disc *d, uint32_t sectors, struct wbuf *w)
{
	size_t begin = w->len;

	add_physical(d, sectors, w);
	wb_zero(w, PHYSICAL_LEN - (w->len - begin));
}

/* Appends format 10h: the physical format information in the groove, which recording does not change. */
static void
build_groove_physical(const struct disc *d, struct wbuf *w)
{
	build_physical_of(d, data_area(d), w);
}

/* Returns the address behind the last closed border (session) of a DVD-R, or 0 if no border is closed. */
static uint32_t
last_border_end(const struct disc *d)
{
	unsigned closed = disc_sessions(d);
	uint32_t end = 0;
	struct track t;

	if (disc_last_session_state(d) != SESSION_COMPLETE)
		closed--;
	for (unsigned n = 1; disc_track(d, n, &t) && t.session <= closed; n++)
		end = t.start + t.recorded;
	return end;
}

/* Appends format 00h: the physical format information in the lead-in.  On a DVD-R that has a closed
 * border, the data area ends there. */
static void
build_physical(const struct disc *d, struct wbuf *w)
{
	bool bordered = of_minus(d) && disc_medium(d)->writing == WRITES_IN_ORDER;
	uint32_t end = bordered ? last_border_end(d) : 0;

	build_physical_of(d, end > 0 ? end : data_area(d), w);
}

/* Appends format 01h: no copyright protection system, all regions. */
static void
build_copyright(const struct disc *d, struct wbuf *w)
{
	wb_zero(w, 4);
}

/* Appends format 04h, manufacturing information: nothing but zeros. */
static void
build_manufacturing(const struct disc *d, struct wbuf *w)
{
	wb_zero(w, PHYSICAL_LEN);
}

/* Appends format 11h: ADIP of a DVD+R or DVD+RW (ECMA-349 14.4.2).  Programs identify the medium by the
 * maker and the type in it. */
static void
build_adip(const struct disc *d, struct wbuf *w)
{
	enum { MAKER = 19, MAKER_LEN = 8, MAKER_TYPE_LEN = 3, REVISION = 1, USED = 56 };
	const struct medium *m = disc_medium(d);
	size_t begin = w->len;

	add_physical(d, data_area(d), w);
	wb_zero(w, MAKER - (w->len - begin));
	wb_pad_str(w, m->maker != NULL ? m->maker : "", MAKER_LEN, 0);
	wb_pad_str(w, m->maker_type != NULL ? m->maker_type : "", MAKER_TYPE_LEN, 0);
	wb_u8(w, REVISION);
	wb_u8(w, USED); /* bytes in use */
	wb_zero(w, ADIP_LEN - (w->len - begin));
}

/* Appends format 0Eh: the pre-recorded information in the lead-in of DVD-R and DVD-RW (ECMA-359).  Each
 * of its fields has eight bytes, of which the first is its number.  Fields 3 and 4 hold the maker and the
 * type; by them programs identify the medium.  The medium must have both. */
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

/* Appends format 20h: the number of sectors of layer 0.  IS_SET says that it cannot be changed any more,
 * because it was sent, or because something is recorded. */
static void
build_layer_break(const struct disc *d, struct wbuf *w)
{
	enum { IS_SET = 0x80 };

	wb_u8(w, disc_layer_break(d) != 0 || !disc_is_unrecorded(d) ? IS_SET : 0);
	wb_zero(w, 3);
	wb_be32(w, first_layer_of(d));
}

/* Takes format 20h: sets the layer break.  Returns the errors of disc_set_layer_break. */
static enum jb_err
send_layer_break(struct disc *d, const uint8_t *data)
{
	enum { LAYER_0 = 4 };

	return disc_set_layer_break(d, get_be32(data + LAYER_0));
}

/* Returns how many sectors of a disc that is written anywhere are not formatted: its spare areas. */
static uint32_t
unformatted(const struct disc *d)
{
	uint32_t all = disc_capacity(d), used = disc_readable_capacity(d);

	return used < all ? all - used : 0;
}

/* Appends format 0Ah of DVD-RAM, spare areas: the free blocks in the primary one and in the supplementary
 * one, and the size of the supplementary one.  All blocks are free, since no sector is ever found bad. */
static void
build_ram_spares(const struct disc *d, struct wbuf *w)
{
	enum { PRIMARY = 12800 };
	uint32_t supplementary = unformatted(d);

	wb_be32(w, PRIMARY);
	wb_be32(w, supplementary);
	wb_be32(w, supplementary);
}

/* Returns how many sectors the spare areas of a BD-R have.  They have lowered its capacity, and the disc does
 * not know the one before, so this counts from the medium's usual one. */
static uint32_t
spares_of_bd_r(const struct disc *d)
{
	const struct medium *m = disc_medium(d);
	uint32_t left = disc_capacity(d);
	uint32_t all = left > m->capacity ? medium_largest(m) : m->capacity;

	return disc_spare_format(d) == SPARE_NONE ? 0 : all - left;
}

/* Appends format 0Ah of BD, spare areas: the free blocks and all blocks, which are the same number. */
static void
build_spares(const struct disc *d, struct wbuf *w)
{
	const struct medium *m = disc_medium(d);
	uint32_t sectors = 0;

	if (m->writing != WRITES_ANYWHERE)
		sectors = spares_of_bd_r(d);
	else if (disc_status(d) != DISC_BLANK)
		sectors = unformatted(d);
	wb_zero(w, 4);
	wb_be32(w, sectors / m->ecc_block);
	wb_be32(w, sectors / m->ecc_block);
}

enum { CWP = 0x04, PWP = 0x02 }; /* in formats 09h and C0h */

/* Returns the bits CWP and PWP.  The tab of the disc is reported as the tab of a cartridge (CWP).  PWP is set
 * with it, because udev's cdrom_id looks at PWP only. */
static uint8_t
protection(const struct disc *d)
{
	if (disc_tab_is_set(d))
		return CWP | PWP;
	return disc_pwp(d) ? PWP : 0;
}

/* Appends format C0h, write protection.  SWPP is 0 since mode page 1Dh has no such bit; MSWI is 0 too. */
static void
build_protection(const struct disc *d, struct wbuf *w)
{
	wb_u8(w, protection(d));
	wb_zero(w, 3);
}

/* Takes format C0h: sets or clears PWP and ignores the other bits.  Returns the errors of disc_set_pwp. */
static enum jb_err
send_protection(struct disc *d, const uint8_t *data)
{
	return disc_set_pwp(d, (data[0] & PWP) != 0);
}

/* Appends format 09h of DVD-RAM, medium status: the disc is in a cartridge, was never taken out, and cannot
 * be written without it (disc type identification 00h). */
static void
build_medium_status(const struct disc *d, struct wbuf *w)
{
	enum { IN_CARTRIDGE = 0x80 };

	wb_u8(w, IN_CARTRIDGE | protection(d));
	wb_zero(w, 3);
}

/* Appends format 09h of BD, cartridge status: without PWP, which is not a state of the cartridge. */
static void
build_cartridge_status(const struct disc *d, struct wbuf *w)
{
	enum { IN_CARTRIDGE = 0x80 };

	wb_u8(w, IN_CARTRIDGE | (disc_tab_is_set(d) ? CWP : 0));
	wb_zero(w, 3);
}

/* Appends format 0Bh, recording type: no blocks are marked for real-time data. */
static void
build_recording_type(const struct disc *d, struct wbuf *w)
{
	wb_zero(w, 4);
}

/* The identifier, the class and version, and the type of the layers in the disc information of each kind of
 * BD. */
static const struct {
	char id[4];
	uint8_t class_and_version, layer_type;
} bd_kinds[] = {
	[MEDIUM_PRESSED] = {"BDO", 0x01, 0x01},
	[MEDIUM_WRITE_ONCE] = {"BDR", 0x01, 0x02},
	[MEDIUM_REWRITABLE] = {"BDW", 0x11, 0x04},
};

/* Returns the sectors of one layer of a BD: 25 GB, unless it is an XL.  The disc's capacity may be
 * smaller. */
static uint32_t
layer_size(const struct disc *d)
{
	const struct medium *m = disc_medium(d);

	if (m->kind == MEDIUM_PRESSED || m->layers < XL_LAYERS)
		return BD_LAYER;
	return (layers(d) > m->layers ? m->largest : m->capacity) / layers(d);
}

/* Appends the first and last address of a layer's data zone.  Odd layers are read inwards: their addresses
 * are the bitwise complements of those of layer 0. */
static void
add_data_zone(const struct disc *d, unsigned layer, struct wbuf *w)
{
	enum { SECTORS_A_UNIT = 8, STEP = 2, MASK = 0x01ffffff };
	uint32_t first = disc_medium(d)->first_psn / SECTORS_A_UNIT;
	uint32_t last = first + layer_size(d) / SECTORS_A_UNIT - STEP;
	bool inwards = layer % 2 != 0;

	wb_be32(w, inwards ? ~last & MASK : first);
	wb_be32(w, inwards ? ~first & MASK : last);
}

/* Appends the disc information unit of one layer, counted from 0: 112 bytes. */
static void
add_information_unit(const struct disc *d, unsigned layer, struct wbuf *w)
{
	enum {
		UNIT_FORMAT = 1,
		USED = 98,
		UNIT_LEN = 112,
		MAKER = 100,
		MAKER_LEN = 6,
		/* channel bit length: of 25 GB a layer, and of more (BD XL) */
		PIT_74_5_NM = 1,
		PIT_SHORTER = 2,
		BCA = 1,
	};
	const struct medium *m = disc_medium(d);
	size_t begin = w->len;

	wb_bytes(w, "DI", 2);
	wb_u8(w, UNIT_FORMAT);
	wb_u8(w, (uint8_t)(layers(d) << 3 | layer)); /* units in the block */
	wb_u8(w, 0);
	wb_u8(w, (uint8_t)layer); /* sequence number of the unit */
	wb_u8(w, USED);
	wb_u8(w, 0);
	wb_bytes(w, bd_kinds[m->kind].id, 3);
	wb_u8(w, bd_kinds[m->kind].class_and_version);
	wb_u8(w, (uint8_t)(layers(d) << 4 | bd_kinds[m->kind].layer_type));
	wb_u8(w, layer_size(d) > BD_LAYER ? PIT_SHORTER : PIT_74_5_NM);
	wb_zero(w, 2); /* polarities: on the groove, marks darker than the rest */
	wb_u8(w, BCA);
	wb_zero(w, 7); /* no maximum rate; end of the user data of BD-ROM */
	add_data_zone(d, layer, w);
	if (m->maker != NULL) {
		wb_zero(w, MAKER - (w->len - begin));
		wb_pad_str(w, m->maker, MAKER_LEN, 0);
		wb_pad_str(w, m->maker_type, 3, 0);
	}
	wb_zero(w, UNIT_LEN - (w->len - begin));
}

/* Appends format 00h of BD, disc information: one unit for each layer, and zeros up to DI_LEN. */
static void
build_disc_information(const struct disc *d, struct wbuf *w)
{
	size_t begin = w->len;

	for (unsigned layer = 0; layer < layers(d); layer++)
		add_information_unit(d, layer, w);
	wb_zero(w, DI_LEN - (w->len - begin));
}

/*
 * The structures.  Some formats that real drives have are not in the table, so they are refused:
 *	08h  disc definition structure of DVD-RAM and BD: it says where the zones, the defect lists and
 *	     the drive's area lie, and an image has none of these
 *	12h  defect list of BD: an image has none
 *	0Ch, 0Dh, 0Fh  recording management data and unique disc id of DVD-R and -RW: there are none
 *	21h to 24h  for layer jump recording, which is not supported
 *	30h  disc control blocks of DVD+R and +RW, physical access control of BD: the features 0004h
 *	     and 010Ah do not offer them
 *	80h and above, except C0h  keys of copy protection, which no disc has
 */
static const struct structure {
	uint8_t type, format; /* TYPE_DVD or TYPE_BD; the format code in the CDB */
	/* Returns true if the disc has the structure. */
	bool (*of)(const struct disc *d);
	/* Appends the structure, without the header of the reply. */
	void (*build)(const struct disc *d, struct wbuf *w);
	size_t send_len; /* bytes that `send` reads */
	/* Takes the structure from SEND DISC STRUCTURE, with send_len bytes at least; NULL: refused. */
	enum jb_err (*send)(struct disc *d, const uint8_t *data);
} structures[] = {
	{TYPE_DVD, 0x00, of_dvd, build_physical, 0, NULL},
	{TYPE_DVD, 0x01, of_dvd, build_copyright, 0, NULL},
	{TYPE_DVD, 0x04, of_dvd, build_manufacturing, 0, NULL},
	{TYPE_DVD, 0x09, of_dvd_ram, build_medium_status, 0, NULL},
	{TYPE_DVD, 0x0a, of_dvd_ram, build_ram_spares, 0, NULL},
	{TYPE_DVD, 0x0b, of_dvd_ram, build_recording_type, 0, NULL},
	{TYPE_DVD, 0x0e, of_minus, build_prerecorded, 0, NULL},
	{TYPE_DVD, 0x10, of_minus, build_groove_physical, 0, NULL},
	{TYPE_DVD, 0x11, of_plus, build_adip, 0, NULL},
	{TYPE_DVD, 0x20, with_layer_break, build_layer_break, 8, send_layer_break},
	{TYPE_DVD, 0xc0, with_pwp, build_protection, 4, send_protection},
	{TYPE_DVD, 0xc0, of_dvd_without_pwp, build_protection, 0, NULL},
	{TYPE_BD, 0x00, of_bd, build_disc_information, 0, NULL},
	{TYPE_BD, 0x09, of_writable_bd, build_cartridge_status, 0, NULL},
	{TYPE_BD, 0x0a, of_writable_bd, build_spares, 0, NULL},
	{TYPE_BD, 0xc0, of_writable_bd, build_protection, 0, NULL},
};

enum { NSTRUCTURES = sizeof(structures) / sizeof(structures[0]), HEADER_LEN = 4 };

/* Returns the row of a structure, or NULL if the disc does not have it. */
static const struct structure *
find_structure(const struct disc *d, uint8_t type, uint8_t format)
{
	for (size_t i = 0; i < NSTRUCTURES; i++) {
		const struct structure *s = &structures[i];

		if (s->type == type && s->format == format && s->of(d))
			return s;
	}
	return NULL;
}

/* Appends format FFh: the list of the disc's structures, of both types, each with the length of its
 * reply.  Appends nothing for a CD. */
static void
add_list(const struct disc *d, struct wbuf *w)
{
	enum { SENDABLE = 0x80, READABLE = 0x40 };

	for (size_t i = 0; i < NSTRUCTURES; i++) {
		struct wbuf size;

		if (!structures[i].of(d))
			continue;
		wbuf_init(&size, NULL, 0);
		structures[i].build(d, &size);
		wb_u8(w, structures[i].format);
		wb_u8(w, READABLE | (structures[i].send != NULL ? SENDABLE : 0));
		wb_be16(w, (uint16_t)(HEADER_LEN + size.len));
	}
}

/* Appends the structure that the CDB asks for.  Returns false and sets the sense data if the type is not
 * DVD or BD, the disc is of another type, or it has no such layer or structure.  Does not check type and
 * layer for the list (FFh). */
static bool
add_structure(struct scsi_task *task, const struct disc *d, struct wbuf *w)
{
	uint8_t type = task->cdb[1] & 0x0f, layer = task->cdb[6], format = task->cdb[7];
	const struct structure *s;

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
	s = find_structure(d, type, format);
	if (s == NULL) {
		task_invalid_field(task, true, 7);
		return false;
	}
	s->build(d, w);
	return true;
}

/* Carries out READ DISC STRUCTURE; add_structure says what is refused.  Ignores the address in the CDB. */
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

/* Carries out SEND DISC STRUCTURE (MMC-6).  The data-out is a header of four bytes, which is ignored, and
 * the structure.  Refuses structures that the disc does not have or that cannot be sent, a list that is too
 * short (PARAMETER LIST LENGTH ERROR), and what the structure's `send` refuses.  If PWP changes, calls
 * mmc_recorded, so that all nexuses read again whether the disc can be written. */
void
mmc_send_disc_structure(struct scsi_task *task)
{
	struct disc *d = mmc_disc(task);
	uint16_t len = get_be16(task->cdb + 8);
	const struct structure *s;
	bool pwp;

	task->out_want = len;
	if (d == NULL)
		return;
	s = find_structure(d, task->cdb[1] & 0x0f, task->cdb[7]);
	if (s == NULL || s->send == NULL) {
		task_invalid_field(task, true, 7);
		return;
	}
	if (len < HEADER_LEN + s->send_len || task->out_len < HEADER_LEN + s->send_len) {
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_LIST_LENGTH, 0);
		return;
	}
	pwp = disc_pwp(d);
	mmc_finish(task, s->send(d, task->out + HEADER_LEN));
	if (disc_pwp(d) != pwp)
		mmc_recorded(task);
}
