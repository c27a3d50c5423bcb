/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Foreign image formats and packed files. The input has a record for each file: a byte with its name, and the
 * length of two bytes; behind it the content, or, if bit 7 of the byte is set, nothing: then the file has 16
 * bytes of a pattern for each one of the length.
 */
#include "tests/fuzz/fuzz.h"
#include "tests/unit/foreign/box.h"

static const char *const names[] = {"d.cue", "d.bin", "d.toc", "d.ccd", "d.img", "d.sub", "d.mds",
	"d.mdf", "d.nrg", "a.wav", "b.wav", "d.cdt", "d.iso", "d.iso.gz", "d.iso.xz", "d.iso.zst"};
enum { NAMES = sizeof(names) / sizeof(names[0]), PATTERN = 0x80, FILES_MAX = 12 };

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct box b;
	struct feed f = {data, size};

	while (f.left > 0 && b.n < FILES_MAX) {
		uint8_t first = feed_u8(&f);
		size_t n = feed_u16(&f), got;
		const char *name = names[first % PATTERN % NAMES];

		if (first & PATTERN) {
			box_put_bytes(&b, name, first, n * 16 + 1);
		} else {
			const uint8_t *bytes = feed_take(&f, n, &got);

			box_put(&b, name, bytes, got);
		}
	}
	box_import(&b);
	box_empty(&b);
	return 0;
}
