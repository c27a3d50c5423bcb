/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The size of an image as its own volume descriptors tell it: ISO 9660 and UDF. */
#ifndef CHANGER_DISC_VOLUME_SIZE_H
#define CHANGER_DISC_VOLUME_SIZE_H

#include <stdbool.h>
#include <stdint.h>

struct image;
struct item;

/* Returns true if the image has an ISO 9660 or UDF volume that ends behind the first `size` bytes of the
 * image.  Returns false if it ends before, or there is no volume.  raw is true for an image of 2352-byte
 * sectors. */
bool volume_size_is_longer(const struct image *image, bool raw, uint64_t size);
/* Returns true if an image of 2048-byte sectors has an ISO 9660 or UDF volume whose size is not 0. */
bool volume_size_is_there(const struct image *image);
/* Sets it->truncated if a part of the disc's image is missing, and clears it if not.  If a part is missing,
 * reports that (finding_report) and raises the event `error`.  `bytes` is the size of the image;
 * `described` is the number of sectors that the description counts.  Does nothing if these agree, or the
 * item is not a disc.  For start-up. */
void volume_size_notice(struct item *it, uint64_t described, uint64_t bytes);

#endif
