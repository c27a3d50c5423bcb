/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sense data: of the command that failed, and REQUEST SENSE.
 */
#include "changer/scsi/sense.h"

#include <string.h>

#include "changer/base/be.h"
#include "changer/scsi/nexus.h"
#include "changer/scsi/spc.h"
#include "changer/scsi/task.h"

enum {
	SENSE_FIXED = 0x70,	 /* SPC-4 4.5.3: current, fixed format */
	SENSE_DESCRIPTOR = 0x72, /* SPC-4 4.5.2: current, descriptor format */
	SENSE_VALID = 0x80,
	DESCRIPTOR_LEN = 8, /* without descriptors */
	SKS_VALID = 0x80,
	SKS_IN_CDB = 0x40,
};

static void
fill_fixed(uint8_t sense[SCSI_SENSE_LEN], uint8_t key, uint8_t asc, uint8_t ascq)
{
	memset(sense, 0, SCSI_SENSE_LEN);
	sense[0] = SENSE_FIXED;
	sense[2] = key;
	sense[7] = SCSI_SENSE_LEN - 8;
	sense[12] = asc;
	sense[13] = ascq;
}

void
task_sense(struct scsi_task *task, uint8_t key, uint8_t asc, uint8_t ascq)
{
	fill_fixed(task->sense, key, asc, ascq);
	task->status = SCSI_CHECK_CONDITION;
	task->in_len = 0;
}

void
task_invalid_field(struct scsi_task *task, bool in_cdb, uint16_t byte)
{
	task_sense(task, KEY_ILLEGAL_REQUEST, in_cdb ? ASC_INVALID_IN_CDB : ASC_INVALID_IN_LIST, 0);
	task->sense[15] = SKS_VALID | (in_cdb ? SKS_IN_CDB : 0);
	put_be16(task->sense + 16, byte);
}

void
task_sense_information(
	struct scsi_task *task, uint8_t key, uint8_t asc, uint8_t ascq, uint32_t information)
{
	task_sense(task, key, asc, ascq);
	task->sense[0] |= SENSE_VALID;
	put_be32(task->sense + 3, information);
}

/*
 * SPC-4 6.39: the oldest unit attention, which is thereby reported; else NO SENSE, since the sense
 * of a failed command went out with its status (autosense).  An absent medium is no matter of this
 * command, but of TEST UNIT READY.  Of what is under way in the background it tells how far it is.
 */
void
spc_request_sense(struct scsi_task *task)
{
	enum { DESC = 0x01 };
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

		fill_fixed(fixed, key, asc, ascq);
		if (under_way) {
			fixed[15] = SKS_VALID;
			put_be16(fixed + 16, progress.done);
		}
		wb_bytes(&w, fixed, sizeof(fixed));
	}
	task_reply_end(task, &w, task->cdb[4]);
}
