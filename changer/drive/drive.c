/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes and frees drives, opens and closes their trays, locks them, and counts changes of medium for the
 * initiators. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/disc/link_read.h"
#include "changer/drive/drive.h"
#include "changer/drive/simulate.h"
#include "changer/inventory/model.h"
#include "changer/inventory/progress.h"

enum jb_err
drive_make(struct jukebox *jb, unsigned number)
{
	struct drive *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return JB_NO_MEMORY;
	d->jb = jb;
	d->number = number;
	d->elem = element_at(jb, JB_DRIVE, number);
	snprintf(d->name, sizeof(d->name), "drive %u", number);
	if (!strand_init(&d->strand, d->name)) {
		strand_fini(&d->strand);
		free(d);
		return JB_NO_THREADS;
	}
	d->elem->drive = d;
	faults_init(&d->faults);
	pthread_mutex_init(&d->progress_lock, NULL);
	jb->drives[number] = d;
	return JB_OK;
}

/* The functions of drives that a change of a setting calls. */
static const struct setting_hooks setting_hooks = {
	.admits_online = drive_admits_online,
	.set_online = drive_set_online,
	.take_time = simulate_setting,
};

enum jb_err
drive_init_all(struct jukebox *jb)
{
	enum jb_err err = JB_OK;

	jb->setting_hooks = &setting_hooks;
	for (unsigned i = 0; i < jb->counts[JB_DRIVE] && err == JB_OK; i++)
		err = drive_make(jb, i);
	return err;
}

void
drive_fini_all(struct jukebox *jb)
{
	for (unsigned i = 0; i < JB_DRIVES_MAX; i++) { /* also drives that were removed */
		struct drive *d = jb->drives[i];

		if (d == NULL)
			continue;
		strand_enter(&d->strand);
		if (d->item != NULL) {
			enum jb_err err = disc_leave(&d->item->disc);

			if (err != JB_OK)
				log_err(d->name, "the disc could not be synced: %s",
					jb_err_text(err));
			item_unpin_image(d->item);
			d->item = NULL;
		}
		strand_leave(&d->strand);
		strand_fini(&d->strand);
		faults_fini(&d->faults);
		pthread_mutex_destroy(&d->progress_lock);
		free(d);
	}
}

struct jukebox *
drive_jukebox(struct drive *d)
{
	return d->jb;
}

unsigned
drive_number(const struct drive *d)
{
	return d->number;
}

struct strand *
drive_strand(struct drive *d)
{
	return &d->strand;
}

/* Returns true if the drive will have a disc in a moment: a program has written a file into the drive's
 * folder and has closed it.  The kernel sends the release only after close(2) has returned, and only the
 * release makes the file a disc.  A program that closed one of several descriptors may go on writing.
 * So while a writer is left, returns true only for CLOSING_WAIT_MS after the close.  Takes the jukebox
 * lock. */
static bool
is_being_put_in(struct drive *d)
{
	const struct item *it;
	bool is;

	jb_enter(d->jb);
	it = d->elem->occupant;
	is = it != NULL && it->kind == JB_ITEM_INCOMING && it->closing && !it->damaged &&
	     (it->writers == 0 || clock_ms() - it->closed_ms < CLOSING_WAIT_MS);
	jb_leave(d->jb);
	return is;
}

enum jb_err
drive_disc(struct drive *d, struct disc **out)
{
	enum jb_err err;

	assert(strand_is_mine(&d->strand));
	if (d->offline)
		return JB_OFFLINE;
	if (d->item == NULL && is_being_put_in(d))
		return JB_BECOMING_READY;
	if (d->tray_open)
		return JB_TRAY_OPEN;
	if (d->item == NULL)
		return JB_NO_MEDIUM;
	if (drive_is_loading(d))
		return JB_BECOMING_READY;
	err = link_error(d->item);
	if (err == JB_OK)
		*out = &d->item->disc;
	return err;
}

void
drive_view(struct drive *d, struct drive_view *out)
{
	/* This comes first, because it changes the counters if the time of the loading is over. */
	out->loading = drive_is_loading(d);
	out->loads = d->loads;
	out->formats = drive_formats_ended(d);
	/* The counters change after the state that they report.  Read before it, a new counter never comes
	 * with an old state. */
	out->media_changes = d->media_changes;
	out->media_arrivals = d->media_arrivals;
	out->eject_requests = d->eject_requests;
	out->has_disc = d->has_disc;
	out->tray_open = d->tray_open;
	out->offline = d->offline;
	out->eject_wanted = d->eject_medium == out->media_changes;
	out->prevents = d->prevents;
	out->locked = out->prevents > 0;
}

/* Begins to load the disc that is now behind a closed tray.  Does nothing if the drive is offline or empty.
 * Strand held. */
static void
medium_came(struct drive *d)
{
	if (!d->offline && d->item != NULL)
		drive_begin_loading(d);
}

/* Ends what the drive does with its medium, which is not accessible any more: the reported work, the format
 * in the background, and the loading.  If the drive is online and had loaded the medium, counts a change of
 * medium.  Otherwise no initiator had seen the medium.  Strand held. */
static void
medium_went(struct drive *d)
{
	d->work_ms = 0; /* no work is reported now (see drive_progress) */
	drive_formats(d, &(struct formatting){0});
	/* While a medium was still being loaded, no initiator could see it. */
	if (drive_end_loading(d) && !d->offline)
		d->media_changes++;
}

void
drive_put_disc(struct drive *d, struct item *it, const char *initiator)
{
	d->item = it;
	if (d->tray_open)
		event_drive(d, JB_EVENT_TRAY_CLOSE, initiator);
	d->has_disc = true;
	d->tray_open = false;
	medium_came(d);
}

void
drive_take_disc(struct drive *d)
{
	d->item = NULL;
	d->has_disc = false;
	/* In an open tray the disc was not accessible already. */
	if (!d->tray_open)
		medium_went(d);
}

void
drive_medium_came(struct drive *d)
{
	if (!d->tray_open)
		medium_came(d);
}

enum jb_err
drive_open_tray(struct drive *d, bool force)
{
	enum jb_err err;

	assert(strand_is_mine(&d->strand));
	if (d->tray_open)
		return JB_OK;
	if (drive_is_locked(d) && !force)
		return JB_MEDIUM_LOCKED;
	if (d->item != NULL) {
		err = disc_leave(&d->item->disc);
		if (err != JB_OK && !force)
			return err;
		if (err != JB_OK)
			log_err(d->name, "ejected by force, not synced: %s", jb_err_text(err));
	}
	d->tray_open = true;
	if (d->item != NULL)
		medium_went(d);
	event_drive(d, JB_EVENT_TRAY_OPEN, d->acts_for);
	return JB_OK;
}

enum jb_err
drive_close_tray(struct drive *d)
{
	assert(strand_is_mine(&d->strand));
	if (!d->tray_open)
		return JB_OK;
	d->tray_open = false;
	if (d->item != NULL)
		link_read_again(d->item);
	medium_came(d);
	event_drive(d, JB_EVENT_TRAY_CLOSE, d->acts_for);
	return JB_OK;
}

void
drive_prevent_for(struct drive *d, bool on, const char *initiator)
{
	jb_enter(d->jb); /* so that the events come in the order of the changes */
	if (on && d->prevents++ == 0)
		event_drive(d, JB_EVENT_LOCK, initiator);
	else if (!on && --d->prevents == 0)
		event_drive(d, JB_EVENT_UNLOCK, initiator);
	jb_leave(d->jb);
}

void
drive_acts_for(struct drive *d, const char *initiator)
{
	assert(strand_is_mine(&d->strand));
	d->acts_for = initiator;
}

void
drive_request_eject(struct drive *d)
{
	jb_enter(d->jb); /* keeps the disc in the drive for the event */
	d->eject_medium = d->media_changes;
	d->eject_requests++;
	event_drive(d, JB_EVENT_EJECT_REQUEST, NULL);
	jb_leave(d->jb);
}
