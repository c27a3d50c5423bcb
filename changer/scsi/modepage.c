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
	HEADER_SUBPAGE = 4,
	PAGE_MAX = 2 + 255,
	DESCRIPTOR_LEN = 8,
};

/* ---- MODE SENSE ----------------------------------------------------------------------------- */

/* Returns true if the page code and subpage code of a CDB ask for that page.  Code 3Fh means all pages,
 * subpage FFh all subpages (SPC-4 6.11.1, table 168). */
static bool
is_asked_for(const struct scsi_mode_page *page, uint8_t code, uint8_t subpage)
{
	return (code == PAGE_ALL || code == (page->code & 0xff)) &&
	       (subpage == SUBPAGE_ALL || subpage == page->code >> 8);
}

/* Appends all pages that the CDB asks for, with the values that its page control asks for.  Returns false
 * with sense set: SAVING PARAMETERS NOT SUPPORTED if it asks for saved values, INVALID FIELD IN CDB if there
 * is no such page. */
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

/* Returns the device-specific parameter for the header of a mode parameter list; 0 if the type has none. */
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
	/* The length does not fit into the header: MODE SENSE(10) is needed. */
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

/* Returns the row of the device type's page with that code (subpage code << 8 | page code); NULL if there is
 * none. */
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
	/* subpage code << 8 | page code; the subpage code is 0 in page_0 format */
	uint16_t code;
	size_t header, len; /* in bytes; header is 2 or 4; len includes it */
};

/* Reads the header of the page at p, of which `left` bytes are in the list, into *out.  Returns true if the
 * list has all of the page.  Returns false if the list ends before the end of the page; *out may then be
 * incomplete. */
static bool
take_header(const uint8_t *p, size_t left, struct sent_page *out)
{
	bool spf = left > 0 && (p[0] & PAGE_SPF) != 0;

	out->header = spf ? HEADER_SUBPAGE : 2;
	if (left < out->header)
		return false;
	out->code = (uint16_t)((p[0] & 0x3f) | (spf ? p[1] << 8 : 0));
	out->len = out->header + (spf ? get_be16(p + 2) : p[1]);
	return out->len <= left;
}

/* Checks one page of the list against its row (SPC-4 6.11); off is its offset in the list.  Its length must
 * be that of the current page, it may differ from that only where the mask of changeable values has a 1 bit,
 * and the row's accepts() must return true.  Changes no value.  Returns true if so; else false, with INVALID
 * FIELD IN PARAMETER LIST and a pointer to the field set. */
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
	if (page->accepts != NULL && !page->accepts(task->lu, sent)) {
		task_invalid_field(task, false, (uint16_t)(off + is->header));
		return false;
	}
	return true;
}

/* Stores the values of a page that check_page has accepted, if its row has a select().  off is its offset
 * in the list.  Returns true if the page differs from the values before, so that other nexuses must learn
 * of it. */
static bool
take_page(struct scsi_task *task, const struct scsi_mode_page *page, size_t off,
	const struct sent_page *is)
{
	const uint8_t *sent = task->out + off;
	uint8_t before[PAGE_MAX];
	struct wbuf w;

	if (page->select == NULL)
		return false;
	wbuf_init(&w, before, sizeof(before));
	page->build(task->lu, task->itl, CONTROL_CURRENT, &w);
	page->select(task->lu, task->itl, sent, is->len);
	return memcmp(before + is->header, sent + is->header, is->len - is->header) != 0;
}

/* Checks all pages of the list from offset off to offset end with check_page.  Changes no value.  Returns
 * true if all are accepted, and for no pages at all.  Returns false with sense set: PARAMETER LIST LENGTH
 * ERROR for a page that is cut short, INVALID FIELD IN PARAMETER LIST for an unknown page and for what
 * check_page refuses. */
static bool
check_pages(struct scsi_task *task, size_t off, size_t end)
{
	const struct scsi_mode_page *page;
	struct sent_page is;

	for (; off < end; off += is.len) {
		if (!take_header(task->out + off, end - off, &is)) {
			task_sense(task, KEY_ILLEGAL_REQUEST, ASC_LIST_LENGTH, 0);
			return false;
		}
		/* Subpage 0 has the page_0 format (SPC-4 7.5.7). */
		page = is.header == HEADER_SUBPAGE && is.code <= UINT8_MAX
			       ? NULL
			       : find_page(task->lu->type, is.code);
		if (page == NULL) {
			task_invalid_field(task, false, (uint16_t)off);
			return false;
		}
		if (!check_page(task, page, off, &is))
			return false;
	}
	return true;
}

/* Stores the values of all pages of the list from offset off to offset end, which check_pages has accepted.
 * Returns true if a value changed. */
static bool
take_pages(struct scsi_task *task, size_t off, size_t end)
{
	struct sent_page is;
	bool changed = false;

	for (; off < end; off += is.len) {
		take_header(task->out + off, end - off, &is);
		if (take_page(task, find_page(task->lu->type, is.code), off, &is))
			changed = true;
	}
	return changed;
}

/* Checks the block descriptor at offset off of the list of list_len bytes (SPC-4 7.5.6).  The caller has
 * checked that the header announces one descriptor of 8 bytes.  Returns true if it is accepted.  Returns
 * false with sense set: PARAMETER LIST LENGTH ERROR if the list ends inside it, INVALID FIELD IN PARAMETER
 * LIST for the block length.  Changes nothing.  Old systems send one to ask for blocks of 512 bytes, which
 * some drives had.
 *
 * Accepts a block length of 2048, and 0, which asks for nothing; ignores density and number of blocks.
 * Refuses 512 and any other block length: MMC-6 addresses sectors of 2048 bytes, and so do all other
 * initiators of the unit.  If the host took its 512 for granted, each address that it sends would be that of
 * another sector, and a write would destroy what is there. */
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

/* Does MODE SELECT with a list of list_len bytes, whose header has `header` bytes (4 or 8).  Sets out_want to
 * list_len.  An empty list succeeds.  Ends the command with sense set, and changes nothing, if a bit of the
 * CDB, a length, the block descriptor or a page is not accepted.  If a value changed, queues 2Ah/01h for all
 * other nexuses. */
static void
mode_select(struct scsi_task *task, size_t list_len, size_t header)
{
	size_t off = header, descriptor;

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
	/* All pages are checked before one is stored: a list that is refused changes nothing. */
	if (check_pages(task, off, list_len) && take_pages(task, off, list_len))
		/* SPC-4 6.11: MODE PARAMETERS CHANGED */
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
