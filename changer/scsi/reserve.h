/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the SCSI layer: who has a logical unit for itself.
 *
 * Two ways exclude each other: RESERVE and RELEASE (SPC-2 5.5), held by one nexus and lost with it,
 * and persistent reservations (SPC-4 5.12), held by initiator ports that have registered a key and
 * kept while nobody is logged in; also while the daemon does not run, if that was asked for (APTPL)
 * and the device has somewhere to write them down.
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
	PERSIST_WRITE_EXCLUSIVE_RO = 5, /* registrants only: one holds it, all may pass */
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

/* Of one logical unit; guarded by the device's lock. */
struct reservations {
	bool active; /* atomic: some nexus may have to be refused; else none has */
	const struct scsi_nexus *reserved_by; /* RESERVE; NULL: nobody */
	enum persist_type type;		      /* of the persistent reservation */
	const struct registrant *holder;      /* NULL also when all registrants hold it */
	TAILQ_HEAD(, registrant) registrants;
	unsigned nregistrants;
	uint32_t generation;
	bool aptpl; /* they are written down; asked for by the last registration */
};

void reservations_init(struct reservations *r);
void reservations_fini(struct reservations *r);
/* The unit is taken out: keys and reservations go with it. */
void reservations_clear(struct reservations *r) REQUIRES(scsi_device_lock);
/* Those of a unit that a device has. */
struct reservations *reservations_of(const struct scsi_lu *lu);
/* The nexus ends; NULL: the unit is reset.  RESERVE is over (SPC-2 5.5.1), keys stay. */
void reservations_lost(struct reservations *r, const struct scsi_nexus *nexus)
	REQUIRES(scsi_device_lock);

bool persist_is_type(uint8_t type);
bool persist_all_hold(enum persist_type type);	   /* 7 and 8 */
bool persist_all_may_pass(enum persist_type type); /* 5 to 8 */

struct registrant *registrant_find(const struct reservations *r, const struct scsi_nexus *nexus)
	REQUIRES(scsi_device_lock);
bool registrant_holds(const struct reservations *r, const struct registrant *who)
	REQUIRES(scsi_device_lock);
/* Changes the persistent reservation; NULL: all registrants hold it, or there is none. */
void reservations_set(struct reservations *r, enum persist_type type,
	const struct registrant *holder) REQUIRES(scsi_device_lock);

/* A registration, in no list; NULL: no memory. */
struct registrant *registrant_new(uint64_t key, const char *port);

/* persist_keep.c: the persistent ones as text, which the caller frees; *size is 0 if there are none.
 * NULL: no memory. */
char *reservations_text(const struct reservations *r, size_t *size) REQUIRES(scsi_device_lock);
/* Puts those of a text in the place of what is there.  False: the text makes no sense. */
bool reservations_take(struct reservations *r, const char *text, size_t size)
	REQUIRES(scsi_device_lock);

/* True: another nexus has reserved the unit against this command; the status is set. */
bool task_reserved_away(struct scsi_task *task);

/* SPC-4 5.12.3: while RESERVE has the unit, PERSISTENT RESERVE IN and OUT conflict, for its holder
 * too.  True: it does; the status is set. */
bool reserve_prevails(struct scsi_task *task, const struct reservations *r)
	REQUIRES(scsi_device_lock);

#endif
