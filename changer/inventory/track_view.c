/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tracks of discs for those who hold no claim and no strand, and the sheets made of them.  A view is
 * a copy of the recording that nobody changes; when the tracks are others, there is another view.
 */
#include <stdlib.h>
#include <string.h>

#include "changer/base/clock.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"
#include "changer/recording/cue.h"
#include "changer/recording/sheet.h"

struct track_view {
	_Atomic unsigned refs;
	struct recording rec;
	unsigned recorded; /* tracks that something is recorded in */
};

/* A leaf lock: guards the pointers to views. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void
put(struct track_view *v)
{
	if (v == NULL || atomic_fetch_sub(&v->refs, 1) > 1)
		return;
	recording_fini(&v->rec);
	free(v);
}

static void
replace(struct disc *d, struct track_view *with)
{
	struct track_view *old;

	pthread_mutex_lock(&lock);
	old = d->view;
	d->view = with;
	pthread_mutex_unlock(&lock);
	put(old);
}

static struct track_view *
get(struct disc *d)
{
	struct track_view *v;

	pthread_mutex_lock(&lock);
	v = d->view;
	if (v != NULL)
		atomic_fetch_add(&v->refs, 1);
	pthread_mutex_unlock(&lock);
	return v;
}

static unsigned
count_recorded(const struct recording *r)
{
	unsigned n = 0;

	while (n < r->ntracks && r->tracks[n].recorded > r->tracks[n].pregap)
		n++;
	return n;
}

/* Only what is recorded has grown since. */
static bool
is_current(const struct track_view *v, const struct recording *r)
{
	const struct recording *old = &v->rec;

	return old->medium == r->medium && old->raw == r->raw && old->final == r->final &&
	       old->ntracks == r->ntracks && old->closed_sessions == r->closed_sessions &&
	       v->recorded == count_recorded(r) && strcmp(old->catalog, r->catalog) == 0 &&
	       old->ntext == r->ntext &&
	       (r->ntext == 0 ||
		       memcmp(old->text, r->text, (size_t)r->ntext * CD_TEXT_PACK) == 0) &&
	       (r->ntracks == 0 ||
		       old->tracks[r->ntracks - 1].state == r->tracks[r->ntracks - 1].state);
}

/* Whoever changes the recording is alone, so only the pointer needs the lock. */
void
track_view_show(struct disc *d)
{
	const struct recording *r = &d->rec;
	struct track_view *v;

	/* A pressed DVD or BD has one track, which is all of it: there may be thousands of them. */
	if (r->medium == NULL || r->ntracks == 0 ||
		(r->medium->family != MEDIUM_CD && !medium_writable(r->medium))) {
		replace(d, NULL);
		return;
	}
	if (d->view != NULL && is_current(d->view, r))
		return;
	v = calloc(1, sizeof(*v));
	/* Without memory others see none. */
	if (v != NULL && recording_copy(r, &v->rec) != JB_OK) {
		free(v);
		v = NULL;
	}
	if (v != NULL) {
		atomic_init(&v->refs, 1);
		v->recorded = count_recorded(r);
	}
	replace(d, v);
}

void
track_view_hide(struct disc *d)
{
	replace(d, NULL);
}

/* ---- tracks ---------------------------------------------------------------------------------- */

static struct track_view *
view_of(struct jukebox *jb, uint64_t id, struct jb_item *item) EXCLUDES(jb_lock)
{
	struct track_view *v = NULL;
	struct item *it;

	jb_enter(jb);
	it = item_by_id(jb, id);
	if (it != NULL) {
		item_fill(it, item);
		v = get(&it->disc);
	}
	jb_leave(jb);
	return v;
}

const char *
cd_mode_name(enum cd_mode mode)
{
	static const char *const names[CD_MODES] = {
		[CD_MODE1] = "mode1", [CD_MODE2] = "mode2", [CD_AUDIO] = "audio"};

	return names[mode];
}

unsigned
jb_item_track_list(struct jukebox *jb, uint64_t id, struct track *out, unsigned max)
{
	struct jb_item item;
	struct track_view *v = view_of(jb, id, &item);
	unsigned n = 0;

	for (; v != NULL && n < v->rec.ntracks && n < max; n++) {
		out[n] = v->rec.tracks[n];
		/* An open track has all of the disc that is left. */
		if (out[n].state != TRACK_CLOSED)
			out[n].size = out[n].recorded > out[n].pregap
					      ? out[n].recorded - out[n].pregap
					      : 0;
	}
	/* The one that is being recorded ends where the image does. */
	if (n > 0 && out[n - 1].state != TRACK_CLOSED && !item.raw &&
		jb_item_sectors(&item) > out[n - 1].start)
		out[n - 1].size = (uint32_t)jb_item_sectors(&item) - out[n - 1].start;
	put(v);
	return n;
}

uint64_t
jb_item_sectors(const struct jb_item *item)
{
	return item->size / (item->raw ? CD_RAW_SIZE : SECTOR_SIZE);
}

/* ---- sheets ---------------------------------------------------------------------------------- */

bool
jb_sheet_name(const struct jb_item *item, char *buf)
{
	return item->kind == JB_ITEM_DISC && item->raw && name_is_bin(item->name) &&
	       name_of_sheet(item->name, buf);
}

enum jb_err
jb_sheet_lookup(struct jukebox *jb, struct jb_elem e, const char *name, struct jb_item *out)
{
	struct element *el = name_is_sheet(name) ? element_find(jb, e) : NULL;
	char sheet[JB_NAME_MAX + 1];
	bool found = false;

	if (el == NULL)
		return JB_NO_ITEM;
	jb_enter(jb);
	if (el->occupant != NULL && !el->occupant->shadowed) {
		item_fill(el->occupant, out);
		found = jb_sheet_name(out, sheet) && strcmp(sheet, name) == 0;
	}
	jb_leave(jb);
	return found ? JB_OK : JB_NO_ITEM;
}

static enum jb_err
print_sheet(const struct recording *rec, const char *name, char **text, size_t *size)
{
	struct cue_sheet *sheet = malloc(sizeof(*sheet));
	FILE *out = sheet == NULL ? NULL : open_memstream(text, size);

	if (out == NULL) {
		free(sheet);
		return JB_NO_MEMORY;
	}
	if (sheet_of_recording(rec, name, sheet))
		cue_print(sheet, out);
	free(sheet);
	if (fclose(out) == 0)
		return JB_OK;
	free(*text);
	return JB_NO_MEMORY;
}

enum jb_err
jb_sheet_text(struct jukebox *jb, uint64_t id, char **text, size_t *size)
{
	char name[JB_NAME_MAX + 1];
	struct jb_item item;
	struct track_view *v = view_of(jb, id, &item);
	enum jb_err err = JB_NO_ITEM;

	if (v != NULL && v->rec.raw && jb_sheet_name(&item, name))
		err = print_sheet(&v->rec, item.name, text, size);
	put(v);
	return err;
}
