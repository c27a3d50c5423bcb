/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/tree/rows.h"

#include <string.h>

#include "changer/access.h"

/* Sets a setting.  Returns the errors of jb_setting_set. */
enum jb_err
store_SETTING(struct tree *tree, const struct node *node, const char *value)
{
	return jb_setting_set(tree->jb, (enum jb_setting)node->row->setting, node->number, value);
}

/* Sets the secret of the user; "" takes it away.  Returns the errors of jb_user_set_secret. */
enum jb_err
store_USER_SECRET(struct tree *tree, const struct node *node, const char *value)
{
	return jb_user_set_secret(tree->jb, node->number, value);
}

/* Sets the initiators of the user; "" for any.  Returns the errors of jb_user_set_initiators. */
enum jb_err
store_USER_INITIATORS(struct tree *tree, const struct node *node, const char *value)
{
	return jb_user_set_initiators(tree->jb, node->number, value);
}

/* Passes the list of portals on to the target.  Returns its error, or JB_STOPPING if it has gone. */
enum jb_err
store_PORTALS(struct tree *tree, const struct node *node, const char *value)
{
	return tree_pass_on(tree, &tree->others.set_portals, value);
}

/* Passes a session's number, an initiator's name or "all" on to the target.  Returns its error, or
 * JB_STOPPING if it has gone. */
enum jb_err
store_LOGOUT(struct tree *tree, const struct node *node, const char *value)
{
	return tree_pass_on(tree, &tree->others.logout, value);
}

/* Opens the tray of the drive, in its strand; if force is true, also that of a locked drive.  Returns the
 * errors of drive_open_tray.  [blocks] */
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

/* Takes "open", which does not open a locked drive, and "close" or "closed".  Returns JB_BAD_VALUE for
 * another value, JB_NO_ELEMENT if the drive has gone, or the errors of drive_open_tray or
 * drive_close_tray. */
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

/* Takes "1", which opens the tray, as the eject button does, and "force", which opens that of a locked drive
 * too.  If the result is JB_MEDIUM_LOCKED, the initiators that poll for events get an eject request, which is
 * counted (MMC-6 6.6).  Returns JB_BAD_VALUE for another value, JB_NO_ELEMENT if the drive has gone, or the
 * errors of drive_open_tray. */
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
