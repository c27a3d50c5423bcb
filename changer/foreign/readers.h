/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parsers of foreign formats, for formats.c.  Each fills in an empty plan from the description in
 * that file, or returns false after saying in f->result why not. */
#ifndef CHANGER_FOREIGN_READERS_H
#define CHANGER_FOREIGN_READERS_H

#include "changer/foreign/plan.h"

typedef bool reader(struct foreign *f, unsigned sheet, struct foreign_plan *plan);

reader read_cue; /* CUE sheets */
reader read_toc; /* cdrdao's */
reader read_ccd; /* CloneCD's */
reader read_mds; /* the description beside an MDF */
reader read_nrg; /* an image with its description at its end */

#endif
