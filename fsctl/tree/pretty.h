/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints text for people, in the columns of a terminal.
 */
#ifndef FSCTL_TREE_PRETTY_H
#define FSCTL_TREE_PRETTY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The columns of a terminal; the bytes of a buffer for pretty_size and pretty_time. */
enum { PRETTY_COLUMNS = 80, PRETTY_SIZE = 16 };

/* Returns the columns that UTF-8 text takes.  A byte that is not UTF-8 takes one column. */
unsigned pretty_width(const char *text);
/* Prints text in lines of PRETTY_COLUMNS, broken at blanks, and a newline at the end.  All lines but the
 * first begin with `indent` blanks; the caller has printed as many columns of the first line.  A longer word
 * has a line of its own; it is cut to 511 bytes.  Several blanks become one. */
void pretty_wrap(FILE *out, const char *text, unsigned indent);
/* Formats a size as "4.7 GB", with decimal units and one decimal, rounded down, or as "512 B", in buf
 * (PRETTY_SIZE bytes).  Returns buf. */
const char *pretty_size(uint64_t bytes, char *buf);
/* Formats a time, rounded down, as "5 s", "12 min", "3 h 12 min" or "2 d 3 h" in buf (PRETTY_SIZE bytes).
 * Returns buf. */
const char *pretty_time(uint64_t seconds, char *buf);
/* Prints a bar of `columns` columns between brackets, of which done / total are full: "[####......]".  All
 * are empty if total is 0. */
void pretty_bar(FILE *out, uint64_t done, uint64_t total, unsigned columns);
/* Returns "" for one, else "s". */
const char *pretty_plural(unsigned n);

#endif
