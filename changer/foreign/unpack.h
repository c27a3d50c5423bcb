/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Unpacks files that are packed by gzip, xz or zstd. */
#ifndef CHANGER_FOREIGN_UNPACK_H
#define CHANGER_FOREIGN_UNPACK_H

#include "changer/foreign/foreign.h"
#include "changer/foreign/join.h"

/* Returns true if the suffix of the name is that of a packed file (.gz, .xz, .zst), in upper or lower
 * case. */
bool unpack_is_name(const char *name);
/* Returns true if the first bytes of the file are those of the packing that its name says; else false,
 * after refusing the files.  Reads no more than these bytes. */
bool unpack_look(struct foreign *f, unsigned file);
/* Unpacks the file and writes its content, at most `limit` bytes, by calls of `write` with arg.  Its name
 * must be one for which unpack_is_name is true.  Stores the number of bytes in f->result.  Returns true;
 * false if `write` returns false; or false after refusing the files, if the file is damaged or cut, needs
 * too much memory, or has more than `limit` bytes. */
bool unpack_file(struct foreign *f, unsigned file, uint64_t limit, join_write *write, void *arg);

#endif
