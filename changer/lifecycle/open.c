/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Opening and closing the jukebox.
 */
#include "changer/jukebox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "changer/drive/drive.h"
#include "changer/drive/simulate.h"
#include "changer/insert/import.h"
#include "changer/insert/look.h"
#include "changer/inventory/finding.h"
#include "changer/inventory/model.h"
#include "changer/lifecycle/again.h"
#include "changer/lifecycle/scan.h"
#include "changer/lifecycle/settle.h"
#include "changer/robot/robot.h"
#include "changer/settings/setting_store.h"
#include "changer/settings/user.h"
#include "changer/store/store.h"
#include "changer/verify/check.h"

/* ---- life ------------------------------------------------------------------------------------ */

/* Raises the process's limit of open files to the hard limit.  Each loaded disc and each open file needs a
 * descriptor, for which a shell's soft limit may be too low.  Ignores errors. */
static void
raise_file_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Makes the jukebox's lock, layout_lock and the condition `changed`, whose waits use CLOCK_MONOTONIC. */
static void
init_lock(struct jukebox *jb)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&jb->lock, NULL);
	pthread_mutex_init(&jb->layout_lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&jb->changed, &attr);
	pthread_condattr_destroy(&attr);
}

/* Makes the index of items by id.  Returns false if memory is missing. */
static bool
make_index(struct jukebox *jb)
{
	size_t elements = 0;
	bool made;

	for (unsigned t = JB_PICKER; t < ELEM_TYPES; t++)
		elements += jb->counts[t];
	item_index_grow(jb, elements);
	jb_enter(jb);
	made = jb->by_id != NULL;
	jb_leave(jb);
	return made;
}

/* Returns true if no count of the layout is above element_max of its type. */
static bool
layout_is_possible(const struct jb_layout *l)
{
	return l->slots <= element_max(JB_SLOT) && l->mailslots <= element_max(JB_MAILSLOT) &&
	       l->drives <= element_max(JB_DRIVE);
}

/* Makes the elements, the drives, the settings, the users and the log of events, makes the store durable
 * (settle_found) unless it is read-only, and reads the discs.  The store is open, and jb->counts are those of
 * jukebox.json.  Returns the error of the first step that fails; jb_close then frees what was made. */
static enum jb_err
build(struct jukebox *jb)
{
	enum jb_err err = scan_counts(jb);

	if (err == JB_OK)
		err = element_make_all(jb);
	if (err == JB_OK && !make_index(jb))
		err = JB_NO_MEMORY;
	if (err == JB_OK)
		err = drive_init_all(jb);
	if (err == JB_OK)
		err = setting_load_all(jb);
	if (err == JB_OK)
		err = user_load_all(jb);
	if (err == JB_OK)
		err = event_init(jb);
	if (err == JB_OK && !store_is_read_only())
		err = settle_found(jb);
	return err == JB_OK ? scan_store(jb) : err;
}

/* Reads jukebox.json, or makes it, and then all else, for a jukebox whose store is open; `name` is that of
 * the store.  In a check, reports a jukebox.json that cannot be used, and takes the elements from the
 * directories.  Returns an error of store_identify or build, with a sentence in `why`. */
static enum jb_err
read_store(struct jukebox *jb, const char *name, char *why, size_t why_size)
{
	enum jb_err err = store_identify(jb->store, jb->uuid, &jb->floors[JB_SLOT],
		&jb->floors[JB_MAILSLOT], &jb->floors[JB_DRIVE], why, why_size);

	if (err == JB_STORE_FORMAT && jb->finding != NULL) {
		finding_report(jb, "jukebox.json", NULL, "%s", jb_err_text(err));
		jb->floors[JB_SLOT] = jb->floors[JB_MAILSLOT] = jb->floors[JB_DRIVE] = 0;
		err = JB_OK;
	}
	if (err != JB_OK)
		return err;
	for (unsigned t = JB_PICKER; t < ELEM_TYPES; t++)
		jb->counts[t] = jb->floors[t];
	err = build(jb);
	if (err != JB_OK)
		snprintf(why, why_size, "the store %s: %s", name, jb_err_text(err));
	return err;
}

/* Makes the parts of the jukebox that need no store: locks, strands, queues, the hook look_again and the
 * count of pickers.  Returns JB_NO_THREADS if a thread cannot be started; writes its text to `why` in any
 * case.  After any result, jb_close ends them. */
static enum jb_err
init_parts(struct jukebox *jb, char *why, size_t why_size)
{
	bool started;

	init_lock(jb);
	started = robot_init(jb);
	faults_init(&jb->robot_faults);
	started = strand_init(&jb->housekeeping, "housekeeping") && started;
	check_init(jb);
	import_init(jb);
	jb->look_again = look_again;
	jb->floors[JB_PICKER] = TRANSPORTS;
	snprintf(why, why_size, "%s", jb_err_text(JB_NO_THREADS));
	return started ? JB_OK : JB_NO_THREADS;
}

/* Logs, and raises the event `error` with JB_STORE_READ_ONLY, which ctl/last-error repeats: nothing in the
 * store can be changed. */
static void
report_read_only(struct jukebox *jb)
{
	struct jb_event e;

	log_warn("store", "%s", jb_err_text(JB_STORE_READ_ONLY));
	event_begin(&e, JB_EVENT_ERROR, NULL);
	e.err = JB_STORE_READ_ONLY;
	event_add(jb, &e);
}

bool
jb_is_read_only(const struct jukebox *jb)
{
	return store_is_read_only();
}

enum jb_err
jb_check(const char *store, jb_finding *finding, void *arg, char *why, size_t why_size)
{
	struct jukebox *jb = calloc(1, sizeof(*jb));
	enum jb_err err;

	snprintf(why, why_size, "%s", jb_err_text(JB_NO_MEMORY));
	if (jb == NULL)
		return JB_NO_MEMORY;
	raise_file_limit();
	err = store_open_to_look(store, &jb->store, &jb->lock_fd, why, why_size);
	if (err != JB_OK) {
		free(jb);
		return err;
	}
	jb->finding = finding;
	jb->finding_arg = arg;
	err = init_parts(jb, why, why_size);
	if (err == JB_OK)
		err = read_store(jb, store, why, why_size);
	jb_close(jb);
	return err;
}

enum jb_err
jb_open(const char *store, const struct jb_layout *layout, struct jukebox **out, char *why,
	size_t why_size)
{
	struct jukebox *jb = calloc(1, sizeof(*jb));
	enum jb_err err;

	if (jb == NULL) {
		snprintf(why, why_size, "%s", jb_err_text(JB_NO_MEMORY));
		return JB_NO_MEMORY;
	}
	if (!layout_is_possible(layout)) {
		snprintf(why, why_size, "at most %u slots, %u mail slots and %u drives",
			element_max(JB_SLOT), element_max(JB_MAILSLOT), element_max(JB_DRIVE));
		free(jb);
		return JB_BAD_VALUE;
	}
	raise_file_limit();
	err = store_open(store, &jb->store, &jb->lock_fd, &jb->last_end, why, why_size);
	if (err != JB_OK) {
		free(jb);
		return err;
	}
	err = init_parts(jb, why, why_size);
	jb->floors[JB_SLOT] = layout->slots;
	jb->floors[JB_MAILSLOT] = layout->mailslots;
	jb->floors[JB_DRIVE] = layout->drives;
	if (err == JB_OK)
		err = read_store(jb, store, why, why_size);
	if (err == JB_OK && !import_open(jb)) {
		snprintf(why, why_size, "%s", jb_err_text(JB_NO_THREADS));
		err = JB_NO_THREADS;
	}
	if (err != JB_OK) {
		jb_close(jb);
		return err;
	}
	if (store_is_read_only())
		report_read_only(jb);
	check_open(jb);
	jb->opened = true;
	jb->read_again = again_read;
	*out = jb;
	return JB_OK;
}

/* Drops the reference that each item has from item_new, which frees the item, and frees the index. */
static void
free_items(struct jukebox *jb)
{
	for (size_t i = 0; i < jb->buckets; i++) {
		struct item *it;

		do {
			jb_enter(jb);
			it = jb->by_id == NULL ? NULL : jb->by_id[i];
			jb_leave(jb);
			if (it != NULL)
				item_unref(it);
		} while (it != NULL);
	}
	jb_enter(jb);
	free(jb->by_id);
	jb_leave(jb);
}

void
jb_close(struct jukebox *jb)
{
	import_fini(jb);
	check_fini(jb);
	strand_fini(&jb->robot); /* before the drives: its last jobs may rename discs in them */
	drive_fini_all(jb);
	faults_fini(&jb->robot_faults);
	strand_fini(&jb->housekeeping);
	event_fini(jb);
	free_items(jb);
	user_free_all(jb);
	setting_free_all(jb);
	element_free_all(jb);
	pthread_cond_destroy(&jb->changed);
	pthread_mutex_destroy(&jb->lock);
	pthread_mutex_destroy(&jb->layout_lock);
	if (jb->opened && store_mark_clean(jb->lock_fd) != JB_OK)
		log_warn("store", "cannot write into the lock file: the next start syncs all");
	/* This comes last, because it lets another daemon open the store. */
	close(jb->store);
	if (jb->lock_fd >= 0)
		close(jb->lock_fd);
	free(jb);
}

const char *
jb_uuid(const struct jukebox *jb)
{
	return jb->uuid;
}
