/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/inventory/folder.h"

#include <stdlib.h>
#include <string.h>

#include "changer/base/clock.h"
#include "changer/inventory/model.h"

bool
folder_begin(struct item *it)
{
	struct folder *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return false;
	f->item = it;
	jb_enter(it->jb);
	it->kind = JB_ITEM_FOLDER;
	it->folder = f;
	f->touched_ms = f->changed_ms = clock_ms();
	LIST_INSERT_HEAD(&it->jb->imports.folders, f, link);
	jb_leave(it->jb);
	return true;
}

void
folder_free(struct jukebox *jb, struct folder *f)
{
	if (f == NULL)
		return;
	jb_enter(jb);
	LIST_REMOVE(f, link);
	jb_leave(jb);
	free(f);
}

struct item *
folder_part(const struct item *folder, const char *name)
{
	const struct folder *f = folder->folder;
	bool lingered = folder_lingered(folder);

	for (unsigned i = 0; i < JB_PARTS_MAX; i++)
		if (f->part[i] != NULL && !(f->part[i]->ghost && lingered) &&
			strcmp(f->part[i]->name, name) == 0)
			return f->part[i];
	return NULL;
}

struct item **
folder_place(struct item *folder)
{
	for (unsigned i = 0; i < JB_PARTS_MAX; i++)
		if (folder->folder->part[i] == NULL)
			return &folder->folder->part[i];
	return NULL;
}

unsigned
folder_count(const struct item *folder)
{
	unsigned n = 0;

	for (unsigned i = 0; i < JB_PARTS_MAX; i++)
		n += folder->folder->part[i] != NULL && !folder->folder->part[i]->ghost;
	return n;
}

uint64_t
folder_bytes(const struct item *folder, const struct item *except)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < JB_PARTS_MAX; i++) {
		const struct item *part = folder->folder->part[i];

		if (part != NULL && part != except && !part->ghost)
			sum += part->insert != NULL ? part->insert->size : part->disc.size;
	}
	return sum;
}

bool
folder_lingered(const struct item *folder)
{
	return clock_ms() - folder->folder->touched_ms >= FOLDER_LINGER_MS;
}

bool
folder_is_over(const struct item *folder)
{
	return folder->ghost && folder_lingered(folder);
}

bool
folder_bars(const struct item *folder)
{
	return folder->folder->disc == 0;
}

void
folder_touch(struct item *it)
{
	struct item *folder = it->in != NULL ? it->in : it;

	if (folder->folder != NULL)
		folder->folder->touched_ms = clock_ms();
}

void
folder_forget(struct item *part)
{
	for (unsigned i = 0; part->in != NULL && i < JB_PARTS_MAX; i++)
		if (part->in->folder->part[i] == part)
			part->in->folder->part[i] = NULL;
	part->in = NULL;
}
