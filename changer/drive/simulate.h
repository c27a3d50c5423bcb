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

/* Takes the new value of a setting that is a time: how long a move takes, or how long the drive of that
 * number loads.  value: a duration (base/duration.h); "" is 0. */
void simulate_setting(struct jukebox *jb, enum jb_setting s, unsigned drive, const char *value);

/*
 * Simulates what happens before the robot moves the disc.  waits true, for an initiator: waits as long as a
 * move takes, and sets *late_ms to 0.  waits false, for the mount: does not wait, and stores in *late_ms how
 * many milliseconds more the drive must load instead.  Fires the rules of the robot that match.  Returns the
 * error of a rule, with which the move fails; JB_FAULT_SESSION, for an initiator only, if its session must
 * end; else JB_OK.  [blocks]
 */
enum jb_err simulate_move(const struct item *it, struct jb_elem from, struct jb_elem to,
	const char *initiator, bool waits, unsigned *late_ms);

/* Make a unit's set of rules, which is empty, and end it. */
void faults_init(struct faults *f);
void faults_fini(struct faults *f);

/* ---- loading a disc; strand held, or the daemon starts ------------------------------------------ */

/* Begins to load the disc that is in the closed tray.  Its medium arrives after the setting `load-time` and
 * d->late_ms, or at once if both are 0. */
void drive_begin_loading(struct drive *d);
/* Ends a loading.  Returns true if the medium had arrived before, false if it was still loading. */
bool drive_end_loading(struct drive *d);
/* Returns true if the drive is still loading.  If the time is over, makes the medium arrive first.  Any
 * thread, no strand. */
bool drive_is_loading(struct drive *d);

#endif
