/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A linked disc in the drive whose file was changed or is gone. The drive is not ready. Commands that need no
 * medium answer as if there were none.
 */
#include "tests/unit/mmc/drive.h"

#include <fcntl.h>

static enum jb_err
opener(void *arg, const char *path, const struct jb_caller *caller, int *fd)
{
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	return *fd >= 0 ? JB_OK : JB_LINK_DANGLES;
}

static const char *
outside(const struct bay *bay, char path[96])
{
	snprintf(path, 96, "%s.outside", bay->path);
	return path;
}

static void
write_outside(const struct bay *bay, unsigned sectors)
{
	static uint8_t data[16 * SECTOR];
	char path[96];
	int fd = open(outside(bay, path), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	fill_sectors(data, 0, sectors);
	assert_int_equal(write(fd, data, (size_t)sectors * SECTOR), (size_t)sectors * SECTOR);
	close(fd);
}

static void
a_broken_link_is_no_medium(void **state)
{
	static const struct jb_caller me;
	struct bay *bay = *state;
	struct run *r = &bay->r[0];
	struct jb_item item;
	char path[96];

	write_outside(bay, 16);
	jb_set_opener(bay->jb, opener, NULL);
	assert_int_equal(
		jb_item_link(bay->jb, bay_element, "L.iso", outside(bay, path), &me, &item), JB_OK);
	run_clear_ua(r);
	bay_read(r, 0, 16);
	run_assert_good(r);
	write_outside(bay, 3);
	bay_read(r, 0, 3);
	run_assert_sense(r, 0x02, 0x04, 0x03);
	/* Profile 0, and no feature of a medium is current; also if each feature is asked for alone. */
	run_cdb(r, NULL, 0, 0x46, 0, 0, 0, 0, 0, 0, 0x10, 0, 0);
	run_assert_good(r);
	assert_int_equal(get_be16(r->data + 6), 0);
	for (unsigned code = 0; code < 0x120; code++) {
		run_cdb(r, NULL, 0, 0x46, 2, (uint8_t)(code >> 8), (uint8_t)code, 0, 0, 0, 0, 0xff,
			0);
		run_assert_good(r);
	}
	run_cdb(r, NULL, 0, 0x23, 0, 0, 0, 0, 0, 0, 0, 0xff, 0);
	run_assert_good(r);
	assert_int_equal(r->data[8], 3);
	run_cdb(r, NULL, 0, 0x5a, 0, 0x3f, 0, 0, 0, 0, 4, 0, 0);
	run_assert_good(r);
	/* READ DISC INFORMATION finds the file changed as well. */
	run_cdb(r, NULL, 0, 0x51, 0, 0, 0, 0, 0, 0, 0, 34, 0);
	run_assert_sense(r, 0x02, 0x04, 0x03);
	assert_int_equal(unlink(path), 0);
	jb_set_opener(bay->jb, NULL, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_broken_link_is_no_medium),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
