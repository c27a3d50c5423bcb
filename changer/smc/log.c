/* SPDX-License-Identifier: GPL-2.0-or-later */
/* LOG SENSE (SPC-4 6.8): the list of pages, and TapeAlert (SMC-3 7.2.3), which all libraries have,
 * whatever their media are.  Nothing is stored, so there is no LOG SELECT. */
#include "changer/base/be.h"
#include "changer/scsi/spc.h"
#include "changer/smc/smc_lu.h"

enum {
	/* CDB fields */
	SAVE = 0x01,
	PAGE_CODE = 0x3f,
	/* page control 10b and 11b ask for defaults; the other two for current values */
	DEFAULTS = 0x80,
	POINTER = 5,
	ALLOCATION = 7,

	HEADER_LEN = 4,
};

/* The fields of a LOG SENSE that a page depends on. */
struct log_request {
	const struct smc *smc;
	bool defaults;	  /* true: default values are asked for, not current ones */
	uint16_t pointer; /* number of the first parameter that is asked for */
};

/* ---- TapeAlert --------------------------------------------------------------------------------- */

enum {
	FLAG_FIRST = 1,
	FLAG_LAST = 64,
	FLAG_STRAY_MEDIUM = 0x0c, /* a medium was left in the mechanism by an earlier failure */
	TSD_LIST = 0x23,	  /* not saved; a list parameter in binary format */
};

/* Returns true if a disc is in the picker and no move is under way for it.  An interrupted exchange leaves it
 * there until somebody moves it.  Takes the jukebox lock. */
static bool
is_medium_stray(const struct smc *smc)
{
	for (unsigned i = 0; i < jb_count(smc->jb, JB_PICKER); i++) {
		struct jb_elem picker = {JB_PICKER, jb_first_number(JB_PICKER) + i};
		struct jb_elem_status status;

		if (jb_elem_status(smc->jb, picker, &status) == JB_OK && status.full &&
			!status.reserved)
			return true;
	}
	return false;
}

/* Appends the TapeAlert flags from req->pointer on.  Only "stray medium" (0Ch) can be set, and not among the
 * defaults. */
static void
build_tape_alert(const struct log_request *req, struct wbuf *w)
{
	uint16_t first = req->pointer > FLAG_FIRST ? req->pointer : FLAG_FIRST;
	bool stray = !req->defaults && is_medium_stray(req->smc);

	for (uint16_t flag = first; flag <= FLAG_LAST; flag++) {
		wb_be16(w, flag);
		wb_u8(w, TSD_LIST);
		wb_u8(w, 1);
		wb_u8(w, flag == FLAG_STRAY_MEDIUM && stray);
	}
}

/* ---- the pages --------------------------------------------------------------------------------- */

static void build_list(const struct log_request *req, struct wbuf *w);

static const struct log_page {
	uint8_t code;
	uint16_t last_parameter; /* the highest number of a parameter; 0: the page has none */
	/* appends the content of the page, without its header */
	void (*build)(const struct log_request *req, struct wbuf *w);
} log_pages[] = {
	{0x00, 0, build_list},
	{0x2e, FLAG_LAST, build_tape_alert},
};

enum { NLOG_PAGES = sizeof(log_pages) / sizeof(log_pages[0]) };

/* Appends the codes of all log pages, in ascending order. */
static void
build_list(const struct log_request *req, struct wbuf *w)
{
	for (unsigned i = 0; i < NLOG_PAGES; i++)
		wb_u8(w, log_pages[i].code);
}

void
smc_log_sense(struct scsi_task *task)
{
	const struct log_request req = {
		.smc = smc_of(task->lu),
		.defaults = (task->cdb[2] & DEFAULTS) != 0,
		.pointer = get_be16(task->cdb + POINTER),
	};
	const struct log_page *page = NULL;
	struct wbuf w;

	for (unsigned i = 0; i < NLOG_PAGES; i++) {
		if (log_pages[i].code == (task->cdb[2] & PAGE_CODE))
			page = &log_pages[i];
	}
	if ((task->cdb[1] & SAVE) || page == NULL || task->cdb[3] != 0) {
		task_invalid_field(task, true, task->cdb[1] & SAVE ? 1 : page == NULL ? 2 : 3);
		return;
	}
	if (req.pointer > page->last_parameter) {
		task_invalid_field(task, true, POINTER);
		return;
	}
	task_reply_begin(task, &w);
	wb_u8(&w, page->code);
	wb_u8(&w, 0);
	wb_be16(&w, 0);
	page->build(&req, &w);
	wb_patch_be16(&w, 2, (uint16_t)(w.len - HEADER_LEN));
	task_reply_end(task, &w, get_be16(task->cdb + ALLOCATION));
}
