/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * REPORT KEY, MMC-6.  No disc here is encrypted, so only the region state is supported, which Windows
 * asks of each DVD drive.  All other key formats are refused.
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

/* Carries out REPORT KEY.  Reports that no region is set and none is enforced.  Refuses key classes other
 * than 0 (DVD), and key formats other than 08h (region state).  Needs no disc. */
void
mmc_report_key(struct scsi_task *task)
{
	enum {
		CLASS_DVD = 0,
		FORMAT_RPC_STATE = 0x08,
		VENDOR_RESETS = 4 << 3,
		USER_CHANGES = 5,
		REGION_NONE = 0xff, /* a bit set for each region that does not play */
	};
	struct wbuf w;

	if (task->cdb[7] != CLASS_DVD) {
		task_invalid_field(task, true, 7);
		return;
	}
	if ((task->cdb[10] & 0x3f) != FORMAT_RPC_STATE) {
		task_invalid_field(task, true, 10);
		return;
	}
	task_reply_begin(task, &w);
	wb_be16(&w, 6);
	wb_zero(&w, 2);
	wb_u8(&w, VENDOR_RESETS | USER_CHANGES); /* type: no region is set */
	wb_u8(&w, REGION_NONE);
	wb_u8(&w, 0); /* the drive enforces no region */
	wb_u8(&w, 0);
	task_reply_end(task, &w, get_be16(task->cdb + 8));
}
