/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rules that ask for faults: from text and back, and what they hit.  Pure.
 */
#ifndef CHANGER_DRIVE_FAULT_H
#define CHANGER_DRIVE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/element.h"
#include "changer/inventory/fault_rule.h"

/* rules of FAULT_RULES_MAX; drive: they are a drive's, else the robot's. */
enum jb_err fault_parse(const char *text, bool drive, struct fault_rule *rules, unsigned *n);
void fault_print(const struct fault_rule *r, char buf[FAULT_TEXT_MAX]);
/* Is it still of effect? */
bool fault_is_active(const struct fault_rule *r);
/* Does it hit a command that is about no sectors? */
bool fault_hits_command(const struct fault_rule *r);
/* Does it hit one of these sectors?  *at: the first. */
bool fault_hits_sectors(const struct fault_rule *r, uint32_t lba, uint32_t count, uint32_t *at);
bool fault_hits_move(const struct fault_rule *r, struct jb_elem from, struct jb_elem to);

#endif
