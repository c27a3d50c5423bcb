/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The jukebox: elements, the discs in them, moves, drives and settings.  This is the narrow API
 * that both faces call, the mount (fsctl/) and the SCSI command sets (changer/smc, target/mmc).
 * It knows neither FUSE nor SCSI beyond the numbers that the element types have in SMC-3.
 *
 * Locks: every function may be called from any thread and takes the jukebox lock itself, unless
 * its comment says otherwise.  Functions marked [blocks] wait for the store or for a strand and
 * are for worker threads, never for a connection's thread or a FUSE handler.
 * Strings returned by pointer are constant for the life of the jukebox; all else is copied out.
 */
#ifndef CHANGER_JUKEBOX_H
#define CHANGER_JUKEBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "changer/base/strand.h"
#include "changer/check.h"
#include "changer/disc.h"
#include "changer/err.h"
#include "changer/event.h"
#include "changer/link.h"
#include "changer/medium.h"

struct jukebox;
struct drive;

enum {
	JB_NAME_MAX = 255,  /* bytes of a disc's name */
	JB_LABEL_MAX = 32,  /* bytes of a label that go on the wire */
	JB_TEXT_MAX = 4096, /* bytes of a setting's value, with its NUL */
	JB_STAGED_MAX = 4,  /* temporary files beside a disc */
	JB_SLOTS_MAX = 60000,
	JB_MAILSLOTS_MAX = 256, /* what the default addresses leave room for */
	JB_DRIVES_MAX = 64,
};

/* ---- life ---------------------------------------------------------------------------------- */

struct jb_layout { /* of a store that does not exist yet */
	unsigned slots, mailslots, drives;
};

/*
 * Opens the store, or makes a new one of that layout in a directory that is missing or empty.
 * Takes its lock, picks up what is there, recovers or sweeps incoming/ (DESIGN 3).  why: what was
 * wrong, for the user, at least 256 bytes.  [blocks]
 */
enum jb_err jb_open(const char *store, const struct jb_layout *layout, struct jukebox **out,
	char *why, size_t why_size);
/* Syncs loaded discs and lets the store go.  No handle may be open, no strand held.  [blocks] */
void jb_close(struct jukebox *jb);

/* Simulated times end, and there are none from now on: before a stop. */
void jb_interrupt(struct jukebox *jb);

/* The library's UUID as text (36 characters); all identities derive from it. */
const char *jb_uuid(const struct jukebox *jb);

/* ---- elements ------------------------------------------------------------------------------ */

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

/* All that the jukebox holds, counted as one picture. */
struct jb_totals {
	unsigned elements[JB_DRIVE + 1], full[JB_DRIVE + 1]; /* by enum jb_elem_type */
	unsigned discs, by_status[DISC_OTHERS + 1];	     /* by enum disc_status */
	unsigned incoming, incomplete, staged;		     /* files that are no disc (yet) */
	unsigned sessions;				     /* of all discs */
	uint64_t bytes, used; /* recorded on discs, and what they really take up in the store */
};
void jb_totals(struct jukebox *jb, struct jb_totals *out);

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

/* ---- moves --------------------------------------------------------------------------------- */

enum jb_by { JB_BY_MOUNT, JB_BY_INITIATOR };

/*
 * Moves the disc of one element to another, which must be empty; durable when it returns.  name:
 * the disc's new name, NULL to keep it.  Waits at most a second for programs that are closing the
 * disc's file.  An initiator's move is made by the mover, if one is set.  [blocks]
 */
enum jb_err jb_move(struct jukebox *jb, struct jb_elem from, struct jb_elem to, const char *name,
	enum jb_by by);
/*
 * EXCHANGE MEDIUM (SMC-3 6.4): the disc of source goes to first, the one that was there to second
 * (which may be source).  Everything is reserved before anything moves; three moves by way of the
 * picker, so a crash leaves every disc in one element.  [blocks]
 */
enum jb_err jb_exchange(
	struct jukebox *jb, struct jb_elem source, struct jb_elem first, struct jb_elem second);

/*
 * SEND VOLUME TAG (SMC-3 6.16): gives the disc of an element another label, which is a rename of its
 * file that keeps the suffixes, made by the mover, if one is set.  label NULL: none any more, which
 * is the name JB_LABEL_NONE.  only_first: JB_LABELLED if it has one.  [blocks]
 */
#define JB_LABEL_NONE "unlabelled"
enum jb_err jb_relabel_for(struct jukebox *jb, struct jb_elem e, const char *label, bool only_first,
	const char *initiator);

/* The same by an initiator, whose name the events then have. */
enum jb_err jb_move_for(
	struct jukebox *jb, struct jb_elem from, struct jb_elem to, const char *initiator);
enum jb_err jb_exchange_for(struct jukebox *jb, struct jb_elem source, struct jb_elem first,
	struct jb_elem second, const char *initiator);

/*
 * The seam between an initiator's move and what the mount's users see of it (DESIGN 2, "Moves and
 * events").  The mover is called by the thread that makes the move, without a lock, when everything
 * is reserved and what was written is durable.  A job ends exactly once, by the first who commits
 * or cancels it, which may be another thread and after the mover has returned; then it is gone.  So
 * the mover sees to it that nobody looks at a job that somebody else may have ended.  Without a
 * mover a job is committed at once.
 */
struct jb_job;
typedef void jb_mover(void *arg, struct jb_job *job);
void jb_set_mover(struct jukebox *jb, jb_mover *mover, void *arg);

struct jb_job_view {
	struct jb_elem from, to; /* the same where a disc only gets another name */
	uint64_t disc;		 /* its id */
	char name[JB_NAME_MAX + 1], new_name[JB_NAME_MAX + 1];
};
void jb_job_view(const struct jb_job *job, struct jb_job_view *out);
/* What the move came to; JB_IN_USE: somebody else had begun with it.  [blocks] */
enum jb_err jb_job_commit(struct jb_job *job);
void jb_job_cancel(struct jb_job *job);

/* ---- the files of an element, as the mount shows them --------------------------------------- */

enum jb_item_kind {
	JB_ITEM_DISC,
	JB_ITEM_INCOMING,   /* being inserted: a program has it open for writing */
	JB_ITEM_INCOMPLETE, /* whoever wrote it was killed, failed or stopped early; no disc */
	JB_ITEM_STAGED,	    /* a temporary name; never a disc */
};

enum jb_origin { /* what a disc's content comes from */
	JB_ORIGIN_UNKNOWN,
	JB_ORIGIN_BLANK,    /* nothing is on it */
	JB_ORIGIN_INSERTED, /* an image that was copied in */
	JB_ORIGIN_BURNED,   /* an initiator has written to it */
};
/* "burned"; NULL: it is not known. */
const char *jb_origin_name(enum jb_origin origin);

#define JB_ID_MIN (UINT64_C(1) << 42) /* what is below stays free for the mount's own nodes */

struct jb_item {
	uint64_t id; /* stable over moves and restarts, never reused: the inode number */
	enum jb_item_kind kind;
	struct jb_elem elem;
	char name[JB_NAME_MAX + 1];
	uint64_t size;	 /* bytes */
	uint64_t blocks; /* of 512 bytes, really used */
	mode_t mode;	 /* permission bits */
	uid_t uid;
	gid_t gid;
	struct timespec atime, mtime, ctime;
	/* of discs and incomplete ones: */
	const struct medium *medium;
	uint32_t capacity;
	enum disc_status status;
	unsigned sessions, tracks;
	bool sealed;	/* nothing can change what it holds, by recording, blanking or formatting */
	bool recovered; /* inserted at start-up, its release having been lost in a crash */
	enum jb_origin origin;
	bool bad;	   /* its last verification has failed; see check.h */
	bool truncated;	   /* its image is shorter than it should be */
	enum jb_link link; /* JB_LINK_NONE: the image is in the store */
	size_t target_len; /* of a link: bytes of its target */
	int64_t nwa;	   /* next writable address, in sectors; -1: it has none */
	bool raw; /* a CD whose image has sectors of 2352 bytes; a sheet stands beside it */
	bool pwp; /* its surface says that it is write-protected, whatever the mode says */
};

/*
 * The sheet beside a raw disc: hidden, made from what is recorded, never stored.  It has the disc's
 * owner and times.  jb_sheet_lookup finds the disc by the sheet's name in its element.
 */
enum jb_err jb_sheet_lookup(
	struct jukebox *jb, struct jb_elem e, const char *name, struct jb_item *out);
/* Its name; false: the disc has none.  buf: JB_NAME_MAX + 1. */
bool jb_sheet_name(const struct jb_item *item, char *buf);
/* The sheet; *text is the caller's to free. */
enum jb_err jb_sheet_text(struct jukebox *jb, uint64_t id, char **text, size_t *size);
/* The tracks that something is recorded in, up to max; how many there are; 0: it is blank, or a pressed
 * DVD or BD.  Of several that are not closed, the size of all but the last, and on a raw CD of that
 * too, is what it was when they were begun or changed last. */
unsigned jb_item_track_list(struct jukebox *jb, uint64_t id, struct track *out, unsigned max);
const char *cd_mode_name(enum cd_mode mode); /* "audio" */
/* Sectors of its image. */
uint64_t jb_item_sectors(const struct jb_item *item);

/* How name is treated: a temporary one (DESIGN 2, staging names), or a disc's. */
bool jb_name_is_staging(const char *name);
/* The label in a disc's name: less an image suffix, less a media suffix.  buf: JB_NAME_MAX + 1. */
void jb_name_label(const char *name, char *buf);

enum jb_err jb_item_lookup(
	struct jukebox *jb, struct jb_elem e, const char *name, struct jb_item *out);
enum jb_err jb_item_by_id(struct jukebox *jb, uint64_t id, struct jb_item *out);
/* Calls each for every file of the element, under no lock; stops when that returns false. */
enum jb_err jb_item_list(struct jukebox *jb, struct jb_elem e,
	bool (*each)(void *arg, const struct jb_item *item), void *arg);
/* Have programs closed a file of the element that is still to become a disc, or not? */
bool jb_elem_is_settling(struct jukebox *jb, struct jb_elem e);
/* Waits for that, a second at most.  [blocks] */
void jb_elem_settle(struct jukebox *jb, struct jb_elem e);

/*
 * RENAME of a file, all its forms: relabel, promotion of a temporary name to a disc (also over the
 * standing one), robot move.  It fails where the target stands, but for that promotion.  [blocks]
 */
enum jb_err jb_item_rename(struct jukebox *jb, struct jb_elem from, const char *name,
	struct jb_elem to, const char *new_name);
/* UNLINK.  Quick: the data is given back later, by the jukebox's own thread.  [blocks] */
enum jb_err jb_item_remove(struct jukebox *jb, struct jb_elem e, const char *name);

enum {
	JB_ATTR_MODE = 1,
	JB_ATTR_UID = 2,
	JB_ATTR_GID = 4,
	JB_ATTR_ATIME = 8,
	JB_ATTR_MTIME = 16,
};
struct jb_attr {
	unsigned set; /* which of the others count */
	mode_t mode;
	uid_t uid;
	gid_t gid;
	struct timespec atime, mtime;
};
/* chmod, chown, utimens, also after the last close.  chmod a-w is the write-protect tab. [blocks] */
enum jb_err jb_item_setattr(struct jukebox *jb, uint64_t id, const struct jb_attr *attr);

/* Type of a blank out of drives, by its word in file names, which gives it that type's capacity; and
 * its capacity, in bytes, as "4G" or "25 GB" too.  [blocks] */
enum jb_err jb_item_set_profile(struct jukebox *jb, uint64_t id, const char *profile);
enum jb_err jb_item_set_capacity(struct jukebox *jb, uint64_t id, const char *size);
/* Persistent write protection, also of a disc in a drive: "persistent" or "off".  [blocks] */
enum jb_err jb_item_set_protection(struct jukebox *jb, uint64_t id, const char *value);

/* The user overrules: an incomplete file is a disc as it is. [blocks] */
enum jb_err jb_item_complete(struct jukebox *jb, uint64_t id);

/* ---- open files ---------------------------------------------------------------------------- */

/*
 * One open file description.  Inserting is a state machine per file (fuse.md section 2):
 *
 *	INCOMING  --last writable handle released-->  DISC | INCOMPLETE
 *
 * flush makes what was written durable, together with the intent to insert it, so that close means
 * something; release commits: it only renames and syncs directories.
 */
struct jb_file;

/* CREATE in an element.  The handle is writable.  */
enum jb_err jb_file_create(struct jukebox *jb, struct jb_elem e, const char *name, mode_t mode,
	uid_t uid, gid_t gid, struct jb_file **out, struct jb_item *item);
/* OPEN.  Writable ones: of incoming and staged files, of incomplete ones, and of blank discs out
 * of drives; what is recorded, loaded or protected is refused. */
enum jb_err jb_file_open(
	struct jukebox *jb, uint64_t id, bool writable, bool truncate, struct jb_file **out);
bool jb_file_writable(const struct jb_file *f);
/* True: its data may change under a reader, so pages must not be kept. */
bool jb_file_changing(const struct jb_file *f);
/* For reading; borrowed until release. */
int jb_file_fd(const struct jb_file *f);
/* All or nothing.  May block as long as one write of that size to the store does. */
enum jb_err jb_file_write(struct jb_file *f, const void *data, size_t size, uint64_t offset);
/* [blocks] */
enum jb_err jb_file_truncate(struct jukebox *jb, uint64_t id, uint64_t size);
/* fallocate(2) mode, offset and length.  [blocks] */
enum jb_err jb_file_allocate(struct jb_file *f, int mode, uint64_t offset, uint64_t length);
/* Copies a stretch within the store, shared where its file system can; *copied may be less. [blocks] */
enum jb_err jb_file_copy(struct jb_file *in, uint64_t in_offset, struct jb_file *out,
	uint64_t out_offset, size_t length, size_t *copied);
/* close(2) of one descriptor; killed: the process is dying of a signal.  [blocks] */
enum jb_err jb_file_flush(struct jb_file *f, bool killed);
/* [blocks] */
enum jb_err jb_file_fsync(struct jb_file *f);
/* Frees the handle; after the last writable one commits the insert.  [blocks] */
void jb_file_release(struct jb_file *f);

struct jb_space {
	uint64_t block_size, blocks, blocks_free, blocks_available; /* of the store's file system */
	uint64_t elements, elements_empty;
};
enum jb_err jb_space(struct jukebox *jb, struct jb_space *out);

/* ---- drives -------------------------------------------------------------------------------- */

/* NULL: there is none of that number.  A drive lives as long as the jukebox, also when removed. */
struct drive *jb_drive(struct jukebox *jb, unsigned number);
struct jukebox *drive_jukebox(struct drive *d);
unsigned drive_number(const struct drive *d);
/* Held by whoever runs a command on the drive or takes its disc; see strand.h. */
struct strand *drive_strand(struct drive *d);
/* The robot's, held over every initiator-side move. */
struct strand *jb_robot_strand(struct jukebox *jb);

/* The disc in the closed drive.  JB_OFFLINE, JB_NO_MEDIUM, JB_TRAY_OPEN; JB_BECOMING_READY also between
 * the close of a file that is put into the drive and its release.  Strand held. */
enum jb_err drive_disc(struct drive *d, struct disc **out);

struct drive_view {
	bool has_disc; /* in the drive, tray open or not */
	bool tray_open;
	bool offline;	   /* the setting online is 0: no medium is accessible */
	bool locked;	   /* PREVENT is in force */
	unsigned prevents; /* for how many nexuses */
	/*
	 * Counters from which each nexus finds out what it has not been told yet: compare with the
	 * value seen last.  media_changes grows when the accessible medium changes in any way.
	 */
	uint64_t media_changes;
	uint64_t media_arrivals; /* those among them that made a medium accessible */
	uint64_t eject_requests;
	uint64_t formats;  /* formats in the background that have come to their end */
	bool loading;	   /* it is getting ready for its disc, which is not accessible yet */
	uint64_t loads;	   /* how often it has begun to */
	bool eject_wanted; /* the last of them was for the medium that is there now */
};
/* Any thread, no lock. */
void drive_view(struct drive *d, struct drive_view *out);

/*
 * The tray.  Opening fails with JB_MEDIUM_LOCKED while PREVENT is in force, unless forced; the disc
 * stays in the drive.  Opening makes what was written durable.  Strand held.  [blocks]
 */
enum jb_err drive_open_tray(struct drive *d, bool force);
enum jb_err drive_close_tray(struct drive *d);
/* Milliseconds until the drive is ready for the disc that it is loading; 0: it is.  Any thread. */
unsigned drive_loading_left(struct drive *d);
/* Waits for that.  Strand held.  [blocks] */
void drive_await_ready(struct drive *d);
/* One nexus prevents removal, or no longer does; the callers count once per nexus. */
void drive_prevent(struct drive *d, bool on);
/* The same, with the name of the initiator; NULL: it is not known. */
void drive_prevent_for(struct drive *d, bool on, const char *initiator);
/* The name of the initiator that locked it last; "": it is not locked, or the name is not known.  buf:
 * JB_EVENT_INITIATOR_MAX + 1, which it returns. */
const char *drive_locker(struct drive *d, char *buf);
/*
 * Who does what is done to the drive and its disc from now on, for the events: the name of an
 * initiator, which stays until this is called again; NULL: the mount.  Strand held, and given back
 * only after NULL.
 */
void drive_acts_for(struct drive *d, const char *initiator);
/* The user at the mount asks for the disc of a locked drive. */
void drive_request_eject(struct drive *d);

/* ---- what the target keeps in the store ------------------------------------------------------ */

/* The text of a unit's reservations, durable when it returns; size 0: none any more.  [blocks] */
enum jb_err jb_reservations_keep(struct jukebox *jb, unsigned lun, const char *text, size_t size);
/* JB_NO_ITEM: nothing is kept.  *text is the caller's to free.  [blocks] */
enum jb_err jb_reservations_kept(struct jukebox *jb, unsigned lun, char **text, size_t *size);

/*
 * What a drive is doing, for people: whoever does it tells when it begins, now and then, and when it is
 * over; a burn that was not told of for ten seconds is over.  A format in the background shows when
 * there is nothing else.  Blocks of 2048 bytes; total 0: not known.  Any thread, no lock.
 */
enum drive_work { DRIVE_IDLE, DRIVE_BURNING, DRIVE_FORMATTING, DRIVE_BLANKING, DRIVE_VERIFYING };
struct drive_progress {
	enum drive_work work;
	bool background; /* a format that goes on while the disc is used */
	uint64_t done, total;
};
void drive_works(struct drive *d, enum drive_work work, uint64_t done, uint64_t total);
void drive_progress(struct drive *d, struct drive_progress *out);

/* kB/s that initiators chose for the medium that is there now; 0: they did not.  drive_speeds gives
 * what holds, by those, the medium and the setting; 0 without a medium. */
void drive_choose_speeds(struct drive *d, uint32_t read, uint32_t write);
void drive_speeds(struct drive *d, uint32_t *read, uint32_t *write);
/* The setting speed; 0: no limit. */
uint32_t drive_speed_limit(struct drive *d);

/* ---- settings ------------------------------------------------------------------------------ */

enum jb_setting {
#define JB_SETTING(name, path, check, dflt, doc) JB_SET_##name,
#include "changer/setting.def"
#undef JB_SETTING
	JB_SETTING_COUNT
};

/* The setting at a path such as "drives/0/vendor", and its drive's number. */
bool jb_setting_find(struct jukebox *jb, const char *path, enum jb_setting *out, unsigned *drive);
/* drive: its number for per-drive settings, else ignored.  buf: JB_TEXT_MAX; which it returns. */
const char *jb_setting_get(struct jukebox *jb, enum jb_setting s, unsigned drive, char *buf);
/* A list, of which one write may give a part (setting.def). */
bool jb_setting_is_list(enum jb_setting s);
bool jb_setting_bool(struct jukebox *jb, enum jb_setting s, unsigned drive);
/* Checks, applies and stores; durable when it returns.  [blocks] */
enum jb_err jb_setting_set(
	struct jukebox *jb, enum jb_setting s, unsigned drive, const char *value);

#endif
