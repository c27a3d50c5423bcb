/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "changer/settings/setting.h"

static char canonical[JB_TEXT_MAX];

static void
takes_as(enum jb_setting s, const char *value, const char *as)
{
	memset(canonical, 'x', sizeof(canonical));
	if (!setting_check(s, value, canonical))
		fail_msg("%s does not take \"%s\"", setting_path(s), value);
	assert_string_equal(canonical, as);
}

static void
takes(enum jb_setting s, const char *value)
{
	takes_as(s, value, value);
}

static void
refuses(enum jb_setting s, const char *value)
{
	if (setting_check(s, value, canonical))
		fail_msg("%s takes \"%s\"", setting_path(s), value);
}

static void
every_default_passes_its_own_check(void **state)
{
	for (unsigned i = 0; i < JB_SETTING_COUNT; i++) {
		enum jb_setting s = (enum jb_setting)i;
		char line[JB_TEXT_MAX + 1];

		takes(s, setting_default(s));
		snprintf(line, sizeof(line), "%s\n", setting_default(s));
		takes_as(s, line, setting_default(s));
	}
}

static void
no_row_takes_what_breaks_a_line_or_is_too_long(void **state)
{
	char endless[2 * JB_TEXT_MAX];

	memset(endless, 'a', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	for (unsigned i = 0; i < JB_SETTING_COUNT; i++) {
		enum jb_setting s = (enum jb_setting)i;

		refuses(s, endless);
		refuses(s, "a\nb");
		refuses(s, "1\n\n");
		refuses(s, "\x01");
		refuses(s, "\xc3\xa4");
		if (setting_default(s)[0] != '\0') {
			refuses(s, "");
			refuses(s, "\n");
		}
	}
}

static void
media(void **state)
{
	takes(JB_SET_DEFAULT_PROFILE, "dvd+r");
	takes_as(JB_SET_DEFAULT_PROFILE, "DVD+R\n", "dvd+r");
	refuses(JB_SET_DEFAULT_PROFILE, "dvd-rom"); /* a blank cannot be of this type */
	refuses(JB_SET_DEFAULT_PROFILE, "floppy");
	refuses(JB_SET_DEFAULT_PROFILE, "dvd+r ");
}

static void
texts(void **state)
{
	takes(JB_SET_CHANGER_VENDOR, "12345678");
	refuses(JB_SET_CHANGER_VENDOR, "123456789");
	takes(JB_SET_CHANGER_VENDOR, "A B");
	refuses(JB_SET_CHANGER_VENDOR, "A\tB");
	refuses(JB_SET_CHANGER_VENDOR, "A\x7f");
	takes(JB_SET_DRIVE_PRODUCT, "1234567890123456");
	refuses(JB_SET_DRIVE_PRODUCT, "12345678901234567");
	takes(JB_SET_DRIVE_REVISION, "1.00");
	refuses(JB_SET_DRIVE_REVISION, "1.000");
	takes(JB_SET_DRIVE_SERIAL, "12345678901234567890123456789012");
	refuses(JB_SET_DRIVE_SERIAL, "123456789012345678901234567890123");
	takes(JB_SET_DRIVE_SERIAL, "");
}

static void
addresses(void **state)
{
	takes(JB_SET_CHANGER_FIRST_SLOT, "1");
	takes(JB_SET_CHANGER_FIRST_SLOT, "65535");
	takes_as(JB_SET_CHANGER_FIRST_SLOT, "0016\n", "16");
	refuses(JB_SET_CHANGER_FIRST_SLOT, "0");
	refuses(JB_SET_CHANGER_FIRST_SLOT, "65536");
	refuses(JB_SET_CHANGER_FIRST_SLOT, "99999999999999999999");
	refuses(JB_SET_CHANGER_FIRST_SLOT, "-1");
	refuses(JB_SET_CHANGER_FIRST_SLOT, "+1");
	refuses(JB_SET_CHANGER_FIRST_SLOT, " 1");
	refuses(JB_SET_CHANGER_FIRST_SLOT, "0x10");
	refuses(JB_SET_CHANGER_FIRST_SLOT, "1 2");
}

static void
booleans(void **state)
{
	takes(JB_SET_DRIVE_FINALIZE_AS_ROM, "0");
	takes(JB_SET_DRIVE_FINALIZE_AS_ROM, "1");
	takes_as(JB_SET_DRIVE_FINALIZE_AS_ROM, "Yes\n", "1");
	takes_as(JB_SET_DRIVE_FINALIZE_AS_ROM, "off", "0");
	refuses(JB_SET_DRIVE_FINALIZE_AS_ROM, "2");
	refuses(JB_SET_DRIVE_FINALIZE_AS_ROM, "maybe");
	takes(JB_SET_DRIVE_OVERBURN, "4500");
	takes_as(JB_SET_DRIVE_OVERBURN, "ON", "on");
	takes_as(JB_SET_DRIVE_OVERBURN, "off", "0");
	refuses(JB_SET_DRIVE_OVERBURN, "-1");
	refuses(JB_SET_DRIVE_OVERBURN, "100000");
}

static void
target_names(void **state)
{
	char name[256] = "iqn.2026-01.org.example:";

	takes(JB_SET_TARGET_NAME, "iqn.2026-01.org.example");
	takes(JB_SET_TARGET_NAME, "iqn.2026-12.org.ex-ample:storage.disk:1");
	takes_as(JB_SET_TARGET_NAME, "IQN.2026-01.Org.Example:A\n", "iqn.2026-01.org.example:a");
	takes(JB_SET_TARGET_NAME, "eui.02004567a425678d");
	takes(JB_SET_TARGET_NAME, "naa.52004567ba64678d");
	takes(JB_SET_TARGET_NAME, "naa.62004567ba64678d0123456789abcdef");
	refuses(JB_SET_TARGET_NAME, "iqn.2026-01.");
	refuses(JB_SET_TARGET_NAME, "iqn.2026-01");
	refuses(JB_SET_TARGET_NAME, "iqn.");
	refuses(JB_SET_TARGET_NAME, "iqn.2026-13.org.example");
	refuses(JB_SET_TARGET_NAME, "iqn.2026-00.org.example");
	refuses(JB_SET_TARGET_NAME, "iqn.26-01.org.example");
	refuses(JB_SET_TARGET_NAME, "iqn.2026-01.org..example");
	refuses(JB_SET_TARGET_NAME, "iqn.2026-01..example");
	refuses(JB_SET_TARGET_NAME, "iqn.2026-01.org.:a");
	refuses(JB_SET_TARGET_NAME, "iqn.2026-01.:a");
	refuses(JB_SET_TARGET_NAME, "iqn.2026-01.org.example:a b");
	refuses(JB_SET_TARGET_NAME, "iqn.2026-01.org.example:a_b");
	refuses(JB_SET_TARGET_NAME, "eui.02004567a425678");
	refuses(JB_SET_TARGET_NAME, "eui.02004567a425678g");
	refuses(JB_SET_TARGET_NAME, "naa.52004567ba64678d0");
	refuses(JB_SET_TARGET_NAME, "disk1");
	/* At most 223 bytes (RFC 7143 4.2.7.1). */
	memset(name + strlen(name), 'a', 223 - strlen(name));
	takes(JB_SET_TARGET_NAME, name);
	name[223] = 'a';
	refuses(JB_SET_TARGET_NAME, name);
}

static void
paths_are_found(void **state)
{
	enum jb_setting s;
	unsigned drive;

	for (unsigned i = 0; i < JB_SETTING_COUNT; i++) {
		char path[128];
		const char *hole = strstr(setting_path((enum jb_setting)i), "%u");
		unsigned want = hole == NULL ? 0 : 63;

		assert_int_equal(setting_per_drive((enum jb_setting)i), hole != NULL);
		if (hole == NULL)
			snprintf(path, sizeof(path), "%s", setting_path((enum jb_setting)i));
		else
			snprintf(path, sizeof(path), "drives/63%s", hole + 2);
		assert_true(setting_find(path, &s, &drive));
		assert_int_equal(s, i);
		assert_int_equal(drive, want);
	}
}

static void
other_paths_are_not_found(void **state)
{
	static const char *const paths[] = {"", "changer", "changer/", "changer/vendor/",
		"changer/vendors", "drives/vendor", "drives//vendor", "drives/00/vendor",
		"drives/64/vendor", "drives/99999999999/vendor", "drives/-1/vendor",
		"drives/0/vendorx", "drives/0", "drives/%u/vendor", "/target/name"};
	enum jb_setting s;
	unsigned drive;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		assert_false(setting_find(paths[i], &s, &drive));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_default_passes_its_own_check),
		cmocka_unit_test(no_row_takes_what_breaks_a_line_or_is_too_long),
		cmocka_unit_test(media),
		cmocka_unit_test(texts),
		cmocka_unit_test(addresses),
		cmocka_unit_test(booleans),
		cmocka_unit_test(target_names),
		cmocka_unit_test(paths_are_found),
		cmocka_unit_test(other_paths_are_not_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
