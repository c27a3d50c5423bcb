/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * READ ELEMENT STATUS, SMC-3 6.11: a header, then one page per element type, each with a header
 * and one descriptor of fixed length per element.
 */
#include <string.h>

#include "changer/base/be.h"
#include "changer/scsi/spc.h"
#include "changer/smc/smc_lu.h"

enum {
	/* CDB */
	VOLTAG = 0x10,
	DVCID = 0x01,
	TYPE_ALL = 0,

	HEADER_LEN = 8,	     /* of the whole, and of each page */
	DESCRIPTOR_LEN = 12, /* up to the volume tag */
	TAG_LEN = 36,
	IDENTIFIER_LEN =
		4, /* code set, type, length; the identifier follows (data transfer only) */
	PAGE_PVOLTAG = 0x80,

	/* Descriptor, byte 2 */
	FULL = 0x01,
	IMPEXP = 0x02, /* put in by the operator, not by the robot */
	ACCESS = 0x08,
	EXENAB = 0x10,
	INENAB = 0x20,
	/* byte 6, of a data transfer element */
	LU_VALID = 0x10,
	LU_MAX = 7,
	/* byte 9 */
	SVALID = 0x80,
};

/* A drive as its own logical unit; asked for beforehand, since that takes the jukebox lock. */
struct drive_id {
	bool has_unit;
	uint8_t lun;
	size_t len; /* of the identifier's descriptor; 0: none */
	uint8_t descriptor[IDENTIFIER_LEN + 8 + 16 + sizeof(((struct scsi_identity *)0)->serial)];
};

/* What the CDB asks for. */
struct request {
	const struct smc *smc;
	bool voltag, dvcid;
	unsigned start, number;
	uint8_t type;
	struct drive_id *drives; /* all of them */
};

/* The part of a type's elements that is reported. */
struct page {
	struct smc_range range; /* first and count are those of the part */
	struct jb_elem_range numbers;
	size_t descriptor_len;
};

/*
 * The volume identifier, SMC-3 6.11.3: ASCII, padded with blanks; a character of another alphabet
 * is shown as an underscore.  An empty element's is all zeros: mtx takes blanks for a label.
 */
static void
build_tag(const struct jb_elem_status *status, struct wbuf *w)
{
	size_t n = 0;

	if (!status->full) {
		wb_zero(w, TAG_LEN);
		return;
	}
	for (const char *p = status->label; *p != '\0' && n < JB_LABEL_MAX; p++) {
		uint8_t c = (uint8_t)*p;

		if ((c & 0xc0) == 0x80) /* goes on from the byte before (UTF-8) */
			continue;
		wb_u8(w, c >= 0x20 && c < 0x7f ? c : '_');
		n++;
	}
	wb_pad_str(w, "", JB_LABEL_MAX - n, ' ');
	wb_zero(w, TAG_LEN - JB_LABEL_MAX); /* reserved, and no volume sequence number */
}

static uint8_t
flags_of(const struct jb_elem_status *status)
{
	uint8_t flags = status->full ? FULL : 0;

	if (status->elem.type != JB_PICKER && status->accessible)
		flags |= ACCESS;
	if (status->elem.type == JB_MAILSLOT) /* takes and gives discs at any time */
		flags |= EXENAB | INENAB | (status->full && status->by_hand ? IMPEXP : 0);
	return flags;
}

static void
take_drive_id(const struct request *req, unsigned drive, struct drive_id *out)
{
	const struct smc *smc = req->smc;
	struct scsi_lu *lu = smc->drive_lu != NULL ? smc->drive_lu(smc->arg, drive) : NULL;
	struct scsi_identity id;
	struct wbuf w;

	memset(out, 0, sizeof(*out));
	if (lu == NULL)
		return;
	out->has_unit = true;
	out->lun = lu->lun;
	if (!req->dvcid)
		return;
	memset(&id, 0, sizeof(id));
	lu->type->identity(lu, &id);
	wbuf_init(&w, out->descriptor, sizeof(out->descriptor));
	spc_t10_designator(&id, &w);
	out->len = wbuf_stored(&w);
}

static void
build_descriptor(const struct request *req, const struct page *page, uint16_t address,
	const struct jb_elem_status *status, struct wbuf *w)
{
	static const struct drive_id none;
	const struct drive_id *drive =
		page->range.type == JB_DRIVE ? &req->drives[status->elem.number] : &none;
	size_t end = w->len + page->descriptor_len;

	wb_be16(w, address);
	wb_u8(w, flags_of(status));
	wb_zero(w, 3); /* reserved, no additional sense code */
	/* A LUN above 7 has no room: DVCID tells which drive it is. */
	wb_u8(w, drive->has_unit && drive->lun <= LU_MAX ? LU_VALID | drive->lun : 0);
	wb_zero(w, 2); /* no bus address */
	wb_u8(w, status->full && status->has_source ? SVALID : 0);
	wb_be16(w, status->full && status->has_source ? status->source : 0);
	if (req->voltag)
		build_tag(status, w);
	wb_bytes(w, drive->descriptor, drive->len);
	wb_zero(w, end - w->len);
}

/* ---- the report ------------------------------------------------------------------------------ */

/* The page's descriptors have one length, so the longest identifier counts. */
static size_t
descriptor_length(const struct request *req, const struct page *page)
{
	size_t tag = req->voltag ? TAG_LEN : 0, longest = IDENTIFIER_LEN;

	for (unsigned i = 0; i < page->range.count && page->range.type == JB_DRIVE; i++) {
		size_t len = req->drives[page->numbers.first + i].len;

		longest = len > longest ? len : longest;
	}
	return DESCRIPTOR_LEN + tag + longest;
}

/* The pages for a request, in the order of addresses; returns how many. */
static unsigned
select_pages(const struct request *req, struct page pages[SMC_TYPES])
{
	struct smc_range ranges[SMC_TYPES];
	unsigned left = req->number, n = 0;

	smc_ranges(req->smc, ranges);
	for (unsigned i = 0; i < SMC_TYPES && left > 0; i++) {
		struct smc_range *range = &ranges[i];
		struct page *page = &pages[n];
		unsigned skip = req->start > range->first ? req->start - range->first : 0;

		if ((req->type != TYPE_ALL && req->type != range->type) || skip >= range->count)
			continue;
		page->range = *range;
		page->range.first = (uint16_t)(range->first + skip);
		page->range.count = range->count - skip < left ? range->count - skip : left;
		page->numbers.type = range->type;
		page->numbers.first = jb_first_number(range->type) + skip;
		page->numbers.count = page->range.count;
		page->descriptor_len = descriptor_length(req, page);
		left -= page->range.count;
		n++;
	}
	return n;
}

static size_t
page_length(const struct page *page)
{
	return page->range.count * page->descriptor_len;
}

/* A report under way: the pages, and how far they are built. */
struct report {
	const struct request *req;
	const struct page *pages;
	unsigned page, done; /* descriptors of that page */
	size_t limit;	     /* bytes */
	struct wbuf *w;
};

/*
 * Appends the next descriptor, after its page's header if it is the first one, if it fits whole
 * into limit bytes (SMC-3 6.11.1: partial ones are not sent); the length field of the page tells
 * the whole.  Jukebox lock held.
 */
static bool
add_element(void *arg, const struct jb_elem_status *status)
{
	struct report *rep = arg;
	const struct page *page = &rep->pages[rep->page];
	struct wbuf *w = rep->w;

	if (rep->done == 0) {
		if (w->len + HEADER_LEN > rep->limit)
			return false;
		wb_u8(w, (uint8_t)page->range.type);
		wb_u8(w, rep->req->voltag ? PAGE_PVOLTAG : 0);
		wb_be16(w, (uint16_t)page->descriptor_len);
		wb_u8(w, 0);
		wb_be24(w, (uint32_t)page_length(page));
	}
	if (w->len + page->descriptor_len > rep->limit)
		return false;
	build_descriptor(rep->req, page, (uint16_t)(page->range.first + rep->done), status, w);
	if (++rep->done == page->range.count) {
		rep->page++;
		rep->done = 0;
	}
	return true;
}

static void
build_header(const struct page *pages, unsigned n, struct wbuf *w)
{
	uint32_t count = 0, bytes = 0;

	for (unsigned i = 0; i < n; i++) {
		count += pages[i].range.count;
		bytes += (uint32_t)(HEADER_LEN + page_length(&pages[i]));
	}
	wb_be16(w, n > 0 ? pages[0].range.first : 0);
	wb_be16(w, (uint16_t)count);
	wb_u8(w, 0);
	wb_be24(w, bytes);
}

/* All of it as one picture, so that a disc which mv moves meanwhile is in it once. */
static void
build_report(const struct request *req, const struct page *pages, unsigned n, size_t limit,
	struct wbuf *w)
{
	struct report rep = {.req = req, .pages = pages, .limit = limit, .w = w};
	struct jb_elem_range ranges[SMC_TYPES];

	build_header(pages, n, w);
	for (unsigned i = 0; i < n; i++)
		ranges[i] = pages[i].numbers;
	jb_elem_list(req->smc->jb, ranges, n, add_element, &rep);
}

/* CURDATA asks for what is known without a look at the elements, which is all there is to know. */
void
smc_read_element_status(struct scsi_task *task)
{
	struct drive_id drives[JB_DRIVES_MAX];
	const struct request req = {
		.smc = smc_of(task->lu),
		.voltag = task->cdb[1] & VOLTAG,
		.type = task->cdb[1] & 0x0f,
		.start = get_be16(task->cdb + 2),
		.number = get_be16(task->cdb + 4),
		.dvcid = task->cdb[6] & DVCID,
		.drives = drives,
	};
	size_t allocation = get_be24(task->cdb + 7), whole = HEADER_LEN;
	struct page pages[SMC_TYPES];
	struct wbuf w;
	unsigned n;

	if (req.type > JB_DRIVE) {
		task_invalid_field(task, true, 1);
		return;
	}
	for (unsigned i = 0; i < jb_count(req.smc->jb, JB_DRIVE); i++)
		take_drive_id(&req, i, &drives[i]);
	n = select_pages(&req, pages);
	for (unsigned i = 0; i < n; i++)
		whole += HEADER_LEN + page_length(&pages[i]);
	if (!task_reply_room(task, allocation < whole ? allocation : whole))
		return;
	task_reply_begin(task, &w);
	build_report(&req, pages, n, allocation, &w);
	task_reply_end(task, &w, allocation);
}
