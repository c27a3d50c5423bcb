/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Creating a file in a folder of parts. */
#include "changer/insert/folder.h"
#include "changer/insert/insert.h"
#include "changer/inventory/model.h"

/* Brings the directory of a claimed folder back that is a ghost, so that another part can come into it. */
static enum jb_err
revive(struct item *folder)
{
	enum jb_err err;

	if (!item_is_ghost(folder))
		return JB_OK;
	err = folder_make_directory(folder);
	if (err == JB_OK) {
		jb_enter(folder->jb);
		folder->ghost = false;
		jb_leave(folder->jb);
	}
	return err;
}

enum jb_err
jb_folder_create(struct jukebox *jb, uint64_t folder, const char *name, mode_t mode, uid_t uid,
	gid_t gid, struct jb_file **out, struct jb_item *item)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	struct item *f;
	enum jb_err err;

	jb_enter(jb);
	f = item_folder_by_id(jb, folder);
	err = folder_take(f, &deadline);
	jb_leave(jb);
	if (err != JB_OK)
		return err;
	err = revive(f);
	if (err == JB_OK)
		err = insert_create_part(f, name, mode, uid, gid, out, item);
	item_let_go(f);
	return err;
}
