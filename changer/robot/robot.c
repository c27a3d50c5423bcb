/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The robot: moves discs and changes their labels.
 *
 * A move has three steps.  Under the jukebox lock, it is checked, the disc is claimed and its new element is
 * reserved.  Without the lock, the strands of the drives at both ends are entered, data is synced and the
 * disc's directory is renamed.  Under the lock again, the inventory is changed.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/disc/correct_name.h"
#include "changer/drive/drive.h"
#include "changer/drive/simulate.h"
#include "changer/inventory/description.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/inventory/progress.h"
#include "changer/robot/robot.h"
#include "changer/store/store.h"

/* ---- the move itself ------------------------------------------------------------------------- */

/* Enters the strands of the drives that the disc leaves and comes to, if there are any, by ascending
 * number as base/lock.h demands; that of one drive only once.  May block for long. */
static void
enter_strands(struct jb_job *job)
{
	struct drive *a = job->from->drive, *b = job->to->drive;

	if (a != NULL && b != NULL && b->number < a->number) {
		struct drive *swap = a;

		a = b;
		b = swap;
	}
	if (a != NULL)
		strand_enter(&a->strand);
	if (b != NULL && b != a)
		strand_enter(&b->strand);
}

/* Leaves the strands that enter_strands entered. */
static void
leave_strands(struct jb_job *job)
{
	if (job->from->drive != NULL)
		strand_leave(&job->from->drive->strand);
	if (job->to->drive != NULL && job->to->drive != job->from->drive)
		strand_leave(&job->to->drive->strand);
}

/* Returns true if the element is a slot or a mail slot. */
static bool
is_storage(const struct element *el)
{
	return el->at.type == JB_SLOT || el->at.type == JB_MAILSLOT;
}

/* Stores in the disc's description that it comes from job->from, if that is a slot or a mail slot: READ
 * ELEMENT STATUS reports it as "source storage element address" (SMC-3 6.11.5).  Does not write if the item
 * in memory has that source already.  Leaves memory to commit_in_memory.  Returns JB_OK or an error of the
 * store.  Claim held. */
static enum jb_err
store_source(struct jb_job *job)
{
	struct item *it = job->item;
	char dir[STORE_PATH_MAX];
	struct description d;

	if (!is_storage(job->from))
		return JB_OK;
	if (it->has_source && it->source.type == job->from->at.type &&
		it->source.number == job->from->at.number)
		return JB_OK;
	description_of(it, &d);
	d.has_source = true;
	d.source = job->from->at;
	return description_store(it->jb, item_path(it, dir), &d);
}

/* Renames the disc's directory from the element job->from to job->to, and to job->name, durably.  Sets *moved
 * and returns an error as item_move does. */
static enum jb_err
rename_disc(struct jb_job *job, bool *moved)
{
	char from[STORE_PATH_MAX], to[STORE_PATH_MAX], from_dir[32], to_dir[32];

	item_path(job->item, from);
	jb_elem_str(job->from->at, from_dir);
	store_join(jb_elem_str(job->to->at, to_dir), job->name, to);
	return item_move(job->item, job->to,
		&(struct item_paths){
			.from = from, .from_dir = from_dir, .to = to, .to_dir = to_dir},
		moved);
}

/* Changes the inventory after the disc's directory was renamed: elements, drives, source and time of
 * change.  Raises the event of the move.  Leaves the old name in job->made if the disc got another.  Gives
 * job->late_ms to the drive at job->to.  The strands of both drives must be held. */
static void
commit_in_memory(struct jb_job *job) REQUIRES(jb_lock)
{
	struct item *it = job->item;

	if (job->from->drive != NULL)
		drive_take_disc(job->from->drive);
	element_vacate(job->from);
	job->to->occupant = it;
	it->elem = job->to;
	if (is_storage(job->from)) {
		it->has_source = true;
		it->source = job->from->at;
	}
	if (job->made != NULL) {
		char *old = it->name;

		it->name = job->made;
		job->made = old;
	}
	it->ctime_ns = clock_wall_ns();
	/* job->made is the old name now.  This event comes before that of the tray, which closes on the
	 * disc. */
	event_move(it, job->from->at, job->made, job->initiator);
	if (job->to->drive != NULL) {
		job->to->drive->late_ms = job->late_ms;
		drive_put_disc(job->to->drive, it, job->initiator);
	}
}

/* Makes the move: enters the strands of the drives, syncs the disc, renames its directory, changes the
 * inventory, and raises the event.  Returns JB_MEDIUM_LOCKED if the drive was locked meanwhile, or an error
 * of the store; then the disc stays where it is, but after JB_NOT_DURABLE it has moved.  The disc's image is
 * pinned as long as the disc is in a drive.  The caller ends the claim and the reservation. */
static enum jb_err
run_move(struct jb_job *job) EXCLUDES(jb_lock)
{
	struct item *it = job->item;
	bool pinned = false, moved = false;
	enum jb_err err = JB_OK;

	enter_strands(job);
	if (job->from->drive != NULL) {
		/* An initiator may have locked the drive since the move was checked. */
		err = drive_is_locked(job->from->drive) ? JB_MEDIUM_LOCKED : disc_leave(&it->disc);
	}
	if (err == JB_OK && job->to->drive != NULL) {
		err = item_pin_image(it, NULL);
		pinned = err == JB_OK;
	}
	if (err == JB_OK)
		err = store_source(job);
	if (err == JB_OK)
		err = rename_disc(job, &moved);
	if (moved) {
		jb_enter(it->jb);
		commit_in_memory(job);
		jb_leave(it->jb);
	}
	leave_strands(job);
	if (!moved && pinned)
		item_unpin_image(it);
	if (moved && job->from->drive != NULL)
		item_unpin_image(it);
	return err;
}

/* ---- checks ---------------------------------------------------------------------------------- */

enum jb_err
robot_claim_disc(struct jukebox *jb, struct element *from, const char *name,
	const struct timespec *deadline, struct item **out)
{
	struct item *it = from->occupant;
	enum jb_err err;

	if (name != NULL && element_item(from, name) == NULL)
		return JB_NO_ITEM;
	if (it == NULL)
		return JB_ELEMENT_EMPTY;
	if (it->shadowed)
		return JB_BEING_INSERTED;
	item_ref(it);
	item_await_writers(it, deadline);
	err = item_claim(it, deadline);
	if (err == JB_OK) {
		if (it->elem != from || (name != NULL && strcmp(it->name, name) != 0))
			err = JB_NO_ITEM;
		else if (it->kind == JB_ITEM_INCOMING)
			err = JB_BEING_INSERTED;
		else if (it->kind == JB_ITEM_UNREADABLE)
			err = JB_UNREADABLE;
		else if (it->kind != JB_ITEM_DISC)
			err = JB_INCOMPLETE;
		else if (from->drive != NULL && drive_is_locked(from->drive))
			err = JB_MEDIUM_LOCKED;
		if (err != JB_OK)
			item_unclaim(it);
	}
	if (err == JB_OK) {
		*out = it;
		return JB_OK;
	}
	jb_leave(jb);
	item_unref(it);
	jb_enter(jb);
	return err;
}

/* Checks that a disc may come to the element, by the name new_name (NULL: its own).  Returns JB_IS_FIXED
 * for the picker, JB_WOULD_SWAP if an item there has the new name, or the result of element_admits. */
static enum jb_err
admit_move(struct element *to, const char *new_name) REQUIRES(jb_lock)
{
	if (to->at.type == JB_PICKER)
		return JB_IS_FIXED;
	if (new_name != NULL && element_item(to, new_name) != NULL)
		return JB_WOULD_SWAP;
	return element_admits(to);
}

/* Ends the job's reservation, asks again for imports that wait for that element, and gives back the job's
 * claim and its reference.  Does not free job->made. */
static void
give_back(struct jb_job *job) EXCLUDES(jb_lock)
{
	struct jukebox *jb = job->item->jb;

	jb_enter(jb);
	job->to->reserved = false;
	import_queue_freed(job->to);
	item_unclaim(job->item);
	jb_leave(jb);
	item_unref(job->item);
}

/* Checks the doors of mail slots.  Returns JB_MAILSLOT_OPEN if `by` is an initiator and the disc would
 * leave or come to a mail slot that is open to the operator; else JB_OK. */
static enum jb_err
admit_ends(const struct jb_job *job, enum jb_by by)
{
	enum jb_err err = element_admits_robot(job->from, by);

	return err == JB_OK ? element_admits_robot(job->to, by) : err;
}

/* Claims the disc at job->from, with a reference in job->item, and reserves job->to.  Checks the doors of
 * mail slots before it waits for the claim, and again after that, because the operator may have opened
 * one.  Returns an error of admit_ends, robot_claim_disc or admit_move; then nothing is claimed or
 * reserved, and if job->item is not NULL, the caller drops that reference.  May release the lock for a
 * time. */
static enum jb_err
reserve_ends(struct jukebox *jb, struct jb_job *job, const char *name, const char *new_name,
	enum jb_by by) REQUIRES(jb_lock)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	enum jb_err err = admit_ends(job, by);

	if (err == JB_OK)
		err = robot_claim_disc(jb, job->from, name, &deadline, &job->item);
	if (err != JB_OK)
		return err;
	err = admit_ends(job, by);
	if (err == JB_OK)
		err = admit_move(job->to, new_name);
	if (err == JB_OK)
		job->to->reserved = true;
	else
		item_unclaim(job->item);
	return err;
}

/* Fills *job with the move of the disc in the element `from` to the element `to`.  Claims the disc and
 * reserves `to`.  The disc must have the name `name` and gets new_name; NULL: any name, and no new one.
 * Returns JB_NO_ELEMENT; JB_NOT_STAGING or an error of name_check if new_name is not valid; JB_NO_MEMORY;
 * or an error of reserve_ends; then nothing is held.  After JB_OK the caller calls give_back and frees
 * job->made. */
static enum jb_err
reserve_move(struct jukebox *jb, struct jb_elem from, const char *name, struct jb_elem to,
	const char *new_name, enum jb_by by, struct jb_job *job) EXCLUDES(jb_lock)
{
	enum jb_err err = JB_OK;

	memset(job, 0, sizeof(*job));
	job->from = element_find(jb, from);
	job->to = element_find(jb, to);
	if (job->from == NULL || job->to == NULL)
		return JB_NO_ELEMENT;
	if (new_name != NULL)
		err = jb_name_is_staging(new_name) ? JB_NOT_STAGING : name_check(new_name);
	if (err == JB_OK && new_name != NULL && (job->made = name_make(new_name)) == NULL)
		err = JB_NO_MEMORY;
	if (err != JB_OK)
		return err;
	jb->look_again(jb);
	jb_enter(jb);
	err = reserve_ends(jb, job, name, new_name, by);
	jb_leave(jb);
	if (err != JB_OK) {
		if (job->item != NULL)
			item_unref(job->item);
		free(job->made);
		return err;
	}
	job->name = new_name != NULL ? new_name : job->item->name;
	return JB_OK;
}

/* ---- jobs ------------------------------------------------------------------------------------ */

void
jb_set_mover(struct jukebox *jb, jb_mover *mover, void *arg)
{
	jb_enter(jb);
	jb->mover = mover;
	jb->mover_arg = arg;
	jb_leave(jb);
}

void
jb_job_view(const struct jb_job *job, struct jb_job_view *out)
{
	out->from = job->from->at;
	out->to = job->to->at;
	out->disc = job->item->id;
	snprintf(out->name, sizeof(out->name), "%s", job->item->name);
	snprintf(out->new_name, sizeof(out->new_name), "%s", job->name);
}

/* Changes the job from pending to running.  Returns false, and changes nothing, if another thread has
 * done that before. */
static bool
begin_job(struct jb_job *job) EXCLUDES(jb_lock)
{
	bool first;

	jb_enter(job->item->jb);
	first = job->state == JOB_PENDING;
	if (first)
		job->state = JOB_RUNNING;
	jb_leave(job->item->jb);
	return first;
}

/* Ends a job that is running: stores the result and wakes the thread in robot_carry_out.  That thread may
 * return at once, and then the job is gone: the caller must not use it after this. */
static void
end_job(struct jb_job *job, enum jb_err result) EXCLUDES(jb_lock)
{
	struct jukebox *jb = job->item->jb;

	jb_enter(jb);
	job->result = result;
	job->state = JOB_DONE;
	jb_changed(jb);
	jb_leave(jb);
}

enum jb_err
jb_job_commit(struct jb_job *job)
{
	enum jb_err err;

	if (!begin_job(job))
		return JB_IN_USE;
	err = job->from == job->to ? item_relabel(job->item, &job->made, job->initiator)
				   : run_move(job);
	end_job(job, err);
	return err;
}

/* Makes the disc durable, if it is in a drive, before the mover is called.  This may take long, and while
 * the mover's rename(2) runs, no other move can be made.  Does nothing if the drive is locked, since the
 * move will then fail.  Takes the drive's strand.  Returns an error of the store. */
static enum jb_err
sync_ahead(struct jb_job *job) EXCLUDES(jb_lock)
{
	struct drive *d = job->from->drive;
	enum jb_err err = JB_OK;

	if (d == NULL)
		return JB_OK;
	strand_enter(&d->strand);
	if (!drive_is_locked(d))
		err = disc_sync(&job->item->disc);
	strand_leave(&d->strand);
	return err;
}

enum jb_err
robot_carry_out(struct jb_job *job, enum jb_by by)
{
	struct jukebox *jb = job->item->jb;
	jb_mover *mover = NULL;
	void *arg = NULL;
	enum jb_err err;

	if (job->from != job->to) {
		err = simulate_move(job->item, job->from->at, job->to->at, job->initiator,
			by == JB_BY_INITIATOR, &job->late_ms);
		if (err != JB_OK)
			return err;
	}
	if (by == JB_BY_INITIATOR) {
		jb_enter(jb);
		mover = jb->mover;
		arg = jb->mover_arg;
		jb_leave(jb);
	}
	job->state = JOB_PENDING;
	if (mover == NULL)
		return jb_job_commit(job);
	err = sync_ahead(job);
	if (err != JB_OK)
		return err;
	mover(arg, job);
	jb_enter(jb);
	while (job->state != JOB_DONE)
		(void)jb_wait_until(jb, NULL);
	jb_leave(jb);
	return job->result;
}

/* Moves a disc, from reserve_move to give_back; see reserve_move for the arguments.  Returns an error of
 * reserve_move or robot_carry_out.  A move by the mount that returns JB_OK counts as a change by hand
 * (jb_hand_view) in mail slots.  initiator is the name for events; NULL: it is not known, or the mount moves
 * the disc. */
static enum jb_err
move_disc(struct jukebox *jb, struct jb_elem from, const char *name, struct jb_elem to,
	const char *new_name, enum jb_by by, const char *initiator)
{
	struct jb_job job;
	enum jb_err err = reserve_move(jb, from, name, to, new_name, by, &job);

	if (err != JB_OK)
		return err;
	job.initiator = initiator;
	err = robot_carry_out(&job, by);
	if (err == JB_OK && by == JB_BY_MOUNT) {
		element_changed_by_hand(jb, job.from);
		element_changed_by_hand(jb, job.to);
	}
	give_back(&job);
	free(job.made);
	return err;
}

enum jb_err
jb_move(struct jukebox *jb, struct jb_elem from, struct jb_elem to, const char *initiator)
{
	return move_disc(jb, from, NULL, to, NULL, JB_BY_INITIATOR, initiator);
}

enum jb_err
robot_move_named(struct jukebox *jb, struct jb_elem from, const char *name, struct jb_elem to,
	const char *new_name)
{
	return move_disc(jb, from, name, to, new_name, JB_BY_MOUNT, NULL);
}

/* ---- another label --------------------------------------------------------------------------- */

/*
 * Claims the disc in job->from and reserves that element.  Stores the name that the disc will have in name,
 * which has JB_NAME_MAX + 1 bytes.  Returns JB_LABELLED if only_first and the disc has a label, JB_WOULD_SWAP
 * if another item has the new name, JB_ELEMENT_RESERVED if an item is on its way into the element, or an
 * error of name_with_label or robot_claim_disc.  On an error nothing is claimed or reserved; if job->item is
 * not NULL, the caller drops that reference.
 */
static enum jb_err
reserve_relabel(struct jukebox *jb, struct jb_job *job, const char *label, bool only_first,
	char *name) REQUIRES(jb_lock)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	char old[JB_NAME_MAX + 1];
	enum jb_err err = robot_claim_disc(jb, job->from, NULL, &deadline, &job->item);

	if (err != JB_OK)
		return err;
	jb_name_label(job->item->name, old);
	err = name_with_label(job->item->name, label, name);
	if (only_first && strcmp(old, JB_LABEL_NONE) != 0)
		err = JB_LABELLED;
	else if (err == JB_OK && job->to->reserved)
		err = JB_ELEMENT_RESERVED;
	else if (err == JB_OK && strcmp(old, label) != 0 && element_item(job->to, name) != NULL)
		err = JB_WOULD_SWAP;
	if (err == JB_OK)
		job->to->reserved = true;
	else
		item_unclaim(job->item);
	return err;
}

enum jb_err
jb_relabel(struct jukebox *jb, struct jb_elem e, const char *label, bool only_first,
	const char *initiator)
{
	struct element *el = element_find(jb, e);
	struct jb_job job = {.from = el, .to = el, .initiator = initiator};
	char name[JB_NAME_MAX + 1];
	enum jb_err err;

	if (el == NULL)
		return JB_NO_ELEMENT;
	jb_enter(jb);
	err = reserve_relabel(jb, &job, label != NULL ? label : JB_LABEL_NONE, only_first, name);
	jb_leave(jb);
	if (err == JB_OK) {
		job.name = name;
		job.made = name_make(name);
		err = job.made == NULL ? JB_NO_MEMORY : JB_OK;
		if (err == JB_OK && strcmp(name, job.item->name) != 0)
			err = robot_carry_out(&job, JB_BY_INITIATOR);
		give_back(&job);
		free(job.made);
	} else if (job.item != NULL) {
		item_unref(job.item);
	}
	return err;
}

/*
 * Claims the disc and reserves its element, for a correction of its name.  Stores the correct name in
 * name, which has JB_NAME_MAX + 1 bytes, and fills in the item and the element of *job.  Returns
 * JB_NO_ITEM if the name is correct or the disc is gone, JB_IN_USE if another operation keeps the
 * claim, JB_ELEMENT_RESERVED if another item is on its way into the element; then nothing is held.
 */
static enum jb_err
reserve_correct(struct item *it, struct jb_job *job, char *name) REQUIRES(jb_lock)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	enum jb_err err = item_claim(it, &deadline);

	if (err != JB_OK)
		return err;
	err = correct_name_wanted(it, name);
	if (err == JB_OK && it->elem->reserved)
		err = JB_ELEMENT_RESERVED;
	if (err != JB_OK) {
		item_unclaim(it);
		return err;
	}
	item_ref(it);
	job->item = it;
	job->from = job->to = it->elem;
	it->elem->reserved = true;
	return JB_OK;
}

/* Gives the disc the name that correct_name_wanted stores, through the mover.  Works in a locked
 * drive too, because the disc does not move.  Returns JB_NO_ITEM if the name is correct or the disc
 * is gone, the error of reserve_correct or of the rename, or JB_NO_MEMORY.  The robot's strand must
 * be held. */
static enum jb_err
correct_name(struct item *it, const char *initiator)
{
	struct jb_job job = {.initiator = initiator};
	struct jukebox *jb = it->jb;
	char name[JB_NAME_MAX + 1];
	enum jb_err err;

	assert(strand_is_mine(&jb->robot));
	jb_enter(jb);
	err = reserve_correct(it, &job, name);
	jb_leave(jb);
	if (err != JB_OK)
		return err;
	job.name = name;
	job.made = name_make(name);
	err = job.made == NULL ? JB_NO_MEMORY : robot_carry_out(&job, JB_BY_INITIATOR);
	give_back(&job);
	free(job.made);
	return err;
}

bool
robot_init(struct jukebox *jb)
{
	jb->correct_name = correct_name;
	return strand_init(&jb->robot, "robot");
}

struct strand *
jb_robot_strand(struct jukebox *jb)
{
	return &jb->robot;
}
