/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a finished file is: a blank, a pressed or a recorded disc, or incomplete.
 */
#include <string.h>

#include "changer/disc/volume_size.h"
#include "changer/insert/classify.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"

static const struct medium *
default_medium(struct jukebox *jb)
{
	char buf[JB_TEXT_MAX];
	const struct medium *m;

	jb_setting_get(jb, JB_SET_DEFAULT_PROFILE, 0, buf);
	m = medium_by_suffix(buf, strlen(buf));
	return m != NULL ? m : medium_by_profile(PROFILE_DVD_PLUS_R);
}

/* A blank of the medium that its name says; an empty pressed disc is none, so not that. */
static void
classify_blank(const struct item *it, struct recording *rec)
{
	const struct medium *m = name_medium(it->name);

	if (m == NULL || !medium_writable(m))
		m = default_medium(it->jb);
	recording_init_blank(rec, m, 0);
}

static enum jb_err
classify_data(const struct item *it, uint64_t size, struct recording *rec)
{
	uint64_t sectors = (size + SECTOR_SIZE - 1) / SECTOR_SIZE;
	const struct medium *m = name_medium(it->name);
	uint32_t capacity;

	if (it->insert != NULL && it->insert->over) {
		m = it->disc.rec.medium;
		capacity = it->disc.rec.capacity;
	} else {
		if (m == NULL)
			m = medium_for_image(sectors);
		if (m == NULL)
			return JB_TOO_LARGE;
		capacity = m->capacity;
	}
	if (sectors > capacity)
		return JB_TOO_LARGE;
	if (!medium_writable(m))
		capacity = (uint32_t)sectors; /* a pressed disc is as large as its image */
	return recording_init_image(rec, m, capacity, (uint32_t)sectors);
}

enum jb_err
classify_image(struct item *it, const struct image *image, uint64_t size, struct recording *rec,
	bool *incomplete)
{
	enum jb_err err = JB_OK;
	bool plain = true;

	*incomplete =
		it->damaged || (it->insert != NULL && it->insert->resumed && !it->insert->touched);
	if (size == 0) {
		classify_blank(it, rec);
		return JB_OK;
	}
	/* What was not written to its end needs no sheet: its writer has been told already. */
	if (classify_is_bin(it) && !(*incomplete && it->insert != NULL))
		err = classify_bin(it, image, size, rec, &plain, incomplete);
	if (plain && err == JB_OK)
		err = classify_data(it, size, rec);
	if (err != JB_OK) {
		/* What is no disc is described as something, so that the file can be shown. */
		classify_blank(it, rec);
		*incomplete = true;
		return err;
	}
	if (plain && volume_size_is_longer(image, false, size))
		*incomplete = true;
	return JB_OK;
}
