/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The formats that are read: finds the description among the files, and has it parsed. */
#ifndef CHANGER_FOREIGN_FORMATS_H
#define CHANGER_FOREIGN_FORMATS_H

#include "changer/foreign/plan.h"

/* Makes the plan of what the files describe.  Takes the first sheet that can be used, in the order
 * of formats[] in formats.c.  Returns NULL if there is none; f->result then says why, by the first
 * sheet.  Else it says whether the plan is an ISO or a BIN, and the caller frees the plan with
 * plan_free.  If one file is packed, returns NULL, and the result is JB_IMPORT_UNPACKED: call
 * unpack_file. */
struct foreign_plan *formats_plan(struct foreign *f);

#endif
