/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The medium changer (SMC-3): a logical unit over the jukebox's elements and its robot.
 */
#ifndef CHANGER_SMC_SMC_H
#define CHANGER_SMC_SMC_H

#include "changer/jukebox.h"
#include "changer/scsi/lu.h"

/*
 * drive_lu gives the logical unit of a drive, for its LUN and device identifier (DVCID) in
 * element status; NULL: none.
 */
struct scsi_lu *smc_new(struct jukebox *jb, uint8_t lun,
	struct scsi_lu *(*drive_lu)(void *arg, unsigned drive), void *arg);
void smc_free(struct scsi_lu *lu);

#endif
