/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the description among the files of an import, and calls its parser. */
#ifndef CHANGER_FOREIGN_FORMATS_H
#define CHANGER_FOREIGN_FORMATS_H

#include "changer/foreign/plan.h"

/*
 * Makes the plan of the disc that the files describe.  Tries the sheets in the order of formats[] in
 * formats.c, and takes the first one that can be used.  Returns the plan, which the caller frees with
 * plan_free; f->result then says whether it is an ISO or a BIN.
 *
 * Returns NULL if there is none.  f->result then says why the first sheet cannot be used, or is
 * JB_IMPORT_NO_SHEET.  If the only file is packed, the result is JB_IMPORT_UNPACKED, and the caller calls
 * unpack_file.
 */
struct foreign_plan *formats_plan(struct foreign *f);

#endif
