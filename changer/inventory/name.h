/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of discs, and of the files that may be beside them: what they say, and which are allowed. */
#ifndef CHANGER_INVENTORY_NAME_H
#define CHANGER_INVENTORY_NAME_H

#include <stdbool.h>

#include "changer/err.h"
#include "changer/item.h"
#include "changer/medium.h"

/* Checks that a file may have that name.  Returns JB_NAME_TOO_LONG or JB_BAD_NAME if not. */
enum jb_err name_check(const char *name);
/* Returns the medium that the media suffix in the name says; NULL if there is none. */
const struct medium *name_medium(const char *name);
/* Stores the disc's name with another label, and with the same suffixes, in buf (JB_NAME_MAX + 1
 * bytes).  Returns JB_BAD_LABEL if no disc's name can have that label. */
enum jb_err name_with_label(const char *name, const char *label, char *buf);
/* Return true if the name ends in .bin, in .cue, and in .cue or .cdt, in upper or lower case. */
bool name_is_bin(const char *name);
bool name_is_sheet(const char *name);
bool name_is_beside(const char *name);
/* Stores the hidden name of that file beside a disc of that name in buf (JB_NAME_MAX + 1 bytes).
 * Returns false if it would be too long. */
bool name_of_beside(const char *name, enum jb_beside which, char *buf);
/* Does what name_of_beside does, for the sheet. */
bool name_of_sheet(const char *name, char *buf);
/* Returns true if a hidden file is that one of a disc named name: .LABEL.cue or .LABEL.cdt, with or
 * without the disc's media suffix, in upper or lower case. */
bool name_is_beside_of(const char *file, enum jb_beside which, const char *name);
/* Store the name that the disc gets when it becomes raw, and when a raw disc was blanked, in buf
 * (JB_NAME_MAX + 1 bytes).  Return JB_NAME_TOO_LONG if there is none. */
enum jb_err name_of_bin(const char *name, char *buf);
enum jb_err name_of_iso(const char *name, char *buf);
/* Checks that a disc, raw or not, may have that name, which is not a temporary one.  Returns
 * JB_SHEET_NAME if it is a sheet's, JB_RAW_NAME if a raw disc needs another one. */
enum jb_err name_fits(const char *name, bool raw);
/* Return true if name is a temporary name of rsync, .NAME. and six random characters: of any file, and
 * of the file named final. */
bool name_is_rsync(const char *name);
bool name_is_rsync_of(const char *name, const char *final);
/* Returns true if name is rsync's temporary name of a file beside a disc.  rsync puts no second dot before a hidden
 * name. */
bool name_is_rsync_of_sheet(const char *name);
/* Returns a copy of the name, with its label after the NUL; NULL if memory is missing.  The caller
 * frees it. */
char *name_make(const char *name);

#endif
