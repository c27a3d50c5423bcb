/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values of settings. The first two bytes are the setting; the rest is the value, and also the path of one. */
#include "tests/fuzz/fuzz.h"

#include <netinet/in.h>

#include "changer/base/duration.h"
#include "changer/settings/acl.h"
#include "changer/settings/setting.h"

/* Lists are read by those who ask whether a peer may log in. */
static void
use_list(const char *list)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	acl_has_address(list, (struct sockaddr *)&in);
	acl_has_address(list, (struct sockaddr *)&in6);
	acl_has_name(list, "iqn.2026-11.test:initiator");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char canonical[JB_TEXT_MAX], again[JB_TEXT_MAX];
	struct feed f = {data, size};
	enum jb_setting s = (enum jb_setting)(feed_u16(&f) % JB_SETTING_COUNT), found;
	char *value = feed_text(&f, f.left);
	unsigned drive, ms;

	if (setting_find(value, &found, &drive))
		FUZZ_CHECK(found < JB_SETTING_COUNT);
	duration_parse(value, &ms);
	use_list(value);
	acl_check_user(value, canonical);
	if (setting_check(s, value, canonical)) {
		/* What is stored is read again at the next start. */
		FUZZ_CHECK(setting_check(s, canonical, again));
		FUZZ_CHECK(strcmp(canonical, again) == 0);
		use_list(canonical);
	} else {
		FUZZ_CHECK(setting_refusal(s) != JB_OK);
	}
	free(value);
	return 0;
}
