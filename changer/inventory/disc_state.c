/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps the copy of a disc's state that any thread may read, and the hash of its content. */
#include <stddef.h>
#include <string.h>

#include "changer/inventory/disc_state.h"
#include "changer/inventory/model.h"
#include "changer/inventory/track_view.h"

/* ---- whose it is --------------------------------------------------------------------------- */

struct item *
disc_state_item(struct disc *d)
{
	return (struct item *)(void *)((char *)d - offsetof(struct item, disc));
}

const struct item *
disc_state_const_item(const struct disc *d)
{
	return (const struct item *)(const void *)((const char *)d - offsetof(struct item, disc));
}

bool
disc_state_is_still(const struct disc *d)
{
	const struct item *it = disc_state_const_item(d);

	return it->kind != JB_ITEM_DISC || it->elem == NULL || it->elem->drive == NULL ||
	       strand_is_mine(&it->elem->drive->strand);
}

const char *
disc_state_acts_for(const struct disc *d)
{
	const struct item *it = disc_state_const_item(d);

	return it->elem != NULL && it->elem->drive != NULL ? it->elem->drive->acts_for : NULL;
}

/* ---- what others may read ------------------------------------------------------------------ */

/* Returns the next writable address; -1 if there is none. */
static int64_t
next_writable(const struct recording *rec)
{
	uint32_t nwa;

	return rec->medium != NULL && recording_nwa(rec, &nwa) ? (int64_t)nwa : -1;
}

void
disc_state_publish(struct disc *d)
{
	d->medium = d->rec.medium;
	d->capacity = recording_room(&d->rec);
	d->status = recording_status(&d->rec);
	d->sessions = recording_sessions(&d->rec);
	d->closed_sessions = d->rec.closed_sessions;
	d->tracks = recording_tracks(&d->rec);
	d->nwa = next_writable(&d->rec);
	d->sealed = recording_is_sealed(&d->rec);
	d->unrecorded = recording_is_unrecorded(&d->rec);
	d->raw = d->rec.raw;
	d->first_number = recording_first_number(&d->rec);
	d->pwp = d->rec.pwp;
	track_view_show(d);
	d->packs = d->view != NULL && d->view->packs;
}

void
disc_state_assign(struct disc *d, struct recording *rec, uint64_t size, uint64_t blocks)
{
	recording_fini(&d->rec);
	d->rec = *rec;
	memset(rec, 0, sizeof(*rec));
	d->size = size;
	d->blocks = blocks;
	d->content++;
	disc_state_publish(d);
}

/* ---- the hash of its content --------------------------------------------------------------- */

bool
digest_is_valid(const struct disc *d)
{
	return d->digest.sha256[0] != '\0' && d->digest.content == d->content;
}

bool
digest_fits(const struct digest *digest, uint64_t size, int64_t mtime_ns)
{
	enum { NS = 1000000000 };

	/* An archive may have kept whole seconds only. */
	return digest->size == size &&
	       (digest->mtime_ns == mtime_ns ||
		       (mtime_ns % NS == 0 && digest->mtime_ns / NS == mtime_ns / NS));
}
