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
#include "changer/scsi/lu.h"
#include "changer/scsi/reserve.h"

/* A logical unit reset that waits in the queue of the unit's strand. */
struct lu_reset {
	struct strand_job job;
	struct scsi_lu *lu;
	bool queued;
};

struct scsi_device {
	pthread_mutex_t lock;
	pthread_cond_t resets_done;
	unsigned resets; /* how many are queued */
	struct lu_reset reset[SCSI_LUNS_MAX];
	struct reservations reservations[SCSI_LUNS_MAX];
	/* See scsi_device_set_save.  NULL: reservations are not saved. */
	bool (*save)(void *arg, unsigned lun, const char *text, size_t size);
	void *save_arg;
	struct scsi_lu *lu[SCSI_LUNS_MAX]; /* published with release order */
	TAILQ_HEAD(, scsi_nexus) nexuses;
};

struct scsi_nexus {
	struct scsi_device *device;
	TAILQ_ENTRY(scsi_nexus) link;
	/* held while check_ua runs, because two commands of a nexus may run at once */
	pthread_mutex_t check;
	pthread_mutex_t ua;		     /* guards the queues of unit attentions */
	struct scsi_itl *itl[SCSI_LUNS_MAX]; /* published with release order */
	const char *port;		     /* the text follows after initiator */
	char initiator[];
};

/* Takes the device's lock. */
void scsi_device_enter(struct scsi_device *dev) ACQUIRES(scsi_device_lock);
/* Releases the device's lock. */
void scsi_device_leave(struct scsi_device *dev) RELEASES(scsi_device_lock);

/* Returns the state that the nexus has with that unit; NULL if memory was missing when the unit was
 * added. */
struct scsi_itl *scsi_nexus_itl(struct scsi_nexus *nexus, unsigned lun);
/* Gives every nexus its state for a unit that is added, and the unit attention about LUNs. */
void scsi_nexus_add_lu(struct scsi_device *dev, struct scsi_lu *lu) REQUIRES(scsi_device_lock);
/* Releases what every nexus holds in a unit that is removed, and queues the unit attention about LUNs.
 * Keeps the states, because commands for the unit may still be running. */
void scsi_nexus_remove_lu(struct scsi_device *dev, struct scsi_lu *lu) REQUIRES(scsi_device_lock);
/* Removes a unit attention from all units of the nexus: it has just been reported (SPC-4 6.33). */
void scsi_nexus_forget_ua(struct scsi_nexus *nexus, uint8_t asc, uint8_t ascq);

/* Lets the device type queue the unit attentions that are new for the nexus (check_ua).  Then removes
 * the oldest one from the queue and stores it in *code, ASC << 8 | ASCQ.  Returns false if there is
 * none. */
bool itl_next_ua(struct scsi_itl *itl, uint16_t *code);

#endif
