/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Directories that are deleted later, by the jukebox's own thread.
 */
#ifndef CHANGER_INSERT_REMOVE_H
#define CHANGER_INSERT_REMOVE_H

#include <stdint.h>

struct jukebox;

/* Deletes a directory that nobody will look for, later. */
void remove_later(struct jukebox *jb, const char *dir);
/* The same for incoming/ID. */
void remove_incoming(struct jukebox *jb, uint64_t id);

#endif
