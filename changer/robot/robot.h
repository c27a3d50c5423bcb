/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A move, or another name for a disc, as a job; and what the robot's files share to carry it out.
 */
#ifndef CHANGER_ROBOT_ROBOT_H
#define CHANGER_ROBOT_ROBOT_H

#include "changer/inventory/model.h"

/* PENDING: nobody has begun to end the job.  RUNNING: a thread commits it.  DONE: it has ended. */
enum job_state { JOB_PENDING, JOB_RUNNING, JOB_DONE };

/* A move; if from == to, a change of the disc's name.  It exists as long as robot_carry_out. */
struct jb_job {
	struct item *item;	   /* the disc; claimed */
	struct element *from, *to; /* to is reserved */
	const char *name;	   /* the name that the disc will have; borrowed */
	const char *initiator;	   /* its name, for events; NULL: the mount */
	unsigned late_ms;	   /* how much longer the drive `to` loads */
	/* owned: the new name, from name_make; after success, the old one; NULL: the name stays */
	char *made;
	enum job_state state; /* jukebox lock held */
	enum jb_err result;   /* of the job; only if state is JOB_DONE */
};

/* Makes the robot's strand, and sets the hook jb->correct_name.  Returns false if its thread cannot be
 * started.  When the daemon starts. */
bool robot_init(struct jukebox *jb);
/*
 * Claims the disc in the element `from`, and stores it with a reference in *out.  The disc must have the name
 * `name`; NULL: any.  First waits, until the deadline, for a program that is closing the file, and for the
 * claim.  Returns JB_NO_ITEM if no item in the element has that name, or the disc has left or was renamed
 * meanwhile; JB_ELEMENT_EMPTY if there is none; JB_BEING_INSERTED if it is still written, or a new one is
 * about to replace it; JB_UNREADABLE; JB_INCOMPLETE; JB_MEDIUM_LOCKED if its drive is locked; JB_IN_USE after
 * the deadline, or another error of item_claim.  On an error *out stays, and nothing is claimed.  May release
 * the lock for a time, so check again what you know.
 */
enum jb_err robot_claim_disc(struct jukebox *jb, struct element *from, const char *name,
	const struct timespec *deadline, struct item **out) REQUIRES(jb_lock);
/* Carries out a job whose disc is claimed and whose element `to` is reserved.  For a move, first applies
 * the robot's faults and the simulated time, for which only an initiator waits.  If `by` is an initiator
 * and there is a mover (move.h), syncs the disc, calls the mover and waits until the job has ended; else
 * commits the job at once.  Returns the result, or an error of the steps before, after which the job was
 * not begun.  The claim and the reservation stay.  A move by an initiator needs the robot's strand.
 * [blocks] */
enum jb_err robot_carry_out(struct jb_job *job, enum jb_by by) EXCLUDES(jb_lock);
/* Moves the disc with the name `name` from the element `from` to the element `to`, for a user of the
 * mount, and names it new_name; NULL: it keeps its name.  Returns JB_NO_ITEM if the disc in `from`
 * has another name; for other errors see jb_item_rename.  [blocks] */
enum jb_err robot_move_named(struct jukebox *jb, struct jb_elem from, const char *name,
	struct jb_elem to, const char *new_name);

#endif
