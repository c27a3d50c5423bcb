/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The mode pages, MMC-6 chapter 7, and the list of log pages.
 *
 * A build function appends its page to `w`: the current, changeable or default values, by `control`.  The
 * SCSI layer checks that only changeable fields of a page that an initiator sent differ (struct
 * scsi_mode_page).  Pages 01h and 05h are stored as they were sent, without their headers.
 */
#include <string.h>

#include "changer/base/be.h"
#include "target/mmc/unit.h"

enum {
	CONTROL_CURRENT = 0,
	CONTROL_CHANGEABLE = 1,
	PAGE_CACHING = 0x08,
	PAGE_POWER = 0x1a,
	PAGE_EXCEPTIONS = 0x1c,
	PAGE_TIMEOUT = 0x1d,
	PAGE_CAPABILITIES = 0x2a,
};

/* ---- pages without changeable fields --------------------------------------------------------- */

/* Appends a constant page of `len` bytes; for CONTROL_CHANGEABLE all but its header is zero. */
static void
add_constant(const uint8_t *page, size_t len, uint8_t control, struct wbuf *w)
{
	wb_bytes(w, page, MMC_PAGE_HEADER_LEN);
	if (control == CONTROL_CHANGEABLE)
		wb_zero(w, len - MMC_PAGE_HEADER_LEN);
	else
		wb_bytes(w, page + MMC_PAGE_HEADER_LEN, len - MMC_PAGE_HEADER_LEN);
}

/* Appends the caching page: written data may stay in the kernel's page cache until SYNCHRONIZE CACHE. */
static void
build_caching(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w)
{
	static const uint8_t page[12] = {PAGE_CACHING, 10, 0x04 /* WCE */};

	add_constant(page, sizeof(page), control, w);
}

/* Appends the power condition page: there are no timers. */
static void
build_power(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w)
{
	static const uint8_t page[12] = {PAGE_POWER, 10};

	add_constant(page, sizeof(page), control, w);
}

/* Appends the informational exceptions page: none are reported, so MRIE is 0. */
static void
build_exceptions(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w)
{
	static const uint8_t page[12] = {PAGE_EXCEPTIONS, 10};

	add_constant(page, sizeof(page), control, w);
}

/* Appends the timeout and protect page: 7 s for commands of group 1; 4 minutes for those of group 2, such
 * as CLOSE TRACK SESSION. */
static void
build_timeout(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w)
{
	static const uint8_t page[12] = {PAGE_TIMEOUT, 10, 0, 0, 0, 0, 0, 7, 0, 240};

	add_constant(page, sizeof(page), control, w);
}

/* ---- 01h, read/write error recovery ---------------------------------------------------------- */

/* The changeable bits: byte 2, error recovery behaviour; byte 3, read retries; byte 8, write retries.  Any
 * value is accepted and none has an effect, since there are no errors to recover from.  readom sets and
 * restores this page. */
static const uint8_t recovery_mask[RECOVERY_PAGE_LEN] = {
	MMC_PAGE_RECOVERY, 10, 0xff, 0xff, 0, 0, 0, 0, 0xff};

/* Appends the read/write error recovery page (01h).  The current one is as an initiator sent it. */
static void
build_recovery(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w)
{
	uint8_t page[RECOVERY_PAGE_LEN];

	mmc_default_recovery(page);
	if (control == CONTROL_CURRENT)
		wb_bytes(w, mmc_settings(mmc_of(lu))->recovery, RECOVERY_PAGE_LEN);
	else
		wb_bytes(
			w, control == CONTROL_CHANGEABLE ? recovery_mask : page, RECOVERY_PAGE_LEN);
}

/* Keeps the page (01h) as it was sent, until the medium changes. */
static void
select_recovery(struct scsi_lu *lu, struct scsi_itl *itl, const uint8_t *page, size_t len)
{
	memcpy(mmc_settings(mmc_of(lu))->recovery + MMC_PAGE_HEADER_LEN, page + MMC_PAGE_HEADER_LEN,
		RECOVERY_PAGE_LEN - MMC_PAGE_HEADER_LEN);
}

/* ---- 05h, write parameters ------------------------------------------------------------------- */

enum {
	/* Byte 3: multi-session C0h, FP 20h, track mode 0Fh */
	FIXED_PACKETS = 0x20,
	MULTI_NONE = 0,
	/* On CD: no further session, and the lead-in says so.  cdrdao sends it for the last session. */
	MULTI_LAST = 1,
	TRACK_MODE_DATA = 0x04,
	/* Byte 4 */
	BLOCK_RAW = 0,
	BLOCK_MODE_1 = 8,
};

/* Appends the changeable bits of page 05h: all fields that have a meaning.  Bytes 16 to 51 are the
 * catalog number, the ISRC and the subheader. */
static void
build_write_mask(struct wbuf *w)
{
	static const uint8_t head[16] = {MMC_PAGE_WRITE, WRITE_PAGE_LEN - MMC_PAGE_HEADER_LEN, 0x7f,
		0xff, 0x0f, 0xff, 0, 0x3f, 0xff, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

	wb_bytes(w, head, sizeof(head));
	for (size_t i = sizeof(head); i < WRITE_PAGE_LEN; i++)
		wb_u8(w, 0xff);
}

/* Returns true if the page asks for fixed packets of the size that the loaded medium is formatted for;
 * false if no medium is accessible, or it has no packets. */
static bool
is_its_packet(struct mmc *m, const uint8_t *page)
{
	const struct medium *medium = mmc_medium(m);
	uint32_t size = medium != NULL ? medium_packet(medium) : 0;

	return (page[2] & WRITE_TYPE_MASK) == WRITE_PACKET && (page[3] & FIXED_PACKETS) &&
	       size != 0 && get_be32(page + 10) == size;
}

/* Appends the write parameters page (05h).  The current one is as an initiator sent it. */
static void
build_write(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w)
{
	uint8_t page[WRITE_PAGE_LEN];

	mmc_default_write(mmc_of(lu), page);
	if (control == CONTROL_CHANGEABLE)
		build_write_mask(w);
	else if (control == CONTROL_CURRENT)
		wb_bytes(w, mmc_settings(mmc_of(lu))->write, WRITE_PAGE_LEN);
	else
		wb_bytes(w, page, WRITE_PAGE_LEN);
}

/* Returns true if a medium is accessible and has test writes. */
static bool
can_test(struct mmc *m)
{
	const struct medium *medium = mmc_medium(m);

	return medium != NULL && medium->has_test_write;
}

/* Returns true if the data block type in byte 4 is allowed.  A DVD, and the drive without a medium, allow
 * mode 1 only; other media every type of mmc_block_type.  But except for a session at once, whose cue
 * sheet gives the forms, type 0 (raw) is allowed for audio only. */
static bool
block_type_fits(struct mmc *m, const uint8_t *page)
{
	const struct medium *medium = mmc_medium(m);
	uint8_t type = page[4] & WRITE_BLOCK_MASK;

	if (medium == NULL || medium->family == MEDIUM_DVD)
		return type == BLOCK_MODE_1;
	if ((page[2] & WRITE_TYPE_MASK) != WRITE_SAO && type == BLOCK_RAW)
		return (page[3] & TRACK_MODE_DATA) == 0;
	return mmc_block_type(type) != NULL;
}

/* Returns true if a medium is accessible and is a CD. */
static bool
is_cd(struct mmc *m)
{
	const struct medium *medium = mmc_medium(m);

	return medium != NULL && medium->family == MEDIUM_CD;
}

/* Returns true if the drive supports every value of page 05h with the loaded medium: write type, test
 * bit, multi-session and data block type.  Changes nothing and sets no sense data.  Burning programs send
 * all combinations to find out which ones it supports. */
static bool
accepts_write(struct scsi_lu *lu, const uint8_t *page)
{
	struct mmc *m = mmc_of(lu);
	uint8_t multi = page[3] >> WRITE_MULTI_SHIFT;

	if (!(mmc_write_types(m) & 1u << (page[2] & WRITE_TYPE_MASK)) && !is_its_packet(m, page))
		return false;
	if ((page[2] & WRITE_TEST) && !can_test(m))
		return false;
	if (multi != MULTI_NONE && multi != WRITE_MULTI_ALLOWED &&
		!(multi == MULTI_LAST && is_cd(m)))
		return false;
	return block_type_fits(m, page);
}

/* Keeps page 05h as it was sent, and marks it as sent (write_selected).  If byte 2, which has the write
 * type and the test bit, changes in more than BUFE, drops the cue sheet and ends a test write. */
static void
select_write(struct scsi_lu *lu, struct scsi_itl *itl, const uint8_t *page, size_t len)
{
	struct mmc_settings *s = mmc_settings(mmc_of(lu));

	/* A cue sheet is valid only with the page that held when the sheet was sent. */
	if ((page[2] & ~WRITE_BUFE) != (s->write[2] & ~WRITE_BUFE)) {
		s->session.set = false;
		s->testing = false;
	}
	memcpy(s->write + MMC_PAGE_HEADER_LEN, page + MMC_PAGE_HEADER_LEN,
		WRITE_PAGE_LEN - MMC_PAGE_HEADER_LEN);
	s->write_selected = true;
}

/* ---- 2Ah, capabilities and mechanical status -------------------------------------------------- */

/*
 * Appends bytes 2 to 7.  The page is older than DVD+R and has no bit for it.  Programs and kernels read
 * WRITES_DVD_R as "writes any DVD", so it is set.  WRITES_CD_R and WRITES_CD_RW are set for wodim: without
 * the first it does not ask whether the medium is a DVD, and without the second it does not blank a DVD-RW.
 * All real burners set both.
 */
static void
add_capability_bits(struct mmc *m, struct wbuf *w)
{
	enum {
		READS_CD_R = 0x01,
		READS_CD_RW = 0x02,
		READS_DVD_ROM = 0x08,
		READS_DVD_R = 0x10,
		READS_DVD_RAM = 0x20,
		WRITES_CD_R = 0x01,
		WRITES_CD_RW = 0x02,
		TESTS_WRITES = 0x04,
		WRITES_DVD_R = 0x10,
		WRITES_DVD_RAM = 0x20,
		BUFFER_UNDERRUN_FREE = 0x80,
		MULTI_SESSION = 0x40,
		READS_FORM_2 = 0x20,
		READS_FORM_1 = 0x10,
		READS_AUDIO =
			0x01, /* READ CD reads audio; ACCURATE: one read continues another exactly */
		ACCURATE = 0x02,
		/* READ CD has the sub-channels R to W too (MMC-3 5.5.10), as zeros. */
		READS_R_TO_W = 0x04,
		C2_POINTERS = 0x10,
		READS_ISRC = 0x20,
		READS_CATALOG = 0x40,
		TRAY = 1 << 5,
		EJECT = 0x08,
		LOCKED = 0x02,
		LOCK = 0x01,
	};
	struct drive_view view;

	drive_view(m->drive, &view);
	wb_u8(w, READS_CD_R | READS_CD_RW | READS_DVD_ROM | READS_DVD_R | READS_DVD_RAM);
	wb_u8(w, (uint8_t)(WRITES_CD_R | WRITES_CD_RW | WRITES_DVD_R | WRITES_DVD_RAM |
			   (can_test(m) ? TESTS_WRITES : 0)));
	wb_u8(w, BUFFER_UNDERRUN_FREE | MULTI_SESSION | READS_FORM_2 | READS_FORM_1);
	wb_u8(w, READS_AUDIO | ACCURATE | READS_R_TO_W | C2_POINTERS | READS_ISRC | READS_CATALOG);
	wb_u8(w, (uint8_t)(TRAY | EJECT | LOCK | (view.locked ? LOCKED : 0)));
	wb_u8(w, 0);
}

/*
 * Stores the write speeds that page 2Ah lists, and returns their number.  It is never 1, as a speed that is
 * alone is listed twice: with one speed the mode data of MODE SENSE(10) has 44 bytes, its length is 2Ah, and
 * a program that searches the data for the code of the page finds the length.
 */
static unsigned
listed_speeds(struct mmc *m, uint32_t speeds[SPEEDS_MAX])
{
	unsigned n = mmc_write_speeds(m, speeds);

	if (n == 1)
		speeds[n++] = speeds[0];
	return n;
}

/* Appends bytes 8 and up of page 2Ah: the fastest and the present speed of reading, those of writing, and
 * a list of all write speeds.  Speeds have 16 bits. */
static void
add_speed_fields(struct mmc *m, struct wbuf *w)
{
	uint32_t speeds[SPEEDS_MAX];
	unsigned n = listed_speeds(m, speeds);

	wb_be16(w, (uint16_t)mmc_max_read_speed(m));
	wb_be16(w, 0); /* volume levels */
	wb_be16(w, MMC_BUFFER_KB);
	wb_be16(w, (uint16_t)mmc_read_speed(m));
	wb_zero(w, 2); /* reserved, digital output */
	wb_be16(w, (uint16_t)(n > 0 ? speeds[0] : 0));
	wb_be16(w, (uint16_t)mmc_write_speed(m)); /* the current write speed, where MMC-2 has it */
	wb_be16(w, 0);				  /* copy management: no CSS */
	wb_zero(w, 3);
	wb_u8(w, 0); /* rotation: constant linear velocity */
	wb_be16(w, (uint16_t)mmc_write_speed(m));
	wb_be16(w, (uint16_t)n);
	for (unsigned i = 0; i < n; i++) {
		wb_u8(w, 0);
		wb_u8(w, 0); /* constant linear velocity */
		wb_be16(w, (uint16_t)speeds[i]);
	}
}

/* Appends the capabilities page (2Ah), at most 120 bytes: Linux's sr asks with MODE SENSE(6) for 128
 * bytes, headers included.  No bit of it is changeable. */
static void
build_capabilities(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w)
{
	struct mmc *m = mmc_of(lu);
	size_t begin = w->len;

	wb_u8(w, PAGE_CAPABILITIES);
	wb_u8(w, 0);
	if (control == CONTROL_CHANGEABLE) {
		uint32_t speeds[SPEEDS_MAX];

		wb_zero(w, 30 + 4 * (size_t)listed_speeds(m, speeds));
	} else {
		add_capability_bits(m, w);
		add_speed_fields(m, w);
	}
	wb_patch_u8(w, begin + 1, (uint8_t)(w->len - begin - MMC_PAGE_HEADER_LEN));
}

/* The table of mode pages, by ascending code. */
const struct scsi_mode_page mmc_pages[MMC_NPAGES] = {
	{.code = MMC_PAGE_RECOVERY, .build = build_recovery, .select = select_recovery},
	{.code = MMC_PAGE_WRITE,
		.build = build_write,
		.accepts = accepts_write,
		.select = select_write},
	{.code = PAGE_CACHING, .build = build_caching},
	{.code = PAGE_POWER, .build = build_power},
	{.code = PAGE_EXCEPTIONS, .build = build_exceptions},
	{.code = PAGE_TIMEOUT, .build = build_timeout},
	{.code = PAGE_CAPABILITIES, .build = build_capabilities},
};

/* Carries out LOG SENSE (SPC-4).  Sends the only log page, 00h, the list of supported pages, which lists
 * itself.  Refuses all others, and the bit SP. */
void
mmc_log_sense(struct scsi_task *task)
{
	enum { SAVE = 0x01 };
	uint8_t page = task->cdb[2] & 0x3f, subpage = task->cdb[3];
	struct wbuf w;

	if (task->cdb[1] & SAVE) {
		task_invalid_field(task, true, 1);
		return;
	}
	if (page != 0 || subpage != 0) {
		task_invalid_field(task, true, page != 0 ? 2 : 3);
		return;
	}
	task_reply_begin(task, &w);
	wb_u8(&w, 0);
	wb_u8(&w, 0);
	wb_be16(&w, 1);
	wb_u8(&w, 0);
	task_reply_end(task, &w, get_be16(task->cdb + 7));
}
