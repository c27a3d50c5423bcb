/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drives: the tray, the lock, what a drive is doing, and its speeds.  Locks are as jukebox.h says.
 */
#ifndef CHANGER_DRIVE_H
#define CHANGER_DRIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"

struct disc;
struct drive;
struct jukebox;
struct strand;

/* NULL: there is none of that number.  A drive lives as long as the jukebox, also when removed. */
struct drive *jb_drive(struct jukebox *jb, unsigned number);
struct jukebox *drive_jukebox(struct drive *d);
unsigned drive_number(const struct drive *d);
/* Held by whoever runs a command on the drive or takes its disc; see strand.h. */
struct strand *drive_strand(struct drive *d);

/* The disc in the closed drive.  JB_OFFLINE, JB_NO_MEDIUM, JB_TRAY_OPEN; JB_BECOMING_READY also between
 * the close of a file that is put into the drive and its release.  Strand held. */
enum jb_err drive_disc(struct drive *d, struct disc **out);

struct drive_view {
	bool has_disc; /* in the drive, tray open or not */
	bool tray_open;
	bool offline;	   /* the setting online is 0: no medium is accessible */
	bool locked;	   /* PREVENT is in force */
	unsigned prevents; /* for how many nexuses */
	/*
	 * Counters from which each nexus finds out what it has not been told yet: compare with the
	 * value seen last.  media_changes grows when the accessible medium changes in any way.
	 */
	uint64_t media_changes;
	uint64_t media_arrivals; /* those among them that made a medium accessible */
	uint64_t eject_requests;
	uint64_t formats;  /* formats in the background that have come to their end */
	bool loading;	   /* it is getting ready for its disc, which is not accessible yet */
	uint64_t loads;	   /* how often it has begun to */
	bool eject_wanted; /* the last of them was for the medium that is there now */
};
/* Any thread, no lock. */
void drive_view(struct drive *d, struct drive_view *out);

/*
 * The tray.  Opening fails with JB_MEDIUM_LOCKED while PREVENT is in force, unless forced; the disc
 * stays in the drive.  Opening makes what was written durable.  Strand held.  [blocks]
 */
enum jb_err drive_open_tray(struct drive *d, bool force);
enum jb_err drive_close_tray(struct drive *d);
/* Milliseconds until the drive is ready for the disc that it is loading; 0: it is.  Any thread. */
unsigned drive_loading_left(struct drive *d);
/* Waits for that.  Strand held.  [blocks] */
void drive_await_ready(struct drive *d);
/* One nexus prevents removal, or no longer does; the callers count once per nexus. */
void drive_prevent(struct drive *d, bool on);
/* The same, with the name of the initiator; NULL: it is not known. */
void drive_prevent_for(struct drive *d, bool on, const char *initiator);
/* The name of the initiator that locked it last; "": it is not locked, or the name is not known.  buf:
 * JB_EVENT_INITIATOR_MAX + 1, which it returns. */
const char *drive_locker(struct drive *d, char *buf);
/*
 * Who does what is done to the drive and its disc from now on, for the events: the name of an
 * initiator, which stays until this is called again; NULL: the mount.  Strand held, and given back
 * only after NULL.
 */
void drive_acts_for(struct drive *d, const char *initiator);
/* The user at the mount asks for the disc of a locked drive. */
void drive_request_eject(struct drive *d);

/*
 * What a drive is doing, for people: whoever does it tells when it begins, now and then, and when it is
 * over; a burn that was not told of for ten seconds is over.  A format in the background shows when
 * there is nothing else.  Blocks of 2048 bytes; total 0: not known.  Any thread, no lock.
 */
enum drive_work { DRIVE_IDLE, DRIVE_BURNING, DRIVE_FORMATTING, DRIVE_BLANKING, DRIVE_VERIFYING };
struct drive_progress {
	enum drive_work work;
	bool background; /* a format that goes on while the disc is used */
	uint64_t done, total;
};
void drive_works(struct drive *d, enum drive_work work, uint64_t done, uint64_t total);
void drive_progress(struct drive *d, struct drive_progress *out);

/* kB/s that initiators chose for the medium that is there now; 0: they did not.  drive_speeds gives
 * what holds, by those, the medium and the setting; 0 without a medium. */
void drive_choose_speeds(struct drive *d, uint32_t read, uint32_t write);
void drive_speeds(struct drive *d, uint32_t *read, uint32_t *write);
/* The setting speed; 0: no limit. */
uint32_t drive_speed_limit(struct drive *d);

#endif
