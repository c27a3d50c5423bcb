/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "fsctl/mount.h"
#include "tests/unit/folder.h"
#include "tests/unit/skip.h"

static char dir[64], path[128], why[512];

static int
make_dir(void **state)
{
	char *real;

	if (folder_make(dir, sizeof(dir)) != 0)
		return -1;
	real = realpath(dir, NULL);
	snprintf(dir, sizeof(dir), "%s", real);
	free(real);
	return chdir(dir);
}

static int
remove_dir(void **state)
{
	return chdir("/") | folder_remove(dir);
}

static void
assert_prepared(const char *given, const char *want)
{
	char *got = mount_prepare(given, why, sizeof(why));

	if (got == NULL)
		fail_msg("%s: %s", given, why);
	assert_string_equal(got, want);
	free(got);
}

static void
test_a_missing_folder_is_made(void **state)
{
	struct stat st;

	snprintf(path, sizeof(path), "%s/new", dir);
	assert_prepared(path, path);
	assert_int_equal(stat(path, &st), 0);
	assert_true(S_ISDIR(st.st_mode));
}

static void
test_paths_are_made_absolute(void **state)
{
	char slashes[160];

	snprintf(path, sizeof(path), "%s/m", dir);
	assert_prepared("m", path);
	assert_prepared("./m", path);
	assert_prepared("m/", path);
	assert_prepared("m/.", path);
	snprintf(slashes, sizeof(slashes), "%s/m//", dir);
	assert_prepared(slashes, path);
	assert_int_equal(symlink("m", "link"), 0);
	assert_prepared("link", path);
}

static void
assert_refused(const char *given, const char *says)
{
	assert_null(mount_prepare(given, why, sizeof(why)));
	if (strstr(why, says) == NULL)
		fail_msg("%s: wanted \"%s\", got \"%s\"", given, says, why);
}

static void
test_what_cannot_be_mounted_on_is_refused(void **state)
{
	FILE *f;

	assert_int_equal(mkdir("full", 0755), 0);
	f = fopen("full/file", "w");
	assert_non_null(f);
	fclose(f);
	assert_refused("full", "not empty");
	assert_refused("full/file", "Not a directory");
	assert_refused("none/none", "No such file");
	assert_refused("", "No such file");
}

static void
test_neither_folder_may_be_inside_the_other(void **state)
{
	static const struct {
		const char *store, *mount, *says; /* NULL: they are apart */
	} rows[] = {
		{"one", "two", NULL},
		{"one", "one-more", NULL},
		{"one/store", "one/mount", NULL},
		{"two/s", "two", "is inside the mount point"},
		{"two/s/t/", "./two//", "is inside the mount point"},
		{"one", "one/m", "is inside the store"},
		{"one", "full/../one/m", "is inside the store"},
		{"one", "./one/", "are both"},
		{"/", "two", "is inside the store"},
		{"to-full/s", "full", "is inside the mount point"},
	};

	assert_int_equal(symlink("full", "to-full"), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		bool nests = mount_nests(rows[i].store, rows[i].mount, why, sizeof(why));

		if (nests != (rows[i].says != NULL) || (nests && !strstr(why, rows[i].says)))
			fail_msg(
				"%s in %s: \"%s\"", rows[i].store, rows[i].mount, nests ? why : "");
	}
	assert_int_not_equal(access("two", F_OK), 0);
}

/* Reads the mount table by other means than the tested code. */
static bool
proc_is_listed(void)
{
	static char table[256 * 1024];
	FILE *f = fopen("/proc/self/mountinfo", "re");
	size_t n;

	if (f == NULL)
		return false;
	n = fread(table, 1, sizeof(table) - 1, f);
	fclose(f);
	table[n] = '\0';
	return strstr(table, " /proc ") != NULL;
}

static void
test_the_table_of_mounts_is_read(void **state)
{
	struct stat st;
	dev_t dev;

	if (!proc_is_listed())
		skip_because("needs a mount point that can be seen, which a chroot may not have");
	assert_int_equal(stat("/proc", &st), 0);
	assert_true(mount_device("/proc", &dev));
	assert_int_equal(dev, st.st_dev);
	assert_true(mount_exists(dev));
	assert_false(mount_device(dir, &dev));
	assert_false(mount_exists(makedev(4095, 1048575)));
}

static void
test_octal_is_undone(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{"/mnt/jb", "/mnt/jb"},
		{"/a\\040b", "/a b"},
		{"/a\\134040", "/a\\040"},
		{"\\011\\012", "\t\n"},
		{"/x\\04", "/x\\04"},
		{"/x\\", "/x\\"},
		{"\\303\\244", "\xc3\xa4"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char s[32];

		strcpy(s, rows[i].from);
		mount_unescape(s);
		assert_string_equal(s, rows[i].to);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_missing_folder_is_made),
		cmocka_unit_test(test_paths_are_made_absolute),
		cmocka_unit_test(test_what_cannot_be_mounted_on_is_refused),
		cmocka_unit_test(test_neither_folder_may_be_inside_the_other),
		cmocka_unit_test(test_the_table_of_mounts_is_read),
		cmocka_unit_test(test_octal_is_undone),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
