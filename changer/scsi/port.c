/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which units a target port reaches, and what changes when they change. */
#include "changer/scsi/port.h"

#include <assert.h>
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

void
scsi_port_free(struct scsi_port *port)
{
	struct scsi_map none;

	if (port == NULL)
		return;
	memset(none.unit, SCSI_NO_UNIT, sizeof(none.unit));
	scsi_port_set_map(port, &none);
	free(port);
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

/* ---- another map ------------------------------------------------------------------------------ */

/* Ends what initiators hold in a unit through the port, which does not reach it any more: RESERVE, PREVENT,
 * registrations.  Stores the registrations that stay, if APTPL is on.  Waits for the unit's strand. */
static void
give_up(struct scsi_port *port, struct scsi_lu *lu)
{
	struct scsi_device *dev = port->device;
	struct scsi_nexus *nexus;
	bool removed;

	strand_enter(lu->strand);
	scsi_device_enter(dev);
	TAILQ_FOREACH(nexus, &dev->nexuses, link)
	{
		if (nexus->target_port == port)
			scsi_nexus_release(nexus, lu->lun);
	}
	removed = persist_forget_target_port(lu, port->id);
	scsi_device_leave(dev);
	if (removed)
		persist_store(lu);
	strand_leave(lu->strand);
}

/* Takes away the units whose LUN is another one, or is no more, in the new map. */
static void
take_away(struct scsi_port *port, const struct scsi_map *map)
{
	for (unsigned lun = 0; lun < SCSI_LUNS_MAX; lun++) {
		uint8_t unit = unit_at(port, lun);
		struct scsi_lu *lu;

		if (unit == map->unit[lun])
			continue;
		__atomic_store_n(&port->map.unit[lun], SCSI_NO_UNIT, __ATOMIC_RELEASE);
		lu = scsi_device_lu(port->device, unit);
		if (lu != NULL)
			give_up(port, lu);
	}
}

/* Adds the units whose LUNs are new in the map, which take_away has cleared.  All other units of the port get 3Fh/0Eh. */
static void
add(struct scsi_port *port, const struct scsi_map *map)
{
	bool is_new[SCSI_LUNS_MAX];

	scsi_device_enter(port->device);
	for (unsigned lun = 0; lun < SCSI_LUNS_MAX; lun++) {
		is_new[lun] = unit_at(port, lun) != map->unit[lun];
		if (!is_new[lun])
			continue;
		scsi_nexus_renew_unit(port, map->unit[lun]);
		__atomic_store_n(&port->map.unit[lun], map->unit[lun], __ATOMIC_RELEASE);
	}
	scsi_nexus_luns_changed(port, is_new);
	scsi_device_leave(port->device);
}

void
scsi_port_set_map(struct scsi_port *port, const struct scsi_map *map)
{
	assert(port != &port->device->port);
	if (memcmp(&port->map, map, sizeof(*map)) == 0)
		return;
	take_away(port, map);
	add(port, map);
}
