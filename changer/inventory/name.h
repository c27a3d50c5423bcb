/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Names of discs and of what stands beside them: what they say, and which are allowed.
 */
#ifndef CHANGER_INVENTORY_NAME_H
#define CHANGER_INVENTORY_NAME_H

#include <stdbool.h>

#include "changer/err.h"
#include "changer/item.h"
#include "changer/medium.h"

enum jb_err name_check(const char *name);
/* The medium that the name's media suffix says; NULL: none. */
const struct medium *name_medium(const char *name);
/* The disc's name with another label in its place, its suffixes kept: buf of JB_NAME_MAX + 1.
 * JB_BAD_LABEL: no name has that label. */
enum jb_err name_with_label(const char *name, const char *label, char *buf);
/* It ends in .bin, or in .cue. */
bool name_is_bin(const char *name);
bool name_is_sheet(const char *name);
/* The hidden name of the sheet beside a disc of that name; false: it would be too long. */
bool name_of_sheet(const char *name, char *buf);
/* May a hidden file of that name be meant as the sheet of a disc of that one: .LABEL.cue, or with the
 * media suffix that the disc has; .CUE too. */
bool name_is_sheet_of(const char *sheet, const char *name);
/* The name that the disc has once it is raw, and when that was blanked.  buf of JB_NAME_MAX + 1. */
enum jb_err name_of_bin(const char *name, char *buf);
enum jb_err name_of_iso(const char *name, char *buf);
/* May a disc have that name, which is no temporary one: JB_SHEET_NAME, JB_RAW_NAME. */
enum jb_err name_fits(const char *name, bool raw);
/* rsync's temporary name, .NAME. and six characters of its own: of any file, and of that one. */
bool name_is_rsync(const char *name);
bool name_is_rsync_of(const char *name, const char *final);
/* The same of a sheet, which may stand beside a disc; rsync adds no dot to a hidden name. */
bool name_is_rsync_of_sheet(const char *name);
/* The name with its label behind the NUL; NULL: no memory. */
char *name_make(const char *name);

#endif
