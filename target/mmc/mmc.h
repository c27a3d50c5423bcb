/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The optical drive and burner (MMC-6): a SCSI logical unit for one drive of the jukebox.  The folder's
 * README lists its files.
 */
#ifndef TARGET_MMC_MMC_H
#define TARGET_MMC_MMC_H

#include "changer/jukebox.h"
#include "changer/scsi/lu.h"

/* Makes the unit of `drive`, with number `lun`, in no device yet.  It borrows the drive and the drive's
 * strand, which must outlive the unit.  Returns NULL if there is no memory. */
struct scsi_lu *mmc_new(struct drive *drive, uint8_t lun);
/* Frees a unit that mmc_new made.  No command of it may be running or queued.  NULL is allowed. */
void mmc_free(struct scsi_lu *lu);

#endif
