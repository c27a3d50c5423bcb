/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Elements (slots, mail slots, drives and the picker), and what is in them.  For locks and [blocks] see
 * jukebox.h. */
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
	JB_LABEL_MAX = 32, /* bytes of a label that initiators see */
	JB_SLOTS_MAX = 60000,
	JB_MAILSLOTS_MAX = 256, /* fits between the default addresses */
	JB_DRIVES_MAX = 64,
};

enum jb_elem_type { /* SMC-3 6.11, element type code */
	JB_PICKER = 1,
	JB_SLOT = 2,
	JB_MAILSLOT = 3,
	JB_DRIVE = 4,
};

/* An element by its number in the mount and in mtx.  Slots and mail slots start at 1, drives at 0. */
struct jb_elem {
	enum jb_elem_type type;
	unsigned number;
};

const char *jb_elem_dir(enum jb_elem_type type); /* "slots", "drives", "mailslots", "transport" */
/* Prints the element as "slots/3".  Returns buf, which has at least 32 bytes. */
const char *jb_elem_str(struct jb_elem e, char *buf);
/* Returns how many elements of that type there are now. */
unsigned jb_count(const struct jukebox *jb, enum jb_elem_type type);
/* Returns the number of the first element of that type: 1 for slots and mail slots, else 0. */
unsigned jb_first_number(enum jb_elem_type type);
/* Adds one slot, mail slot or drive; e must be the number after the last one.  Durable on return.
 * Returns JB_NOT_NEXT, JB_TOO_MANY, JB_OVERLAP (its address is in another range) or JB_IS_FIXED
 * (pickers).  [blocks] */
enum jb_err jb_elem_add(struct jukebox *jb, struct jb_elem e);
/* Removes the last slot, mail slot or drive, which must be empty and not locked.  Durable on return.
 * Returns JB_NOT_LAST, JB_IS_FIXED, JB_ELEMENT_NOT_EMPTY, JB_ELEMENT_RESERVED or JB_MEDIUM_LOCKED.
 * [blocks] */
enum jb_err jb_elem_remove(struct jukebox *jb, struct jb_elem e);
/* Returns how often an element of that number was added since the start; 0 if there is none now. */
unsigned jb_elem_generation(struct jukebox *jb, struct jb_elem e);
/* Returns a counter that grows when elements are added or removed, or their addresses change.  Any
 * thread, no lock. */
uint64_t jb_layout_changes(const struct jukebox *jb);
/* Watches drives: is called after a drive was added (there), and when one is removed.  On removal the
 * drive's strand is held: no command runs, and the drive is empty.  An error refuses the addition.  The
 * watcher must not change the layout. */
typedef enum jb_err jb_drive_watcher(void *arg, struct drive *d, bool there);
/* Sets the watcher of drives; NULL: none. */
void jb_watch_drives(struct jukebox *jb, jb_drive_watcher *watcher, void *arg);
/* Returns the SMC element address of an element. */
uint16_t jb_elem_address(struct jukebox *jb, struct jb_elem e);
/* Finds the element with an SMC element address.  Returns false if there is none. */
bool jb_elem_at(struct jukebox *jb, uint16_t address, struct jb_elem *out);

struct jb_elem_status {
	struct jb_elem elem;
	uint16_t address;
	/* a disc is in it; a file that is being inserted or is incomplete does not count */
	bool full;
	bool reserved; /* an insert or a move is under way */
	/* the robot can reach it: no locked drive or open mail slot is in the way */
	bool accessible;
	/* a mail slot that is open to the operator, and therefore not accessible */
	bool open;
	/* a user put the disc in, and no robot has moved it since (SMC-3: ImpExp) */
	bool by_hand;
	bool has_source;
	uint16_t source; /* if has_source: address of the element that the disc came from last */
	char label[JB_NAME_MAX + 1]; /* of the disc; "" if full is false */
};

/* Stores the state of one element.  Returns JB_NO_ELEMENT if there is no such element. */
enum jb_err jb_elem_status(struct jukebox *jb, struct jb_elem e, struct jb_elem_status *out);

struct jb_elem_range {
	enum jb_elem_type type;
	unsigned first, count; /* first: a number, as in jb_elem */
};
/* Calls each() for every element of the ranges, in order, as one snapshot: a disc that moves at the
 * same time appears once.  each() returns false to stop.  It runs under the jukebox lock, so it must be
 * quick and must not call the jukebox. */
void jb_elem_list(struct jukebox *jb, const struct jb_elem_range *ranges, unsigned n,
	bool (*each)(void *arg, const struct jb_elem_status *status), void *arg);

/* Counts what users of the mount changed by hand: discs that came, went, were moved or got another
 * label without an initiator's command.  The counter never falls; a nexus that keeps the value it saw
 * last knows what is new.  Any thread, no lock. */
struct jb_hand_view {
	uint64_t mailslots; /* in mail slots */
};
void jb_hand_view(const struct jukebox *jb, struct jb_hand_view *out);

/* Counts one nexus that prevents users from putting discs into mail slots and taking them out (on), or
 * no longer does.  Each nexus may count once.  Moves by the robot are not affected, also when mv asks
 * for them. */
void jb_mailslots_prevent(struct jukebox *jb, bool on);
/* Opens a mail slot to the operator (open), or closes it.  A disc that comes or goes by hand closes it
 * too.  Returns JB_NO_ELEMENT if there is no such mail slot, JB_MAILSLOTS_LOCKED if a nexus prevents
 * opening. */
enum jb_err jb_mailslot_open(struct jukebox *jb, struct jb_elem e, bool open);

#endif
