/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the SCSI layer: the set of logical units, the nexuses that reach it, and their locks.
 *
 * Order: a strand, then the device's lock, then the jukebox lock, then the locks of a nexus, which
 * are leaves.  The device's lock guards the list of nexuses, and that none of them goes away while
 * another thread tells it something.
 */
#ifndef CHANGER_SCSI_NEXUS_H
#define CHANGER_SCSI_NEXUS_H

#include <pthread.h>
#include <sys/queue.h>

#include "changer/base/lock.h"
#include "changer/scsi/lu.h"
#include "changer/scsi/reserve.h"

/* A logical unit reset that waits for its turn on the unit's strand. */
struct lu_reset {
	struct strand_job job;
	struct scsi_lu *lu;
	bool queued;
};

struct scsi_device {
	pthread_mutex_t lock;
	pthread_cond_t resets_done;
	unsigned resets; /* queued */
	struct lu_reset reset[SCSI_LUNS_MAX];
	struct reservations reservations[SCSI_LUNS_MAX];
	/* See scsi_device_keep_reservations; NULL: they are not kept. */
	bool (*keep)(void *arg, unsigned lun, const char *text, size_t size);
	void *keep_arg;
	struct scsi_lu *lu[SCSI_LUNS_MAX]; /* published with release order */
	TAILQ_HEAD(, scsi_nexus) nexuses;
};

struct scsi_nexus {
	struct scsi_device *device;
	TAILQ_ENTRY(scsi_nexus) link;
	pthread_mutex_t check; /* held over check_ua: two commands of a nexus may run at once */
	pthread_mutex_t ua;    /* guards the queues of unit attentions */
	struct scsi_itl *itl[SCSI_LUNS_MAX]; /* published with release order */
	const char *port;		     /* within what follows */
	char initiator[];
};

void scsi_device_enter(struct scsi_device *dev) ACQUIRES(scsi_device_lock);
void scsi_device_leave(struct scsi_device *dev) RELEASES(scsi_device_lock);

/* NULL: there was no memory for it when the unit was added. */
struct scsi_itl *scsi_nexus_itl(struct scsi_nexus *nexus, unsigned lun);
/* Gives every nexus its state for a unit that is added, and tells it of that. */
void scsi_nexus_add_lu(struct scsi_device *dev, struct scsi_lu *lu) REQUIRES(scsi_device_lock);
/* Every nexus lets go of a unit that is taken out, and is told; its state for it is kept, since
 * commands for the unit may still be under way. */
void scsi_nexus_remove_lu(struct scsi_device *dev, struct scsi_lu *lu) REQUIRES(scsi_device_lock);
/* The nexus has seen what a unit attention would tell it of all units (SPC-4 6.33). */
void scsi_nexus_forget_ua(struct scsi_nexus *nexus, uint8_t asc, uint8_t ascq);

/* Has the device type queue what the nexus has not been told yet, then takes the oldest. */
bool itl_next_ua(struct scsi_itl *itl, uint16_t *code);

#endif
