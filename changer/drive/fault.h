/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses and prints the rules for faults (changer/fault.h), and says which operations a rule matches.
 * These functions know no drive and take no lock. */
#ifndef CHANGER_DRIVE_FAULT_H
#define CHANGER_DRIVE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/element.h"
#include "changer/inventory/fault_rule.h"

/* Parses the rules in text, one in each line, for a drive (drive is true) or for the robot (false).  Stores
 * them in rules, which has FAULT_RULES_MAX rows, and their number in *n.  A line "clear" drops the rules
 * before it.  Returns JB_BAD_FAULT if a line is not a valid rule for that unit, or if there are too many;
 * JB_NO_MEMORY.  After an error, rules and *n have no meaning. */
enum jb_err fault_parse(const char *text, bool drive, struct fault_rule *rules, unsigned *n);
/* Prints the rule as a line that fault_parse accepts, without a newline. */
void fault_print(const struct fault_rule *r, char buf[FAULT_TEXT_MAX]);
/* Returns true if the rule can still fire: it has no count, or it has fired less often than its count. */
bool fault_is_active(const struct fault_rule *r);
/* Returns true if the rule matches a command without sectors, such as FORMAT UNIT: the rule then names no
 * sectors. */
bool fault_hits_command(const struct fault_rule *r);
/* Returns true if the rule matches one of the count sectors from lba on, and stores the first of these in
 * *at.  A rule that names no sectors matches all.  lba and the rule's sectors are read as signed: FFFFFF6Ah
 * is -150, where the first pause of a CD begins.  Returns false if none matches or count is 0; *at then has
 * no meaning. */
bool fault_hits_sectors(const struct fault_rule *r, uint32_t lba, uint32_t count, uint32_t *at);
/* Returns true if the rule matches a move between these elements: it names no element, or one of them. */
bool fault_hits_move(const struct fault_rule *r, struct jb_elem from, struct jb_elem to);

#endif
