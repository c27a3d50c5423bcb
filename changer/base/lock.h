/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of strands and locks in the model and the command sets, and clang's annotations for locks.
 *
 * A thread takes strands, claims and locks in this order.  It may leave out any of them:
 *
 *	the robot's strand	strand.h; held over each move of an initiator
 *	layout_lock		inventory/model.h; the counts of elements, settings, users
 *	a claim			inventory/lock.h: item->busy; wait for a second one with a deadline only
 *	the strands of drives	strand.h; by ascending number
 *	insert->io		inventory/item.h; the lock of a file that is being written
 *	the device's lock	scsi/nexus.h; the nexuses and reservations of a device
 *	the jukebox lock	inventory/lock.h; the inventory
 *	the log's lock		inventory/event.c; the last events
 *	a leaf			no other lock is taken while it is held: the locks of a nexus, of a
 *				strand's queue, of the rules of faults (inventory/fault_rule.h), of what
 *				a drive is doing (progress_lock), of a target (target/iscsi/README)
 *
 * A thread that holds a drive's strand waits for no claim.  Strands, claims, layout_lock and insert->io
 * may be held over blocking I/O; the other locks may not.
 *
 * The macros below are annotations for clang's thread-safety analysis.  Other compilers ignore them.
 *
 * In C the analysis cannot say that one member of a struct is a lock which guards another member.  So
 * LOCK_CLASS declares one object in place of all locks of a kind.  No code uses that object: it is only for
 * annotations.  The functions that take and release such a lock are annotated as if they took and released
 * the object:
 *
 *	LOCK_CLASS(jb_lock);
 *	void jb_enter(struct jukebox *) ACQUIRES(jb_lock);
 *	unsigned count GUARDED_BY(jb_lock);
 */
#ifndef CHANGER_BASE_LOCK_H
#define CHANGER_BASE_LOCK_H

#if defined(__clang__)
#define LOCK_ATTR(x) __attribute__((x))
#else
#define LOCK_ATTR(x)
#endif

#define GUARDED_BY(x) LOCK_ATTR(guarded_by(x))
#define REQUIRES(x) LOCK_ATTR(requires_capability(x))
#define EXCLUDES(x) LOCK_ATTR(locks_excluded(x))
#define ACQUIRES(x) LOCK_ATTR(acquire_capability(x))
#define RELEASES(x) LOCK_ATTR(release_capability(x))
#define TRY_ACQUIRES(ok, x) LOCK_ATTR(try_acquire_capability(ok, x))
/* For the functions that take or release the real lock, which the analysis does not know. */
#define NO_LOCK_ANALYSIS LOCK_ATTR(no_thread_safety_analysis)

struct LOCK_ATTR(capability("lock")) lock_class {
	char unused;
};
#define LOCK_CLASS(name) extern struct lock_class name
#define LOCK_CLASS_DEFINE(name) struct lock_class name

#endif
