/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/tree/rows.h"

#include <string.h>

#include "changer/access.h"

enum jb_err
store_SETTING(struct tree *tree, const struct node *node, const char *value)
{
	return jb_setting_set(tree->jb, (enum jb_setting)node->row->setting, node->number, value);
}

enum jb_err
store_USER_SECRET(struct tree *tree, const struct node *node, const char *value)
{
	return jb_user_set_secret(tree->jb, node->number, value);
}

enum jb_err
store_PORTALS(struct tree *tree, const struct node *node, const char *value)
{
	return tree_pass_on(tree, &tree->others.set_portals, value);
}

enum jb_err
store_LOGOUT(struct tree *tree, const struct node *node, const char *value)
{
	return tree_pass_on(tree, &tree->others.logout, value);
}

/* Opens the tray of the drive, in its strand.  Returns the errors of drive_open_tray.  [blocks] */
static enum jb_err
open_tray(struct drive *d, bool force)
{
	enum jb_err e;

	strand_enter(drive_strand(d));
	e = drive_open_tray(d, force);
	strand_leave(drive_strand(d));
	return e;
}

/* Closes the tray of the drive, in its strand.  Returns the errors of drive_close_tray.  [blocks] */
static enum jb_err
close_tray(struct drive *d)
{
	enum jb_err e;

	strand_enter(drive_strand(d));
	e = drive_close_tray(d);
	strand_leave(drive_strand(d));
	return e;
}

enum jb_err
store_TRAY(struct tree *tree, const struct node *node, const char *value)
{
	struct drive *d = jb_drive(tree->jb, node->number);

	if (d == NULL)
		return JB_NO_ELEMENT;
	if (strcmp(value, "open") == 0)
		return open_tray(d, false);
	if (strcmp(value, "close") == 0 || strcmp(value, "closed") == 0)
		return close_tray(d);
	return JB_BAD_VALUE;
}

/* Opens the tray, as the eject button does.  If the drive is locked, the initiators that poll for events
 * get an eject request instead (MMC-6 6.6).  "force" opens a locked drive too. */
enum jb_err
store_EJECT(struct tree *tree, const struct node *node, const char *value)
{
	struct drive *d = jb_drive(tree->jb, node->number);
	enum jb_err e;

	if (d == NULL)
		return JB_NO_ELEMENT;
	if (strcmp(value, "1") != 0 && strcmp(value, "force") != 0)
		return JB_BAD_VALUE;
	e = open_tray(d, strcmp(value, "force") == 0);
	if (e == JB_MEDIUM_LOCKED)
		drive_request_eject(d);
	return e;
}
