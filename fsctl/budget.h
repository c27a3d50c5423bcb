/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Budgets: how much of something bounded, such as bytes or descriptors, the open files of each user hold.  A good is
 * one piece of it, which several files share: it counts once for each user of whom a file holds it, and once in all.
 *
 * There is no lock here: the caller must hold one over each call.  A budget and a good begin with all zeros.
 */
#ifndef FSCTL_BUDGET_H
#define FSCTL_BUDGET_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>
#include <sys/types.h>

struct budget_account { /* of a user who holds something */
	SLIST_ENTRY(budget_account) link;
	uid_t uid;
	size_t size; /* of all goods that the user holds */
	unsigned shares;
};

struct budget_share { /* the files of one user that hold a good */
	SLIST_ENTRY(budget_share) link;
	struct budget_account *account;
	unsigned files;
};

struct budget {
	SLIST_HEAD(, budget_account) accounts;
	size_t size; /* of all goods that somebody holds */
};

struct budget_good {
	size_t size; /* constant while somebody holds it */
	SLIST_HEAD(, budget_share) shares;
};

/* Counts one more file of the user that holds the good.  Returns false, and counts nothing, without memory. */
bool budget_hold(struct budget *b, struct budget_good *good, uid_t uid);
/* Undoes budget_hold. */
void budget_drop(struct budget *b, struct budget_good *good, uid_t uid);
/* Returns how many users have files that hold the good. */
unsigned budget_users(const struct budget_good *good);
/* Returns how many files of the user hold the good. */
unsigned budget_files(const struct budget_good *good, uid_t uid);
/* Returns true if the user may hold one more good when all users may hold `most`: if they hold not more than half of
 * what the others leave of it.  So each user leaves a part for the next one.  If others hold that good already, what
 * they hold does not matter. */
bool budget_allows(const struct budget *b, uid_t uid, size_t most, bool held);

#endif
