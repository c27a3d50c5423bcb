/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes a disc's recording (recording.h) agree with the size of its image again, after a crash or after a
 * user has replaced the image. */
#include "changer/base/log.h"
#include "changer/disc/disc_repair.h"
#include "changer/inventory/finding.h"
#include "changer/inventory/model.h"
#include "changer/store/store.h"

/* Gives *r the size of an image with that many sectors.  *r is the recording of a final disc that is not
 * raw and has one track.  A pressed disc gets the medium and the capacity that fit the size.  Returns true.
 * Returns false, and changes nothing, if no such disc can have that size, or memory is missing. */
static bool
resize_final(struct recording *r, uint32_t sectors)
{
	const struct medium *m = medium_writable(r->medium) ? r->medium : medium_for_image(sectors);
	struct recording other = {0};
	struct track *t = &r->tracks[0];

	if (m == NULL || sectors <= t->start || (medium_writable(m) && sectors > r->capacity))
		return false;
	if (m != r->medium) {
		if (recording_init_image(&other, m, sectors, sectors) != JB_OK)
			return false;
		recording_fini(r);
		*r = other;
		return true;
	}
	t->size = sectors - t->start;
	t->recorded = t->pregap + t->size;
	recording_forget_indices(r, sectors);
	if (!medium_writable(m))
		r->capacity = sectors;
	return true;
}

/* Makes a final disc as long as its image, if the sizes differ, and logs that (resize_final).  If the disc
 * is raw, has several tracks or cannot have that size, changes nothing and reports the difference
 * (finding_report). */
static void
settle_final(struct item *it, uint64_t image_sectors)
{
	struct disc *d = &it->disc;
	char where[STORE_PATH_MAX];

	if (image_sectors == recording_sectors(&d->rec, recording_bytes(&d->rec)))
		return;
	if (!d->rec.raw && d->rec.ntracks == 1 && image_sectors <= UINT32_MAX &&
		resize_final(&d->rec, (uint32_t)image_sectors)) {
		log_info("store", "%s: the image was changed by hand to %llu sectors", it->name,
			(unsigned long long)image_sectors);
		return;
	}
	finding_report(it->jb, item_path(it, where), "not changed",
		"the image has %llu sectors, but the description says %u",
		(unsigned long long)image_sectors, recording_end(&d->rec));
}

/* Counts all sectors in the image as recorded, up to the end of the formatted area.  A power failure may
 * have left any of the last written sectors.  If the image has more sectors than were counted before,
 * writing was cut off: reports that (finding_report) and raises the event `error`.  If it has more than the
 * formatted area, only reports that. */
static void
settle_formatted(struct item *it, uint64_t image_sectors)
{
	struct track *t = &it->disc.rec.tracks[0];
	char where[STORE_PATH_MAX];

	if (image_sectors > t->recorded && image_sectors <= t->size) {
		finding_report(it->jb, item_path(it, where), NULL,
			"a write was cut off: data that was not synced may be lost");
		event_error(it, JB_CUT_OFF, NULL);
	}
	t->recorded = image_sectors < t->size ? (uint32_t)image_sectors : t->size;
	if (image_sectors > t->size)
		finding_report(it->jb, item_path(it, where), "not changed",
			"the image has %llu sectors, but %u are formatted",
			(unsigned long long)image_sectors, t->size);
}

/* Logs that a session is open, and where it goes on.  If the image has more sectors than the recording
 * counts, a burn was cut off: reports that (finding_report) and raises the event `error`.  Does nothing if
 * no session with tracks is open. */
static void
report_cut_off(const struct item *it, uint64_t image_sectors)
{
	const struct recording *r = &it->disc.rec;
	uint64_t end = recording_sectors(r, recording_bytes(r));
	char where[STORE_PATH_MAX];
	uint32_t nwa;

	if (recording_last_session_state(r) != SESSION_INCOMPLETE)
		return;
	if (image_sectors > end) {
		finding_report(it->jb, item_path(it, where), NULL,
			"a burn was cut off: its last %llu sectors were not synced",
			(unsigned long long)(image_sectors - end));
		event_error(it, JB_CUT_OFF, NULL);
	}
	if (recording_nwa(r, &nwa))
		log_info("store", "%s: a session is open, and continues at sector %u", it->name,
			nwa);
}

/* Trusts the recording after a burn was cut off: it counts the sectors that were synced.  No command has
 * reported the other sectors as durable, so they may be cut off. */
void
disc_repair(struct item *it, uint64_t image_bytes)
{
	struct disc *d = &it->disc;
	uint64_t sectors = recording_sectors(&d->rec, image_bytes), end;
	char where[STORE_PATH_MAX], path[STORE_PATH_MAX];

	if (it->kind == JB_ITEM_DISC) {
		if (d->rec.final)
			settle_final(it, sectors);
		else if (recording_is_formatted(&d->rec))
			settle_formatted(it, sectors);
		else if (!recording_cut(&d->rec, sectors))
			finding_report(it->jb, item_path(it, where), NULL,
				"the image is shorter than what is recorded: damaged");
		else
			report_cut_off(it, sectors);
		end = recording_bytes(&d->rec);
		if (!d->rec.final && !recording_is_formatted(&d->rec) && image_bytes > end &&
			(store_is_read_only() || store_truncate(it->jb->store,
							 store_image_path(item_path(it, where),
								 d->image_number, path),
							 end) == JB_OK))
			image_bytes = end;
	}
	d->size = image_bytes;
	disc_state_publish(d);
}
