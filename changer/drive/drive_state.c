/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a drive is besides its tray: online or not, at work, and how fast.
 */
#include <stdlib.h>

#include "changer/base/clock.h"
#include "changer/inventory/model.h"

/* ---- online ---------------------------------------------------------------------------------- */

/* Going offline takes the disc from whoever uses it, as an eject does. */
enum jb_err
drive_admits_online(struct drive *d, bool online)
{
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

	if (online == !d->offline)
		return;
	d->offline = !online;
	if (!accessible)
		return;
	if (online)
		d->media_arrivals++;
	d->media_changes++;
}

/* ---- at work --------------------------------------------------------------------------------- */

void
drive_works(struct drive *d, enum drive_work work, uint64_t done, uint64_t total)
{
	d->work_done = done;
	d->work_total = total;
	d->work = work;
	d->work_ms = clock_ms();
}

/* How long a format of all of a disc takes.  wodim and dvd+rw-format -lead-out wait for it. */
enum { FORMATTING_MS = 40000 };

uint32_t
formatting_done(const struct formatting *f)
{
	uint64_t done = f->done + (clock_ms() - f->from_ms) * f->total / FORMATTING_MS;

	return done < f->total ? (uint32_t)done : f->total;
}

/* Whoever looks first when its time has come ends it.  Lock held. */
static void
end_formatting(struct drive *d)
{
	if (!d->formats_now || formatting_done(&d->formatting) < d->formatting.total)
		return;
	d->formats++;
	d->formats_now = false;
}

void
drive_formats(struct drive *d, const struct formatting *f)
{
	pthread_mutex_lock(&d->faults.lock);
	end_formatting(d);
	d->formatting = *f;
	d->formats_now = f->total != 0;
	pthread_mutex_unlock(&d->faults.lock);
}

uint64_t
drive_formats_ended(struct drive *d)
{
	if (!d->formats_now) /* with every command, so without the lock */
		return d->formats;
	pthread_mutex_lock(&d->faults.lock);
	end_formatting(d);
	pthread_mutex_unlock(&d->faults.lock);
	return d->formats;
}

static void
background_progress(struct drive *d, struct drive_progress *out)
{
	pthread_mutex_lock(&d->faults.lock);
	end_formatting(d);
	if (d->formats_now)
		*out = (struct drive_progress){
			.work = DRIVE_FORMATTING,
			.background = true,
			.done = formatting_done(&d->formatting),
			.total = d->formatting.total,
		};
	pthread_mutex_unlock(&d->faults.lock);
}

void
drive_progress(struct drive *d, struct drive_progress *out)
{
	enum { OVER_MS = 10000 };
	uint64_t told = d->work_ms;
	enum drive_work work = (enum drive_work)d->work;
	bool over = told == 0 || (work == DRIVE_BURNING && clock_ms() - told > OVER_MS);

	*out = (struct drive_progress){.work = DRIVE_IDLE};
	if (!over && work != DRIVE_IDLE)
		*out = (struct drive_progress){
			.work = work,
			.done = d->work_done,
			.total = d->work_total,
		};
	else
		background_progress(d, out);
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
