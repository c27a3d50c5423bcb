/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The settings of initiators, such as mode pages 01h and 05h, and their defaults.
 */
#include <string.h>

#include "target/mmc/unit.h"

enum {
	TRACK_MODE_INCREMENTAL = 5, /* in byte 3 of page 05h */
	BLOCK_MODE_1 = 8,	    /* in byte 4 */
};

/* The default of page 01h: 32 retries of reading and of writing. */
static const uint8_t recovery_default[RECOVERY_PAGE_LEN] = {
	MMC_PAGE_RECOVERY, 10, 0, 32, 0, 0, 0, 0, 32};

/* The default of page 05h, before mmc_default_write raises its write type from 0 to an allowed one.  It
 * allows further sessions, and its track mode is incremental: DVD+R is always recorded so. */
static const uint8_t write_default[WRITE_PAGE_LEN] = {
	[0] = MMC_PAGE_WRITE,
	[1] = WRITE_PAGE_LEN - MMC_PAGE_HEADER_LEN,
	[2] = WRITE_BUFE,
	[3] = WRITE_MULTI_ALLOWED << WRITE_MULTI_SHIFT | TRACK_MODE_INCREMENTAL,
	[4] = BLOCK_MODE_1,
	[13] = 16,  /* packet size, 10 to 13 */
	[15] = 150, /* audio pause length, 14 and 15 */
};

unsigned
mmc_write_types(struct mmc *m)
{
	const struct medium *medium = mmc_medium(m), *row;
	unsigned types = 0;

	if (medium != NULL && medium_writable(medium) && medium->write_types != 0)
		return medium->write_types;
	for (size_t i = 0; (row = medium_row(i)) != NULL; i++)
		types |= row->write_types;
	return types;
}

void
mmc_default_recovery(uint8_t page[RECOVERY_PAGE_LEN])
{
	memcpy(page, recovery_default, RECOVERY_PAGE_LEN);
}

void
mmc_default_write(struct mmc *m, uint8_t page[WRITE_PAGE_LEN])
{
	unsigned types = mmc_write_types(m);

	memcpy(page, write_default, WRITE_PAGE_LEN);
	while (types != 0 && !(types & 1)) {
		types >>= 1;
		page[2]++;
	}
}

struct mmc_settings *
mmc_settings(struct mmc *m)
{
	struct drive_view view;

	drive_view(m->drive, &view);
	if (m->settings.medium != view.media_changes) {
		memset(&m->settings, 0, sizeof(m->settings));
		m->settings.medium = view.media_changes;
		mmc_default_recovery(m->settings.recovery);
		mmc_default_write(m, m->settings.write);
	}
	return &m->settings;
}

uint8_t
mmc_write_type(const struct mmc_settings *s)
{
	return s->write[2] & WRITE_TYPE_MASK;
}

bool
mmc_wants_disc_at_once(const struct mmc_settings *s)
{
	return s->write_selected && mmc_write_type(s) == WRITE_SAO;
}
