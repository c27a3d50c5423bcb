/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Simulated times of the robot and the drives, and the faults of changer/fault.h, as the user requests them.
 *
 * A thread that waits in these functions holds the strand of its own drive or of the robot.  It holds no
 * lock, so a delay stops no other unit.  jb_interrupt ends all delays early.
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

/* Sets a simulated time after the user has changed its setting: the time of a move, or the time that the
 * drive of that number needs to load; also for a loading that is going on.  The value is a duration
 * (base/duration.h); "" counts as 0.  Ignores all other settings, and a drive that does not exist. */
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

/* Makes a unit's set of rules, without any rule. */
void faults_init(struct faults *f);
/* Destroys a unit's set of rules.  No other thread may use it any more. */
void faults_fini(struct faults *f);

/* ---- loading a disc; strand held, or the daemon starts ------------------------------------------ */

/* Begins to load the disc that is in the closed tray, and counts that in d->loads.  Its medium arrives
 * after the setting `load-time` and d->late_ms, which is set to 0; or at once if both are 0.  Does not
 * wait. */
void drive_begin_loading(struct drive *d);
/* Ends a loading early, without making the medium arrive.  Returns false if the drive was loading; true
 * if it was not: the medium had arrived before, or there is none. */
bool drive_end_loading(struct drive *d);
/* Returns true if the drive is still loading.  If the time is over, makes the medium arrive, which counts
 * in media_arrivals and media_changes if the drive is online, and returns false.  Any thread, with or without the strand. */
bool drive_is_loading(struct drive *d);

#endif
