/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The addresses of elements, by type. */
#include "changer/smc/smc_lu.h"

struct smc_range
smc_range_of(const struct smc *smc, enum jb_elem_type type)
{
	struct smc_range range = {.type = type, .count = jb_count(smc->jb, type)};
	struct jb_elem first = {.type = type, .number = jb_first_number(type)};

	if (range.count > 0)
		range.first = jb_elem_address(smc->jb, first);
	return range;
}

void
smc_ranges(const struct smc *smc, struct smc_range out[SMC_TYPES])
{
	static const enum jb_elem_type types[SMC_TYPES] = {
		JB_DRIVE, JB_PICKER, JB_MAILSLOT, JB_SLOT};

	for (unsigned i = 0; i < SMC_TYPES; i++) {
		struct smc_range range = smc_range_of(smc, types[i]);
		unsigned at = i;

		for (; at > 0 && out[at - 1].first > range.first; at--)
			out[at] = out[at - 1];
		out[at] = range;
	}
}
