/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inside of the SCSI layer: reservations of a logical unit.
 *
 * There are two kinds, which exclude each other.  RESERVE and RELEASE (SPC-2 5.5) belong to a nexus and
 * end with it.  Persistent reservations (SPC-4 5.12) belong to initiator ports that have registered a
 * key, and stay while nobody is logged in.  They also survive a restart of the daemon, if the initiator
 * asks for that (APTPL) and the device can store them.
 */
#ifndef CHANGER_SCSI_RESERVE_H
#define CHANGER_SCSI_RESERVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "changer/base/lock.h"

struct scsi_device;
struct scsi_lu;
struct scsi_nexus;
struct scsi_task;

LOCK_CLASS(scsi_device_lock);

/* SPC-4 6.15.3.4, table of type codes */
enum persist_type {
	PERSIST_NONE = 0,
	PERSIST_WRITE_EXCLUSIVE = 1,
	PERSIST_EXCLUSIVE_ACCESS = 3,
	/* registrants only: one port holds it, all registrants may pass */
	PERSIST_WRITE_EXCLUSIVE_RO = 5,
	PERSIST_EXCLUSIVE_ACCESS_RO = 6,
	PERSIST_WRITE_EXCLUSIVE_AR = 7, /* all registrants hold it */
	PERSIST_EXCLUSIVE_ACCESS_AR = 8,
};

enum { REGISTRANTS_MAX = 64 }; /* of one logical unit */

struct registrant {
	TAILQ_ENTRY(registrant) link;
	uint64_t key; /* not 0 */
	char port[];  /* the SCSI name of the initiator port */
};

/* The reservations of one logical unit.  The device's lock guards them. */
struct reservations {
	bool active;			      /* atomic; false: no nexus can be refused */
	const struct scsi_nexus *reserved_by; /* by RESERVE; NULL: no nexus */
	enum persist_type type;		      /* type of the persistent reservation */
	/* NULL if there is none, or all registrants hold it */
	const struct registrant *holder;
	TAILQ_HEAD(, registrant) registrants;
	unsigned nregistrants;
	uint32_t generation;
	bool aptpl; /* the last registration asked for APTPL: they are stored */
};

/* Makes *r empty: no reservation and no key. */
void reservations_init(struct reservations *r);
/* Frees all registrations.  Leaves the reservation itself. */
void reservations_fini(struct reservations *r);
/* Removes all keys and reservations of a unit that is removed. */
void reservations_clear(struct reservations *r) REQUIRES(scsi_device_lock);
/* Returns the reservations of a unit that is in a device. */
struct reservations *reservations_of(const struct scsi_lu *lu);
/* Ends the RESERVE of a nexus that ends (SPC-2 5.5.1).  nexus NULL: the unit is reset, and any RESERVE
 * ends.  Registered keys stay. */
void reservations_lost(struct reservations *r, const struct scsi_nexus *nexus)
	REQUIRES(scsi_device_lock);

/* Returns true if the type code is one of enum persist_type, except PERSIST_NONE. */
bool persist_is_type(uint8_t type);
/* Returns true for the types 7 and 8: all registrants hold the reservation. */
bool persist_all_hold(enum persist_type type);
/* Returns true for the types 5 to 8: no registrant conflicts with the reservation. */
bool persist_all_may_pass(enum persist_type type);

/* Returns the registration of the nexus' port; NULL if it has none. */
struct registrant *registrant_find(const struct reservations *r, const struct scsi_nexus *nexus)
	REQUIRES(scsi_device_lock);
/* Returns true if there is a persistent reservation and the registrant (NULL: none) holds it. */
bool registrant_holds(const struct reservations *r, const struct registrant *who)
	REQUIRES(scsi_device_lock);
/* Sets the persistent reservation.  holder NULL: all registrants hold it, or there is none. */
void reservations_set(struct reservations *r, enum persist_type type,
	const struct registrant *holder) REQUIRES(scsi_device_lock);

/* Makes a registration that is in no list.  Returns NULL if memory is missing. */
struct registrant *registrant_new(uint64_t key, const char *port);

/* Returns the persistent reservations as a text, which the caller frees.  *size is 0 if there are none.
 * Returns NULL if memory is missing.  (persist_save.c) */
char *reservations_text(const struct reservations *r, size_t *size) REQUIRES(scsi_device_lock);
/* Replaces the persistent reservations by those of a text.  Returns false if the text is not valid. */
bool reservations_take(struct reservations *r, const char *text, size_t size)
	REQUIRES(scsi_device_lock);

/* Returns true, and sets the status RESERVATION CONFLICT, if a reservation of another nexus forbids
 * the command. */
bool task_reserved_away(struct scsi_task *task);

/* Returns true, and sets the status RESERVATION CONFLICT, if the unit is reserved by RESERVE.
 * PERSISTENT RESERVE IN and OUT then conflict, even for the holder (SPC-4 5.12.3). */
bool reserve_prevails(struct scsi_task *task, const struct reservations *r)
	REQUIRES(scsi_device_lock);

#endif
