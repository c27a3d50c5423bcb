/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the robot's files share: a move as a job, and how it is claimed and carried out.
 */
#ifndef CHANGER_ROBOT_ROBOT_H
#define CHANGER_ROBOT_ROBOT_H

#include "changer/inventory/model.h"

enum job_state { JOB_PENDING, JOB_RUNNING, JOB_DONE };

struct jb_job {
	struct item *item;	   /* claimed */
	struct element *from, *to; /* to is reserved */
	const char *name;	   /* that the disc will have */
	const char *initiator;	   /* NULL: the mount */
	unsigned late_ms;	   /* by which a drive gets ready later */
	char *made;		   /* owned: see name_make; NULL: it keeps its name */
	enum job_state state;	   /* under the lock */
	enum jb_err result;
};

/* Makes the robot's strand, and says who corrects names. */
void robot_init(struct jukebox *jb);
/* Claims the disc of an element, once programs that are closing its file have had their time. */
enum jb_err robot_claim_disc(struct jukebox *jb, struct element *from, const char *name,
	const struct timespec *deadline, struct item **out) REQUIRES(jb_lock);
/* Takes its time; then hands the job to the mover, if it is an initiator's and there is one, and waits
 * for its end. */
enum jb_err robot_carry_out(struct jb_job *job, enum jb_by by) EXCLUDES(jb_lock);
/* The mount's move of the file of that name; new_name: NULL keeps it.  [blocks] */
enum jb_err robot_move_named(struct jukebox *jb, struct jb_elem from, const char *name,
	struct jb_elem to, const char *new_name);

#endif
