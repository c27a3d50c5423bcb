/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes and frees drives, and puts a disc into a drive or takes it out.  The file changer/drive.h has the
 * functions for other rooms; drive/README explains how a drive loads. */
#ifndef CHANGER_DRIVE_DRIVE_H
#define CHANGER_DRIVE_DRIVE_H

#include <stdbool.h>

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct drive;
struct item;
struct jukebox;

/* Makes the drives of all drive elements, which must exist, and sets jb->setting_hooks.  Returns
 * JB_NO_MEMORY or JB_NO_THREADS; the drives that were made before that stay, for drive_fini_all.  For
 * start-up. */
enum jb_err drive_init_all(struct jukebox *jb);
/* Makes the drive of that number, and puts it in jb->drives and in its element.  It is online, and its tray
 * is closed and empty.  The element must exist and have no drive yet.  Returns JB_NO_MEMORY; or
 * JB_NO_THREADS if its thread cannot be started.  After an error nothing has changed. */
enum jb_err drive_make(struct jukebox *jb, unsigned number);
/* Makes the discs in all drives durable, also of drives that were removed, and frees the drives.  Logs
 * the errors.  No other thread may use a drive any more.  [blocks] */
void drive_fini_all(struct jukebox *jb);
/* Checks whether the drive may go online (online is true) or offline (false).  Before it goes offline,
 * syncs its disc.  Returns JB_OK if it may, or if it is in that state already; JB_MEDIUM_LOCKED if it is
 * locked and would go offline; or the error of disc_sync.  Does not change the drive: after JB_OK the
 * caller calls drive_set_online, before it leaves the strand.  Strand held.  [blocks] */
enum jb_err drive_admits_online(struct drive *d, bool online);
/* Sets the drive online or offline, without the checks of drive_admits_online.  If that changes the state,
 * and the drive has loaded a disc and its tray is closed, counts a change of medium; when it goes online,
 * also an arrival.  Strand held. */
void drive_set_online(struct drive *d, bool online);
/* Puts the disc into the drive, which must be empty, closes the tray, and begins to load unless the drive
 * is offline.  If the tray was open, raises the event `tray-close` with the name initiator; NULL means the
 * mount.  The caller has pinned the image (item_pin_image).  Strand held, except at start-up.
 * drive_take_disc ends it. */
void drive_put_disc(struct drive *d, struct item *it, const char *initiator) REQUIRES(jb_lock);
/* Takes the disc out of the drive; the tray stays as it is.  If the tray is closed, ends the work of the
 * drive.  Also counts a change of medium if the drive is online and had loaded the disc.  The caller has
 * made the disc durable (disc_leave), and unpins its image afterwards.  Strand held. */
void drive_take_disc(struct drive *d) REQUIRES(jb_lock);
/* Begins to load the disc in the drive.  Does nothing if the tray is open, or the drive is offline or
 * empty.  Call it when the file of a link can be read again.  Strand held. */
void drive_medium_came(struct drive *d) REQUIRES(jb_lock);

#endif
