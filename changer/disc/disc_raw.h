/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Discs whose image has whole sectors (CD).
 */
#ifndef CHANGER_DISC_DISC_RAW_H
#define CHANGER_DISC_DISC_RAW_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"

struct disc;
struct recording;

/* The image has whole sectors from now on, durably.  [blocks] if something is recorded. */
enum jb_err disc_become_raw(struct disc *d);
/* The same of a copy of what the disc is, as long as nothing is recorded; else of the disc, and then of
 * the copy.  Who stores the copy sees to the disc's name. */
enum jb_err disc_make_raw(struct disc *d, struct recording *rec);
/* Of a raw disc, what disc_read and disc_write are; what may be read or written was looked at. */
enum jb_err disc_read_user_data(
	struct disc *d, uint32_t lba, uint32_t count, void *buf, bool may_block);
enum jb_err disc_write_user_data(struct disc *d, uint32_t lba, uint32_t count, const void *data);

#endif
