/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tracks of discs, for threads that hold neither claim nor strand.  A view is a copy of the
 * recording that never changes.  When the tracks change, a new view takes its place. */
#ifndef CHANGER_INVENTORY_TRACK_VIEW_H
#define CHANGER_INVENTORY_TRACK_VIEW_H

#include <stdatomic.h>

#include "changer/recording/recording.h"

struct disc;

struct track_view {
	_Atomic unsigned refs; /* the disc's and those of track_view_get */
	struct recording rec;
	bool packs;	   /* its CD-TEXT needs a file of its own (sheet.h) */
	unsigned recorded; /* number of tracks with something recorded */
};

/* Makes a new view of the disc's tracks, in place of the old one, unless that still shows them.  If
 * memory is missing, or for a disc that needs no view (without tracks; pressed, and not a CD), there
 * is none.  Call it as a change of the recording is made. */
void track_view_show(struct disc *d);
/* Removes the disc's view.  For a disc that is freed. */
void track_view_hide(struct disc *d);
/* Returns the disc's view, which the caller gives back with track_view_put; NULL if there is none. */
struct track_view *track_view_get(struct disc *d);
/* Gives a view back, and frees it with the last reference; v may be NULL. */
void track_view_put(struct track_view *v);

#endif
