/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of discs, and of the files that may be beside them: what they say, and which are allowed. */
#ifndef CHANGER_INVENTORY_NAME_H
#define CHANGER_INVENTORY_NAME_H

#include <stdbool.h>

#include "changer/err.h"
#include "changer/item.h"
#include "changer/medium.h"

/* Checks that a file may have that name.  Returns JB_NAME_TOO_LONG if it has more than JB_NAME_MAX
 * bytes; JB_BAD_NAME if it is "", "." or "..", has a "/" in it, or is not valid UTF-8 without control
 * characters; else JB_OK. */
enum jb_err name_check(const char *name);
/* Returns the medium whose suffix is in the name before the image suffix: DVD-R for x.dvd-r.iso.
 * Returns NULL if there is no such suffix. */
const struct medium *name_medium(const char *name);
/* Returns true if the word before the image suffix begins as the words for media do: `x.bd-r-tl.iso`.  It may
 * be a medium's word or none. */
bool name_is_like_medium(const char *name);
/* Stores a name with the label `label` and the suffixes of `name` in buf (JB_NAME_MAX + 1 bytes).
 * Returns JB_BAD_LABEL if it is too long, is temporary, or would not be read as that label again;
 * buf has no meaning then. */
enum jb_err name_with_label(const char *name, const char *label, char *buf);
/* Returns true if the name is one that ln -sf and the like use for a symbolic link before they
 * rename it (changer/staging.def), such as CuAb12Cd. */
bool name_is_link_staging(const char *name);
/* Returns true if the name ends in .bin, in upper or lower case. */
bool name_is_bin(const char *name);
/* Returns true if a file of that name is imported (insert/import.c) before it is a disc: it is
 * packed (.gz, .xz, .zst), or NRG. */
bool name_is_import(const char *name);
/* Returns true if the disc that is made of the file `from` can get the name `name`: x.iso of
 * x.iso.gz; x.iso or x.bin of x.nrg or x.nrg.xz. */
bool name_is_import_of(const char *name, const char *from);
/* Returns true if the name ends in .cue, in upper or lower case: the suffix of a sheet
 * (jb_sheet_lookup). */
bool name_is_sheet(const char *name);
/* Returns true if the name ends in .cue or .cdt, in upper or lower case: a sheet, or packs of
 * CD-TEXT. */
bool name_is_beside(const char *name);
/* Stores the hidden name of that file beside a disc named `name` in buf (JB_NAME_MAX + 1 bytes):
 * .LABEL.cue or .LABEL.cdt.  Returns false if it would be too long; buf then has a cut name. */
bool name_of_beside(const char *name, enum jb_beside which, char *buf);
/* Does what name_of_beside does, for the sheet. */
bool name_of_sheet(const char *name, char *buf);
/* Returns true if a hidden file is that one of a disc named name: .LABEL.cue or .LABEL.cdt, with or
 * without the disc's media suffix, in upper or lower case. */
bool name_is_beside_of(const char *file, enum jb_beside which, const char *name);
/* Stores LABEL.bin in buf (JB_NAME_MAX + 1 bytes): the name that the disc `name` gets when recording
 * makes it raw (jb_item.raw).  Cuts a label that leaves no room for .bin.  Returns JB_NAME_TOO_LONG
 * if the name of its sheet would be too long; else JB_OK. */
enum jb_err name_of_bin(const char *name, char *buf);
/* Stores LABEL.iso in buf (JB_NAME_MAX + 1 bytes): the name that the raw disc `name` gets when it is
 * blanked.  Returns JB_NAME_TOO_LONG if that is too long; else JB_OK. */
enum jb_err name_of_iso(const char *name, char *buf);
/* Checks that a disc, raw or not, may have that name.  Returns JB_SHEET_NAME if the name ends in
 * .cue; JB_RAW_NAME if the disc is raw and the name leaves no room for the name of its sheet; else
 * JB_OK.  Does not check for a temporary name. */
enum jb_err name_fits(const char *name, bool raw);
/* Returns true if name is the temporary name that rsync gives to any file: .FILE.XXXXXX with six
 * random characters. */
bool name_is_rsync(const char *name);
/* Returns true if name is the temporary name that rsync gives to the file `final`: .FINAL.XXXXXX.
 * Returns true for every name if `final` is so long that rsync cuts it. */
bool name_is_rsync_of(const char *name, const char *final);
/* Returns true if name is the temporary name that rsync gives to a file beside a disc.  The name of
 * such a file has a dot in front already, and rsync adds no second one: .LABEL.cue.XXXXXX or
 * .LABEL.cdt.XXXXXX. */
bool name_is_rsync_of_sheet(const char *name);
/* Returns one allocated block with two strings: a copy of the name and, after its NUL, the label in
 * it.  Returns NULL if memory is missing.  The caller frees the block. */
char *name_make(const char *name);

#endif
