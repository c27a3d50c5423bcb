/* SPDX-License-Identifier: GPL-2.0-or-later */
/* WAVE files (RIFF): finds the samples in them. */
#ifndef CHANGER_FOREIGN_RIFF_H
#define CHANGER_FOREIGN_RIFF_H

#include "changer/foreign/foreign.h"

/* Returns true if the file begins like a WAVE file.  Returns false if not, or if it cannot be read.
 * Refuses nothing. */
bool riff_is_wave(struct foreign *f, unsigned file);
/* Stores the offset at which the samples of a WAVE file begin, and how many bytes they have.  Returns true.
 * Returns false after refusing the files, if it has no samples as on a CD: two channels of 16 bits, 44100
 * times a second, not compressed. */
bool riff_find_samples(struct foreign *f, unsigned file, uint64_t *offset, uint64_t *bytes);

#endif
