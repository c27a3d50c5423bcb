/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The medium changer (SMC-3): a logical unit over the jukebox's elements and its robot. */
#ifndef CHANGER_SMC_SMC_H
#define CHANGER_SMC_SMC_H

#include "changer/jukebox.h"
#include "changer/scsi/lu.h"

/* Makes the logical unit.  Element status shows the LUN and the device identifier (DVCID) of each
 * drive; drive_lu returns the drive's logical unit for that, or NULL if it has none.  Returns NULL if
 * memory is missing. */
struct scsi_lu *smc_new(struct jukebox *jb, uint8_t lun,
	struct scsi_lu *(*drive_lu)(void *arg, unsigned drive), void *arg);
/* Frees the unit.  No device may have it any more. */
void smc_free(struct scsi_lu *lu);

#endif
