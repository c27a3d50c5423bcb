/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Short commands that every device type shares. */
#include "changer/scsi/spc.h"

#include "changer/base/be.h"
#include "changer/scsi/nexus.h"
#include "changer/scsi/sense.h"

void
spc_test_unit_ready(struct scsi_task *task)
{
}

/* Appends the LUNs of all units that the nexus reaches, and removes the unit attention 3Fh/0Eh, which the list tells.  Holds the device's
 * lock over both: a unit that comes meanwhile is in the list, or its unit attention stays pending. */
static void
list_luns(struct scsi_nexus *nexus, struct wbuf *w)
{
	scsi_device_enter(nexus->device);
	for (unsigned lun = 0; lun < SCSI_LUNS_MAX; lun++) {
		if (scsi_port_lu(nexus->target_port, lun) == NULL)
			continue;
		wb_be16(w, (uint16_t)lun); /* peripheral device addressing, SAM-5 4.7.7.2 */
		wb_zero(w, 6);
	}
	scsi_nexus_forget_ua(nexus, SCSI_UA_LUNS_CHANGED >> 8, SCSI_UA_LUNS_CHANGED & 0xff);
	scsi_device_leave(nexus->device);
}

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
	if (select == WELL_KNOWN) /* there are none, so this list tells nothing about the others */
		scsi_nexus_forget_ua(
			task->nexus, SCSI_UA_LUNS_CHANGED >> 8, SCSI_UA_LUNS_CHANGED & 0xff);
	else
		list_luns(task->nexus, &w);
	wb_patch_be32(&w, 0, (uint32_t)(w.len - HEADER));
	task_reply_end(task, &w, get_be32(task->cdb + 6));
}

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

void
spc_request_sense(struct scsi_task *task)
{
	enum {
		DESC = 0x01,
		SENSE_DESCRIPTOR = 0x72, /* SPC-4 4.5.2: current, descriptor format */
		DESCRIPTOR_LEN = 8,	 /* without descriptors */
	};
	uint8_t key = KEY_NO_SENSE, asc = 0, ascq = 0;
	struct scsi_progress progress;
	bool under_way = false;
	uint16_t ua;
	struct wbuf w;

	if (task->lu == NULL) {
		key = KEY_ILLEGAL_REQUEST;
		asc = ASC_NO_SUCH_LUN;
	} else if (itl_next_ua(task->itl, &ua)) {
		key = KEY_UNIT_ATTENTION;
		asc = (uint8_t)(ua >> 8);
		ascq = (uint8_t)ua;
	} else if (task->lu->type->progress != NULL &&
		   task->lu->type->progress(task->lu, &progress)) {
		under_way = true;
		asc = progress.asc;
		ascq = progress.ascq;
	}
	task_reply_begin(task, &w);
	if (task->cdb[1] & DESC) {
		wb_u8(&w, SENSE_DESCRIPTOR);
		wb_u8(&w, key);
		wb_u8(&w, asc);
		wb_u8(&w, ascq);
		wb_zero(&w, DESCRIPTOR_LEN - 4);
	} else {
		uint8_t fixed[SCSI_SENSE_LEN];

		sense_fixed(fixed, key, asc, ascq);
		if (under_way) {
			fixed[15] = SKS_VALID;
			put_be16(fixed + 16, progress.done);
		}
		wb_bytes(&w, fixed, sizeof(fixed));
	}
	task_reply_end(task, &w, task->cdb[4]);
}
