/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Elements, the drives at some of them, and mail slots.
 */
#ifndef CHANGER_INVENTORY_ELEMENT_H
#define CHANGER_INVENTORY_ELEMENT_H

#include <stdatomic.h>

#include "changer/base/strand.h"
#include "changer/element.h"
#include "changer/event.h"
#include "changer/inventory/disc_state.h"
#include "changer/inventory/fault_rule.h"
#include "changer/inventory/lock.h"
#include "changer/item.h"

struct item;

enum {
	TRANSPORTS = 1, /* pickers */
	ELEM_TYPES = JB_DRIVE + 1,
};

struct element {
	struct jb_elem at;
	struct drive *drive; /* NULL: not a drive */
	struct item *occupant GUARDED_BY(jb_lock);
	struct item *staged[JB_STAGED_MAX] GUARDED_BY(jb_lock);
	bool reserved GUARDED_BY(jb_lock); /* an item is on its way here */
	bool gone GUARDED_BY(jb_lock);	   /* removed, or about to be: nothing may come in */
	_Atomic unsigned generation;	   /* how often it was added; 0: never */
	_Atomic bool open;		   /* a mail slot, to the operator */
};

struct drive {
	struct jukebox *jb;
	struct element *elem;
	unsigned number;
	struct strand strand;
	char name[24];	   /* "drive 0" */
	struct item *item; /* the disc in it; strand held, changes under the lock too */
	_Atomic bool has_disc, tray_open;
	_Atomic bool offline; /* changes with the strand held */
	/* What others may read at any time; see drive_works and drive_choose_speeds. */
	_Atomic unsigned work;
	_Atomic uint64_t work_done, work_total, work_ms;
	_Atomic uint64_t speeds_of; /* media_changes when they were chosen */
	_Atomic uint32_t read_speed, write_speed;
	char locker[JB_EVENT_INITIATOR_MAX + 1] GUARDED_BY(jb_lock);
	const char *acts_for; /* strand held: an initiator; NULL: the mount */
	struct faults faults; /* its lock guards the end of a loading too, and: */
	struct formatting formatting;
	_Atomic bool formats_now;
	_Atomic uint64_t formats; /* that have come to their end */
	/* Getting ready for a disc: since when, and how long (simulate.c). */
	_Atomic bool loading;
	_Atomic uint64_t loading_from, loads;
	_Atomic unsigned load_ms, loading_late_ms;
	unsigned late_ms; /* strand held: by how much the next loading is late */
	_Atomic unsigned prevents;
	_Atomic uint64_t media_changes, media_arrivals, eject_requests;
	_Atomic uint64_t eject_medium; /* media_changes at the last request */
};

/* ---- elements ------------------------------------------------------------------------------ */

struct element *element_find(struct jukebox *jb, struct jb_elem e);
/* The one with that index, also if it is removed; NULL: it was never made. */
struct element *element_at(struct jukebox *jb, enum jb_elem_type type, unsigned index);
/* Returns how many elements of that type a jukebox can have; 0 if there is no such type. */
unsigned element_max(enum jb_elem_type type);
/* Makes what the counts say, or one more of a type. */
enum jb_err element_make_all(struct jukebox *jb);
enum jb_err element_make(struct jukebox *jb, enum jb_elem_type type, unsigned index);
void element_free_all(struct jukebox *jb);
struct item *element_item(struct element *el, const char *name) REQUIRES(jb_lock);
/* May a disc come in: JB_OK, or why not. */
enum jb_err element_admits(struct element *el) REQUIRES(jb_lock);
struct item **element_staged_place(struct element *el) REQUIRES(jb_lock);
/*
 * Puts the new item it into el: at *place, which is el->occupant or one of el->staged and is empty.  The item
 * is claimed, its kind is kind, and its directory is incoming/ID.
 */
void element_put(struct element *el, struct item **place, struct item *it, enum jb_item_kind kind)
	REQUIRES(jb_lock);
/* Takes the item out of its element. */
void element_forget(struct item *it) REQUIRES(jb_lock);
/* Are the ranges of addresses that start there, by type, within 16 bits and without overlap? */
bool element_ranges_fit(const unsigned first[ELEM_TYPES], const unsigned counts[ELEM_TYPES]);
void element_counts(const struct jukebox *jb, unsigned counts[ELEM_TYPES]);

/* ---- mail slots ---------------------------------------------------------------------------- */

/* A disc came to an element, went from it or has another label, and no initiator asked for that. */
void element_changed_by_hand(struct jukebox *jb, struct element *el);
/* May a user put a disc in, or take it out of the jukebox: JB_OK, or JB_MAILSLOTS_LOCKED. */
enum jb_err element_admits_hand(const struct jukebox *jb, const struct element *el);

#endif
