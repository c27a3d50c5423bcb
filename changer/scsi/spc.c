/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The small commands that every device type shares.
 */
#include "changer/scsi/spc.h"

#include "changer/base/be.h"
#include "changer/scsi/nexus.h"

/* SPC-4 6.47.  The answer is in the unit attention and readiness that dispatch asked for. */
void
spc_test_unit_ready(struct scsi_task *task)
{
}

/* SPC-4 6.33 */
void
spc_report_luns(struct scsi_task *task)
{
	enum { ADDRESSED = 0x00, WELL_KNOWN = 0x01, ALL = 0x02, HEADER = 8 };
	uint8_t select = task->cdb[2];
	struct wbuf w;

	if (select != ADDRESSED && select != WELL_KNOWN && select != ALL) {
		task_invalid_field(task, true, 2);
		return;
	}
	task_reply_begin(task, &w);
	wb_zero(&w, HEADER);
	for (unsigned lun = 0; lun < SCSI_LUNS_MAX && select != WELL_KNOWN; lun++) {
		if (scsi_device_lu(task->nexus->device, lun) == NULL)
			continue;
		wb_be16(&w, (uint16_t)lun); /* peripheral device addressing, SAM-5 4.7.7.2 */
		wb_zero(&w, 6);
	}
	wb_patch_be32(&w, 0, (uint32_t)(w.len - HEADER));
	task_reply_end(task, &w, get_be32(task->cdb + 6));
	scsi_nexus_forget_ua(task->nexus, SCSI_UA_LUNS_CHANGED >> 8, SCSI_UA_LUNS_CHANGED & 0xff);
}

/* SPC-4 6.42: the default self-test, which a unit that answers has passed.  No other, and no pages. */
void
spc_send_diagnostic(struct scsi_task *task)
{
	enum { SELF_TEST_CODE = 0xe0, LIST_LENGTH = 3 };

	task->out_want = get_be16(task->cdb + LIST_LENGTH);
	if (task->cdb[1] & SELF_TEST_CODE)
		task_invalid_field(task, true, 1);
	else if (task->out_want != 0)
		task_invalid_field(task, true, LIST_LENGTH);
}
