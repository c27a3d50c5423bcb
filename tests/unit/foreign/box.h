/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A box of files in memory, from which a test imports a disc.
 */
#ifndef TESTS_UNIT_FOREIGN_BOX_H
#define TESTS_UNIT_FOREIGN_BOX_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/cdsector.h"
#include "changer/foreign/foreign.h"
#include "changer/foreign/formats.h"
#include "changer/foreign/join.h"
#include "changer/foreign/unpack.h"

enum { BOX_FILES = 130, RAW = CD_RAW_SIZE, BOX_IMAGE_MAX = 4 << 20 };

struct box {
	unsigned n;
	struct foreign_file files[BOX_FILES];
	uint8_t *data[BOX_FILES];
	struct jb_import_result result;
	/* what came of it */
	uint8_t *image;
	size_t size, room; /* of the image */
	char *sheet;
	uint8_t packs[2048 * 18];
	unsigned npacks;
};

/* Adds a file, whose data is copied. */
static inline void
box_put(struct box *b, const char *name, const void *data, size_t size)
{
	assert_true(b->n < BOX_FILES);
	b->data[b->n] = malloc(size + 1);
	assert_non_null(b->data[b->n]);
	if (size > 0)
		memcpy(b->data[b->n], data, size);
	b->files[b->n++] = (struct foreign_file){.name = name, .size = size};
}

static inline void
box_put_text(struct box *b, const char *name, const char *text)
{
	box_put(b, name, text, strlen(text));
}

/* The byte at that place of a track's samples or data: another one for each track, sector and byte. */
static inline uint8_t
box_byte(unsigned track, size_t at)
{
	return (uint8_t)(track * 101 + at * 7 + at / 2048 * 31 + 1);
}

/* Adds a file of bytes of that track. */
static inline void
box_put_bytes(struct box *b, const char *name, unsigned track, size_t size)
{
	uint8_t *data = malloc(size);

	assert_non_null(data);
	for (size_t i = 0; i < size; i++)
		data[i] = box_byte(track, i);
	box_put(b, name, data, size);
	free(data);
}

static inline void
box_empty(struct box *b)
{
	for (unsigned i = 0; i < b->n; i++)
		free(b->data[i]);
	free(b->image);
	free(b->sheet);
	memset(b, 0, sizeof(*b));
}

static inline size_t
box_read(void *arg, unsigned file, uint64_t at, void *buf, size_t size)
{
	struct box *b = arg;
	uint64_t left;

	assert_true(file < b->n);
	left = at < b->files[file].size ? b->files[file].size - at : 0;
	if (size > left)
		size = (size_t)left;
	if (size > 0)
		memcpy(buf, b->data[file] + at, size);
	return size;
}

static inline bool
box_write(void *arg, const void *data, size_t size)
{
	struct box *b = arg;

	if (b->size + size > b->room) {
		b->room = 2 * (b->size + size);
		b->image = realloc(b->image, b->room);
		assert_non_null(b->image);
	}
	memcpy(b->image + b->size, data, size);
	b->size += size;
	return true;
}

/* Imports what is in the box.  Returns the kind of the result. */
static inline enum jb_import_kind
box_import(struct box *b)
{
	struct foreign f = {.files = b->files,
		.nfiles = b->n,
		.read = box_read,
		.arg = b,
		.result = &b->result};
	struct foreign_plan *plan;
	size_t size;
	FILE *out;

	free(b->image);
	free(b->sheet);
	b->image = NULL;
	b->sheet = NULL;
	b->size = b->room = 0;
	memset(&b->result, 0, sizeof(b->result));
	plan = formats_plan(&f);
	if (plan == NULL) {
		if (b->result.kind == JB_IMPORT_UNPACKED)
			unpack_file(&f, 0, 1 << 24, box_write, b);
		return b->result.kind;
	}
	/* Wrong bytes may mean a huge image. */
	if (b->result.bytes > BOX_IMAGE_MAX) {
		plan_free(plan);
		return b->result.kind;
	}
	if (join_parts(&f, plan, box_write, b)) {
		assert_int_equal(b->size, b->result.bytes);
		if (b->result.kind == JB_IMPORT_BIN) {
			out = open_memstream(&b->sheet, &size);
			assert_non_null(out);
			join_print_sheet(plan, b->result.stem, out);
			fclose(out);
		}
		b->npacks = plan->npacks;
		if (plan->npacks > 0)
			memcpy(b->packs, plan->packs, (size_t)plan->npacks * 18);
	}
	plan_free(plan);
	return b->result.kind;
}

#define assert_kind(b, k) \
	do { \
		if (box_import(b) != (k)) \
			fail_msg("kind %d: %s", (int)(b)->result.kind, (b)->result.detail); \
	} while (0)

/* Compares bytes of the image with those that box_byte makes for a track, from byte `at` on. */
static inline void
box_expect(const struct box *b, size_t place, unsigned track, size_t at, size_t size)
{
	assert_true(place + size <= b->size);
	for (size_t i = 0; i < size; i++)
		if (b->image[place + i] != box_byte(track, at + i))
			fail_msg("byte %zu of the image is %02x, not %02x of track %u", place + i,
				b->image[place + i], box_byte(track, at + i), track);
}

#endif
