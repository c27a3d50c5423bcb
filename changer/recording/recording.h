/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The recording of a disc: its sessions and tracks, and the rules by which they grow.  This is pure
 * bookkeeping without I/O and locks: before it writes, disc_write.c asks here whether it may, and after
 * it has written it reports that here.  All rules that differ between media are columns of struct
 * medium.  A medium that can be written anywhere has no stored track until it is formatted; then one
 * track covers all of it.
 *
 * No function takes a lock: the caller must keep *r still.  A function that fails leaves *r as it was,
 * unless its comment says otherwise.  disc.json holds a recording as recording_json.h says.
 */
#ifndef CHANGER_RECORDING_RECORDING_H
#define CHANGER_RECORDING_RECORDING_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"
#include "changer/track.h"

struct recording {
	const struct medium *medium; /* a row of the table; NULL: nothing was initialized */
	uint32_t capacity;	     /* sectors that the medium holds, by what is said of it */
	uint32_t overburned;	     /* sectors beyond capacity that tracks have (CD) */
	uint32_t overburn; /* sectors beyond capacity that may be recorded now; not stored */
	bool final;	   /* true: nothing can be added any more */
	bool raw;	   /* true: sectors in the image have 2352 bytes (CD) */
	/* next_*: mode, CD_CONTROL_BITS and ISRC ("": none) of the next track that is begun or reserved; not
	 * stored in disc.json */
	enum cd_mode next_mode;
	uint8_t next_control;
	char next_isrc[CD_ISRC_LEN + 1];
	bool minimal; /* true: blanked minimally, and not recorded since */
	/* spare areas of a BD-R that was formatted while blank; SPARE_NONE: none */
	enum spare_format spare;
	enum background background; /* state of a format in the background (DVD+RW) */
	/* sectors formatted; counts while background is STOPPED or RUNNING */
	uint32_t background_done;
	uint32_t layer_break; /* sectors of layer 0; 0: not set */
	bool pwp;	      /* true: persistently write-protected */
	/* how many sessions are closed; the open one, if any, has the number after them */
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
	unsigned nindices;		  /* how many of indices are used */
	char catalog[CD_CATALOG_LEN + 1]; /* media catalog number (CD); "": none */
};

/* Makes *r a blank of that capacity, or of the medium's own if capacity is 0.  The medium must be
 * writable.  The old content of *r is not freed.  If the medium comes formatted, *r has its one formatted
 * track; if memory for that is missing, *r has none and must be formatted before use. */
void recording_init_blank(struct recording *r, const struct medium *m, uint32_t capacity);
/* Makes *r a disc with an image of that many sectors, whose old content is not freed.  capacity 0 stands
 * for the medium's own.  On a medium that is written anywhere, *r is formatted and the sectors count as
 * recorded; on any other, *r is final and has one closed track in one session, and the capacity of a
 * pressed disc is `sectors`.  Returns JB_INCOMPLETE for 0 sectors, JB_TOO_LARGE if they exceed the
 * capacity or no format holds them, JB_NO_MEMORY; *r is untouched then. */
enum jb_err recording_init_image(
	struct recording *r, const struct medium *m, uint32_t capacity, uint32_t sectors);
/* Frees the tracks, CD-TEXT, sheet and indices of *r, and leaves it without them.  May be called again. */
void recording_fini(struct recording *r);
/* Copies *r and all that it owns to *out, whose old content is not freed.  JB_NO_MEMORY leaves *out. */
enum jb_err recording_copy(const struct recording *r, struct recording *out);

/* Returns the size of a sector in the image, in bytes: 2352 if r->raw is true, else 2048. */
uint32_t recording_sector_size(const struct recording *r);
/* Returns the size in bytes that the image needs for what is recorded; 0 if nothing is.  Counts shifted
 * tracks where they are in the image. */
uint64_t recording_bytes(const struct recording *r);
/* Returns true if it is known where the present burn ends: there is a reserved track, and none that is
 * open or formatted.  Stores in *left how many sectors of reserved tracks are not recorded yet; *left
 * means nothing if the function returns false. */
bool recording_end_is_known(const struct recording *r, uint64_t *left);
/* Returns how many sectors of the image the first `bytes` bytes are, rounded up. */
uint64_t recording_sectors(const struct recording *r, uint64_t bytes);
/* Finds where the sectors from lba on are in the image.  Returns true if they are stored there, from the
 * sector *place on; past the last track, *place is lba.  Returns false if they are not stored, and are
 * silence or zeros; *place is then 0.  On entry *run is how many sectors the caller asks about; the
 * function lowers it to the number for which its answer is correct. */
bool recording_place(const struct recording *r, uint32_t lba, uint32_t *place, uint32_t *run);
/* Returns the mode of the track that a sector belongs to.  A gap belongs to the track after it.  Past the
 * last stored track, returns r->next_mode. */
enum cd_mode recording_mode_at(const struct recording *r, uint32_t lba);
/* Replaces the CD-TEXT by a copy of n packs; n 0: none.  Returns JB_LBA_RANGE if there are more than
 * CD_TEXT_PACKS_MAX packs, JB_NOT_SUPPORTED if there are packs and the medium is not a CD, or
 * JB_NO_MEMORY. */
enum jb_err recording_set_text(struct recording *r, const uint8_t *packs, unsigned n);
/* Replaces the lines of the sheet by a copy; NULL: none.  Returns JB_NO_MEMORY if memory is missing. */
enum jb_err recording_set_sheet(struct recording *r, const char *lines);
/* Replaces the media catalog number; "": none.  Returns JB_NOT_SUPPORTED if the medium is not a CD or
 * digits is neither "" nor valid. */
enum jb_err recording_set_catalog(struct recording *r, const char *digits);
/* Adds the next index, from 2 on, of the last track, at lba.  Returns JB_LBA_RANGE if there is no track,
 * lba is not in it (its pause is not), lba is before the last index, or the track has CD_INDICES_MAX
 * indices already; JB_NO_MEMORY if memory is missing. */
enum jb_err recording_add_index(struct recording *r, uint32_t lba);
/* Returns how many indices from 2 on the track has.  Stores in *lbas a pointer to their addresses in *r,
 * borrowed until an index is added; NULL if the disc has none. */
unsigned recording_indices(const struct recording *r, const struct track *t, const uint32_t **lbas);
/* Deletes the indices that are at the address `from` or after it.  recording_add_track does this for the
 * start of the new track. */
void recording_forget_indices(struct recording *r, uint32_t from);
/* Returns the index, from 1, that the track *t has at that address; 0 if the address is in its pause.
 * Does not check that the address is before the track's end. */
unsigned recording_index_at(const struct recording *r, const struct track *t, uint32_t lba);
/* Deletes what a CD without tracks does not have: raw form, indices, catalog number, CD-TEXT and sheet.
 * Keeps first_number. */
void recording_forget_cd(struct recording *r);
/* Returns true if the text is a media catalog number: 13 digits.  Does not check the check digit. */
bool cd_catalog_is_valid(const char *digits);
/* Returns true if the text has the form of an ISRC, which the Q sub-channel can hold (ECMA-130 22.3.4.3):
 * five digits or capital letters for country and owner, then seven digits.  Does not check that country
 * and owner exist. */
bool cd_isrc_is_valid(const char *isrc);

/* Returns true if nothing is recorded: the disc has no stored track, or is formatted and was never
 * written.  An open track without data counts as recorded. */
bool recording_is_unrecorded(const struct recording *r);
/* Returns true if the disc cannot change any more: it is final, and its medium is not rewritable. */
bool recording_is_sealed(const struct recording *r);
/* Returns true if the disc is formatted and may be written anywhere: its first track is TRACK_FORMATTED. */
bool recording_is_formatted(const struct recording *r);
/* Returns the sectors of the disc: those of the formatted track, or the capacity with what is recorded beyond it. */
uint32_t recording_room(const struct recording *r);
/* Returns the first address that cannot be written: recording_room, or more if r->overburn allows it. */
uint64_t recording_limit(const struct recording *r);
/* Returns the disc status.  A formatted disc is DISC_COMPLETE, or DISC_OTHERS if its medium is_other; a
 * BD-R with spare areas is DISC_APPENDABLE, also if nothing is recorded. */
enum disc_status recording_status(const struct recording *r);
/* Returns SESSION_COMPLETE if the disc is final or formatted; else SESSION_INCOMPLETE if the open session
 * has a track, SESSION_EMPTY if not. */
enum session_state recording_last_session_state(const struct recording *r);
/* Returns the number of sessions: the closed ones, and the open or empty one unless the disc is final or
 * formatted. */
unsigned recording_sessions(const struct recording *r);
/* Returns the number of tracks, with the invisible one if there is one. */
unsigned recording_tracks(const struct recording *r);
/* Copies the track of that number, from 1, to *out; the last one may be the invisible track.  Returns
 * false if there is no such track; *out is then untouched. */
bool recording_track(const struct recording *r, unsigned number, struct track *out);
/* Returns the number, from 1, of the track that has the address in it or in its pregap; 0 if no track has
 * it.  Includes the invisible track. */
unsigned recording_track_at(const struct recording *r, uint32_t lba);
/* Returns the number of the first track of that session, with the invisible track; 0 if it has none. */
unsigned recording_first_track_of(const struct recording *r, unsigned session);
/* Returns the number that the first track has in the table of contents; on a disc without stored tracks,
 * 1. */
unsigned recording_first_number(const struct recording *r);
/* Stores the next writable address of the first track in the open session that has room; that may be the
 * invisible track.  Returns false, and leaves *nwa, if there is none or the disc is final; a formatted
 * disc has none. */
bool recording_nwa(const struct recording *r, uint32_t *nwa);
/* Returns the capacity for READ CAPACITY: the end of the last track in a closed session.  If there is
 * none, returns recording_end. */
uint32_t recording_readable_capacity(const struct recording *r);
/* Returns the address after the last recorded sector; 0 if nothing is recorded. */
uint32_t recording_end(const struct recording *r);

/* Checks whether these sectors may be read.  Returns JB_OK; JB_LBA_RANGE if one is past the formatted
 * area, or past all that is recorded; JB_BLANK if nothing is recorded on a disc that is not formatted, or
 * one is an unwritten sector of a reserved track.  Gaps between tracks and between sessions may be read.  0
 * sectors may be read at every address up to the end of the area that may be read. */
enum jb_err recording_may_read(const struct recording *r, uint32_t lba, uint32_t count);
/* Checks whether these sectors may be written.  Returns JB_OK; JB_NOT_NWA if lba is not a next writable
 * address; JB_LBA_RANGE if there is no room; JB_NOT_FORMATTED if the medium must be formatted first;
 * JB_NO_MORE_TRACKS if the write would begin a track too many; JB_NOT_WRITABLE if the disc is final.  Sets
 * *begins to true if the write begins a track, which must be durable before its first sector is
 * acknowledged; else, also on an error, to false.  count 0 begins no track.  On a BD-R with
 * pseudo-overwrite, recorded sectors may be written again. */
enum jb_err recording_may_write(
	const struct recording *r, uint32_t lba, uint32_t count, bool *begins);
/* Records that these sectors were written.  Begins a track if necessary.  Returns the errors of
 * recording_may_write and of recording_begin_track; nothing is recorded then.  count 0: only checks. */
enum jb_err recording_written(struct recording *r, uint32_t lba, uint32_t count);
/* Begins an open track at the start of the invisible one, before anything is written to it.  The track
 * gets the next mode, control bits and ISRC.  Clears r->minimal.  An open track without data is dropped
 * first, also if the function then fails.  Returns JB_NOT_WRITABLE if the disc is final,
 * JB_NO_MORE_TRACKS if there is no invisible track, JB_NO_MEMORY if memory is missing; else JB_OK. */
enum jb_err recording_begin_track(struct recording *r);
/* Reserves a track of that many sectors, rounded up to whole ECC blocks unless the disc ends before.  It
 * gets the next mode, control bits and ISRC, and replaces an open track without data.  Clears r->minimal.
 * Returns JB_LBA_RANGE if it does not fit; JB_NO_MORE_TRACKS if there is no invisible track: the disc is
 * full, has all its tracks or sessions, or an open track with data; JB_NOT_WRITABLE if the disc is final;
 * JB_NOT_SUPPORTED for 0 sectors, or if the medium reserves no tracks; JB_NO_MEMORY. */
enum jb_err recording_reserve(struct recording *r, uint32_t sectors);
/* Reserves all tracks of a session at once, with their indices (CD).  They must ascend, with or without
 * gaps.  The first one, with its pregap, must start where the invisible track does.  On a disc without
 * tracks, sets the number of the first track.  An ISRC that is not valid is dropped.  Clears r->minimal.
 * Returns JB_NOT_WRITABLE if the disc is final; JB_LBA_RANGE if the tracks do not fit, there are none or
 * too many, the open session has a track already, or an index is in none of them; JB_NO_MEMORY.  On an
 * error no track is added, but an open track without data may have been dropped. */
enum jb_err recording_lay_out(struct recording *r, const struct disc_layout *layout);

/* ---- recording_close.c --------------------------------------------------------------------- */

/* Does CLOSE TRACK/SESSION (MMC-6 6.3); track counts from 1 and matters for function 1 only.  Returns
 * JB_NOT_SUPPORTED if the medium does not have the function, JB_BAD_TRACK if there is no such track,
 * JB_TRACK_EMPTY if nothing is recorded in a reserved track or in the disc to finalize,
 * JB_TRACK_INCOMPLETE if the session has a reserved track that is not full.  If there is nothing to
 * close, returns JB_OK and changes nothing.  On a medium that is written anywhere, only stops a format in
 * the background, and function 1 does nothing.  A disc to which nothing more can be added becomes final. */
enum jb_err recording_close(struct recording *r, unsigned function, unsigned track);
/* Closes the open session and makes the disc final; drops an open track without data.  Does nothing if it
 * is final.  Returns JB_NOT_SUPPORTED if the medium is written anywhere, JB_TRACK_INCOMPLETE if the
 * session has a reserved track that is not full, JB_TRACK_EMPTY if the disc has no session then. */
enum jb_err recording_finalize(struct recording *r);
/* Corrects the tracks after a crash, when the image has only that many sectors: lowers what tracks that
 * are not closed have recorded.  Returns false, and changes nothing, if a closed track would become
 * shorter: then the image was damaged by hand. */
bool recording_cut(struct recording *r, uint64_t image_sectors);

/* ---- recording_format.c -------------------------------------------------------------------- */

/* Computes the recording that a format makes of r, and stores it in *out, whose old content is not freed.
 * Sets *erases to true if *out keeps nothing of what r holds; the disc then needs a new, empty image.
 * *out keeps capacity and next_mode, but not the write protection.  Returns JB_NO_FORMAT if the medium
 * has no such format, if a format that keeps data would not hold it or there is none, or if there is no
 * format to restart; JB_NOT_WRITABLE if a BD-R is not blank or has its spare areas; JB_NO_MEMORY.  *out
 * owns nothing after an error. */
enum jb_err recording_format(const struct recording *r, const struct disc_format *format,
	struct recording *out, bool *erases);
/* Computes the recording that BLANK (MMC-6 6.2) makes of r, and stores it in *out, whose old content is
 * not freed.  track is a number in the table of contents, or 0 for the last track; only the types that
 * blank a track use it.  Sets *erases as recording_format does.  Returns JB_NOT_SUPPORTED if the medium
 * has no such type; JB_BAD_TRACK if the track is not the last one of the open session, or there is no
 * session to open or to erase; JB_NO_MEMORY.  *out owns nothing after an error. */
enum jb_err recording_blank(const struct recording *r, unsigned type, unsigned track,
	struct recording *out, bool *erases);
/* Adds a copy of *t after the other tracks, and deletes the indices from its pregap on.  Does not check
 * that it fits.  A first track takes the number 1.  Returns false, and changes nothing, if memory is
 * missing. */
bool recording_add_track(struct recording *r, const struct track *t);
/* Removes the last track if it is OPEN and nothing is recorded in it; the invisible track takes its
 * place.  Else does nothing. */
void recording_drop_empty_open_track(struct recording *r);
/* Sets the sectors of layer 0 on a blank disc with two layers.  Returns JB_NOT_SUPPORTED if the medium
 * has no layer break; JB_NOT_WRITABLE if the disc is not blank, or it is set already; JB_LBA_RANGE if
 * `sectors` is 0, not whole ECC blocks, or more than half of the disc. */
enum jb_err recording_set_layer_break(struct recording *r, uint32_t sectors);
/* Sets a format in the background that is running to BACKGROUND_STOPPED; else does nothing. */
void recording_stop_background(struct recording *r);

#endif
