/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fault rules that are in force, for those who show them.
 */
#ifndef FSCTL_TREE_FAULTFILE_H
#define FSCTL_TREE_FAULTFILE_H

#include <stdint.h>
#include <stdio.h>

#include "fsctl/tree/tree.h"

/* unit: "changer" or "drives/0". */
typedef void faultfile_each(void *arg, const char *unit, const char *rule, uint64_t fired);
void faultfile_list(struct tree *tree, faultfile_each *each, void *arg);
/* A line each, for people. */
void faultfile_print(struct tree *tree, FILE *out);

#endif
