/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Discs that are inserted by reference (see link.h).  The store has a description with the target and
 * the identity of the file, but no image. */
#include "changer/link.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "changer/inventory/link.h"
#include "changer/inventory/model.h"

/* ---- records --------------------------------------------------------------------------------- */

struct link *
link_new(const char *target)
{
	struct link *l = calloc(1, sizeof(*l));

	if (l == NULL || (l->target = strdup(target)) == NULL) {
		free(l);
		return NULL;
	}
	l->state = JB_LINK_UNCHECKED;
	return l;
}

void
link_free(struct link *l)
{
	if (l != NULL)
		free(l->target);
	free(l);
}

enum jb_err
link_look_at(int fd, struct link *now)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return JB_LINK_NO_FILE;
	now->device = st.st_dev;
	now->inode = st.st_ino;
	now->size = (uint64_t)st.st_size;
	now->mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec;
	return JB_OK;
}

/* Returns true if both records are of the same, unchanged file.  Compares everything but the device:
 * device numbers of network file systems, btrfs and LVM differ from one boot to the next. */
bool
link_is_same(const struct link *a, const struct link *b)
{
	return a->inode == b->inode && a->size == b->size && a->mtime_ns == b->mtime_ns;
}

enum jb_err
link_error(const struct item *it)
{
	if (it->link == NULL)
		return JB_OK;
	switch ((enum jb_link)it->link->state) {
	case JB_LINK_IS_CHANGED:
		return JB_LINK_CHANGED;
	case JB_LINK_IS_MISSING:
		return JB_LINK_MISSING;
	case JB_LINK_UNCHECKED:
		return JB_IN_USE;
	default:
		return it->disc.image == NULL && it->elem != NULL && it->elem->drive != NULL
			       ? JB_LINK_MISSING
			       : JB_OK;
	}
}

void
link_set_state(struct item *it, enum jb_link state)
{
	enum jb_link old = (enum jb_link)atomic_exchange(&it->link->state, (unsigned)state);
	enum jb_err err = link_error(it);

	if (old == state || state == JB_LINK_GOOD)
		return;
	log_warn("store", "%s -> %s: %s", it->name, it->link->target, jb_err_text(err));
	event_error(it, err, NULL);
}

/* ---- opening --------------------------------------------------------------------------------- */

enum jb_err
link_open_outside(struct jukebox *jb, const char *path, const struct jb_caller *caller, int *fd)
{
	enum jb_err err;
	jb_opener *opener;
	void *arg;

	*fd = -1;
	jb_enter(jb);
	opener = jb->opener;
	arg = jb->opener_arg;
	jb->opener_users += opener != NULL;
	jb_leave(jb);
	if (opener == NULL)
		return JB_IN_USE;
	err = opener(arg, path, caller, fd);
	jb_enter(jb);
	jb->opener_users--;
	jb_changed(jb);
	jb_leave(jb);
	return err;
}

enum jb_err
link_open(struct item *it, struct image **out)
{
	struct link now;
	int fd;
	enum jb_err err = link_open_outside(it->jb, it->link->target, NULL, &fd);

	/* No opener: nothing is known of the file. */
	if (err == JB_IN_USE)
		return err;
	if (err == JB_OK)
		err = link_look_at(fd, &now);
	if (err != JB_OK) {
		link_set_state(it, JB_LINK_IS_MISSING);
		err = JB_LINK_MISSING;
	} else if (!link_is_same(it->link, &now)) {
		link_set_state(it, JB_LINK_IS_CHANGED);
		err = JB_LINK_CHANGED;
	} else {
		err = image_adopt(fd, out);
		fd = err == JB_OK ? -1 : fd;
		if (err == JB_OK)
			link_set_state(it, JB_LINK_GOOD);
	}
	if (fd >= 0)
		close(fd);
	return err;
}
