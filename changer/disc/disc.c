/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Functions of disc.h that only read the state of a disc.  Its recording (recording.h) says which sectors
 * are recorded, and in which tracks and sessions; the image has the sectors' data.  disc_sync.c and
 * disc_change.c say in which order changes become durable. */
#include <assert.h>
#include <string.h>
#include <sys/stat.h>

#include "changer/inventory/model.h"

/* ---- what it is ------------------------------------------------------------------------------ */

/* Returns the disc's recording.  Asserts that no other thread changes it now (disc_state_is_still). */
static const struct recording *
recording_of(const struct disc *d)
{
	assert(disc_state_is_still(d));
	return &d->rec;
}

const struct medium *
disc_medium(const struct disc *d)
{
	return recording_of(d)->medium;
}

uint32_t
disc_capacity(const struct disc *d)
{
	return recording_of(d)->capacity;
}

uint64_t
disc_limit(const struct disc *d)
{
	return recording_limit(recording_of(d));
}

enum disc_status
disc_status(const struct disc *d)
{
	return recording_status(recording_of(d));
}

enum session_state
disc_last_session_state(const struct disc *d)
{
	return recording_last_session_state(recording_of(d));
}

unsigned
disc_sessions(const struct disc *d)
{
	return recording_sessions(recording_of(d));
}

unsigned
disc_tracks(const struct disc *d)
{
	return recording_tracks(recording_of(d));
}

bool
disc_track(const struct disc *d, unsigned number, struct track *out)
{
	return recording_track(recording_of(d), number, out);
}

unsigned
disc_track_at(const struct disc *d, uint32_t lba)
{
	return recording_track_at(recording_of(d), lba);
}

unsigned
disc_first_track_of(const struct disc *d, unsigned session)
{
	return recording_first_track_of(recording_of(d), session);
}

unsigned
disc_first_number(const struct disc *d)
{
	return recording_first_number(recording_of(d));
}

uint32_t
disc_readable_capacity(const struct disc *d)
{
	return recording_readable_capacity(recording_of(d));
}

bool
disc_is_unrecorded(const struct disc *d)
{
	return recording_is_unrecorded(recording_of(d));
}

enum spare_format
disc_spare_format(const struct disc *d)
{
	return recording_of(d)->spare;
}

bool
disc_minimally_blanked(const struct disc *d)
{
	return recording_of(d)->minimal;
}

uint32_t
disc_layer_break(const struct disc *d)
{
	return recording_of(d)->layer_break;
}

bool
disc_tab_is_set(const struct disc *d)
{
	return (disc_state_const_item(d)->mode & (S_IWUSR | S_IWGRP | S_IWOTH)) == 0;
}

bool
disc_pwp(const struct disc *d)
{
	return d->pwp;
}

enum jb_err
disc_protection(const struct disc *d)
{
	if (disc_tab_is_set(d))
		return JB_PROTECTED;
	return disc_pwp(d) ? JB_PERSISTENT : JB_OK;
}

bool
disc_protected(const struct disc *d)
{
	return disc_protection(d) != JB_OK;
}

bool
disc_is_raw(const struct disc *d)
{
	return recording_of(d)->raw;
}

const char *
disc_catalog(const struct disc *d)
{
	return recording_of(d)->catalog;
}

unsigned
disc_index_at(const struct disc *d, const struct track *t, uint32_t lba)
{
	return recording_index_at(recording_of(d), t, lba);
}

unsigned
disc_text(const struct disc *d, const uint8_t **packs)
{
	*packs = recording_of(d)->text;
	return recording_of(d)->ntext;
}
