/* SPDX-License-Identifier: GPL-2.0-or-later */
/* READ ELEMENT STATUS (SMC-3 6.11). */
#include "changer/base/be.h"
#include "changer/smc/status.h"

enum {
	/* CDB fields */
	VOLTAG = 0x10,
	DVCID = 0x01,

	ATTEMPTS = 8,
};

/* A report that is being built. */
struct report {
	const struct status_request *req;
	const struct status_page *pages; /* in the order of the report */
	unsigned page, done; /* index of the present page; descriptors of it that were appended */
	bool cut; /* true: the next descriptor, or page header, does not fit within limit */
	bool changed; /* true: an element came that is not the next one of the page: one has been removed */
	size_t limit;	/* allocation length in bytes */
	struct wbuf *w; /* the report so far */
};

/* Appends the next descriptor, and the page header before the first one of a page, if they fit into
 * rep->limit bytes.  Returns true; or false, with rep->cut set, if one does not fit, which ends the report:
 * partial descriptors are not sent (SMC-3 6.11.1), but the page header has the length of the whole page; or
 * false, with rep->changed set, if the page has another element here.  For jb_elem_list; jukebox lock held. */
static bool
add_element(void *arg, const struct jb_elem_status *status)
{
	struct report *rep = arg;
	const struct status_page *page = &rep->pages[rep->page];
	struct wbuf *w = rep->w;

	rep->changed = status->elem.type != page->range.type ||
		       status->elem.number != page->numbers.first + rep->done;
	if (rep->changed)
		return false;
	if (rep->done == 0) {
		rep->cut = w->len + STATUS_HEADER_LEN > rep->limit;
		if (rep->cut)
			return false;
		status_build_page_header(rep->req, page, (uint32_t)status_page_length(page), w);
	}
	rep->cut = w->len + page->descriptor_len > rep->limit;
	if (rep->cut)
		return false;
	status_build_descriptor(rep->req, page, status, w);
	if (++rep->done == page->range.count) {
		rep->page++;
		rep->done = 0;
	}
	return true;
}

/* Appends the header of a report with all n pages.  Returns the length of the whole report in bytes. */
static size_t
build_header(const struct status_page *pages, unsigned n, struct wbuf *w)
{
	uint32_t count = 0, bytes = 0;

	for (unsigned i = 0; i < n; i++) {
		count += pages[i].range.count;
		bytes += (uint32_t)(STATUS_HEADER_LEN + status_page_length(&pages[i]));
	}
	status_build_header(w, n > 0 ? pages[0].range.first : 0, (uint16_t)count, 0, bytes);
	return STATUS_HEADER_LEN + bytes;
}

/* Appends the report to w as one snapshot, so a disc that mv moves at the same time is in it once.  It ends
 * before the first descriptor that does not fit into limit bytes.  Returns false, with a report that is not
 * valid, if an element of the pages has been removed from the jukebox.  Takes the jukebox lock. */
static bool
build_report(const struct status_request *req, const struct status_page *pages, unsigned n,
	size_t limit, struct wbuf *w)
{
	struct report rep = {.req = req, .pages = pages, .limit = limit, .w = w};
	struct jb_elem_range ranges[SMC_TYPES];

	build_header(pages, n, w);
	for (unsigned i = 0; i < n; i++)
		ranges[i] = pages[i].numbers;
	jb_elem_list(req->smc->jb, ranges, n, add_element, &rep);
	return !rep.changed && (rep.cut || rep.page == n);
}

void
smc_read_element_status(struct scsi_task *task)
{
	/* more drives may be added before they are read */
	struct status_drive drives[JB_DRIVES_MAX] = {{0}};
	struct status_request req = {
		.smc = smc_of(task->lu),
		.port = scsi_nexus_target_port(task->nexus),
		.voltag = task->cdb[1] & VOLTAG,
		.type = task->cdb[1] & 0x0f,
		.start = get_be16(task->cdb + 2),
		.number = get_be16(task->cdb + 4),
		.dvcid = task->cdb[6] & DVCID,
		.drives = drives,
	};
	size_t allocation = get_be24(task->cdb + 7);

	if (req.type > JB_DRIVE) {
		task_invalid_field(task, true, 1);
		return;
	}
	for (unsigned i = 0; i < ATTEMPTS; i++) {
		struct status_page pages[SMC_TYPES];
		unsigned n = status_pages(&req, pages);
		struct wbuf w;
		size_t whole;

		wbuf_init(&w, NULL, 0);
		whole = build_header(pages, n, &w);
		if (!task_reply_room(task, allocation < whole ? allocation : whole))
			return;
		task_reply_begin(task, &w);
		if (build_report(&req, pages, n, allocation, &w)) {
			task_reply_end(task, &w, allocation);
			return;
		}
	}
	task->status = SCSI_BUSY;
}
