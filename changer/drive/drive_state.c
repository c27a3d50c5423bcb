/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets what settings and initiators choose for a drive: online or offline, and its speeds. */
#include <assert.h>
#include <stdlib.h>

#include "changer/drive/drive.h"
#include "changer/drive/simulate.h"
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
	bool accessible = d->item != NULL && !d->tray_open && !drive_is_loading(d);

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

/* Returns the lower of two limits; 0 means no limit. */
static uint32_t
lower(uint32_t a, uint32_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
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
	*read = *write = 0;
	if (m == NULL)
		return;
	*read = lower(m->read_speed, lower(limit, chosen ? d->read_speed : 0));
	*write = medium_write_speed_within(m, lower(limit, chosen ? d->write_speed : 0));
}
