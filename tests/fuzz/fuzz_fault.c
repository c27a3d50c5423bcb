/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fault rules. The first byte says whether they are a drive's; the rest is their text. */
#include "tests/fuzz/fuzz.h"

#include "changer/drive/fault.h"

static bool
same(const struct fault_rule *a, const struct fault_rule *b)
{
	return a->verb == b->verb && a->somewhere == b->somewhere && a->how == b->how &&
	       a->err == b->err && a->delay_ms == b->delay_ms && a->count == b->count &&
	       (!a->somewhere || (a->first == b->first && a->last == b->last));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fault_rule rules[FAULT_RULES_MAX], again[FAULT_RULES_MAX];
	struct feed f = {data, size};
	bool drive = feed_u8(&f) % 2 == 0;
	char *text = feed_text(&f, f.left), shown[FAULT_TEXT_MAX];
	unsigned n = 0, n_again = 0;
	uint32_t at;

	if (fault_parse(text, drive, rules, &n) != JB_OK)
		n = 0;
	FUZZ_CHECK(n <= FAULT_RULES_MAX);
	for (unsigned i = 0; i < n; i++) {
		fault_print(&rules[i], shown);
		FUZZ_CHECK(fault_parse(shown, drive, again, &n_again) == JB_OK && n_again == 1);
		FUZZ_CHECK(same(&rules[i], &again[0]));
		fault_is_active(&rules[i]);
		fault_hits_command(&rules[i]);
		fault_hits_sectors(&rules[i], rules[i].first, 3, &at);
		fault_hits_sectors(&rules[i], 0xffffffff, 2, &at);
		fault_hits_move(&rules[i], (struct jb_elem){JB_SLOT, 1}, rules[i].elem);
	}
	free(text);
	return 0;
}
