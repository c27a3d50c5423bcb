/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The device's lock, and which unit has which LUN: every file of this layer needs them. */
#include "changer/base/be.h"
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

/* Looks at the two top bits of byte 0, which are the addressing method.  In peripheral device addressing
 * (00b) the other six bits are a bus number, 0 for units of this target.  In flat space addressing (01b) a
 * 14-bit number follows.  The other three levels of the eight bytes must be empty. */
int
scsi_lun_decode(const uint8_t lun[8])
{
	enum { METHOD_PERIPHERAL = 0, METHOD_FLAT = 1 };
	unsigned method = lun[0] >> 6;

	if (get_be16(lun + 2) != 0 || get_be32(lun + 4) != 0)
		return -1;
	if (method == METHOD_PERIPHERAL)
		return (lun[0] & 0x3f) == 0 ? lun[1] : -1;
	if (method == METHOD_FLAT)
		return get_be16(lun) & 0x3fff;
	return -1;
}
