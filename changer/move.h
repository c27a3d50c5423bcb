/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The robot: moves, exchanges and labels.  For locks and [blocks] see jukebox.h. */
#ifndef CHANGER_MOVE_H
#define CHANGER_MOVE_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/element.h"
#include "changer/err.h"

struct strand;

/* Returns the robot's strand (strand.h).  A thread must hold it over each move that an initiator
 * requests. */
struct strand *jb_robot_strand(struct jukebox *jb);

/* Moves the disc of the element `from` to the element `to`, for an initiator, after the simulated time,
 * and raises the event `load`, `unload` or `move`.  initiator is its name in the events; NULL: not known.
 * Durable on return.  Waits up to a second for programs that are closing the disc's file.  Goes through
 * the mover (below), if one is set.  Returns JB_NO_ELEMENT; JB_IS_FIXED if `to` is the picker;
 * JB_ELEMENT_EMPTY; JB_ELEMENT_FULL or JB_ELEMENT_RESERVED; JB_BEING_INSERTED or JB_INCOMPLETE if the
 * item is not a disc; JB_MEDIUM_LOCKED if its drive is locked; JB_MAILSLOT_OPEN; JB_IN_USE; an error of a
 * fault rule; or the store's error.  The disc then stays in `from`.  [blocks] */
enum jb_err jb_move(
	struct jukebox *jb, struct jb_elem from, struct jb_elem to, const char *initiator);
/* Is the name of a disc without a label. */
#define JB_LABEL_NONE "unlabelled"
/*
 * Gives the disc in the element another label (SEND VOLUME TAG, SMC-3 6.16).  That renames its file
 * and keeps the suffixes, durably, and raises the event `relabel`.  label NULL removes the label: the disc
 * is then named JB_LABEL_NONE.  Goes through the mover, if one is set.  If the disc has that label, does
 * nothing.  Returns JB_LABELLED if only_first is true and the disc has a label already; JB_BAD_LABEL;
 * JB_WOULD_SWAP if another file of the element has the new name; or an error of jb_move.  [blocks]
 */
enum jb_err jb_relabel(struct jukebox *jb, struct jb_elem e, const char *label, bool only_first,
	const char *initiator);

/*
 * Does EXCHANGE MEDIUM (SMC-3 6.4) for an initiator: moves the disc of the element `first` to the
 * element `second`, and the disc of the element `source` to `first`.  `second` may be the same as
 * `source`.  initiator is its name in the events; NULL: not known.  Before anything moves, reserves
 * all elements and claims both discs; if it cannot, returns an error of jb_move, and nothing moves.
 * Returns JB_NO_ELEMENT if one of the elements does not exist, is the picker, or is the same as another.
 * Makes three moves by way of the picker, so a crash leaves every disc in one element.  If a move fails,
 * returns its error, logs it and raises the event `error`; the discs that were moved stay where they
 * are, perhaps in the picker.  [blocks]
 */
enum jb_err jb_exchange(struct jukebox *jb, struct jb_elem source, struct jb_elem first,
	struct jb_elem second, const char *initiator);

/*
 * The mover lets users of the mount see a move that an initiator requested as a rename.  It is called
 * by the thread that makes the move, without a lock, after everything is reserved and written data is
 * durable.  The mover must arrange that a thread calls jb_job_commit for the job, at once or after the
 * mover has returned.  The first such call ends the job and frees it, so nobody may use a job that
 * another thread may have ended.  Without a mover a job is committed at once.
 */
struct jb_job;
typedef void jb_mover(void *arg, struct jb_job *job);
/* Sets the mover; NULL: no mover.  Does not wait for a call of the old one to end. */
void jb_set_mover(struct jukebox *jb, jb_mover *mover, void *arg);

struct jb_job_view {
	struct jb_elem from, to; /* equal if the disc only gets another name */
	uint64_t disc;		 /* its id */
	char name[JB_NAME_MAX + 1], new_name[JB_NAME_MAX + 1];
};
/* Copies the purpose of the job to *out.  The job must not have ended.  Takes no lock. */
void jb_job_view(const struct jb_job *job, struct jb_job_view *out);
/* Makes the move, or gives the disc its new name, and ends the job.  Returns the result of the move, or
 * JB_IN_USE if another thread has begun to end the job.  The caller must not use the job afterwards.
 * [blocks] */
enum jb_err jb_job_commit(struct jb_job *job);

#endif
