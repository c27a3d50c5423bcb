/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Staged files that a user may have forgotten. */
#include "changer/inventory/model.h"
#include "changer/inventory/name.h"

bool
item_is_idle(const struct item *it)
{
	return it->kind == JB_ITEM_STAGED && it->elem != NULL && it->in == NULL &&
	       it->insert == NULL && it->link == NULL && !name_is_beside(it->name);
}
