/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Owners and modes of files of the mount that are not discs: a text that the mount keeps, in
 * STORE/ctl/owners. */
#include "changer/inventory/model.h"
#include "changer/store/store.h"

#define OWNERS_FILE "ctl/owners"

enum jb_err
jb_owners_save(struct jukebox *jb, const char *text, size_t size)
{
	return store_replace_file(jb->store, "ctl", OWNERS_FILE, OWNERS_FILE ".new", text, size);
}

enum jb_err
jb_owners_load(struct jukebox *jb, char **text, size_t *size)
{
	return store_read_file(jb->store, OWNERS_FILE, text, size);
}
