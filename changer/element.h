/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Elements: slots, mail slots, drives and the picker, and what is in them.  Locks are as jukebox.h says.
 */
#ifndef CHANGER_ELEMENT_H
#define CHANGER_ELEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/err.h"

struct drive;
struct jukebox;

enum {
	JB_NAME_MAX = 255, /* bytes of a disc's name */
	JB_LABEL_MAX = 32, /* bytes of a label that go on the wire */
	JB_SLOTS_MAX = 60000,
	JB_MAILSLOTS_MAX = 256, /* what the default addresses leave room for */
	JB_DRIVES_MAX = 64,
};

enum jb_elem_type { /* SMC-3 6.11, element type code */
	JB_PICKER = 1,
	JB_SLOT = 2,
	JB_MAILSLOT = 3,
	JB_DRIVE = 4,
};

/* An element by the number that it has in the mount and in mtx: slots from 1, drives from 0. */
struct jb_elem {
	enum jb_elem_type type;
	unsigned number;
};

const char *jb_elem_dir(enum jb_elem_type type); /* "slots", "drives", "mailslots", "transport" */
/* "slots/3"; buf of at least 32 bytes, which it returns. */
const char *jb_elem_str(struct jb_elem e, char *buf);
/* How many there are now, and the number of the first. */
unsigned jb_count(const struct jukebox *jb, enum jb_elem_type type);
unsigned jb_first_number(enum jb_elem_type type);
/*
 * Adds the next element of its type: one slot, mail slot or drive at the end of the range, whose
 * address may not reach another range; removes the last one, which must be empty, and not locked.
 * Durable when they return.  JB_NOT_NEXT, JB_NOT_LAST, JB_TOO_MANY, JB_OVERLAP, JB_IS_FIXED,
 * JB_ELEMENT_NOT_EMPTY, JB_ELEMENT_RESERVED, JB_MEDIUM_LOCKED.  [blocks]
 */
enum jb_err jb_elem_add(struct jukebox *jb, struct jb_elem e);
enum jb_err jb_elem_remove(struct jukebox *jb, struct jb_elem e);
/* How often an element of that number was added since the start; 0: there is none. */
unsigned jb_elem_generation(struct jukebox *jb, struct jb_elem e);
/* Grows when elements are added or removed, or their addresses change.  Any thread, no lock. */
uint64_t jb_layout_changes(const struct jukebox *jb);
/*
 * Told when a drive was added, and when one was removed, whose strand is held then: nobody runs a
 * command on it, and it holds no disc.  An error refuses the addition.  It may not change the
 * layout.  NULL: nobody is told.
 */
typedef enum jb_err jb_drive_watcher(void *arg, struct drive *d, bool there);
void jb_watch_drives(struct jukebox *jb, jb_drive_watcher *watcher, void *arg);
/* SMC element addresses. */
uint16_t jb_elem_address(struct jukebox *jb, struct jb_elem e);
bool jb_elem_at(struct jukebox *jb, uint16_t address, struct jb_elem *out);

struct jb_elem_status {
	struct jb_elem elem;
	uint16_t address;
	bool full;	 /* a disc is in it; one being inserted or incomplete is none */
	bool reserved;	 /* an insert or a move is under way */
	bool accessible; /* the robot can get at it: no door between them is locked */
	bool open;	 /* a mail slot that is open to the operator, and so not accessible */
	bool by_hand;	 /* the disc has not been moved since a user put it in (SMC-3: ImpExp) */
	bool has_source;
	uint16_t source; /* address of the storage element that the disc came from last */
	char label[JB_NAME_MAX + 1]; /* of the disc; "" when not full */
};

enum jb_err jb_elem_status(struct jukebox *jb, struct jb_elem e, struct jb_elem_status *out);

struct jb_elem_range {
	enum jb_elem_type type;
	unsigned first, count; /* numbers */
};
/*
 * Calls each for every element of the ranges, in their order, as one picture: a disc that moves
 * meanwhile is in one of them, once.  That holds the jukebox lock, so each must be quick, and may
 * call nothing of the jukebox.  It returns false when it has enough.
 */
void jb_elem_list(struct jukebox *jb, const struct jb_elem_range *ranges, unsigned n,
	bool (*each)(void *arg, const struct jb_elem_status *status), void *arg);

/*
 * What users of the mount changed by hand: discs that came, went, were moved or got another label
 * without an initiator's command.  A counter, from which each nexus finds out what it has not been
 * told yet, as with drive_view.  Any thread, no lock.
 */
struct jb_hand_view {
	uint64_t mailslots; /* in mail slots */
};
void jb_hand_view(const struct jukebox *jb, struct jb_hand_view *out);

/* One nexus prevents that users put discs into mail slots and take them out, or no longer does; the
 * callers count once per nexus.  The robot, also when mv has it move, is not stopped. */
void jb_mailslots_prevent(struct jukebox *jb, bool on);
/* Opens a mail slot to the operator, or closes it; a disc that comes or goes by hand closes it too.
 * JB_NO_ELEMENT: none of that number; JB_MAILSLOTS_LOCKED: it may not be opened. */
enum jb_err jb_mailslot_open(struct jukebox *jb, struct jb_elem e, bool open);

#endif
