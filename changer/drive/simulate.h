/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What slows the robot and the drives down, and what goes wrong with them, because the user asked
 * for it: simulated times, and the faults of fault.h.
 *
 * Who waits here holds the strand of its own mechanism and nothing else that others want, so a
 * delay stops no other unit.  It ends early when the daemon stops.
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

/* Takes over a setting that is a time. */
void simulate_setting(struct jukebox *jb, enum jb_setting s, unsigned drive, const char *value);

/*
 * Before the robot makes a move.  For an initiator it takes its time now; the mount's moves take
 * none, and *late_ms says how much later a drive gets ready instead.  [blocks]
 */
enum jb_err simulate_move(const struct item *it, struct jb_elem from, struct jb_elem to,
	const char *initiator, bool waits, unsigned *late_ms);

/* The rules of a unit: none yet; none any more. */
void faults_init(struct faults *f);
void faults_fini(struct faults *f);

/* ---- a drive that gets ready for its disc; its strand is held, or the daemon starts ------------- */

/* The disc is in and the tray is shut: from now on, or after its time, the drive is ready. */
void drive_begin_loading(struct drive *d);
/* What was in it is not any more.  True: it had become ready. */
bool drive_end_loading(struct drive *d);
/* Is it still at it?  Any thread, no strand. */
bool drive_is_loading(struct drive *d);

#endif
