/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The progress of a drive.  The thread that works reports it; any thread may read it. */
#include "changer/base/clock.h"
#include "changer/inventory/model.h"
#include "changer/inventory/progress.h"

/* How long a format of a whole disc takes.  wodim and dvd+rw-format -lead-out wait for it. */
enum { FORMATTING_MS = 40000 };

LOCK_CLASS_DEFINE(progress_lock);

void
progress_enter(struct drive *d) NO_LOCK_ANALYSIS
{
	pthread_mutex_lock(&d->progress_lock);
}

void
progress_leave(struct drive *d) NO_LOCK_ANALYSIS
{
	pthread_mutex_unlock(&d->progress_lock);
}

void
drive_works(struct drive *d, enum drive_work work, uint64_t done, uint64_t total)
{
	d->work_done = done;
	d->work_total = total;
	d->work = work;
	d->work_ms = clock_ms();
}

uint32_t
formatting_done(const struct formatting *f)
{
	uint64_t done = f->done + (clock_ms() - f->from_ms) * f->total / FORMATTING_MS;

	return done < f->total ? (uint32_t)done : f->total;
}

/* Ends the format if its time has come: counts it in d->formats.  The first thread that looks does
 * this.  Does nothing if no format goes on. */
static void
end_formatting(struct drive *d) REQUIRES(progress_lock)
{
	if (!d->formats_now || formatting_done(&d->formatting) < d->formatting.total)
		return;
	d->formats++;
	d->formats_now = false;
}

void
drive_formats(struct drive *d, const struct formatting *f)
{
	progress_enter(d);
	end_formatting(d);
	d->formatting = *f;
	d->formats_now = f->total != 0;
	progress_leave(d);
}

uint64_t
drive_formats_ended(struct drive *d)
{
	if (!d->formats_now) /* called for every command, so it does not take the lock */
		return d->formats;
	progress_enter(d);
	end_formatting(d);
	progress_leave(d);
	return d->formats;
}

/* Stores the format in the background in *out, if one goes on; else leaves *out. */
static void
background_progress(struct drive *d, struct drive_progress *out)
{
	progress_enter(d);
	end_formatting(d);
	if (d->formats_now)
		*out = (struct drive_progress){
			.work = DRIVE_FORMATTING,
			.background = true,
			.done = formatting_done(&d->formatting),
			.total = d->formatting.total,
		};
	progress_leave(d);
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

/* Returns true if a nexus prevents the removal of the disc, and the tray is closed: a disc in an
 * open tray may be taken, so PREVENT does not hold it. */
bool
drive_is_locked(const struct drive *d)
{
	return d->prevents > 0 && !d->tray_open;
}
