/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The name that a disc ought to have: of a BIN when it is raw, and of an image when that was blanked.
 */
#ifndef CHANGER_DISC_CORRECT_NAME_H
#define CHANGER_DISC_CORRECT_NAME_H

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct disc;
struct item;

/* Another name that the disc is to have: of a BIN when it is raw, of an image when it was blanked.  buf of
 * JB_NAME_MAX + 1.  JB_NO_ITEM: its name is right.  Claim or strand held. */
enum jb_err correct_name_wanted(const struct item *it, char *buf);
/* Sees to it that the disc has that name, soon and by the mover.  Strand held. */
void correct_name_schedule(struct disc *d) EXCLUDES(jb_lock);
/* Start-up has found the disc: gives its cartridge that name. */
void correct_name_apply_at_start(struct item *it) EXCLUDES(jb_lock);
/* The same of a claimed one that came through the mount. */
void correct_name_apply(struct item *it) EXCLUDES(jb_lock);

#endif
