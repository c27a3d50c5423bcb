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
with_pwp(const struct disc *d)
{
	return disc_medium(d)->has_pwp;
}

static bool
of_dvd_without_pwp(const struct disc *d)
{
	return of_writable_dvd(d) && !with_pwp(d);
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

/* Sectors of the data area; that of a disc of a capacity of its own is what it takes. */
static uint32_t
data_area(const struct disc *d)
{
	const struct medium *m = disc_medium(d);

	return m->data_area != 0 && disc_capacity(d) == m->capacity ? m->data_area
								    : disc_capacity(d);
}

/* Sectors of layer 0, of a disc with two: half of them, unless somebody said otherwise. */
static uint32_t
first_layer_of(const struct disc *d)
{
	uint32_t unit = disc_medium(d)->ecc_block, set = disc_layer_break(d);

	return set != 0 ? set : ((disc_capacity(d) + 1) / 2 + unit - 1) / unit * unit;
}

/*
 * Appends bytes 0 to 16 of physical format information (format 00h), which ADIP begins with too, of a
 * data area of so many sectors.  On two layers the second one is read inwards, and its sector numbers are
 * the complements of those that lie above them (ECMA-267, opposite track path).
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
	wb_be24(w, two ? end : 0); /* end of layer 0, if there is another */
	wb_u8(w, 0);		   /* no burst cutting area */
}

static void
build_physical_of(const struct disc *d, uint32_t sectors, struct wbuf *w)
{
	size_t begin = w->len;

	add_physical(d, sectors, w);
	wb_zero(w, PHYSICAL_LEN - (w->len - begin));
}

/* Format 10h: as the groove has it. */
static void
build_groove_physical(const struct disc *d, struct wbuf *w)
{
	build_physical_of(d, data_area(d), w);
}

/* Where the last closed border of a DVD-R ends; 0: none is closed. */
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

/* Format 00h: as the lead-in has it, which on DVD-R says where the last closed border ends. */
static void
build_physical(const struct disc *d, struct wbuf *w)
{
	bool bordered = of_minus(d) && disc_medium(d)->writing == WRITES_IN_ORDER;
	uint32_t end = bordered ? last_border_end(d) : 0;

	build_physical_of(d, end > 0 ? end : data_area(d), w);
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

	add_physical(d, data_area(d), w);
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

/* Format 20h: where layer 0 ends, and whether that is settled, by somebody's word or by a recording. */
static void
build_layer_break(const struct disc *d, struct wbuf *w)
{
	enum { IS_SET = 0x80 };

	wb_u8(w, disc_layer_break(d) != 0 || !disc_is_unrecorded(d) ? IS_SET : 0);
	wb_zero(w, 3);
	wb_be32(w, first_layer_of(d));
}

/* The same as it is sent. */
static enum jb_err
send_layer_break(struct disc *d, const uint8_t *data)
{
	enum { LAYER_0 = 4 };

	return disc_set_layer_break(d, get_be32(data + LAYER_0));
}

/* Formats 0Ah: blocks of the spare areas that are left, which is all of them, since no sector is ever
 * found bad.  Of DVD-RAM in the primary one, in the supplementary one, and how many that has. */
static void
build_ram_spares(const struct disc *d, struct wbuf *w)
{
	enum { PRIMARY = 12800 };
	uint32_t max = disc_medium(d)->capacity, used = disc_readable_capacity(d);
	uint32_t supplementary = used < max ? max - used : 0;

	wb_be32(w, PRIMARY);
	wb_be32(w, supplementary);
	wb_be32(w, supplementary);
}

/* Of BD those left, and all. */
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

enum { CWP = 0x04, PWP = 0x02 }; /* in formats 09h and C0h */

/* The tab is that of a cartridge.  PWP is said of a disc whose tab is set too, because udev's cdrom_id
 * looks at that bit alone. */
static uint8_t
protection(const struct disc *d)
{
	if (disc_tab_is_set(d))
		return CWP | PWP;
	return disc_pwp(d) ? PWP : 0;
}

/* Format C0h.  No SWPP, which mode page 1Dh does not have, and nothing that would be MSWI. */
static void
build_protection(const struct disc *d, struct wbuf *w)
{
	wb_u8(w, protection(d));
	wb_zero(w, 3);
}

/* The same as SEND DISC STRUCTURE has it: PWP is set or cleared, the rest of the byte is not for it. */
static enum jb_err
send_protection(struct disc *d, const uint8_t *data)
{
	return disc_set_pwp(d, (data[0] & PWP) != 0);
}

/* Format 09h, medium status of DVD-RAM: in a cartridge, which it was never taken out of and without
 * which it is not written (disc type identification 00h). */
static void
build_medium_status(const struct disc *d, struct wbuf *w)
{
	enum { IN_CARTRIDGE = 0x80 };

	wb_u8(w, IN_CARTRIDGE | protection(d));
	wb_zero(w, 3);
}

/* Format 09h of BD, cartridge status: of the bits only those of the cartridge. */
static void
build_cartridge_status(const struct disc *d, struct wbuf *w)
{
	enum { IN_CARTRIDGE = 0x80 };

	wb_u8(w, IN_CARTRIDGE | (disc_tab_is_set(d) ? CWP : 0));
	wb_zero(w, 3);
}

/* Format 0Bh, recording type: none for real-time data. */
static void
build_recording_type(const struct disc *d, struct wbuf *w)
{
	wb_zero(w, 4);
}

/* What disc information says about a kind of BD: its class and version, and how its layers are. */
static const struct {
	char id[4];
	uint8_t class_and_version, layer_type;
} bd_kinds[] = {
	[MEDIUM_PRESSED] = {"BDO", 0x01, 0x01},
	[MEDIUM_WRITE_ONCE] = {"BDR", 0x01, 0x02},
	[MEDIUM_REWRITABLE] = {"BDW", 0x11, 0x04},
};

/* First and last address of a layer's data zone, in units of two physical sectors of 4 KiB; those of
 * the second layer, which is read inwards, are the complements. */
static void
add_data_zone(const struct disc *d, unsigned layer, struct wbuf *w)
{
	enum { LAYER_OF_25_GB = 12219392, SECTORS_A_UNIT = 8, STEP = 2, MASK = 0x01ffffff };
	uint32_t first = disc_medium(d)->first_psn / SECTORS_A_UNIT;
	uint32_t last = first + LAYER_OF_25_GB / SECTORS_A_UNIT - STEP;

	wb_be32(w, layer == 0 ? first : ~last & MASK);
	wb_be32(w, layer == 0 ? last : ~first & MASK);
}

/* Format 00h of BD: a disc information unit a layer. */
static void
add_information_unit(const struct disc *d, unsigned layer, struct wbuf *w)
{
	enum {
		UNIT_FORMAT = 1,
		USED = 98,
		UNIT_LEN = 112,
		MAKER = 100,
		MAKER_LEN = 6,
		PIT_74_5_NM = 1, /* 25 GB a layer */
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
	wb_u8(w, PIT_74_5_NM);
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

static void
build_disc_information(const struct disc *d, struct wbuf *w)
{
	size_t begin = w->len;

	for (unsigned layer = 0; layer < layers(d); layer++)
		add_information_unit(d, layer, w);
	wb_zero(w, DI_LEN - (w->len - begin));
}

/*
 * What is not among them, and so refused, though some drives have it:
 *	08h  disc definition structure of DVD-RAM and BD: where each of 35 zones begins, and where the
 *	     defect lists and the drive's area lie, of which an image has nothing
 *	12h  defect list of BD: likewise
 *	0Ch, 0Dh, 0Fh  recording management data, unique disc id of DVD-R and -RW: there is none
 *	21h to 24h  of layer jump recording, which the drive does not do
 *	30h  disc control blocks of DVD+R and +RW, physical access control of BD: features 0004h and
 *	     010Ah do not offer them
 *	80h and above  keys of copy protection, which no disc has
 */
static const struct structure {
	uint8_t type, format;
	bool (*of)(const struct disc *d);
	void (*build)(const struct disc *d, struct wbuf *w);
	/* By SEND DISC STRUCTURE, of so many bytes at least; NULL: it is only read. */
	size_t send_len;
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

/* NULL: the disc has no such structure. */
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

/* Format FFh: each structure with the length it has as a reply. */
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

/* False: sense is set. */
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

/* MMC-6, SEND DISC STRUCTURE: a header of four bytes, and what READ DISC STRUCTURE then shows.  Whether
 * a disc can be written is a matter of its medium to everybody. */
void
mmc_send_disc_structure(struct scsi_task *task)
{
	struct disc *d = mmc_disc(task);
	uint16_t len = get_be16(task->cdb + 8);
	const struct structure *s;
	enum jb_err err;
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
	drive_acts_for(mmc_of(task->lu)->drive, scsi_nexus_initiator(task->nexus));
	err = s->send(d, task->out + HEADER_LEN);
	drive_acts_for(mmc_of(task->lu)->drive, NULL);
	mmc_finish(task, err);
	if (disc_pwp(d) != pwp)
		mmc_recorded(task);
}
