/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is recorded on a disc: its sessions and tracks, and the rules by which they grow.  This is pure
 * bookkeeping without I/O and locks: before it writes, disc_write.c asks here whether it may, and after
 * it has written it reports that here.  All rules that differ between media are columns of struct
 * medium.  A medium that can be written anywhere has no track until it is formatted; then one track
 * covers all of it.
 *
 * disc.json holds a recording as recording_json.h says.
 */
#ifndef CHANGER_RECORDING_RECORDING_H
#define CHANGER_RECORDING_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"
#include "changer/track.h"

struct recording {
	const struct medium *medium;
	uint32_t capacity;	/* sectors that the medium holds */
	bool final;		/* true: nothing can be added any more */
	bool raw;		/* true: sectors in the image have 2352 bytes (CD) */
	enum cd_mode next_mode; /* next_*: for the next track that is begun; not stored */
	uint8_t next_control;
	char next_isrc[CD_ISRC_LEN + 1];
	bool minimal; /* true: blanked minimally, and not recorded since */
	enum spare_format spare;
	enum background background;
	/* sectors formatted; counts while background is STOPPED or RUNNING */
	uint32_t background_done;
	uint32_t layer_break; /* sectors of layer 0; 0: not set */
	bool pwp;	      /* persistently write-protected */
	uint16_t closed_sessions;
	uint8_t first_number; /* of the first track, in the table of contents (CD); 0: 1 */
	unsigned ntracks;     /* without the invisible track, which is computed */
	struct track *tracks; /* owned; ascending by start */
	uint8_t *text;	      /* owned; CD-TEXT packs of 18 bytes; NULL: none */
	unsigned ntext;	      /* number of packs */
	/* owned; the lines of the sheet by which the disc was inserted, as cue_text makes them; NULL: none */
	char *sheet;
	/* owned; addresses of indices 2 and up, of all tracks, ascending (CD) */
	uint32_t *indices;
	unsigned nindices;
	char catalog[CD_CATALOG_LEN + 1];
};

/* Makes *r a blank of that capacity, or of the medium's own if capacity is 0.  A medium that comes
 * formatted is formatted; if memory for its track is missing, it must be formatted before use. */
void recording_init_blank(struct recording *r, const struct medium *m, uint32_t capacity);
/* Makes *r a complete disc, pressed or recorded in one go: one closed track of that many sectors in one
 * session.  Returns JB_NO_MEMORY if memory is missing. */
enum jb_err recording_init_image(
	struct recording *r, const struct medium *m, uint32_t capacity, uint32_t sectors);
/* Frees what *r owns. */
void recording_fini(struct recording *r);
/* Copies *r to *out, whose old content is not freed. */
enum jb_err recording_copy(const struct recording *r, struct recording *out);

/* Returns the size of a sector in the image, in bytes. */
uint32_t recording_sector_size(const struct recording *r);
/* Returns the size of the image up to the end of what is recorded, in bytes. */
uint64_t recording_bytes(const struct recording *r);
/* Returns true if it is known where the present burn ends: there are reserved tracks, and none that is open to
 * the end of the disc.  *left is then how many sectors of the reserved ones are not recorded yet. */
bool recording_end_is_known(const struct recording *r, uint64_t *left);
/* Returns how many sectors of the image the first `bytes` bytes are.  The last one may be incomplete. */
uint64_t recording_sectors(const struct recording *r, uint64_t bytes);
/*
 * Finds where the sectors from lba on are in the image.  Returns true if they are stored there, from
 * the sector *place on; false if they are not stored, and are silence or zeros.  On entry *run is how
 * many sectors the caller asks about; the function lowers it to the number for which its answer is
 * correct.
 */
bool recording_place(const struct recording *r, uint32_t lba, uint32_t *place, uint32_t *run);
/* Returns the mode of the track that a sector belongs to.  A gap belongs to the track after it.
 * Past the last track, returns the mode of the next track that is begun. */
enum cd_mode recording_mode_at(const struct recording *r, uint32_t lba);
/* Sets the CD-TEXT.  Returns JB_LBA_RANGE if there are more than CD_TEXT_PACKS_MAX packs,
 * JB_NOT_SUPPORTED if there are packs and the medium is not a CD, or JB_NO_MEMORY. */
enum jb_err recording_set_text(struct recording *r, const uint8_t *packs, unsigned n);
/* Sets the lines of the sheet; NULL: none.  Returns JB_NO_MEMORY. */
enum jb_err recording_set_sheet(struct recording *r, const char *lines);
/* Sets the media catalog number; "": none.  Returns JB_NOT_SUPPORTED if the medium is not a CD or
 * digits is not valid. */
enum jb_err recording_set_catalog(struct recording *r, const char *digits);
/* Adds the next index of the last track, at lba.  Returns JB_LBA_RANGE if lba is before the last
 * index or not in that track, or if the track has as many indices as it can. */
enum jb_err recording_add_index(struct recording *r, uint32_t lba);
/* Returns how many indices from 2 on the track has, and stores in *lbas, borrowed, where their
 * addresses are. */
unsigned recording_indices(const struct recording *r, const struct track *t, const uint32_t **lbas);
/* Deletes the indices that are at the address `from` or after it.  Adding a track does this for the
 * track's start. */
void recording_forget_indices(struct recording *r, uint32_t from);
/* Returns the index, from 1, that the track has at that address; 0 if the address is in its pause. */
unsigned recording_index_at(const struct recording *r, const struct track *t, uint32_t lba);
/* Deletes what a CD without tracks does not have: raw form, indices, catalog number, CD-TEXT and sheet. */
void recording_forget_cd(struct recording *r);
/* Returns true if the text is a media catalog number: 13 digits. */
bool cd_catalog_is_valid(const char *digits);
/* Returns true if the text has the form of an ISRC: five digits or capital letters, then seven digits. */
bool cd_isrc_is_valid(const char *isrc);

/* Returns true if nothing is recorded: the disc is blank, or formatted and never written. */
bool recording_is_unrecorded(const struct recording *r);
/* Returns true if the disc cannot change any more: nothing can be added, and it cannot be blanked. */
bool recording_is_sealed(const struct recording *r);
/* Returns true if the disc is formatted and may be written anywhere. */
bool recording_is_formatted(const struct recording *r);
/* Returns the first address that cannot be written: the end of the formatted track, or the capacity. */
uint64_t recording_limit(const struct recording *r);
/* Answers what disc.h says of disc_status; so do the next six for the functions disc_... with their
 * names. */
enum disc_status recording_status(const struct recording *r);
enum session_state recording_last_session_state(const struct recording *r);
unsigned recording_sessions(const struct recording *r);
unsigned recording_tracks(const struct recording *r);
bool recording_track(const struct recording *r, unsigned number, struct track *out);
unsigned recording_track_at(const struct recording *r, uint32_t lba);
unsigned recording_first_track_of(const struct recording *r, unsigned session);
/* Returns the number that the first track has in the table of contents; on a disc without tracks, 1. */
unsigned recording_first_number(const struct recording *r);
/* Stores the next writable address.  It is that of the first track in the open session that has room;
 * this may be the invisible track.  Returns false if there is none. */
bool recording_nwa(const struct recording *r, uint32_t *nwa);
/* Returns the capacity for READ CAPACITY, as disc_readable_capacity. */
uint32_t recording_readable_capacity(const struct recording *r);
/* Returns the address after the last recorded sector; 0 if nothing is recorded. */
uint32_t recording_end(const struct recording *r);

/* Checks whether these sectors may be read.  Returns JB_OK; JB_LBA_RANGE if one is past the formatted area, or
 * past all that is recorded; JB_BLANK if the disc is blank, or one is an unwritten sector of a reserved
 * track. */
enum jb_err recording_may_read(const struct recording *r, uint32_t lba, uint32_t count);
/*
 * Checks whether these sectors may be written.  Returns JB_OK; JB_NOT_NWA if lba is not a next
 * writable address; JB_LBA_RANGE if there is no room; JB_NOT_FORMATTED if the medium must be formatted
 * first; JB_NO_MORE_TRACKS if the write would begin a track too many; JB_NOT_WRITABLE if the disc
 * cannot be written at all.  Sets *begins to true if the write begins a track, which must be durable
 * before its first sector is acknowledged.
 */
enum jb_err recording_may_write(
	const struct recording *r, uint32_t lba, uint32_t count, bool *begins);
/* Records that these sectors were written.  Begins a track if necessary.  Returns the errors of
 * recording_may_write and of recording_begin_track; nothing is recorded then. */
enum jb_err recording_written(struct recording *r, uint32_t lba, uint32_t count);
/* Begins an empty track at the start of the invisible one, before anything is written to it.  The track gets the
 * next mode, control bits and ISRC; an empty open track is dropped first.  Returns
 * JB_NOT_WRITABLE if the disc is final, JB_NO_MORE_TRACKS if there is no invisible track, JB_NO_MEMORY
 * if memory is missing; else JB_OK. */
enum jb_err recording_begin_track(struct recording *r);
/* Reserves a track of that many sectors, rounded up to whole ECC blocks unless the disc ends before.  Returns
 * JB_LBA_RANGE if it does not fit; JB_NO_MORE_TRACKS if there is no invisible track: the disc is full, has all
 * its tracks or sessions, or an open track with data; JB_NOT_WRITABLE if nothing can be added to the disc;
 * JB_NOT_SUPPORTED for 0 sectors, or if the medium reserves no tracks. */
enum jb_err recording_reserve(struct recording *r, uint32_t sectors);
/* Reserves all tracks of a session at once, as disc_lay_out does (CD).  They must ascend, with or
 * without gaps.  The first one, with its pregap, must start where the invisible track does.  Returns
 * JB_LBA_RANGE if they do not fit. */
enum jb_err recording_lay_out(struct recording *r, const struct disc_layout *layout);

/* ---- recording_close.c --------------------------------------------------------------------- */

/* Does CLOSE TRACK/SESSION (MMC-6 6.3).  Returns what disc_close returns for the recording. */
enum jb_err recording_close(struct recording *r, unsigned function, unsigned track);
/* Closes the open session, and completes the disc: no session may follow. */
enum jb_err recording_finalize(struct recording *r);
/* Corrects the tracks after a crash, when the image has only that many sectors: shortens what they have
 * recorded.  Returns false, and changes nothing, if a closed track would become shorter: then the image
 * was damaged by hand. */
bool recording_cut(struct recording *r, uint64_t image_sectors);

/* ---- recording_format.c -------------------------------------------------------------------- */

/* Computes the recording that a format makes of r, and stores it in *out, whose old content is not
 * freed.  Sets *erases to true if *out keeps nothing of what r holds; the disc then needs a new,
 * empty image.  Returns JB_NO_FORMAT if the medium has no such format. */
enum jb_err recording_format(const struct recording *r, const struct disc_format *format,
	struct recording *out, bool *erases);
/* Computes the recording that BLANK (MMC-6 6.2) makes of r, and stores it in *out, whose old content
 * is not freed.  Sets *erases as recording_format does.  Returns JB_NOT_SUPPORTED if the medium has
 * no such type, JB_BAD_TRACK if there is no such track. */
enum jb_err recording_blank(const struct recording *r, unsigned type, unsigned track,
	struct recording *out, bool *erases);
/* Adds a track after the others.  Returns false if memory is missing. */
bool recording_add_track(struct recording *r, const struct track *t);
/* Removes the last track if it is OPEN and nothing is recorded in it; then it is the invisible one. */
void recording_drop_empty_open_track(struct recording *r);
/* Sets the sectors of layer 0 on a blank disc with two layers. */
enum jb_err recording_set_layer_break(struct recording *r, uint32_t sectors);
/* Stops the format in the background, if one is running. */
void recording_stop_background(struct recording *r);

#endif
