/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GET EVENT STATUS NOTIFICATION, MMC-6 6.6, polled.
 *
 * Media is the only class.  A drive that offers nothing else is asked by Windows once per poll, and
 * not once per class.  Each nexus is told each event once: what it was told last is in its
 * scsi_itl.seen, which no other command touches, so no lock is needed.
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

enum {
	POLLED = 0x01, /* CDB byte 1 */

	/* Event header */
	NEA = 0x80, /* no event available: no class of those asked for is supported */
	CLASS_MEDIA = 4,
	CLASSES = 1 << CLASS_MEDIA,
	HEADER_LEN = 4,

	/* Media class */
	EVENT_NONE = 0,
	EVENT_EJECT_REQUEST = 1,
	EVENT_NEW_MEDIA = 2,
	EVENT_MEDIA_REMOVAL = 3,
	STATUS_TRAY_OPEN = 0x01,
	STATUS_PRESENT = 0x02,
};

static bool
present(const struct drive_view *view)
{
	return view->has_disc && !view->tray_open;
}

/*
 * What the nexus is told.  To one that never asked, the medium that it finds is new.  A removal
 * followed by an arrival is told as the arrival, which says that the medium is another one.
 */
static uint8_t
next_event(struct mmc *m, const struct drive_view *view, struct scsi_itl *itl)
{
	uint64_t *seen = itl->seen;
	uint64_t recordings = __atomic_load_n(&m->recordings, __ATOMIC_ACQUIRE);
	bool first = seen[SEEN_EV_CHANGES] == 0;
	bool changed = seen[SEEN_EV_CHANGES] != view->media_changes + 1;
	bool arrived = seen[SEEN_EV_ARRIVALS] != view->media_arrivals ||
		       seen[SEEN_EV_RECORDINGS] != recordings;
	bool asked = !first && seen[SEEN_EV_EJECTS] != view->eject_requests;

	seen[SEEN_EV_EJECTS] = view->eject_requests;
	if (asked)
		return EVENT_EJECT_REQUEST; /* the others stay for the next poll */
	seen[SEEN_EV_CHANGES] = view->media_changes + 1;
	seen[SEEN_EV_ARRIVALS] = view->media_arrivals;
	seen[SEEN_EV_RECORDINGS] = recordings;
	if ((arrived || first) && present(view))
		return EVENT_NEW_MEDIA;
	if (changed && !first && !present(view))
		return EVENT_MEDIA_REMOVAL;
	return EVENT_NONE;
}

void
mmc_get_event_status(struct scsi_task *task)
{
	struct mmc *m = mmc_of(task->lu);
	uint16_t allocation = get_be16(task->cdb + 7);
	bool media = (task->cdb[4] & CLASSES) != 0;
	struct drive_view view;
	struct wbuf w;

	if (!(task->cdb[1] & POLLED)) { /* asynchronous notification needs queuing that we lack */
		task_invalid_field(task, true, 1);
		return;
	}
	drive_view(m->drive, &view);
	task_reply_begin(task, &w);
	/* The length counts what follows itself: Windows turns this command off for a drive that
	 * says 4 where 6 is right. */
	wb_be16(&w, media ? 6 : 2);
	wb_u8(&w, media ? CLASS_MEDIA : NEA);
	wb_u8(&w, CLASSES);
	if (media) {
		/* A reply cut before the event does not use it up (MMC-6 6.6). */
		wb_u8(&w, allocation > HEADER_LEN ? next_event(m, &view, task->itl) : EVENT_NONE);
		wb_u8(&w, (uint8_t)((present(&view) ? STATUS_PRESENT : 0) |
				    (view.tray_open ? STATUS_TRAY_OPEN : 0)));
		wb_zero(&w, 2); /* start and end slot */
	}
	task_reply_end(task, &w, allocation);
}
