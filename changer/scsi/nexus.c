/* SPDX-License-Identifier: GPL-2.0-or-later */
/* I_T nexuses, their pending unit attentions, and logical unit reset. */
#include "changer/scsi/nexus.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/be.h"

/* SPC-4 4.5.6: POWER ON, RESET, OR BUS DEVICE RESET OCCURRED */
enum { ASC_RESET = 0x29, ASCQ_RESET = 0x00 };

/* Makes the state of the nexus with that unit, with only the unit attention 29h/00h pending.  Calls check_ua
 * and drops what it queues, so that events before the nexus are not reported.  Returns NULL if memory is
 * missing. */
static struct scsi_itl *
itl_new(struct scsi_nexus *nexus, struct scsi_lu *lu)
{
	struct scsi_itl *itl = calloc(1, sizeof(*itl));

	if (itl == NULL)
		return NULL;
	itl->nexus = nexus;
	itl->lu = lu;
	/* Events before the nexus existed are not reported: 29h/00h covers all of them. */
	if (lu->type->check_ua != NULL)
		lu->type->check_ua(lu, itl);
	itl->nua = 0;
	itl_ua(itl, ASC_RESET, ASCQ_RESET);
	return itl;
}

/* Calls the device type's nexus_lost, if it has one.  Does nothing for itl NULL.  The device's lock makes
 * that one call at a time. */
static void
itl_lost(struct scsi_itl *itl) REQUIRES(scsi_device_lock)
{
	if (itl != NULL && itl->lu->type->nexus_lost != NULL)
		itl->lu->type->nexus_lost(itl->lu, itl);
}

/* Makes the state of a unit that was removed and is added again like a new one: calls check_ua, drops all
 * pending unit attentions, and queues 29h/00h.  Takes the nexus' locks check and ua. */
static void
itl_renew(struct scsi_itl *itl)
{
	struct scsi_nexus *nexus = itl->nexus;

	pthread_mutex_lock(&nexus->check);
	if (itl->lu->type->check_ua != NULL)
		itl->lu->type->check_ua(itl->lu, itl);
	pthread_mutex_lock(&nexus->ua);
	__atomic_store_n(&itl->nua, 0, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&nexus->ua);
	pthread_mutex_unlock(&nexus->check);
	itl_ua(itl, ASC_RESET, ASCQ_RESET);
}

/* Queues the unit attention 3Fh/0Eh for each unit that the nexus reaches, except for those whose entry in `but`,
 * by LUN, is true. */
static void
queue_luns_changed(struct scsi_nexus *nexus, const bool but[SCSI_LUNS_MAX])
{
	for (unsigned lun = 0; lun < SCSI_LUNS_MAX; lun++) {
		const struct scsi_lu *lu = scsi_port_lu(nexus->target_port, lun);
		struct scsi_itl *itl = lu == NULL ? NULL : scsi_nexus_itl(nexus, lu->lun);

		if (itl != NULL && !but[lun])
			itl_ua(itl, SCSI_UA_LUNS_CHANGED >> 8, SCSI_UA_LUNS_CHANGED & 0xff);
	}
}

/* Queues 3Fh/0Eh, for all units but that one, for the nexuses whose port reaches the unit. */
static void
queue_unit_changed(struct scsi_device *dev, const struct scsi_lu *lu) REQUIRES(scsi_device_lock)
{
	struct scsi_nexus *nexus;

	TAILQ_FOREACH(nexus, &dev->nexuses, link)
	{
		bool but[SCSI_LUNS_MAX] = {false};
		int lun = scsi_port_lun(nexus->target_port, lu);

		if (lun < 0)
			continue;
		but[lun] = true;
		queue_luns_changed(nexus, but);
	}
}

void
scsi_nexus_luns_changed(struct scsi_port *port, const bool but[SCSI_LUNS_MAX])
{
	struct scsi_nexus *nexus;

	TAILQ_FOREACH(nexus, &port->device->nexuses, link)
	{
		if (nexus->target_port == port)
			queue_luns_changed(nexus, but);
	}
}

/* Makes the state of the nexus with the unit like a new one; without a state, makes one if there is memory. */
static void
renew(struct scsi_nexus *nexus, struct scsi_lu *lu) REQUIRES(scsi_device_lock)
{
	struct scsi_itl *itl = scsi_nexus_itl(nexus, lu->lun);

	if (itl != NULL)
		itl_renew(itl);
	else
		__atomic_store_n(&nexus->itl[lu->lun], itl_new(nexus, lu), __ATOMIC_RELEASE);
}

void
scsi_nexus_renew_unit(struct scsi_port *port, unsigned unit)
{
	struct scsi_lu *lu = scsi_device_lu(port->device, unit);
	struct scsi_nexus *nexus;

	if (lu == NULL)
		return;
	TAILQ_FOREACH(nexus, &port->device->nexuses, link)
	{
		if (nexus->target_port == port)
			renew(nexus, lu);
	}
}

void
scsi_nexus_add_lu(struct scsi_device *dev, struct scsi_lu *lu)
{
	struct scsi_nexus *nexus;

	TAILQ_FOREACH(nexus, &dev->nexuses, link)
	renew(nexus, lu);
	queue_unit_changed(dev, lu);
}

void
scsi_nexus_remove_lu(struct scsi_device *dev, struct scsi_lu *lu)
{
	struct scsi_nexus *nexus;

	TAILQ_FOREACH(nexus, &dev->nexuses, link)
	itl_lost(scsi_nexus_itl(nexus, lu->lun));
	reservations_clear(&dev->reservations[lu->lun]);
	queue_unit_changed(dev, lu);
}

void
scsi_nexus_forget_ua(struct scsi_nexus *nexus, uint8_t asc, uint8_t ascq)
{
	uint16_t code = (uint16_t)(asc << 8 | ascq);

	pthread_mutex_lock(&nexus->ua);
	for (unsigned i = 0; i < SCSI_LUNS_MAX; i++) {
		struct scsi_itl *itl = scsi_nexus_itl(nexus, i);
		unsigned kept = 0;

		for (unsigned n = 0; itl != NULL && n < itl->nua; n++)
			if (itl->ua[n] != code)
				itl->ua[kept++] = itl->ua[n];
		if (itl != NULL)
			__atomic_store_n(&itl->nua, kept, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&nexus->ua);
}

/* Frees the nexus and its states with all units.  It must be in no list, and no lock is held. */
static void
nexus_destroy(struct scsi_nexus *nexus)
{
	for (unsigned i = 0; i < SCSI_LUNS_MAX; i++)
		free(nexus->itl[i]);
	pthread_mutex_destroy(&nexus->ua);
	pthread_mutex_destroy(&nexus->check);
	free(nexus);
}

struct scsi_nexus *
scsi_nexus_new(struct scsi_port *target_port, const char *initiator, const char *port)
{
	struct scsi_device *dev = target_port->device;
	size_t len = strlen(initiator), port_len = strlen(port);
	struct scsi_nexus *nexus = calloc(1, sizeof(*nexus) + len + 1 + port_len + 1);
	bool whole = true;

	if (nexus == NULL)
		return NULL;
	memcpy(nexus->initiator, initiator, len);
	nexus->port = memcpy(nexus->initiator + len + 1, port, port_len);
	nexus->device = dev;
	nexus->target_port = target_port;
	pthread_mutex_init(&nexus->ua, NULL);
	pthread_mutex_init(&nexus->check, NULL);
	scsi_device_enter(dev);
	for (unsigned i = 0; i < SCSI_LUNS_MAX && whole; i++) {
		if (dev->lu[i] == NULL)
			continue;
		nexus->itl[i] = itl_new(nexus, dev->lu[i]);
		whole = nexus->itl[i] != NULL;
	}
	if (whole)
		TAILQ_INSERT_TAIL(&dev->nexuses, nexus, link);
	scsi_device_leave(dev);
	if (!whole) {
		nexus_destroy(nexus);
		return NULL;
	}
	return nexus;
}

void
scsi_nexus_release(struct scsi_nexus *nexus, unsigned unit)
{
	itl_lost(nexus->itl[unit]);
	reservations_lost(&nexus->device->reservations[unit], nexus);
}

/* Releases what the nexus holds in all units (scsi_nexus_release). */
static void
release_all(struct scsi_nexus *nexus) REQUIRES(scsi_device_lock)
{
	for (unsigned i = 0; i < SCSI_LUNS_MAX; i++)
		scsi_nexus_release(nexus, i);
}

void
scsi_nexus_let_go(struct scsi_nexus *nexus)
{
	scsi_device_enter(nexus->device);
	release_all(nexus);
	scsi_device_leave(nexus->device);
}

void
scsi_nexus_free(struct scsi_nexus *nexus)
{
	if (nexus == NULL)
		return;
	scsi_device_enter(nexus->device);
	TAILQ_REMOVE(&nexus->device->nexuses, nexus, link);
	release_all(nexus);
	scsi_device_leave(nexus->device);
	nexus_destroy(nexus);
}

const char *
scsi_nexus_initiator(const struct scsi_nexus *nexus)
{
	return nexus->initiator;
}

struct scsi_port *
scsi_nexus_target_port(const struct scsi_nexus *nexus)
{
	return nexus->target_port;
}

struct scsi_itl *
scsi_nexus_itl(struct scsi_nexus *nexus, unsigned unit)
{
	return __atomic_load_n(&nexus->itl[unit], __ATOMIC_ACQUIRE);
}

struct scsi_lu *
scsi_nexus_lu(struct scsi_nexus *nexus, const uint8_t lun[8])
{
	int n = scsi_lun_decode(lun);

	return n < 0 ? NULL : scsi_port_lu(nexus->target_port, (unsigned)n);
}

/* ---- unit attentions ------------------------------------------------------------------------ */

/* The field nua is loaded and stored atomically, so that the usual case, none pending, needs no lock. */

void
itl_ua(struct scsi_itl *itl, uint8_t asc, uint8_t ascq)
{
	uint16_t code = (uint16_t)(asc << 8 | ascq);
	bool pending = false;

	pthread_mutex_lock(&itl->nexus->ua);
	for (unsigned i = 0; i < itl->nua; i++)
		pending = pending || itl->ua[i] == code;
	if (!pending && itl->nua < ITL_UA_MAX) {
		itl->ua[itl->nua] = code;
		__atomic_store_n(&itl->nua, itl->nua + 1, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&itl->nexus->ua);
}

bool
itl_next_ua(struct scsi_itl *itl, uint16_t *code)
{
	const struct scsi_lu_type *type = itl->lu->type;
	bool found;

	if (type->check_ua != NULL) {
		pthread_mutex_lock(&itl->nexus->check);
		type->check_ua(itl->lu, itl);
		pthread_mutex_unlock(&itl->nexus->check);
	}
	if (__atomic_load_n(&itl->nua, __ATOMIC_ACQUIRE) == 0)
		return false;
	pthread_mutex_lock(&itl->nexus->ua);
	found = itl->nua > 0;
	if (found) {
		*code = itl->ua[0];
		memmove(itl->ua, itl->ua + 1, (itl->nua - 1) * sizeof(itl->ua[0]));
		__atomic_store_n(&itl->nua, itl->nua - 1, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&itl->nexus->ua);
	return found;
}

/* Queues a unit attention of the unit of that number for every nexus, except for the state `but`, which may be
 * NULL. */
static void
queue_ua_for_all(struct scsi_device *dev, unsigned unit, const struct scsi_itl *but, uint8_t asc,
	uint8_t ascq) REQUIRES(scsi_device_lock)
{
	struct scsi_nexus *nexus;

	TAILQ_FOREACH(nexus, &dev->nexuses, link)
	{
		struct scsi_itl *itl = scsi_nexus_itl(nexus, unit);

		if (itl != NULL && itl != but)
			itl_ua(itl, asc, ascq);
	}
}

void
lu_ua_others(struct scsi_lu *lu, const struct scsi_itl *self, uint8_t asc, uint8_t ascq)
{
	if (lu->device == NULL)
		return;
	scsi_device_enter(lu->device);
	queue_ua_for_all(lu->device, lu->lun, self, asc, ascq);
	scsi_device_leave(lu->device);
}

/* ---- ending tasks -------------------------------------------------------------------------- */

/* Counts up itl->aborts of the unit for every other nexus: their tasks that have not begun then end with TASK
 * ABORTED. */
static void
abort_others(struct scsi_nexus *nexus, const struct scsi_lu *lu) REQUIRES(scsi_device_lock)
{
	struct scsi_nexus *other;

	TAILQ_FOREACH(other, &nexus->device->nexuses, link)
	{
		struct scsi_itl *itl = scsi_nexus_itl(other, lu->lun);

		if (other != nexus && itl != NULL)
			__atomic_add_fetch(&itl->aborts, 1, __ATOMIC_RELEASE);
	}
}

void
scsi_nexus_abort_others(struct scsi_nexus *nexus, const uint8_t lun[8])
{
	const struct scsi_lu *only = lun == NULL ? NULL : scsi_nexus_lu(nexus, lun);

	scsi_device_enter(nexus->device);
	for (unsigned i = 0; i < SCSI_LUNS_MAX; i++) {
		const struct scsi_lu *lu = scsi_port_lu(nexus->target_port, i);

		if (lu != NULL && (lun == NULL || lu == only))
			abort_others(nexus, lu);
	}
	scsi_device_leave(nexus->device);
}

/* ---- logical unit reset, SAM-5 6.3.3 -------------------------------------------------------- */

/* Does the part of a reset that needs the mechanism: releases what all nexuses hold in the unit, ends
 * RESERVE, and calls the type's reset().  Strand held; takes the device's lock for the first two. */
static void
reset_lu(struct scsi_lu *lu)
{
	struct scsi_nexus *nexus;

	scsi_device_enter(lu->device);
	TAILQ_FOREACH(nexus, &lu->device->nexuses, link)
	itl_lost(scsi_nexus_itl(nexus, lu->lun));
	reservations_lost(reservations_of(lu), NULL);
	scsi_device_leave(lu->device);
	if (lu->type->reset != NULL)
		lu->type->reset(lu);
}

/* Carries out a queued reset, in the strand's thread.  If it was the last one of the device, wakes
 * scsi_device_free. */
static void
run_reset(struct strand_job *job)
{
	struct lu_reset *reset = (struct lu_reset *)job; /* its first member */
	struct scsi_device *dev = reset->lu->device;

	scsi_device_enter(dev);
	reset->queued = false; /* a reset that is requested from here on is a new one */
	scsi_device_leave(dev);
	reset_lu(reset->lu);
	scsi_device_enter(dev);
	if (--dev->resets == 0)
		pthread_cond_broadcast(&dev->resets_done);
	scsi_device_leave(dev);
}

/* Queues 29h/00h for all nexuses, then resets the unit.  Never waits: if another thread holds the strand, it
 * posts the reset, which then runs before any command that arrives later.  If a reset is in the queue
 * already, that one does for both. */
static void
nexus_reset_unit(struct scsi_device *dev, struct scsi_lu *lu)
{
	struct lu_reset *reset = &dev->reset[lu->lun];

	scsi_device_enter(dev);
	queue_ua_for_all(dev, lu->lun, NULL, ASC_RESET, ASCQ_RESET);
	scsi_device_leave(dev);
	if (strand_try(lu->strand)) {
		reset_lu(lu);
		strand_leave(lu->strand);
		return;
	}
	scsi_device_enter(dev);
	if (!reset->queued) {
		reset->queued = true;
		reset->job.run = run_reset;
		dev->resets++;
		strand_post(lu->strand, &reset->job);
	}
	scsi_device_leave(dev);
}

bool
scsi_nexus_reset_lu(struct scsi_nexus *nexus, const uint8_t lun[8])
{
	struct scsi_lu *lu = scsi_nexus_lu(nexus, lun);

	if (lu == NULL)
		return false;
	nexus_reset_unit(nexus->device, lu);
	return true;
}

void
scsi_nexus_reset_target(struct scsi_nexus *nexus)
{
	for (unsigned i = 0; i < SCSI_LUNS_MAX; i++) {
		struct scsi_lu *lu = scsi_port_lu(nexus->target_port, i);

		if (lu != NULL)
			nexus_reset_unit(nexus->device, lu);
	}
}
