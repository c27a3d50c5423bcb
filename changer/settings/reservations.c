/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Persistent reservations: texts that the target keeps over a restart, in STORE/ctl/reservations.  Only
 * the target understands them. */
#include <stdio.h>
#include <stdlib.h>

#include "changer/inventory/model.h"
#include "changer/store/store.h"

#define RESERVATIONS_DIR "ctl/reservations"

/* Prints the path of the file with the reservations of the unit lun to buf (STORE_PATH_MAX bytes). */
static void
path_of(unsigned lun, char *buf)
{
	snprintf(buf, STORE_PATH_MAX, RESERVATIONS_DIR "/%u", lun);
}

enum jb_err
jb_reservations_save(struct jukebox *jb, unsigned lun, const char *text, size_t size)
{
	char path[STORE_PATH_MAX], temporary[STORE_PATH_MAX + 8];
	enum jb_err err;

	path_of(lun, path);
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	err = store_mkdir(jb->store, RESERVATIONS_DIR);
	if (err == JB_OK)
		err = store_sync_dir(jb->store, "ctl");
	if (err == JB_OK && size > 0)
		return store_replace_file(jb->store, RESERVATIONS_DIR, path, temporary, text, size);
	if (err == JB_OK)
		err = store_unlink(jb->store, path);
	return err == JB_OK ? store_sync_dir(jb->store, RESERVATIONS_DIR) : err;
}

enum jb_err
jb_reservations_load(struct jukebox *jb, unsigned lun, char **text, size_t *size)
{
	char path[STORE_PATH_MAX];

	path_of(lun, path);
	return store_read_file(jb->store, path, text, size);
}
