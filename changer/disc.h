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

/* Returns the medium of the disc.  It changes with some formats and blankings. */
const struct medium *disc_medium(const struct disc *d);
/* Returns the number of sectors that the medium holds; for a pressed disc, that its image has. */
uint32_t disc_capacity(const struct disc *d);
/* Returns whether the disc is blank, appendable, complete or of another kind. */
enum disc_status disc_status(const struct disc *d);
/* Returns SESSION_EMPTY if nothing is recorded in the last session, SESSION_INCOMPLETE if it is open,
 * SESSION_COMPLETE if no session is open. */
enum session_state disc_last_session_state(const struct disc *d);
/* Returns the number of sessions.  Includes the empty or open one of an appendable disc, as READ DISC
 * INFORMATION does. */
unsigned disc_sessions(const struct disc *d);
/* Returns the number of tracks.  Includes the invisible or incomplete one of an appendable disc. */
unsigned disc_tracks(const struct disc *d);
/* Stores the track of that number, from 1.  Returns false if there is no such track. */
bool disc_track(const struct disc *d, unsigned number, struct track *out);
/* Returns the number of the track that has the address in it or in its pregap; 0 if no track has it. */
unsigned disc_track_at(const struct disc *d, uint32_t lba);
/* Returns the index, from 1, that the track has at that address; 0 if the address is in the pause
 * before index 1 (CD). */
unsigned disc_index_at(const struct disc *d, const struct track *t, uint32_t lba);
/* Returns the number of the first track of that session. */
unsigned disc_first_track_of(const struct disc *d, unsigned session);
/* Returns the number that the first track has in the table of contents, where all others count on from it.
 * The functions here count tracks from 1. */
unsigned disc_first_number(const struct disc *d);
/* Returns the capacity for READ CAPACITY: the address after the last closed session.  If no session
 * is closed, the address after the last recorded sector, or 0 if nothing is recorded. */
uint32_t disc_readable_capacity(const struct disc *d);
/* Returns true if nothing is recorded: the disc is blank, or formatted and never written. */
bool disc_is_unrecorded(const struct disc *d);
/* Returns the format that a BD-R got while it was blank; SPARE_NONE if it got none. */
enum spare_format disc_spare_format(const struct disc *d);
/* Returns true if the disc was blanked minimally: it must be recorded disc at once (DVD-RW). */
bool disc_minimally_blanked(const struct disc *d);
/* Returns the number of sectors of layer 0 that SEND DISC STRUCTURE has set; 0 if it has set none. */
uint32_t disc_layer_break(const struct disc *d);
/* Returns the state of the format in the background.  Of *all sectors, *done are formatted. */
enum background disc_background(struct disc *d, uint32_t *done, uint32_t *all);
/* Returns what protects the disc from being changed.  JB_PROTECTED: the tab, which the user sets
 * (chmod a-w).  JB_PERSISTENT: the surface, where initiators and users set PWP (persistent write
 * protection of MMC-6).  JB_OK: nothing.  If both are set, returns JB_PROTECTED. */
enum jb_err disc_protection(const struct disc *d);
/* Returns true if the disc is protected by tab or surface. */
bool disc_protected(const struct disc *d);
/* Returns true if the user has set the write-protect tab. */
bool disc_tab_is_set(const struct disc *d);
/* Returns true if persistent write protection is set. */
bool disc_pwp(const struct disc *d);
/* Returns true if the image has sectors of 2352 bytes; false if it has sectors of 2048. */
bool disc_is_raw(const struct disc *d);
/* Returns the media catalog number, 13 digits; "" if there is none. */
const char *disc_catalog(const struct disc *d);
/* Stores the CD-TEXT packs of the lead-in in *packs, 18 bytes each, borrowed until the text is set
 * again.  Returns their number; 0 if there are none. */
unsigned disc_text(const struct disc *d, const uint8_t **packs);

/*
 * Reading.  Sectors of a write-once medium that were never recorded are refused with JB_BLANK or
 * JB_LBA_RANGE.  Gaps between sessions read as zeros.
 *
 * If may_block is false, these functions return JB_WOULD_BLOCK instead of waiting for the store's
 * device.
 */

/* Reads user data, 2048 bytes a sector.  Returns JB_TRACK_MODE if a sector has none: it is audio, or
 * mode 2 form 2. */
enum jb_err disc_read(struct disc *d, uint32_t lba, uint32_t count, void *buf, bool may_block);
/* Checks as disc_read does, but not the modes, and reads nothing.  *run: the number of sectors from lba on
 * that are recorded; that is all of them with JB_OK, those before the first blank one with JB_BLANK, and 0
 * with JB_LBA_RANGE. */
enum jb_err disc_recorded_run(const struct disc *d, uint32_t lba, uint32_t count, uint32_t *run);
/* Reads whole sectors of a CD, 2352 bytes each.  On a disc that is not raw they are computed from user
 * data, address and mode.  Returns JB_NOT_SUPPORTED if the disc is not a CD. */
enum jb_err disc_read_raw(struct disc *d, uint32_t lba, uint32_t count, void *buf, bool may_block);

/* A range of the image, for a caller that can send from a file.  The caller must end with put(arg). */
struct disc_extent {
	int fd; /* borrowed until put */
	uint64_t offset, length;
	/* only this many bytes from offset on are in the file; the others are zeros */
	uint64_t stored;
	void (*put)(void *arg);
	void *arg;
};
/* Checks as disc_read does, for one sector or more, and stores the range in *out.  The range is in the
 * page cache on return; if it is not there yet, may_block = true reads it, and false returns
 * JB_WOULD_BLOCK.  Returns JB_NOT_SUPPORTED for a raw disc: use disc_read. */
enum jb_err disc_extent(
	struct disc *d, uint32_t lba, uint32_t count, bool may_block, struct disc_extent *out);

/*
 * Writing.  Written sectors are durable after disc_sync, disc_close or disc_finalize, or when the disc
 * leaves the drive.  The start of a track is durable before its first sector is acknowledged, so a crash
 * never makes a written disc blank again.  All other changes (a reserved track, a closed one, a layer
 * break) are durable on return; a function that fails has changed nothing.
 *
 * All functions that change what is recorded return JB_PROTECTED or JB_PERSISTENT if the disc is
 * write-protected.
 */

/* Writes user data, 2048 bytes a sector.  Returns JB_TRACK_MODE if the track is audio, JB_NOT_NWA if
 * lba is not the next writable address, JB_LBA_RANGE if there is no room (which also raises the event
 * `full`). */
enum jb_err disc_write(struct disc *d, uint32_t lba, uint32_t count, const void *data);
/*
 * Writes whole sectors of 2352 bytes (CD), and makes the disc raw before, if it is not.  If something is
 * recorded, that copies and converts the image first, so the caller must be a thread that may wait.
 * After a crash the disc is either unconverted or converted.  Returns JB_NOT_SUPPORTED if the disc
 * cannot be raw.
 */
enum jb_err disc_write_raw(struct disc *d, uint32_t lba, uint32_t count, const void *data);
/* Makes durable what was written. */
enum jb_err disc_sync(struct disc *d);
/* Checks that a recording that ends before `end` fits.  If not, returns JB_LBA_RANGE and raises the
 * event `full`. */
enum jb_err disc_has_room(struct disc *d, uint32_t end);
/* Reserves a track of that many sectors, rounded up to whole ECC blocks (RESERVE TRACK).  If it does not
 * fit, returns JB_LBA_RANGE and raises the event `full`. */
enum jb_err disc_reserve_track(struct disc *d, uint32_t sectors);
/* Reserves all tracks of a session at once, with their indices.  Durable on return.  A track of audio
 * makes the disc raw, as disc_write_raw does. */
enum jb_err disc_lay_out(struct disc *d, const struct disc_layout *layout);
/* Sets what the tracks get that writing begins from now on (CD): mode, CD_CONTROL_BITS and ISRC.  isrc
 * "", or one that is not valid, means none. */
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
/* Checks whether disc_write could write these sectors now, and returns the error that disc_write would
 * return.  Writes nothing (test write). */
enum jb_err disc_may_write(const struct disc *d, uint32_t lba, uint32_t count);
/*
 * Does CLOSE TRACK/SESSION (MMC-6 6.3) with that close function.  Returns JB_NOT_SUPPORTED if the
 * medium does not have the function (its close_functions), JB_BAD_TRACK if there is no such track,
 * JB_TRACK_EMPTY if nothing is recorded in a reserved track or in the disc to finalize,
 * JB_TRACK_INCOMPLETE if the session has a reserved track that is not full.
 */
enum jb_err disc_close(struct disc *d, unsigned function, unsigned track);
/* Closes the open session and completes the disc: no session may follow. */
enum jb_err disc_finalize(struct disc *d);
/* Sets where layer 0 ends, on a blank disc with two layers (SEND DISC STRUCTURE format 20h). */
enum jb_err disc_set_layer_break(struct disc *d, uint32_t sectors);
/* Sets PWP (on is true) or clears it (SEND DISC STRUCTURE format C0h).  Returns JB_NOT_SUPPORTED if
 * the medium has no PWP, JB_PROTECTED if the tab is set.  A claim is enough for a disc that is not in
 * a drive. */
enum jb_err disc_set_pwp(struct disc *d, bool on);

/* Formats the disc (FORMAT UNIT).  It is empty afterwards, unless the format grows, shrinks or
 * restarts.  Durable on return; a crash leaves either the old disc or the new one.  Returns
 * JB_NO_FORMAT if the medium has no such format. */
enum jb_err disc_format(struct disc *d, const struct disc_format *format);
/* Blanks the disc, or a part of it (BLANK, MMC-6 6.2).  track matters for the types that blank one
 * track.  Durable as disc_format is.  Returns JB_NOT_SUPPORTED if the medium has no such type. */
enum jb_err disc_blank(struct disc *d, unsigned type, unsigned track);
/* Makes the disc durable, and stops a format in the background.  Must be called before the disc leaves
 * the drive. */
enum jb_err disc_leave(struct disc *d);
/* Turns the disc into a pressed one of its family, such as DVD-ROM, as tgt does when a track is closed
 * (setting finalize-as-rom).  Returns JB_BLANK if nothing is recorded, JB_NOT_SUPPORTED if the medium
 * can be written anywhere. */
enum jb_err disc_turn_into_rom(struct disc *d);

#endif
