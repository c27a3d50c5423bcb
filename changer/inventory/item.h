/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Items: the files of the elements, of every kind, with their claims and references.  A staged item
 * has a temporary name, or is a part of a folder; an incoming one is being inserted.  For the order of
 * locks, for claims and for the mark [still] see lock.h. */
#ifndef CHANGER_INVENTORY_ITEM_H
#define CHANGER_INVENTORY_ITEM_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>

#include "changer/element.h"
#include "changer/inventory/disc_state.h"
#include "changer/inventory/folder.h"
#include "changer/inventory/lock.h"
#include "changer/item.h"

struct drive;
struct element;
struct link;

enum {
	RELEASE_WAIT_MS = 100,	/* an open for writing waits so long for an earlier release */
	CLOSING_WAIT_MS = 1000, /* a move waits so long for programs that are closing its file */
};

/* New content of an item while programs write it.  It exists as long as a writable handle does. */
struct insert {
	struct image *image;
	unsigned image_number; /* the N of that image's file image.N */
	/* writing data takes the read side; making or withdrawing the intent, the write side */
	pthread_rwlock_t io;
	bool intent;	      /* io held: a description with the intent to insert is durable */
	bool must_stay;	      /* io held: a program has closed it with data in it */
	bool kept;	      /* io held: the next start keeps it as an incomplete file */
	bool over;	      /* true: the item is a blank disc, which a program writes to */
	bool resumed;	      /* the item was incomplete when it was opened */
	bool listed;	      /* io held: its entry in the directory incoming/ is durable */
	enum jb_err lost;     /* io held: why data that was written was lost; JB_OK if it was not */
	enum jb_err flushed;  /* io held: result of the last flush */
	_Atomic bool touched; /* written to since it was opened */
	_Atomic bool dirty;   /* written to since the last sync */
	_Atomic bool attrs_changed; /* attributes changed since the description was stored */
	_Atomic uint64_t max;	    /* bytes that fit on the medium */
	_Atomic uint64_t size, blocks;
	_Atomic uint64_t kick_at; /* up to this offset, write-back was started (image_kick) */
	uint64_t started_ms;	  /* when it was made */
	_Atomic uint64_t
		progressed_ms; /* when the last `insert-progress` was raised, or it was made */
	_Atomic uint64_t progressed; /* what was written then */
	_Atomic uint64_t written;    /* the end of the data that was written */
	_Atomic uint64_t promised;   /* a size that was set beyond that; 0: none (classify.c) */
	_Atomic bool awaited;	     /* more data must follow: the size was set ahead of it */
	/* io held: the files beside it by which it was classified; NULL: none */
	struct insert_beside {
		char *text;
		size_t size;
	} beside[JB_BESIDES];
};

struct item {
	struct jukebox *jb;
	uint64_t id;
	struct item *next_by_id GUARDED_BY(jb_lock); /* in the same list of the index by id */
	/* [still] NULL: the item is gone, and only references keep it */
	struct element *elem;
	enum jb_item_kind kind; /* [still] */
	char *name;		/* [still] the label follows after the NUL */
	bool at_incoming;	/* [still] its directory in the store is incoming/ID */
	/* unreadable, and at the path of its element itself, which is no folder */
	bool is_element;
	bool has_source, recovered; /* [still]; has_source: source is set */
	struct jb_elem source;	    /* [still] */
	uid_t uid;		    /* [still], as gid and atime_ns are */
	gid_t gid;
	int64_t atime_ns;
	_Atomic mode_t mode; /* permission bits */
	_Atomic int64_t mtime_ns, ctime_ns;
	_Atomic bool truncated; /* its image is shorter than it should be */
	/* a writer was killed or failed, and nobody has written the file from the start again */
	_Atomic bool damaged;
	_Atomic bool
		awaits; /* incomplete for one reason: a file of its name with .aria2 is beside it */
	unsigned refs GUARDED_BY(jb_lock);
	unsigned writers GUARDED_BY(jb_lock); /* handles that are open for writing */
	/* number of users of disc.image: handles and the drive */
	unsigned pins GUARDED_BY(jb_lock);
	bool busy GUARDED_BY(jb_lock);	   /* true: claimed */
	bool shadowed GUARDED_BY(jb_lock); /* a new disc of its name is being written */
	TAILQ_ENTRY(item) idle_link GUARDED_BY(jb_lock);
	bool idle_asked GUARDED_BY(jb_lock); /* it is in jb->imports.idle */
	_Atomic bool closing;	    /* closed and not written to since: a release will come */
	_Atomic uint64_t closed_ms; /* when it was closed */
	struct link *link;	    /* for life; NULL: the image is in the store */
	struct insert *insert;	    /* changes under the lock with the claim held */
	/* Checks that were requested and wait in the queue, and those that are being done (CHECK_*). */
	unsigned check_asked GUARDED_BY(jb_lock), check_runs GUARDED_BY(jb_lock);
	unsigned check_content GUARDED_BY(jb_lock); /* disc.content that check_runs is about */
	_Atomic unsigned check_percent;		    /* how far the current check is */
	TAILQ_ENTRY(item) check_link GUARDED_BY(jb_lock);
	/* Warnings of classify_bin about what it dropped, cut or believed, one sentence a line; NULL: none.
	 * Owned; claim held, or the write side of insert->io. */
	char *warnings;
	struct item *replaces; /* [still] the disc that the commit of this one will replace */
	struct folder *folder; /* for life; NULL: it is a file and no folder (folder.h) */
	struct item *in;       /* [still] the folder that it is a part of; NULL: none */
	bool used GUARDED_BY(jb_lock);	/* a part of which a disc is being made */
	bool ghost GUARDED_BY(jb_lock); /* a part or folder that is not in the store any more */
	bool importing GUARDED_BY(
		jb_lock); /* its content is being made of other files (insert/import.c) */
	/* the name under which it was copied in, if the import has changed that; owned; NULL: none */
	char *alias GUARDED_BY(jb_lock);
	uint64_t alias_ms GUARDED_BY(
		jb_lock); /* when somebody has looked for it last (item_by_alias) */
	bool imported;	  /* claim held: the importer has seen it, so it is committed as it is */
	bool import_asked GUARDED_BY(jb_lock); /* it is in jb->imports.queue */
	TAILQ_ENTRY(item) import_link GUARDED_BY(jb_lock);
	char *why GUARDED_BY(jb_lock); /* a sentence why it is no disc; owned; NULL: none */
	enum jb_err why_err GUARDED_BY(jb_lock); /* the error that it explains */
	/* the folder of which its content was made, claim held.  NULL: none */
	struct item *made_of;
	struct disc disc;
};

/* Makes an item in no element, with one reference and a copy of the name.  id 0 means a new id; any
 * other one is used if no item has it, else a new one.  Returns NULL if memory is missing. */
struct item *item_new(struct jukebox *jb, uint64_t id, const char *name) EXCLUDES(jb_lock);
/* Returns the item with that id, also if it is in no element any more and only references keep it;
 * NULL if there is none. */
struct item *item_by_id(struct jukebox *jb, uint64_t id) REQUIRES(jb_lock);
/* Returns the folder of parts with that id; NULL if there is none, if it is in no element any more,
 * or if it is not shown any more (folder_is_over). */
struct item *item_folder_by_id(struct jukebox *jb, uint64_t id) REQUIRES(jb_lock);
/* Keeps the present name as alias, in place of an earlier one, before an import changes it; keeps none if
 * memory is missing.  Programs set the times of what they have copied in by the name that they gave it. */
void item_keep_alias(struct item *it) REQUIRES(jb_lock);
/* Returns the element's occupant if it has that alias, and notes that somebody has looked for it.  Returns
 * NULL if it has another one or none, is shadowed, or nobody has looked for the alias for
 * FOLDER_LINGER_MS. */
struct item *item_by_alias(const struct element *el, const char *name) REQUIRES(jb_lock);
/* Returns true if the item is a staged file (one with a temporary name) that no program has open for
 * writing, and that a user may have forgotten: no part of a folder, no link, no sheet or CD-TEXT
 * beside a disc. */
bool item_is_idle(const struct item *it) REQUIRES(jb_lock);
/* Returns true if the item is a ghost: a part or a folder that is not in the store any more
 * (folder.h). */
bool item_is_ghost(const struct item *it) EXCLUDES(jb_lock);
/* Makes the index of ids larger for that many elements, if it is too small.  If memory is missing,
 * look-ups only get slower.  layout_lock held, or at start-up. */
void item_index_grow(struct jukebox *jb, size_t elements) EXCLUDES(jb_lock);
/* Adds a reference. */
static inline void item_ref(struct item *it) REQUIRES(jb_lock);
static inline void
item_ref(struct item *it)
{
	it->refs++;
}
/* Prints the item's directory in the store to buf, which has STORE_PATH_MAX bytes, and returns buf.
 * The item must be kept still (lock.h). */
const char *item_path(const struct item *it, char *buf);
/* Drops a reference.  The last one frees the item, and takes it out of the index by id. */
void item_unref(struct item *it) EXCLUDES(jb_lock);
/* Takes the item out of its element and out of the queues of imports.  Its id still finds it as long
 * as there are references; drops none of the caller's.  Wakes threads that wait for its claim. */
void item_drop(struct item *it) REQUIRES(jb_lock);
/* Hides the disc `old`, which is claimed and which the item `it` will replace: sets old->shadowed
 * and it->replaces.  The caller must end with item_reveal_replaced. */
void item_shadow(struct item *it, struct item *old) REQUIRES(jb_lock);
/* Ends what item_shadow began: shows the old disc again, unless it was dropped, and gives its claim
 * back.  Does nothing if the item replaces no disc. */
void item_reveal_replaced(struct item *it) REQUIRES(jb_lock);
/* Fills *out with what the mount shows of the item, as it is now. */
void item_fill(struct item *it, struct jb_item *out) REQUIRES(jb_lock);
/* Claims the item (lock.h).  Waits until the deadline if another operation has the claim; NULL: without
 * limit.  Returns JB_IN_USE after the deadline, JB_NO_ITEM if the item is gone, JB_UNSETTLED if its
 * element is blocked (block_element). */
enum jb_err item_claim(struct item *it, const struct timespec *deadline) REQUIRES(jb_lock);
/* Gives the claim back, and wakes threads that wait for it. */
void item_unclaim(struct item *it) REQUIRES(jb_lock);
/* Waits, until the deadline, while a program has closed the item's file and its release is still to
 * come or is being carried out. */
void item_await_writers(struct item *it, const struct timespec *deadline) REQUIRES(jb_lock);
/* Enters the strand of the drive that the item is in, and returns the drive.  Returns NULL, and
 * enters nothing, if the item is not a disc, or is in no drive.  Claim held.  The caller leaves the
 * strand. */
struct drive *item_enter_drive(struct item *it) EXCLUDES(jb_lock);
/* Adds one user of the item's image, and opens the image if it is not open.  If out is not NULL,
 * *out gets a reference.  out is NULL when a drive pins the disc; then a link whose file is gone is
 * not an error.  Returns the errors of link_open or image_open; then there is no new user.  Claim or
 * strand held, or the item is new.  End with item_unpin_image.  [blocks] */
enum jb_err item_pin_image(struct item *it, struct image **out) EXCLUDES(jb_lock);
/* Drops one user of the item's image.  The last one closes the image.  [blocks] */
void item_unpin_image(struct item *it) EXCLUDES(jb_lock);
/* Opens the item's image for reading, or shares it if it is open already.  *out gets a reference.
 * Returns the errors of link_open or image_open.  [blocks] */
enum jb_err item_open_image(struct item *it, struct image **out) EXCLUDES(jb_lock);
/* Claims the item with that id, and takes a reference.  Waits up to CLOSING_WAIT_MS for programs that are
 * closing its file.  Returns JB_NO_ITEM if there is no such item or a new disc is about to replace it,
 * JB_IN_USE if another operation keeps the claim, or JB_UNSETTLED if its element is blocked; *out has no
 * meaning then.  After JB_OK end with item_let_go.  [blocks] */
enum jb_err item_take(struct jukebox *jb, uint64_t id, struct item **out) EXCLUDES(jb_lock);
/* Ends what item_take began: gives back the claim and the reference. */
void item_let_go(struct item *it) EXCLUDES(jb_lock);

/* Keeps flushes and writes of the item out, while its place or its name changes: takes the write
 * side of insert->io.  Does nothing if no program writes it.  End with item_resume.  Claim held.
 * [blocks] */
void item_pause(struct item *it);
/* Ends what item_pause began.  Claim held. */
void item_resume(struct item *it);
/* Exchanges the item's name for *name, which name_make has made, in memory only.  Claim held. */
void item_swap_name(struct item *it, char **name) REQUIRES(jb_lock);

/* Two paths in the store, and the directories of both. */
struct item_paths {
	const char *from, *from_dir, *to, *to_dir;
};
/* Moves the item's directory in the store, durably; memory is the caller's.  *moved is true after JB_OK, and
 * after JB_NOT_DURABLE, which raises the event `error`: the directory has moved, but a power cut may undo
 * that.  Returns JB_UNSETTLED, and blocks the item's element and `to`, if the directory is at neither place,
 * the store cannot be read, or a power cut may still move it.  Else returns the store's error, and nothing
 * has changed.  Claim held. [blocks] */
enum jb_err item_move(struct item *it, struct element *to, const struct item_paths *p, bool *moved)
	EXCLUDES(jb_lock);

/* Renames a disc, or an incomplete file, to *name, in the store and in memory; *name gets the old name.  Sets
 * the ctime; for a disc, raises the event `relabel`.  Takes the strand of its drive; a locked drive does not
 * prevent that.  Of an item at incoming/ID, changes the name in the stored description.  Returns
 * JB_NOT_DURABLE if it was renamed, but a power cut may undo that; else an error of item_move or
 * description_follow; then memory has not changed.  initiator is the name for the event; NULL: the mount.
 * Claim held.  [blocks] */
enum jb_err item_relabel(struct item *it, char **name, const char *initiator) EXCLUDES(jb_lock);

#endif
