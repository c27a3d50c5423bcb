/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults that a user requests, to test how other programs handle them: the rules in ctl/drives/N/fault
 * and ctl/changer/fault.  Rules are in memory only; a restart ends them.
 *
 *	rule	read|write [SECTORS] [HOW] [count N]		for a drive
 *		format|blank|close|sync|opc [HOW] [count N]	for a drive: a command
 *		move [ELEMENT] [HOW] [count N]			for the robot
 *		slow DURATION [SECTORS|ELEMENT] [count N]	for both
 *		lose-session [SECTORS|ELEMENT] [count N]	for both
 *	SECTORS	FIRST, FIRST- or FIRST-LAST, decimal or 0x...; default: all
 *	ELEMENT	such as slots/3, the source or destination of the move; default: any
 *	HOW	a word of the table in fault.c; default, or "fail": the first that fits
 *	count	the rule has no effect any more after N times; default: no limit
 *
 * One rule a line.  "#" starts a comment.  "clear" deletes the rules before it.  The first rule that
 * matches counts.  If a command touches two bad sectors, the lower one counts.
 *
 * A unit is a drive, or the robot as {JB_PICKER, 0}.  A rule "fires" when it has an effect; that counts
 * towards its limit and raises the event `fault`.
 */
#ifndef CHANGER_FAULT_H
#define CHANGER_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/element.h"
#include "changer/err.h"

enum { FAULT_RULES_MAX = 32, FAULT_TEXT_MAX = 96, FAULT_SLOW_MAX_MS = 60 * 1000 };

/* The first word of a rule: reading or writing of sectors; a command, by its name; a move of the robot;
 * or an effect (slow, lost session) on any of those. */
enum fault_verb {
	FAULT_READ,
	FAULT_WRITE,
	FAULT_FORMAT,
	FAULT_BLANK,
	FAULT_CLOSE,
	FAULT_SYNC,
	FAULT_OPC,
	FAULT_MOVE,
	FAULT_SLOW,
	FAULT_LOSE_SESSION,
};

/* Replaces all rules of the unit by those in `text`, which have not fired yet; "" deletes all.  Returns
 * JB_NO_ELEMENT if there is no such unit; JB_BAD_FAULT, and changes nothing, if a line is not a valid
 * rule or there are more than FAULT_RULES_MAX; JB_NO_MEMORY. */
enum jb_err jb_fault_set(struct jukebox *jb, struct jb_elem unit, const char *text);

struct jb_fault_line {
	char rule[FAULT_TEXT_MAX]; /* as jb_fault_set accepts it, without a newline */
	uint64_t fired;		   /* how often it fired */
};
/* Stores rule n of the unit, counted from 0, in *out.  Returns false, and leaves *out, if there is no
 * such rule or no such unit. */
bool jb_fault_line(struct jukebox *jb, struct jb_elem unit, unsigned n, struct jb_fault_line *out);

/* ---- for a command that reads or writes sectors of the drive's disc; strand held ---------------- */

/* Returns true if the drive has any rule, also if that cannot fire any more.  Takes no lock. */
bool drive_has_faults(const struct drive *d);
/* Returns true if a rule `slow` matches a command for count sectors from lba on.  Returns false if none
 * matches, also if count is 0.  Does not fire the rule. */
bool drive_is_slow(struct drive *d, uint32_t lba, uint32_t count);
/* Fires the rule `slow` that matches a command for count sectors from lba on, and waits as long as the rule
 * says.  Does nothing if none matches.  Ends early when another thread waits for the strand, or after
 * jb_interrupt.  The first time that the rule fires, raises the event `fault` with the name initiator.
 * [blocks] */
void drive_be_slow(struct drive *d, uint32_t lba, uint32_t count, const char *initiator);
/* Fires the rule `lose-session` that matches a command for count sectors from lba on, and returns true: the
 * caller must end the session of the initiator.  initiator is its name, for the event.  Returns false if no
 * rule matches, also if count is 0. */
bool drive_loses_session(struct drive *d, uint32_t lba, uint32_t count, const char *initiator);
/* Returns true if a rule makes one of the count sectors from lba on bad, and stores the first bad one in
 * *bad.  writes is true for writing, false for reading.  Returns false, and leaves *bad, if there is none,
 * also if count is 0.  Does not fire the rule. */
bool drive_bad_sector(struct drive *d, bool writes, uint32_t lba, uint32_t count, uint32_t *bad);
/* Fires the rule for the sector `bad`, at which the command stops, and returns the error with which the
 * command fails.  If the rule was deleted since drive_bad_sector, raises no event and returns
 * JB_FAULT_WRITE if writes is true, else JB_FAULT_READ. */
enum jb_err drive_meet_bad_sector(
	struct drive *d, bool writes, uint32_t bad, const char *initiator);

/* ---- for a command without sectors ---------------------------------------------------------------- */

/* Says what the command must do. */
enum drive_fault {
	DRIVE_SOUND,	     /* run */
	DRIVE_WOULD_BLOCK,   /* call drive_meets_fault again with may_block: a rule slows it */
	DRIVE_LOSES_SESSION, /* end its session */
	DRIVE_FAILS,	     /* fail with *err */
};
/* Fires the rules that match the command `verb` (FAULT_FORMAT to FAULT_OPC), raises their events, and
 * returns how the command must go on.  If a rule `slow` matches: waits as long as it says if may_block is
 * true; else fires no rule and returns DRIVE_WOULD_BLOCK.  A rule `lose-session` counts before one for
 * the verb.  Rules that name sectors do not match.  Sets *err only if it returns DRIVE_FAILS.  Strand
 * held.  [blocks] if may_block is true. */
enum drive_fault drive_meets_fault(struct drive *d, enum fault_verb verb, bool may_block,
	const char *initiator, enum jb_err *err);

#endif
