/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SEND VOLUME TAG and REQUEST VOLUME ELEMENT ADDRESS (SMC-3 6.16 and 6.13).  The first command searches
 * for labels with a template, or gives a disc a label.  The second one reports what the last first one
 * found or changed, with the state of the library at that time, each element once. */
#include <string.h>

#include "changer/base/be.h"
#include "changer/base/log.h"
#include "changer/scsi/sense.h"
#include "changer/smc/status.h"

enum {
	/* CDB fields of both commands */
	ADDRESS = 2,

	ACTION_BYTE = 5,
	PARAMETERS_BYTE = 8,
	PARAMETERS_LEN = 40,
	MIN_SEQUENCE = 34, /* in the parameters; the template is at offset 0 */
	MAX_SEQUENCE = 38,

	VOLTAG = 0x10,
	NUMBER = 4,
	ALLOCATION = 7,

	ADDRESSES = 0x10000,
};

/* SMC-3 table 38.  There are no alternate volume tags, so their codes are not offered. */
enum action {
	TRANSLATE_ALL = 0x00,
	TRANSLATE_PRIMARY = 0x01,
	TRANSLATE_ALL_ANY_SEQUENCE = 0x04,
	TRANSLATE_PRIMARY_ANY_SEQUENCE = 0x05,
	ASSERT_PRIMARY = 0x08,
	REPLACE_PRIMARY = 0x0a,
	UNDEFINE_PRIMARY = 0x0c,
};

/* What the nexus sent last; kept in its scsi_itl. */
struct search {
	bool sent;
	uint8_t action, type; /* type: an element type, or STATUS_TYPE_ALL */
	uint32_t next;	      /* the lowest address that may still be reported */
	uint32_t end;	      /* the address after the last one that may be reported */
	char template[JB_LABEL_MAX + 1];
};

_Static_assert(sizeof(struct search) <= sizeof(((struct scsi_itl *)0)->kept), "room for a search");

/* Copies what the nexus sent last. */
static void
load_search(const struct scsi_task *task, struct search *out)
{
	memcpy(out, task->itl->kept, sizeof(*out));
}

/* Stores what the nexus has sent, for REQUEST VOLUME ELEMENT ADDRESS. */
static void
keep_search(const struct scsi_task *task, const struct search *search)
{
	memcpy(task->itl->kept, search, sizeof(*search));
}

/* ---- SEND VOLUME TAG ------------------------------------------------------------------------- */

/* Returns true if id matches the template: '*' is any number of characters, '?' is one. */
static bool
matches_template(const char *template, const char *id)
{
	const char *star = NULL, *resume = NULL;

	while (*id != '\0') {
		if (*template == '*') {
			star = ++template;
			resume = id;
		} else if (*template == '?' || *template == *id) {
			template ++;
			id++;
		} else if (star != NULL) { /* let the asterisk match one more character */
			template = star;
			id = ++resume;
		} else {
			return false;
		}
	}
	while (*template == '*')
		template ++;
	return *template == '\0';
}

/* Copies the volume identifier from the parameters, without the blanks or NULs that pad it.  Returns
 * false with sense set. */
static bool
take_id(struct scsi_task *task, char out[JB_LABEL_MAX + 1])
{
	size_t n = JB_LABEL_MAX;

	memcpy(out, task->out, JB_LABEL_MAX);
	while (n > 0 && (out[n - 1] == ' ' || out[n - 1] == '\0'))
		n--;
	out[n] = '\0';
	for (size_t i = 0; i < n; i++) {
		if (out[i] < 0x20 || out[i] > 0x7e) {
			task_invalid_field(task, false, (uint16_t)i);
			return false;
		}
	}
	return true;
}

/* Checks the length of the parameters.  *any is false if there are none, which is not an error.
 * Linux's ch sends 255 bytes, of which the first 40 count.  Returns false with sense set. */
static bool
take_parameters(struct scsi_task *task, bool *any)
{
	uint16_t len = get_be16(task->cdb + PARAMETERS_BYTE);

	task->out_want = len;
	*any = len > 0;
	if (len == 0 || (len >= PARAMETERS_LEN && task->out_len >= PARAMETERS_LEN))
		return true;
	task_sense(task, KEY_ILLEGAL_REQUEST, ASC_LIST_LENGTH, 0);
	return false;
}

/* Checks the range of volume sequence numbers, which are all 0 here.  *none is true if 0 is not in the
 * range.  Returns false with sense set. */
static bool
check_sequence(struct scsi_task *task, bool *none)
{
	uint16_t min = get_be16(task->out + MIN_SEQUENCE);

	if (get_be16(task->out + MAX_SEQUENCE) < min) {
		task_invalid_field(task, false, MAX_SEQUENCE);
		return false;
	}
	*none = min > 0;
	return true;
}

/* Does the search actions of SEND VOLUME TAG: stores the template and the range.  any_sequence is
 * true if volume sequence numbers do not matter. */
static void
set_search(struct scsi_task *task, uint8_t action, bool any_sequence)
{
	struct search search = {
		.sent = true,
		.action = action,
		.type = task->cdb[1] & 0x0f,
		.next = get_be16(task->cdb + ADDRESS),
		.end = ADDRESSES,
		.template = "*",
	};
	bool any, none = false;

	if (search.type > JB_DRIVE) {
		task_invalid_field(task, true, 1);
		return;
	}
	if (!take_parameters(task, &any))
		return;
	if (any && (!take_id(task, search.template) ||
			   (!any_sequence && !check_sequence(task, &none))))
		return;
	if (none)
		search.end = 0;
	keep_search(task, &search);
}

/* Copies the label for a disc.  Refuses one with '*' or '?': a search would take it for a template. */
static bool
take_label(struct scsi_task *task, char label[JB_LABEL_MAX + 1])
{
	const char *wild;
	bool any;

	if (!take_parameters(task, &any))
		return false;
	if (!any) {
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_LIST_LENGTH, 0);
		return false;
	}
	if (!take_id(task, label))
		return false;
	wild = strpbrk(label, "*?");
	if (label[0] == '\0' || wild != NULL) {
		task_invalid_field(task, false, wild != NULL ? (uint16_t)(wild - label) : 0);
		return false;
	}
	return true;
}

/* Does the actions of SEND VOLUME TAG that give the disc at an address a label, or remove it.  The
 * next report has that element. */
static void
change_label(struct scsi_task *task, uint8_t action)
{
	uint16_t address = get_be16(task->cdb + ADDRESS);
	struct search search = {
		.sent = true, .action = action, .next = address, .end = address + 1U};
	struct jukebox *jb = smc_of(task->lu)->jb;
	char label[JB_LABEL_MAX + 1];
	struct jb_elem elem;
	enum jb_err err;
	bool any;

	if (action == UNDEFINE_PRIMARY ? !take_parameters(task, &any) : !take_label(task, label))
		return;
	if (!jb_elem_at(jb, address, &elem)) {
		smc_refuse(task, "another label", JB_NO_ELEMENT);
		return;
	}
	err = jb_relabel(jb, elem, action == UNDEFINE_PRIMARY ? NULL : label,
		action == ASSERT_PRIMARY, scsi_nexus_initiator(task->nexus));
	if (err == JB_LABELLED)
		task_invalid_field(task, true, ACTION_BYTE);
	else if (err == JB_BAD_LABEL)
		task_invalid_field(task, false, 0);
	else
		smc_refuse(task, "another label", err);
	if (err == JB_OK)
		keep_search(task, &search);
}

void
smc_send_volume_tag(struct scsi_task *task)
{
	uint8_t action = task->cdb[ACTION_BYTE] & 0x1f;

	switch (action) {
	case TRANSLATE_ALL:
	case TRANSLATE_PRIMARY:
		set_search(task, action, false);
		break;
	case TRANSLATE_ALL_ANY_SEQUENCE:
	case TRANSLATE_PRIMARY_ANY_SEQUENCE:
		set_search(task, action, true);
		break;
	case ASSERT_PRIMARY:
	case REPLACE_PRIMARY:
	case UNDEFINE_PRIMARY:
		change_label(task, action);
		break;
	default:
		task_invalid_field(task, true, ACTION_BYTE);
	}
}

/* ---- REQUEST VOLUME ELEMENT ADDRESS ---------------------------------------------------------- */

/* A report that is being built. */
struct found {
	const struct search *search;
	const struct status_request *req;
	const struct status_page *pages;
	unsigned npages, page;
	size_t page_at;	     /* where the page header is; 0: the page has none yet */
	unsigned count, max; /* elements found; the most that may be reported */
	uint16_t first;	     /* address of the first element found */
	/* allocation length; bytes up to the last complete descriptor within it */
	size_t limit, whole;
	uint32_t next; /* address after the last element that is sent completely */
	struct wbuf *w;
};

/* Returns true if the search matches the element; after a change of a label, any element in its range
 * does. */
static bool
is_found(const struct search *search, const struct jb_elem_status *status)
{
	char id[JB_LABEL_MAX + 1];

	if (search->action >= ASSERT_PRIMARY)
		return true;
	return status_volume_id(status, id) > 0 && matches_template(search->template, id);
}

/* Notes that the report ends with a complete descriptor here, if all of it fits into the allocation
 * length. */
static void
note_complete(struct found *f)
{
	if (f->w->len <= f->limit)
		f->whole = f->w->len;
}

/* Fills in the length of the page that was begun last, if there is one. */
static void
end_page(struct found *f)
{
	if (f->page_at != 0)
		wb_patch_be24(f->w, f->page_at + 5,
			(uint32_t)(f->w->len - f->page_at - STATUS_HEADER_LEN));
	f->page_at = 0;
}

/* Appends an element if the search matches it.  Elements come in the order of the pages.  Jukebox lock
 * held. */
static bool
add_found(void *arg, const struct jb_elem_status *status)
{
	struct found *f = arg;

	if (!is_found(f->search, status))
		return true;
	while (f->page < f->npages && f->pages[f->page].range.type != status->elem.type) {
		end_page(f);
		f->page++;
	}
	if (f->page == f->npages || f->count == f->max)
		return false;
	if (f->page_at == 0) {
		f->page_at = f->w->len;
		status_build_page_header(f->req, &f->pages[f->page], 0, f->w);
		note_complete(f);
	}
	if (f->count++ == 0)
		f->first = status->address;
	status_build_descriptor(f->req, &f->pages[f->page], status, f->w);
	note_complete(f);
	if (f->whole == f->w->len)
		f->next = status->address + 1U;
	return true;
}

/* Fills in the pages in which the search may have matches.  Returns how many. */
static unsigned
search_pages(const struct search *search, struct status_request *req, uint16_t from,
	struct status_page pages[SMC_TYPES])
{
	req->type = search->type;
	req->start = search->next > from ? search->next : from;
	if (search->next >= search->end || req->start >= search->end)
		return 0;
	req->number = search->end - req->start;
	/* only that address, and not a higher one if its element is gone */
	if (search->end < ADDRESSES)
		req->number = 1;
	return status_pages(req, pages);
}

/* Sends the report of what the search has found, and stores in *search where the next report goes on. */
static void
report_found(struct scsi_task *task, struct search *search, struct status_request *req,
	const struct status_page *pages, unsigned n, size_t whole)
{
	struct jb_elem_range ranges[SMC_TYPES];
	struct wbuf w;
	struct found f = {
		.search = search,
		.req = req,
		.pages = pages,
		.npages = n,
		.max = get_be16(task->cdb + NUMBER),
		.limit = get_be24(task->cdb + ALLOCATION),
		.next = search->next,
		.w = &w,
	};

	if (!task_reply_room(task, f.limit < whole ? f.limit : whole))
		return;
	for (unsigned i = 0; i < n; i++)
		ranges[i] = pages[i].numbers;
	task_reply_begin(task, &w);
	status_build_header(&w, 0, 0, search->action, 0);
	f.whole = f.limit < STATUS_HEADER_LEN ? f.limit : STATUS_HEADER_LEN;
	jb_elem_list(req->smc->jb, ranges, n, add_found, &f);
	end_page(&f);
	wb_patch_be16(&w, 0, f.first);
	wb_patch_be16(&w, 2, (uint16_t)f.count);
	wb_patch_be24(&w, 5, (uint32_t)(w.len - STATUS_HEADER_LEN));
	task_reply_end(task, &w, f.whole);
	search->next = f.next;
	keep_search(task, search);
}

void
smc_request_volume_element_address(struct scsi_task *task)
{
	struct status_drive drives[JB_DRIVES_MAX];
	struct status_page pages[SMC_TYPES];
	struct status_request req = {
		.smc = smc_of(task->lu),
		.voltag = task->cdb[1] & VOLTAG,
		.drives = drives,
	};
	size_t whole = STATUS_HEADER_LEN;
	struct search search;
	unsigned n;

	load_search(task, &search);
	if (!search.sent) {
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_SEQUENCE, 0);
		return;
	}
	n = search_pages(&search, &req, get_be16(task->cdb + ADDRESS), pages);
	for (unsigned i = 0; i < n; i++)
		whole += STATUS_HEADER_LEN + status_page_length(&pages[i]);
	report_found(task, &search, &req, pages, n, whole);
}
