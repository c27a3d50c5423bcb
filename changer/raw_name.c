/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A raw disc is a BIN, and is called one: LABEL.bin, whatever the name was that it had as a blank.
 *
 * It becomes raw while its drive's strand is held, and a rename wants a claim, which comes before
 * strands.  So the robot's thread does it, a moment later.
 */
#include <stdlib.h>
#include <string.h>

#include "changer/base/log.h"
#include "changer/model.h"

struct rename_job {
	struct strand_job job; /* first */
	struct item *item;     /* a reference */
	char initiator[JB_EVENT_INITIATOR_MAX + 1];
};

static void
say_not_renamed(const struct item *it, enum jb_err err)
{
	log_warn("store", "%s: holds raw sectors and cannot be given the name of a BIN: %s",
		it->name, jb_err_text(err));
}

static void
run(struct strand_job *job)
{
	struct rename_job *r = (struct rename_job *)job;
	enum jb_err err = robot_rename_raw(r->item, r->initiator[0] == '\0' ? NULL : r->initiator);

	/* It is tried again when a session is closed, and at the next start. */
	if (err != JB_OK && err != JB_NO_ITEM)
		say_not_renamed(r->item, err);
	item_unref(r->item);
	free(r);
}

void
raw_name_due(struct disc *d)
{
	struct item *it = disc_item(d);
	const char *initiator = disc_acts_for(d);
	struct rename_job *r;

	if (!d->rec.raw || name_is_bin(it->name))
		return;
	r = calloc(1, sizeof(*r));
	if (r == NULL)
		return;
	r->job.run = run;
	r->item = it;
	if (initiator != NULL)
		strncpy(r->initiator, initiator, sizeof(r->initiator) - 1);
	jb_enter(it->jb);
	item_ref(it);
	jb_leave(it->jb);
	strand_post(&it->jb->robot, &r->job);
}

void
raw_name_take(struct item *it)
{
	char name[JB_NAME_MAX + 1];
	char *made = NULL;
	enum jb_err err;

	if (!it->disc.raw || name_is_bin(it->name))
		return;
	err = name_of_bin(it->name, name);
	if (err == JB_OK && (made = name_make(name)) == NULL)
		err = JB_NO_MEMORY;
	if (err == JB_OK)
		err = item_relabel(it, &made, NULL);
	if (err != JB_OK)
		say_not_renamed(it, err);
	free(made);
}

/* Nobody else has it yet, and nobody listens. */
void
raw_name_settle(struct item *it)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX], where[32], name[JB_NAME_MAX + 1];
	char *made = NULL;
	enum jb_err err;

	if (it->kind != JB_ITEM_DISC || !it->disc.rec.raw || name_is_bin(it->name))
		return;
	err = name_of_bin(it->name, name);
	if (err == JB_OK && (made = name_make(name)) == NULL)
		err = JB_NO_MEMORY;
	if (err == JB_OK) {
		store_item_path(it, from);
		store_join(jb_elem_str(it->elem->at, where), name, to);
		err = store_rename(it->jb->store, from, to);
	}
	if (err != JB_OK) {
		say_not_renamed(it, err);
		free(made);
		return;
	}
	log_info("store", "%s: holds raw sectors, and is %s from now on", from, name);
	free(it->name);
	it->name = made;
}
