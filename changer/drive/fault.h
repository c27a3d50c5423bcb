/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of changer/fault.h: parses and prints them, and says what a rule matches.  These functions know
 * no drive and take no lock.
 */
#ifndef CHANGER_DRIVE_FAULT_H
#define CHANGER_DRIVE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/element.h"
#include "changer/inventory/fault_rule.h"

/* Parses text, which has one rule a line, into rules, which has FAULT_RULES_MAX rows; *n: how many.
 * drive true: they are for a drive; false: for the robot.  Returns JB_BAD_FAULT if a line is no valid
 * rule for that unit, or if there are too many; JB_NO_MEMORY. */
enum jb_err fault_parse(const char *text, bool drive, struct fault_rule *rules, unsigned *n);
/* Prints the rule as a line that fault_parse accepts, without a newline. */
void fault_print(const struct fault_rule *r, char buf[FAULT_TEXT_MAX]);
/* Returns false if the rule has a count and has fired that often. */
bool fault_is_active(const struct fault_rule *r);
/* Returns true if the rule is not limited to some sectors: then it matches a command without sectors too. */
bool fault_hits_command(const struct fault_rule *r);
/* Returns true if the rule matches one of the count sectors from lba on, and stores the first of these in
 * *at.  If it returns false, *at has no meaning. */
bool fault_hits_sectors(const struct fault_rule *r, uint32_t lba, uint32_t count, uint32_t *at);
/* Returns true if the rule matches a move between these elements: it names no element, or one of them. */
bool fault_hits_move(const struct fault_rule *r, struct jb_elem from, struct jb_elem to);

#endif
