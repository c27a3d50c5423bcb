/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parsers of foreign formats, for formats.c.  Each reads the description f->files[sheet], and fills in
 * *plan, which is empty (plan_new).  Each returns true; or false after setting f->result to the reason
 * (foreign_refuse, foreign_miss).  *plan may then be filled in part; the caller frees it. */
#ifndef CHANGER_FOREIGN_READERS_H
#define CHANGER_FOREIGN_READERS_H

#include "changer/foreign/plan.h"

typedef bool reader(struct foreign *f, unsigned sheet, struct foreign_plan *plan);

reader read_cue; /* CUE sheets (.cue) */
reader read_toc; /* cdrdao's tables of contents (.toc) */
reader read_ccd; /* CloneCD's descriptions (.ccd) */
reader read_mds; /* the description (.mds) of an .mdf image */
reader read_nrg; /* an image (.nrg) with its description at its end */

#endif
