/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The drive's mechanism: its tray, its lock, and what it tells of its medium.
 */
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
	d->elem->drive = d;
	snprintf(d->name, sizeof(d->name), "drive %u", number);
	strand_init(&d->strand, d->name);
	faults_init(&d->faults);
	pthread_mutex_init(&d->progress_lock, NULL);
	jb->drives[number] = d;
	return JB_OK;
}

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

/* What loaded discs were not yet asked to make durable, they do now. */
void
drive_fini_all(struct jukebox *jb)
{
	for (unsigned i = 0; i < JB_DRIVES_MAX; i++) { /* removed ones too */
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

/*
 * Is a program done with the disc that it puts in, and its release, which the kernel sends after
 * close(2) has returned, only on its way?  A program that has closed one descriptor of several may
 * still be at it, so that is believed for as long as a release may take.
 */
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
	/* First: a medium whose time has come arrives by that. */
	out->loading = drive_is_loading(d);
	out->loads = d->loads;
	out->formats = drive_formats_ended(d);
	/* The counters first: who sees an old state with them sees it told again next time. */
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

/* The medium that initiators can get at is another one from here on, or is there no more. */
static void
medium_came(struct drive *d)
{
	if (!d->offline && d->item != NULL)
		drive_begin_loading(d);
}

static void
medium_went(struct drive *d)
{
	d->work_ms = 0; /* whatever it was doing to it */
	drive_formats(d, &(struct formatting){0});
	/* Of what was still being loaded, nobody knows. */
	if (drive_end_loading(d) && !d->offline)
		d->media_changes++;
}

/* A disc has come in: the robot and a user's hand both close the tray on it. */
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
	/* In an open tray it was not accessible any more. */
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
	jb_enter(d->jb); /* so that events come in the order of what they tell of */
	if (on && d->prevents++ == 0)
		event_drive(d, JB_EVENT_LOCK, initiator);
	else if (!on && --d->prevents == 0)
		event_drive(d, JB_EVENT_UNLOCK, initiator);
	if (on)
		snprintf(d->locker, sizeof(d->locker), "%s", initiator == NULL ? "" : initiator);
	jb_leave(d->jb);
}

const char *
drive_locker(struct drive *d, char *buf)
{
	jb_enter(d->jb);
	strcpy(buf, d->prevents > 0 ? d->locker : "");
	jb_leave(d->jb);
	return buf;
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
	jb_enter(d->jb); /* so that the disc stays while it is told of */
	d->eject_medium = d->media_changes;
	d->eject_requests++;
	event_drive(d, JB_EVENT_EJECT_REQUEST, NULL);
	jb_leave(d->jb);
}
