/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lists the fault rules that are in force, for MNT/status and MNT/status.json.
 */
#ifndef FSCTL_TREE_FAULTFILE_H
#define FSCTL_TREE_FAULTFILE_H

#include <stdint.h>
#include <stdio.h>

#include "fsctl/tree/tree.h"

/* Is called for each rule.  unit: "changer", or "drives/0" and the like.  fired: how often it had an
 * effect. */
typedef void faultfile_each(void *arg, const char *unit, const char *rule, uint64_t fired);
void faultfile_list(struct tree *tree, faultfile_each *each, void *arg);
/* Prints a line for each rule, for people. */
void faultfile_print(struct tree *tree, FILE *out);

#endif
