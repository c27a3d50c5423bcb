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
	/* RO, registrants only: one port holds it, all registrants may pass */
	PERSIST_WRITE_EXCLUSIVE_RO = 5,
	PERSIST_EXCLUSIVE_ACCESS_RO = 6,
	PERSIST_WRITE_EXCLUSIVE_AR = 7, /* AR: all registrants hold it */
	PERSIST_EXCLUSIVE_ACCESS_AR = 8,
};

/* of one logical unit; the full status of all of them fits into SCSI_IN_MIN */
enum { REGISTRANTS_MAX = 64 };

/* The registration of one I_T nexus with a unit: an initiator port, through a target port. */
struct registrant {
	TAILQ_ENTRY(registrant) link; /* in registrants of the unit */
	uint64_t key;		      /* not 0 */
	uint16_t target_port; /* relative identifier of the port that it registered through */
	char port[];	      /* the SCSI name of the initiator port, with a NUL */
};

/* The reservations of one logical unit.  The device's lock guards them. */
struct reservations {
	bool active; /* atomic; false: there is no reservation of either kind */
	/* the nexus that RESERVE reserved for; NULL: none */
	const struct scsi_nexus *reserved_by;
	enum persist_type type; /* type of the persistent reservation */
	/* one of registrants; NULL if there is no persistent reservation, or all registrants hold it */
	const struct registrant *holder;
	TAILQ_HEAD(, registrant) registrants; /* oldest registration first */
	unsigned nregistrants;		      /* number of registrants */
	uint32_t generation; /* PRGENERATION (SPC-4 6.15.2): counts changes of registrations */
	bool aptpl;	     /* true: the last REGISTER set APTPL, so every change is stored */
};

/* Makes the list of registrations empty.  All other fields of *r must be zeros already.  No lock. */
void reservations_init(struct reservations *r);
/* Frees all registrations and turns APTPL off.  Leaves type and holder as they were; the caller sets them, or
 * frees *r. */
void reservations_fini(struct reservations *r);
/* Ends the RESERVE and the persistent reservation of a unit that is removed, frees all registrations, and
 * turns APTPL off.  Leaves PRGENERATION.  Stores nothing. */
void reservations_clear(struct reservations *r) REQUIRES(scsi_device_lock);
/* Returns the reservations of a unit, which must be, or have been, in a device.  Takes no lock; the fields
 * need the device's. */
struct reservations *reservations_of(const struct scsi_lu *lu);
/* Ends the RESERVE of that nexus, if it has one (SPC-2 5.5.1).  nexus NULL: ends the RESERVE of any nexus,
 * because the unit is reset.  Registrations and the persistent reservation stay. */
void reservations_lost(struct reservations *r, const struct scsi_nexus *nexus)
	REQUIRES(scsi_device_lock);

/* Returns true if the type code is one of enum persist_type, except PERSIST_NONE (0). */
bool persist_is_type(uint8_t type);
/* Returns true for the types 7 and 8: all registrants hold the reservation.  False for PERSIST_NONE. */
bool persist_all_hold(enum persist_type type);
/* Returns true for the types 5 to 8: no registrant conflicts with the reservation.  False for
 * PERSIST_NONE. */
bool persist_all_may_pass(enum persist_type type);

/* Returns the registration of the nexus (registrant_is); NULL if it is not registered. */
struct registrant *registrant_find(const struct reservations *r, const struct scsi_nexus *nexus)
	REQUIRES(scsi_device_lock);
/* Returns true if there is a persistent reservation and the registrant holds it, alone or with all others.
 * False for who NULL. */
bool registrant_holds(const struct reservations *r, const struct registrant *who)
	REQUIRES(scsi_device_lock);
/* Sets the type and the holder of the persistent reservation, and updates r->active.  holder NULL: all
 * registrants hold it, or there is none (PERSIST_NONE).  Stores nothing, and leaves PRGENERATION. */
void reservations_set(struct reservations *r, enum persist_type type,
	const struct registrant *holder) REQUIRES(scsi_device_lock);

/* Returns the registration of the initiator port of that name through that target port; NULL if there is none.
 * Compares names without regard to case, because RFC 7143 4.2.7.1 folds them to lower case. */
struct registrant *registrant_of(
	const struct reservations *r, const char *port, uint16_t target_port);
/* Returns true if that is the registration of the nexus. */
bool registrant_is(const struct registrant *who, const struct scsi_nexus *nexus);
/* Makes a registration with a copy of the initiator port's name, that is in no list and that free() frees.
 * Returns NULL if memory is missing. */
struct registrant *registrant_new(uint64_t key, const char *port, uint16_t target_port);
/* Removes the registrations through that target port, as if each were unregistered: a reservation that one
 * of them alone held ends, with 2Ah/04h for other registrants.  Returns true if there were any and the rest must be stored
 * (persist_store).  (persist_out.c) */
bool persist_forget_target_port(struct scsi_lu *lu, uint16_t target_port)
	REQUIRES(scsi_device_lock);
/* Stores the unit's registrations.  If that fails, the store keeps the old ones until they change again.
 * Strand held; takes the device's lock.  [blocks] */
void persist_store(struct scsi_lu *lu);

/* Returns the persistent reservations as a text with a NUL, which the caller frees, and its length in *size.
 * Without registrations, *size is 0 and the text "".  Returns NULL if memory is missing.  (persist_save.c) */
char *reservations_text(const struct reservations *r, size_t *size) REQUIRES(scsi_device_lock);
/* Replaces the registrations and the persistent reservation by those of a text of `size` bytes; size 0: by
 * none.  Turns APTPL off; the caller sets it.  Leaves RESERVE and PRGENERATION.  Returns false, with *r
 * unchanged, if the text is not valid or memory is missing. */
bool reservations_take(struct reservations *r, const char *text, size_t size)
	REQUIRES(scsi_device_lock);

/* Returns true, and sets the status RESERVATION CONFLICT, if a RESERVE or a persistent reservation of another
 * nexus forbids the command.  Returns false, with the status untouched, if the command may go on.  task->cmd
 * must be set, and not be CMD_UNRESERVED.  Takes the device's lock if there is a reservation. */
bool task_reserved_away(struct scsi_task *task);

/* Returns true, and sets the status RESERVATION CONFLICT, if the unit is reserved by RESERVE.  PERSISTENT
 * RESERVE IN and OUT then conflict, even for the nexus that reserved it (SPC-4 5.12.3).  Returns false, with
 * no effect, if it is not. */
bool reserve_prevails(struct scsi_task *task, const struct reservations *r)
	REQUIRES(scsi_device_lock);

#endif
