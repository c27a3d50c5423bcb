/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The way of the data of a WRITE, and of the commands that end a burn. */
#ifndef TARGET_MMC_WRITE_PATH_H
#define TARGET_MMC_WRITE_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"

struct disc;
struct drive;
struct mmc;
struct mmc_form;
struct mmc_settings;
struct mmc_text;
struct scsi_task;

/* Says how one command writes.  mmc_write_begin fills it in; the other functions take it. */
struct mmc_write {
	/* the unit's settings for the medium; a write moves on the session or the test write in them */
	struct mmc_settings *settings;
	struct mmc_text *text; /* the unit's */
	struct disc *disc;     /* borrowed */
	struct drive *drive;   /* borrowed */
	/* the form of the track's sectors; NULL: 2048 bytes of user data, as READ(10) reads */
	const struct mmc_form *form;
	bool test; /* true: a test write, which records nothing */
};
/* Fills in *w for one command that writes to `d`, the disc in the drive.  May set the settings to their
 * defaults (see mmc_settings).  Checks nothing. */
void mmc_write_begin(struct mmc_write *w, struct mmc *m, struct disc *d);
/* Lets the drive record beyond the capacity of the CD as far as its setting says, if a write or a session ends at
 * `end`, beyond that capacity. */
void mmc_allow_overburn(struct drive *drive, struct disc *d, uint64_t end);
/* Returns the number of bytes that the host sends for `count` sectors from `lba` on.  For sectors behind
 * the end of a session at once, which mmc_write_run refuses, counts 2048 each. */
uint64_t mmc_write_size(const struct mmc_write *w, uint32_t lba, uint32_t count);
/* Returns true if a write at `lba` would wait for the store's device, or convert the disc's image.  The
 * command then needs a thread that may block. */
bool mmc_write_waits(const struct mmc_write *w, uint32_t lba);
/* Writes `count` sectors from the task's data-out, and ends the command.  The data-out must have
 * mmc_write_size bytes, and the thread may block if mmc_write_waits says so.  Fails if the disc is
 * protected, if mode page 05h asks for a session at once without a cue sheet, or with an error of the
 * disc. */
void mmc_write_run(struct scsi_task *task, const struct mmc_write *w, uint32_t lba, uint32_t count);
/* Reserves a track of `sectors` sectors, which gets the mode and numbers of mode page 05h on a CD.
 * Returns the errors of disc_reserve_track and disc_set_catalog. */
enum jb_err mmc_write_reserve(const struct mmc_write *w, uint32_t sectors);
/* Gives the mode, control bits and ISRC of mode page 05h to the tracks that begin from now on.  Ignores an
 * ISRC that is not valid.  Changes nothing on the disc. */
void mmc_write_next_tracks(const struct mmc_settings *s, struct disc *d);
/* Returns true if mode page 05h asks for a test write and the medium has test writes. */
bool mmc_is_test(const struct mmc_settings *s, const struct disc *d);
/* Says what SYNCHRONIZE CACHE does: write back only, or close a track or the session too. */
enum mmc_sync { SYNC_ONLY, SYNC_TRACK, SYNC_SESSION };
/* Returns SYNC_TRACK if a CD track at once is recorded and open, and SYNC_SESSION if all of a CD session
 * at once was written; else SYNC_ONLY.  Stores the disc's last track in *track.  Closes nothing.  Ends a
 * test write; of a test of a session at once only when it is complete, and then drops the cue sheet. */
enum mmc_sync mmc_sync_ends(struct mmc_settings *s, const struct disc *d, unsigned *track);

#endif
