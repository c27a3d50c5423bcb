/* SPDX-License-Identifier: GPL-2.0-or-later */
/* INQUIRY (SPC-4 6.4) and its vital product data (SPC-4 7.8). */
#include <string.h>

#include "changer/base/be.h"
#include "changer/scsi/nexus.h"
#include "changer/scsi/sense.h"
#include "changer/scsi/spc.h"
#include "changer/scsi/task.h"

enum {
	EVPD = 0x01,
	CMDDT = 0x02, /* obsolete since SPC-3 */

	NO_UNIT = 0x7f, /* peripheral qualifier 011b, device type 1Fh */
	RMB = 0x80,	/* removable medium; set for a changer too */
	VERSION_SPC4 = 0x06,
	HISUP_FORMAT2 = 0x12,
	CMDQUE = 0x02,
	STANDARD_LEN = 96,
	MAX_VERSIONS = 8,

	/* SPC-4 7.8.6.2, designation descriptors */
	CODE_SET_BINARY = 1,
	CODE_SET_ASCII = 2,
	ASSOCIATION_PORT = 1 << 4,
	DESIGNATOR_T10 = 1,
	DESIGNATOR_NAA = 3,
	DESIGNATOR_RELATIVE_PORT = 4,
};

/* Appends STANDARD_LEN bytes of standard INQUIRY data.  lu NULL: for a LUN without a unit, with the qualifier
 * 011b, blanks for the names, and no version descriptors.  w must be empty. */
static void
build_standard(struct scsi_lu *lu, struct wbuf *w)
{
	struct scsi_identity id;
	unsigned n = 0;

	memset(&id, 0, sizeof(id));
	if (lu != NULL)
		lu->type->identity(lu, &id);
	wb_u8(w, lu != NULL ? lu->type->type : NO_UNIT);
	wb_u8(w, lu != NULL ? RMB : 0);
	wb_u8(w, VERSION_SPC4);
	wb_u8(w, HISUP_FORMAT2);
	wb_u8(w, STANDARD_LEN - 5);
	wb_zero(w, 2);
	wb_u8(w, CMDQUE);
	wb_pad_str(w, id.vendor, 8, ' ');
	wb_pad_str(w, id.product, 16, ' ');
	wb_pad_str(w, id.revision, 4, ' ');
	wb_zero(w, 22); /* vendor specific, obsolete, reserved */
	for (; lu != NULL && n < MAX_VERSIONS && lu->type->versions[n] != 0; n++)
		wb_be16(w, lu->type->versions[n]);
	wb_zero(w, STANDARD_LEN - w->len);
}

/* ---- vital product data --------------------------------------------------------------------- */

/* Appends the content of page 80h: the serial number, as long as it is. */
static void
vpd_serial(const struct scsi_task *task, const struct scsi_identity *id, struct wbuf *w)
{
	wb_bytes(w, id->serial, strlen(id->serial));
}

void
spc_t10_designator(const struct scsi_identity *id, struct wbuf *w)
{
	size_t len = strlen(id->serial);

	wb_u8(w, CODE_SET_ASCII);
	wb_u8(w, DESIGNATOR_T10);
	wb_u8(w, 0);
	wb_u8(w, (uint8_t)(8 + 16 + len));
	wb_pad_str(w, id->vendor, 8, ' ');
	wb_pad_str(w, id->product, 16, ' ');
	wb_bytes(w, id->serial, len);
}

/* Appends the content of page 83h: the T10 vendor ID and NAA designators of the unit, and the relative target
 * port identifier of the port that the command came through. */
static void
vpd_identification(const struct scsi_task *task, const struct scsi_identity *id, struct wbuf *w)
{
	spc_t10_designator(id, w);
	wb_u8(w, CODE_SET_BINARY);
	wb_u8(w, DESIGNATOR_NAA);
	wb_u8(w, 0);
	wb_u8(w, sizeof(id->naa));
	wb_bytes(w, id->naa, sizeof(id->naa));
	wb_u8(w, CODE_SET_BINARY);
	wb_u8(w, ASSOCIATION_PORT | DESIGNATOR_RELATIVE_PORT);
	wb_u8(w, 0);
	wb_u8(w, 4);
	wb_be32(w, task->nexus->target_port->id);
}

static void vpd_pages(const struct scsi_task *task, const struct scsi_identity *id, struct wbuf *w);

/* In ascending order, as page 00h lists them (SPC-4 7.8.14). */
static const struct vpd_page {
	uint8_t code;
	/* appends the content of the page, without its header; task: the INQUIRY, with a unit */
	void (*build)(const struct scsi_task *task, const struct scsi_identity *id, struct wbuf *w);
} vpd_table[] = {
	{0x00, vpd_pages},
	{0x80, vpd_serial},
	{0x83, vpd_identification},
};

enum { NVPD = sizeof(vpd_table) / sizeof(vpd_table[0]) };

/* Appends the content of page 00h: the codes of all pages. */
static void
vpd_pages(const struct scsi_task *task, const struct scsi_identity *id, struct wbuf *w)
{
	for (unsigned i = 0; i < NVPD; i++)
		wb_u8(w, vpd_table[i].code);
}

/* Appends a VPD page with its header to w, which must be empty.  Returns false, and appends nothing, if there
 * is no page with that code. */
static bool
build_vpd(const struct scsi_task *task, uint8_t code, struct wbuf *w)
{
	struct scsi_lu *lu = task->lu;
	struct scsi_identity id;

	for (unsigned i = 0; i < NVPD; i++) {
		if (vpd_table[i].code != code)
			continue;
		memset(&id, 0, sizeof(id));
		lu->type->identity(lu, &id);
		wb_u8(w, lu->type->type);
		wb_u8(w, code);
		wb_be16(w, 0);
		vpd_table[i].build(task, &id, w);
		wb_patch_be16(w, 2, (uint16_t)(w->len - 4));
		return true;
	}
	return false;
}

void
spc_inquiry(struct scsi_task *task)
{
	uint8_t evpd = task->cdb[1] & EVPD, page = task->cdb[2];
	struct wbuf w;

	if (task->cdb[1] & CMDDT) {
		task_invalid_field(task, true, 1);
		return;
	}
	if (!evpd && page != 0) {
		task_invalid_field(task, true, 2);
		return;
	}
	if (evpd && task->lu == NULL) {
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_NO_SUCH_LUN, 0);
		return;
	}
	task_reply_begin(task, &w);
	if (!evpd) {
		build_standard(task->lu, &w);
	} else if (!build_vpd(task, page, &w)) {
		task_invalid_field(task, true, 2);
		return;
	}
	task_reply_end(task, &w, get_be16(task->cdb + 3));
}
