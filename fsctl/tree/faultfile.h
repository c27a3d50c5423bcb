/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists the fault rules that are in force, for MNT/status and MNT/status.json.
 */
#ifndef FSCTL_TREE_FAULTFILE_H
#define FSCTL_TREE_FAULTFILE_H

#include <stdint.h>
#include <stdio.h>

#include "fsctl/tree/tree.h"

/* Is called for each rule.  `unit` is "changer", or "drives/0" and the like; `fired` is how often the
 * rule had an effect. */
typedef void faultfile_each(void *arg, const char *unit, const char *rule, uint64_t fired);
/* Calls each() for every rule of the robot, and then of all drives by their numbers; not at all if there is
 * none. */
void faultfile_list(struct tree *tree, faultfile_each *each, void *arg);
/* Prints a line for each rule, for people; nothing if there is none. */
void faultfile_print(struct tree *tree, FILE *out);

#endif
