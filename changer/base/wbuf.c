/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/base/wbuf.h"

#include <string.h>

#include "changer/base/be.h"

void
wbuf_init(struct wbuf *w, void *data, size_t cap)
{
	w->data = data;
	w->cap = cap;
	w->len = 0;
}

size_t
wbuf_stored(const struct wbuf *w)
{
	return w->len < w->cap ? w->len : w->cap;
}

/* Stores n bytes at offset off; leaves out those beyond the end of the buffer.  Does not change w->len. */
static void
store(struct wbuf *w, size_t off, const void *p, size_t n)
{
	if (off >= w->cap || n == 0)
		return;
	if (n > w->cap - off)
		n = w->cap - off;
	memcpy(w->data + off, p, n);
}

void
wb_bytes(struct wbuf *w, const void *p, size_t n)
{
	store(w, w->len, p, n);
	w->len += n;
}

/* Appends the byte n times; bytes beyond the end are only counted. */
static void
fill(struct wbuf *w, uint8_t byte, size_t n)
{
	if (w->len < w->cap) {
		size_t room = w->cap - w->len;

		memset(w->data + w->len, byte, n < room ? n : room);
	}
	w->len += n;
}

void
wb_zero(struct wbuf *w, size_t n)
{
	fill(w, 0, n);
}

void
wb_u8(struct wbuf *w, uint8_t v)
{
	wb_bytes(w, &v, 1);
}

void
wb_be16(struct wbuf *w, uint16_t v)
{
	uint8_t b[2];

	put_be16(b, v);
	wb_bytes(w, b, sizeof(b));
}

void
wb_be24(struct wbuf *w, uint32_t v)
{
	uint8_t b[3];

	put_be24(b, v);
	wb_bytes(w, b, sizeof(b));
}

void
wb_be32(struct wbuf *w, uint32_t v)
{
	uint8_t b[4];

	put_be32(b, v);
	wb_bytes(w, b, sizeof(b));
}

void
wb_be64(struct wbuf *w, uint64_t v)
{
	uint8_t b[8];

	put_be64(b, v);
	wb_bytes(w, b, sizeof(b));
}

void
wb_pad_str(struct wbuf *w, const char *s, size_t width, char pad)
{
	size_t n = strnlen(s, width);

	wb_bytes(w, s, n);
	fill(w, (uint8_t)pad, width - n);
}

void
wb_patch_u8(struct wbuf *w, size_t off, uint8_t v)
{
	store(w, off, &v, 1);
}

void
wb_patch_be16(struct wbuf *w, size_t off, uint16_t v)
{
	uint8_t b[2];

	put_be16(b, v);
	store(w, off, b, sizeof(b));
}

void
wb_patch_be24(struct wbuf *w, size_t off, uint32_t v)
{
	uint8_t b[3];

	put_be24(b, v);
	store(w, off, b, sizeof(b));
}

void
wb_patch_be32(struct wbuf *w, size_t off, uint32_t v)
{
	uint8_t b[4];

	put_be32(b, v);
	store(w, off, b, sizeof(b));
}
