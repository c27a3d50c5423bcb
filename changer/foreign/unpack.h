/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unpacks files that are packed by gzip, xz or zstd. */
#ifndef CHANGER_FOREIGN_UNPACK_H
#define CHANGER_FOREIGN_UNPACK_H

#include "changer/foreign/foreign.h"
#include "changer/foreign/join.h"

/* Returns true if the name ends as that of a packed file, in upper or lower case. */
bool unpack_is_name(const char *name);
/* Returns true if the file begins as its name says; else false, after refusing it.  Reads only its
 * first bytes. */
bool unpack_look(struct foreign *f, unsigned file);
/* Writes what is packed in the file, of at most `limit` bytes, and stores how many bytes that is in
 * f->result.  The name must be one for unpack_is_name.  Returns false if `write` does, or, after
 * refusing the file, if it is damaged or cut, needs too much memory, or has more than that in it. */
bool unpack_file(struct foreign *f, unsigned file, uint64_t limit, join_write *write, void *arg);

#endif
