/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Renaming a staged file, which is one with a temporary name.
 */
#ifndef CHANGER_INSERT_PROMOTE_H
#define CHANGER_INSERT_PROMOTE_H

#include <time.h>

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct element;
struct item;

/*
 * Renames the staged item to *name, and moves it to the element `to`, which may be its own.  If *name is
 * temporary too, the item stays staged.  Else it becomes a disc: at once, or at the release of its last
 * writer.  If a disc of that name is in the item's own element, the item replaces it; the deadline limits
 * how long to wait for that disc's claim.  On success *name is the old name.  If it fails, the item stays
 * what it was, and the error says why `to` does not admit it, why it is no disc, or what failed in the store.
 * Claim held.  [blocks]
 */
enum jb_err promote_rename(struct item *it, struct element *to, char **name,
	const struct timespec *deadline) EXCLUDES(jb_lock);

#endif
