/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which units a target port reaches. */
#include "changer/scsi/port.h"

#include <stdlib.h>
#include <string.h>

#include "changer/base/be.h"
#include "changer/scsi/nexus.h"

struct scsi_port *
scsi_device_port(struct scsi_device *dev)
{
	return &dev->port;
}

struct scsi_port *
scsi_port_new(struct scsi_device *dev, uint16_t id)
{
	struct scsi_port *port = calloc(1, sizeof(*port));

	if (port == NULL)
		return NULL;
	port->device = dev;
	port->id = id;
	memset(port->map.unit, SCSI_NO_UNIT, sizeof(port->map.unit));
	return port;
}

/* Returns the number of the unit that has the LUN, or SCSI_NO_UNIT.  No lock. */
static uint8_t
unit_at(const struct scsi_port *port, unsigned lun)
{
	return __atomic_load_n(&port->map.unit[lun], __ATOMIC_ACQUIRE);
}

struct scsi_lu *
scsi_port_lu(struct scsi_port *port, unsigned lun)
{
	return lun < SCSI_LUNS_MAX ? scsi_device_lu(port->device, unit_at(port, lun)) : NULL;
}

int
scsi_port_lun(const struct scsi_port *port, const struct scsi_lu *lu)
{
	for (unsigned lun = 0; lun < SCSI_LUNS_MAX; lun++)
		if (unit_at(port, lun) == lu->lun)
			return (int)lun;
	return -1;
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
