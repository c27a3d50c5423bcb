/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The content of a file while programs write it.
 */
#ifndef CHANGER_INSERT_INSERT_H
#define CHANGER_INSERT_INSERT_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct description;
struct image;
struct insert;
struct item;
struct recording;

struct insert *insert_new(struct item *it, struct image *image, unsigned image_number);
void insert_free(struct insert *ins);
uint64_t insert_limit(const struct item *it, const char *name);
/* Makes what is written durable, and with it the intent to insert. */
enum jb_err insert_flush(struct item *it);
/* Before something is written: takes back the intent.  On success the read side of io is held. */
enum jb_err insert_begin_write(struct item *it, uint64_t end);
void insert_end_write(struct item *it, uint64_t end, bool failed);
/* The description that the content has as a disc, with the intent to make it one. */
void insert_describe(struct item *it, const struct recording *rec, bool incomplete,
	struct description *d) EXCLUDES(jb_lock);
/* Writes down what is there now; the write side of io is held, or no writer is left. */
enum jb_err insert_write_down(struct item *it, struct recording *rec, bool *incomplete);

#endif
