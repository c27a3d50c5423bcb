/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes durable what a start finds in the store.  A daemon that was killed leaves changes that are only in
 * the page cache.  The next daemon shows them to users, but a power cut would still undo them. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "changer/store/store.h"

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

enum {
	DEPTH_MAX = 8, /* of folders; the store has fewer */
	/* After so many files and directories, tries to sync the whole file system at once. */
	SINGLE_MAX = 64,
};

/* The state of one call of store_settle or store_settle_dir. */
struct settling {
	int store;
	const struct store_end *end;
	store_sync_failed *failed; /* called with arg for each entry that cannot be synced */
	void *arg;
	unsigned count; /* files and directories for which a sync was requested */
	/* true: syncfs(2) was tried; it reports an error only once, so it is not called again */
	bool is_tried;
	bool is_done; /* true: syncfs(2) has made all durable */
};

/* Returns true if syncfs(2) makes data and names durable on that type of file system.  On others, such as
 * network file systems or FUSE, it may return before the data is durable. */
static bool
is_synced_at_once(const struct statfs *fs)
{
	static const unsigned long types[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC,
		F2FS_SUPER_MAGIC, TMPFS_MAGIC};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if ((unsigned long)fs->f_type == types[i])
			return true;
	return false;
}

/* Tries to sync the whole file system of the store, once.  If that succeeds and is enough
 * (is_synced_at_once), sets s->is_done.  Otherwise each file must be synced by itself; an error is only
 * logged. */
static void
sync_all(struct settling *s)
{
	struct statfs fs;

	if (s->is_tried)
		return;
	s->is_tried = true;
	if (fstatfs(s->store, &fs) != 0 || !is_synced_at_once(&fs))
		return;
	s->is_done = syncfs(s->store) == 0;
	if (!s->is_done)
		log_err("store", "cannot sync the file system: %s", strerror(errno));
}

/* Returns true if a file or a directory with the state *st must be synced.  After a clean end of the last
 * owner, that is so if it was changed at that time or later.  Otherwise returns true. */
static bool
is_wanted(const struct settling *s, const struct stat *st)
{
	const struct timespec *when = &s->end->when;

	return !s->end->clean || st->st_ctim.tv_sec > when->tv_sec ||
	       (st->st_ctim.tv_sec == when->tv_sec && st->st_ctim.tv_nsec >= when->tv_nsec);
}

/* Syncs the file or the directory at the path, unless all is synced already (s->is_done).  After SINGLE_MAX
 * such requests, first tries sync_all, which takes less time.  Ignores an entry that cannot be opened.  If
 * the sync fails, logs that, puts the store in doubt (store_doubt), and calls s->failed. */
static void
settle_one(struct settling *s, const char *path, int flags)
{
	int fd, err;

	if (s->count++ == SINGLE_MAX)
		sync_all(s);
	if (s->is_done)
		return;
	fd = openat(s->store, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags);
	if (fd < 0)
		return;
	/* Some file systems have nothing to sync in a directory, and return EINVAL. */
	if (fsync(fd) != 0 && errno != EINVAL && errno != EROFS) {
		err = errno;
		log_err("store", "cannot sync %s: %s", path, strerror(err));
		store_doubt(true);
		s->failed(s->arg, path, jb_err_from_errno(err, JB_STORE_WRITE));
	}
	close(fd);
}

/*
 * Makes durable what is in the directory `dir`, and then the directory itself if `wanted` is true.  depth
 * is the number of folders between the store and its content: 0 for the store itself.
 *
 * If `wanted` is true and depth is not 0, syncs all entries, because the directory may have been moved into
 * the store with old times.  Otherwise syncs those that is_wanted chooses.  Goes at most DEPTH_MAX folders
 * down, and follows no symbolic links.  Returns JB_NO_MEMORY if memory is missing; otherwise JB_OK, also if
 * an entry cannot be read or synced.
 */
static enum jb_err
settle_tree(struct settling *s, const char *dir, unsigned depth, bool wanted)
{
	char path[STORE_PATH_MAX];
	char **names;
	size_t count;
	enum jb_err err = store_names(s->store, dir, &names, &count);

	/* The start reports a directory that it needs and cannot read. */
	if (err != JB_OK)
		return err == JB_NO_MEMORY ? err : JB_OK;
	for (size_t i = 0; i < count && err == JB_OK; i++) {
		struct stat st;
		bool its;

		if (depth == 0)
			snprintf(path, sizeof(path), "%s", names[i]);
		else
			store_join(dir, names[i], path);
		if (fstatat(s->store, path, &st, AT_SYMLINK_NOFOLLOW) != 0)
			continue;
		its = (wanted && depth > 0) || is_wanted(s, &st);
		if (S_ISREG(st.st_mode) && its)
			settle_one(s, path, 0);
		if (S_ISDIR(st.st_mode) && depth < DEPTH_MAX)
			err = settle_tree(s, path, depth + 1, its);
	}
	store_free_names(names, count);
	if (err == JB_OK && wanted)
		settle_one(s, dir, O_DIRECTORY);
	return err;
}

enum jb_err
store_settle(int store, const struct store_end *end, store_sync_failed *failed, void *arg)
{
	struct settling s = {.store = store, .end = end, .failed = failed, .arg = arg};

	if (end->is_new)
		return JB_OK;
	if (!end->clean)
		sync_all(&s);
	return s.is_done ? JB_OK : settle_tree(&s, ".", 0, true);
}

/* Stores err in the enum jb_err at arg; a store_sync_failed.  The last error counts; path is not used. */
static void
keep_error(void *arg, const char *path, enum jb_err err)
{
	*(enum jb_err *)arg = err;
}

enum jb_err
store_settle_dir(int store, const char *dir)
{
	static const struct store_end unclean = {.clean = false};
	enum jb_err failed = JB_OK;
	struct settling s = {.store = store, .end = &unclean, .failed = keep_error, .arg = &failed};
	enum jb_err err = settle_tree(&s, dir, 1, true);

	return err == JB_OK ? failed : err;
}
