/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A bounded, counting writer.  Bytes past the end of the buffer are counted but not stored, so a
 * reply can be built once and then be cut to the allocation length while its own length fields
 * still tell the whole (SPC-4 4.2.5.6, "allocation length").
 */
#ifndef CHANGER_BASE_WBUF_H
#define CHANGER_BASE_WBUF_H

#include <stddef.h>
#include <stdint.h>

struct wbuf {
	uint8_t *data; /* borrowed; may be NULL when cap is 0 */
	size_t cap;    /* bytes that may be stored */
	size_t len;    /* bytes appended so far, also those beyond cap */
};

void wbuf_init(struct wbuf *w, void *data, size_t cap);
/* Bytes that are really in the buffer: the smaller of len and cap. */
size_t wbuf_stored(const struct wbuf *w);

void wb_u8(struct wbuf *w, uint8_t v);
void wb_be16(struct wbuf *w, uint16_t v);
void wb_be24(struct wbuf *w, uint32_t v);
void wb_be32(struct wbuf *w, uint32_t v);
void wb_be64(struct wbuf *w, uint64_t v);
void wb_zero(struct wbuf *w, size_t n);
void wb_bytes(struct wbuf *w, const void *p, size_t n);
/* The string left-aligned in a field of width bytes, cut or filled up with pad (' ' or 0). */
void wb_pad_str(struct wbuf *w, const char *s, size_t width, char pad);

/* Overwrites what was appended at off before; parts beyond cap are left out. */
void wb_patch_u8(struct wbuf *w, size_t off, uint8_t v);
void wb_patch_be16(struct wbuf *w, size_t off, uint16_t v);
void wb_patch_be24(struct wbuf *w, size_t off, uint32_t v);
void wb_patch_be32(struct wbuf *w, size_t off, uint32_t v);

#endif
