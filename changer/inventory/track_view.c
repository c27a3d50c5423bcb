/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tracks of discs, for threads that hold neither claim nor strand. */
#include <stdlib.h>
#include <string.h>

#include "changer/inventory/model.h"
#include "changer/inventory/track_view.h"
#include "changer/recording/sheet.h"

/* Guards all pointers to views.  A leaf lock. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void
track_view_put(struct track_view *v)
{
	if (v == NULL || atomic_fetch_sub(&v->refs, 1) > 1)
		return;
	recording_fini(&v->rec);
	free(v);
}

/* Makes `with` (NULL: none) the disc's view, and puts the old one, if there was one.  Takes the lock
 * of views. */
static void
replace_view(struct disc *d, struct track_view *with)
{
	struct track_view *old;

	pthread_mutex_lock(&lock);
	old = d->view;
	d->view = with;
	pthread_mutex_unlock(&lock);
	track_view_put(old);
}

struct track_view *
track_view_get(struct disc *d)
{
	struct track_view *v;

	pthread_mutex_lock(&lock);
	v = d->view;
	if (v != NULL)
		atomic_fetch_add(&v->refs, 1);
	pthread_mutex_unlock(&lock);
	return v;
}

/* Returns how many tracks have something recorded after their pregap; these are the first ones. */
static unsigned
count_recorded(const struct recording *r)
{
	unsigned n = 0;

	while (n < r->ntracks && r->tracks[n].recorded > r->tracks[n].pregap)
		n++;
	return n;
}

/* Returns true if both have the same text of a sheet, or both have none. */
static bool
same_sheet(const struct recording *a, const struct recording *b)
{
	return a->sheet == NULL || b->sheet == NULL ? a->sheet == b->sheet
						    : strcmp(a->sheet, b->sheet) == 0;
}

/* Returns true if the view still shows r.  How much is recorded in a track may differ, as long as
 * there is something after its pregap in both or in none. */
static bool
is_current(const struct track_view *v, const struct recording *r)
{
	const struct recording *old = &v->rec;

	return old->medium == r->medium && old->raw == r->raw && old->final == r->final &&
	       old->ntracks == r->ntracks && old->first_number == r->first_number &&
	       old->closed_sessions == r->closed_sessions && v->recorded == count_recorded(r) &&
	       strcmp(old->catalog, r->catalog) == 0 && same_sheet(old, r) &&
	       old->ntext == r->ntext &&
	       (r->ntext == 0 ||
		       memcmp(old->text, r->text, (size_t)r->ntext * CD_TEXT_PACK) == 0) &&
	       (r->ntracks == 0 ||
		       old->tracks[r->ntracks - 1].state == r->tracks[r->ntracks - 1].state);
}

/* Replaces the disc's view if it is not current.  Only one thread at a time changes a recording, so
 * only the pointer needs the lock. */
void
track_view_show(struct disc *d)
{
	const struct recording *r = &d->rec;
	struct track_view *v;

	/* A pressed DVD or BD has no view: it has one track, which is all of it, and there may be
	 * thousands of such discs. */
	if (r->medium == NULL || r->ntracks == 0 ||
		(r->medium->family != MEDIUM_CD && !medium_writable(r->medium))) {
		replace_view(d, NULL);
		return;
	}
	if (d->view != NULL && is_current(d->view, r))
		return;
	v = calloc(1, sizeof(*v));
	/* If memory is missing, there is no view. */
	if (v != NULL && recording_copy(r, &v->rec) != JB_OK) {
		free(v);
		v = NULL;
	}
	if (v != NULL) {
		atomic_init(&v->refs, 1);
		v->recorded = count_recorded(r);
		v->packs = r->raw && sheet_needs_packs(r);
	}
	replace_view(d, v);
}

void
track_view_hide(struct disc *d)
{
	replace_view(d, NULL);
}
