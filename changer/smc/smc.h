/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The medium changer (SMC-3): a logical unit over the jukebox's elements and its robot. */
#ifndef CHANGER_SMC_SMC_H
#define CHANGER_SMC_SMC_H

#include "changer/jukebox.h"
#include "changer/scsi/lu.h"

/* Makes the logical unit of the changer, on the robot's strand; it is in no device yet.  drive_lu returns the
 * logical unit of a drive by its number, or NULL if the drive has none; element status shows its LUN and its
 * device identifier (DVCID).  drive_lu may be NULL; it is called with the robot's strand held, and arg is
 * passed to it.  Returns NULL if memory is missing. */
struct scsi_lu *smc_new(struct jukebox *jb, uint8_t lun,
	struct scsi_lu *(*drive_lu)(void *arg, unsigned drive), void *arg);
/* Frees the unit.  No device may have it any more, so free it after the device.  lu may be NULL. */
void smc_free(struct scsi_lu *lu);

#endif
