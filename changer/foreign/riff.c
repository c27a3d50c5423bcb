/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/foreign/riff.h"

#include <string.h>

#include "changer/foreign/le.h"

enum {
	HEAD = 12, /* "RIFF", size, "WAVE" */
	CHUNK = 8, /* name, size */
	CHUNKS_MAX = 1024,
	FORMAT_MIN = 16,
	FORMAT_MAX = 26, /* with the beginning of the sub-format */
	PCM = 1,
	EXTENSIBLE = 0xfffe,
};

bool
riff_is_wave(struct foreign *f, unsigned file)
{
	uint8_t head[HEAD];

	return f->read(f->arg, file, 0, head, sizeof(head)) == sizeof(head) &&
	       memcmp(head, "RIFF", 4) == 0 && memcmp(head + 8, "WAVE", 4) == 0;
}

/* Returns true if the fmt chunk of n bytes describes samples as on a CD. */
static bool
is_cd_format(const uint8_t *fmt, size_t n)
{
	unsigned tag = le16(fmt);

	if (tag == EXTENSIBLE && n == FORMAT_MAX)
		tag = le16(fmt + 24);
	return tag == PCM && le16(fmt + 2) == 2 && le32(fmt + 4) == 44100 && le16(fmt + 14) == 16;
}

/* Checks the fmt chunk, which has size bytes at the offset `at`.  Returns true if it describes samples as
 * on a CD; otherwise false, after refusing the files. */
static bool
read_format(struct foreign *f, unsigned file, uint64_t at, uint32_t size)
{
	uint8_t fmt[FORMAT_MAX] = {0};
	size_t n = size < FORMAT_MAX ? size : FORMAT_MAX;

	if (n >= FORMAT_MIN && !foreign_read(f, file, at, fmt, n))
		return false;
	if (n >= FORMAT_MIN && is_cd_format(fmt, n))
		return true;
	return foreign_refuse(f,
		"%s is not as on a CD: convert it to 44100 Hz, 16 bit, stereo, PCM",
		f->files[file].name);
}

/* Returns true if the program that wrote the file has not completed its header: the size in the header is
 * not that of the file.  Returns false if the header is right or cannot be read. */
static bool
is_streamed(struct foreign *f, unsigned file)
{
	uint8_t head[HEAD];

	return foreign_read(f, file, 0, head, sizeof(head)) &&
	       (uint64_t)le32(head + 4) + CHUNK != f->files[file].size;
}

/* Stores in *offset and *bytes where the samples are: the data chunk has size bytes at the offset `at`.  If
 * the file ends before that, or size is 0, takes all up to the file's end, with a warning.  Programs that
 * write to a pipe do not know the size. */
static void
take_data(struct foreign *f, unsigned file, uint64_t at, uint32_t size, uint64_t *offset,
	uint64_t *bytes)
{
	uint64_t left = f->files[file].size - at;

	*offset = at;
	*bytes = size > 0 && size <= left ? size : left;
	if (size > left)
		foreign_warn(f, "%s is shorter than its header says", f->files[file].name);
	else if (size == 0)
		foreign_warn(f, "%s does not say how long it is: all of it is taken",
			f->files[file].name);
}

bool
riff_find_samples(struct foreign *f, unsigned file, uint64_t *offset, uint64_t *bytes)
{
	uint64_t at = HEAD, end = f->files[file].size;
	bool has_format = false;

	if (!riff_is_wave(f, file))
		return foreign_refuse(
			f, "%s is no WAVE file: decode it to one", f->files[file].name);
	for (unsigned i = 0; i < CHUNKS_MAX && at + CHUNK <= end; i++) {
		uint8_t chunk[CHUNK];
		uint32_t size;

		if (!foreign_read(f, file, at, chunk, sizeof(chunk)))
			return false;
		size = le32(chunk + 4);
		at += CHUNK;
		if (memcmp(chunk, "fmt ", 4) == 0) {
			if (!read_format(f, file, at, size))
				return false;
			has_format = true;
		} else if (memcmp(chunk, "data", 4) == 0 && has_format && at < end &&
			   (size > 0 || is_streamed(f, file))) {
			take_data(f, file, at, size, offset, bytes);
			return true;
		}
		at += (uint64_t)size + size % 2;
	}
	return foreign_refuse(
		f, "%s has no samples: decode it to a WAVE file again", f->files[file].name);
}
