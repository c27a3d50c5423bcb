/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is recorded on a disc: its sessions and tracks, and the rules by which they grow.  Pure
 * bookkeeping, no I/O and no locks: disc.c asks here whether something may be written, writes it,
 * and tells it here.  All rules that differ between media are columns of struct medium.
 * A medium that can be written anywhere has one track over all of it when it is formatted, and none
 * before.
 *
 * disc.json holds this as the members profile, capacity, final, sessions and tracks, and a few that
 * only some media have (recording_json.c).
 */
#ifndef CHANGER_RECORDING_RECORDING_H
#define CHANGER_RECORDING_RECORDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"
#include "changer/track.h"

struct recording {
	const struct medium *medium;
	uint32_t capacity;	/* sectors in all */
	bool final;		/* nothing can be added any more */
	bool raw;		/* the image has whole sectors of 2352 bytes (CD) */
	enum cd_mode next_mode; /* of the next track that is begun; these three are not stored */
	uint8_t next_control;
	char next_isrc[CD_ISRC_LEN + 1];
	bool minimal; /* blanked minimally, and not recorded since */
	enum spare_format spare;
	enum background background;
	uint32_t background_done; /* sectors formatted, while background is stopped or running */
	uint32_t layer_break;	  /* sectors of layer 0; 0: not set */
	bool pwp;		  /* persistently write-protected */
	uint16_t closed_sessions;
	unsigned ntracks; /* begun ones: OPEN, RESERVED or CLOSED; the invisible one is derived */
	struct track *tracks; /* owned; by ascending start */
	uint8_t *text;	      /* owned; CD-TEXT packs of 18 bytes; NULL: none */
	unsigned ntext;	      /* packs */
	uint32_t *indices;    /* owned; where indices 2 and on of tracks begin, ascending (CD) */
	unsigned nindices;
	char catalog[CD_CATALOG_LEN + 1];
};

/* A blank of the medium's capacity, or of a smaller or larger one when capacity is not 0.  What
 * comes formatted is so; without memory for its track it is one that has to be formatted first. */
void recording_init_blank(struct recording *r, const struct medium *m, uint32_t capacity);
/* One closed track of that many sectors in one session, final: pressed, or recorded as a whole. */
enum jb_err recording_init_image(
	struct recording *r, const struct medium *m, uint32_t capacity, uint32_t sectors);
void recording_fini(struct recording *r);
/* Into *out, which holds nothing before. */
enum jb_err recording_copy(const struct recording *r, struct recording *out);

/* Of the image: bytes of a sector, bytes up to the end of what is recorded, and so many sectors, the
 * last of which may be less than whole, that some bytes are. */
uint32_t recording_sector_size(const struct recording *r);
uint64_t recording_bytes(const struct recording *r);
uint64_t recording_sectors(const struct recording *r, uint64_t bytes);
/* Where a sector is in the image, in sectors from its begin, and how many follow it there, of those up
 * to *run; false: it and those have no place there and are silence, or zeros. */
bool recording_place(const struct recording *r, uint32_t lba, uint32_t *place, uint32_t *run);
/* The mode of the track that a sector belongs to; of a gap, of the track behind it. */
enum cd_mode recording_mode_at(const struct recording *r, uint32_t lba);
enum jb_err recording_set_text(struct recording *r, const uint8_t *packs, unsigned n);
enum jb_err recording_set_catalog(struct recording *r, const char *digits);
/* The next index of its last track begins there.  JB_LBA_RANGE: not behind the one before it, not in that
 * track, or it has as many as there can be.  What a track is recorded over is forgotten with it. */
enum jb_err recording_add_index(struct recording *r, uint32_t lba);
/* Those of a track, above 1: how many there are, and, borrowed, where they begin. */
unsigned recording_indices(const struct recording *r, const struct track *t, const uint32_t **lbas);
/* Where a track begins, none of before is left. */
void recording_forget_indices(struct recording *r, uint32_t from);
/* The index in a track that an address is in; 0: in its pause. */
unsigned recording_index_at(const struct recording *r, const struct track *t, uint32_t lba);
/* What goes with the last track: it is as a blank, of which nothing is known. */
void recording_forget_cd(struct recording *r);
bool cd_catalog_is_valid(const char *digits);
bool cd_isrc_is_valid(const char *isrc);

/* disc.json; from_json checks everything, and leaves r alone when it answers false.  Like the init
 * functions it frees nothing that r held before. */
bool recording_to_json(const struct recording *r, json_t *into);
bool recording_from_json(struct recording *r, const json_t *from);

/* Nothing is recorded: blank, or formatted and never written. */
bool recording_is_unrecorded(const struct recording *r);
/* It will stay what it is: nothing can be added, and it cannot be made blank again either. */
bool recording_is_sealed(const struct recording *r);
/* A formatted disc that may be written anywhere. */
bool recording_is_formatted(const struct recording *r);
/* Where the medium ends for those who write to it. */
uint64_t recording_limit(const struct recording *r);
enum disc_status recording_status(const struct recording *r);
enum session_state recording_last_session_state(const struct recording *r);
unsigned recording_sessions(const struct recording *r);
unsigned recording_tracks(const struct recording *r);
bool recording_track(const struct recording *r, unsigned number, struct track *out);
unsigned recording_track_at(const struct recording *r, uint32_t lba);
unsigned recording_first_track_of(const struct recording *r, unsigned session);
/* Where recording goes on: in the first track of the open session that has room, which may be the
 * invisible one.  False: nowhere. */
bool recording_nwa(const struct recording *r, uint32_t *nwa);
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
/* The tracks of a session at once, reserved, as disc_lay_out says: the first, with its pregap, at the
 * invisible track's start, ascending, with any gaps (CD).  JB_LBA_RANGE: they do not fit. */
enum jb_err recording_lay_out(struct recording *r, const struct disc_layout *layout);

/* ---- recording_close.c --------------------------------------------------------------------- */

/* CLOSE TRACK/SESSION, MMC-6 6.3. */
enum jb_err recording_close(struct recording *r, unsigned function, unsigned track);
/* The session is closed, and none may follow. */
enum jb_err recording_finalize(struct recording *r);
/* After a crash: at most these many sectors of the image are there.  Tracks are cut to that; a
 * closed one that would have to be cut makes it answer false (the image was damaged by hand). */
bool recording_cut(struct recording *r, uint64_t image_sectors);

/* ---- recording_format.c -------------------------------------------------------------------- */

/*
 * What r is formatted or blanked to, as a recording of its own: into *out, which holds nothing
 * before.  *erases: it has nothing of what r holds, so its image is a new and empty one.
 */
enum jb_err recording_format(const struct recording *r, const struct disc_format *format,
	struct recording *out, bool *erases);
enum jb_err recording_blank(const struct recording *r, unsigned type, unsigned track,
	struct recording *out, bool *erases);
/* One more track, behind the others; false: no memory. */
bool recording_add_track(struct recording *r, const struct track *t);
/* The one track of a formatted medium, of that many sectors. */
enum jb_err recording_make_formatted(struct recording *r, uint32_t sectors, uint32_t recorded);
/* Takes an OPEN track that nothing is recorded in off again: it is the invisible one. */
void recording_drop_empty_open_track(struct recording *r);
enum jb_err recording_set_layer_break(struct recording *r, uint32_t sectors);
/* Stops the format in the background, if one is running. */
void recording_stop_background(struct recording *r);

#endif
