/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store's files: names of what is in it, and the durable steps from which every change is
 * made.  All paths are relative to the store's directory.  See jukeboxd-store(5).
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

/* For tests: called before each step that changes the store. */
typedef void store_step(const char *what, const char *path);
extern store_step *_Atomic store_step_hook;

/* Paths; buf of STORE_PATH_MAX bytes, which they return. */
const char *store_incoming_path(uint64_t id, char *buf);
const char *store_trash_path(uint64_t id, char *buf);
const char *store_image_path(const char *dir, unsigned number, char *buf);
const char *store_join(const char *dir, const char *name, char *buf);
/* The N of image.N; 0: it is no such name. */
unsigned store_image_number(const char *name);

enum jb_err store_mkdir(int store, const char *path);
enum jb_err store_rename(int store, const char *from, const char *to);
/*
 * Renames the path from, in the directory from_dir, to the path to, in to_dir, and makes that durable in
 * both directories.  If one of them cannot be synced, renames it back and returns that error.
 */
enum jb_err store_move(
	int store, const char *from, const char *from_dir, const char *to, const char *to_dir);
/* What is not there need not be removed. */
enum jb_err store_unlink(int store, const char *path);
enum jb_err store_rmdir(int store, const char *path);
/* Makes the entries of a directory durable. */
enum jb_err store_sync_dir(int store, const char *path);
enum jb_err store_truncate(int store, const char *path, uint64_t size);
/* Writes a whole file, durable but for its directory's entry. */
enum jb_err store_write_file(int store, const char *path, const void *data, size_t size);
/* JB_NO_ITEM: there is none.  *data is the caller's to free and ends with a NUL. */
enum jb_err store_read_file(int store, const char *path, char **data, size_t *size);
/* The same, so that path has either its old or its new content after a crash. */
enum jb_err store_replace_file(int store, const char *dir, const char *path, const char *temporary,
	const void *data, size_t size);
/* The same for a secret: nobody but the daemon's user can read the file. */
enum jb_err store_replace_private(int store, const char *dir, const char *path,
	const char *temporary, const void *data, size_t size);

/* The names in a directory of the store, sorted, without "." and ".."; freed with store_free_names. */
enum jb_err store_names(int store, const char *path, char ***names, size_t *count);
void store_free_names(char **names, size_t count);

/* Opens or makes the directory, takes its lock, tells who owns it. */
enum jb_err store_open(const char *path, int *store, int *lock_fd, char *why, size_t why_size);
/* Reads jukebox.json, or makes it with a new uuid and these counts, which are otherwise filled. */
enum jb_err store_identify(int store, char uuid[37], unsigned *slots, unsigned *mailslots,
	unsigned *drives, char *why, size_t why_size);
/* Changes the counts in jukebox.json: those that the store has at least. */
enum jb_err store_keep_counts(
	int store, const char *uuid, unsigned slots, unsigned mailslots, unsigned drives);

#endif
