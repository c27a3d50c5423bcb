/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store's files: their names, and the durable steps of which every change is made.  All paths are
 * relative to the store's directory, whose descriptor is `store`.  See jukeboxd-store(5).
 *
 * A step that fails logs why and returns the store's error (JB_STORE_FULL, JB_STORE_WRITE and so on).
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

/* Is called before each step that changes the store, if tests have set store_step_hook; NULL: none.  `what`
 * is a word such as "mkdir", `path` the path below the store. */
typedef void store_step(const char *what, const char *path);
extern store_step *_Atomic store_step_hook;

/* How the last owner of a store has ended. */
struct store_end {
	bool is_new;	      /* there was none: the store has no jukebox.json */
	bool clean;	      /* it has said that all is durable which it had written */
	struct timespec when; /* clean: nothing that it has changed has a later time of change */
};

/* Makes durable what is in the store.  After a clean end only what was changed at that time or later, by
 * hand; else all.  A file or a directory that cannot be synced is logged, and passed to `failed` with the
 * error.  Returns JB_NO_MEMORY or JB_STORE_READ; an error of a sync is none.  [blocks] */
typedef void store_sync_failed(void *arg, const char *path, enum jb_err err);
enum jb_err store_settle(
	int store, const struct store_end *end, store_sync_failed *failed, void *arg);

/* Makes durable what is in the directory and below it, which is one of the store.  Returns the store's error
 * if something cannot be synced, or JB_NO_MEMORY; a directory that cannot be read is no error.  [blocks] */
enum jb_err store_settle_dir(int store, const char *dir);

/* Notes that something could not be made durable (true), or that nothing is in doubt (false).  Takes no
 * lock. */
void store_doubt(bool doubt);
/* Returns true if something could not be made durable since store_open. */
bool store_is_in_doubt(void);

/* Says that nothing is written to the store (true): each step below that changes it returns
 * JB_STORE_READ_ONLY and does nothing, a sync returns JB_OK, and no image is opened for writing.  A directory
 * that is there is still as good as made. */
void store_set_read_only(bool is);
/* Returns true if nothing is written to the store. */
bool store_is_read_only(void);

/* Prints incoming/ID, the directory of a file that is being inserted, to buf (STORE_PATH_MAX bytes).
 * Returns buf. */
const char *store_incoming_path(uint64_t id, char *buf);
/* Prints incoming/trash-ID, the place of an item that is removed, to buf (STORE_PATH_MAX bytes).
 * Returns buf. */
const char *store_trash_path(uint64_t id, char *buf);
/* Prints DIR/image.NUMBER to buf (STORE_PATH_MAX bytes).  Returns buf. */
const char *store_image_path(const char *dir, unsigned number, char *buf);
/* Prints DIR/NAME to buf (STORE_PATH_MAX bytes).  Returns buf. */
const char *store_join(const char *dir, const char *name, char *buf);
/* Returns N for the name image.N, where N is 1 or more and has no leading zero; 0 for any other name. */
unsigned store_image_number(const char *name);

/* Makes a directory.  Anything that exists already at the path is not an error.  Not durable. */
enum jb_err store_mkdir(int store, const char *path);
/* Renames a file or a directory; replaces a file, or an empty directory, at `to`.  Returns JB_ELEMENT_FULL if
 * a directory that is not empty is at `to`, or a file where a directory is to go.  Not durable. */
enum jb_err store_rename(int store, const char *from, const char *to);
/* Names where an entry is after a rename that may have failed. */
enum store_at { STORE_AT_FROM, STORE_AT_TO, STORE_AT_UNKNOWN };
/* Looks whether an entry that was renamed from `from` to `to` is at `from` still, or only at `to`.  Returns
 * STORE_AT_UNKNOWN if it is at neither, or the store cannot be read; then something is in doubt
 * (store_doubt). */
enum store_at store_look(int store, const char *from, const char *to);
/* Renames `from` to `to` and makes that durable: syncs `to_dir`, the directory of `to`, and then `from_dir`,
 * the directory of `from`, if it is another one.  If a step fails, renames the entry back if that is needed,
 * durably, and returns the error.  *at says where the entry is then; STORE_AT_TO after JB_OK;
 * STORE_AT_UNKNOWN also if it was renamed back and that could not be made durable.  Returns JB_ELEMENT_FULL
 * as store_rename does; nothing has changed then. */
enum jb_err store_move(int store, const char *from, const char *from_dir, const char *to,
	const char *to_dir, enum store_at *at);
/* Renames the file `temporary`, which is synced, to `path`, which need not exist and is in the directory
 * `dir`, and syncs `dir`.  If that fails, durably gives `path` its old content again, in a file with the mode
 * `mode`, or deletes it if it did not exist; logs it if that fails too.  Returns the store's error, also,
 * with nothing changed, if the old file is there and cannot be read.  `temporary` may be left.  [blocks] */
enum jb_err store_rename_file(
	int store, const char *dir, const char *temporary, const char *path, mode_t mode);
/* Removes a file.  A file that does not exist is not an error.  Not durable. */
enum jb_err store_unlink(int store, const char *path);
/* Removes an empty directory.  A directory that does not exist is not an error.  Not durable. */
enum jb_err store_rmdir(int store, const char *path);
/* Makes the entries of a directory durable.  Returns JB_OK too if the file system cannot sync directories
 * (EINVAL), or if nothing is written to the store.  If the sync fails, something is in doubt (store_doubt).
 * [blocks] */
enum jb_err store_sync_dir(int store, const char *path);
/* Sets the size of a file, which must exist: cuts it, or makes it longer with zeros.  Not durable. */
enum jb_err store_truncate(int store, const char *path, uint64_t size);
/* Writes a file with this content, in place of the old content if it exists (else with mode 0644), and syncs
 * it.  Its entry in the directory becomes durable only with store_sync_dir.  After an error or a crash it may
 * be incomplete.  If the sync fails, something is in doubt (store_doubt).  [blocks] */
enum jb_err store_write_file(int store, const char *path, const void *data, size_t size);
/* Reads a whole file.  *data is allocated, and *size is its length without the extra NUL at the end; the
 * caller frees it.  Returns JB_NO_ITEM if there is no such file, JB_STORE_FORMAT if it is not a regular file
 * or has more than STORE_FILE_MAX bytes, JB_STORE_READ (also for a symbolic link) or JB_NO_MEMORY.  On an
 * error, leaves *data and *size.  Does not log. */
enum jb_err store_read_file(int store, const char *path, char **data, size_t *size);
/* Replaces the content of the file `path`, which need not exist and is in the directory `dir`: writes the new
 * content to the file `temporary`, renames that to `path` and syncs `dir`.  Durable on return.  After a crash
 * the file has its old content or its new one.  On an error the file has its old content; only if that cannot
 * be written either, which is logged, it has its new one.  `temporary` may be left.  [blocks] */
enum jb_err store_replace_file(int store, const char *dir, const char *path, const char *temporary,
	const void *data, size_t size);
/* Does what store_replace_file does, for a secret: the file has mode 0600, so only the daemon's user can read
 * it.  Removes an old `temporary` first; returns the error if that fails.  [blocks] */
enum jb_err store_replace_private(int store, const char *dir, const char *path,
	const char *temporary, const void *data, size_t size);

/* Lists the directory `path`: *names is an allocated array of *count names, sorted, without "." and "..", or
 * NULL if there is none.  The caller frees it with store_free_names.  Returns JB_STORE_READ or JB_NO_MEMORY;
 * then there is nothing to free. */
enum jb_err store_names(int store, const char *path, char ***names, size_t *count);
/* Frees an array of store_names, and its names.  names may be NULL if count is 0. */
void store_free_names(char **names, size_t count);

/* Opens the store's directory, or makes it, takes its lock, and writes this process and the next epoch into
 * the file of the lock.  On success the caller closes *store and *lock_fd; closing *lock_fd gives up the
 * lock.  Returns JB_STORE_FORMAT, and makes nothing in it, if the directory has other files and no
 * jukebox.json; JB_STORE_LOCKED if another daemon serves it; or the store's error.  On an error, nothing is
 * open, and `why` has a sentence for the user.  *end says how the last owner has ended.  Nothing is in doubt
 * then.  If the file system is read-only, nothing is written to the store from then on (store_is_read_only),
 * and the lock is one that other readers may share; *lock_fd is -1 if there is no file for it. */
enum jb_err store_open(const char *path, int *store, int *lock_fd, struct store_end *end, char *why,
	size_t why_size);
/* Opens a store to look at it, as store_open does, but makes nothing and writes nothing, also later
 * (store_is_read_only).  Its lock is one that other readers may share, and that keeps daemons out.  Returns
 * JB_STORE_FORMAT if there is no jukebox.json. */
enum jb_err store_open_to_look(
	const char *path, int *store, int *lock_fd, char *why, size_t why_size);
/* Writes into the file of the lock that the owner has ended, and that all that it has written is durable.
 * Does nothing if that is in doubt (store_is_in_doubt), or if nothing is written to the store.  Returns the
 * store's error. */
enum jb_err store_mark_clean(int lock_fd);
/* Reads jukebox.json, and stores the UUID, in small letters, and the counts.  If there is no such file, makes
 * it, durably, with a new UUID and the counts that are passed in.  Returns JB_STORE_FORMAT if the file is not
 * valid, its format is of another version, or a count is more than JB_SLOTS_MAX, JB_MAILSLOTS_MAX or
 * JB_DRIVES_MAX; or the store's error.  On an error, uuid and the counts have no meaning, and `why` has a
 * sentence for the user. */
enum jb_err store_identify(int store, char uuid[37], unsigned *slots, unsigned *mailslots,
	unsigned *drives, char *why, size_t why_size);
/* Writes jukebox.json with these counts, which are the fewest elements that the jukebox starts with.  Durable
 * on return.  Does not check them.  Returns JB_NO_MEMORY or the store's error, as store_replace_file does. */
enum jb_err store_keep_counts(
	int store, const char *uuid, unsigned slots, unsigned mailslots, unsigned drives);

#endif
