/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The life of the thread that reads whole discs.
 */
#ifndef CHANGER_VERIFY_CHECK_H
#define CHANGER_VERIFY_CHECK_H

struct jukebox;

void check_init(struct jukebox *jb);
/* The store has been scanned: from now on discs are read. */
void check_open(struct jukebox *jb);
/* Ends what is under way. */
void check_fini(struct jukebox *jb);

#endif
