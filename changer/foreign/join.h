/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Joins the parts of a plan (plan.h) into one image, and prints the image's CUE sheet. */
#ifndef CHANGER_FOREIGN_JOIN_H
#define CHANGER_FOREIGN_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "changer/foreign/plan.h"

/* Takes the next size bytes of the image; arg is the caller's.  Returns false if it can take no more, which
 * ends the work. */
typedef bool join_write(void *arg, const void *data, size_t size);

/* Writes the image of the plan, from its first part to its last, by calls of `write` with arg.  Sectors
 * that are not raw in their file become raw: they get a sync pattern, a header, and the codes that detect
 * and correct errors.  Only for an ISO they stay as they are.  Returns true; false if `write` returns
 * false; or false after refusing the files, if one cannot be read or memory is missing. */
bool join_parts(struct foreign *f, const struct foreign_plan *plan, join_write *write, void *arg);
/* Prints the CUE sheet of the image to out.  Its FILE is STEM.bin; stores that name in plan->sheet too.  If
 * the plan has packs, its CDTEXTFILE is STEM.cdt.  Cuts a stem that is too long. */
void join_print_sheet(const struct foreign_plan *plan, const char *stem, FILE *out);

#endif
