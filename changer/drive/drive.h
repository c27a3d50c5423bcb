/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The drives' life, and what becomes of the disc in one.
 */
#ifndef CHANGER_DRIVE_DRIVE_H
#define CHANGER_DRIVE_DRIVE_H

#include <stdbool.h>

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct drive;
struct item;
struct jukebox;

enum jb_err drive_init_all(struct jukebox *jb);
/* The drive of a drive element that has none yet. */
enum jb_err drive_make(struct jukebox *jb, unsigned number);
void drive_fini_all(struct jukebox *jb);
/* May it go online, or offline; then it does.  Strand held. */
enum jb_err drive_admits_online(struct drive *d, bool online);
void drive_set_online(struct drive *d, bool online);
/* initiator: for whom; NULL: the mount */
void drive_put_disc(struct drive *d, struct item *it, const char *initiator) REQUIRES(jb_lock);
void drive_take_disc(struct drive *d) REQUIRES(jb_lock);
/* The disc that is in it has become accessible. */
void drive_medium_came(struct drive *d) REQUIRES(jb_lock);

#endif
