/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/smc/status.h"

#include <string.h>

#include "changer/base/be.h"

enum {
	DESCRIPTOR_LEN = 12, /* without the volume tag */
	TAG_LEN = 36,
	PAGE_PVOLTAG = 0x80,

	/* Descriptor, byte 2 */
	FULL = 0x01,
	IMPEXP = 0x02, /* a user has put the disc in, not the robot */
	EXCEPT = 0x04, /* bytes 4 and 5 say what is wrong with the element */
	ACCESS = 0x08,
	EXENAB = 0x10,
	INENAB = 0x20,
	/* Byte 6, only for a drive */
	LU_VALID = 0x10,
	LU_MAX = 7,
	/* byte 9 */
	SVALID = 0x80,
};

size_t
status_volume_id(const struct jb_elem_status *status, char out[JB_LABEL_MAX + 1])
{
	size_t n = 0;

	if (status->full && strcmp(status->label, JB_LABEL_NONE) != 0) {
		for (const char *p = status->label; *p != '\0' && n < JB_LABEL_MAX; p++) {
			uint8_t c = (uint8_t)*p;

			if ((c & 0xc0) != 0x80) /* not a byte that continues a UTF-8 character */
				out[n++] = c >= 0x20 && c < 0x7f ? (char)c : '_';
		}
	}
	out[n] = '\0';
	return n;
}

/* Appends the volume tag of 36 bytes (SMC-3 6.11.9): the identifier padded with blanks, and volume sequence
 * number 0.  Without a label it is zeros, because mtx takes blanks for a label. */
static void
build_tag(const struct jb_elem_status *status, struct wbuf *w)
{
	/* After the identifier: reserved bytes, and no volume sequence number. */
	uint8_t tag[TAG_LEN] = {0};
	char id[JB_LABEL_MAX + 1];
	size_t n = status_volume_id(status, id);

	if (n > 0) {
		memcpy(tag, id, n);
		memset(tag + n, ' ', JB_LABEL_MAX - n);
	}
	wb_bytes(w, tag, sizeof(tag));
}

/* Returns byte 2 of the element's descriptor: FULL, EXCEPT if its cartridge cannot be read, ACCESS if the robot can reach it, and for a mail slot
 * EXENAB, INENAB, and IMPEXP if a user put the disc in. */
static uint8_t
flags_of(const struct jb_elem_status *status)
{
	uint8_t flags = (status->full ? FULL : 0) | (status->unreadable ? EXCEPT : 0);

	if (status->elem.type != JB_PICKER && status->accessible)
		flags |= ACCESS;
	/* the operator can put discs in and take them out at any time */
	if (status->elem.type == JB_MAILSLOT)
		flags |= EXENAB | INENAB | (status->full && status->by_hand ? IMPEXP : 0);
	return flags;
}

void
status_build_descriptor(const struct status_request *req, const struct status_page *page,
	const struct jb_elem_status *status, struct wbuf *w)
{
	static const struct status_drive none;
	bool drives = page->range.type == JB_DRIVE && status->elem.number < req->ndrives;
	const struct status_drive *drive = drives ? &req->drives[status->elem.number] : &none;
	uint8_t d[DESCRIPTOR_LEN] = {0};
	size_t end = w->len + page->descriptor_len;

	put_be16(d, (uint16_t)(page->range.first + status->elem.number - page->numbers.first));
	d[2] = flags_of(status);
	if (status->unreadable) {
		d[4] = jb_err_sense(JB_UNREADABLE).asc;
		d[5] = jb_err_sense(JB_UNREADABLE).ascq;
	}
	/* A LUN above 7 does not fit; DVCID then
	 * identifies the drive. */
	d[6] = drive->has_unit && drive->lun >= 0 && drive->lun <= LU_MAX
		       ? LU_VALID | (uint8_t)drive->lun
		       : 0;
	/* Byte 7 is 0: no bus address. */
	if (status->full && status->has_source) {
		d[9] = SVALID;
		put_be16(d + 10, status->source);
	}
	wb_bytes(w, d, sizeof(d));
	if (req->voltag)
		build_tag(status, w);
	wb_bytes(w, drive->descriptor, drive->len);
	wb_zero(w, end - w->len);
}

void
status_build_page_header(const struct status_request *req, const struct status_page *page,
	uint32_t bytes, struct wbuf *w)
{
	wb_u8(w, (uint8_t)page->range.type);
	wb_u8(w, req->voltag ? PAGE_PVOLTAG : 0);
	wb_be16(w, (uint16_t)page->descriptor_len);
	wb_u8(w, 0);
	wb_be24(w, bytes);
}

void
status_build_header(struct wbuf *w, uint16_t first, uint16_t count, uint8_t byte4, uint32_t bytes)
{
	wb_be16(w, first);
	wb_be16(w, count);
	wb_u8(w, byte4);
	wb_be24(w, bytes);
}

/* ---- which elements -------------------------------------------------------------------------- */

/* Fills in *out for the drive of that number: its LUN at the port of the request, and its T10 designator if DVCID is asked for.  All
 * zeros if it has no logical unit. */
static void
take_drive(const struct status_request *req, unsigned drive, struct status_drive *out)
{
	const struct smc *smc = req->smc;
	struct scsi_lu *lu = smc->drive_lu != NULL ? smc->drive_lu(smc->arg, drive) : NULL;
	struct scsi_identity id;
	struct wbuf w;

	memset(out, 0, sizeof(*out));
	if (lu == NULL)
		return;
	out->has_unit = true;
	out->lun = scsi_port_lun(req->port, lu);
	if (!req->dvcid)
		return;
	memset(&id, 0, sizeof(id));
	lu->type->identity(lu, &id);
	wbuf_init(&w, out->descriptor, sizeof(out->descriptor));
	spc_t10_designator(&id, &w);
	out->len = wbuf_stored(&w);
}

/* Returns the length of the page's descriptors in bytes.  All have one length, so the longest device
 * identifier of its drives decides. */
static size_t
descriptor_length(const struct status_request *req, const struct status_page *page)
{
	size_t tag = req->voltag ? TAG_LEN : 0, longest = STATUS_IDENTIFIER_LEN;

	for (unsigned i = 0; i < page->range.count && page->range.type == JB_DRIVE; i++) {
		unsigned drive = page->numbers.first + i;
		size_t len = drive < req->ndrives ? req->drives[drive].len : 0;

		longest = len > longest ? len : longest;
	}
	return DESCRIPTOR_LEN + tag + longest;
}

unsigned
status_pages(struct status_request *req, struct status_page pages[SMC_TYPES])
{
	struct smc_range ranges[SMC_TYPES];
	unsigned left = req->number, n = 0;

	req->ndrives = jb_count(req->smc->jb, JB_DRIVE);
	if (req->ndrives > JB_DRIVES_MAX)
		req->ndrives = JB_DRIVES_MAX;
	for (unsigned i = 0; i < req->ndrives; i++)
		take_drive(req, i, &req->drives[i]);
	smc_ranges(req->smc, ranges);
	for (unsigned i = 0; i < SMC_TYPES && left > 0; i++) {
		struct smc_range *range = &ranges[i];
		struct status_page *page = &pages[n];
		unsigned skip = req->start > range->first ? req->start - range->first : 0;

		if ((req->type != STATUS_TYPE_ALL && req->type != range->type) ||
			skip >= range->count)
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

size_t
status_page_length(const struct status_page *page)
{
	return page->range.count * page->descriptor_len;
}
