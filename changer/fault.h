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

/* Replaces all rules of the unit.  Returns JB_BAD_FAULT, and changes nothing, if a line is not a valid
 * rule. */
enum jb_err jb_fault_set(struct jukebox *jb, struct jb_elem unit, const char *text);

struct jb_fault_line {
	char rule[FAULT_TEXT_MAX];
	uint64_t fired; /* how often it fired */
};
/* Stores rule n of the unit, from 0.  Returns false past the last rule. */
bool jb_fault_line(struct jukebox *jb, struct jb_elem unit, unsigned n, struct jb_fault_line *out);

/* Returns true if the drive has any rule.  This function and the next five are for a command that is
 * about to read or write these sectors of the drive's disc.  Strand held.  initiator is the name for
 * the event. */
bool drive_has_faults(const struct drive *d);
/* Returns true if a rule slows the command.  The rule does not fire. */
bool drive_is_slow(struct drive *d, uint32_t lba, uint32_t count);
/* Fires the rule that slows the command, if there is one, and waits.  Ends early when another thread
 * waits for the strand.  [blocks] */
void drive_be_slow(struct drive *d, uint32_t lba, uint32_t count, const char *initiator);
/* Returns true if a rule ends the initiator's session.  The rule fires. */
bool drive_loses_session(struct drive *d, uint32_t lba, uint32_t count, const char *initiator);
/* Finds the first bad sector.  Returns false if all sectors are good.  The rule does not fire. */
bool drive_bad_sector(struct drive *d, bool writes, uint32_t lba, uint32_t count, uint32_t *bad);
/* Fires the rule for the bad sector at which the command has arrived.  Returns the error of the
 * command. */
enum jb_err drive_meet_bad_sector(
	struct drive *d, bool writes, uint32_t bad, const char *initiator);

/* Says what a command without sectors (FAULT_FORMAT to FAULT_OPC) must do.  In this order: run; be
 * repeated with may_block, because a rule slows it; end its session; fail. */
enum drive_fault { DRIVE_SOUND, DRIVE_WOULD_BLOCK, DRIVE_LOSES_SESSION, DRIVE_FAILS };
/* Applies the rules without sectors to the command, and fires those that match.  *err is set for
 * DRIVE_FAILS.  Strand held.  [blocks] if may_block is true. */
enum drive_fault drive_meets_fault(struct drive *d, enum fault_verb verb, bool may_block,
	const char *initiator, enum jb_err *err);

#endif
