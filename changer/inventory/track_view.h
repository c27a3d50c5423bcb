/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tracks of discs for those who hold no claim and no strand.  A view is a copy of the recording that
 * nobody changes; when the tracks are others, there is another view.
 */
#ifndef CHANGER_INVENTORY_TRACK_VIEW_H
#define CHANGER_INVENTORY_TRACK_VIEW_H

#include <stdatomic.h>

#include "changer/recording/recording.h"

struct disc;

struct track_view {
	_Atomic unsigned refs;
	struct recording rec;
	unsigned recorded; /* tracks that something is recorded in */
};

/* Has others see the tracks of the disc as they are now, or no longer.  As for a change of its recording. */
void track_view_show(struct disc *d);
void track_view_hide(struct disc *d);
/* What others see of it, which track_view_put gives back; NULL: nothing. */
struct track_view *track_view_get(struct disc *d);
void track_view_put(struct track_view *v);

#endif
