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

/*
 * Stores the disc in the drive in *out, if the drive is ready.  Returns JB_OFFLINE if the drive is
 * offline; JB_TRAY_OPEN if its tray is open; JB_NO_MEDIUM if it is empty; JB_BECOMING_READY while it
 * loads, or while a file that was put into it has been closed but not released; JB_LINK_CHANGED,
 * JB_LINK_MISSING, or JB_IN_USE before its first check, if the disc is a link that cannot be read.  On an
 * error *out is untouched.  Strand held.
 */
enum jb_err drive_disc(struct drive *d, struct disc **out);

struct drive_view {
	bool has_disc;	/* true: a disc is in the drive, also if the tray is open */
	bool tray_open; /* true: also of an empty drive */
	/* true: the setting online is 0; initiators find the drive not ready */
	bool offline;
	bool locked;	   /* true: prevents is not 0 */
	unsigned prevents; /* how many nexuses prevent the removal of the disc */
	/* Counters that never fall.  A nexus keeps the values that it saw last; a larger value is news.
	 * media_changes grows when the accessible medium changes in any way. */
	uint64_t media_changes;
	uint64_t media_arrivals; /* the changes that made a medium accessible */
	uint64_t eject_requests; /* how often drive_request_eject was called */
	uint64_t formats;	 /* counter: formats in the background that have ended */
	bool loading;		 /* true: the drive is loading; its disc is not accessible yet */
	uint64_t loads;		 /* counter: how often loading has begun */
	/* true: the last eject request, if there was any, was for the medium that is in now */
	bool eject_wanted;
};
/* Copies the state of the drive.  If a loading or a format in the background is over, ends it first,
 * which changes the counters.  Any thread; takes only the progress_lock, a leaf. */
void drive_view(struct drive *d, struct drive_view *out);

/*
 * Opens the tray; the disc stays in the drive.  If the tray is open already, does nothing.  First
 * makes durable what was written, and stops a format in the background.  Counts a change of medium, and
 * raises the event `tray-open`.  Returns JB_MEDIUM_LOCKED, and does nothing, if a nexus prevents removal;
 * or the store's error, and the tray stays closed.  If force is true, opens the tray in spite of both, and
 * logs an error of the store.  Strand held.  [blocks]
 */
enum jb_err drive_open_tray(struct drive *d, bool force);
/* Closes the tray on the disc that is in the drive, if any, and begins to load it; does not wait for
 * that.  Opens the file of a link again if it could not be read.  Raises the event `tray-close`.  If the
 * tray is closed already, does nothing.  Always returns JB_OK.  Strand held.  [blocks] */
enum jb_err drive_close_tray(struct drive *d);
/* Returns the milliseconds until the drive has loaded its disc; 0 if it is not loading.  Any thread, with
 * or without the strand. */
unsigned drive_loading_left(struct drive *d);
/* Waits until the drive has loaded its disc, or another thread waits for the strand, or jb_interrupt was
 * called.  The caller checks which (drive_disc).  Keeps the strand.  Strand held.  [blocks] */
void drive_await_ready(struct drive *d);
/*
 * Counts one nexus more (on is true) or one less (false) that prevents the removal of the disc.  The
 * caller calls it once for each change of a nexus.  The first nexus locks the drive and raises the event
 * `lock`, the last one unlocks it and raises `unlock`.  initiator is the name of the nexus, for
 * the events; NULL: it is not known.  Takes the jukebox lock.
 */
void drive_prevent_for(struct drive *d, bool on, const char *initiator);
/* Sets the initiator in whose name the drive raises events from now on.  The name is borrowed until the
 * next call; NULL means the mount.  Strand held; the caller must set NULL before it leaves the strand.
 * Does not concern drive_prevent_for and drive_request_eject. */
void drive_acts_for(struct drive *d, const char *initiator);
/* Reports that the user at the mount wants the disc of a locked drive: counts an eject request, for
 * nexuses, and raises the event `eject-request`.  Does not open the tray.  Does not check that the drive
 * is locked.  Any thread. */
void drive_request_eject(struct drive *d);

/*
 * Shows people what a drive is doing.  Whoever does the work reports its start, its progress and its
 * end.  A burn with no report for ten seconds counts as ended.  A format in the background shows only
 * while there is no other work.  done and total are blocks of 2048 bytes.  total is 0 if it is not known,
 * as for a burn whose size the host has not said.  Any thread, no lock.
 */
enum drive_work { DRIVE_IDLE, DRIVE_BURNING, DRIVE_FORMATTING, DRIVE_BLANKING, DRIVE_VERIFYING };
struct drive_progress {
	enum drive_work work;
	bool background;      /* true: a format that goes on while the disc is used */
	uint64_t done, total; /* in blocks of 2048 bytes; total 0: not known */
};
/* Reports the work that the drive begins or goes on with, or DRIVE_IDLE when it has ended.  Overwrites
 * the last report. */
void drive_works(struct drive *d, enum drive_work work, uint64_t done, uint64_t total);
/* Stores the work of the drive that was reported last in *out; if there is none, its format in the
 * background; else DRIVE_IDLE with zeros. */
void drive_progress(struct drive *d, struct drive_progress *out);

/* Sets the speeds that an initiator chose for the medium in the drive, in kB/s; 0: no choice.  The choice
 * ends when the medium changes.  Does not check them.  Any thread. */
void drive_choose_speeds(struct drive *d, uint32_t read, uint32_t write);
/* Stores the speeds that are in effect, in kB/s.  The read speed is the lowest of the initiator's choice,
 * the speed of the medium and the setting `speed`.  The write speed is the fastest one of the medium within
 * the other two, as in medium_write_speed_within.  Both are 0 if there is no medium; write is 0 if it is
 * read-only.  Takes the jukebox lock. */
void drive_speeds(struct drive *d, uint32_t *read, uint32_t *write);
/* Returns the setting `speed` in kB/s; 0 means no limit.  Takes the jukebox lock. */
uint32_t drive_speed_limit(struct drive *d);

#endif
