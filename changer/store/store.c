/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changer/base/log.h"

store_step *_Atomic store_step_hook;

/* true: the store is in doubt (store.h) */
static _Atomic bool unsure;

void
store_doubt(bool doubt)
{
	unsure = doubt;
}

bool
store_is_in_doubt(void)
{
	return unsure;
}

/* true: it is forbidden to write to the store */
static _Atomic bool read_only;

void
store_set_read_only(bool is)
{
	read_only = is;
}

bool
store_is_read_only(void)
{
	return read_only;
}

/* Begins the step `what` (a word such as "mkdir") on `path`: calls the tests' hook, if one is set.
 * Returns JB_OK if the step may be done.  Returns JB_STORE_READ_ONLY, and calls no hook, if the store is
 * read-only. */
static enum jb_err
begin_step(const char *what, const char *path)
{
	store_step *hook = store_step_hook;

	if (read_only)
		return JB_STORE_READ_ONLY;
	if (hook != NULL)
		hook(what, path);
	return JB_OK;
}

/* Returns JB_OK if something exists at the path; else JB_STORE_READ_ONLY.  For store_mkdir in a read-only
 * store. */
static enum jb_err
is_made(int store, const char *path)
{
	return faccessat(store, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 ? JB_OK : JB_STORE_READ_ONLY;
}

/* Logs that `what` has failed on `path`, with the text of errno.  Returns the error that fits errno;
 * JB_STORE_WRITE if none fits. */
static enum jb_err
log_failed_step(const char *what, const char *path)
{
	int err = errno;

	log_err("store", "cannot %s %s: %s", what, path, strerror(err));
	return jb_err_from_errno(err, JB_STORE_WRITE);
}

/* ---- paths ----------------------------------------------------------------------------------- */

const char *
store_incoming_path(uint64_t id, char *buf)
{
	snprintf(buf, STORE_PATH_MAX, INCOMING_DIR "/%016" PRIx64, id);
	return buf;
}

const char *
store_trash_path(uint64_t id, char *buf)
{
	snprintf(buf, STORE_PATH_MAX, INCOMING_DIR "/trash-%016" PRIx64, id);
	return buf;
}

const char *
store_image_path(const char *dir, unsigned number, char *buf)
{
	snprintf(buf, STORE_PATH_MAX, "%s/image.%u", dir, number);
	return buf;
}

const char *
store_join(const char *dir, const char *name, char *buf)
{
	snprintf(buf, STORE_PATH_MAX, "%s/%s", dir, name);
	return buf;
}

unsigned
store_image_number(const char *name)
{
	unsigned n = 0;

	if (strncmp(name, "image.", 6) != 0 || name[6] < '1' || name[6] > '9')
		return 0;
	for (const char *p = name + 6; *p != '\0'; p++) {
		if (*p < '0' || *p > '9' || n > 99999999)
			return 0;
		n = n * 10 + (unsigned)(*p - '0');
	}
	return n;
}

/* ---- durable steps --------------------------------------------------------------------------- */

enum jb_err
store_mkdir(int store, const char *path)
{
	if (begin_step("mkdir", path) != JB_OK)
		return is_made(store, path);
	if (mkdirat(store, path, 0755) != 0 && errno != EEXIST)
		return log_failed_step("make the directory", path);
	return JB_OK;
}

enum jb_err
store_rename(int store, const char *from, const char *to)
{
	enum jb_err err = begin_step("rename", from);

	if (err != JB_OK)
		return err;
	if (renameat(store, from, store, to) == 0)
		return JB_OK;
	/* Cartridges are directories that are never empty, so one cannot overwrite another. */
	if (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR) {
		log_err("store", "cannot rename %s: something else stands at %s", from, to);
		return JB_ELEMENT_FULL;
	}
	return log_failed_step("rename", from);
}

enum jb_err
store_unlink(int store, const char *path)
{
	enum jb_err err = begin_step("unlink", path);

	if (err != JB_OK)
		return err;
	if (unlinkat(store, path, 0) != 0 && errno != ENOENT)
		return log_failed_step("remove", path);
	return JB_OK;
}

enum jb_err
store_rmdir(int store, const char *path)
{
	enum jb_err err = begin_step("rmdir", path);

	if (err != JB_OK)
		return err;
	if (unlinkat(store, path, AT_REMOVEDIR) != 0 && errno != ENOENT)
		return log_failed_step("remove the directory", path);
	return JB_OK;
}

enum jb_err
store_sync_dir(int store, const char *path)
{
	int fd, rc;

	/* Nothing was written since the start. */
	if (begin_step("syncdir", path) != JB_OK)
		return JB_OK;
	fd = openat(store, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return log_failed_step("open the directory", path);
	rc = fsync(fd);
	/* Some file systems have nothing to sync in a directory, and return EINVAL. */
	if (rc != 0 && errno == EINVAL)
		rc = 0;
	if (rc != 0) {
		enum jb_err err = log_failed_step("sync the directory", path);

		store_doubt(true);
		close(fd);
		return err;
	}
	close(fd);
	return JB_OK;
}

/* Syncs to_dir, and then from_dir if it is another directory.  In this order, a crash leaves a disc in both
 * directories rather than in none, where renames are not atomic.  Returns the first error of
 * store_sync_dir; after it syncs no more. */
static enum jb_err
sync_dirs(int store, const char *from_dir, const char *to_dir)
{
	enum jb_err err = store_sync_dir(store, to_dir);

	return err == JB_OK && strcmp(from_dir, to_dir) != 0 ? store_sync_dir(store, from_dir)
							     : err;
}

enum store_at
store_look(int store, const char *from, const char *to)
{
	struct stat st;

	if (fstatat(store, from, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return STORE_AT_FROM;
	if (errno == ENOENT && fstatat(store, to, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return STORE_AT_TO;
	store_doubt(true);
	return STORE_AT_UNKNOWN;
}

enum jb_err
store_move(int store, const char *from, const char *from_dir, const char *to, const char *to_dir,
	enum store_at *at)
{
	enum jb_err err = store_rename(store, from, to);

	if (err == JB_OK)
		err = sync_dirs(store, from_dir, to_dir);
	*at = err == JB_OK ? STORE_AT_TO : store_look(store, from, to);
	if (err == JB_OK || *at != STORE_AT_TO)
		return err;
	(void)store_rename(store, to, from);
	*at = store_look(store, from, to);
	/* If this sync fails, a power cut may still move the entry to `to`. */
	if (*at == STORE_AT_FROM && sync_dirs(store, to_dir, from_dir) != JB_OK)
		*at = STORE_AT_UNKNOWN;
	return err;
}

enum jb_err
store_truncate(int store, const char *path, uint64_t size)
{
	int fd;
	enum jb_err err = begin_step("truncate", path);

	if (err != JB_OK)
		return err;
	fd = openat(store, path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return log_failed_step("open", path);
	if (ftruncate(fd, (off_t)size) != 0)
		err = log_failed_step("truncate", path);
	close(fd);
	return err;
}

/* Writes `size` bytes to the file, in place of its old content, and syncs it.  Only a new file gets the
 * mode.  The file's name is not durable yet.  On an error logs it, returns it, and leaves a file that may
 * be incomplete.  If the sync fails, the store is in doubt. */
static enum jb_err
write_file(int store, const char *path, const void *data, size_t size, mode_t mode)
{
	const char *p = data;
	enum jb_err err = begin_step("write", path);
	int fd;

	if (err != JB_OK)
		return err;
	fd = openat(store, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);
	if (fd < 0)
		return log_failed_step("create", path);
	while (size > 0 && err == JB_OK) {
		ssize_t n = write(fd, p, size);

		if (n < 0 && errno != EINTR)
			err = log_failed_step("write", path);
		if (n > 0) {
			p += n;
			size -= (size_t)n;
		}
	}
	if (err == JB_OK)
		err = begin_step("sync", path);
	if (err == JB_OK && fsync(fd) != 0) {
		err = log_failed_step("sync", path);
		store_doubt(true);
	}
	if (close(fd) != 0 && err == JB_OK)
		err = log_failed_step("close", path);
	return err;
}

enum jb_err
store_write_file(int store, const char *path, const void *data, size_t size)
{
	return write_file(store, path, data, size, 0644);
}

enum jb_err
store_read_file(int store, const char *path, char **data, size_t *size)
{
	enum jb_err err = JB_OK;
	struct stat st;
	char *buf = NULL;
	size_t len = 0;
	int fd = openat(store, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? JB_NO_ITEM
			       : jb_err_from_errno(errno, JB_STORE_READ);
	if (fstat(fd, &st) != 0)
		err = jb_err_from_errno(errno, JB_STORE_READ);
	else if (!S_ISREG(st.st_mode) || st.st_size > STORE_FILE_MAX)
		err = JB_STORE_FORMAT;
	else if ((buf = malloc((size_t)st.st_size + 1)) == NULL)
		err = JB_NO_MEMORY;
	while (err == JB_OK && len < (size_t)st.st_size) {
		ssize_t n = read(fd, buf + len, (size_t)st.st_size - len);

		if (n < 0 && errno != EINTR)
			err = jb_err_from_errno(errno, JB_STORE_READ);
		if (n == 0)
			break;
		if (n > 0)
			len += (size_t)n;
	}
	close(fd);
	if (err != JB_OK) {
		free(buf);
		return err;
	}
	buf[len] = '\0';
	*data = buf;
	*size = len;
	return JB_OK;
}

/* Gives the file `path` its old content again, durably, after a change has failed.  Writes the old_size
 * bytes at old to the file `temporary`, with that mode, and renames it.  If old is NULL, deletes `path`
 * instead.  An error is only logged. */
static void
restore_file(int store, const char *dir, const char *path, const char *temporary, const char *old,
	size_t old_size, mode_t mode)
{
	enum jb_err err = old == NULL ? store_unlink(store, path)
				      : write_file(store, temporary, old, old_size, mode);

	if (err == JB_OK && old != NULL)
		err = store_rename(store, temporary, path);
	if (err == JB_OK)
		err = store_sync_dir(store, dir);
	if (err != JB_OK)
		log_err("store", "%s: has a content that was refused: %s", path, jb_err_text(err));
}

enum jb_err
store_rename_file(int store, const char *dir, const char *temporary, const char *path, mode_t mode)
{
	char *old = NULL;
	size_t old_size = 0;
	enum jb_err err = store_read_file(store, path, &old, &old_size);

	if (err != JB_OK && err != JB_NO_ITEM)
		return err;
	err = store_rename(store, temporary, path);
	if (err == JB_OK)
		err = store_sync_dir(store, dir);
	if (err != JB_OK && store_look(store, temporary, path) == STORE_AT_TO)
		restore_file(store, dir, path, temporary, old, old_size, mode);
	if (old != NULL)
		explicit_bzero(old, old_size);
	free(old);
	return err;
}

/* Replaces the content of a file as store_replace_file does.  The new file has the mode `mode` if
 * `temporary` did not exist before.  If `temporary` cannot be written, deletes it and returns the error. */
static enum jb_err
replace_file(int store, const char *dir, const char *path, const char *temporary, const void *data,
	size_t size, mode_t mode)
{
	enum jb_err err = write_file(store, temporary, data, size, mode);

	if (err == JB_OK)
		return store_rename_file(store, dir, temporary, path, mode);
	(void)store_unlink(store, temporary);
	return err;
}

enum jb_err
store_replace_file(int store, const char *dir, const char *path, const char *temporary,
	const void *data, size_t size)
{
	return replace_file(store, dir, path, temporary, data, size, 0644);
}

/* Removes the temporary file first, because an old one might have a mode that lets others read it. */
enum jb_err
store_replace_private(int store, const char *dir, const char *path, const char *temporary,
	const void *data, size_t size)
{
	enum jb_err err = store_unlink(store, temporary);

	return err == JB_OK ? replace_file(store, dir, path, temporary, data, size, 0600) : err;
}

/* ---- the names in a directory -------------------------------------------------------------- */

/* Compares two names for qsort(3), byte by byte. */
static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
store_free_names(char **names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(names[i]);
	free(names);
}

/* Appends a copy of `name` to the array, which has room for *room names and grows if it is full.  Returns
 * false if memory is missing; the array then still has its *count names. */
static bool
add_name(char ***names, size_t *count, size_t *room, const char *name)
{
	char **more;

	if (*count == *room) {
		*room = *room * 2 + 8;
		more = realloc(*names, *room * sizeof(*more));
		if (more == NULL)
			return false;
		*names = more;
	}
	(*names)[*count] = strdup(name);
	return (*names)[(*count)] != NULL && ++*count > 0;
}

enum jb_err
store_names(int store, const char *path, char ***names, size_t *count)
{
	int fd = openat(store, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *de;
	size_t room = 0;
	bool good = true;
	enum jb_err err = JB_OK;

	*names = NULL;
	*count = 0;
	if (dir == NULL) {
		log_err("store", "cannot read the directory %s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return JB_STORE_READ;
	}
	while (good && (errno = 0, de = readdir(dir)) != NULL)
		if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0)
			good = add_name(names, count, &room, de->d_name);
	/* readdir(3) returns NULL at the end of the list and after an error.  Only errno tells which. */
	if (good && errno != 0) {
		log_err("store", "cannot read the directory %s: %s", path, strerror(errno));
		err = JB_STORE_READ;
	}
	closedir(dir);
	if (!good)
		err = JB_NO_MEMORY;
	if (err != JB_OK) {
		store_free_names(*names, *count);
		*names = NULL;
		*count = 0;
		return err;
	}
	if (*count > 1)
		qsort(*names, *count, sizeof(**names), compare_names);
	return JB_OK;
}
