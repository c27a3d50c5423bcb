/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Images: what disc a file is, and how long its volume says that it is. The input has a byte with the name and
 * the form of the sectors, two bytes with their number, and records: address of two bytes, offset of two
 * bytes, length of one byte, as much data.
 */
#include "tests/fuzz/fuzz.h"

#include "tests/unit/model/fixture.h"

static struct fixture fx;

static void
begin(void)
{
	folders_in_memory(NULL);
	FUZZ_CHECK(folder_make(fx.dir, sizeof(fx.dir)) == 0);
	snprintf(fx.store, sizeof(fx.store), "%s/store", fx.dir);
	log_level = LOG_LEVEL_ERR;
	open_store(&fx, 2, 0, 1);
	assert_ok(jb_setting_set(fx.jb, JB_SET_HASH_COMPLETED, 0, "0"));
}

static void
end(void)
{
	jb_close(fx.jb);
	folder_remove(fx.dir);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"X.iso", "X.bin", "X.img", "X.cd-r.iso", "X.bd-re.iso",
		"X.dvd+rw.iso", "X", "X.udf"};
	struct feed f = {data, size};
	uint8_t first = feed_u8(&f);
	const char *name = names[first % 8];
	uint64_t sector = first & 0x80 ? 2352 : 2048, bytes = feed_u16(&f) * sector;
	struct jb_file *file;
	struct jb_item item;

	if (fx.jb == NULL) {
		begin();
		atexit(end);
	}
	FUZZ_CHECK(jb_file_create(fx.jb, slot(1), name, 0644, 1, 2, &file, &item) == JB_OK);
	while (f.left > 0) {
		uint64_t at = feed_u16(&f) * sector;
		size_t got;
		const uint8_t *part;

		at += feed_u16(&f);
		part = feed_take(&f, feed_u8(&f), &got);
		if (got > 0)
			jb_file_write(file, part, got, at);
	}
	jb_file_truncate(fx.jb, item.id, bytes);
	jb_file_flush(file, false);
	jb_file_release(file);
	jb_item_by_id(fx.jb, item.id, &item);
	FUZZ_CHECK(jb_item_remove(fx.jb, slot(1), item.name) == JB_OK);
	return 0;
}
