/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The optical drive and burner (MMC-6): a logical unit over one drive of the jukebox.
 */
#ifndef TARGET_MMC_MMC_H
#define TARGET_MMC_MMC_H

#include "changer/jukebox.h"
#include "changer/scsi/lu.h"

struct scsi_lu *mmc_new(struct drive *drive, uint8_t lun);
void mmc_free(struct scsi_lu *lu);

#endif
