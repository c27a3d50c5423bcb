/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The description of a disc, disc.json: what the store knows of it beside its image.
 */
#ifndef CHANGER_INVENTORY_DESCRIPTION_H
#define CHANGER_INVENTORY_DESCRIPTION_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "changer/inventory/disc_state.h"
#include "changer/item.h"
#include "changer/recording/recording.h"

struct item;
struct jukebox;
struct link;

struct intent { /* what the release of the last handle would have done */
	struct jb_elem elem;
	char name[JB_NAME_MAX + 1];
	uint64_t size;
	uint64_t replaces; /* id of the standing disc; 0: none */
};

struct description { /* disc.json */
	uint64_t id;
	bool incomplete, truncated, has_source, recovered, has_intent;
	enum jb_origin origin;
	unsigned image;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	int64_t atime_ns, mtime_ns, ctime_ns;
	struct jb_elem source;
	struct intent intent;
	struct digest digest;
	struct link *link; /* borrowed; when loaded, owned; NULL: the image is in the store */
	const struct recording *rec; /* borrowed; when loaded, own */
	struct recording own;
};

/* What the item's description says now.  Still (lock.h), or the item is being inserted. */
void description_of(const struct item *it, struct description *d);
enum jb_err description_store(struct jukebox *jb, const char *dir, const struct description *d);
/* The same up to the last step: leaves it as PENDING_FILE. */
enum jb_err description_prepare(struct jukebox *jb, const char *dir, const struct description *d);
/* The last step. */
enum jb_err description_publish(struct jukebox *jb, const char *dir);
/* JB_NO_ITEM: there is none; JB_STORE_FORMAT: it makes no sense. */
enum jb_err description_load(
	struct jukebox *jb, const char *dir, const char *file, struct description *d);
void description_apply(struct item *it, struct description *d);
/* Frees what a loaded one owns. */
void description_fini(struct description *d);

/* Where content comes from that has just been classified. */
enum jb_origin description_origin_of(const struct recording *rec);

#endif
