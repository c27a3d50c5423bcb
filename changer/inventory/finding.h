/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What start-up finds damaged in the store.  All parts of start-up report it here, so that a daemon's log and
 * a check (jb_check) say the same. */
#ifndef CHANGER_INVENTORY_FINDING_H
#define CHANGER_INVENTORY_FINDING_H

struct jukebox;

/* Reports damage at the path below the store, with a sentence, which is cut to 511 bytes.  `done` says in a
 * few words how start-up deals with it, such as "not changed"; NULL adds nothing.  Logs all three as one
 * warning.  In a check (jb->finding is set), passes path and sentence to that function instead, and logs
 * nothing.  Takes no lock. */
__attribute__((format(printf, 4, 5))) void finding_report(
	struct jukebox *jb, const char *path, const char *done, const char *fmt, ...);

#endif
