/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Raw discs: the image has sectors of 2352 bytes (CD). */
#ifndef CHANGER_DISC_DISC_RAW_H
#define CHANGER_DISC_DISC_RAW_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"

struct disc;
struct recording;

/* Makes the disc raw (disc.h), durably, and requests its correct name.  If something is recorded, converts
 * the image.  Does nothing if the disc is raw already.  Returns JB_NOT_SUPPORTED if the medium is not a CD,
 * or can be written anywhere; JB_NO_MEMORY; or the store's error.  On an error the disc is as it was.
 * Strand held.  [blocks] */
enum jb_err disc_become_raw(struct disc *d);
/* Makes *rec raw, for disc_edit; *rec is a copy of the disc's recording.  If nothing is recorded on a CD,
 * changes only *rec.  Otherwise makes the disc raw (disc_become_raw), and replaces *rec by a new copy of
 * the disc's recording.  Changes that the caller has made in *rec are then lost.  The caller must request
 * the correct name for the disc.  Returns JB_NO_MEMORY, or the errors of disc_become_raw.  Strand held.
 * [blocks] */
enum jb_err disc_make_raw(struct disc *d, struct recording *rec);
/* Reads `count` sectors of user data from a raw disc, 2048 bytes each.  The caller has checked that they
 * may be read.  Returns JB_TRACK_MODE if a sector has no user data; JB_WOULD_BLOCK if may_block is false
 * and it would have to wait; or the store's error.  Strand held. */
enum jb_err disc_read_user_data(
	struct disc *d, uint32_t lba, uint32_t count, void *buf, bool may_block);
/* Writes `count` sectors of user data to a raw disc, 2048 bytes each, as whole sectors in the mode of their
 * track; in an audio track as mode 1.  lba is the address of the first one, place its position in the
 * image, in sectors.  The caller has checked that they may be written, and must record them afterwards
 * (recording_written).  Returns the store's error.  Strand held. */
enum jb_err disc_write_user_data(
	struct disc *d, uint32_t lba, uint32_t place, uint32_t count, const void *data);

#endif
