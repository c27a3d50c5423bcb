/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disc: its medium, sessions and tracks, and its sectors.
 *
 * Who may call: whoever keeps the disc still.  For a disc in a drive that is the holder of the
 * drive's strand; all functions here want that, but for disc_size, which any thread may call.
 * Nothing here takes the jukebox lock.
 *
 * Addresses are logical block addresses of 2048-byte sectors; they are also positions in the
 * image, so what lies between two sessions is a hole in a sparse file.
 *
 * Terms and numbers are those of MMC-6: track and session numbers from 1; on an appendable disc
 * the last track is the invisible or incomplete one, which the disc still has to offer.
 */
#ifndef CHANGER_DISC_H
#define CHANGER_DISC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/err.h"
#include "changer/medium.h"

struct disc;

/* READ DISC INFORMATION byte 2, disc status (MMC-6 6.22.3.1.4) */
enum disc_status { DISC_BLANK = 0, DISC_APPENDABLE = 1, DISC_COMPLETE = 2, DISC_OTHERS = 3 };
/* The same byte, state of last session */
enum session_state { SESSION_EMPTY = 0, SESSION_INCOMPLETE = 1, SESSION_COMPLETE = 3 };

enum track_state {
	TRACK_INVISIBLE, /* not begun: where the next one will be */
	TRACK_OPEN,	 /* written to, not closed; grows */
	TRACK_RESERVED,	 /* of reserved size, perhaps partly written */
	TRACK_CLOSED,
};

struct track {
	enum track_state state;
	uint16_t session;
	uint32_t start;	   /* first LBA */
	uint32_t size;	   /* sectors: recorded when closed, reserved, else all up to the end */
	uint32_t recorded; /* sectors written, from start */
};

const struct medium *disc_medium(const struct disc *d);
/* Sectors that the medium holds in all; of a pressed disc, its image. */
uint32_t disc_capacity(const struct disc *d);
enum disc_status disc_status(const struct disc *d);
enum session_state disc_last_session_state(const struct disc *d);
/* Both count the empty or open one of an appendable disc, as READ DISC INFORMATION does. */
unsigned disc_sessions(const struct disc *d);
unsigned disc_tracks(const struct disc *d);
/* Track number, from 1; false: there is none. */
bool disc_track(const struct disc *d, unsigned number, struct track *out);
/* The number of the track that an address belongs to; 0: none. */
unsigned disc_track_at(const struct disc *d, uint32_t lba);
unsigned disc_first_track_of(const struct disc *d, unsigned session);
/* The next writable address of a track; false: it has none. */
bool track_nwa(const struct track *t, uint32_t *nwa);
/* Sectors that READ CAPACITY counts: up to the end of the last closed session; 0: none yet. */
uint32_t disc_readable_capacity(const struct disc *d);
bool disc_protected(const struct disc *d);
/* The label, which is the volume tag. */
const char *disc_label(const struct disc *d);
/* Bytes of the image as recorded so far.  Any thread. */
uint64_t disc_size(const struct disc *d);

/*
 * Reading.  Sectors never recorded on a write-once medium are refused with JB_BLANK or
 * JB_LBA_RANGE; holes between sessions read as zeros.
 *
 * With may_block false both answer JB_WOULD_BLOCK instead of waiting for the store's device.
 */
enum jb_err disc_read(struct disc *d, uint32_t lba, uint32_t count, void *buf, bool may_block);

/* A stretch of the image for a caller that can send from a file.  put gives it back. */
struct disc_extent {
	int fd; /* borrowed until put */
	uint64_t offset, length;
	void (*put)(void *arg);
	void *arg;
};
/* Checks as disc_read does, and that the pages are in memory (may_block: brings them there). */
enum jb_err disc_extent(
	struct disc *d, uint32_t lba, uint32_t count, bool may_block, struct disc_extent *out);

/*
 * Writing.  What is written is durable after disc_sync, disc_close_*, or when the disc leaves the
 * drive.  Before the first sector of a track is acknowledged, that the track was begun is durable,
 * so that a disc once written to is never blank again (DESIGN 3).
 */
enum jb_err disc_write(struct disc *d, uint32_t lba, uint32_t count, const void *data);
enum jb_err disc_sync(struct disc *d);
/* RESERVE TRACK: sectors, rounded up to whole ECC blocks. */
enum jb_err disc_reserve_track(struct disc *d, uint32_t sectors);
/* CLOSE TRACK/SESSION (MMC-6 6.3) with any function of the medium's close_functions. */
enum jb_err disc_close(struct disc *d, unsigned function, unsigned track);
/* The forerunner's way: the disc turns into DVD-ROM (ctl/drives/N/finalize-as-rom). */
enum jb_err disc_turn_into_rom(struct disc *d);

#endif
