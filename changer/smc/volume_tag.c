/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SEND VOLUME TAG and REQUEST VOLUME ELEMENT ADDRESS (SMC-3 6.16 and 6.13).  The first command searches for
 * labels with a template, or gives a disc a label.  The second one reports the elements that the last SEND
 * VOLUME TAG found or changed, by the state of the library when it is sent, each element once. */
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

/* The last SEND VOLUME TAG of a nexus; kept in its scsi_itl between commands. */
struct search {
	bool sent;			 /* false: there was none */
	uint8_t action, type;		 /* type: an element type, or STATUS_TYPE_ALL */
	uint32_t next;			 /* the lowest address that may still be reported */
	uint32_t end;			 /* the address after the last one that may be reported */
	char template[JB_LABEL_MAX + 1]; /* for a search only */
};

_Static_assert(sizeof(struct search) <= sizeof(((struct scsi_itl *)0)->kept), "room for a search");

/* Copies the last search of the nexus to *out.  Strand held. */
static void
load_search(const struct scsi_task *task, struct search *out)
{
	memcpy(out, task->itl->kept, sizeof(*out));
}

/* Stores the search for REQUEST VOLUME ELEMENT ADDRESS of the same nexus, in place of the last one.  Strand
 * held. */
static void
keep_search(const struct scsi_task *task, const struct search *search)
{
	memcpy(task->itl->kept, search, sizeof(*search));
}

/* ---- SEND VOLUME TAG ------------------------------------------------------------------------- */

/* Returns true if id matches the template: '*' is any number of characters, '?' is one, others are
 * themselves; case counts. */
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

/* Copies the volume identifier from the parameters to out, without the blanks or NULs that pad it; it may be
 * "".  Returns false, with INVALID FIELD IN PARAMETER LIST set, if a character is not printable ASCII.  The
 * caller has checked that there are parameters. */
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

/* Sets out_want and checks the length of the parameters.  Returns true if there are none (*any is false) or
 * at least 40 bytes (*any is true).  Linux's ch sends 255 bytes, of which the first 40 count.  Returns false,
 * with PARAMETER LIST LENGTH ERROR set, for any other length. */
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

/* Checks the range of volume sequence numbers in the parameters; all discs have number 0.  Returns true, with
 * *none true if 0 is not in the range, so that nothing can match.  Returns false, with INVALID FIELD IN
 * PARAMETER LIST set, if the range ends before it begins. */
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

/* Does the search actions of SEND VOLUME TAG: checks the CDB and the parameters, then keeps the template and
 * the range.  Without parameters, every label matches.  any_sequence is true if volume sequence numbers are
 * ignored.  If a check fails, sets sense and leaves the earlier search. */
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

/* Copies the label for a disc from the parameters.  Returns false with sense set: PARAMETER LIST LENGTH ERROR
 * if they are missing or too short; INVALID FIELD IN PARAMETER LIST if the label is empty, has a character
 * that is not printable ASCII, or has '*' or '?', which a search would take for a template. */
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

/* Gives the disc at the address in the CDB a label, or removes it (UNDEFINE), with jb_relabel; durable when
 * the command ends.  Then keeps a search that finds that element only.  If it fails, sets sense and leaves
 * the earlier search: INVALID FIELD IN CDB for ASSERT on a disc with a label, INVALID FIELD IN PARAMETER LIST
 * for a bad label, else the sense of the error. */
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
	unsigned npages, page; /* number of pages; index of the present one */
	size_t page_at;	       /* offset of the header of the present page; 0: it has none yet */
	unsigned count, max;   /* elements found; the most that may be reported */
	uint16_t first;	       /* address of the first element found */
	/* limit: allocation length.  whole: bytes up to the last complete descriptor or header within it */
	size_t limit, whole;
	uint32_t next;	/* address after the last element whose descriptor is sent completely */
	struct wbuf *w; /* the report so far */
};

/* Returns true if the element has a label that matches the template of the search; after a change of a label,
 * for any element. */
static bool
is_found(const struct search *search, const struct jb_elem_status *status)
{
	char id[JB_LABEL_MAX + 1];

	if (search->action >= ASSERT_PRIMARY)
		return true;
	return status_volume_id(status, id) > 0 && matches_template(search->template, id);
}

/* Sets f->whole to the present length of the report, if that is within the allocation length. */
static void
note_complete(struct found *f)
{
	if (f->w->len <= f->limit)
		f->whole = f->w->len;
}

/* Fills in the length in the header of the present page, if it has one; it then has none. */
static void
end_page(struct found *f)
{
	if (f->page_at != 0)
		wb_patch_be24(f->w, f->page_at + 5,
			(uint32_t)(f->w->len - f->page_at - STATUS_HEADER_LEN));
	f->page_at = 0;
}

/* Appends the descriptor of an element if the search matches it, and the page header before the first one of
 * a type.  Elements come in the order of the pages.  Counts also elements beyond the allocation length, which
 * are not sent.  Returns false if f->max elements were found already, or the element has no page: the report
 * then ends.  For jb_elem_list; jukebox lock held. */
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

/* Fills in req and the pages in which the search may have matches, from the address `from` on.  Returns the
 * number of pages; 0 if the search has no addresses left.  After a change of a label, that is the one element,
 * and 0 pages if it has been removed. */
static unsigned
search_pages(const struct search *search, struct status_request *req, uint16_t from,
	struct status_page pages[SMC_TYPES])
{
	unsigned n;

	req->type = search->type;
	req->start = search->next > from ? search->next : from;
	if (search->next >= search->end || req->start >= search->end)
		return 0;
	req->number = search->end - req->start;
	n = status_pages(req, pages);
	/* The number counts elements, so if the one at the address is gone, the next higher one is there. */
	return search->end < ADDRESSES && n > 0 && pages[0].range.first >= search->end ? 0 : n;
}

/* Ends the command with the report of the elements that the search finds in the n pages; `whole` is the most
 * bytes that it can have.  Sends no partial descriptor.  Stores the address at which the next report goes on
 * in *search, and keeps it for the nexus.  If memory is missing, sets sense and leaves the search. */
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
		.port = scsi_nexus_target_port(task->nexus),
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
