/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/settings/user_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changer/access.h"
#include "changer/setting.h"
#include "changer/base/log.h"
#include "changer/settings/acl.h"
#include "changer/settings/setting_value.h"
#include "changer/store/store.h"

#define USERS_DIR "ctl/access/users"
#define TAKEN \
	".taken"     /* ends the name of a folder that will replace a file of an earlier version */
#define GONE ".gone" /* ends the name of a user that was removed */

/* Prints a path in the folder of users to `path`, which has STORE_PATH_MAX bytes: USERS_DIR/, `before`, the
 * name (at most 255 bytes of it), `after`. */
static void
path_of(char *path, const char *before, const char *name, const char *after)
{
	snprintf(path, STORE_PATH_MAX, USERS_DIR "/%s%.255s%s", before, name, after);
}

/* Returns the type of the file at the path (S_IFREG, S_IFDIR ...; a symbolic link is not followed); 0 if
 * there is none, or it cannot be looked at. */
static mode_t
type_of(int store, const char *path)
{
	struct stat st;

	return fstatat(store, path, &st, AT_SYMLINK_NOFOLLOW) == 0 ? st.st_mode & S_IFMT : 0;
}

/* Returns true if there is certainly no file at the path. */
static bool
is_missing(int store, const char *path)
{
	return faccessat(store, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENOENT;
}

/* Sets the mode of a folder to 0700, since the names of users are not public.  Only logs a warning if that
 * fails: the files in it are private anyway. */
static void
close_folder(int store, const char *path)
{
	if (fchmodat(store, path, 0700, 0) != 0)
		log_warn("store", "%s: its mode cannot be set: %s", path, strerror(errno));
}

/* Deletes a file, or a folder with the files in it; not durably.  Returns JB_OK also if there is none; else
 * the store's error, also for a folder in that folder, and then part of it may be gone.  [blocks] */
static enum jb_err
discard(int store, const char *path)
{
	char file[STORE_PATH_MAX + 257];
	char **names = NULL;
	size_t count = 0;
	enum jb_err err;

	if (type_of(store, path) != S_IFDIR)
		return store_unlink(store, path);
	err = store_names(store, path, &names, &count);
	if (err != JB_OK)
		return err;
	for (size_t i = 0; i < count && err == JB_OK; i++) {
		snprintf(file, sizeof(file), "%s/%.255s", path, names[i]);
		err = store_unlink(store, file);
	}
	store_free_names(names, count);
	return err == JB_OK ? store_rmdir(store, path) : err;
}

/* ---- changes -------------------------------------------------------------------------------- */

enum jb_err
user_store_remove(int store, const char *name)
{
	char path[STORE_PATH_MAX], gone[STORE_PATH_MAX];
	enum store_at at;
	enum jb_err err;

	path_of(path, "", name, "");
	path_of(gone, ".", name, GONE);
	/* An earlier call has renamed it, although it had to report an error. */
	if (is_missing(store, path)) {
		err = store_sync_dir(store, USERS_DIR);
		if (err == JB_OK)
			(void)discard(store, gone);
		return err;
	}
	err = discard(store, gone);
	if (err != JB_OK)
		return err;
	err = store_move(store, path, USERS_DIR, gone, USERS_DIR, &at);
	if (err != JB_OK && at == STORE_AT_TO)
		err = JB_NOT_DURABLE;
	if (err == JB_OK)
		(void)discard(store, gone); /* else the next start does it */
	return err;
}

/* Makes the folder of a user, and those above it, as far as they are missing; durable on return.  Prints its
 * path to dir, which has STORE_PATH_MAX bytes.  Sets the modes of USERS_DIR and of the folder (close_folder).
 * Returns the store's error.  [blocks] */
static enum jb_err
make_folder(int store, const char *name, char *dir)
{
	char path[STORE_PATH_MAX];
	enum jb_err err;

	path_of(path, "", name, "/secret");
	err = setting_make_folders(store, path, dir);
	if (err == JB_OK) {
		close_folder(store, USERS_DIR);
		close_folder(store, dir);
	}
	return err;
}

enum jb_err
user_store_add(int store, const char *name)
{
	char path[STORE_PATH_MAX], dir[STORE_PATH_MAX];
	enum jb_err err = JB_OK;

	path_of(path, "", name, "");
	if (type_of(store, path) != 0)
		err = user_store_remove(store, name);
	return err == JB_OK ? make_folder(store, name, dir) : err;
}

enum jb_err
user_store_set(int store, const char *name, const char *file, const char *value)
{
	char path[STORE_PATH_MAX], temporary[STORE_PATH_MAX], dir[STORE_PATH_MAX];
	char text[JB_TEXT_MAX + 2], member[64];
	int n = snprintf(text, sizeof(text), "%s%s", value, value[0] == '\0' ? "" : "\n");
	enum jb_err err = make_folder(store, name, dir);

	snprintf(member, sizeof(member), "/%s", file);
	path_of(path, "", name, member);
	snprintf(member, sizeof(member), "/.%s.new", file);
	path_of(temporary, "", name, member);
	if (err == JB_OK)
		err = store_replace_private(store, dir, path, temporary, text, (size_t)n);
	explicit_bzero(text, sizeof(text));
	return err;
}

/* Prints the user's path to `path`, which has STORE_PATH_MAX bytes.  Returns true if a regular file is there,
 * in which an earlier version stored the secret. */
static bool
is_old(int store, const char *name, char *path)
{
	path_of(path, "", name, "");
	return type_of(store, path) == S_IFREG;
}

/* ---- start ---------------------------------------------------------------------------------- */

enum jb_err
user_store_get(int store, const char *name, const char *file, char **text, size_t *size)
{
	char path[STORE_PATH_MAX], member[64];
	enum jb_err err;

	snprintf(member, sizeof(member), "/%s", file);
	path_of(path, "", name, member);
	err = store_read_file(store, path, text, size);
	if (err != JB_OK && strcmp(file, USER_SECRET) == 0 && is_old(store, name, path))
		err = store_read_file(store, path, text, size);
	if (err == JB_NO_ITEM) {
		*size = 0;
		*text = strdup("");
		err = *text == NULL ? JB_NO_MEMORY : JB_OK;
	}
	if (err == JB_OK && *size > 0 && (*text)[*size - 1] == '\n')
		(*text)[--*size] = '\0';
	return err;
}

/* Turns the file of a user into a folder: copies the file to .NAME.taken/secret, deletes it, and renames that
 * folder to NAME.  Each step is durable before the next one: a crash leaves the file, or the complete folder
 * with one of both names.  Returns the store's error; then the next start goes on (settle).  [blocks] */
static enum jb_err
take_over(int store, const char *name)
{
	char path[STORE_PATH_MAX], dir[STORE_PATH_MAX], file[STORE_PATH_MAX], new[STORE_PATH_MAX];
	char *text = NULL;
	size_t size = 0;
	enum jb_err err;

	path_of(path, "", name, "");
	path_of(dir, ".", name, TAKEN);
	path_of(file, ".", name, TAKEN "/secret");
	path_of(new, ".", name, TAKEN "/.secret.new");
	err = store_read_file(store, path, &text, &size);
	if (err == JB_OK)
		err = store_mkdir(store, dir);
	if (err == JB_OK) {
		close_folder(store, dir);
		err = store_replace_private(store, dir, file, new, text, size);
	}
	if (text != NULL)
		explicit_bzero(text, size);
	free(text);
	if (err == JB_OK)
		err = store_sync_dir(store, USERS_DIR);
	if (err == JB_OK)
		err = store_unlink(store, path);
	if (err == JB_OK)
		err = store_sync_dir(store, USERS_DIR);
	if (err == JB_OK)
		err = store_rename(store, dir, path);
	return err == JB_OK ? store_sync_dir(store, USERS_DIR) : err;
}

/* Ends a step that a crash has left; `left` is its name in the folder of users.  Renames .NAME.taken to NAME
 * if there is no NAME; deletes anything else.  Durable on return.  An error is only logged.  [blocks] */
static void
settle(int store, const char *left)
{
	char path[STORE_PATH_MAX], whole[STORE_PATH_MAX], name[256];
	size_t n = strlen(left), end = strlen(TAKEN);
	enum jb_err err;

	path_of(path, "", left, "");
	if (n > end + 1 && n < sizeof(name) && strcmp(left + n - end, TAKEN) == 0) {
		snprintf(name, sizeof(name), "%.*s", (int)(n - end - 1), left + 1);
		path_of(whole, "", name, "");
		err = type_of(store, whole) == 0 ? store_rename(store, path, whole)
						 : discard(store, path);
	} else {
		err = discard(store, path);
	}
	if (err == JB_OK)
		err = store_sync_dir(store, USERS_DIR);
	if (err != JB_OK)
		log_warn("store", "%s: %s", path, jb_err_text(err));
}

/* If dots is true, calls settle for each name in the folder of users that begins with a dot.  If it is false,
 * calls take_over for each regular file with a valid user name, and logs a warning for one where that fails.
 * Returns the store's error only if the folder cannot be read.  [blocks] */
static enum jb_err
prepare(int store, bool dots)
{
	char path[STORE_PATH_MAX];
	char **names = NULL;
	size_t count = 0;
	enum jb_err err = store_names(store, USERS_DIR, &names, &count), each;

	if (err != JB_OK)
		return err;
	for (size_t i = 0; i < count; i++) {
		path_of(path, "", names[i], "");
		if (dots && names[i][0] == '.') {
			settle(store, names[i]);
		} else if (!dots && acl_check_user(names[i], (char[JB_TEXT_MAX]){0}) &&
			   type_of(store, path) == S_IFREG) {
			each = take_over(store, names[i]);
			if (each != JB_OK)
				log_warn("store", "%s: %s", path, jb_err_text(each));
		}
	}
	store_free_names(names, count);
	return JB_OK;
}

enum jb_err
user_store_open(int store, char ***names, size_t *count)
{
	enum jb_err err;

	*names = NULL;
	*count = 0;
	if (type_of(store, USERS_DIR) == 0)
		return JB_OK; /* no user was ever added */
	if (store_is_read_only())
		return store_names(store, USERS_DIR, names, count);
	close_folder(store, USERS_DIR);
	err = prepare(store, true);
	if (err == JB_OK)
		err = prepare(store, false);
	return err == JB_OK ? store_names(store, USERS_DIR, names, count) : err;
}
