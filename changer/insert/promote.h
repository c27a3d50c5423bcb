/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A temporary name becomes another one.
 */
#ifndef CHANGER_INSERT_PROMOTE_H
#define CHANGER_INSERT_PROMOTE_H

#include <time.h>

#include "changer/err.h"
#include "changer/inventory/lock.h"

struct element;
struct item;

/* Gives the claimed staged item another name, in an element that may be another: it stays temporary, or
 * becomes a disc.  name: the new one, which is exchanged for the old one on success. */
enum jb_err promote_rename(struct item *it, struct element *to, char **name,
	const struct timespec *deadline) EXCLUDES(jb_lock);

#endif
