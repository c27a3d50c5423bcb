/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints text for people, in the columns of a terminal.
 */
#ifndef FSCTL_TREE_PRETTY_H
#define FSCTL_TREE_PRETTY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { PRETTY_COLUMNS = 80, PRETTY_SIZE = 16 };

/* Returns the columns that UTF-8 text takes.  A byte that is not UTF-8 takes one column. */
unsigned pretty_width(const char *text);
/* Prints text in lines of PRETTY_COLUMNS.  All lines but the first begin with `indent` blanks; the caller has
 * printed those of the first line. */
void pretty_wrap(FILE *out, const char *text, unsigned indent);
/* Formats a size as "4.7 GB", with decimal units, in buf (PRETTY_SIZE bytes).  Returns buf. */
const char *pretty_size(uint64_t bytes, char *buf);
/* Formats a time as "3 h 12 min" in buf (PRETTY_SIZE bytes).  Returns buf. */
const char *pretty_time(uint64_t seconds, char *buf);
/* Prints a bar of `columns` columns between brackets: "[####......]". */
void pretty_bar(FILE *out, uint64_t done, uint64_t total, unsigned columns);
/* Returns "" for one, else "s". */
const char *pretty_plural(unsigned n);

#endif
