/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The fault rules that are in force, for those who show them.
 */
#ifndef FSCTL_FAULTFILE_H
#define FSCTL_FAULTFILE_H

#include <stdint.h>
#include <stdio.h>

#include "fsctl/fsctl.h"

/* unit: "changer" or "drives/0". */
typedef void faultfile_each(void *arg, const char *unit, const char *rule, uint64_t fired);
void faultfile_list(struct fsctl *fs, faultfile_each *each, void *arg);
/* A line each, for people. */
void faultfile_print(struct fsctl *fs, FILE *out);

#endif
