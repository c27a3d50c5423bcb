/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clang's thread-safety annotations; other compilers see nothing of them.
 *
 * In C the analysis cannot name a member of a struct as the guard of its sibling, so a lock class
 * declares one phantom capability, and its enter and leave functions acquire and release that:
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
/* For the functions that do the acquiring with a lock the analysis cannot see. */
#define NO_LOCK_ANALYSIS LOCK_ATTR(no_thread_safety_analysis)

struct LOCK_ATTR(capability("lock")) lock_class {
	char unused;
};
#define LOCK_CLASS(name) extern struct lock_class name
#define LOCK_CLASS_DEFINE(name) struct lock_class name

#endif
