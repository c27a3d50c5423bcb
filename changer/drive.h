/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Drives: the tray, the lock, what a drive is doing, and its speeds.  For locks and [blocks] see
 * jukebox.h; "strand held" means that the caller holds the drive's strand (strand.h). */
#ifndef CHANGER_DRIVE_H
#define CHANGER_DRIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"

struct disc;
struct drive;
struct jukebox;
struct strand;

/* Returns the drive of that number, or NULL if there is none now.  The pointer stays valid as long as the
 * jukebox, also when the drive is removed.  Takes no lock. */
struct drive *jb_drive(struct jukebox *jb, unsigned number);
/* Returns the jukebox that the drive belongs to. */
struct jukebox *drive_jukebox(struct drive *d);
/* Returns the number of the drive, from 0. */
unsigned drive_number(const struct drive *d);
/* Returns the strand of the drive.  A thread must hold it to run a command or to take the disc. */
struct strand *drive_strand(struct drive *d);

/* Stores the disc in the drive in *out, borrowed, if it can be read now.  Returns JB_OFFLINE if the drive
 * is offline; JB_TRAY_OPEN if its tray is open; JB_NO_MEDIUM if it is empty; JB_BECOMING_READY while it
 * loads, or while a file that was written into it has been closed and is not a disc yet.  If the disc is a
 * link whose file cannot be read, returns JB_LINK_CHANGED, JB_LINK_MISSING, or JB_IN_USE before the file
 * was checked.  On an error *out is untouched.  Strand held. */
enum jb_err drive_disc(struct drive *d, struct disc **out);

struct drive_view {
	bool has_disc;	/* true: a disc is in the drive; also if the tray is open */
	bool tray_open; /* true: the tray is open, with a disc or empty */
	bool offline;	/* true: the setting `online` is 0; initiators find the drive not ready */
	bool locked;	/* true: prevents is not 0 */
	unsigned prevents; /* how many nexuses prevent the removal of the disc */
	/* Counters, which only grow.  A nexus (an initiator's session) keeps the values that it saw last; a
	 * larger value says that something has happened since. */
	uint64_t media_changes;	 /* how often a medium became accessible or inaccessible */
	uint64_t media_arrivals; /* how often a medium became accessible */
	uint64_t eject_requests; /* how often drive_request_eject was called */
	uint64_t formats;	 /* how many formats in the background have ended */
	bool loading;		 /* true: the drive is loading; its disc is not accessible yet */
	uint64_t loads;		 /* counter: how often loading has begun */
	/* true: the medium has not changed since the last call of drive_request_eject, or since the start
	 * if there was no call */
	bool eject_wanted;
};
/* Copies the state of the drive to *out.  If the time of a loading or of a format in the background is
 * over, first ends it, which changes the counters.  Any thread; takes only the progress_lock (lock.h). */
void drive_view(struct drive *d, struct drive_view *out);

/* Opens the tray; the disc stays in the drive.  Does nothing if the tray is open.  First makes the disc
 * durable, and stops a format in the background (disc_leave).  Counts a change of medium, and raises the
 * event `tray-open`.  Returns JB_MEDIUM_LOCKED if a nexus prevents the removal, or the store's error; the
 * tray then stays closed.  If force is true, opens the tray all the same and returns JB_OK; then an error
 * of the store is logged, and the data may be lost.  Strand held.  [blocks] */
enum jb_err drive_open_tray(struct drive *d, bool force);
/* Closes the tray on the disc that is in the drive, if any, and begins to load it; does not wait for
 * that.  Opens the file of a link again if it could not be read.  Raises the event `tray-close`.  If the
 * tray is closed already, does nothing.  Always returns JB_OK.  Strand held.  [blocks] */
enum jb_err drive_close_tray(struct drive *d);
/* Returns the milliseconds until the drive has loaded its disc; 0 if it is not loading.  Any thread, with
 * or without the strand. */
unsigned drive_loading_left(struct drive *d);
/* Waits until the drive has loaded its disc.  Returns earlier if another thread waits for the strand, or
 * after jb_interrupt, so the caller must look again (drive_disc).  Keeps the strand.  Strand held.
 * [blocks] */
void drive_await_ready(struct drive *d);
/* Counts one nexus more (on is true) or one less (on is false) that prevents the removal of the disc.  Call
 * it once for each change of a nexus.  The first nexus locks the drive and raises the event `lock`.  When
 * the last one ends, the drive is unlocked, and the event is `unlock`.  initiator is the name of the nexus,
 * for the events; NULL if it is not known.  Takes the jukebox lock. */
void drive_prevent_for(struct drive *d, bool on, const char *initiator);
/* Sets the initiator that later events of the drive name.  The name is borrowed until the next call; NULL
 * means the mount.  Strand held; set NULL before you leave the strand.  drive_prevent_for and
 * drive_request_eject ignore this name. */
void drive_acts_for(struct drive *d, const char *initiator);
/* Counts an eject request for the nexuses, because the user at the mount wants the disc of a locked drive,
 * and raises the event `eject-request`.  Does not open the tray, and does not check that the drive is
 * locked.  Any thread; takes the jukebox lock. */
void drive_request_eject(struct drive *d);

/*
 * Shows people what a drive is doing.  The function that does the work reports its start, its progress and
 * its end.  A burn with no report for ten seconds counts as ended.  A format in the background shows only
 * while there is no other work.  done and total are blocks of 2048 bytes.  total is 0 if it is not known,
 * as for a burn whose size the host has not said.  Any thread, no lock.
 */
enum drive_work { DRIVE_IDLE, DRIVE_BURNING, DRIVE_FORMATTING, DRIVE_BLANKING, DRIVE_VERIFYING };
struct drive_progress {
	enum drive_work work;
	bool background;      /* true: a format that goes on while the disc is used */
	uint64_t done, total; /* in blocks of 2048 bytes; total 0: not known */
};
/* Reports the work that the drive begins or goes on with; DRIVE_IDLE when it has ended.  Replaces the last
 * report. */
void drive_works(struct drive *d, enum drive_work work, uint64_t done, uint64_t total);
/* Stores in *out the work that was reported last.  If none goes on, stores the drive's format in the
 * background; if there is no such format either, DRIVE_IDLE with zeros. */
void drive_progress(struct drive *d, struct drive_progress *out);

/* Sets the speeds that an initiator has chosen for the medium in the drive, in kB/s; 0 means no choice.
 * The choice has no effect any more when the medium changes.  Does not check that the medium has these
 * speeds.  Any thread. */
void drive_choose_speeds(struct drive *d, uint32_t read, uint32_t write);
/* Stores the speeds that are in effect, in kB/s.  *read is the lowest of three: the initiator's choice, the
 * medium's speed and the setting `speed`.  *write is the medium's fastest write speed that is not above the
 * other two (medium_write_speed_within); 0 if the medium is read-only.  Both are 0 if there is no medium.
 * Takes the jukebox lock. */
void drive_speeds(struct drive *d, uint32_t *read, uint32_t *write);
/* Returns the setting `speed` in kB/s; 0 means no limit.  Takes the jukebox lock. */
uint32_t drive_speed_limit(struct drive *d);

#endif
