/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the data of a WRITE goes, and what ends a burn. */
#ifndef TARGET_MMC_WRITE_PATH_H
#define TARGET_MMC_WRITE_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"

struct disc;
struct mmc;
struct mmc_form;
struct mmc_settings;
struct mmc_text;
struct scsi_task;

/* How one command writes.  mmc_write_begin fills it in; the other functions take it. */
struct mmc_write {
	struct mmc_settings *settings;
	struct mmc_text *text;
	struct disc *disc;
	const struct mmc_form
		*form; /* of the track's sectors; NULL: 2048 bytes, as READ(10) reads */
	bool test;     /* a test write: nothing is recorded */
};
/* Fills in *w for one command that writes to the disc. */
void mmc_write_begin(struct mmc_write *w, struct mmc *m, struct disc *d);
/* Returns the number of bytes that the host sends for `count` sectors from `lba` on. */
uint64_t mmc_write_size(const struct mmc_write *w, uint32_t lba, uint32_t count);
/* Returns true if a write at `lba` would wait for the store's device or convert the disc's image.  The
 * command then needs a thread that may block. */
bool mmc_write_waits(const struct mmc_write *w, uint32_t lba);
/* Writes the task's data-out, which must be complete, and ends the command. */
void mmc_write_run(struct scsi_task *task, const struct mmc_write *w, uint32_t lba, uint32_t count);
/* Reserves a track of `sectors` sectors.  Returns the errors of disc_reserve_track. */
enum jb_err mmc_write_reserve(const struct mmc_write *w, uint32_t sectors);
/* Gives the mode, control bits and ISRC of mode page 05h to the tracks that begin from now on, and its
 * catalog number to the disc. */
void mmc_write_next_tracks(const struct mmc_settings *s, struct disc *d);
/* Returns true if mode page 05h asks for a test write and the medium has test writes. */
bool mmc_is_test(const struct mmc_settings *s, const struct disc *d);
enum mmc_sync { SYNC_ONLY, SYNC_TRACK, SYNC_SESSION };
/* Returns what SYNCHRONIZE CACHE does: SYNC_ONLY writes back, SYNC_TRACK also closes the track *track,
 * SYNC_SESSION also closes the session.  Ends a test write. */
enum mmc_sync mmc_sync_ends(struct mmc_settings *s, const struct disc *d, unsigned *track);

#endif
