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
	unsigned number; /* as in the name of its directory */
};

/* Returns the directory of the elements of that type: "slots", "drives", "mailslots" or "transport"; "?"
 * for any other value. */
const char *jb_elem_dir(enum jb_elem_type type);
/* Prints the element as "slots/3", also if there is none.  Returns buf, which has at least 32 bytes. */
const char *jb_elem_str(struct jb_elem e, char *buf);
/* Returns how many elements of that type there are now.  Takes no lock. */
unsigned jb_count(const struct jukebox *jb, enum jb_elem_type type);
/* Returns the number of the first element of that type: 1 for slots and mail slots, else 0, also for an
 * unknown type. */
unsigned jb_first_number(enum jb_elem_type type);
/* Adds the slot, mail slot or drive e, and raises the event `element-added`.  Durable on return.  A drive
 * gets the settings that one of its number had.  Returns JB_NOT_NEXT if e is not the number after the
 * last one, JB_TOO_MANY if there are as many as can be, JB_OVERLAP if its address is in another type's
 * range or beyond 65535, JB_IS_FIXED for a picker, JB_NO_MEMORY, JB_NO_THREADS, or an error of the watcher or the store;
 * JB_NOT_DURABLE if e was added, but a power cut may take it away.  Does not check the setting `layout`.  [blocks] */
enum jb_err jb_elem_add(struct jukebox *jb, struct jb_elem e);
/* Removes the slot, mail slot or drive e, and raises the event `element-removed`.  Durable on return.
 * Returns JB_NO_ELEMENT if there is no e, JB_NOT_LAST if e is not the last one, JB_IS_FIXED for a picker,
 * JB_ELEMENT_NOT_EMPTY if something is in it, JB_ELEMENT_RESERVED if something is about to be,
 * JB_MEDIUM_LOCKED if the drive is locked, or the store's error; JB_NOT_DURABLE if e was removed, but a power
 * cut may bring it back.  Does not check the setting `layout`.
 * [blocks] */
enum jb_err jb_elem_remove(struct jukebox *jb, struct jb_elem e);
/* Returns how often an element of that number was added since the start, which also counts the start; 0
 * if there is none now. */
unsigned jb_elem_generation(struct jukebox *jb, struct jb_elem e);
/* Returns a counter that grows when elements are added or removed, or their addresses change.  Any
 * thread, no lock. */
uint64_t jb_layout_changes(const struct jukebox *jb);
/* Is called after a drive was added (there is true), and when one is removed (false), while layout_lock
 * is held.  On removal the drive's strand is held, so no command runs, and the drive is empty.  An error
 * refuses the addition, which is then undone.  The watcher must not change the layout. */
typedef enum jb_err jb_drive_watcher(void *arg, struct drive *d, bool there);
/* Sets the watcher of drives; NULL: none.  It is not called for drives that exist already. */
void jb_watch_drives(struct jukebox *jb, jb_drive_watcher *watcher, void *arg);
/* Returns the SMC element address that an element of that number has, also if there is none; 0 for an
 * unknown type. */
uint16_t jb_elem_address(struct jukebox *jb, struct jb_elem e);
/* Finds the element with an SMC element address.  Returns false, and leaves *out, if there is none. */
bool jb_elem_at(struct jukebox *jb, uint16_t address, struct jb_elem *out);

struct jb_elem_status {
	struct jb_elem elem;
	uint16_t address; /* SMC element address */
	/* a disc is in it; a file that is being inserted or is incomplete does not count */
	bool full;
	bool reserved; /* an insert or a move is under way */
	/* the robot can reach it: no locked drive or open mail slot is in the way */
	bool accessible;
	/* full with what cannot be read; not accessible then */
	bool unreadable;
	/* a mail slot that is open to the operator, and therefore not accessible */
	bool open;
	/* a user put the disc in, and no robot has moved it since (SMC-3: ImpExp) */
	bool by_hand;
	bool has_source; /* true: source is set */
	uint16_t source; /* if has_source: address of the element that the disc came from last */
	char label[JB_NAME_MAX + 1]; /* of the disc; "" if full is false */
};

/* Stores the state of one element.  Returns JB_NO_ELEMENT, and leaves *out, if there is no such element. */
enum jb_err jb_elem_status(struct jukebox *jb, struct jb_elem e, struct jb_elem_status *out);

struct jb_elem_range {
	enum jb_elem_type type;
	unsigned first, count; /* first: a number, as in jb_elem; count 0: none */
};
/* Calls each() for every element of the ranges, in order, until it returns false.  The caller limits the
 * ranges to elements that exist.  All calls together are one snapshot: a disc that moves at the same time
 * appears once.  each() runs under the jukebox lock, so it must be quick and must not call the jukebox.  n
 * 0: does nothing. */
void jb_elem_list(struct jukebox *jb, const struct jb_elem_range *ranges, unsigned n,
	bool (*each)(void *arg, const struct jb_elem_status *status), void *arg);

/* Counts what users of the mount changed by hand: discs that came, went, were moved or got another
 * label without an initiator's command.  The counter never falls; a nexus that keeps the value it saw
 * last knows what is new.  Any thread, no lock. */
struct jb_hand_view {
	uint64_t mailslots; /* in mail slots */
};
/* Stores the counters of what users changed by hand.  Any thread, no lock. */
void jb_hand_view(const struct jukebox *jb, struct jb_hand_view *out);

/* Counts one nexus more (on is true) or one less (false) that prevents users from putting discs into mail
 * slots and taking them out.  Each nexus may count once, and must be counted off when it ends.  The
 * robot's moves are not prevented, also if a user requests them by mv. */
void jb_mailslots_prevent(struct jukebox *jb, bool on);
/* Opens a mail slot to the operator (open is true), or closes it (false), also if it is so already.  A
 * disc that comes or goes by hand closes it too.  Returns JB_NO_ELEMENT if there is no such mail slot,
 * JB_MAILSLOTS_LOCKED if a nexus prevents opening.  Takes no lock. */
enum jb_err jb_mailslot_open(struct jukebox *jb, struct jb_elem e, bool open);

#endif
