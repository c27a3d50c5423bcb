/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GET EVENT STATUS NOTIFICATION, MMC-6 6.6, polled.
 *
 * The drive has no queues of events.  It counts what happens, and each nexus keeps in scsi_itl.seen the
 * counts that were reported to it.  So a nexus that never polls costs nothing; each event is reported
 * once to each nexus; and an event that happened several times since the last poll is reported once.  Only
 * this command writes the places for events in scsi_itl.seen.  It runs in the connection's thread, so these
 * places need no lock.
 *
 * If the initiator asks for several classes, the lowest one that has an event is reported.  If none has
 * an event, the lowest one is reported with the event "none".  No event may be reported twice: Windows
 * regards a drive that repeats one as broken, and never sends it this command again.
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

enum {
	POLLED = 0x01, /* CDB byte 1 */

	/* Event header */
	NEA = 0x80, /* no event available: none of the requested classes is supported */
	HEADER_LEN = 4,
	EVENT_LEN = 4,
	EVENT_NONE = 0, /* the same in all classes */
	PERSISTENT =
		0x80 /* in the status of three classes: some nexus prevents removal persistently */
};

/* One poll by one nexus. */
struct poll {
	struct mmc *m;
	struct scsi_itl *itl;	/* the nexus */
	struct drive_view view; /* the state of the drive at this poll */
	bool take; /* true: the reply has room for the event, so it is marked as reported */
};

/* A class of events (MMC-6 6.6). */
struct event_class {
	uint8_t number; /* bit `number` of CDB byte 4 requests the class */
	/* Returns the event to report, or EVENT_NONE.  Marks it as reported if p->take is true. */
	uint8_t (*event)(const struct poll *p);
	/* Appends the three bytes that follow `event` in the reply. */
	void (*status)(const struct poll *p, uint8_t event, struct wbuf *w);
};

/* Returns the value of a counter to which other threads may add.  Takes no lock. */
static uint64_t
load_counter(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_ACQUIRE);
}

/* Returns true if `now`, the present value of a counter, differs from the value that was reported to the
 * nexus: seen[place], one of SEEN_EV_*.  If it returns true and p->take is true, stores `now` there, so
 * that the event is reported once. */
static bool
has_news(const struct poll *p, unsigned place, uint64_t now)
{
	if (p->itl->seen[place] == now)
		return false;
	if (p->take)
		p->itl->seen[place] = now;
	return true;
}

/* Returns what this nexus itself prevents: the bits MMC_PREVENT and MMC_PERSISTENT. */
static uint8_t
own_prevents(const struct poll *p)
{
	return __atomic_load_n(&p->itl->prevents, __ATOMIC_ACQUIRE);
}

/* Returns the bit PERSISTENT if any nexus prevents removal persistently; else 0. */
static uint8_t
persistent_bit(const struct poll *p)
{
	return __atomic_load_n(&p->m->persistent, __ATOMIC_ACQUIRE) > 0 ? PERSISTENT : 0;
}

/* Returns the status byte of the classes External Request and Multi-Host: PERSISTENT if any nexus
 * prevents removal persistently, and "Other Prevent" if a nexus other than this one prevents the
 * removal of the disc. */
static uint8_t
lock_status(const struct poll *p)
{
	enum { READY = 0, OTHER_PREVENT = 1 };
	unsigned own = own_prevents(p) != 0;

	return persistent_bit(p) | (p->view.prevents > own ? OTHER_PREVENT : READY);
}

/* ---- operational change: the set of current features, which depends on the medium ------------ */

/* Returns "change occurred", once, if the current features may have changed: by another medium, or by a
 * recording.  Else returns EVENT_NONE. */
static uint8_t
operational_event(const struct poll *p)
{
	enum { CHANGE_OCCURRED = 2 };
	uint64_t changes = p->view.media_changes + load_counter(&p->m->recordings);

	return has_news(p, SEEN_EV_FEATURES, changes) ? CHANGE_OCCURRED : EVENT_NONE;
}

/* Appends the persistent bit and the kind of change, which is 0 without an event. */
static void
operational_status(const struct poll *p, uint8_t event, struct wbuf *w)
{
	enum { FEATURE_CHANGE = 1 };

	wb_u8(w, persistent_bit(p)); /* available */
	wb_be16(w, event != EVENT_NONE ? FEATURE_CHANGE : 0);
}

/* ---- power management -------------------------------------------------------------------------- */

/* Returns "power change succeeded", once, if the power state has changed; else EVENT_NONE. */
static uint8_t
power_event(const struct poll *p)
{
	enum { CHANGE_SUCCEEDED = 1 };

	return has_news(p, SEEN_EV_POWER, load_counter(&p->m->power_changes)) ? CHANGE_SUCCEEDED
									      : EVENT_NONE;
}

/* Appends the power state and two reserved bytes. */
static void
power_status(const struct poll *p, uint8_t event, struct wbuf *w)
{
	wb_u8(w, __atomic_load_n(&p->m->power, __ATOMIC_ACQUIRE));
	wb_zero(w, 2);
}

/* ---- external request: the eject button, which is an action in the mount ---------------------- */

/* Returns each push of the button as two events, key down and key up, in two polls; EVENT_NONE if all
 * were reported.  seen[SEEN_EV_KEYS] counts these events: it is twice the number of pushes that were
 * reported.  If there were several pushes since the last poll, reports the last one only. */
static uint8_t
external_event(const struct poll *p)
{
	enum { KEY_DOWN = 1, KEY_UP = 2 };
	uint64_t now = 2 * p->view.eject_requests, told = p->itl->seen[SEEN_EV_KEYS];

	if (told == now)
		return EVENT_NONE;
	if (now - told > 2)
		told = now - 2;
	told++;
	if (p->take)
		p->itl->seen[SEEN_EV_KEYS] = told;
	return told % 2 == 1 ? KEY_DOWN : KEY_UP;
}

/* Appends the lock status and an empty request. */
static void
external_status(const struct poll *p, uint8_t event, struct wbuf *w)
{
	wb_u8(w, lock_status(p));
	wb_be16(w, 0); /* no request: MMC-6 has requests only for playing audio */
}

/* ---- media -------------------------------------------------------------------------------------- */

/* Returns true if a disc is accessible: in the closed tray of a drive that is online, and loaded.  Does
 * not look whether a link can be read. */
static bool
medium_present(const struct drive_view *view)
{
	return view->has_disc && !view->tray_open && !view->offline && !view->loading;
}

void
mmc_events_find(struct scsi_itl *itl, const struct drive_view *view)
{
	if (medium_present(view))
		__atomic_store_n(&itl->seen[SEEN_FOUND], view->media_arrivals, __ATOMIC_RELEASE);
}

/* Returns true if the nexus has found a medium (mmc_events_find) that came later than the last one whose
 * arrival or removal was reported to it. */
static bool
found_unreported(const struct poll *p)
{
	return load_counter(&p->itl->seen[SEEN_FOUND]) > p->itl->seen[SEEN_EV_ARRIVALS];
}

/* Event 6, a restarted background format, does not occur: only a host restarts a format. */
enum { EJECT_REQUEST = 1, NEW_MEDIA = 2, MEDIA_REMOVAL = 3, BACKGROUND_FORMAT_COMPLETED = 5 };

/*
 * Returns the event that happened to the medium, or EVENT_NONE; if there are several, the first of these:
 *
 *	an eject request, but only while its disc is in the drive: else the host would eject the wrong disc
 *	a recording, which is reported as a new medium
 *	the end of a format in the background
 *	the removal of a medium
 *	a new medium
 *
 * If a medium was replaced by another one between two polls, reports first the removal, and at the next poll
 * the new medium, so that no host confuses the two discs.  A nexus that polls for the first time gets the
 * present medium as new: mmc_events_begin has not marked it as reported.  If that medium has gone by then, as
 * after an eject by the host, reports its removal if the login of the nexus or a command had found it.
 */
static uint8_t
media_event(const struct poll *p)
{
	uint64_t *seen = p->itl->seen, recordings = load_counter(&p->m->recordings);
	bool told = seen[SEEN_EV_PRESENT] != 0;
	bool here = medium_present(&p->view);
	bool same = here && seen[SEEN_EV_ARRIVALS] == p->view.media_arrivals;

	if (has_news(p, SEEN_EV_EJECTS, p->view.eject_requests) && p->view.eject_wanted)
		return EJECT_REQUEST;
	if (told && same && has_news(p, SEEN_EV_RECORDINGS, recordings))
		return NEW_MEDIA;
	if (told && same)
		return has_news(p, SEEN_EV_FORMATS, p->view.formats) ? BACKGROUND_FORMAT_COMPLETED
								     : EVENT_NONE;
	if (!told && !here && !found_unreported(p))
		return EVENT_NONE;
	if (p->take) {
		seen[SEEN_EV_FORMATS] =
			p->view.formats; /* earlier formats were of another medium */
		seen[SEEN_EV_PRESENT] = !told && here;
		seen[SEEN_EV_ARRIVALS] = p->view.media_arrivals;
		seen[SEEN_EV_RECORDINGS] = recordings;
	}
	return told || !here ? MEDIA_REMOVAL : NEW_MEDIA;
}

/* Appends the status of the tray and the disc.  With the event of a removal, reports no disc, even if the
 * next one is in the drive. */
static void
media_status(const struct poll *p, uint8_t event, struct wbuf *w)
{
	enum { TRAY_OPEN = 0x01, PRESENT = 0x02 };
	bool there = medium_present(&p->view) && event != MEDIA_REMOVAL;

	wb_u8(w, (uint8_t)((there ? PRESENT : 0) | (p->view.tray_open ? TRAY_OPEN : 0)));
	wb_zero(w, 2); /* start and end slot */
}

/* ---- multi-host: what other nexuses do with the drive's lock ------------------------------------ */

/* Returns true if other nexuses have added to m->control[what] since it was reported to this nexus.
 * Additions by this nexus itself (SEEN_OWN_CONTROL) do not count.  If it returns true and p->take is
 * true, marks the value as reported. */
static bool
others_news(const struct poll *p, enum mmc_control what)
{
	uint64_t own = load_counter(&p->itl->seen[SEEN_OWN_CONTROL + what]);
	uint64_t others = load_counter(&p->m->control[what]) - own;
	uint64_t *told = &p->itl->seen[SEEN_EV_CONTROL + what];

	/* Negative while mmc_control has counted in the nexus but not yet in the unit. */
	if ((int64_t)(others - *told) <= 0)
		return false;
	if (p->take)
		*told = others;
	return true;
}

/* Returns the event of the lowest mmc_control that other nexuses have done and that was not reported;
 * EVENT_NONE if there is none. */
static uint8_t
multi_host_event(const struct poll *p)
{
	for (unsigned what = 0; what < CONTROLS; what++)
		if (others_news(p, (enum mmc_control)what))
			return (uint8_t)(what + 1);
	return EVENT_NONE;
}

/* Appends the lock status and, for the event of a request, its priority. */
static void
multi_host_status(const struct poll *p, uint8_t event, struct wbuf *w)
{
	enum { PRIORITY_LOW = 1 };

	wb_u8(w, lock_status(p));
	wb_be16(w, event == CONTROL_REQUEST + 1 ? PRIORITY_LOW : 0);
}

/* ---- device busy -------------------------------------------------------------------------------- */

/* Returns BUSY, once for each loading, while the drive loads a disc; else EVENT_NONE.  No other work of
 * the drive makes it busy, because each command is answered only when its work is done. */
static uint8_t
busy_event(const struct poll *p)
{
	enum { BUSY = 1 };

	return p->view.loading && has_news(p, SEEN_EV_LOADS, p->view.loads) ? BUSY : EVENT_NONE;
}

/* Appends whether the drive is loading, and how long that still takes, in units of 100 ms, rounded up. */
static void
busy_status(const struct poll *p, uint8_t event, struct wbuf *w)
{
	enum { NOT_BUSY = 0, WAKING_UP = 1, STEP_MS = 100 };
	unsigned left = p->view.loading ? drive_loading_left(p->m->drive) : 0;

	wb_u8(w, p->view.loading ? WAKING_UP : NOT_BUSY);
	wb_be16(w, (uint16_t)((left + STEP_MS - 1) / STEP_MS));
}

/* ---- the command -------------------------------------------------------------------------------- */

/* The classes, by ascending number: the lowest one is reported first. */
static const struct event_class classes[] = {
	{1, operational_event, operational_status},
	{2, power_event, power_status},
	{3, external_event, external_status},
	{4, media_event, media_status},
	{5, multi_host_event, multi_host_status},
	{6, busy_event, busy_status},
};
enum { CLASSES = sizeof(classes) / sizeof(classes[0]), CLASSES_MASK = 0x7e };

/*
 * Returns the class to report, and its event in *event: the lowest requested class that has an event; if
 * none has one, the lowest requested class, with EVENT_NONE.  Returns NULL, and EVENT_NONE, if none of the
 * requested classes is supported.  Marks the event as reported if p->take is true.  Bit n of `asked` requests
 * class n.
 */
static const struct event_class *
choose_class(const struct poll *p, uint8_t asked, uint8_t *event)
{
	const struct event_class *first = NULL;

	*event = EVENT_NONE;
	for (unsigned i = 0; i < CLASSES && *event == EVENT_NONE; i++) {
		if (!(asked & 1U << classes[i].number))
			continue;
		*event = classes[i].event(p);
		if (first == NULL || *event != EVENT_NONE)
			first = &classes[i];
	}
	return first;
}

/* Carries out GET EVENT STATUS NOTIFICATION.  Refuses the asynchronous form.  If no requested class is
 * supported, sends the header only, with NEA.  Does not mark the event as reported if the allocation length
 * has no room for it.  Runs in the connection's thread, without the strand; the nexus must not poll in two
 * threads at once. */
void
mmc_get_event_status(struct scsi_task *task)
{
	struct mmc *m = mmc_of(task->lu);
	uint16_t allocation = get_be16(task->cdb + 7);
	/* If the reply is cut off before the event, the event is not marked as reported (MMC-6 6.6). */
	struct poll p = {.m = m, .itl = task->itl, .take = allocation > HEADER_LEN};
	const struct event_class *class;
	uint8_t event;
	struct wbuf w;

	if (!(task->cdb[1] & POLLED)) { /* asynchronous notification is not supported */
		task_invalid_field(task, true, 1);
		return;
	}
	drive_view(m->drive, &p.view);
	class = choose_class(&p, task->cdb[4], &event);
	task_reply_begin(task, &w);
	/* The length counts what follows itself: Windows turns this command off for a drive that
	 * says 4 where 6 is right. */
	wb_be16(&w, class != NULL ? HEADER_LEN + EVENT_LEN - 2 : HEADER_LEN - 2);
	wb_u8(&w, class != NULL ? class->number : NEA);
	wb_u8(&w, CLASSES_MASK);
	if (class != NULL) {
		wb_u8(&w, event);
		class->status(&p, event, &w);
	}
	task_reply_end(task, &w, allocation);
}

void
mmc_events_begin(struct mmc *m, struct scsi_itl *itl, const struct drive_view *view)
{
	uint64_t *seen = itl->seen;

	seen[SEEN_EV_FEATURES] = view->media_changes + load_counter(&m->recordings);
	seen[SEEN_EV_POWER] = load_counter(&m->power_changes);
	seen[SEEN_EV_KEYS] = 2 * view->eject_requests;
	seen[SEEN_EV_EJECTS] = view->eject_requests;
	seen[SEEN_EV_FORMATS] = view->formats;
	seen[SEEN_EV_LOADS] = view->loading ? view->loads - 1 : view->loads;
	for (unsigned what = 0; what < CONTROLS; what++)
		seen[SEEN_EV_CONTROL + what] = load_counter(&m->control[what]);
}

void
mmc_control(struct mmc *m, struct scsi_itl *itl, enum mmc_control what)
{
	/* First in the nexus, then in the unit: others_news relies on this order. */
	__atomic_add_fetch(&itl->seen[SEEN_OWN_CONTROL + what], 1, __ATOMIC_RELEASE);
	__atomic_add_fetch(&m->control[what], 1, __ATOMIC_RELEASE);
}

/* Adds one to m->recordings.  Gives the nexus of `task` the event, but no unit attention: a burning
 * program regards a unit attention between two CLOSE commands as a failure.  Without the event, that
 * nexus's kernel would keep the size that it read when the disc was blank. */
void
mmc_recorded(struct scsi_task *task)
{
	struct mmc *m = mmc_of(task->lu);

	mmc_settings(m)->session.set = false; /* the cue sheet was for the disc before the change */
	__atomic_add_fetch(&m->recordings, 1, __ATOMIC_RELEASE);
	lu_ua_others(task->lu, task->itl, 0x28, 0x00);
}
