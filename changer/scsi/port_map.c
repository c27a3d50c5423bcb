/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A target port gets another map: what its initiators held ends, and they learn of it.  Only the thread that
 * changes the map runs this, so it reads the entries without a lock. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "changer/scsi/nexus.h"
#include "changer/scsi/port.h"

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
		uint8_t unit = port->map.unit[lun];
		struct scsi_lu *lu;

		if (unit == map->unit[lun])
			continue;
		__atomic_store_n(&port->map.unit[lun], SCSI_NO_UNIT, __ATOMIC_RELEASE);
		lu = scsi_device_lu(port->device, unit);
		if (lu != NULL)
			give_up(port, lu);
	}
}

/* Adds the units whose LUNs are new in the map, which take_away has cleared.  All other units of the port get
 * 3Fh/0Eh. */
static void
add(struct scsi_port *port, const struct scsi_map *map)
{
	bool is_new[SCSI_LUNS_MAX];

	scsi_device_enter(port->device);
	for (unsigned lun = 0; lun < SCSI_LUNS_MAX; lun++) {
		is_new[lun] = port->map.unit[lun] != map->unit[lun];
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
