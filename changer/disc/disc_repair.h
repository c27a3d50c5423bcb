/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disc found at start-up.
 */
#ifndef CHANGER_DISC_DISC_REPAIR_H
#define CHANGER_DISC_DISC_REPAIR_H

#include <stdint.h>

struct item;

/* disc_repair.c: makes image and recording agree again after a crash or a change by hand. */
void disc_repair(struct item *it, uint64_t image_bytes);

#endif
