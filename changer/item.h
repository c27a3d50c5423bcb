/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Items: the files of the elements, as the mount shows them.  For locks and [blocks] see jukebox.h. */
#ifndef CHANGER_ITEM_H
#define CHANGER_ITEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "changer/cdsector.h"
#include "changer/element.h"
#include "changer/err.h"
#include "changer/link.h"
#include "changer/medium.h"
#include "changer/track.h"

enum { JB_STAGED_MAX = 4 }; /* temporary files beside a disc */

enum jb_item_kind {
	JB_ITEM_DISC,
	JB_ITEM_INCOMING,   /* being inserted: a program has it open for writing */
	JB_ITEM_INCOMPLETE, /* its writer was killed, failed or stopped early; not a disc */
	JB_ITEM_STAGED,	    /* it has a temporary name, or is in a folder; not a disc */
	JB_ITEM_FOLDER,	    /* a folder of parts (folder.h) */
	JB_ITEM_UNREADABLE, /* what the store has there cannot be read as a disc; 0 bytes */
};

enum jb_origin { /* where the content of a disc comes from */
	JB_ORIGIN_UNKNOWN,
	JB_ORIGIN_BLANK,    /* the disc is empty */
	JB_ORIGIN_INSERTED, /* an image that was copied in */
	JB_ORIGIN_BURNED,   /* an initiator has written to it */
};
/* Returns the word for an origin, such as "burned"; NULL for JB_ORIGIN_UNKNOWN. */
const char *jb_origin_name(enum jb_origin origin);

#define JB_ID_MIN (UINT64_C(1) << 42) /* smaller ids belong to the mount's own nodes */

struct jb_item {
	uint64_t id; /* inode number; stays the same over moves and restarts, never used again */
	enum jb_item_kind kind;
	struct jb_elem elem; /* where it is; of an item that was removed, zeros */
	char name[JB_NAME_MAX + 1];
	uint64_t size;	 /* bytes */
	uint64_t blocks; /* of 512 bytes, allocated in the store */
	mode_t mode;	 /* permission bits */
	uid_t uid;
	gid_t gid;
	struct timespec atime, mtime, ctime;
	/* Discs and incomplete files only: */
	const struct medium *medium;
	/* sectors that the disc holds, as the drive reports them: its formatted area if it is formatted and
	 * written anywhere, else what the medium has */
	uint32_t capacity;
	enum disc_status status;		 /* of a disc: blank, appendable and so on */
	unsigned sessions, tracks, first_number; /* first_number: of the first track (CD) */
	bool sealed; /* true: recording, blanking and formatting can change nothing */
	/* true: inserted at start-up, because a crash came before its release */
	bool recovered;
	enum jb_origin origin; /* where its content comes from */
	bool bad;	       /* true: its last verification failed; see check.h */
	bool truncated;	       /* true: its image is shorter than it should be */
	/* the state of a link; JB_LINK_NONE: the image is in the store */
	enum jb_link link;
	size_t target_len; /* of a link: bytes of its target, without NUL */
	int64_t nwa;	   /* next writable address, in sectors; -1: none */
	/* true: a CD whose image has sectors of 2352 bytes; its sheet is beside it */
	bool raw;
	/* true: its CD-TEXT is beside it too, because the sheet cannot say it */
	bool packs;
	/* true: persistent write protection (disc.h); does not depend on mode */
	bool pwp;
	uint64_t folder; /* id of the folder that the file is in; 0: none */
	/* true: a disc is being made of it, or it is that disc */
	bool importing;
	/* of a file that is being inserted: bytes that are written, bytes that it will have (0: not known), and
	 * bytes a second since it was opened */
	uint64_t written, total, rate;
	bool idle; /* true: a staged file that was closed a minute ago */
};

/* The hidden files beside a raw disc.  They are computed from the recording and never stored, and have the
 * owner and the times of the disc. */
enum jb_beside {
	JB_SHEET, /* .LABEL.cue describes the disc's tracks */
	JB_PACKS, /* .LABEL.cdt: the packs of its CD-TEXT, if the sheet cannot say them */
	JB_BESIDES
};

/* Finds the raw disc with a file of that name beside it in the element.  Stores the disc in *out, and in
 * *which the kind of the file.  Returns JB_NO_ITEM if there is no such disc or element; *out and *which
 * then mean nothing. */
enum jb_err jb_beside_lookup(struct jukebox *jb, struct jb_elem e, const char *name,
	struct jb_item *out, enum jb_beside *which);
/* Stores the name of that file in buf, which has JB_NAME_MAX + 1 bytes.  Returns false if the disc has no
 * such file: it is not a raw disc, needs no packs, or the name would be too long.  Takes no lock. */
bool jb_beside_name(const struct jb_item *item, enum jb_beside which, char *buf);
/* Stores the content of that file in *text, with a NUL behind it, and its length in *size; the caller
 * frees *text.  Returns JB_NO_ITEM if there is no such disc or file, JB_NO_MEMORY. */
enum jb_err jb_beside_text(
	struct jukebox *jb, uint64_t id, enum jb_beside which, char **text, size_t *size);
/*
 * Stores the first max tracks that have something recorded in them.  Returns how many tracks are
 * stored; 0 for a blank disc, and for a pressed DVD or BD.  If several tracks are not closed, the sizes
 * of all but the last one may be old: they are from the last start or change of a track.  On a raw CD
 * the last one's size may be old too.
 */
unsigned jb_item_track_list(struct jukebox *jb, uint64_t id, struct track *out, unsigned max);
/* Returns the word for a mode: "mode1", "mode2" or "audio". */
const char *cd_mode_name(enum cd_mode mode);
/* Returns the number of whole sectors in the image. */
uint64_t jb_item_sectors(const struct jb_item *item);

/* Returns true if name is a temporary ("staging") name: one of the patterns of staging.def, such as
 * .x.iso.Ab12, x.iso~ or x.iso.part, or an image's name with more behind it, as x.iso.aria2.  Does not
 * look at the element. */
bool jb_name_is_staging(const char *name);
/* Stores the label that a disc of that name has: the name without image suffix, then without media
 * suffix.  buf has JB_NAME_MAX + 1 bytes.  Does not look for the disc. */
void jb_name_label(const char *name, char *buf);

/* Finds an item by its name in an element, and fills *out.  Returns JB_NO_ELEMENT if there is no such
 * element, JB_NO_ITEM if it has no such item. */
enum jb_err jb_item_lookup(
	struct jukebox *jb, struct jb_elem e, const char *name, struct jb_item *out);
/* Finds an item by its id, and fills *out; also one that was removed and is still open.  Returns
 * JB_NO_ITEM if there is none. */
enum jb_err jb_item_by_id(struct jukebox *jb, uint64_t id, struct jb_item *out);
/* Calls each() for every file of the element, from one snapshot and without a lock, until it returns
 * false.  Leaves out a disc that a new one is about to replace.  Returns JB_NO_ELEMENT if there is no
 * such element. */
enum jb_err jb_item_list(struct jukebox *jb, struct jb_elem e,
	bool (*each)(void *arg, const struct jb_item *item), void *arg);
/* Returns true if a program has closed a file of the element and the file has not become a disc yet; for a
 * folder, or a file that is imported, only in the first second after that.  Returns false also if there is no
 * such element.  Temporary files do not count. */
bool jb_elem_is_settling(struct jukebox *jb, struct jb_elem e);
/* Waits until no file of the element is settling (jb_elem_is_settling), at most one second.  Does nothing
 * if there is none, or no such element.  [blocks] */
void jb_elem_settle(struct jukebox *jb, struct jb_elem e);

/*
 * Renames a file (RENAME).  A disc gets another label, or the robot moves it to the element `to`.  A
 * file with a temporary name becomes a disc, in place of a disc that has that name; or it gets another
 * temporary name, in place of a file that has that name, which is removed first.  An item that is in the
 * way of a disc makes it fail: JB_WOULD_SWAP, JB_ELEMENT_FULL or JB_ELEMENT_RESERVED.  The same name in
 * the same element: does nothing.  Returns JB_NO_ELEMENT, JB_NO_ITEM; JB_BAD_NAME, JB_NAME_TOO_LONG,
 * JB_SHEET_NAME or JB_RAW_NAME if the new name is not valid; JB_NOT_STAGING if a disc would get a
 * temporary name; JB_SHEET_FOLLOWS if that is the name of a disc's sheet; JB_BEING_INSERTED or
 * JB_INCOMPLETE if the file is not a disc; JB_MEDIUM_LOCKED, JB_MAILSLOTS_LOCKED, JB_IN_USE, JB_NO_MEMORY,
 * an error of a fault rule, or the store's error.  [blocks]
 */
enum jb_err jb_item_rename(struct jukebox *jb, struct jb_elem from, const char *name,
	struct jb_elem to, const char *new_name);
/*
 * Removes a file (UNLINK), also a protected disc, and raises the event `remove` for a disc.  An item that
 * cannot be read as a disc is not deleted: it is moved to lost+found in the store, and raises `remove` too.
 * Durable on return; returns soon, because the jukebox's own thread frees the data later.  Stops an import
 * of the file.
 *
 * Returns JB_NO_ELEMENT; JB_NO_ITEM; JB_NOT_A_DISC if the name is that of a folder; JB_MEDIUM_LOCKED if the
 * disc's drive is locked; JB_MAILSLOTS_LOCKED; JB_IN_USE if another operation has the item for a second;
 * JB_UNSETTLED if the element is blocked, because the store does not say where an item is; or the store's
 * error.  After these errors the item is still shown.  Returns JB_NOT_DURABLE if the item was removed, but
 * a power cut may bring it back.  Returns the store's error with the item removed only if it was a whole
 * element in the store, and its new folder could not be made.  [blocks]
 */
enum jb_err jb_item_remove(struct jukebox *jb, struct jb_elem e, const char *name);

enum {
	JB_ATTR_MODE = 1,
	JB_ATTR_UID = 2,
	JB_ATTR_GID = 4,
	JB_ATTR_ATIME = 8,
	JB_ATTR_MTIME = 16,
};
struct jb_attr {
	unsigned set; /* which of the members below to set */
	mode_t mode;
	uid_t uid;
	gid_t gid;
	struct timespec atime, mtime;
};
/* Sets attributes (chmod, chown, utimens) and the time of change.  Durable on return, with two exceptions.
 * If the file is being inserted, has a temporary name or is a folder, they are stored with it later, if at
 * all.  If the file was removed and is still open, they are not stored.  chmod a-w sets the write-protect
 * tab.  A link keeps its mode.  If a disc was made from the folder, it gets the new mode and owner too.
 * Returns JB_NO_ITEM, JB_UNREADABLE if the item cannot be read as a disc, JB_UNSETTLED if its element is
 * blocked, or the store's error; the attributes then stay.  [blocks] */
enum jb_err jb_item_setattr(struct jukebox *jb, uint64_t id, const struct jb_attr *attr);

/* Sets the type of a blank, by the type's word in file names, and its capacity to that of the type.
 * Durable on return.  If it has that type already, does nothing.  Returns JB_NO_SUCH_MEDIUM if no writable
 * type has that word; JB_NOT_BLANK if something is recorded; JB_LOADED if the disc is in a drive;
 * JB_PROTECTED or JB_PERSISTENT; JB_INCOMPLETE, JB_BEING_INSERTED, JB_UNREADABLE or JB_NO_ATTRIBUTE if the
 * item is not a disc; JB_NO_ITEM, JB_IN_USE, JB_UNSETTLED if its element is blocked; or the store's error.
 * [blocks] */
enum jb_err jb_item_set_profile(struct jukebox *jb, uint64_t id, const char *profile);
/* Sets the capacity of a blank, in bytes, or as "4G" or "25 GB".  If it comes formatted, that is the size
 * of its formatted area, in whole packets if it has packets.  Durable on return.  Returns JB_BAD_CAPACITY
 * if that is no size, less than an ECC block of the medium or more than its type holds, or an error of
 * jb_item_set_profile.  [blocks] */
enum jb_err jb_item_set_capacity(struct jukebox *jb, uint64_t id, const char *size);
/* Sets ("persistent") or clears ("off") the persistent write protection, also of a disc in a drive
 * (disc_set_pwp).  Durable on return.  Returns JB_BAD_PROTECTION for another value; JB_NOT_SUPPORTED if the
 * medium has no such protection; JB_PROTECTED if the tab is set; JB_INCOMPLETE, JB_BEING_INSERTED,
 * JB_UNREADABLE or JB_NO_ATTRIBUTE if the item is not a disc; JB_NO_ITEM, JB_IN_USE, JB_UNSETTLED if its
 * element is blocked; or the store's error.  [blocks] */
enum jb_err jb_item_set_protection(struct jukebox *jb, uint64_t id, const char *value);

/* Completes a file that waited for another one; must be called when any file was removed.  If that was
 * aria2's control file NAME.aria2, and NAME was incomplete only because of it, makes a disc of NAME.
 * First waits until a program that has closed NAME is done.  Does nothing for any other file, and ignores
 * errors.  [blocks] */
void jb_item_control_removed(struct jukebox *jb, struct jb_elem e, const char *removed);
/* Makes an incomplete file a disc as it is, because the user says that it is complete, and raises the
 * event `insert`.  For a disc, only clears the mark that its image is too short.  Durable on return.
 * Returns JB_BEING_INSERTED if a program writes the file or its name is temporary; an error such as
 * JB_TOO_LARGE or JB_SHEET_MISSING if no disc can have its image; JB_NO_ITEM, JB_IN_USE, or the store's
 * error.  [blocks] */
enum jb_err jb_item_complete(struct jukebox *jb, uint64_t id);

#endif
