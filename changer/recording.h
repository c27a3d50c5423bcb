/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is recorded on a disc: its sessions and tracks, and the rules by which they grow.  Pure
 * bookkeeping, no I/O and no locks: disc.c asks here whether something may be written, writes it,
 * and tells it here.  All rules that differ between media are columns of struct medium.
 *
 * disc.json holds this as the members profile, capacity, final, sessions and tracks.
 */
#ifndef CHANGER_RECORDING_H
#define CHANGER_RECORDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "changer/disc.h"

struct recording {
	const struct medium *medium;
	uint32_t capacity; /* sectors in all */
	bool final;	   /* nothing can be added any more */
	uint16_t closed_sessions;
	unsigned ntracks; /* begun ones: OPEN, RESERVED or CLOSED; the invisible one is derived */
	struct track *tracks; /* owned; by ascending start */
};

/* A blank of the medium's capacity, or of a smaller or larger one when capacity is not 0. */
void recording_init_blank(struct recording *r, const struct medium *m, uint32_t capacity);
/* One closed track of that many sectors in one session, final: pressed, or recorded as a whole. */
enum jb_err recording_init_image(
	struct recording *r, const struct medium *m, uint32_t capacity, uint32_t sectors);
void recording_fini(struct recording *r);

/* disc.json; from_json checks everything, and leaves r alone when it answers false.  Like the init
 * functions it frees nothing that r held before. */
bool recording_to_json(const struct recording *r, json_t *into);
bool recording_from_json(struct recording *r, const json_t *from);

enum disc_status recording_status(const struct recording *r);
enum session_state recording_last_session_state(const struct recording *r);
unsigned recording_sessions(const struct recording *r);
unsigned recording_tracks(const struct recording *r);
bool recording_track(const struct recording *r, unsigned number, struct track *out);
unsigned recording_track_at(const struct recording *r, uint32_t lba);
unsigned recording_first_track_of(const struct recording *r, unsigned session);
uint32_t recording_readable_capacity(const struct recording *r);
/* One more than the last sector recorded: the length of the image, in sectors. */
uint32_t recording_end(const struct recording *r);

/* May these sectors be read: JB_OK, JB_LBA_RANGE, JB_BLANK. */
enum jb_err recording_may_read(const struct recording *r, uint32_t lba, uint32_t count);
/* May these sectors be written: JB_OK, JB_NOT_NWA, JB_LBA_RANGE, JB_NOT_WRITABLE...  *begins: the
 * write begins a track, which must be durable before its first sector is acknowledged. */
enum jb_err recording_may_write(
	const struct recording *r, uint32_t lba, uint32_t count, bool *begins);
/* They are written.  JB_NO_MEMORY or JB_NO_MORE_TRACKS when a track to begin does not fit. */
enum jb_err recording_written(struct recording *r, uint32_t lba, uint32_t count);
/* An empty track is begun at the invisible one's start, before anything is written to it. */
enum jb_err recording_begin_track(struct recording *r);
enum jb_err recording_reserve(struct recording *r, uint32_t sectors);
/* CLOSE TRACK/SESSION, MMC-6 6.3. */
enum jb_err recording_close(struct recording *r, unsigned function, unsigned track);
/* After a crash: at most these many sectors of the image are there.  Tracks are cut to that; a
 * closed one that would have to be cut makes it answer false (the image was damaged by hand). */
bool recording_cut(struct recording *r, uint64_t image_sectors);

#endif
