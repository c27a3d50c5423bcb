/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store's files: their names, and the steps of which each change of the store is made.
 * jukeboxd-store(5) describes the store.  All paths are relative to its directory, whose descriptor is
 * `store`.
 *
 * A step that fails logs why and returns "the store's error": JB_STORE_FULL, JB_STORE_WRITE, JB_STORE_READ
 * or another one that fits errno (jb_err_from_errno).  The store is "in doubt" after a sync has failed:
 * nobody knows then what is durable.
 */
#ifndef CHANGER_STORE_STORE_H
#define CHANGER_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "changer/err.h"

#define INCOMING_DIR "incoming"
#define LOST_DIR "lost+found"
#define DISC_FILE "disc.json"
#define PENDING_FILE "disc.json.new"

/* Bytes of a path below the store, with its NUL; the most bytes of a file that store_read_file reads. */
enum { STORE_PATH_MAX = 640, STORE_FILE_MAX = 1 << 20 };

/* Watches the steps, for tests: store_step_hook, if it is not NULL, is called before each step that changes
 * the store.  `what` is a word such as "mkdir", `path` the path below the store. */
typedef void store_step(const char *what, const char *path);
extern store_step *_Atomic store_step_hook;

/* Says how the last owner of a store, which is the daemon that served it last, has ended. */
struct store_end {
	bool is_new; /* true: there was no owner, because the store has no jukebox.json */
	bool clean;  /* true: all that it had written was durable at its end (store_mark_clean) */
	/* if clean is true: the time of its end; no file that it changed has a later time of change */
	struct timespec when;
};

/* Makes durable all that is in the store.  If the last owner's end was clean, only what was changed at that
 * time or later.  For a file or a directory that cannot be synced, logs an error, puts the store in doubt,
 * and calls `failed` with arg, the path and the error.  Returns JB_OK all the same, or JB_NO_MEMORY.
 * [blocks] */
typedef void store_sync_failed(void *arg, const char *path, enum jb_err err);
enum jb_err store_settle(
	int store, const struct store_end *end, store_sync_failed *failed, void *arg);

/* Makes durable the directory `dir` of the store and all that is below it.  Returns the store's error if
 * something cannot be synced; JB_NO_MEMORY.  Ignores a directory that cannot be read.  [blocks] */
enum jb_err store_settle_dir(int store, const char *dir);

/* Puts the store in doubt (true), because something could not be made durable; or ends that (false).  Takes
 * no lock. */
void store_doubt(bool doubt);
/* Returns true if the store is in doubt. */
bool store_is_in_doubt(void);

/* Forbids to write to the store (true), or allows it (false).  If it is forbidden, each step below that
 * changes the store does nothing and returns JB_STORE_READ_ONLY.  Two steps return JB_OK: store_sync_dir,
 * and store_mkdir if the directory exists.  No image is opened for writing. */
void store_set_read_only(bool is);
/* Returns true if it is forbidden to write to the store. */
bool store_is_read_only(void);

/* Prints incoming/ID, the directory of a file that is being inserted, to buf (STORE_PATH_MAX bytes).
 * Returns buf. */
const char *store_incoming_path(uint64_t id, char *buf);
/* Prints incoming/trash-ID, the directory of an item that was removed, to buf (STORE_PATH_MAX bytes).
 * Returns buf. */
const char *store_trash_path(uint64_t id, char *buf);
/* Prints DIR/image.NUMBER to buf (STORE_PATH_MAX bytes).  Returns buf. */
const char *store_image_path(const char *dir, unsigned number, char *buf);
/* Prints DIR/NAME to buf (STORE_PATH_MAX bytes).  Returns buf. */
const char *store_join(const char *dir, const char *name, char *buf);
/* Returns N for the name image.N, where N is 1 or more and has no leading zero; 0 for any other name. */
unsigned store_image_number(const char *name);

/* Makes a directory.  Returns JB_OK too if anything exists at the path already.  Not durable. */
enum jb_err store_mkdir(int store, const char *path);
/* Renames a file or a directory.  Replaces a file, or an empty directory, at `to`.  Returns JB_ELEMENT_FULL
 * if a directory at `to` is not empty, or if a directory would replace a file.  Not durable. */
enum jb_err store_rename(int store, const char *from, const char *to);
/* Names where an entry is after a rename that may have failed. */
enum store_at { STORE_AT_FROM, STORE_AT_TO, STORE_AT_UNKNOWN };
/* Finds out where an entry is that was to be renamed from `from` to `to`.  Returns STORE_AT_FROM if `from`
 * exists; STORE_AT_TO if only `to` exists.  Returns STORE_AT_UNKNOWN if neither exists or the store cannot
 * be read; the store is then in doubt. */
enum store_at store_look(int store, const char *from, const char *to);
/*
 * Renames `from` to `to` and makes that durable.  Syncs to_dir, which is the directory of `to`, and then
 * from_dir, which is that of `from`, if it is another one.  If a step fails although the entry has
 * moved, renames the entry back, and makes that durable.
 *
 * Returns JB_OK with *at = STORE_AT_TO; or the first error, and *at says where the entry is then.  *at is
 * STORE_AT_UNKNOWN also if the entry was renamed back, but that could not be made durable.  Returns
 * JB_ELEMENT_FULL as store_rename does; nothing has changed then.  [blocks]
 */
enum jb_err store_move(int store, const char *from, const char *from_dir, const char *to,
	const char *to_dir, enum store_at *at);
/*
 * Renames the file `temporary`, which must be synced, to `path`, and syncs the directory `dir`, which has
 * both.  `path` need not exist.  Durable on return.
 *
 * If that fails after the rename, durably undoes it: deletes `path` if it was new; else writes its old
 * content to a file with the mode `mode`, and renames that to `path`.  If that fails too, logs an error.
 * Returns the store's error.  If the old file cannot be read, returns that error and changes nothing.
 * After an error `temporary` may be left.  [blocks]
 */
enum jb_err store_rename_file(
	int store, const char *dir, const char *temporary, const char *path, mode_t mode);
/* Removes a file.  Returns JB_OK too if it does not exist.  Not durable. */
enum jb_err store_unlink(int store, const char *path);
/* Removes an empty directory.  Returns JB_OK too if it does not exist.  Not durable. */
enum jb_err store_rmdir(int store, const char *path);
/* Makes the entries of a directory durable.  Returns JB_OK too if the file system cannot sync directories
 * (EINVAL), or if the store is read-only.  If the sync fails, the store is in doubt.  [blocks] */
enum jb_err store_sync_dir(int store, const char *path);
/* Sets the size of a file, which must exist: cuts it, or makes it longer with zeros.  Not durable. */
enum jb_err store_truncate(int store, const char *path, uint64_t size);
/* Writes a file with this content and syncs it.  A file that exists keeps its mode and gets the new
 * content; a new one gets mode 0644.  The file's name becomes durable only with store_sync_dir.  After an
 * error or a crash the file may be incomplete.  If the sync fails, the store is in doubt.  [blocks] */
enum jb_err store_write_file(int store, const char *path, const void *data, size_t size);
/* Reads a whole file into *data, with a NUL behind it that *size does not count.  The caller frees *data.
 * Returns JB_NO_ITEM if there is no such file; JB_STORE_FORMAT if it is not a regular file or has more than
 * STORE_FILE_MAX bytes; JB_STORE_READ (also for a symbolic link) or another error that fits errno;
 * JB_NO_MEMORY.  On an error leaves *data and *size.  Does not log. */
enum jb_err store_read_file(int store, const char *path, char **data, size_t *size);
/* Replaces the content of the file `path`, or makes that file.  Writes the content to the file `temporary`,
 * renames that to `path`, and syncs the directory `dir`, which has both.  Durable on return.  After a crash
 * the file has its old content or its new one.  After an error it has its old content; if the old content
 * could not be written back, which is logged, it has the new one.  `temporary` may be left.  [blocks] */
enum jb_err store_replace_file(int store, const char *dir, const char *path, const char *temporary,
	const void *data, size_t size);
/* Replaces the content of a file as store_replace_file does, for a secret: the file gets mode 0600, so only
 * the daemon's user can read it.  Removes an old `temporary` first, and returns the error if that fails.
 * [blocks] */
enum jb_err store_replace_private(int store, const char *dir, const char *path,
	const char *temporary, const void *data, size_t size);

/* Lists the directory `path`: stores in *names an allocated array of *count names, sorted by bytes, without
 * "."  and "..".  *names is NULL if there are none.  End with store_free_names.  Returns JB_STORE_READ or
 * JB_NO_MEMORY; then *names is NULL and *count 0. */
enum jb_err store_names(int store, const char *path, char ***names, size_t *count);
/* Frees an array of store_names, and its names.  names may be NULL if count is 0. */
void store_free_names(char **names, size_t count);

/*
 * Opens the store's directory for a daemon, or makes it, and takes its lock.  Writes this process as the
 * owner into the lock file, with the next epoch: a counter of owners.  On success stores the two
 * descriptors, which the caller closes; closing *lock_fd gives up the lock.  *end says how the last owner
 * has ended.  The store is then not in doubt.
 *
 * If the file system is read-only, the store becomes read-only (store_set_read_only) and the lock is
 * shared, as in store_open_to_look; *lock_fd is -1 if there is no lock file.  end->clean is then false.
 *
 * Returns JB_STORE_FORMAT, and makes no file, if the directory has other files but no jukebox.json;
 * JB_STORE_LOCKED if another daemon serves it; or the store's error.  On an error nothing is open, and
 * `why` has a sentence for the user.
 */
enum jb_err store_open(const char *path, int *store, int *lock_fd, struct store_end *end, char *why,
	size_t why_size);
/* Opens a store only to look at it: makes and writes nothing, and makes the store read-only
 * (store_set_read_only).  Takes a lock that other readers may share, and that keeps daemons out; *lock_fd
 * is -1 if there is no lock file.  Returns JB_STORE_FORMAT if there is no jukebox.json; JB_STORE_LOCKED if
 * a daemon serves it; or the store's error.  On an error nothing is open, and `why` has a sentence for the
 * user. */
enum jb_err store_open_to_look(
	const char *path, int *store, int *lock_fd, char *why, size_t why_size);
/* Writes into the lock file that the owner has ended, and that all it has written is durable.  Writes
 * nothing, and returns JB_OK, if the store is in doubt or read-only.  Returns the store's error. */
enum jb_err store_mark_clean(int lock_fd);
/*
 * Reads jukebox.json, and stores the store's UUID, in small letters, and its counts of elements.  If there
 * is no such file, makes it, durably, with a new UUID and the counts that are passed in.
 *
 * Returns JB_STORE_FORMAT if the file is not valid, is of another version, or a count is more than
 * JB_SLOTS_MAX, JB_MAILSLOTS_MAX or JB_DRIVES_MAX; JB_NO_MEMORY; or the store's error.  On an error, uuid
 * and the counts have no meaning, and `why` has a sentence for the user.
 */
enum jb_err store_identify(int store, char uuid[37], unsigned *slots, unsigned *mailslots,
	unsigned *drives, char *why, size_t why_size);
/* Writes jukebox.json with this UUID and these counts, which are the fewest elements that the jukebox
 * starts with.  Does not check them.  Durable on return.  Returns JB_NO_MEMORY or the store's error, as
 * store_replace_file does. */
enum jb_err store_keep_counts(
	int store, const char *uuid, unsigned slots, unsigned mailslots, unsigned drives);

#endif
