/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disc: its medium, sessions and tracks, and its sectors.
 *
 * Who may call: whoever keeps the disc still.  For a disc in a drive that is the holder of the
 * drive's strand; all functions here want that, but for disc_size, which any thread may call.
 * Nothing here takes the jukebox lock.
 *
 * Addresses are logical block addresses; they are also positions in the image, so what lies between
 * two sessions is a hole in a sparse file.  Only a BIN that was inserted may be without its gaps, and
 * then its tracks are shifted.  A sector has 2048 bytes there, its user data.  But a CD
 * with audio, or with mode 2 of both forms, is raw: its image holds whole sectors of 2352 bytes, as
 * cdsector.h has them; samples are 16 bits, little-endian, left and right.
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
#include "changer/track.h"

struct disc;

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
/* The number of the track that an address belongs to, also by its pregap; 0: none. */
unsigned disc_track_at(const struct disc *d, uint32_t lba);
/* The index in a track that an address is in, from 1; 0: in the pause before it (CD). */
unsigned disc_index_at(const struct disc *d, const struct track *t, uint32_t lba);
unsigned disc_first_track_of(const struct disc *d, unsigned session);
/* Sectors that READ CAPACITY counts: up to the end of the last closed session; 0: none yet. */
uint32_t disc_readable_capacity(const struct disc *d);
/* Nothing is recorded on it: blank, or formatted and never written. */
bool disc_is_unrecorded(const struct disc *d);
enum spare_format disc_spare_format(const struct disc *d);
/* It was blanked minimally: it is recorded in one go (DVD-RW, disc at once). */
bool disc_minimally_blanked(const struct disc *d);
/* Sectors of layer 0 as SEND DISC STRUCTURE set them; 0: it has not. */
uint32_t disc_layer_break(const struct disc *d);
/* How far it is; *done of *all sectors are formatted. */
enum background disc_background(struct disc *d, uint32_t *done, uint32_t *all);
/*
 * Write protection.  Two things can set it: the tab, which is the user's (chmod a-w), and the surface,
 * which says so itself (PWP, persistent write protection of MMC-6) and where initiators and users set
 * it.  JB_OK, or what keeps the disc from being changed: JB_PROTECTED, JB_PERSISTENT.
 */
enum jb_err disc_protection(const struct disc *d);
bool disc_protected(const struct disc *d); /* by either */
bool disc_tab_is_set(const struct disc *d);
bool disc_pwp(const struct disc *d);
/* Its image holds whole sectors of 2352 bytes. */
bool disc_is_raw(const struct disc *d);
/* Media catalog number, 13 digits; "": none. */
const char *disc_catalog(const struct disc *d);
/* CD-TEXT as the lead-in has it: how many packs of 18 bytes.  Borrowed until it is set again. */
unsigned disc_text(const struct disc *d, const uint8_t **packs);
/* The label, which is the volume tag. */
const char *disc_label(const struct disc *d);
/* Bytes of the image as recorded so far.  Any thread. */
uint64_t disc_size(const struct disc *d);

/*
 * Reading.  Sectors never recorded on a write-once medium are refused with JB_BLANK or
 * JB_LBA_RANGE; holes between sessions read as zeros.
 *
 * With may_block false all answer JB_WOULD_BLOCK instead of waiting for the store's device.
 */
/* User data, of 2048 bytes a sector.  JB_TRACK_MODE: one of them has none, being audio or of mode 2
 * form 2. */
enum jb_err disc_read(struct disc *d, uint32_t lba, uint32_t count, void *buf, bool may_block);
/* Whole sectors of a CD, of 2352 bytes: as they were recorded, or as they follow from their user data,
 * address and mode. */
enum jb_err disc_read_raw(struct disc *d, uint32_t lba, uint32_t count, void *buf, bool may_block);

/* A stretch of the image for a caller that can send from a file.  put gives it back. */
struct disc_extent {
	int fd; /* borrowed until put */
	uint64_t offset, length;
	uint64_t stored; /* so many bytes from offset on are in the file; the rest is zeros */
	void (*put)(void *arg);
	void *arg;
};
/* Checks as disc_read does, and that the pages are in memory (may_block: brings them there).  Of one
 * sector at least.  JB_NOT_SUPPORTED: the disc is raw; disc_read is the way. */
enum jb_err disc_extent(
	struct disc *d, uint32_t lba, uint32_t count, bool may_block, struct disc_extent *out);

/*
 * Writing.  What is written is durable after disc_sync, disc_close_*, or when the disc leaves the
 * drive.  Before the first sector of a track is acknowledged, that the track was begun is durable,
 * so that a disc once written to is never blank again (DESIGN 3).  What else changes the disc (a
 * reserved track, one closed, a layer break) is durable when the function returns, and has not happened
 * if it fails.
 */
enum jb_err disc_write(struct disc *d, uint32_t lba, uint32_t count, const void *data);
/*
 * Whole sectors of 2352 bytes (CD).  A disc that is not raw becomes so by that: if something is
 * recorded on it, its image is converted first, which takes as long as copying it, so that the caller
 * is one that may wait.  A crash leaves the disc as it was or as it is then.
 */
enum jb_err disc_write_raw(struct disc *d, uint32_t lba, uint32_t count, const void *data);
enum jb_err disc_sync(struct disc *d);
/* What is going to be recorded has its last sector before end.  JB_LBA_RANGE: the medium ends earlier,
 * which is told as of a write that has no room. */
enum jb_err disc_has_room(struct disc *d, uint32_t end);
/* RESERVE TRACK: sectors, rounded up to whole ECC blocks.  JB_LBA_RANGE is told in the same way. */
enum jb_err disc_reserve_track(struct disc *d, uint32_t sectors);
/*
 * The tracks of a session at once, reserved.  They and their indices are durable when it returns.  One of
 * audio makes the disc raw, as disc_write_raw does.
 */
enum jb_err disc_lay_out(struct disc *d, const struct disc_layout *layout);
/* What the tracks are that writing begins from now on (CD); control: CD_CONTROL_BITS; isrc: "" for
 * none, as is one that cannot be. */
void disc_next_tracks(struct disc *d, enum cd_mode mode, uint8_t control, const char *isrc);
/*
 * The lead-in of the session that is being laid out or recorded: durable with what is synced next.
 * Programs read these of the first session only, so those of later ones are passed over.
 * JB_LBA_RANGE: more than CD_TEXT_PACKS_MAX packs; JB_NOT_SUPPORTED: no such number, or no CD.
 */
enum jb_err disc_set_text(struct disc *d, const uint8_t *packs, unsigned n);
enum jb_err disc_set_catalog(struct disc *d, const char *digits);
/* Could that be written there now: without writing it, for a test. */
enum jb_err disc_may_write(const struct disc *d, uint32_t lba, uint32_t count);
/* CLOSE TRACK/SESSION (MMC-6 6.3) with any function of the medium's close_functions. */
enum jb_err disc_close(struct disc *d, unsigned function, unsigned track);
/* The session is closed, and none may follow. */
enum jb_err disc_finalize(struct disc *d);
/* Where layer 0 ends, of a blank disc with two (SEND DISC STRUCTURE format 20h). */
enum jb_err disc_set_layer_break(struct disc *d, uint32_t sectors);
/* Sets or clears PWP (SEND DISC STRUCTURE format C0h).  JB_NOT_SUPPORTED: the medium has none. */
enum jb_err disc_set_pwp(struct disc *d, bool on);

/*
 * Both leave an empty disc, but for formats that grow or restart, and for parts of a disc blanked.
 * The new one is durable when they return, and a crash leaves either the old disc or the new one.
 * JB_NO_FORMAT: the medium has no such format; JB_NOT_SUPPORTED: no such type of blanking.
 */
enum jb_err disc_format(struct disc *d, const struct disc_format *format);
/* BLANK, MMC-6 6.2; track: of types that blank one. */
enum jb_err disc_blank(struct disc *d, unsigned type, unsigned track);
/* It leaves the drive: what the drive does with it in the background ends. */
enum jb_err disc_leave(struct disc *d);
/* The forerunner's way: the disc turns into a pressed one, DVD-ROM (ctl/drives/N/finalize-as-rom). */
enum jb_err disc_turn_into_rom(struct disc *d);

#endif
