/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Formats and blanks a disc.  recording_format.c computes the new recording (recording.h); this file stores
 * it, and empties or keeps the image. */
#include <string.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/disc/correct_name.h"
#include "changer/disc/disc_change.h"
#include "changer/disc/disc_sync.h"
#include "changer/disc/disc_report.h"
#include "changer/inventory/model.h"
#include "changer/store/store.h"

/* ---- becoming another disc ------------------------------------------------------------------- */

/* Makes the disc what *rec says (disc_change) with the same image file.  If tracks were removed, then also
 * cuts the image to what is still recorded.  Returns the error of disc_change.  An error of the cut is only
 * logged: the disc has changed, and the next start cuts the image. */
static enum jb_err
keep_content(struct disc *d, struct recording *rec)
{
	uint64_t end = recording_bytes(rec);
	bool cut = end < d->size && rec->ntracks < d->rec.ntracks;
	struct item *it = disc_state_item(d);
	char dir[STORE_PATH_MAX], path[STORE_PATH_MAX];
	enum jb_err err;

	err = disc_change(d, rec);
	if (err != JB_OK || !cut)
		return err;
	d->size = end;
	/* The description does not count that part any more, so it is useless. */
	if (store_truncate(it->jb->store,
		    store_image_path(item_path(it, dir), d->image_number, path), end) != JB_OK)
		log_warn("store", "%s: the blanked part of its image cannot be deleted", it->name);
	return JB_OK;
}

/* Makes the disc what *rec says.  If erases is true, it gets a new, empty image; otherwise it keeps its
 * image.  On success raises that event and requests the correct name for the disc.  Frees the content of
 * *rec in each case.  Returns the store's error, and reports it (disc_report_store); the disc is then as it
 * was. */
static enum jb_err
change_to(struct disc *d, struct recording *rec, bool erases, enum jb_event_type event)
{
	enum jb_err err = erases ? disc_replace_image(d, rec, NULL) : keep_content(d, rec);

	recording_fini(rec);
	if (disc_report_store(d, err) == JB_OK) {
		event_item(disc_state_item(d), event, disc_state_acts_for(d));
		correct_name_schedule(d);
	}
	return err;
}

enum jb_err
disc_format(struct disc *d, const struct disc_format *format)
{
	struct recording rec = {0};
	struct formatting before = d->formatting;
	bool erases;
	enum jb_err err = disc_protection(d);

	if (err != JB_OK)
		return err;
	disc_run_background(d);
	err = recording_format(&d->rec, format, &rec, &erases);
	if (err != JB_OK)
		return err;
	d->formatting = (struct formatting){
		.done = rec.background_done,
		.total = rec.ntracks > 0 ? rec.tracks[0].size : 0,
		.from_ms = clock_ms(),
	};
	err = change_to(d, &rec, erases, JB_EVENT_FORMAT);
	if (err != JB_OK)
		d->formatting = before;
	disc_report_background(d);
	return err;
}

enum jb_err
disc_blank(struct disc *d, unsigned type, unsigned track)
{
	struct recording rec = {0};
	bool erases;
	enum jb_err err = disc_protection(d);

	if (err != JB_OK)
		return err;
	err = recording_blank(&d->rec, type, track, &rec, &erases);
	return err == JB_OK ? change_to(d, &rec, erases, JB_EVENT_BLANK) : err;
}
