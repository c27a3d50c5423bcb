/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disc: its medium, sessions and tracks, and its sectors.
 *
 * A caller must keep the disc still.  For a disc in a drive, hold the drive's strand (strand.h).  No
 * function here takes the jukebox lock.
 *
 * An address (LBA) is also the position in the image, in sectors, so the gap between two sessions is a
 * hole in a sparse file.  One exception: a BIN that was inserted may lack its gaps; its tracks are
 * shifted (see struct track).  A sector in the image has 2048 bytes of user data.  On a "raw" disc it has
 * all 2352 bytes, as cdsector.h describes them: a CD is raw if it has audio, or mode 2 in both forms.
 * Audio samples have 16 bits, little-endian, left before right.
 *
 * Terms and numbers are those of MMC-6.  Track and session numbers start at 1.  On an appendable disc the
 * last track is the invisible or incomplete one, where writing can go on.
 */
#ifndef CHANGER_DISC_H
#define CHANGER_DISC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/err.h"
#include "changer/medium.h"
#include "changer/track.h"

struct disc;

/* Returns the medium of the disc, a row of the table.  It changes with some formats and blankings, and
 * with disc_turn_into_rom. */
const struct medium *disc_medium(const struct disc *d);
/* Returns the number of sectors that the medium holds; for a pressed disc, that its image has.  A user, a
 * format or spare areas may have made it smaller than usual for the medium.  On a CD more may be recorded
 * than this (overburning). */
uint32_t disc_capacity(const struct disc *d);
/* Returns the first address that cannot be written: the end of the formatted area, or the capacity.  On a
 * CD it is behind the capacity if disc_allow_overburn allows that, or if more is recorded already. */
uint64_t disc_limit(const struct disc *d);
/* Returns whether the disc is blank, appendable, complete or of another kind.  A formatted disc is
 * complete, or DISC_OTHERS (DVD-RAM); a BD-R with spare areas is never blank. */
enum disc_status disc_status(const struct disc *d);
/* Returns SESSION_EMPTY if nothing is recorded in the last session, SESSION_INCOMPLETE if it is open and
 * has a track, SESSION_COMPLETE if the disc is final or formatted. */
enum session_state disc_last_session_state(const struct disc *d);
/* Returns the number of sessions.  Includes the empty or open one of an appendable disc, as READ DISC
 * INFORMATION does. */
unsigned disc_sessions(const struct disc *d);
/* Returns the number of tracks.  Includes the invisible or incomplete one of an appendable disc, and of a
 * blank one. */
unsigned disc_tracks(const struct disc *d);
/* Stores the track of that number, from 1, in *out.  Returns false, and leaves *out, if there is no such
 * track. */
bool disc_track(const struct disc *d, unsigned number, struct track *out);
/* Returns the number of the track that has the address in itself or in its pregap, also of the invisible
 * track; 0 if no track has it. */
unsigned disc_track_at(const struct disc *d, uint32_t lba);
/* Returns the index, from 1, that the track has at that address; 0 if the address is in the pause before
 * index 1 (CD).  Does not check that the address is before the track's end. */
unsigned disc_index_at(const struct disc *d, const struct track *t, uint32_t lba);
/* Returns the number of the first track of that session; 0 if it has none. */
unsigned disc_first_track_of(const struct disc *d, unsigned session);
/* Returns the number that the first track has in the table of contents, where all others count on from it.
 * The functions here count tracks from 1. */
unsigned disc_first_number(const struct disc *d);
/* Returns the capacity for READ CAPACITY: the address after the last closed session.  If no session
 * is closed, the address after the last recorded sector, or 0 if nothing is recorded. */
uint32_t disc_readable_capacity(const struct disc *d);
/* Returns true if nothing is recorded: the disc has no track that was begun, or is formatted and was
 * never written. */
bool disc_is_unrecorded(const struct disc *d);
/* Returns the format that a BD-R got while it was blank; SPARE_NONE if it got none. */
enum spare_format disc_spare_format(const struct disc *d);
/* Returns true if the disc was blanked minimally: it must be recorded disc at once (DVD-RW). */
bool disc_minimally_blanked(const struct disc *d);
/* Returns the number of sectors of layer 0 that SEND DISC STRUCTURE has set; 0 if it has set none. */
uint32_t disc_layer_break(const struct disc *d);
/* Updates and returns the state of the format in the background.  Stores the size of the formatted area in
 * *all, in sectors; 0 if there is none.  Stores in *done how many of these sectors are formatted; that has
 * a meaning only while the format runs or is stopped. */
enum background disc_background(struct disc *d, uint32_t *done, uint32_t *all);
/* Returns how the disc is protected from being changed.  JB_PROTECTED: by the tab, which the user sets
 * (chmod a-w).  JB_PERSISTENT: by the surface, where initiators and users set PWP (persistent write
 * protection of MMC-6).  JB_OK: not at all.  If both are set, returns JB_PROTECTED. */
enum jb_err disc_protection(const struct disc *d);
/* Returns true if the disc is protected by tab or surface (disc_protection is not JB_OK). */
bool disc_protected(const struct disc *d);
/* Returns true if the user has set the write-protect tab: the file has no write permission for anybody. */
bool disc_tab_is_set(const struct disc *d);
/* Returns true if persistent write protection is set.  Any thread may call this. */
bool disc_pwp(const struct disc *d);
/* Returns true if the image has sectors of 2352 bytes; false if it has sectors of 2048. */
bool disc_is_raw(const struct disc *d);
/* Returns the media catalog number, 13 digits, borrowed until the recording changes; "" if there is none. */
const char *disc_catalog(const struct disc *d);
/* Stores the CD-TEXT packs of the lead-in in *packs, 18 bytes each, borrowed until the recording changes.
 * Returns their number; 0 if there are none: *packs is then NULL. */
unsigned disc_text(const struct disc *d, const uint8_t **packs);

/*
 * Reading.  Sectors of a write-once medium that were never recorded are refused with JB_BLANK or
 * JB_LBA_RANGE.  Gaps between sessions read as zeros.
 *
 * If may_block is false, these functions return JB_WOULD_BLOCK instead of waiting for the store's
 * device.
 */

/* Reads user data, 2048 bytes a sector.  Returns JB_TRACK_MODE if a sector has none: it is audio, or mode
 * 2 form 2.  Returns JB_LINK_CHANGED or JB_LINK_MISSING if the disc is a link whose file is not there any
 * more.  On an error, buf may have been changed. */
enum jb_err disc_read(struct disc *d, uint32_t lba, uint32_t count, void *buf, bool may_block);
/* Finds out how many of the `count` sectors from lba on are recorded, and stores that number in *run.
 * Returns JB_OK if all are; JB_BLANK if *run stops before the first blank one; JB_LBA_RANGE with *run = 0
 * if an address is not on the disc.  Reads nothing, and checks neither the modes nor a link's file. */
enum jb_err disc_recorded_run(const struct disc *d, uint32_t lba, uint32_t count, uint32_t *run);
/* Reads whole sectors of a CD, 2352 bytes each; sectors without data read as silence.  On a disc that is
 * not raw they are computed from user data, address and mode.  Returns JB_NOT_SUPPORTED if the disc is
 * not a CD, else as disc_read. */
enum jb_err disc_read_raw(struct disc *d, uint32_t lba, uint32_t count, void *buf, bool may_block);

/* A range of the image, for a caller that can send from a file.  The caller must end with put(arg), once. */
struct disc_extent {
	int fd;			 /* borrowed until put */
	uint64_t offset, length; /* of the whole range in the file, in bytes */
	/* only this many bytes from offset on are in the file; the others are zeros */
	uint64_t stored;
	/* called by the caller with arg when it has sent the range */
	void (*put)(void *arg);
	void *arg;
};
/* Checks as disc_read does, for one sector or more, and stores the range in *out.  On return the range is
 * in the page cache.  If it must be read for that, reads it if may_block is true, else returns
 * JB_WOULD_BLOCK.  Returns JB_NOT_SUPPORTED for a raw disc: use disc_read.  On an error *out is untouched,
 * and put must not be called. */
enum jb_err disc_extent(
	struct disc *d, uint32_t lba, uint32_t count, bool may_block, struct disc_extent *out);

/*
 * Writing.  Written sectors are durable after disc_sync, disc_close or disc_finalize, or when the disc
 * leaves the drive.  The start of a track is durable before its first sector is acknowledged, so a crash
 * never makes a written disc blank again.  All other changes (a reserved track, a closed one, a layer
 * break) are durable on return; a function that fails has changed nothing.  One exception: if a sync
 * fails, the disc goes back to its last durable state, and what was written since is lost.
 *
 * All functions that change what is recorded return JB_PROTECTED or JB_PERSISTENT if the disc is
 * write-protected, and JB_STORE_FULL, JB_STORE_WRITE or JB_STORE_READ_ONLY if the store fails; the
 * latter is also logged and raises the event `error`, at most once in ten seconds.
 */

/* Writes user data, 2048 bytes a sector, and begins a track if necessary.  If count is 0, only checks.
 * Returns JB_TRACK_MODE if the track is audio; JB_NOT_NWA if lba is not a next writable address;
 * JB_NOT_FORMATTED, JB_NOT_WRITABLE or JB_NO_MORE_TRACKS.  Returns JB_LBA_RANGE if there is no room.  If
 * such a write begins before the end of the disc, it raises the event `full`, once for each loading. */
enum jb_err disc_write(struct disc *d, uint32_t lba, uint32_t count, const void *data);
/* Writes whole sectors of 2352 bytes (CD).  Makes the disc raw before, if it is not.  If something is
 * recorded, that copies and converts the whole image, so the caller must be a thread that may wait.  After
 * a crash meanwhile the disc is either unconverted or converted.  Returns JB_NOT_SUPPORTED if the disc
 * cannot be raw, or an error of disc_write except JB_TRACK_MODE.  [blocks] */
enum jb_err disc_write_raw(struct disc *d, uint32_t lba, uint32_t count, const void *data);
/* Makes durable the sectors that were written and the description, if they are not.  Before the
 * description, updates a format in the background.  If the sync of the sectors fails, the disc goes back to
 * its last durable state, and what was written since then is lost.  Returns the store's error. */
enum jb_err disc_sync(struct disc *d);
/* Returns JB_OK if a recording that ends before the address `end` fits on the disc.  Otherwise returns
 * JB_LBA_RANGE, and raises the event `full`, once for each loading.  Writes nothing. */
enum jb_err disc_has_room(struct disc *d, uint32_t end);
/* Reserves a track of that many sectors, rounded up to whole ECC blocks (RESERVE TRACK), with the mode,
 * control bits and ISRC of disc_next_tracks.  Audio makes the disc raw, as disc_write_raw does.  If it
 * does not fit, returns JB_LBA_RANGE and raises the event `full`.  Returns JB_NOT_SUPPORTED for 0
 * sectors, or if the medium reserves no tracks; JB_NOT_WRITABLE if the disc is final; JB_NO_MORE_TRACKS
 * if the disc is full, has all its tracks or sessions, or has an open track with data. */
enum jb_err disc_reserve_track(struct disc *d, uint32_t sectors);
/* Reserves all tracks of a session at once, with their indices.  Durable on return.  A track of audio
 * makes the disc raw, as disc_write_raw does.  Returns JB_NOT_WRITABLE if the disc is final; JB_LBA_RANGE
 * if the tracks do not fit, are none, or the open session has a track already. */
enum jb_err disc_lay_out(struct disc *d, const struct disc_layout *layout);
/* Allows a CD to be recorded up to that many sectors beyond its capacity, but not beyond the largest CD.
 * Has no effect on other media.  The permission is not stored; what was recorded with it is. */
void disc_allow_overburn(struct disc *d, uint32_t sectors);
/* Sets what the tracks get that writing begins from now on (CD): mode, CD_CONTROL_BITS (other bits are
 * dropped) and ISRC.  isrc "", or one that is not valid, means none.  A disc that is not a CD always gets
 * mode 1 and no ISRC.  Not stored; lost when the disc becomes another one or the daemon ends. */
void disc_next_tracks(struct disc *d, enum cd_mode mode, uint8_t control, const char *isrc);
/*
 * Sets the CD-TEXT in the lead-in of the session that is being laid out or recorded.  Durable with the
 * next sync.  Programs read it from the first session only, so for later ones this does nothing and
 * returns JB_OK.  Returns JB_LBA_RANGE for more than CD_TEXT_PACKS_MAX packs, JB_NOT_SUPPORTED if the
 * disc is not a CD.
 */
enum jb_err disc_set_text(struct disc *d, const uint8_t *packs, unsigned n);
/* Sets the media catalog number in the lead-in of the session that is being laid out or recorded; for
 * later sessions than the first does nothing, as disc_set_text.  Returns JB_NOT_SUPPORTED if digits
 * is not a valid number, or the disc is not a CD. */
enum jb_err disc_set_catalog(struct disc *d, const char *digits);
/* Returns the error that disc_write would return for these sectors now; JB_OK if it would write them.  Does
 * not check the mode of the track, so never returns JB_TRACK_MODE.  Writes nothing (test write), and raises
 * no event. */
enum jb_err disc_may_write(const struct disc *d, uint32_t lba, uint32_t count);
/*
 * Does CLOSE TRACK/SESSION (MMC-6 6.3) with that close function; track matters for function 1.  Reports
 * the drive as idle, and raises the event `finalized` or `session-closed` if that has happened.  If there
 * is nothing to close, returns JB_OK.  Returns JB_NOT_SUPPORTED if the medium does not have the function
 * (its close_functions), JB_BAD_TRACK if there is no such track, JB_TRACK_EMPTY if nothing is recorded in
 * a reserved track or in the disc to finalize, JB_TRACK_INCOMPLETE if the session has a reserved track
 * that is not full.
 */
enum jb_err disc_close(struct disc *d, unsigned function, unsigned track);
/* Closes the open session and completes the disc: no session may follow.  Raises the event `finalized`.
 * If the disc is complete already, does nothing more than store it.  Returns JB_NOT_SUPPORTED if the
 * medium can be written anywhere, JB_TRACK_EMPTY if nothing is recorded, JB_TRACK_INCOMPLETE if the
 * session has a reserved track that is not full. */
enum jb_err disc_finalize(struct disc *d);
/* Sets where layer 0 ends, on a blank disc with two layers (SEND DISC STRUCTURE format 20h).  Returns
 * JB_NOT_SUPPORTED if the medium has no such place; JB_NOT_WRITABLE if the disc is not blank, or it is
 * set already; JB_LBA_RANGE if `sectors` is 0, not whole ECC blocks, or more than half of the disc. */
enum jb_err disc_set_layer_break(struct disc *d, uint32_t sectors);
/* Sets PWP (on is true) or clears it (SEND DISC STRUCTURE format C0h).  First syncs what was written.
 * Keeps the hash.  Returns JB_NOT_SUPPORTED if the medium has no PWP, JB_PROTECTED if the tab is set.  If
 * PWP has that value already, does nothing.  A claim is enough for a disc that is not in a drive. */
enum jb_err disc_set_pwp(struct disc *d, bool on);

/* Formats the disc (FORMAT UNIT), and raises the event `format`.  It is empty afterwards, unless the
 * format grows, shrinks or restarts.  Durable on return; a crash leaves either the old disc or the new
 * one.  Returns JB_NO_FORMAT if the medium has no such format or the content does not fit,
 * JB_NOT_WRITABLE if a BD-R is not blank. */
enum jb_err disc_format(struct disc *d, const struct disc_format *format);
/* Blanks the disc, or a part of it (BLANK, MMC-6 6.2), and raises the event `blank`.  track matters for
 * the types that blank one track: its number in the table of contents, 0 for the last one.  Durable as
 * disc_format is.  Returns JB_NOT_SUPPORTED if the medium has no such type, JB_BAD_TRACK if the track or
 * session cannot be blanked. */
enum jb_err disc_blank(struct disc *d, unsigned type, unsigned track);
/* Makes the disc durable, and stops a format in the background.  Lets the events `full` and `error` be
 * raised again.  Must be called before the disc leaves the drive.  Returns the errors of disc_sync. */
enum jb_err disc_leave(struct disc *d);
/* Turns the disc into a pressed one of its family, such as DVD-ROM, as tgt does when a track is closed
 * (setting finalize-as-rom).  A disc that is not raw gets one track.  Raises the event `finalized`, if it
 * was not final.  Returns JB_BLANK if nothing is recorded, JB_NOT_SUPPORTED if the medium can be written
 * anywhere, JB_TRACK_INCOMPLETE if a raw disc has a reserved track that is not full. */
enum jb_err disc_turn_into_rom(struct disc *d);

#endif
