/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MODE SENSE and MODE SELECT (SPC-4 6.11 to 6.14 and 7.5) over the device type's table of pages.
 * MODE SENSE returns no block descriptor; check_descriptor says which ones MODE SELECT accepts. */
#include <string.h>

#include "changer/base/be.h"
#include "changer/scsi/lu.h"
#include "changer/scsi/sense.h"
#include "changer/scsi/spc.h"
#include "changer/scsi/task.h"

enum {
	PAGE_ALL = 0x3f,
	SUBPAGE_ALL = 0xff,
	CONTROL_CURRENT = 0,
	CONTROL_CHANGEABLE = 1,
	CONTROL_SAVED = 3,
	HEADER_6 = 4,
	HEADER_10 = 8,

	SELECT_RTD = 0x02, /* MODE SELECT: revert to defaults */
	SELECT_SP = 0x01,  /* MODE SELECT: save pages */
	PAGE_SPF = 0x40,   /* sub_page format: a subpage code and a two-byte length follow */
	PAGE_MAX = 2 + 255,
	DESCRIPTOR_LEN = 8,
};

/* ---- MODE SENSE ----------------------------------------------------------------------------- */

/* Returns true if the codes ask for that page.  Code 3Fh means all pages, subpage FFh all subpages
 * (SPC-4 6.11.1, table 168). */
static bool
is_asked_for(const struct scsi_mode_page *page, uint8_t code, uint8_t subpage)
{
	return (code == PAGE_ALL || code == (page->code & 0xff)) &&
	       (subpage == SUBPAGE_ALL || subpage == page->code >> 8);
}

/* Appends the pages that the CDB asks for.  Returns false, with sense set, if there is no such page. */
static bool
build_pages(struct scsi_task *task, struct wbuf *w)
{
	struct scsi_lu *lu = task->lu;
	uint8_t control = task->cdb[2] >> 6, code = task->cdb[2] & 0x3f, subpage = task->cdb[3];
	size_t before = w->len;

	if (control == CONTROL_SAVED) {
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_SAVING_UNSUPPORTED, 0);
		return false;
	}
	for (size_t i = 0; i < lu->type->npages; i++) {
		if (is_asked_for(&lu->type->pages[i], code, subpage))
			lu->type->pages[i].build(lu, task->itl, control, w);
	}
	if (w->len == before) {
		task_invalid_field(task, true, subpage != 0 && subpage != SUBPAGE_ALL ? 3 : 2);
		return false;
	}
	return true;
}

/* Returns the device-specific parameter of mode parameter headers. */
static uint8_t
device_parameter(struct scsi_lu *lu)
{
	return lu->type->mode_parameter == NULL ? 0 : lu->type->mode_parameter(lu);
}

void
spc_mode_sense_6(struct scsi_task *task)
{
	struct wbuf w;

	task_reply_begin(task, &w);
	wb_u8(&w, 0);
	wb_u8(&w, task->lu->type->medium_type_byte);
	wb_u8(&w, device_parameter(task->lu));
	wb_u8(&w, 0); /* no block descriptors */
	if (!build_pages(task, &w))
		return;
	/* its length does not fit into the header: MODE SENSE(10) is needed */
	if (w.len - 1 > UINT8_MAX) {
		task_invalid_field(task, true, 2);
		return;
	}
	wb_patch_u8(&w, 0, (uint8_t)(w.len - 1));
	task_reply_end(task, &w, task->cdb[4]);
}

void
spc_mode_sense_10(struct scsi_task *task)
{
	struct wbuf w;

	task_reply_begin(task, &w);
	wb_be16(&w, 0);
	wb_u8(&w, task->lu->type->medium_type_byte);
	wb_u8(&w, device_parameter(task->lu));
	wb_zero(&w, HEADER_10 - 4);
	if (!build_pages(task, &w))
		return;
	wb_patch_be16(&w, 0, (uint16_t)(w.len - 2));
	task_reply_end(task, &w, get_be16(task->cdb + 7));
}

/* ---- MODE SELECT ---------------------------------------------------------------------------- */

/* Returns the device type's page with that code; NULL if there is none. */
static const struct scsi_mode_page *
find_page(const struct scsi_lu_type *type, uint16_t code)
{
	for (size_t i = 0; i < type->npages; i++) {
		if (type->pages[i].code == code)
			return &type->pages[i];
	}
	return NULL;
}

/* The header of a page in a parameter list: page_0 or sub_page format (SPC-4 7.5.7). */
struct sent_page {
	uint16_t code;	    /* as in scsi_mode_page */
	size_t header, len; /* in bytes; len includes the header */
};

/* Reads the header of the page at p.  Returns false if the page ends after the end of the list. */
static bool
take_header(const uint8_t *p, size_t left, struct sent_page *out)
{
	bool spf = left > 0 && (p[0] & PAGE_SPF) != 0;

	out->header = spf ? 4 : 2;
	if (left < out->header)
		return false;
	out->code = (uint16_t)((p[0] & 0x3f) | (spf ? p[1] << 8 : 0));
	out->len = out->header + (spf ? get_be16(p + 2) : p[1]);
	return out->len <= left;
}

/* Checks one page of the list against the table (SPC-4 6.11).  The page may differ from its current
 * value only where the changeable values have a 1 bit.  off is where the page is in the list, for the
 * field pointer.  Returns false with sense set. */
static bool
check_page(struct scsi_task *task, const struct scsi_mode_page *page, size_t off,
	const struct sent_page *is)
{
	const uint8_t *sent = task->out + off;
	uint8_t now[PAGE_MAX], mask[PAGE_MAX];
	struct wbuf w;

	wbuf_init(&w, now, sizeof(now));
	page->build(task->lu, task->itl, CONTROL_CURRENT, &w);
	if (is->len != wbuf_stored(&w)) {
		task_invalid_field(task, false, (uint16_t)(off + is->header / 2));
		return false;
	}
	memset(mask, 0, sizeof(mask));
	if (page->select != NULL) {
		wbuf_init(&w, mask, sizeof(mask));
		page->build(task->lu, task->itl, CONTROL_CHANGEABLE, &w);
	}
	for (size_t i = is->header; i < is->len; i++) {
		if ((sent[i] ^ now[i]) & ~mask[i]) {
			task_invalid_field(task, false, (uint16_t)(off + i));
			return false;
		}
	}
	return true;
}

/* Takes over a page that check_page has accepted.  Sets *changed if a value has changed. */
static bool
take_page(struct scsi_task *task, const struct scsi_mode_page *page, size_t off,
	const struct sent_page *is, bool *changed)
{
	uint8_t before[PAGE_MAX];
	struct wbuf w;

	if (page->select == NULL)
		return true;
	wbuf_init(&w, before, sizeof(before));
	page->build(task->lu, task->itl, CONTROL_CURRENT, &w);
	if (!page->select(task->lu, task->itl, task->out + off, is->len)) {
		task_invalid_field(task, false, (uint16_t)(off + is->header));
		return false;
	}
	*changed = *changed || memcmp(before + is->header, task->out + off + is->header,
				       is->len - is->header) != 0;
	return true;
}

/* Checks the pages of the list from `off` to `end` (take is false), or takes them over (true).  Sets *changed if
 * a value changes.  A page that only its own function refuses is found when it is taken over: pages before
 * it in the list have changed then.  Returns false with sense set. */
static bool
walk_pages(struct scsi_task *task, size_t off, size_t end, bool take, bool *changed)
{
	while (off < end) {
		const uint8_t *p = task->out + off;
		const struct scsi_mode_page *page;
		struct sent_page is;

		if (!take_header(p, end - off, &is)) {
			task_sense(task, KEY_ILLEGAL_REQUEST, ASC_LIST_LENGTH, 0);
			return false;
		}
		page = find_page(task->lu->type, is.code);
		if (page == NULL) {
			task_invalid_field(task, false, (uint16_t)off);
			return false;
		}
		if (take ? !take_page(task, page, off, &is, changed)
			 : !check_page(task, page, off, &is))
			return false;
		off += is.len;
	}
	return true;
}

/*
 * Checks the block descriptor (SPC-4 7.5.6; its length has been checked).  Old systems send one to ask for
 * blocks of 512 bytes, which some drives had.
 *
 * Accepts a block length of 2048, and 0, which asks for nothing; what else the descriptor says, density and
 * number of blocks, changes nothing.  Refuses 512 and any other block length with a field pointer to it:
 * MMC-6 addresses sectors of 2048 bytes, and so do all other initiators of the unit.  If the host took its
 * 512 for granted, each address that it sends would be that of another sector, and a write would destroy
 * what is there.
 */
static bool
check_descriptor(struct scsi_task *task, size_t off, size_t list_len)
{
	enum { BLOCK_LENGTH = 5 };
	uint32_t block;

	if (list_len - off < DESCRIPTOR_LEN) {
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_LIST_LENGTH, 0);
		return false;
	}
	block = get_be24(task->out + off + BLOCK_LENGTH);
	if (block != 0 && block != 2048) {
		task_invalid_field(task, false, (uint16_t)(off + BLOCK_LENGTH));
		return false;
	}
	return true;
}

/* Does MODE SELECT with a list of list_len bytes, whose header has `header` bytes. */
static void
mode_select(struct scsi_task *task, size_t list_len, size_t header)
{
	size_t off = header, descriptor;
	bool changed = false;

	task->out_want = list_len;
	if (task->cdb[1] & (SELECT_SP | SELECT_RTD)) {
		task_invalid_field(task, true, 1);
		return;
	}
	if (list_len == 0)
		return;
	if (list_len < header || list_len > task->out_len) {
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_LIST_LENGTH, 0);
		return;
	}
	descriptor = header == HEADER_6 ? task->out[3] : get_be16(task->out + 6);
	if (descriptor != 0 && descriptor != DESCRIPTOR_LEN) {
		task_invalid_field(task, false, header == HEADER_6 ? 3 : 6);
		return;
	}
	if (descriptor != 0 && !check_descriptor(task, off, list_len))
		return;
	off += descriptor;
	if (walk_pages(task, off, list_len, false, &changed))
		walk_pages(task, off, list_len, true, &changed);
	if (changed) /* SPC-4 6.11: MODE PARAMETERS CHANGED */
		lu_ua_others(task->lu, task->itl, ASC_MODE_CHANGED, 0x01);
}

void
spc_mode_select_6(struct scsi_task *task)
{
	mode_select(task, task->cdb[4], HEADER_6);
}

void
spc_mode_select_10(struct scsi_task *task)
{
	mode_select(task, get_be16(task->cdb + 7), HEADER_10);
}
