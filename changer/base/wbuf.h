/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes a reply into a buffer of limited size.  Bytes beyond the end of the buffer are counted but not
 * stored.  So a reply is built only once: it is cut to the allocation length, and its length fields have
 * the full length, as SPC-4 4.2.5.6 demands. */
#ifndef CHANGER_BASE_WBUF_H
#define CHANGER_BASE_WBUF_H

#include <stddef.h>
#include <stdint.h>

struct wbuf {
	uint8_t *data; /* borrowed; may be NULL when cap is 0 */
	size_t cap;    /* size of data in bytes */
	size_t len;    /* bytes appended so far, with those beyond cap */
};

/* Makes *w an empty writer to data, which has cap bytes.  data is borrowed, and may be NULL if cap is 0. */
void wbuf_init(struct wbuf *w, void *data, size_t cap);
/* Returns the number of bytes in the buffer: the smaller of len and cap. */
size_t wbuf_stored(const struct wbuf *w);

/* Appends one byte. */
void wb_u8(struct wbuf *w, uint8_t v);
/* Appends 16 bits, big-endian. */
void wb_be16(struct wbuf *w, uint16_t v);
/* Appends the low 24 bits of v, big-endian. */
void wb_be24(struct wbuf *w, uint32_t v);
/* Appends 32 bits, big-endian. */
void wb_be32(struct wbuf *w, uint32_t v);
/* Appends 64 bits, big-endian. */
void wb_be64(struct wbuf *w, uint64_t v);
/* Appends n zeros; n 0: nothing. */
void wb_zero(struct wbuf *w, size_t n);
/* Appends the n bytes at p; n 0: nothing, and p may be NULL. */
void wb_bytes(struct wbuf *w, const void *p, size_t n);
/* Appends the string, without its NUL, as a field of `width` bytes.  Cuts it if it is too long; fills the
 * rest with pad if it is too short. */
void wb_pad_str(struct wbuf *w, const char *s, size_t width, char pad);

/* Overwrites the byte at offset off, which must have been appended before.  All wb_patch functions leave
 * out bytes beyond cap, and do not change len. */
void wb_patch_u8(struct wbuf *w, size_t off, uint8_t v);
/* Overwrites the two bytes at the offset off with 16 bits, big-endian. */
void wb_patch_be16(struct wbuf *w, size_t off, uint16_t v);
/* Overwrites the three bytes at the offset off with the low 24 bits of v, big-endian. */
void wb_patch_be24(struct wbuf *w, size_t off, uint32_t v);
/* Overwrites the four bytes at the offset off with 32 bits, big-endian. */
void wb_patch_be32(struct wbuf *w, size_t off, uint32_t v);

#endif
