/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Start-up: what is in the store.
 */
#ifndef CHANGER_LIFECYCLE_SCAN_H
#define CHANGER_LIFECYCLE_SCAN_H

#include "changer/err.h"

struct element;
struct jukebox;

/* Raises the counts to the highest element that has a directory. */
enum jb_err scan_counts(struct jukebox *jb);
/* Makes what directories are missing, finds all discs, recovers and sweeps incoming/. */
enum jb_err scan_store(struct jukebox *jb);
/* recover.c: takes up or sweeps what is in incoming/. */
enum jb_err recover_incoming(struct jukebox *jb);
/* Makes a disc of an image file that somebody put into an element by hand. */
enum jb_err recover_loose_file(struct jukebox *jb, struct element *el, const char *name);

#endif
