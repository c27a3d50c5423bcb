/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tracks of discs, for threads that hold neither claim nor strand.  A view is a copy of the
 * recording that never changes.  When the tracks change, a new view takes its place. */
#ifndef CHANGER_INVENTORY_TRACK_VIEW_H
#define CHANGER_INVENTORY_TRACK_VIEW_H

#include <stdatomic.h>

#include "changer/recording/recording.h"

struct disc;

struct track_view {
	_Atomic unsigned refs;
	struct recording rec;
	bool packs;	   /* its CD-TEXT needs a file of its own (sheet.h) */
	unsigned recorded; /* number of tracks with something recorded */
};

/* Make a view of the disc's tracks as they are now, and remove it.  Call them as a change of the
 * recording. */
void track_view_show(struct disc *d);
void track_view_hide(struct disc *d);
/* Returns the disc's view, for track_view_put to give back; NULL if there is none. */
struct track_view *track_view_get(struct disc *d);
/* Gives a view back; v may be NULL. */
void track_view_put(struct track_view *v);

#endif
