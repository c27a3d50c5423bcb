/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A drive's state that settings and initiators choose: online or offline, and its speeds.
 */
#include <assert.h>
#include <stdlib.h>

#include "changer/drive/drive.h"
#include "changer/inventory/model.h"
#include "changer/inventory/progress.h"

/* ---- online ---------------------------------------------------------------------------------- */

enum jb_err
drive_admits_online(struct drive *d, bool online)
{
	assert(strand_is_mine(&d->strand));
	if (online || d->offline)
		return JB_OK;
	if (drive_is_locked(d))
		return JB_MEDIUM_LOCKED;
	return d->item == NULL ? JB_OK : disc_sync(&d->item->disc);
}

void
drive_set_online(struct drive *d, bool online)
{
	bool accessible = d->item != NULL && !d->tray_open;

	assert(strand_is_mine(&d->strand));
	if (online == !d->offline)
		return;
	d->offline = !online;
	if (!accessible)
		return;
	if (online)
		d->media_arrivals++;
	d->media_changes++;
}

/* ---- speed ----------------------------------------------------------------------------------- */

void
drive_choose_speeds(struct drive *d, uint32_t read, uint32_t write)
{
	d->read_speed = read;
	d->write_speed = write;
	d->speeds_of = d->media_changes;
}

uint32_t
drive_speed_limit(struct drive *d)
{
	char value[JB_TEXT_MAX];

	jb_setting_get(d->jb, JB_SET_DRIVE_SPEED, d->number, value);
	return (uint32_t)strtoul(value, NULL, 10);
}

/* Returns the lower of the two speeds.  A limit of 0 is no limit. */
static uint32_t
least(uint32_t speed, uint32_t limit)
{
	return limit != 0 && limit < speed ? limit : speed;
}

void
drive_speeds(struct drive *d, uint32_t *read, uint32_t *write)
{
	uint32_t limit = drive_speed_limit(d);
	const struct medium *m = NULL;
	bool chosen = d->speeds_of == d->media_changes;

	jb_enter(d->jb);
	if (d->item != NULL)
		m = d->item->disc.medium;
	jb_leave(d->jb);
	*read = m == NULL ? 0 : least(m->read_speed, limit);
	*write = m == NULL ? 0 : least(medium_write_speed(m), limit);
	if (chosen) {
		*read = least(*read, d->read_speed);
		*write = least(*write, d->write_speed);
	}
}
