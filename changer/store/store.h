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

#include "changer/err.h"

#define INCOMING_DIR "incoming"
#define DISC_FILE "disc.json"
#define PENDING_FILE "disc.json.new"

enum { STORE_PATH_MAX = 640, STORE_FILE_MAX = 1 << 20 };

/* Tests set this hook.  It is called before each step that changes the store. */
typedef void store_step(const char *what, const char *path);
extern store_step *_Atomic store_step_hook;

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
/* Returns N for the name image.N; 0 for any other name. */
unsigned store_image_number(const char *name);

/* Makes a directory.  A directory that exists already is not an error.  Not durable. */
enum jb_err store_mkdir(int store, const char *path);
/* Renames a file or a directory.  Returns JB_ELEMENT_FULL if a directory that is not empty is at `to`. */
enum jb_err store_rename(int store, const char *from, const char *to);
/* Renames `from` to `to` and makes that durable: syncs `to_dir`, the directory of `to`, and then
 * `from_dir`, the directory of `from`.  If a directory cannot be synced, renames the entry back and
 * returns that error.  Returns JB_ELEMENT_FULL as store_rename does. */
enum jb_err store_move(
	int store, const char *from, const char *from_dir, const char *to, const char *to_dir);
/* Removes a file.  A file that does not exist is not an error.  Not durable. */
enum jb_err store_unlink(int store, const char *path);
/* Removes an empty directory.  A directory that does not exist is not an error.  Not durable. */
enum jb_err store_rmdir(int store, const char *path);
/* Makes the entries of a directory durable. */
enum jb_err store_sync_dir(int store, const char *path);
/* Sets the size of a file: cuts it, or makes it longer with zeros.  Not durable. */
enum jb_err store_truncate(int store, const char *path, uint64_t size);
/* Writes a whole file and syncs it.  Its entry in the directory becomes durable only with
 * store_sync_dir. */
enum jb_err store_write_file(int store, const char *path, const void *data, size_t size);
/* Reads a whole file.  *data is allocated, and *size is its length without the extra NUL at the end;
 * the caller frees it.  Returns JB_NO_ITEM if there is no such file, JB_STORE_FORMAT if it is not a
 * regular file or has more than STORE_FILE_MAX bytes, JB_STORE_READ or JB_NO_MEMORY. */
enum jb_err store_read_file(int store, const char *path, char **data, size_t *size);
/* Replaces the content of the file `path`, which is in the directory `dir`: writes the new content to
 * the file `temporary`, and renames that to `path`.  Durable on return.  After a crash the file has
 * its old content or its new one. */
enum jb_err store_replace_file(int store, const char *dir, const char *path, const char *temporary,
	const void *data, size_t size);
/* Does what store_replace_file does, for a secret: only the daemon's user can read the file. */
enum jb_err store_replace_private(int store, const char *dir, const char *path,
	const char *temporary, const void *data, size_t size);

/* Lists the directory `path`: *names is an allocated array of *count names, sorted, without "." and
 * "..".  The caller frees it with store_free_names.  Returns JB_STORE_READ or JB_NO_MEMORY; then
 * there is nothing to free. */
enum jb_err store_names(int store, const char *path, char ***names, size_t *count);
/* Frees an array of store_names. */
void store_free_names(char **names, size_t count);

/* Opens the store's directory, or makes it, and takes its lock.  On success the caller closes *store
 * and *lock_fd.  Returns JB_STORE_FORMAT if the directory has other files, JB_STORE_LOCKED if another
 * daemon serves it.  On an error, `why` has a sentence for the user. */
enum jb_err store_open(const char *path, int *store, int *lock_fd, char *why, size_t why_size);
/* Reads jukebox.json, and stores the UUID and the counts.  If there is no such file, makes it with a
 * new UUID and the counts that are passed in.  Returns JB_STORE_FORMAT if the file is not valid.  On
 * an error, `why` has a sentence for the user. */
enum jb_err store_identify(int store, char uuid[37], unsigned *slots, unsigned *mailslots,
	unsigned *drives, char *why, size_t why_size);
/* Writes jukebox.json with these counts, which are the fewest elements that the jukebox starts with. */
enum jb_err store_keep_counts(
	int store, const char *uuid, unsigned slots, unsigned mailslots, unsigned drives);

#endif
