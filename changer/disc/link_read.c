/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a disc that is inserted by reference (a link, inventory/link.h): checks its file, and opens the
 * file again. */
#include <assert.h>

#include "changer/disc/link_read.h"
#include "changer/inventory/model.h"

enum jb_err
link_read_is_still(struct disc *d)
{
	struct item *it = disc_state_item(d);
	struct link now;

	assert(disc_state_is_still(d));
	if (it->link == NULL || it->link->state != JB_LINK_GOOD || d->image == NULL)
		return link_error(it);
	if (link_look_at(d->image->fd, &now) == JB_OK && link_is_same(it->link, &now))
		return JB_OK;
	link_set_state(it, JB_LINK_IS_CHANGED);
	return JB_LINK_CHANGED;
}

void
link_read_again(struct item *it)
{
	struct image *image = NULL, *old;

	assert(disc_state_is_still(&it->disc));
	if (it->link == NULL || (link_read_is_still(&it->disc) == JB_OK))
		return;
	if (link_open(it, &image) != JB_OK)
		return;
	jb_enter(it->jb);
	old = it->disc.image;
	it->disc.image = image;
	jb_leave(it->jb);
	image_put(old);
}
