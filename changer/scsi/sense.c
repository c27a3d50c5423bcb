/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sense data of the command that failed. */
#include "changer/scsi/sense.h"

#include <string.h>

#include "changer/base/be.h"
#include "changer/scsi/task.h"

enum {
	SENSE_FIXED = 0x70, /* SPC-4 4.5.3: current, fixed format */
	SENSE_VALID = 0x80,
	SKS_IN_CDB = 0x40,
};

void
sense_fixed(uint8_t sense[SCSI_SENSE_LEN], uint8_t key, uint8_t asc, uint8_t ascq)
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
	sense_fixed(task->sense, key, asc, ascq);
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
