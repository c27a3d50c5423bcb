/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The size of an image as its own volume descriptors tell it: ISO 9660 and UDF. */
#ifndef CHANGER_DISC_VOLUME_SIZE_H
#define CHANGER_DISC_VOLUME_SIZE_H

#include <stdbool.h>
#include <stdint.h>

struct image;
struct item;

/* Returns true if the volume in the image, ISO 9660 or UDF, is larger than size bytes of the image; false
 * if there is no volume.  raw is true for an image of 2352-byte sectors. */
bool volume_size_is_longer(const struct image *image, bool raw, uint64_t size);
/* Returns true if an image of 2048-byte sectors has a volume, ISO 9660 or UDF, of any size but 0. */
bool volume_size_is_there(const struct image *image);
/* Sets it->truncated if a part of the disc's image is missing, logs that and raises the event `error`;
 * else clears it.  Does nothing if the sizes agree, the disc is formatted, or the item is not a disc.  For
 * start-up: the image has `bytes` bytes, and the description counts `described` sectors. */
void volume_size_notice(struct item *it, uint64_t described, uint64_t bytes);

#endif
