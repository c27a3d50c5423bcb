/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The inside of the SCSI layer: the set of logical units, the nexuses that reach it, and their locks.
 *
 * base/lock.h has the order of locks; the locks of a nexus are leaves.  The device's lock guards the list
 * of nexuses.  It also keeps a nexus from going away while another thread queues something for it.
 */
#ifndef CHANGER_SCSI_NEXUS_H
#define CHANGER_SCSI_NEXUS_H

#include <pthread.h>
#include <sys/queue.h>

#include "changer/base/lock.h"
#include "changer/scsi/port.h"
#include "changer/scsi/reserve.h"

/* A logical unit reset that waits in the queue of the unit's strand. */
struct lu_reset {
	struct strand_job job; /* must be first */
	struct scsi_lu *lu;
	bool queued; /* true: it waits in the queue and has not begun; device's lock */
};

struct scsi_port {
	struct scsi_device *device; /* borrowed */
	uint16_t id;		    /* relative target port identifier */
	struct scsi_map map;	    /* each entry is atomic; changed with the device's lock held */
};

struct scsi_device {
	pthread_mutex_t lock;	    /* guards the fields below, except save and save_arg */
	pthread_cond_t resets_done; /* signalled when resets becomes 0 */
	unsigned resets;	    /* how many resets are queued or running */
	/* by LUN; its lu stays set after the unit was removed */
	struct lu_reset reset[SCSI_LUNS_MAX];
	/* by LUN, also of LUNs without a unit */
	struct reservations reservations[SCSI_LUNS_MAX];
	/* See scsi_device_set_save.  NULL: reservations are not saved. */
	bool (*save)(void *arg, unsigned lun, const char *text, size_t size);
	void *save_arg; /* passed to save */
	/* stored with release order; read without the lock */
	struct scsi_lu *lu[SCSI_LUNS_MAX];
	TAILQ_HEAD(, scsi_nexus) nexuses; /* all of the device, through all ports */
	struct scsi_port port;		  /* the first one */
};

struct scsi_nexus {
	struct scsi_device *device;
	struct scsi_port *target_port; /* borrowed */
	TAILQ_ENTRY(scsi_nexus) link;  /* in device->nexuses */
	/* held while check_ua runs, because two commands of a nexus may run at once */
	pthread_mutex_t check;
	pthread_mutex_t ua; /* guards the queues of unit attentions; a leaf */
	/* by the number of the unit, also of units that the target port does not reach; stored with release
	 * order; never freed before the nexus */
	struct scsi_itl *itl[SCSI_LUNS_MAX];
	/* SCSI name of the initiator port; the text stands behind that of initiator */
	const char *port;
	char initiator[]; /* name of the initiator, with a NUL */
};

/* Takes the device's lock.  Blocks only for moments: nobody holds it over I/O. */
void scsi_device_enter(struct scsi_device *dev) ACQUIRES(scsi_device_lock);
/* Releases the device's lock. */
void scsi_device_leave(struct scsi_device *dev) RELEASES(scsi_device_lock);

/* Returns the state that the nexus has with the unit of that number, which must be below SCSI_LUNS_MAX.  Also
 * returns that of a unit that was removed.  NULL if the nexus never had one, or memory was missing.  No
 * lock. */
struct scsi_itl *scsi_nexus_itl(struct scsi_nexus *nexus, unsigned unit);
/* Releases what the nexus holds in the unit of that number: calls nexus_lost, also for a removed unit, and
 * ends its RESERVE.  Persistent reservations stay. */
void scsi_nexus_release(struct scsi_nexus *nexus, unsigned unit) REQUIRES(scsi_device_lock);
/* Makes the state that each nexus of the port has with the unit of that number like a new one, with only
 * 29h/00h pending.  Does nothing if the device does not have the unit. */
void scsi_nexus_renew_unit(struct scsi_port *port, unsigned unit) REQUIRES(scsi_device_lock);
/* Queues 3Fh/0Eh for the units that the nexuses of the port reach, except for those whose entry in `but`, by
 * LUN, is true. */
void scsi_nexus_luns_changed(struct scsi_port *port, const bool but[SCSI_LUNS_MAX])
	REQUIRES(scsi_device_lock);
/* Gives every nexus its state for the unit, with 29h/00h pending and nothing else; a nexus for which memory
 * is missing gets none.  Queues 3Fh/0Eh for all other units of the nexuses that reach it.  The caller publishes the unit after this. */
void scsi_nexus_add_lu(struct scsi_device *dev, struct scsi_lu *lu) REQUIRES(scsi_device_lock);
/* Releases what every nexus holds in the unit, removes the unit's reservations and keys, and queues 3Fh/0Eh
 * for all other units of the nexuses that reached it.  Keeps the states, because commands for the unit may still be running. */
void scsi_nexus_remove_lu(struct scsi_device *dev, struct scsi_lu *lu) REQUIRES(scsi_device_lock);
/* Removes a unit attention from the queues of all units of the nexus, because it has just been reported
 * (SPC-4 6.33). */
void scsi_nexus_forget_ua(struct scsi_nexus *nexus, uint8_t asc, uint8_t ascq);

/* Lets the device type queue the unit attentions that are new for the nexus (check_ua).  Then removes the
 * oldest one from the queue, stores it in *code as ASC << 8 | ASCQ, and returns true.  Returns false, with
 * *code untouched, if none is pending.  Any thread, no lock held. */
bool itl_next_ua(struct scsi_itl *itl, uint16_t *code);

#endif
