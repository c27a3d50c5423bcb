/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults that a user asks for, to see what other people's software makes of them: the rules in
 * ctl/drives/N/fault and ctl/changer/fault.  They are in memory only, so a restart ends them.
 *
 *	rule	read|write [SECTORS] [HOW] [count N]		of a drive
 *		format|blank|close|sync|opc [HOW] [count N]	of a drive: a command
 *		move [ELEMENT] [HOW] [count N]			of the robot
 *		slow DURATION [SECTORS|ELEMENT] [count N]	of both
 *		lose-session [SECTORS|ELEMENT] [count N]	of both
 *	SECTORS	FIRST, FIRST- or FIRST-LAST, decimal or 0x...; without them all
 *	ELEMENT	slots/3 and the like, at either end of the move; without it any
 *	HOW	a word of the table in fault.c; without it, or "fail", the first that fits
 *	count	after so many times the rule is of no more effect; without it it stays
 *
 * One rule a line; # begins a comment; "clear" drops the rules before it.  The first rule that
 * matches counts, of two bad sectors the lower one.
 *
 * A unit is a drive, or the robot as {JB_PICKER, 0}.
 */
#ifndef CHANGER_FAULT_H
#define CHANGER_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/element.h"
#include "changer/err.h"

enum { FAULT_RULES_MAX = 32, FAULT_TEXT_MAX = 96, FAULT_SLOW_MAX_MS = 60 * 1000 };

/* What a rule is about: sectors that are read or written; commands, by the name that each has; moves;
 * and what may happen to any of those. */
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

/* Puts these rules in the place of all that the unit had.  JB_BAD_FAULT: one is none. */
enum jb_err jb_fault_set(struct jukebox *jb, struct jb_elem unit, const char *text);

struct jb_fault_line {
	char rule[FAULT_TEXT_MAX];
	uint64_t fired; /* how often it had an effect */
};
/* Rule n of the unit, from 0; false: there is none. */
bool jb_fault_line(struct jukebox *jb, struct jb_elem unit, unsigned n, struct jb_fault_line *out);

/*
 * A command is about to read or write these sectors of a drive's disc.  Strand held.  Those that
 * say so count the rule that applies, and tell of it with the name of the initiator.
 */
bool drive_has_faults(const struct drive *d);
/* Should it be slow? */
bool drive_is_slow(struct drive *d, uint32_t lba, uint32_t count);
/* Is so, if it should: counts.  Ends early when somebody else wants the drive's disc.  [blocks] */
void drive_be_slow(struct drive *d, uint32_t lba, uint32_t count, const char *initiator);
/* Is its session to be lost?  Counts. */
bool drive_loses_session(struct drive *d, uint32_t lba, uint32_t count, const char *initiator);
/* The first bad one of these sectors; false: all are good. */
bool drive_bad_sector(struct drive *d, bool writes, uint32_t lba, uint32_t count, uint32_t *bad);
/* The command has come to a bad sector: why it fails.  Counts. */
enum jb_err drive_meet_bad_sector(
	struct drive *d, bool writes, uint32_t bad, const char *initiator);

/*
 * A command that is about no sectors, of FAULT_FORMAT to FAULT_OPC, is about to be carried out: what
 * the rules without sectors make of it.  The same four in one.  Strand held.
 */
enum drive_fault { DRIVE_SOUND, DRIVE_WOULD_BLOCK, DRIVE_LOSES_SESSION, DRIVE_FAILS };
/* *err: why it fails.  [blocks] if may_block */
enum drive_fault drive_meets_fault(struct drive *d, enum fault_verb verb, bool may_block,
	const char *initiator, enum jb_err *err);

#endif
