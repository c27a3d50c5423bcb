/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Joins the parts of a plan into one image. */
#ifndef CHANGER_FOREIGN_JOIN_H
#define CHANGER_FOREIGN_JOIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "changer/foreign/plan.h"

/* Takes the next bytes of the image.  Returns false if no more can be taken. */
typedef bool join_write(void *arg, const void *data, size_t size);

/* Writes the image.  Sectors that are not raw in their file get what they lack: sync pattern, header,
 * and the codes that detect and correct errors.  Returns false if `write` does, or, after refusing the
 * files, if one of them cannot be read. */
bool join_parts(struct foreign *f, const struct foreign_plan *plan, join_write *write, void *arg);
/* Prints the CUE sheet of the image to out.  Its FILE is STEM.bin, which it also notes in
 * plan->sheet, and its CDTEXTFILE is STEM.cdt if the plan has packs.  Cuts a stem that is too long. */
void join_print_sheet(const struct foreign_plan *plan, const char *stem, FILE *out);

#endif
