/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/budget.h"

#include <stdlib.h>

/* Returns the account of the user; NULL if they hold nothing. */
static struct budget_account *
account_of(const struct budget *b, uid_t uid)
{
	struct budget_account *a;

	SLIST_FOREACH(a, &b->accounts, link)
	if (a->uid == uid)
		break;
	return a;
}

/* Returns the user's share of the good; NULL if they have none. */
static struct budget_share *
share_of(const struct budget_good *good, uid_t uid)
{
	struct budget_share *s;

	SLIST_FOREACH(s, &good->shares, link)
	if (s->account->uid == uid)
		break;
	return s;
}

/* Returns the account of the user, made if there is none; NULL without memory. */
static struct budget_account *
open_account(struct budget *b, uid_t uid)
{
	struct budget_account *a = account_of(b, uid);

	if (a != NULL)
		return a;
	a = calloc(1, sizeof(*a));
	if (a == NULL)
		return NULL;
	a->uid = uid;
	SLIST_INSERT_HEAD(&b->accounts, a, link);
	return a;
}

/* Forgets an account without shares. */
static void
close_account(struct budget *b, struct budget_account *a)
{
	if (a->shares > 0)
		return;
	SLIST_REMOVE(&b->accounts, a, budget_account, link);
	free(a);
}

bool
budget_hold(struct budget *b, struct budget_good *good, uid_t uid)
{
	struct budget_share *s = share_of(good, uid);
	struct budget_account *a;

	if (s != NULL) {
		s->files++;
		return true;
	}
	a = open_account(b, uid);
	if (a == NULL)
		return false;
	s = calloc(1, sizeof(*s));
	if (s == NULL) {
		close_account(b, a);
		return false;
	}
	if (SLIST_EMPTY(&good->shares))
		b->size += good->size;
	a->size += good->size;
	a->shares++;
	s->account = a;
	s->files = 1;
	SLIST_INSERT_HEAD(&good->shares, s, link);
	return true;
}

void
budget_drop(struct budget *b, struct budget_good *good, uid_t uid)
{
	struct budget_share *s = share_of(good, uid);

	if (s == NULL || --s->files > 0)
		return;
	SLIST_REMOVE(&good->shares, s, budget_share, link);
	s->account->size -= good->size;
	s->account->shares--;
	close_account(b, s->account);
	free(s);
	if (SLIST_EMPTY(&good->shares))
		b->size -= good->size;
}

unsigned
budget_users(const struct budget_good *good)
{
	const struct budget_share *s;
	unsigned n = 0;

	SLIST_FOREACH(s, &good->shares, link)
	n++;
	return n;
}

unsigned
budget_files(const struct budget_good *good, uid_t uid)
{
	const struct budget_share *s = share_of(good, uid);

	return s != NULL ? s->files : 0;
}

bool
budget_allows(const struct budget *b, uid_t uid, size_t most, bool held)
{
	const struct budget_account *a = account_of(b, uid);
	size_t own = a != NULL ? a->size : 0;

	return own + (held ? own : b->size) <= most;
}
