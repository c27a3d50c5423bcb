/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device's lock, and its units by number: every file of this layer needs them. */
#include "changer/scsi/nexus.h"

LOCK_CLASS_DEFINE(scsi_device_lock);

void
scsi_device_enter(struct scsi_device *dev) NO_LOCK_ANALYSIS
{
	pthread_mutex_lock(&dev->lock);
}

void
scsi_device_leave(struct scsi_device *dev) NO_LOCK_ANALYSIS
{
	pthread_mutex_unlock(&dev->lock);
}

struct scsi_lu *
scsi_device_lu(struct scsi_device *dev, unsigned lun)
{
	return lun < SCSI_LUNS_MAX ? __atomic_load_n(&dev->lu[lun], __ATOMIC_ACQUIRE) : NULL;
}
