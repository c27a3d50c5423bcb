/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is told of a disc while an initiator records it.
 */
#ifndef CHANGER_DISC_DISC_TELL_H
#define CHANGER_DISC_DISC_TELL_H

#include "changer/err.h"

struct disc;

/* Tells who looks after the jukebox that the store cannot keep what is burned, if err is that; gives
 * err back.  Strand held. */
enum jb_err disc_tell_store(struct disc *d, enum jb_err err);
/* There is more to record than the medium holds: told once a load. */
void disc_tell_full(struct disc *d);

#endif
