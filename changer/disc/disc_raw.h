/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw discs: the image has sectors of 2352 bytes (CD). */
#ifndef CHANGER_DISC_DISC_RAW_H
#define CHANGER_DISC_DISC_RAW_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"

struct disc;
struct recording;

/* Makes the disc raw, durably, and requests its correct name.  Converts the image if something is
 * recorded.  Does nothing if it is raw.  Returns JB_NOT_SUPPORTED if the medium is not a CD, or can be
 * written anywhere; or the store's error, and the disc is as it was.  Strand held.  [blocks] */
enum jb_err disc_become_raw(struct disc *d);
/* Makes *rec raw; *rec is a copy of the disc's recording.  If nothing is recorded, changes *rec only.
 * Else converts the disc (disc_become_raw), and replaces *rec by a new copy of its recording, which drops
 * other changes of *rec.  The caller must give the disc its correct name.  Returns the errors of
 * disc_become_raw, or JB_NO_MEMORY.  Strand held.  [blocks] */
enum jb_err disc_make_raw(struct disc *d, struct recording *rec);
/* Reads user data of a raw disc, 2048 bytes a sector.  The caller has checked that the sectors may be
 * read.  Returns JB_TRACK_MODE if a sector has none, JB_WOULD_BLOCK if may_block is false and it would
 * wait, or the store's error.  Strand held. */
enum jb_err disc_read_user_data(
	struct disc *d, uint32_t lba, uint32_t count, void *buf, bool may_block);
/* Writes user data to a raw disc, 2048 bytes a sector, as whole sectors of the mode of their track;
 * an audio track gets mode 1.  lba is the address of the first sector, place where it is in the
 * image.  The caller has checked that the sectors may be written, and must record them
 * (recording_written).  Returns the store's error.  Strand held. */
enum jb_err disc_write_user_data(
	struct disc *d, uint32_t lba, uint32_t place, uint32_t count, const void *data);

#endif
