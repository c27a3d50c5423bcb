/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The jukebox itself, with all that it is made of: elements, drives, items, discs, the queue of checks,
 * the log of events. */
#ifndef CHANGER_INVENTORY_MODEL_H
#define CHANGER_INVENTORY_MODEL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "changer/base/strand.h"
#include "changer/inventory/element.h"
#include "changer/inventory/event.h"
#include "changer/inventory/fault_rule.h"
#include "changer/inventory/import_queue.h"
#include "changer/inventory/item.h"
#include "changer/inventory/link.h"
#include "changer/inventory/lock.h"
#include "changer/inventory/verify_queue.h"
#include "changer/jukebox.h"
#include "changer/link.h"
#include "changer/move.h"
#include "changer/setting.h"
#include "changer/store/store.h"

struct user;

enum {
	ELEM_CHUNK = 256, /* elements are allocated in chunks of this many */
	ELEM_CHUNKS = JB_SLOTS_MAX / ELEM_CHUNK + 1,
};

/* Hooks by which a setting reaches the drive that it concerns.  The room drive sets them at start. */
struct setting_hooks {
	/* Checks whether the drive may go online, or offline.  If it returns JB_OK, set_online must
	 * follow.  Strand held. */
	enum jb_err (*admits_online)(struct drive *d, bool online);
	void (*set_online)(struct drive *d, bool online);
	/* Takes the new value of a setting that is a time. */
	void (*take_time)(struct jukebox *jb, enum jb_setting s, unsigned drive, const char *value);
};

struct jukebox {
	pthread_mutex_t lock;
	pthread_cond_t changed;	   /* signalled when claims, writers or jobs change */
	int store;		   /* the store's directory */
	int lock_fd;		   /* the lock on the store, held as long as it is open */
	struct store_end last_end; /* how the last owner has ended */
	bool opened;		   /* jb_open has succeeded */
	jb_finding *finding;	   /* in a check: called for each damage; NULL: this is no check */
	void *finding_arg;
	char uuid[37];
	/* Counts and first addresses change only with layout_lock held, which is taken before strands.
	 * Elements and drives are never freed before the jukebox is closed.  One that was removed is
	 * used again when it is added again, so pointers to it stay valid. */
	pthread_mutex_t layout_lock;
	struct element *_Atomic chunks[ELEM_TYPES][ELEM_CHUNKS]; /* NULL: not made yet */
	_Atomic unsigned counts[ELEM_TYPES];			 /* elements of each type */
	_Atomic unsigned nblocked;   /* elements that are blocked (block.h) */
	unsigned floors[ELEM_TYPES]; /* layout_lock held: the counts in jukebox.json */
	struct drive *_Atomic drives[JB_DRIVES_MAX];
	jb_drive_watcher *drive_watcher; /* layout_lock held, also for the next member */
	void *drive_watcher_arg;
	_Atomic uint64_t layout_changes; /* counter: changes of elements or addresses */
	struct item **by_id GUARDED_BY(jb_lock);
	size_t buckets; /* changes with the lock and layout_lock held */
	struct strand robot, housekeeping;
	struct faults robot_faults;
	_Atomic unsigned move_ms; /* how long a simulated move of the robot takes */
	_Atomic bool interrupted; /* simulated delays have ended */
	struct event_log events;
	struct checks checks;
	struct imports imports;
	/* opens files outside the store (jb_set_opener); NULL: none.  opener_users: threads that are
	 * in it */
	jb_opener *opener GUARDED_BY(jb_lock);
	void *opener_arg GUARDED_BY(jb_lock);
	unsigned opener_users GUARDED_BY(jb_lock);
	_Atomic unsigned mailslot_prevents; /* nexuses that keep users' hands out of mail slots */
	_Atomic uint64_t hand_mailslots;    /* see jb_hand_view */
	/* Gives the disc the name that correct_name_wanted wants.  The room robot sets this hook at
	 * start. */
	enum jb_err (*correct_name)(struct item *it, const char *initiator);
	/* Looks at blocked elements again (insert/look.h).  Set at start. */
	void (*look_again)(struct jukebox *jb);
	/* Reads the element again after what was wrong there was removed.  The room lifecycle sets this hook when
	 * all is open. */
	void (*read_again)(struct jukebox *jb, struct element *el);
	/* makes the moves of initiators visible (jb_set_mover); NULL: none */
	jb_mover *mover GUARDED_BY(jb_lock);
	void *mover_arg GUARDED_BY(jb_lock);
	const struct setting_hooks *setting_hooks; /* set at start by the room drive */
	char **settings GUARDED_BY(jb_lock);	   /* [drive][setting]; NULL: the default */
	/* copies of settings that every element status needs */
	_Atomic uint16_t first_address[ELEM_TYPES];
	struct user *users GUARDED_BY(jb_lock); /* room for JB_USERS_MAX users */
	unsigned nusers GUARDED_BY(jb_lock);
	unsigned last_user; /* id of the last user added; between setting_enter and setting_leave */
	/* between setting_enter and setting_leave: a portal beyond loopback is open */
	bool access_needed;
};

#endif
