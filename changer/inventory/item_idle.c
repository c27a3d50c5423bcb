/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Items that only programs of a moment ago know, and files that a user may have forgotten. */
#include <stdlib.h>
#include <string.h>

#include "changer/base/clock.h"
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"

bool
item_is_idle(const struct item *it)
{
	return it->kind == JB_ITEM_STAGED && it->elem != NULL && it->in == NULL &&
	       it->insert == NULL && it->link == NULL && !name_is_beside(it->name);
}

void
item_keep_alias(struct item *it)
{
	free(it->alias);
	it->alias = strdup(it->name);
	it->alias_ms = clock_ms();
}

struct item *
item_by_alias(const struct element *el, const char *name)
{
	struct item *it = el->occupant;
	uint64_t now = clock_ms();

	if (it == NULL || it->shadowed || it->alias == NULL || strcmp(it->alias, name) != 0 ||
		now - it->alias_ms >= FOLDER_LINGER_MS)
		return NULL;
	it->alias_ms = now;
	return it;
}
