/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens a store: its lock, which keeps other daemons out, and its identity.  The file `lock` says who owns
 * the store and, after a clean end, when that was.  The file jukebox.json has the store's UUID and its
 * counts of elements. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uuid/uuid.h>

#include "changer/base/json_text.h"
#include "changer/element.h"
#include "changer/store/store.h"

#define IDENTITY_FILE "jukebox.json"
#define IDENTITY_NEW "jukebox.json.new"
#define LOCK_FILE "lock"

enum { STORE_VERSION = 1 }; /* the member "format" of jukebox.json */

/* ---- the lock -------------------------------------------------------------------------------- */

/* Reads the lock file into text, which has size bytes with the NUL.  Stores "" if it cannot be read. */
static void
read_lock(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	text[n > 0 ? n : 0] = '\0';
}

/* Reads from the lock file's text whether its last owner has ended cleanly.  That is so if the text ends
 * with the complete line that store_mark_clean writes: then sets end->clean and end->when.  Otherwise sets
 * end->clean to false. */
static void
read_end(const char *text, struct store_end *end)
{
	const char *at = strstr(text, "\nend=clean ");
	long long seconds;
	long ns;
	char newline;

	end->clean = at != NULL &&
		     sscanf(at, "\nend=clean %lld.%9ld%c", &seconds, &ns, &newline) == 3 &&
		     newline == '\n' && at[strcspn(at + 1, "\n") + 2] == '\0';
	if (end->clean)
		end->when = (struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = ns};
}

/* Stores the id of this boot of the system in buf, cut to size - 1 characters; "" if it cannot be read. */
static void
read_boot_id(char *buf, size_t size)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, buf, size - 1);

	if (fd >= 0)
		close(fd);
	buf[n > 0 ? n : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}

/* First reads from the lock file how its last owner has ended, into *end.  Then writes the new owner into
 * it and syncs it: host, boot, pid, and the epoch, which is one more than the last owner's.  People can
 * read this.  Returns the store's error. */
static enum jb_err
write_owner(int fd, struct store_end *end)
{
	char host[256] = "", boot[64], text[1024];
	const char *at;
	unsigned long long epoch;
	int n;

	read_lock(fd, text, sizeof(text));
	read_end(text, end);
	/* Remove the line of a clean end first: this succeeds even if the store is full. */
	at = strstr(text, "\nend=");
	if (at != NULL && (ftruncate(fd, at + 1 - text) != 0 || fsync(fd) != 0))
		return jb_err_from_errno(errno, JB_STORE_WRITE);
	at = strstr(text, "epoch=");
	epoch = at == NULL ? 1 : strtoull(at + 6, NULL, 10) + 1;

	gethostname(host, sizeof(host) - 1);
	read_boot_id(boot, sizeof(boot));
	n = snprintf(text, sizeof(text), "host=%s\nboot=%s\npid=%ld\nepoch=%llu\n", host, boot,
		(long)getpid(), epoch);
	if (pwrite(fd, text, (size_t)n, 0) != n || ftruncate(fd, n) != 0 || fsync(fd) != 0)
		return jb_err_from_errno(errno, JB_STORE_WRITE);
	return JB_OK;
}

/* Takes a lock on the store that others who only read may share.  On success *lock_fd holds the lock, and
 * the caller closes it.  If the store has no lock file, returns JB_OK with *lock_fd = -1.  Returns
 * JB_STORE_LOCKED if a daemon has the store, or the store's error; then nothing is open. */
static enum jb_err
share_lock(int store, int *lock_fd)
{
	struct flock fl = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
	int fd = openat(store, LOCK_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), err;

	*lock_fd = fd;
	if (fd < 0)
		return errno == ENOENT ? JB_OK : jb_err_from_errno(errno, JB_STORE_READ);
	if (fcntl(fd, F_OFD_SETLK, &fl) == 0)
		return JB_OK;
	err = errno;
	close(fd);
	return err == EAGAIN || err == EACCES ? JB_STORE_LOCKED
					      : jb_err_from_errno(err, JB_STORE_READ);
}

/*
 * Takes the store's lock for a daemon, and writes the owner into the lock file (write_owner).  On success
 * *lock_fd holds the lock, and the caller closes it; *end says how the last owner has ended.  If the store
 * is full, the owner may not be written, but that is no error.  On a read-only file system makes the store
 * read-only and calls share_lock instead.  Returns JB_STORE_LOCKED if another process has the lock, or the
 * store's error; the lock is not held then.
 *
 * The lock is an open file description lock.  A POSIX lock would be lost when another descriptor of the
 * file is closed; flock(2) does not work over NFSv4 and CephFS.
 */
static enum jb_err
take_lock(int store, int *lock_fd, struct store_end *end)
{
	struct flock fl = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	enum jb_err err;
	int fd = openat(store, LOCK_FILE, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);

	if (fd < 0 && errno == EROFS) {
		store_set_read_only(true);
		return share_lock(store, lock_fd);
	}
	if (fd < 0)
		return jb_err_from_errno(errno, JB_STORE_WRITE);
	if (fcntl(fd, F_OFD_SETLK, &fl) != 0)
		err = errno == EAGAIN || errno == EACCES ? JB_STORE_LOCKED
							 : jb_err_from_errno(errno, JB_STORE_WRITE);
	else
		err = write_owner(fd, end);
	/* The lock is held all the same.  A full store must start, so that removals can make room. */
	if (err == JB_STORE_FULL)
		err = JB_OK;
	if (err != JB_OK)
		close(fd);
	else
		*lock_fd = fd;
	return err;
}

enum jb_err
store_mark_clean(int lock_fd)
{
	static const char begin[] = "end=";
	char text[64];
	struct stat st;
	off_t at;
	int n;

	if (store_is_in_doubt() || store_is_read_only())
		return JB_OK;
	/* The time of the end is the time of change that the file system gives to this write.  So it is not
	 * earlier than that of any change until now. */
	if (fstat(lock_fd, &st) != 0)
		return jb_err_from_errno(errno, JB_STORE_READ);
	at = st.st_size;
	if (pwrite(lock_fd, begin, strlen(begin), at) != (ssize_t)strlen(begin) ||
		fsync(lock_fd) != 0 || fstat(lock_fd, &st) != 0)
		return jb_err_from_errno(errno, JB_STORE_WRITE);
	n = snprintf(text, sizeof(text), "%sclean %lld.%09ld\n", begin,
		(long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
	if (pwrite(lock_fd, text, (size_t)n, at) != n || fsync(lock_fd) != 0)
		return jb_err_from_errno(errno, JB_STORE_WRITE);
	return JB_OK;
}

/* Returns true if the directory has no files but lost+found, the lock file and jukebox.json.new.  A start
 * that failed early may have left the last two.  Returns false if the directory cannot be read. */
static bool
is_empty(int store)
{
	int fd = openat(store, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *de;
	bool empty = true;

	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while ((errno = 0, de = readdir(dir)) != NULL)
		if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0 &&
			strcmp(de->d_name, LOCK_FILE) != 0 &&
			strcmp(de->d_name, IDENTITY_NEW) != 0 &&
			strcmp(de->d_name, "lost+found") != 0)
			empty = false;
	/* readdir(3) returns NULL at the end of the list and after an error.  Only errno tells which. */
	empty = empty && errno == 0;
	closedir(dir);
	return empty;
}

/* Returns true if the directory has a jukebox.json, or if that cannot be found out. */
static bool
has_identity(int store)
{
	return faccessat(store, IDENTITY_FILE, F_OK, 0) == 0 || errno != ENOENT;
}

/* Returns true if the directory is not a store: it has other files, but no jukebox.json.  Nothing may be
 * made in it then, not even the lock file. */
static bool
is_foreign(int store)
{
	return !has_identity(store) && !is_empty(store);
}

enum jb_err
store_open(const char *path, int *store, int *lock_fd, struct store_end *end, char *why,
	size_t why_size)
{
	enum jb_err err;

	memset(end, 0, sizeof(*end));
	store_doubt(false);
	store_set_read_only(false);
	if (mkdir(path, 0755) != 0 && errno != EEXIST) {
		snprintf(why, why_size, "cannot make the store %s: %s", path, strerror(errno));
		return jb_err_from_errno(errno, JB_STORE_WRITE);
	}
	*store = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*store < 0) {
		snprintf(why, why_size, "cannot open the store %s: %s", path, strerror(errno));
		return jb_err_from_errno(errno, JB_STORE_READ);
	}
	if (is_foreign(*store)) {
		err = JB_STORE_FORMAT;
		snprintf(why, why_size,
			"%s is not empty and has no " IDENTITY_FILE
			", so it is no store: give an empty or a new directory",
			path);
	} else {
		end->is_new = !has_identity(*store);
		err = take_lock(*store, lock_fd, end);
		if (err != JB_OK)
			snprintf(why, why_size, "cannot take the lock of the store %s: %s", path,
				jb_err_text(err));
	}
	if (err != JB_OK)
		close(*store);
	return err;
}

enum jb_err
store_open_to_look(const char *path, int *store, int *lock_fd, char *why, size_t why_size)
{
	enum jb_err err;

	store_doubt(false);
	store_set_read_only(true);
	*store = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (*store < 0) {
		snprintf(why, why_size, "cannot open the store %s: %s", path, strerror(errno));
		return jb_err_from_errno(errno, JB_STORE_READ);
	}
	if (!has_identity(*store)) {
		err = JB_STORE_FORMAT;
		snprintf(why, why_size, "%s has no " IDENTITY_FILE ", so it is no store", path);
	} else {
		err = share_lock(*store, lock_fd);
		if (err != JB_OK)
			snprintf(why, why_size, "cannot look into the store %s: %s", path,
				jb_err_text(err));
	}
	if (err != JB_OK)
		close(*store);
	return err;
}

/* ---- jukebox.json ---------------------------------------------------------------------------- */

enum jb_err
store_keep_counts(int store, const char *uuid, unsigned slots, unsigned mailslots, unsigned drives)
{
	enum jb_err err;
	json_t *json;
	char *text;

	json = json_pack("{s:i s:s s:i s:i s:i}", "format", STORE_VERSION, "uuid", uuid, "slots",
		(int)slots, "mailslots", (int)mailslots, "drives", (int)drives);
	text = json == NULL ? NULL : json_text(json, 2);
	json_decref(json);
	if (text == NULL)
		return JB_NO_MEMORY;
	err = store_replace_file(store, ".", IDENTITY_FILE, IDENTITY_NEW, text, strlen(text));
	free(text);
	return err;
}

/* Makes jukebox.json, durably, with these counts and a new UUID, which it stores in uuid.  Returns the
 * errors of store_keep_counts. */
static enum jb_err
make_identity(int store, char uuid[37], unsigned slots, unsigned mailslots, unsigned drives)
{
	uuid_t raw;

	uuid_generate_random(raw);
	uuid_unparse_lower(raw, uuid);
	return store_keep_counts(store, uuid, slots, mailslots, drives);
}

/* Stores the number in the member `key` in *out, and returns true.  Returns false, and leaves *out, if the
 * member is missing or is not a whole number from 0 to max. */
static bool
take_count(const json_t *json, const char *key, unsigned max, unsigned *out)
{
	const json_t *value = json_object_get(json, key);
	json_int_t n = json_integer_value(value);

	if (!json_is_integer(value) || n < 0 || n > (json_int_t)max)
		return false;
	*out = (unsigned)n;
	return true;
}

/* Reads the UUID and the counts from the object of jukebox.json; json may be NULL.  Returns false if the
 * format is not STORE_VERSION, the UUID is not valid, or a count is missing or too large.  uuid and the
 * counts may then be partly written. */
static bool
parse_identity(
	const json_t *json, char uuid[37], unsigned *slots, unsigned *mailslots, unsigned *drives)
{
	const char *text = json_string_value(json_object_get(json, "uuid"));
	uuid_t raw;

	if (json_integer_value(json_object_get(json, "format")) != STORE_VERSION || text == NULL ||
		uuid_parse(text, raw) != 0)
		return false;
	uuid_unparse_lower(raw, uuid);
	return take_count(json, "slots", JB_SLOTS_MAX, slots) &&
	       take_count(json, "mailslots", JB_MAILSLOTS_MAX, mailslots) &&
	       take_count(json, "drives", JB_DRIVES_MAX, drives);
}

enum jb_err
store_identify(int store, char uuid[37], unsigned *slots, unsigned *mailslots, unsigned *drives,
	char *why, size_t why_size)
{
	char *text;
	size_t size;
	json_t *json;
	bool good;
	enum jb_err err = store_read_file(store, IDENTITY_FILE, &text, &size);

	if (err == JB_NO_ITEM) {
		err = make_identity(store, uuid, *slots, *mailslots, *drives);
		if (err != JB_OK)
			snprintf(why, why_size, "cannot make a store: %s", jb_err_text(err));
		return err;
	}
	if (err != JB_OK) {
		snprintf(why, why_size, "cannot read " IDENTITY_FILE ": %s", jb_err_text(err));
		return err;
	}
	json = json_text_load(text, size, 0);
	free(text);
	if (json == NULL && errno == ENOMEM) {
		snprintf(why, why_size, "cannot read " IDENTITY_FILE ": %s",
			jb_err_text(JB_NO_MEMORY));
		return JB_NO_MEMORY;
	}
	good = parse_identity(json, uuid, slots, mailslots, drives);
	json_decref(json);
	if (!good)
		snprintf(why, why_size, IDENTITY_FILE " makes no sense to this version (format %d)",
			STORE_VERSION);
	return good ? JB_OK : JB_STORE_FORMAT;
}
