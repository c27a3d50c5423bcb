/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Gives discs the names that their form needs.  A raw disc (disc.h) is a BIN, so its name must be
 * LABEL.bin, whatever its name was as a blank.  If it is blanked, it is not raw any more, and its name must
 * be LABEL.iso as for other blanks.
 *
 * A disc becomes raw, or is blanked, while a thread holds its drive's strand.  A rename needs a claim, and
 * a claim must be taken before a strand (lock.h).  So the robot's thread renames the disc a moment later.
 */
#include <stdlib.h>
#include <string.h>

#include "changer/base/log.h"
#include "changer/disc/correct_name.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/store/store.h"

/* A job of the robot's thread that gives a disc its correct name. */
struct rename_job {
	struct strand_job job; /* must be first */
	struct item *item;     /* a reference, which the job drops */
	/* the initiator for which the disc is renamed; "": the mount */
	char initiator[JB_EVENT_INITIATOR_MAX + 1];
};

enum jb_err
correct_name_wanted(const struct item *it, char *name)
{
	const struct disc *d = &it->disc;

	if (it->kind != JB_ITEM_DISC)
		return JB_NO_ITEM;
	/* A user chose the name of a disc that was inserted, or that still has its first image. */
	if (d->raw && !name_is_bin(it->name) && d->origin != JB_ORIGIN_INSERTED)
		return name_of_bin(it->name, name);
	if (!d->raw && d->image_number > 1 && d->origin != JB_ORIGIN_INSERTED &&
		name_is_bin(it->name))
		return name_of_iso(it->name, name);
	return JB_NO_ITEM;
}

/* Logs a warning that the disc needs another name but could not be renamed.  err says why. */
static void
say_not_renamed(const struct item *it, enum jb_err err)
{
	log_warn("store", "%s: %s, but it cannot be renamed: %s", it->name,
		it->disc.raw ? "this disc of raw sectors must have the name of a BIN"
			     : "this disc is not a BIN any more",
		jb_err_text(err));
}

/* Renames the disc of the job until its name is correct.  Logs an error that prevents this.  Drops the
 * job's reference to the disc, and frees the job.  Runs in the robot's thread. */
static void
run_rename(struct strand_job *job)
{
	struct rename_job *r = (struct rename_job *)job;
	enum jb_err err;

	/* While it was being renamed, the disc may have changed its form again. */
	do
		err = r->item->jb->correct_name(
			r->item, r->initiator[0] == '\0' ? NULL : r->initiator);
	while (err == JB_OK);

	/* The rename is tried again when a session is closed, and at the next start. */
	if (err != JB_NO_ITEM)
		say_not_renamed(r->item, err);
	item_unref(r->item);
	free(r);
}

void
correct_name_schedule(struct disc *d)
{
	struct item *it = disc_state_item(d);
	const char *initiator = disc_state_acts_for(d);
	char name[JB_NAME_MAX + 1];
	struct rename_job *r;

	if (correct_name_wanted(it, name) == JB_NO_ITEM)
		return;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return;
	r->job.run = run_rename;
	r->item = it;
	if (initiator != NULL)
		strncpy(r->initiator, initiator, sizeof(r->initiator) - 1);
	jb_enter(it->jb);
	item_ref(it);
	jb_leave(it->jb);
	strand_post(&it->jb->robot, &r->job);
}

void
correct_name_apply(struct item *it)
{
	char name[JB_NAME_MAX + 1];
	char *made = NULL;
	enum jb_err err = correct_name_wanted(it, name);

	if (err == JB_NO_ITEM)
		return;
	if (err == JB_OK && (made = name_make(name)) == NULL)
		err = JB_NO_MEMORY;
	if (err == JB_OK)
		err = item_relabel(it, &made, NULL);
	if (err != JB_OK)
		say_not_renamed(it, err);
	free(made);
}

void
correct_name_apply_at_start(struct item *it)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX], where[32], name[JB_NAME_MAX + 1];
	char *made = NULL;
	enum jb_err err = correct_name_wanted(it, name);

	if (err == JB_NO_ITEM || store_is_read_only())
		return;
	if (err == JB_OK && (made = name_make(name)) == NULL)
		err = JB_NO_MEMORY;
	if (err == JB_OK) {
		item_path(it, from);
		store_join(jb_elem_str(it->elem->at, where), name, to);
		err = store_rename(it->jb->store, from, to);
	}
	if (err != JB_OK) {
		say_not_renamed(it, err);
		free(made);
		return;
	}
	log_info("store", "%s: the disc %s, so it is renamed to %s", from,
		it->disc.raw ? "has raw sectors" : "was blanked", name);
	free(it->name);
	it->name = made;
}
