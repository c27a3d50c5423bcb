/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The robot: moves, exchanges and labels.  Locks are as jukebox.h says.
 */
#ifndef CHANGER_MOVE_H
#define CHANGER_MOVE_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/element.h"
#include "changer/err.h"

struct strand;

/* Held over every move that an initiator asks for. */
struct strand *jb_robot_strand(struct jukebox *jb);

enum jb_by { JB_BY_MOUNT, JB_BY_INITIATOR };

/*
 * Moves the disc of one element to another, which must be empty; durable when it returns.  name:
 * the disc's new name, NULL to keep it.  Waits at most a second for programs that are closing the
 * disc's file.  An initiator's move is made by the mover, if one is set.  [blocks]
 */
enum jb_err jb_move(struct jukebox *jb, struct jb_elem from, struct jb_elem to, const char *name,
	enum jb_by by);
/*
 * EXCHANGE MEDIUM (SMC-3 6.4): the disc of source goes to first, the one that was there to second
 * (which may be source).  Everything is reserved before anything moves; three moves by way of the
 * picker, so a crash leaves every disc in one element.  [blocks]
 */
enum jb_err jb_exchange(
	struct jukebox *jb, struct jb_elem source, struct jb_elem first, struct jb_elem second);

/*
 * SEND VOLUME TAG (SMC-3 6.16): gives the disc of an element another label, which is a rename of its
 * file that keeps the suffixes, made by the mover, if one is set.  label NULL: none any more, which
 * is the name JB_LABEL_NONE.  only_first: JB_LABELLED if it has one.  [blocks]
 */
#define JB_LABEL_NONE "unlabelled"
enum jb_err jb_relabel_for(struct jukebox *jb, struct jb_elem e, const char *label, bool only_first,
	const char *initiator);

/* The same by an initiator, whose name the events then have. */
enum jb_err jb_move_for(
	struct jukebox *jb, struct jb_elem from, struct jb_elem to, const char *initiator);
enum jb_err jb_exchange_for(struct jukebox *jb, struct jb_elem source, struct jb_elem first,
	struct jb_elem second, const char *initiator);

/*
 * The seam between an initiator's move and what the mount's users see of it (DESIGN 2, "Moves and
 * events").  The mover is called by the thread that makes the move, without a lock, when everything
 * is reserved and what was written is durable.  A job ends exactly once, by the first who commits
 * or cancels it, which may be another thread and after the mover has returned; then it is gone.  So
 * the mover sees to it that nobody looks at a job that somebody else may have ended.  Without a
 * mover a job is committed at once.
 */
struct jb_job;
typedef void jb_mover(void *arg, struct jb_job *job);
void jb_set_mover(struct jukebox *jb, jb_mover *mover, void *arg);

struct jb_job_view {
	struct jb_elem from, to; /* the same where a disc only gets another name */
	uint64_t disc;		 /* its id */
	char name[JB_NAME_MAX + 1], new_name[JB_NAME_MAX + 1];
};
void jb_job_view(const struct jb_job *job, struct jb_job_view *out);
/* What the move came to; JB_IN_USE: somebody else had begun with it.  [blocks] */
enum jb_err jb_job_commit(struct jb_job *job);
void jb_job_cancel(struct jb_job *job);

#endif
