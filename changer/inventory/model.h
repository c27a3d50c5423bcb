/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the model share; jukebox.h and disc.h are what others see.
 *
 * Three things keep data in order:
 *
 *  - The jukebox lock (jb_lock) guards the inventory.  Nothing blocks while holding it.
 *  - A claim (item->busy, set under the lock) belongs to the one operation that changes an item:
 *    a move, a removal, a change of its attributes, the commit of its insert.  It may be kept over
 *    I/O.  Claims are taken before strands, and who holds a strand waits for no claim.
 *  - A drive's strand keeps the disc in that drive still.
 *
 * The fields of an item that are marked [still] change only under the lock, by the holder of its
 * claim, who also holds the strand if the item is in a drive, and the write side of insert->io if
 * the item is being written.  So each of the four is enough to read them.
 *
 * Order: claim, strands (see strand.h), insert->io, jukebox lock.
 */
#ifndef CHANGER_MODEL_H
#define CHANGER_MODEL_H

#include <stdatomic.h>

#include "changer/base/lock.h"
#include "changer/fault.h"
#include "changer/store/image.h"
#include "changer/jukebox.h"
#include "changer/link.h"
#include "changer/recording/recording.h"
#include "changer/store/store.h"

LOCK_CLASS(jb_lock);

enum {
	TRANSPORTS = 1, /* pickers */
	MAILSLOTS_MAX =
		256, /* so that they fit between the picker's default address and slot 1's */
	ELEM_TYPES = JB_DRIVE + 1,
	ELEM_CHUNK = 256, /* elements that are made at once */
	ELEM_CHUNKS = JB_SLOTS_MAX / ELEM_CHUNK + 1,
	RELEASE_WAIT_MS =
		100, /* how long an open for writing waits for the one before to be released */
	CLOSING_WAIT_MS = 1000,	  /* how long a move waits for programs that are closing its file */
	WRITEBACK_STEP = 8 << 20, /* bytes after which the kernel is asked to start writing */
};

/* The SHA-256 of a disc's content, and how its last verification went. */
struct digest {
	char sha256[JB_HASH_TEXT]; /* "": none */
	uint64_t size;		   /* of the image that it is of, and when that was changed */
	int64_t mtime_ns;
	unsigned content; /* what disc.content was */
	enum jb_verdict verdict;
	int64_t verdict_ns;
};

/* A format in the background: done of total sectors at that time. */
struct formatting {
	uint32_t done, total; /* total 0: there is none */
	uint64_t from_ms;
};

struct disc {
	struct recording rec;  /* [still] */
	unsigned image_number; /* [still] the N of its file image.N */
	/* Open while a drive or an open file has use for it.  Changes under the lock; while the disc
	 * is in a drive only with its strand held, when what it holds is made anew. */
	struct image *image;
	bool unsynced, changed; /* strand held: data, or the recording, is not durable */
	bool lost; /* strand held: a sync has failed, and the disc is yet to go back behind that */
	uint64_t kick_length;	/* strand held: bytes written since writeback was started */
	uint64_t told_ms;	/* strand held: when its burn was told of last; 0: never */
	bool told_full;		/* strand held: that it is full was told since it was loaded */
	uint64_t told_store_ms; /* strand held: when a failure of the store was told; 0: none */
	struct formatting formatting; /* strand held: while rec.background is running */
	/* What others may read at any time; disc_state_publish keeps it. */
	_Atomic(const struct medium *) medium;
	_Atomic uint32_t capacity;
	_Atomic unsigned status, sessions, closed_sessions, tracks;
	_Atomic int64_t nwa;	 /* see struct jb_item */
	_Atomic unsigned origin; /* enum jb_origin */
	_Atomic bool sealed, unrecorded, raw, pwp;
	struct track_view *view;  /* track_view.c: of CDs, what others may read of their tracks */
	_Atomic uint64_t size;	  /* bytes */
	_Atomic uint64_t blocks;  /* of 512 bytes */
	_Atomic unsigned content; /* grows with every change of what is recorded */
	struct digest digest;	  /* [still] valid while its content is that one */
};

/* New content of an item while programs write it; lives as long as a writable handle does. */
struct insert {
	struct image *image;
	unsigned image_number;
	pthread_rwlock_t io; /* write side: makes or withdraws the intent; read side: writes data */
	bool intent;	     /* io held: a description with the intent to insert is durable */
	bool over;	     /* it is recorded over a standing blank */
	bool resumed;	     /* what is continued was incomplete */
	bool listed;	     /* io held: its directory's entry in incoming/ is durable */
	enum jb_err lost;    /* io held: what became of data that could not be made durable */
	enum jb_err flushed; /* io held: what the last close was told */
	_Atomic bool touched;	    /* written to since it was opened */
	_Atomic bool dirty;	    /* written to since the last sync */
	_Atomic bool attrs_changed; /* attributes changed since the description was stored */
	_Atomic uint64_t max;	    /* bytes that the medium takes */
	_Atomic uint64_t size, blocks;
	_Atomic uint64_t kick_at;
	char *sheet; /* io held: the sheet that it was judged by; NULL: none */
	size_t sheet_size;
};

struct link { /* of a disc inserted by reference */
	char *target;
	uint64_t device, inode, size; /* of the file, when it was inserted */
	int64_t mtime_ns;
	_Atomic unsigned state; /* enum jb_link */
};

struct item {
	struct jukebox *jb;
	uint64_t id;
	struct item *next_by_id GUARDED_BY(jb_lock);
	struct element *elem;	    /* [still] NULL: it is gone, only open files keep it */
	enum jb_item_kind kind;	    /* [still] */
	char *name;		    /* [still] its label follows behind the NUL */
	bool at_incoming;	    /* [still] its directory is incoming/ID */
	bool has_source, recovered; /* [still] */
	struct jb_elem source;	    /* [still] */
	uid_t uid;		    /* [still], as are the next two */
	gid_t gid;
	int64_t atime_ns;
	_Atomic mode_t mode;
	_Atomic int64_t mtime_ns, ctime_ns;
	_Atomic bool truncated; /* its image is shorter than it should be */
	_Atomic bool damaged;	/* a writer was killed or failed, and nobody began afresh */
	unsigned refs GUARDED_BY(jb_lock);
	unsigned writers GUARDED_BY(jb_lock);
	unsigned pins GUARDED_BY(jb_lock); /* users of disc.image: handles and the drive */
	bool busy GUARDED_BY(jb_lock);	   /* claimed */
	bool shadowed GUARDED_BY(
		jb_lock);	    /* a new disc of its name is being written in its place */
	_Atomic bool closing;	    /* flushed and not written to since: its release is due */
	_Atomic uint64_t closed_ms; /* since when */
	struct link *link;	    /* for life; NULL: the image is in the store */
	struct insert *insert;	    /* changes under the lock, with claim */
	/* check.c: what was asked for, and waits in the queue or is under way */
	unsigned check_asked GUARDED_BY(jb_lock), check_runs GUARDED_BY(jb_lock);
	_Atomic unsigned check_percent;
	TAILQ_ENTRY(item) check_link GUARDED_BY(jb_lock);
	struct item *replaces; /* [still] the standing disc that its commit replaces */
	struct disc disc;
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

struct event_log {
	struct strand_job job; /* first: reserves numbers */
	struct jukebox *jb;
	pthread_mutex_t lock;  /* leaf; guards the rest */
	struct jb_event *ring; /* number N is at N % JB_EVENTS_KEPT */
	uint64_t first, next;  /* numbers: of the oldest kept, of the next one */
	uint64_t reserved;     /* numbers below this are ours, by what the store says */
	uint64_t reserve_at;   /* when next gets there, more are reserved */
	bool reserving;
	unsigned strangers;    /* events that they have caused lately */
	uint64_t strangers_ms; /* when some of those were forgotten */
	uint64_t counts[JB_EVENT_COUNT];
	void (*wake)(void *arg);
	void *wake_arg;
};

enum {
	CHECK_HASH = 1,
	CHECK_VERIFY = 2,
	CHECK_AUTO = 4, /* a hash that nobody asked for */
	CHECK_LINK = 8, /* is the file behind it still the same? */
};

struct checks { /* check.c */
	pthread_t thread;
	void *(*serve)(void *jb); /* what it runs */
	pthread_cond_t wake;	  /* with the jukebox lock */
	TAILQ_HEAD(, item) queue GUARDED_BY(jb_lock);
	bool open GUARDED_BY(jb_lock), started GUARDED_BY(jb_lock), stopping GUARDED_BY(jb_lock);
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

void jb_enter(struct jukebox *jb) ACQUIRES(jb_lock);
void jb_leave(struct jukebox *jb) RELEASES(jb_lock);
/* Waits for jb_changed until a time of clock_gettime(CLOCK_MONOTONIC); false: it has come. */
bool jb_wait_until(struct jukebox *jb, const struct timespec *end) REQUIRES(jb_lock);
struct timespec jb_deadline(unsigned ms);
void jb_changed(struct jukebox *jb) REQUIRES(jb_lock);

/* ---- element.c ----------------------------------------------------------------------------- */

struct element *element_find(struct jukebox *jb, struct jb_elem e);
/* The one with that index, also if it is removed; NULL: it was never made. */
struct element *element_at(struct jukebox *jb, enum jb_elem_type type, unsigned index);
/* Makes what the counts say, or one more of a type. */
enum jb_err element_make_all(struct jukebox *jb);
enum jb_err element_make(struct jukebox *jb, enum jb_elem_type type, unsigned index);
void element_free_all(struct jukebox *jb);
struct item *element_item(struct element *el, const char *name) REQUIRES(jb_lock);
/* May a disc come in: JB_OK, or why not. */
enum jb_err element_admits(struct element *el) REQUIRES(jb_lock);
struct item **element_staged_place(struct element *el) REQUIRES(jb_lock);
/* Takes the item out of its element. */
void element_forget(struct item *it) REQUIRES(jb_lock);
/* Are the ranges of addresses that start there, by type, within 16 bits and without overlap? */
bool element_ranges_fit(const unsigned first[ELEM_TYPES], const unsigned counts[ELEM_TYPES]);
void element_counts(const struct jukebox *jb, unsigned counts[ELEM_TYPES]);

/* ---- mailslot.c ---------------------------------------------------------------------------- */

/* A disc came to an element, went from it or has another label, and no initiator asked for that. */
void element_changed_by_hand(struct jukebox *jb, struct element *el);
/* May a user put a disc in, or take it out of the jukebox: JB_OK, or JB_MAILSLOTS_LOCKED. */
enum jb_err element_admits_hand(const struct jukebox *jb, const struct element *el);

/* ---- name.c -------------------------------------------------------------------------------- */

enum jb_err name_check(const char *name);
/* The medium that the name's media suffix says; NULL: none. */
const struct medium *name_medium(const char *name);
/* The disc's name with another label in its place, its suffixes kept: buf of JB_NAME_MAX + 1.
 * JB_BAD_LABEL: no name has that label. */
enum jb_err name_with_label(const char *name, const char *label, char *buf);
/* It ends in .bin, or in .cue. */
bool name_is_bin(const char *name);
bool name_is_sheet(const char *name);
/* The hidden name of the sheet beside a disc of that name; false: it would be too long. */
bool name_of_sheet(const char *name, char *buf);
/* May a hidden file of that name be meant as the sheet of a disc of that one: .LABEL.cue, or with the
 * media suffix that the disc has; .CUE too. */
bool name_is_sheet_of(const char *sheet, const char *name);
/* The name that the disc has once it is raw, and when that was blanked.  buf of JB_NAME_MAX + 1. */
enum jb_err name_of_bin(const char *name, char *buf);
enum jb_err name_of_iso(const char *name, char *buf);
/* May a disc have that name, which is no temporary one: JB_SHEET_NAME, JB_RAW_NAME. */
enum jb_err name_fits(const char *name, bool raw);
/* rsync's temporary name, .NAME. and six characters of its own: of any file, and of that one. */
bool name_is_rsync(const char *name);
bool name_is_rsync_of(const char *name, const char *final);
/* The same of a sheet, which may stand beside a disc; rsync adds no dot to a hidden name. */
bool name_is_rsync_of_sheet(const char *name);
/* The name with its label behind the NUL; NULL: no memory. */
char *name_make(const char *name);

/* ---- item.c -------------------------------------------------------------------------------- */

/* A new one of a fresh id, or of a known one (not 0), in no element; NULL: no memory. */
struct item *item_new(struct jukebox *jb, uint64_t id, const char *name) EXCLUDES(jb_lock);
struct item *item_by_id(struct jukebox *jb, uint64_t id) REQUIRES(jb_lock);
/* Has the index of ids keep up with that many elements; without memory it only gets slower. */
void item_index_grow(struct jukebox *jb, size_t elements) EXCLUDES(jb_lock);
void item_ref(struct item *it) REQUIRES(jb_lock);
/* Its directory in the store: buf of STORE_PATH_MAX bytes, which it returns.  Still (see above). */
const char *item_path(const struct item *it, char *buf);
void item_unref(struct item *it) EXCLUDES(jb_lock);
/* Out of its element; it is still found by its id as long as somebody has a reference. */
void item_drop(struct item *it) REQUIRES(jb_lock);
void item_fill(struct item *it, struct jb_item *out) REQUIRES(jb_lock);
/* Waits for the claim until the deadline (NULL: for ever): JB_IN_USE, or JB_NO_ITEM if it went. */
enum jb_err item_claim(struct item *it, const struct timespec *deadline) REQUIRES(jb_lock);
void item_unclaim(struct item *it) REQUIRES(jb_lock);
/* Waits while programs that have closed the item's file are being heard of. */
void item_await_writers(struct item *it, const struct timespec *deadline) REQUIRES(jb_lock);
/* The drive that an item, which the caller claims, is in as a disc; entered.  NULL: none. */
struct drive *item_enter_drive(struct item *it) EXCLUDES(jb_lock);
/*
 * One more user of its image, which is opened if need be.  Claim or strand held, or item new.  out
 * NULL: for a drive, which takes a disc also when the file that it is a link to is gone.
 */
enum jb_err item_pin_image(struct item *it, struct image **out) EXCLUDES(jb_lock);
void item_unpin_image(struct item *it) EXCLUDES(jb_lock);
/* Its image for reading, shared if it is open. */
enum jb_err item_open_image(struct item *it, struct image **out) EXCLUDES(jb_lock);

/* ---- description.c ------------------------------------------------------------------------- */

struct intent { /* what the release of the last handle would have done */
	struct jb_elem elem;
	char name[JB_NAME_MAX + 1];
	uint64_t size;
	uint64_t replaces; /* id of the standing disc; 0: none */
};

struct description { /* disc.json */
	uint64_t id;
	bool incomplete, truncated, has_source, recovered, has_intent;
	enum jb_origin origin;
	unsigned image;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	int64_t atime_ns, mtime_ns, ctime_ns;
	struct jb_elem source;
	struct intent intent;
	struct digest digest;
	struct link *link; /* borrowed; when loaded, owned; NULL: the image is in the store */
	const struct recording *rec; /* borrowed; when loaded, own */
	struct recording own;
};

/* What the item's description says now.  Still (see above), or the item is being inserted. */
void description_of(const struct item *it, struct description *d);
enum jb_err description_store(struct jukebox *jb, const char *dir, const struct description *d);
/* The same up to the last step: leaves it as PENDING_FILE. */
enum jb_err description_prepare(struct jukebox *jb, const char *dir, const struct description *d);
/* The last step. */
enum jb_err description_publish(struct jukebox *jb, const char *dir);
/* JB_NO_ITEM: there is none; JB_STORE_FORMAT: it makes no sense. */
enum jb_err description_load(
	struct jukebox *jb, const char *dir, const char *file, struct description *d);
void description_apply(struct item *it, struct description *d);
/* Frees what a loaded one owns. */
void description_fini(struct description *d);
/* Stores what the item is now; of a disc that is written to, with the sectors that it tells of. */
enum jb_err disc_describe(struct item *it);

/* ---- insert.c: from written file to disc ---------------------------------------------------- */

struct insert *insert_new(struct item *it, struct image *image, unsigned image_number);
void insert_free(struct insert *ins);
uint64_t insert_limit(const struct item *it, const char *name);
/* Makes what is written durable, and with it the intent to insert. */
enum jb_err insert_flush(struct item *it);
/* Before something is written: takes back the intent.  On success the read side of io is held. */
enum jb_err insert_begin_write(struct item *it, uint64_t end);
void insert_end_write(struct item *it, uint64_t end, bool failed);
/* The description that the content has as a disc, with the intent to make it one. */
void insert_describe(struct item *it, const struct recording *rec, bool incomplete,
	struct description *d) EXCLUDES(jb_lock);
/* Writes down what is there now; the write side of io is held, or no writer is left. */
enum jb_err insert_write_down(struct item *it, struct recording *rec, bool *incomplete);
/* Keeps flushes and writes of a claimed item out while its place or its name changes. */
void insert_pause(struct item *it);
void insert_resume(struct item *it);

/* ---- promote.c ----------------------------------------------------------------------------- */

/* Gives the claimed staged item another name, in an element that may be another: it stays temporary, or
 * becomes a disc.  name: the new one, which is exchanged for the old one on success. */
enum jb_err promote_rename(struct item *it, struct element *to, char **name,
	const struct timespec *deadline) EXCLUDES(jb_lock);

/* ---- commit.c ------------------------------------------------------------------------------ */

/* The last writer has gone; claim held, which it gives back. */
void insert_commit(struct item *it) EXCLUDES(jb_lock);
/* A staged item without writers becomes the disc that its name and element now say, or fails and
 * stays what it is; claim held. */
enum jb_err insert_place(struct item *it) EXCLUDES(jb_lock);

/* ---- classify.c ------------------------------------------------------------------------------- */

/* What an image of that size would be: a recording, and whether it is incomplete. */
enum jb_err classify_image(struct item *it, const struct image *image, uint64_t size,
	struct recording *rec, bool *incomplete);

/* ---- classify_bin.c --------------------------------------------------------------------------- */

/* Is the item a BIN, by its name, or a blank CD that a sheet has been put beside? */
bool classify_is_bin(struct item *it) EXCLUDES(jb_lock);
/* *plain: it is an image of 2048-byte sectors like any other, and nothing has been judged yet. */
enum jb_err classify_bin(struct item *it, const struct image *image, uint64_t size,
	struct recording *rec, bool *plain, bool *incomplete) EXCLUDES(jb_lock);
/* The claimed item is a disc: the sheet that was put beside it for that has done its duty. */
void classify_consume_sheet(struct item *it) EXCLUDES(jb_lock);

/* ---- correct_name.c ---------------------------------------------------------------------------- */

/* Another name that the disc is to have: of a BIN when it is raw, of an image when it was blanked.  buf of
 * JB_NAME_MAX + 1.  JB_NO_ITEM: its name is right.  Claim or strand held. */
enum jb_err correct_name_wanted(const struct item *it, char *buf);
/* Sees to it that the disc has that name, soon and by the mover.  Strand held. */
void correct_name_schedule(struct disc *d) EXCLUDES(jb_lock);
/* Start-up has found the disc: gives its cartridge that name. */
void correct_name_apply_at_start(struct item *it) EXCLUDES(jb_lock);
/* The same of a claimed one that came through the mount. */
void correct_name_apply(struct item *it) EXCLUDES(jb_lock);

/* ---- attribute.c --------------------------------------------------------------------------- */

/* Of content that has just been judged. */
enum jb_origin origin_of(const struct recording *rec);
/* JB_ORIGIN_UNKNOWN: there is no such name. */
enum jb_origin origin_by_name(const char *name);
/*
 * Claims the item of that id, once programs that are closing its file have had their time, and
 * takes a reference of it.  What it gives has to be let go again.
 */
enum jb_err item_take(struct jukebox *jb, uint64_t id, struct item **out) EXCLUDES(jb_lock);
void item_let_go(struct item *it) EXCLUDES(jb_lock);

/* ---- check.c ------------------------------------------------------------------------------- */

void check_init(struct jukebox *jb);
/* The store has been scanned: from now on discs are read. */
void check_open(struct jukebox *jb);
/* Ends what is under way. */
void check_fini(struct jukebox *jb);
/* Asks for that of the item, CHECK_*, if the thread can be started.  JB_STOPPING: nothing is read any
 * more, or not yet; JB_NO_MEMORY. */
enum jb_err verify_queue_ask(struct item *it, unsigned what) REQUIRES(jb_lock);
/* Has all links checked. */
void verify_queue_links(struct jukebox *jb) REQUIRES(jb_lock);
/* The disc is complete as it is, so its hash may be computed if the settings say so. */
void verify_queue_completed(struct item *it) REQUIRES(jb_lock);
bool digest_is_valid(const struct disc *d);
/* Is it of an image of that size that was changed then? */
bool digest_fits(const struct digest *digest, uint64_t size, int64_t mtime_ns);

/* ---- volume_size.c ------------------------------------------------------------------------------ */

/* Does the image say of itself that it is longer than size bytes?  raw: its sectors are. */
bool volume_size_is_longer(const struct image *image, bool raw, uint64_t size);
/* Is there a volume at all, in an image of 2048-byte sectors? */
bool volume_size_is_there(const struct image *image);
/* Start-up has found an image of so many bytes, where so many sectors are described: if something is
 * missing of it, the disc is truncated from now on. */
void volume_size_notice(struct item *it, uint64_t described, uint64_t bytes);

/* ---- link.c -------------------------------------------------------------------------------- */

struct link *link_new(const char *target);
void link_free(struct link *l);
/* JB_OK, or why the file behind the disc cannot be read, as far as it is known. */
enum jb_err link_error(const struct item *it);
/* Opens the file, which has to be the one that was inserted.  Claim or strand held.  [blocks] */
enum jb_err link_open(struct item *it, struct image **out) EXCLUDES(jb_lock);
/* Before what is read of it is believed: is the open file still as it was?  Strand held. */
enum jb_err link_read_is_still(struct disc *d);
/* Tries again what has failed.  Strand held.  [blocks] */
void link_read_again(struct item *it) EXCLUDES(jb_lock);
/* What the open file is like now, into *now.  JB_LINK_NO_FILE: it is no regular file. */
enum jb_err link_look_at(int fd, struct link *now);
/* Are both records of the same file, unchanged? */
bool link_is_same(const struct link *a, const struct link *b);
/* Keeps what is known of the file from now on, and tells the first time that it is no good. */
void link_set_state(struct item *it, enum jb_link state);
/* Has the opener open path; *fd: the caller's, or -1.  JB_IN_USE: there is no opener.  [blocks] */
enum jb_err link_open_outside(struct jukebox *jb, const char *path, const struct jb_caller *caller,
	int *fd) EXCLUDES(jb_lock);

/* ---- remove.c ------------------------------------------------------------------------------- */

/* Deletes a directory that nobody will look for, later. */
void remove_later(struct jukebox *jb, const char *dir);
/* The same for incoming/ID. */
void remove_incoming(struct jukebox *jb, uint64_t id);

/* ---- item.c: another name ------------------------------------------------------------------ */

/* Exchanges the claimed item's name with *name, in memory only. */
void item_swap_name(struct item *it, char **name) REQUIRES(jb_lock);

/* Gives a claimed disc, or incomplete file, the name *name, which is exchanged for its old one, whether
 * or not its drive is locked.  initiator: for whom; NULL: the mount. */
enum jb_err item_relabel(struct item *it, char **name, const char *initiator) EXCLUDES(jb_lock);

/* ---- drive.c ------------------------------------------------------------------------------- */

enum jb_err drive_init_all(struct jukebox *jb);
/* The drive of a drive element that has none yet. */
enum jb_err drive_make(struct jukebox *jb, unsigned number);
void drive_fini_all(struct jukebox *jb);
/* Strand held. */
bool drive_is_locked(const struct drive *d);
/* How far it is by now: sectors, at most all. */
uint32_t formatting_done(const struct formatting *f);
/* What goes on with the drive's disc in the background from now on; total 0: nothing. */
void drive_formats(struct drive *d, const struct formatting *f);
/* How many have come to their end.  Any thread, no lock. */
uint64_t drive_formats_ended(struct drive *d);
/* May it go online, or offline; then it does.  Strand held. */
enum jb_err drive_admits_online(struct drive *d, bool online);
void drive_set_online(struct drive *d, bool online);
/* initiator: for whom; NULL: the mount */
void drive_put_disc(struct drive *d, struct item *it, const char *initiator) REQUIRES(jb_lock);
void drive_take_disc(struct drive *d) REQUIRES(jb_lock);
/* The disc that is in it has become accessible. */
void drive_medium_came(struct drive *d) REQUIRES(jb_lock);

/* ---- event.c: any lock may be held ----------------------------------------------------------- */

/* Before all that events can tell of; JB_OK: event_fini ends it. */
enum jb_err event_init(struct jukebox *jb);
/* Nobody may add any more. */
void event_fini(struct jukebox *jb);
/* An event of nothing yet. */
void event_begin(struct jb_event *e, enum jb_event_type type, const char *initiator);
/* It is about that item, in its element; still (see above). */
void event_set_item(struct jb_event *e, const struct item *it);
/* Gives it its number and time. */
void event_add(struct jukebox *jb, const struct jb_event *e);
/* Whole ones; initiator NULL: the mount. */
void event_item(const struct item *it, enum jb_event_type type, const char *initiator);
void event_move(
	const struct item *it, struct jb_elem from, const char *old_name, const char *initiator);
void event_relabel(const struct item *it, const char *old_name, const char *initiator);
void event_verdict(const struct item *it, bool good);
void event_error(const struct item *it, enum jb_err err, const char *initiator);
/* With the disc that is in it.  Its strand, or the jukebox lock, is held. */
void event_drive(const struct drive *d, enum jb_event_type type, const char *initiator);

/* ---- disc.c -------------------------------------------------------------------------------- */

struct item *disc_state_item(struct disc *d);
const struct item *disc_state_const_item(const struct disc *d);
/* After a change of the recording. */
void disc_state_publish(struct disc *d);
/* track_view.c: has others see the tracks of a CD as they are now, or no longer. */
void track_view_show(struct disc *d);
void track_view_hide(struct disc *d);
/* Takes over *rec, which is empty then, and the size of the image. */
void disc_state_assign(struct disc *d, struct recording *rec, uint64_t size, uint64_t blocks);
/* After each change of the recording: times, sizes, and that a description is due. */
void disc_changed(struct disc *d);
/* Tells who looks after the jukebox that the store cannot keep what is burned, if err is that; gives
 * err back.  Strand held. */
enum jb_err disc_tell_store(struct disc *d, enum jb_err err);
/* There is more to record than the medium holds: told once a load. */
void disc_tell_full(struct disc *d);
/* Who is at the drive that the disc is in; NULL: nobody, or the mount. */
const char *disc_state_acts_for(const struct disc *d);

/* ---- disc_write.c, disc_change.c --------------------------------------------------------------- */

/* Makes the sectors durable, of an image that is at least so many bytes long. */
enum jb_err disc_sync_data(struct disc *d, uint64_t end);
/* Before a description is stored of a disc that may be written to: what it tells of is durable first. */
enum jb_err disc_sync_written(struct disc *d);
/* Makes durable that the disc is what *rec says, a changed copy of its recording, with all sectors that
 * it tells of; *rec is empty then.  An error leaves the disc as it was.  Strand held. */
enum jb_err disc_change(struct disc *d, struct recording *rec);
/* The same of what edit makes of a copy of its recording; whole: which has sectors that only a raw disc
 * has, so it becomes one.  edit may be called twice, each time with a fresh copy.  Strand held. */
typedef enum jb_err disc_edit_fn(struct recording *rec, const void *arg);
enum jb_err disc_edit(struct disc *d, disc_edit_fn *edit, const void *arg, bool whole);

/* ---- disc_erase.c, disc_raw.c ---------------------------------------------------------------- */

/* A new image beside the old one, which fill (NULL: nothing) writes from what the disc holds, and then
 * *rec and that image are the disc: the rename of its description is the commit.  *rec is empty then.
 * An error leaves the disc as it was. */
typedef enum jb_err disc_fill(struct disc *d, const struct recording *rec, struct image *to);
enum jb_err disc_replace_image(struct disc *d, struct recording *rec, disc_fill *fill);
/* The image has whole sectors from now on, durably.  [blocks] if something is recorded. */
enum jb_err disc_become_raw(struct disc *d);
/* The same of a copy of what the disc is, as long as nothing is recorded; else of the disc, and then of
 * the copy.  Who stores the copy sees to the disc's name. */
enum jb_err disc_make_raw(struct disc *d, struct recording *rec);
/* Of a raw disc, what disc_read and disc_write are; what may be read or written was looked at. */
enum jb_err disc_read_user_data(
	struct disc *d, uint32_t lba, uint32_t count, void *buf, bool may_block);
enum jb_err disc_write_user_data(struct disc *d, uint32_t lba, uint32_t count, const void *data);
/* disc_erase.c: brings the state of a format in the background up to date. */
void disc_run_background(struct disc *d);
/* After a change of that state: tells the drive, for those who do not hold its strand. */
void disc_tell_background(struct disc *d);
/* disc_repair.c: makes image and recording agree again after a crash or a change by hand. */
void disc_repair(struct item *it, uint64_t image_bytes);

/* ---- scan.c, setting_store.c --------------------------------------------------------------- */

/* Raises the counts to the highest element that has a directory. */
enum jb_err scan_counts(struct jukebox *jb);
/* Makes what directories are missing, finds all discs, recovers and sweeps incoming/. */
enum jb_err scan_store(struct jukebox *jb);
/* recover.c: takes up or sweeps what is in incoming/. */
enum jb_err recover_incoming(struct jukebox *jb);
/* Makes a disc of an image file that somebody put into an element by hand. */
enum jb_err recover_loose_file(struct jukebox *jb, struct element *el, const char *name);
enum jb_err setting_load_all(struct jukebox *jb);
void setting_free_all(struct jukebox *jb);
/* A drive that is there, at start or again, is as its settings say.  Nobody else has it yet. */
void setting_apply_to_drive(struct drive *d);
/* layout_lock: one setting or user is changed at a time, and the store is written meanwhile. */
void setting_enter(struct jukebox *jb);
void setting_leave(struct jukebox *jb);
/* The directories of a path below ctl/; dir, of STORE_PATH_MAX, gets that of the last one. */
enum jb_err setting_make_folders(int store, const char *path, char *dir);
/* Of a secret too; false: it is not set. */
bool setting_copy(struct jukebox *jb, enum jb_setting s, char buf[JB_TEXT_MAX]);

/* ---- access.c, user.c ---------------------------------------------------------------------- */

struct user {
	unsigned id; /* never used again */
	char *name;
	char *secret; /* "": none yet */
};

/* May the setting be changed to that value: setting_enter. */
enum jb_err access_check(struct jukebox *jb, enum jb_setting s, const char *value);
/* Does any user have that secret? */
bool user_has_secret(struct jukebox *jb, const char *secret);
enum jb_err user_load_all(struct jukebox *jb);
void user_free_all(struct jukebox *jb);
/* Forgets a secret, or any text; NULL-safe. */
void user_wipe(char *text);

#endif
