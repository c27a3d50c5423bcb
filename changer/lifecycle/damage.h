/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Damage of the store that start-up finds: shown to both faces, and never hidden behind an empty element. */
#ifndef CHANGER_LIFECYCLE_DAMAGE_H
#define CHANGER_LIFECYCLE_DAMAGE_H

#include "changer/err.h"

struct element;
struct jukebox;

/*
 * Shows `name` in the element's directory, which cannot be a disc because of err, as an unreadable item; name
 * NULL: the directory itself, which cannot be read.  The element is full then and not accessible.  If the
 * element has a disc already, that one is shown as unreadable too, unless it is in a drive: nobody knows
 * which of both belongs there.  Keeps the reason for `status`, logs it, and raises the event `error`.  A
 * temporary name, or one that no file can have at the mount, is only logged.  Changes nothing in the store.
 */
void damage_take(struct jukebox *jb, struct element *el, const char *name, enum jb_err err);

#endif
