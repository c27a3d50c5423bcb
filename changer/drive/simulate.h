/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Simulates the times that the robot and the drives need, and makes the faults happen that a user requests
 * (changer/fault.h).
 *
 * A thread that waits in these functions holds the strand of its own drive or of the robot.  It holds no
 * lock, so it stops no other unit.  jb_interrupt ends all waits early.
 */
#ifndef CHANGER_DRIVE_SIMULATE_H
#define CHANGER_DRIVE_SIMULATE_H

#include <stdbool.h>

#include "changer/element.h"
#include "changer/err.h"
#include "changer/setting.h"

struct drive;
struct faults;
struct item;

/* Takes over a new value of the setting for the time of a move or for the time that a drive loads.  It also
 * counts for a move or a loading that goes on.  The value is a duration (base/duration.h); "" counts as 0.
 * drive is the drive's number, for its setting.  Ignores all other settings, and a drive that does not
 * exist. */
void simulate_setting(struct jukebox *jb, enum jb_setting s, unsigned drive, const char *value);

/*
 * Simulates the time and the faults of a move, before the robot moves the disc.  For an initiator
 * (waits is true): waits as long as a move takes, and sets *late_ms to 0.  For the mount (waits is
 * false): does not wait, and sets *late_ms to that time; the caller makes the drive load so much
 * longer.  Fires the rules of the robot that match the move.  Returns JB_OK if the move can begin;
 * the error of a rule `move`, with which the move must fail; or, for an initiator only,
 * JB_FAULT_SESSION if a rule ends its session.  [blocks]
 */
enum jb_err simulate_move(const struct item *it, struct jb_elem from, struct jb_elem to,
	const char *initiator, bool waits, unsigned *late_ms);

/* Makes the set of rules of a unit (fault.h), with no rule in it. */
void faults_init(struct faults *f);
/* Destroys the set of rules of a unit.  No other thread may use it any more. */
void faults_fini(struct faults *f);

/* ---- loading a disc; strand held, or the daemon starts ------------------------------------------ */

/* Begins to load the disc in the closed tray, and counts that in d->loads.  The medium becomes accessible
 * after the time of the setting `load-time` plus d->late_ms; at once if both are 0.  Sets d->late_ms to 0.
 * Does not wait. */
void drive_begin_loading(struct drive *d);
/* Ends a loading before its time; the medium then does not become accessible.  Returns false if the drive
 * was loading.  Returns true if it was not.  Takes the progress_lock. */
bool drive_end_loading(struct drive *d);
/* Returns true if the drive is still loading.  If the time of the loading is over, makes the medium
 * accessible and returns false.  If the drive is online, that counts in media_arrivals and media_changes.
 * Any thread, with or without the strand. */
bool drive_is_loading(struct drive *d);

#endif
