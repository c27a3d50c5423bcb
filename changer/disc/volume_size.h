/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How long an image is by what it says of itself: ISO 9660 and UDF.
 */
#ifndef CHANGER_DISC_VOLUME_SIZE_H
#define CHANGER_DISC_VOLUME_SIZE_H

#include <stdbool.h>
#include <stdint.h>

struct image;
struct item;

/* Does the image say of itself that it is longer than size bytes?  raw: its sectors are. */
bool volume_size_is_longer(const struct image *image, bool raw, uint64_t size);
/* Is there a volume at all, in an image of 2048-byte sectors? */
bool volume_size_is_there(const struct image *image);
/* Start-up has found an image of so many bytes, where so many sectors are described: if something is
 * missing of it, the disc is truncated from now on. */
void volume_size_notice(struct item *it, uint64_t described, uint64_t bytes);

#endif
