/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/mount.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "changer/base/log.h"

enum { STALE_MOUNTS_MAX = 64 };

struct mount_line {
	dev_t dev;  /* the device number of the file system */
	char *path; /* of the mountpoint */
	char *type; /* of the file system: "ext4", "fuse.jukeboxd" */
};

void
mount_unescape(char *s)
{
	char *to = s;

	for (; *s != '\0'; s++) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
			s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 3;
		} else {
			*to++ = *s;
		}
	}
	*to = '\0';
}

/* Parses a line of mountinfo, in place (proc(5)): ID PARENT MAJOR:MINOR ROOT MOUNTPOINT OPTIONS
 * [TAGS...] - TYPE SOURCE SUPEROPTIONS.  The texts in *m are parts of the line.  Returns false if it has
 * another form. */
static bool
parse_line(char *line, struct mount_line *m)
{
	unsigned major_no, minor_no;
	char *save = NULL, *field, *type = strstr(line, " - ");

	if (type == NULL)
		return false;
	*type = '\0';
	m->type = type + 3;
	m->type[strcspn(m->type, " \n")] = '\0';
	strtok_r(line, " ", &save);
	strtok_r(NULL, " ", &save);
	field = strtok_r(NULL, " ", &save);
	if (field == NULL || sscanf(field, "%u:%u", &major_no, &minor_no) != 2)
		return false;
	m->dev = makedev(major_no, minor_no);
	strtok_r(NULL, " ", &save);
	m->path = strtok_r(NULL, " ", &save);
	if (m->path == NULL)
		return false;
	mount_unescape(m->path);
	return true;
}

/* Calls `each` for every mount in our mount namespace, the oldest first, until it returns false.  *m is valid
 * only during the call.  Does nothing if /proc/self/mountinfo cannot be opened. */
static void
each_mount(bool (*each)(void *arg, const struct mount_line *m), void *arg)
{
	FILE *f = fopen("/proc/self/mountinfo", "re");
	struct mount_line m;
	char *line = NULL;
	size_t room = 0;

	if (f == NULL)
		return;
	while (getline(&line, &room, f) > 0)
		if (parse_line(line, &m) && !each(arg, &m))
			break;
	free(line);
	fclose(f);
}

struct search {
	const char *path; /* for match_path: the path that is searched */
	dev_t dev; /* for match_dev: the device that is searched; match_path stores it here */
	/* found: there is such a mount.  ours: its file system is that of a jukeboxd; only match_path sets
	 * it. */
	bool found, ours;
};

/* Stores device and type of the mount in the search if it is at the path that is searched; for each_mount.
 * Returns true always, because the last one is the topmost. */
static bool
match_path(void *arg, const struct mount_line *m)
{
	struct search *s = arg;

	if (strcmp(m->path, s->path) == 0) {
		s->found = true;
		s->dev = m->dev;
		s->ours = strcmp(m->type, "fuse." MOUNT_FSNAME) == 0;
	}
	return true; /* goes on, since the last one is the topmost */
}

/* Sets `found` in the search, and returns false to stop, if the mount has the device that is searched; for
 * each_mount. */
static bool
match_dev(void *arg, const struct mount_line *m)
{
	struct search *s = arg;

	s->found = m->dev == s->dev;
	return !s->found;
}

bool
mount_device(const char *path, dev_t *dev)
{
	struct search s = {.path = path};

	each_mount(match_path, &s);
	*dev = s.dev;
	return s.found;
}

bool
mount_exists(dev_t dev)
{
	struct search s = {.dev = dev};

	each_mount(match_dev, &s);
	return s.found;
}

/* Unmounts at once with fusermount3, which is setuid, for users who are not root.  Returns true if it could.
 * Waits for its process. */
static bool
fuserdetach(const char *path)
{
	const char *const argv[] = {"fusermount3", "-u", "-z", "-q", "--", path, NULL};
	pid_t pid;
	int status;

	if (posix_spawnp(&pid, argv[0], NULL, NULL, (char *const *)argv, environ) != 0)
		return false;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return status == 0;
}

/* Unmounts the topmost mount at the path at once, even if it is in use.  Returns true if it could. */
static bool
detach(const char *path)
{
	return umount2(path, MNT_DETACH | UMOUNT_NOFOLLOW) == 0 || fuserdetach(path);
}

/* ---- preparing ------------------------------------------------------------------------------ */

/* Returns the absolute path, without symbolic links before its last component; or NULL, with errno, for "" or
 * if a folder before the last component does not exist.  The caller frees it.  Makes no system call on the
 * last component, which may be a dead mount; but resolves it too if it is "." or "..", or the path is "/". */
static char *
absolute(const char *path)
{
	char *copy = strdup(path), *real = NULL, *slash, *out = NULL;
	const char *last;
	size_t len = copy == NULL ? 0 : strlen(copy);

	while (len > 1 && copy[len - 1] == '/')
		copy[--len] = '\0';
	if (len == 0) {
		free(copy);
		return NULL;
	}
	slash = strrchr(copy, '/');
	last = slash == NULL ? copy : slash + 1;
	if (strcmp(last, "") == 0 || strcmp(last, ".") == 0 || strcmp(last, "..") == 0) {
		free(copy);
		return realpath(path, NULL);
	}
	if (slash != NULL)
		*slash = '\0';
	real = realpath(slash == NULL ? "." : slash == copy ? "/" : copy, NULL);
	if (real != NULL && asprintf(&out, "%s/%s", strcmp(real, "/") == 0 ? "" : real, last) < 0)
		out = NULL;
	free(real);
	free(copy);
	return out;
}

/* Returns the absolute path of the mountpoint, or NULL with errno.  Follows a symbolic link, which must lead
 * to something.  The caller frees the path. */
static char *
resolve(const char *path)
{
	char *abs = absolute(path), *real;
	struct stat st;

	if (abs == NULL || lstat(abs, &st) != 0 || !S_ISLNK(st.st_mode))
		return abs;
	real = realpath(abs, NULL);
	free(abs);
	return real;
}

/* Returns the absolute path, whose last components need not exist, without symbolic links and a slash at its
 * end; "" for the root.  Returns NULL if there is no memory.  The caller frees it. */
static char *
resolve_missing(const char *path)
{
	char *begin = strdup(path), *real = NULL, *out = NULL;
	size_t len = begin == NULL ? 0 : strlen(begin);
	const char *rest;
	size_t rest_len;

	/* Shortens the begin by a component, until it exists. */
	while (len > 0 && (real = realpath(begin, NULL)) == NULL) {
		while (len > 0 && begin[len - 1] == '/')
			begin[--len] = '\0';
		while (len > 0 && begin[len - 1] != '/')
			begin[--len] = '\0';
	}
	if (begin != NULL && real == NULL)
		real = realpath(".", NULL);
	rest = path + len + strspn(path + len, "/");
	rest_len = strlen(rest);
	while (rest_len > 0 && rest[rest_len - 1] == '/')
		rest_len--;
	if (real != NULL && asprintf(&out, "%s%s%.*s", strcmp(real, "/") == 0 ? "" : real,
				    *rest == '\0' ? "" : "/", (int)rest_len, rest) < 0)
		out = NULL;
	free(real);
	free(begin);
	return out;
}

/* Returns true if the path is the folder, or is below it.  Both are as resolve_missing returns them; "" is
 * the root.  Compares the texts only. */
static bool
is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return strncmp(path, folder, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

bool
mount_nests(const char *store, const char *mountpoint, char *why, size_t why_size)
{
	char *s = resolve_missing(store), *m = resolve_missing(mountpoint);
	bool known = s != NULL && m != NULL, store_in = known && is_below(s, m);
	bool mount_in = known && is_below(m, s);

	if (store_in && mount_in)
		snprintf(why, why_size,
			"the store and the mount point are both %s: give two folders", m);
	else if (store_in)
		snprintf(why, why_size,
			"the store %s is inside the mount point %s, which would hide it: give a "
			"store "
			"elsewhere",
			s, m);
	else if (mount_in)
		snprintf(why, why_size,
			"the mount point %s is inside the store %s, which has room for discs only: "
			"give "
			"a mount point elsewhere",
			m, s);
	free(s);
	free(m);
	return store_in || mount_in;
}

bool
mount_may_share(uid_t uid)
{
	FILE *f = uid == 0 ? NULL : fopen("/etc/fuse.conf", "re");
	bool may = uid == 0;
	char line[256], word[32];

	while (f != NULL && !may && fgets(line, sizeof(line), f) != NULL)
		may = sscanf(line, " %31s", word) == 1 && strcmp(word, "user_allow_other") == 0;
	if (f != NULL)
		fclose(f);
	return may;
}

/* Returns false if a dead mount is at the path (ENOTCONN or ECONNABORTED); true for all else, also if nothing
 * is there.  Forces the kernel to ask the file system, since it may have cached the attributes of the
 * root. */
static bool
answers(const char *path)
{
	struct statx stx;

	return statx(AT_FDCWD, path, AT_STATX_FORCE_SYNC, STATX_BASIC_STATS, &stx) == 0 ||
	       (errno != ENOTCONN && errno != ECONNABORTED);
}

/*
 * Removes up to STALE_MOUNTS_MAX mounts that killed daemons have left at the path, and logs each.  Such a mount
 * answers ENOTCONN to all requests.  Stops at the first mount that answers, is not jukeboxd's, or cannot be
 * removed.
 */
static void
clear_stale(const char *path)
{
	for (int i = 0; i < STALE_MOUNTS_MAX; i++) {
		struct search s = {.path = path};

		if (answers(path))
			return;
		each_mount(match_path, &s);
		if (!s.found || !s.ours)
			return;
		log_info("mount", "removing the dead mount of an earlier jukeboxd at %s", path);
		if (!detach(path))
			return;
	}
}

/* Returns true if the folder can be read and is empty; else false with a message in `why`. */
static bool
is_empty_dir(const char *path, char *why, size_t why_size)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	int entries = 0;

	if (d == NULL) {
		snprintf(why, why_size, "cannot mount at %s: %s", path, strerror(errno));
		return false;
	}
	while (entries == 0 && (entry = readdir(d)) != NULL)
		entries += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
	closedir(d);
	if (entries > 0)
		snprintf(why, why_size, "cannot mount at %s: the folder is not empty", path);
	return entries == 0;
}

char *
mount_prepare(const char *path, char *why, size_t why_size)
{
	struct search s;
	char *abs;

	if (mkdir(path, 0755) != 0 && errno != EEXIST && errno != ENOTCONN &&
		errno != ECONNABORTED) {
		snprintf(why, why_size, "cannot make the folder %s: %s", path, strerror(errno));
		return NULL;
	}
	abs = resolve(path);
	if (abs == NULL) {
		snprintf(why, why_size, "cannot mount at %s: %s", path, strerror(errno));
		return NULL;
	}
	clear_stale(abs);
	s = (struct search){.path = abs};
	each_mount(match_path, &s);
	if (s.found && s.ours)
		snprintf(why, why_size,
			"cannot mount at %s: another jukeboxd serves there: stop that one first",
			abs);
	else if (is_empty_dir(abs, why, why_size))
		return abs;
	free(abs);
	return NULL;
}
