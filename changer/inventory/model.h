/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The jukebox itself, and with it all that it is made of: elements, drives, items, discs, the queue of
 * checks, the log of events.
 */
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
#include "changer/inventory/item.h"
#include "changer/inventory/link.h"
#include "changer/inventory/lock.h"
#include "changer/inventory/verify_queue.h"
#include "changer/jukebox.h"
#include "changer/link.h"
#include "changer/move.h"
#include "changer/setting.h"

struct user;

enum {
	ELEM_CHUNK = 256, /* elements that are made at once */
	ELEM_CHUNKS = JB_SLOTS_MAX / ELEM_CHUNK + 1,
};

/* What drives do about settings that they have to agree to, or to follow. */
struct setting_hooks {
	/* May the drive go online, or offline; then it does.  Strand held. */
	enum jb_err (*admits_online)(struct drive *d, bool online);
	void (*set_online)(struct drive *d, bool online);
	/* Takes over a setting that is a time. */
	void (*take_time)(struct jukebox *jb, enum jb_setting s, unsigned drive, const char *value);
};

struct jukebox {
	pthread_mutex_t lock;
	pthread_cond_t changed; /* claims, writers and jobs */
	int store;		/* the store's directory */
	int lock_fd;
	char uuid[37];
	/*
	 * Counts and first addresses change while layout_lock is held, which is taken before strands.
	 * Elements and drives that were made stay until the jukebox is closed, also when they are
	 * removed, and are used again when they are added again: so pointers to them stay good.
	 */
	pthread_mutex_t layout_lock;
	struct element *_Atomic chunks[ELEM_TYPES][ELEM_CHUNKS];
	_Atomic unsigned counts[ELEM_TYPES];
	unsigned floors[ELEM_TYPES]; /* layout_lock held: the counts that jukebox.json has */
	struct drive *_Atomic drives[JB_DRIVES_MAX];
	jb_drive_watcher *drive_watcher; /* layout_lock held, as is the next */
	void *drive_watcher_arg;
	_Atomic uint64_t layout_changes;
	struct item **by_id GUARDED_BY(jb_lock);
	size_t buckets; /* changes under the lock and layout_lock */
	struct strand robot, housekeeping;
	struct faults robot_faults;
	_Atomic unsigned move_ms;
	_Atomic bool interrupted; /* simulated time has ended */
	struct event_log events;
	struct checks checks;
	jb_opener *opener GUARDED_BY(jb_lock);
	void *opener_arg GUARDED_BY(jb_lock);
	unsigned opener_users GUARDED_BY(jb_lock);
	_Atomic unsigned mailslot_prevents;
	_Atomic uint64_t hand_mailslots; /* see jb_hand_view */
	/* Gives the disc the name that correct_name_wanted says: the robot's, which sets it at start. */
	enum jb_err (*correct_name)(struct item *it, const char *initiator);
	jb_mover *mover GUARDED_BY(jb_lock);
	void *mover_arg GUARDED_BY(jb_lock);
	const struct setting_hooks *setting_hooks;  /* of the drives, which set it at start */
	char **settings GUARDED_BY(jb_lock);	    /* [drive][setting]; NULL: the default */
	_Atomic uint16_t first_address[ELEM_TYPES]; /* settings that every element status needs */
	struct user *users GUARDED_BY(jb_lock);	    /* room for JB_USERS_MAX */
	unsigned nusers GUARDED_BY(jb_lock);
	unsigned last_user; /* id; setting_enter */
	bool access_needed; /* setting_enter: a portal beyond loopback is open */
};

#endif
