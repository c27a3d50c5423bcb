/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Target ports (SAM-5 4.7.3): through a target port, initiators reach some of the units of a device, each by
 * the LUN that the port gives it.  A unit that several ports reach is one unit: its state, its identity and
 * its reservations are the same through each.
 *
 * Ownership: a device has its first port from the beginning.  The caller makes and frees all others.
 * Locks: the device's lock guards changes; any thread may look without it.
 */
#ifndef CHANGER_SCSI_PORT_H
#define CHANGER_SCSI_PORT_H

#include <stdint.h>

#include "changer/scsi/lu.h"

/* SCSI_PORT_FIRST: the relative target port identifier (SPC-4 7.8.6.8) of a device's first port.
 * SCSI_NO_UNIT: in a map, no unit has that LUN. */
enum { SCSI_PORT_FIRST = 1, SCSI_NO_UNIT = 0xff };

/* For each LUN the number of the unit that has it, or SCSI_NO_UNIT.  A number without a unit is the same as
 * SCSI_NO_UNIT, until the device has that unit. */
struct scsi_map {
	uint8_t unit[SCSI_LUNS_MAX];
};

/* Returns the device's first port, where the LUN of each unit is its number (struct scsi_lu).  Its map must
 * not be changed. */
struct scsi_port *scsi_device_port(struct scsi_device *dev);
/* Makes a port that reaches no unit.  id: its relative target port identifier; no other port of the device
 * may have it.  Persistent reservations remember it.  Returns NULL if memory is missing. */
struct scsi_port *scsi_port_new(struct scsi_device *dev, uint16_t id);
/* Ends what initiators hold through the port (scsi_port_set_map with no unit), and frees it.  It must not
 * have a nexus any more.  port may be NULL.  [blocks] */
void scsi_port_free(struct scsi_port *port);
/*
 * Gives the port another map, in which no unit may be twice.
 *
 * For a unit that the map takes away, or gives another LUN, releases what the port's nexuses hold (PREVENT,
 * RESERVE), and removes the registrations that were made through the port, also from the store; a reservation
 * that one of them alone held ends.  The port's nexuses get 29h/00h for a unit with a new LUN, and 3Fh/0Eh
 * for each unit that keeps its LUN.  Commands that wait for a unit that is taken away are answered as if no
 * unit had the LUN.  Does nothing if the map is the same.  Waits for the strands of units that are taken
 * away.  One call at a time for a port; the caller must hold no strand.  [blocks]
 */
void scsi_port_set_map(struct scsi_port *port, const struct scsi_map *map);
/* Returns the unit with that LUN; NULL if there is none, or lun is too high.  Any thread, no lock. */
struct scsi_lu *scsi_port_lu(struct scsi_port *port, unsigned lun);
/* Returns the target port of the nexus, valid as long as the nexus. */
struct scsi_port *scsi_nexus_target_port(const struct scsi_nexus *nexus);
/* Returns the LUN of the unit, also of one that the device does not have now; -1 if the port does not reach it.
 * Any thread, no lock. */
int scsi_port_lun(const struct scsi_port *port, const struct scsi_lu *lu);
/* Returns the unit that the nexus reaches by that LUN, in the form of SAM-5 4.7; NULL if there is none.  Any
 * thread, no lock. */
struct scsi_lu *scsi_nexus_lu(struct scsi_nexus *nexus, const uint8_t lun[8]);

/* Decodes a LUN of one level (SAM-5 4.7.7.2: peripheral addressing of bus 0, or flat addressing).  Returns
 * its number, which may be one that no unit has (up to 16383); -1 if the LUN is of another form. */
int scsi_lun_decode(const uint8_t lun[8]);

#endif
