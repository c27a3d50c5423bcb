/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text for people, in the columns of a terminal.
 */
#ifndef FSCTL_TREE_PRETTY_H
#define FSCTL_TREE_PRETTY_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum { PRETTY_COLUMNS = 80, PRETTY_SIZE = 16 };

/* Columns that UTF-8 text takes; bytes that are none count as one each. */
unsigned pretty_width(const char *text);
/* Exactly so many columns: filled up with blanks, or cut short with "...". */
void pretty_cell(FILE *out, const char *text, unsigned columns);
/* Words, broken into lines that begin with so many blanks, but for the first. */
void pretty_wrap(FILE *out, const char *text, unsigned indent);
/* "4.7 GB", decimal as on the boxes of discs; buf of PRETTY_SIZE, which it returns. */
const char *pretty_size(uint64_t bytes, char *buf);
/* "3 h 12 min" */
const char *pretty_time(uint64_t seconds, char *buf);
/* "[####......]" */
void pretty_bar(FILE *out, uint64_t done, uint64_t total, unsigned columns);
/* "s" where there is not one of it. */
const char *pretty_plural(unsigned n);

#endif
