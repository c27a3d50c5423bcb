/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/foreign/unpack.h"

#include <lzma.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <zlib.h>
#include <zstd.h>

enum {
	IN_SIZE = 128 << 10,
	OUT_SIZE = 256 << 10,
	MEMORY_MAX = 256 << 20, /* for a decoder */
	WINDOW_LOG_MAX = 27,	/* what zstd takes without an option, 128 MiB */
	GZIP_WINDOW = 15 + 16,	/* the largest one; with a header of gzip */
	MAGIC_MAX = 6,
};

/* A decoder with its buffers. */
struct unpacker {
	const uint8_t *in; /* the next input, in_left bytes */
	size_t in_left;
	uint8_t *out; /* the room for the next output, out_left bytes */
	size_t out_left;
	bool last;  /* true: the file has no more input than that at `in` */
	bool ended; /* true: what was unpacked is complete, so the file may end here */
	union {
		z_stream gzip;
		lzma_stream xz;
		ZSTD_DStream *zstd;
	} state;
};

static const char damaged[] = "it is damaged: copy it again";

/* ---- gzip ------------------------------------------------------------------------------------ */

/* Makes the decoder.  Returns false if memory is missing. */
static bool
begin_gzip(struct unpacker *u)
{
	return inflateInit2(&u->state.gzip, GZIP_WINDOW) == Z_OK;
}

/* Unpacks some bytes: the function `step` of struct packing.  A file may have several gzip members one
 * behind the other.  Skips zeros behind each, with which tapes fill their last block. */
static const char *
step_gzip(struct unpacker *u)
{
	z_stream *z = &u->state.gzip;
	int result;

	while (u->ended && u->in_left > 0 && *u->in == 0) {
		u->in++;
		u->in_left--;
	}
	if (u->ended && u->in_left == 0)
		return NULL;
	if (u->ended && inflateReset(z) != Z_OK)
		return damaged;
	z->next_in = (Bytef *)(uintptr_t)u->in;
	z->avail_in = (uInt)u->in_left;
	z->next_out = u->out;
	z->avail_out = (uInt)u->out_left;
	result = inflate(z, Z_NO_FLUSH);
	u->in = z->next_in;
	u->in_left = z->avail_in;
	u->out = z->next_out;
	u->out_left = z->avail_out;
	u->ended = result == Z_STREAM_END;
	return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR ? NULL : damaged;
}

/* Frees the decoder. */
static void
end_gzip(struct unpacker *u)
{
	inflateEnd(&u->state.gzip);
}

/* ---- xz -------------------------------------------------------------------------------------- */

/* Makes the decoder.  Returns false if memory is missing. */
static bool
begin_xz(struct unpacker *u)
{
	u->state.xz = (lzma_stream)LZMA_STREAM_INIT;
	return lzma_stream_decoder(&u->state.xz, MEMORY_MAX, LZMA_CONCATENATED) == LZMA_OK;
}

/* Unpacks some bytes: the function `step` of struct packing.  Refuses a file whose decoder needs more than
 * MEMORY_MAX. */
static const char *
step_xz(struct unpacker *u)
{
	lzma_stream *x = &u->state.xz;
	lzma_ret result;

	if (u->ended)
		return NULL;
	x->next_in = u->in;
	x->avail_in = u->in_left;
	x->next_out = u->out;
	x->avail_out = u->out_left;
	result = lzma_code(x, u->last ? LZMA_FINISH : LZMA_RUN);
	u->in = x->next_in;
	u->in_left = x->avail_in;
	u->out = x->next_out;
	u->out_left = x->avail_out;
	u->ended = result == LZMA_STREAM_END;
	if (result == LZMA_MEMLIMIT_ERROR)
		return "it needs more than 256 MiB of memory: pack it with a smaller dictionary";
	return result == LZMA_OK || result == LZMA_STREAM_END || result == LZMA_BUF_ERROR ? NULL
											  : damaged;
}

/* Frees the decoder. */
static void
end_xz(struct unpacker *u)
{
	lzma_end(&u->state.xz);
}

/* ---- zstd ------------------------------------------------------------------------------------ */

/* Makes the decoder.  Returns false if memory is missing. */
static bool
begin_zstd(struct unpacker *u)
{
	u->state.zstd = ZSTD_createDStream();
	if (u->state.zstd != NULL && !ZSTD_isError(ZSTD_DCtx_setParameter(
					     u->state.zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX)))
		return true;
	ZSTD_freeDStream(u->state.zstd);
	return false;
}

/* Unpacks some bytes: the function `step` of struct packing.  Refuses a file whose window is larger than
 * WINDOW_LOG_MAX. */
static const char *
step_zstd(struct unpacker *u)
{
	ZSTD_inBuffer in = {u->in, u->in_left, 0};
	ZSTD_outBuffer out = {u->out, u->out_left, 0};
	size_t result;

	if (u->ended && u->in_left == 0)
		return NULL;
	result = ZSTD_decompressStream(u->state.zstd, &out, &in);
	u->in += in.pos;
	u->in_left -= in.pos;
	u->out += out.pos;
	u->out_left -= out.pos;
	u->ended = result == 0;
	return ZSTD_isError(result) ? "it is damaged, or needs more than 128 MiB of memory" : NULL;
}

/* Frees the decoder. */
static void
end_zstd(struct unpacker *u)
{
	ZSTD_freeDStream(u->state.zstd);
}

/* ---- all ------------------------------------------------------------------------------------- */

/* The packings that are known. */
static const struct packing {
	const char *suffix, *name; /* the suffix of its files; its name for users */
	size_t magic_size;
	uint8_t magic[MAGIC_MAX];	   /* the first magic_size bytes of its files */
	bool (*begin)(struct unpacker *u); /* makes the decoder; false: memory is missing */
	/* Takes some bytes at u->in and stores some at u->out; updates all members of *u.  Returns NULL, or a
	 * sentence why the file cannot be unpacked. */
	const char *(*step)(struct unpacker *u);
	void (*end)(struct unpacker *u); /* frees the decoder */
} packings[] = {
	{".gz", "gzip", 3, {0x1f, 0x8b, 8}, begin_gzip, step_gzip, end_gzip},
	{".xz", "xz", 6, {0xfd, '7', 'z', 'X', 'Z', 0}, begin_xz, step_xz, end_xz},
	{".zst", "zstd", 4, {0x28, 0xb5, 0x2f, 0xfd}, begin_zstd, step_zstd, end_zstd},
};

/* Returns the packing that has the suffix of the name, in upper or lower case; NULL if none has it. */
static const struct packing *
packing_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot != NULL && dot != name && i < sizeof(packings) / sizeof(packings[0]);
		i++)
		if (strcasecmp(dot, packings[i].suffix) == 0)
			return &packings[i];
	return NULL;
}

bool
unpack_is_name(const char *name)
{
	return packing_of(name) != NULL;
}

bool
unpack_look(struct foreign *f, unsigned file)
{
	const struct packing *p = packing_of(f->files[file].name);
	uint8_t head[MAGIC_MAX] = {0};

	if (p != NULL && f->read(f->arg, file, 0, head, p->magic_size) == p->magic_size &&
		memcmp(head, p->magic, p->magic_size) == 0)
		return true;
	return foreign_refuse(f, "%s is not packed by %s: give it its right name",
		f->files[file].name, p != NULL ? p->name : "a program that is known");
}

/* The state of unpack_file. */
struct work {
	struct foreign *f;
	unsigned file; /* an index in f->files */
	/* bytes of the file that were read; bytes that were written; the most that may be written */
	uint64_t read, written, limit;
	join_write *write;
	void *arg;
	uint8_t in[IN_SIZE], out[OUT_SIZE];
};

/* Reads more of the file for the decoder, if its input is used up.  Returns true; or false after refusing
 * the files, if the file cannot be read. */
static bool
refill(struct work *w, struct unpacker *u)
{
	uint64_t left = w->f->files[w->file].size - w->read;
	size_t n = left < IN_SIZE ? (size_t)left : IN_SIZE;

	if (u->in_left > 0)
		return true;
	if (!foreign_read(w->f, w->file, w->read, w->in, n))
		return false;
	w->read += n;
	u->in = w->in;
	u->in_left = n;
	u->last = left == n;
	return true;
}

/* Writes what the decoder has unpacked, and makes its whole buffer free again.  Returns true; false if
 * w->write returns false; or false after refusing the files, if that is more than w->limit in all. */
static bool
drain(struct work *w, struct unpacker *u)
{
	size_t n = OUT_SIZE - u->out_left;

	if (n > w->limit - w->written)
		return foreign_refuse(
			w->f, "%s has more in it than any disc holds", w->f->files[w->file].name);
	w->written += n;
	u->out = w->out;
	u->out_left = OUT_SIZE;
	return n == 0 || w->write(w->arg, w->out, n);
}

/* Unpacks the whole file.  Returns true; false if w->write returns false; or false after refusing the
 * files. */
static bool
run(struct work *w, const struct packing *p, struct unpacker *u)
{
	const char *why;
	bool more = true;

	u->out = w->out;
	u->out_left = OUT_SIZE;
	while (more) {
		size_t in_left, out_left = u->out_left;

		if (!refill(w, u))
			return false;
		in_left = u->in_left;
		why = p->step(u);
		if (why != NULL)
			return foreign_refuse(w->f, "%s: %s", w->f->files[w->file].name, why);
		more = u->in_left != in_left || u->out_left != out_left ||
		       (u->in_left == 0 && !u->last);
		if ((u->out_left == 0 || !more) && !drain(w, u))
			return false;
	}
	if (!u->ended)
		return foreign_refuse(
			w->f, "%s ends too early: copy it again", w->f->files[w->file].name);
	return true;
}

bool
unpack_file(struct foreign *f, unsigned file, uint64_t limit, join_write *write, void *arg)
{
	const struct packing *p = packing_of(f->files[file].name);
	struct unpacker u = {.ended = false};
	struct work *w = malloc(sizeof(*w));
	bool ok = false;

	if (w == NULL || p == NULL || !p->begin(&u)) {
		free(w);
		return foreign_refuse(f, "memory is missing");
	}
	w->f = f;
	w->file = file;
	w->read = w->written = 0;
	w->limit = limit;
	w->write = write;
	w->arg = arg;
	ok = run(w, p, &u);
	f->result->bytes = w->written;
	p->end(&u);
	free(w);
	return ok;
}
