/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Making and freeing drives; a disc that comes to a drive or leaves it.  For more of a drive see
 * changer/drive.h.
 */
#ifndef CHANGER_DRIVE_DRIVE_H
#define CHANGER_DRIVE_DRIVE_H

#include <stdbool.h>

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct drive;
struct item;
struct jukebox;

/* Makes the drives of all drive elements, which must exist, and sets jb->setting_hooks.  Returns
 * JB_NO_MEMORY if memory is missing, or JB_NO_THREADS; the drives made so far stay (drive_fini_all).  When the daemon
 * starts. */
enum jb_err drive_init_all(struct jukebox *jb);
/* Makes the drive of that number, online and with a closed, empty tray, in jb->drives and in its element.
 * The element must exist and have no drive yet.  Returns JB_NO_MEMORY, or JB_NO_THREADS if no thread can be
 * started for it; then nothing has changed. */
enum jb_err drive_make(struct jukebox *jb, unsigned number);
/* Makes the discs in all drives durable, also of drives that were removed, and frees the drives.  Logs
 * the errors.  No other thread may use a drive any more.  [blocks] */
void drive_fini_all(struct jukebox *jb);
/* Checks whether the drive may go online (online is true) or offline (false).  Before it goes offline,
 * syncs its disc.  Returns JB_OK, also if it is so already; JB_MEDIUM_LOCKED if the drive is locked; or
 * the store's error.  Does not change the drive: after JB_OK the caller must call drive_set_online before
 * it leaves the strand.  Strand held.  [blocks] */
enum jb_err drive_admits_online(struct drive *d, bool online);
/* Sets the drive online or offline.  If that changes and a disc is in the closed tray and loaded, counts a
 * change of medium; online, also an arrival.  Does not check drive_admits_online.  Strand held. */
void drive_set_online(struct drive *d, bool online);
/* Puts the disc into the drive, which must be empty, closes the tray and begins to load, unless the drive
 * is offline.  If the tray was open, raises the event `tray-close`.  initiator: who requested this, for
 * the event; NULL: the mount.  The caller has pinned the image (item_pin_image).  Strand held, except
 * when the daemon starts.  End with drive_take_disc. */
void drive_put_disc(struct drive *d, struct item *it, const char *initiator) REQUIRES(jb_lock);
/* Takes the disc out of the drive.  The tray stays as it is.  If it is closed, ends what the drive was
 * doing, and counts a change of medium if the drive had loaded the disc and is online.  The caller has
 * made the disc durable (disc_leave), and unpins its image afterwards.  Strand held. */
void drive_take_disc(struct drive *d) REQUIRES(jb_lock);
/* Begins to load the disc in the drive, unless the tray is open, or the drive is offline or empty.  For a
 * link, call it when the file can be read again.  Strand held. */
void drive_medium_came(struct drive *d) REQUIRES(jb_lock);

#endif
