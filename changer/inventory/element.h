/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Elements, the drives at some of them, and mail slots.
 */
#ifndef CHANGER_INVENTORY_ELEMENT_H
#define CHANGER_INVENTORY_ELEMENT_H

#include <pthread.h>
#include <stdatomic.h>

#include "changer/base/strand.h"
#include "changer/element.h"
#include "changer/event.h"
#include "changer/inventory/disc_state.h"
#include "changer/inventory/fault_rule.h"
#include "changer/inventory/lock.h"
#include "changer/item.h"
#include "changer/move.h"

struct item;

enum {
	TRANSPORTS = 1, /* pickers */
	ELEM_TYPES = JB_DRIVE + 1,
};

struct element {
	struct jb_elem at;
	struct drive *drive;			   /* NULL: not a drive */
	struct item *occupant GUARDED_BY(jb_lock); /* the disc or file in it; NULL: none */
	struct item *staged[JB_STAGED_MAX] GUARDED_BY(jb_lock); /* files with temporary names */
	struct item *folder GUARDED_BY(jb_lock);		/* a folder of parts (folder.h) */
	bool reserved GUARDED_BY(jb_lock); /* an item is on its way into the element */
	bool gone GUARDED_BY(jb_lock);	   /* removed, or about to be: nothing may come in */
	/* nobody knows what the store has here: nothing may come in, leave or change (block_element) */
	bool blocked GUARDED_BY(jb_lock);
	_Atomic unsigned generation; /* how often it was added; 0: never */
	_Atomic bool open;	     /* a mail slot that is open to the operator */
};

struct drive {
	struct jukebox *jb;
	struct element *elem;
	unsigned number;
	struct strand strand;
	char name[24]; /* "drive 0" */
	/* the disc in it; changes with strand and lock held, so either is enough to read it */
	struct item *item;
	/* Atomic members may be read by any thread. */
	_Atomic bool has_disc, tray_open;
	_Atomic bool offline; /* changes with the strand held */
	/* Written by drive_works and drive_choose_speeds. */
	_Atomic unsigned work;
	/* how far the work is, in sectors (total 0: not known); when that was reported, by clock_ms,
	 * 0: never */
	_Atomic uint64_t work_done, work_total, work_ms;
	_Atomic uint64_t speeds_of; /* media_changes when the speeds were chosen */
	_Atomic uint32_t read_speed, write_speed;
	const char *acts_for; /* strand held: name of an initiator; NULL: the mount */
	struct faults faults;
	pthread_mutex_t progress_lock; /* see progress_enter */
	struct formatting formatting GUARDED_BY(progress_lock);
	_Atomic bool formats_now; /* true: a format goes on in the background */
	_Atomic uint64_t formats; /* counter: formats that have ended */
	/* Loading a disc: since when, and how long it takes (drive/simulate.c). */
	_Atomic bool loading;
	/* when it began, by clock_ms; counter of loadings */
	_Atomic uint64_t loading_from, loads;
	_Atomic unsigned load_ms, loading_late_ms;
	unsigned late_ms;	   /* strand held: the next loading takes this much longer */
	_Atomic unsigned prevents; /* nexuses that prevent the removal of the disc */
	/* counters; see struct drive_view (drive.h) */
	_Atomic uint64_t media_changes, media_arrivals, eject_requests;
	_Atomic uint64_t eject_medium; /* media_changes at the last eject request */
};

/* ---- elements ------------------------------------------------------------------------------ */

/* Returns the element e; NULL if there is none of that number now. */
struct element *element_find(struct jukebox *jb, struct jb_elem e);
/* Returns the element with that index, from 0, also if it was removed.  Returns NULL if there is no
 * such type, or no element of its chunk (ELEM_CHUNK) was ever made; an element that was never made
 * itself has generation 0. */
struct element *element_at(struct jukebox *jb, enum jb_elem_type type, unsigned index);
/* Returns how many elements of that type a jukebox can have; 0 if there is no such type. */
unsigned element_max(enum jb_elem_type type);
/* Makes the elements of each type, as many as jb->counts says.  Returns JB_NO_MEMORY if memory is
 * missing. */
enum jb_err element_make_all(struct jukebox *jb);
/* Makes the element with that index, from 0, and raises its generation, which counts how often it
 * was added.  Returns JB_NO_MEMORY if memory is missing. */
enum jb_err element_make(struct jukebox *jb, enum jb_elem_type type, unsigned index);
/* Frees all elements.  No thread may use the jukebox any more. */
void element_free_all(struct jukebox *jb);
/* Returns the element's item of that name: a staged file, its occupant, or its folder unless that is
 * not shown any more (folder_is_over).  Returns NULL if there is none. */
struct item *element_item(struct element *el, const char *name) REQUIRES(jb_lock);
/* Checks whether a disc may come into the element.  Returns JB_OK; JB_NO_ELEMENT if the element was
 * removed; JB_UNSETTLED if it is blocked; JB_ELEMENT_RESERVED if an item is on its way into it, or a
 * program is writing the item in it; JB_ELEMENT_FULL if an item is in it; JB_FOLDER_THERE if a folder in
 * it is to become a disc.  Does not check the lock of mail slots (element_admits_hand). */
enum jb_err element_admits(struct element *el) REQUIRES(jb_lock);
/* Returns a free place for a staged file, which is one with a temporary name; NULL if there are
 * JB_STAGED_MAX already. */
struct item **element_staged_place(struct element *el) REQUIRES(jb_lock);
/* Puts the new item `it` into the element: at *place, which is el->occupant, el->folder, one of
 * el->staged or a folder's place for a part, and is empty.  Sets the kind of the item, claims it,
 * and notes that its directory is incoming/ID. */
void element_put(struct element *el, struct item **place, struct item *it, enum jb_item_kind kind)
	REQUIRES(jb_lock);
/* Takes the occupant, which has moved elsewhere, out of the element.  If another cartridge there cannot be
 * read, that one becomes the occupant, since the store has it there. */
void element_vacate(struct element *el) REQUIRES(jb_lock);
/* Returns true if a cartridge that cannot be read is in the element beside the occupant. */
bool element_has_unreadable(const struct element *el) REQUIRES(jb_lock);
/* Takes the item out of its element, and out of the folder that it is a part of.  If it was the
 * occupant, asks for the import of the element's folder, which may become a disc now.  Does nothing
 * if the item is in no element.  Leaves claim and references. */
void element_forget(struct item *it) REQUIRES(jb_lock);
/* Returns true if the ranges of addresses fit into 16 bits and do not overlap.  Range t, an element
 * type, has counts[t] addresses from first[t] on. */
bool element_ranges_fit(const unsigned first[ELEM_TYPES], const unsigned counts[ELEM_TYPES]);
/* Stores the number of elements of each type in counts[]. */
void element_counts(const struct jukebox *jb, unsigned counts[ELEM_TYPES]);

/* ---- mail slots ---------------------------------------------------------------------------- */

/* Counts a change in a mail slot, and closes its door.  Must be called when a disc came to the
 * element, left it or got another label without an initiator's command.  For other elements does
 * nothing. */
void element_changed_by_hand(struct jukebox *jb, struct element *el);
/* Checks whether a user may put a disc into the element, or take it out of the jukebox.  Returns
 * JB_OK, or JB_MAILSLOTS_LOCKED if it is a mail slot and a nexus prevents that. */
enum jb_err element_admits_hand(const struct jukebox *jb, const struct element *el);
/* Names who requests a move from the robot. */
enum jb_by { JB_BY_MOUNT, JB_BY_INITIATOR };
/* Checks whether the robot may move a disc from or to the element.  Returns JB_MAILSLOT_OPEN if an
 * initiator requested the move (`by`) and the element is a mail slot that is open to the operator;
 * else JB_OK.  Changes nothing; a caller that moves for the mount closes the mail slot. */
enum jb_err element_admits_robot(const struct element *el, enum jb_by by);

#endif
