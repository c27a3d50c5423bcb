/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decides what a closed file is: a blank disc, a pressed or recorded one, or an incomplete file.
 */
#include <stdio.h>
#include <string.h>

#include "changer/disc/volume_size.h"
#include "changer/insert/classify.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"

/* Returns the medium of the setting default-profile; DVD+R if its value is no medium's suffix.  Takes the
 * jukebox lock for a moment. */
static const struct medium *
default_medium(struct jukebox *jb)
{
	char buf[JB_TEXT_MAX];
	const struct medium *m;

	jb_setting_get(jb, JB_SET_DEFAULT_PROFILE, 0, buf);
	m = medium_by_suffix(buf, strlen(buf));
	return m != NULL ? m : medium_by_profile(PROFILE_DVD_PLUS_R);
}

/* Makes *rec a blank disc of the medium that the name says.  If it says none, or one that is
 * pressed, the medium is default_medium's.  Returns JB_NO_SUCH_MEDIUM, with such a blank in *rec, if
 * the name seems to say a medium that there is not: another medium would be a surprise. */
static enum jb_err
classify_blank(const struct item *it, struct recording *rec)
{
	const struct medium *m = name_medium(it->name);
	bool unknown = m == NULL && name_is_like_medium(it->name);

	if (m == NULL || !medium_writable(m))
		m = default_medium(it->jb);
	recording_init_blank(rec, m, 0);
	return unknown ? JB_NO_SUCH_MEDIUM : JB_OK;
}

/* Makes *rec the recording of an image with size bytes in sectors of 2048 bytes.  Its medium is that of the
 * blank disc that it is written over; else the one in its name; else one that is large enough.  The capacity
 * of a pressed medium is that of the image.  Returns JB_TOO_LARGE if the image does not fit on that medium,
 * or on any, or JB_NO_MEMORY; then *rec stays. */
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
		capacity = sectors > m->capacity ? medium_largest(m) : m->capacity;
	}
	if (sectors > capacity)
		return JB_TOO_LARGE;
	if (!medium_writable(m))
		capacity = (uint32_t)sectors; /* a pressed disc is as large as its image */
	return recording_init_image(rec, m, capacity, (uint32_t)sectors);
}

/* Returns true if aria2's control file is in the item's element: it has the item's name with .aria2, and
 * exists as long as a download is not finished.  Returns false if the item has no element or that name is too
 * long. */
static bool
has_control_file(const struct item *it) EXCLUDES(jb_lock)
{
	char name[JB_NAME_MAX + 1];
	bool found = false;

	if (snprintf(name, sizeof(name), "%s.aria2", it->name) > JB_NAME_MAX)
		return false;
	jb_enter(it->jb);
	if (it->elem != NULL)
		found = element_item(it->elem, name) != NULL;
	jb_leave(it->jb);
	return found;
}

/* Returns true if the size was set ahead of the data (insert_set_size), and the data does not reach
 * it. */
static bool
is_cut_off(const struct insert *ins)
{
	return ins->awaited && ins->promised > ins->written;
}

/* Returns true if the file is known not to be finished, whatever is in it: it is damaged, was
 * incomplete when it was opened and has not been written to since, or is cut off. */
static bool
is_unfinished(const struct item *it)
{
	const struct insert *ins = it->insert;

	return it->damaged || (ins != NULL && ins->resumed && !ins->touched) ||
	       (ins != NULL && is_cut_off(ins));
}

enum jb_err
classify_image(struct item *it, const struct image *image, uint64_t size, struct recording *rec,
	bool *incomplete)
{
	enum jb_err err = JB_OK;
	bool plain = true;

	*incomplete = is_unfinished(it);
	it->awaits = false;
	if (size == 0) {
		err = classify_blank(it, rec);
		/* A blank disc to which nothing was written stays one, whatever its name is. */
		if (it->insert != NULL && it->insert->over)
			err = JB_OK;
		*incomplete = *incomplete || err != JB_OK;
		return err;
	}
	/* A BIN that is incomplete is not compared with a sheet when it is closed: its writer has had
	 * an error already.  When a user completes it (jb_item_complete), it is compared. */
	if (classify_is_bin(it, image, size) && !(*incomplete && it->insert != NULL))
		err = classify_bin(it, image, size, rec, &plain, incomplete);
	if (plain && err == JB_OK)
		err = classify_data(it, size, rec);
	if (err != JB_OK) {
		/* The mount shows the file, so it needs some recording. */
		(void)classify_blank(it, rec);
		*incomplete = true;
		return err;
	}
	if (plain && volume_size_is_longer(image, false, size))
		*incomplete = true;
	it->awaits = !*incomplete && has_control_file(it);
	if (it->awaits)
		*incomplete = true;
	return JB_OK;
}
