/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Text files.  The text is printed at the open, so that all reads through a handle see the same text.  A
 * WRITE has a whole value, and the value is applied before its reply, because shells check the result of
 * write(2) but not that of close(2).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/clock.h"
#include "fsctl/text.h"

enum { NS = 1000000000 };

/* Returns the time in nanoseconds. */
static int64_t
ns_of(const struct timespec *t)
{
	return (int64_t)t->tv_sec * NS + t->tv_nsec;
}

/* Returns the number of the node's row, for the arrays with FS_ROWS places. */
static unsigned
row_of(const struct node *node)
{
	return node_ino(node) % FS_ROWS;
}

/* Returns the place for the node's text in fs->texts.  fs->texts.lock guards it. */
static struct text_seen *
seen_of(struct fsctl *fs, const struct node *node)
{
	return &fs->texts.seen[row_of(node)][node->number % FS_TEXT_NUMBERS];
}

/* Returns how many events there have been since the daemon started. */
static uint64_t
event_count(struct fsctl *fs)
{
	uint64_t counts[JB_EVENT_COUNT], sum = 0;

	jb_event_counts(fs->jb, counts);
	for (unsigned i = 0; i < JB_EVENT_COUNT; i++)
		sum += counts[i];
	return sum;
}

/*
 * Returns true, and stores size and time of a REPORT as it was printed last, if no event has happened since and the
 * printing is not longer ago than twenty times its duration, one second at most.  So for that time a change without
 * an event, such as that of a setting, may be missed: to print the report of a large jukebox takes long.  Returns
 * false if it must be printed again, or is not a REPORT; *len and *changed_ns have no meaning then.
 */
static bool
known(struct fsctl *fs, const struct node *node, size_t *len, int64_t *changed_ns)
{
	enum { TIMES = 20, AT_MOST_MS = 1000 };
	struct text_seen *seen = seen_of(fs, node);
	uint64_t events, ms;
	bool good;

	if (node->row->kind != NODE_REPORT)
		return false;
	events = event_count(fs);
	pthread_mutex_lock(&fs->texts.lock);
	ms = seen->took_ms * TIMES < AT_MOST_MS ? seen->took_ms * TIMES : AT_MOST_MS;
	good = seen->changed_ns != 0 && seen->events == events &&
	       clock_ms() - seen->printed_ms < ms;
	*len = seen->len;
	*changed_ns = seen->changed_ns;
	pthread_mutex_unlock(&fs->texts.lock);
	return good;
}

/* Compares the hash of the text with that of the last time, and keeps it with the length and with `events`,
 * `printed_ms` and `took_ms` of *now.  Returns the time of the last change, in nanoseconds: now if it
 * differs, the start of the mount if it was never printed before. */
static int64_t
note_text(struct fsctl *fs, const struct node *node, const char *text, size_t len,
	const struct text_seen *now)
{
	struct text_seen *seen = seen_of(fs, node);
	uint64_t hash = rendering_hash(text, len);
	int64_t ns;

	pthread_mutex_lock(&fs->texts.lock);
	if (seen->changed_ns == 0)
		seen->changed_ns = ns_of(&fs->tree.started);
	else if (seen->hash != hash)
		seen->changed_ns = clock_wall_ns();
	seen->hash = hash;
	seen->len = len;
	seen->events = now->events;
	seen->printed_ms = now->printed_ms;
	seen->took_ms = now->took_ms;
	ns = seen->changed_ns;
	pthread_mutex_unlock(&fs->texts.lock);
	return ns;
}

/* Returns when a program wrote to the file last, in nanoseconds; 0: never since the start. */
static int64_t
written_at(struct fsctl *fs, const struct node *node)
{
	int64_t ns;

	pthread_mutex_lock(&fs->texts.lock);
	ns = seen_of(fs, node)->written_ns;
	pthread_mutex_unlock(&fs->texts.lock);
	return ns;
}

/* Notes that a program has written to the file now. */
static void
note_write(struct fsctl *fs, const struct node *node)
{
	int64_t now = clock_wall_ns();

	pthread_mutex_lock(&fs->texts.lock);
	seen_of(fs, node)->written_ns = now;
	pthread_mutex_unlock(&fs->texts.lock);
}

/* Prints the text of a file, and notes it (note_text).  Returns the text, which the caller frees, with its
 * length in *len and the time of its last change in *changed_ns; or NULL if there is no memory, and
 * *changed_ns is unchanged.  The text of a file that cannot be read is "". */
static char *
render(struct fsctl *fs, const struct node *node, size_t *len, int64_t *changed_ns)
{
	struct text_seen now = {.events = event_count(fs), .printed_ms = clock_ms()};
	char *text = tree_show(&fs->tree, node, len);

	if (text == NULL)
		return NULL;
	now.took_ms = clock_ms() - now.printed_ms;
	*changed_ns = note_text(fs, node, text, *len, &now);
	return text;
}

/*
 * The time is that of the last change, so that programs which copy at night do not take each file for a changed
 * one, and tail -f goes on when there is something new.  For the events it is that of the last event.  For files
 * that can be written it is that of the last write, because editors refuse to write a
 * file that seems to have changed.  If there was none yet, it is the start of the mount.
 */
void
text_stat(struct fsctl *fs, const struct node *node, struct stat *st)
{
	bool events = node->row->kind == NODE_EVENTS || node->row->kind == NODE_STREAM;
	size_t len = 0;
	int64_t ns = 0;

	if (node->row->kind == NODE_EVENTS)
		len = events_size(fs);
	else if (!events && !known(fs, node, &len, &ns))
		free(render(fs, node, &len, &ns));
	if (events)
		ns = events_mtime(fs);
	else if (node_is_written(node->row))
		ns = written_at(fs, node);
	st->st_size = (off_t)len;
	st->st_mtim = fs->tree.started;
	if (ns != 0)
		st->st_mtim = (struct timespec){ns / NS, ns % NS};
}

/* Prepares the handle of a list that was opened with O_APPEND: sets h->appends, and h->list to the present
 * list, to which what is written is appended.  If there is no memory for that, what is written replaces the
 * list. */
static void
begin_append(struct fsctl *fs, const struct node *node, struct handle *h)
{
	int64_t ns;

	h->appends = true;
	h->list = render(fs, node, &h->list_len, &ns);
	if (h->list == NULL)
		h->list_len = 0;
}

/* Returns true if the user of the request may read ctl/target/sessions, by its owner and mode and by the groups
 * of the program.  If false, the names and addresses of initiators are masked in the events. */
static bool
may_see_names(fuse_req_t req)
{
	enum { GROUPS_MAX = 1024 };
	const struct fuse_ctx *who = fuse_req_ctx(req);
	struct node node = {.number = 0};
	gid_t groups[GROUPS_MAX];
	struct owner owner;
	int n;

	for (size_t i = 0; (node.row = node_row_at(i)) != NULL; i++)
		if (strcmp(node.row->path, "ctl/target/sessions") == 0)
			break;
	owner_of(fs_of(req), &node, &owner);
	if (who->uid == 0 || owner.mode & S_IROTH)
		return true;
	if (who->uid == owner.uid || who->gid == owner.gid || !(owner.mode & S_IRGRP))
		return (owner.mode & (who->uid == owner.uid ? S_IRUSR : S_IRGRP)) != 0;
	n = fuse_req_getgroups(req, GROUPS_MAX, groups);
	for (int i = 0; i < n && i < GROUPS_MAX; i++)
		if (groups[i] == owner.gid)
			return true;
	return false;
}

/* Gives a new handle what its reader will see: its place in the events, or the present text unless `flags` open the
 * file for writing only.  Returns JB_NO_MEMORY or JB_TEXTS_FULL; the handle is to be freed then. */
static enum jb_err
fill_handle(fuse_req_t req, const struct node *node, int flags, struct handle *h)
{
	struct fsctl *fs = fs_of(req);
	bool stream = node->row->kind == NODE_STREAM;
	size_t len;
	char *text;

	if (node->row->kind == NODE_EVENTS || stream) {
		h->events = events_open(fs, stream, !may_see_names(req));
		return h->events == NULL ? JB_NO_MEMORY : JB_OK;
	}
	if ((flags & O_ACCMODE) == O_WRONLY)
		return JB_OK;
	text = render(fs, node, &len, &h->text_ns);
	return text == NULL ? JB_NO_MEMORY : handle_give_text(req, h, text, len);
}

void
text_open(fuse_req_t req, const struct node *node, struct fuse_file_info *fi)
{
	struct fsctl *fs = fs_of(req);
	int access = fi->flags & O_ACCMODE;
	char path[FS_NAME_MAX];
	struct handle *h;
	enum jb_err e;

	if ((access != O_RDONLY || fi->flags & O_TRUNC) && !node_is_written(node->row)) {
		fs_refuse(req, JB_IS_FIXED, "write to %s", fs_name(fs, node_ino(node), path));
		return;
	}
	h = handle_new(req, node_ino(node));
	e = h == NULL ? JB_NO_MEMORY : fill_handle(req, node, fi->flags, h);
	if (e != JB_OK) {
		if (h != NULL)
			handle_free(fs, h);
		if (e == JB_TEXTS_FULL)
			fs_refuse(req, e, "open %s", fs_name(fs, node_ino(node), path));
		else
			fs_error(req, e);
		return;
	}
	if (access != O_RDONLY && fi->flags & O_APPEND && tree_is_list(node))
		begin_append(fs, node, h);
	fi->direct_io = 1;
	/* No FLUSH: when the stream has ended, its readers close it, and the daemon may have ended by
	 * then. */
	fi->noflush = h->events != NULL;
	fi->fh = (uintptr_t)h;
	if (fuse_reply_open(req, fi) == -ENOENT)
		handle_free(fs, h);
}

size_t
text_read(const struct handle *h, char *buf, size_t size, off_t off)
{
	if (h->text == NULL || off < 0 || (uint64_t)off >= h->text->len)
		return 0;
	if (size > h->text->len - (size_t)off)
		size = h->text->len - (size_t)off;
	memcpy(buf, h->text->text + off, size);
	return size;
}

/* ---- WRITE ---------------------------------------------------------------------------------- */

struct op_store {
	struct op op;	  /* first */
	struct node node; /* the text file */
	size_t written;	  /* the bytes that the answer to a WRITE reports */
	text_done
		*done; /* for a temporary file that is renamed over the text file; NULL: a WRITE */
	uint64_t temp; /* the inode number of that temporary file */
	/* For a WRITE to a list: its handle, which stays while the WRITE has no answer, and the list that it will
	 * have.  NULL: no list. */
	struct handle *handle;
	char *list;
	size_t list_len;
	/* Without the last newline, and without carriage returns at line ends. */
	char value[];
};

/* Makes the accepted list the one to which the next WRITE of the handle adds.  The old list is freed with the job.
 * Takes handles_lock: a program that writes asynchronously has several WRITEs of one handle under way. */
static void
keep_list(struct op_store *s)
{
	char *old;

	if (s->handle == NULL)
		return;
	pthread_mutex_lock(&s->op.fs->handles_lock);
	old = s->handle->list;
	s->handle->list = s->list;
	s->handle->list_len = s->list_len;
	pthread_mutex_unlock(&s->op.fs->handles_lock);
	s->list = old;
}

/* Stores a value, in a worker, and answers the WRITE or RENAME.  If tree_store accepts it, sets the time of
 * the last write, keeps the list (keep_list), and calls s->done if that is not NULL; else refuses it with the
 * error of tree_store, in a message without the value if the file cannot be read.  Wipes the value, and frees
 * the job. */
static void
store_run(struct work_job *job)
{
	struct op_store *s = (struct op_store *)job;
	enum jb_err e = tree_store(&s->op.fs->tree, &s->node, s->value);
	char path[FS_NAME_MAX];

	fs_name(s->op.fs, node_ino(&s->node), path);
	if (e == JB_OK) {
		note_write(s->op.fs, &s->node);
		keep_list(s);
	}
	if (e == JB_OK && s->done != NULL) {
		s->done(s->op.fs, s->temp);
		fuse_reply_err(s->op.req, 0);
	} else if (e == JB_OK)
		fuse_reply_write(s->op.req, s->written);
	else if (!node_is_read(s->node.row)) /* the message must not contain a secret */
		fs_refuse(s->op.req, e, "write to %s", path);
	else
		fs_refuse(s->op.req, e, "write \"%.200s\" to %s", s->value, path);
	explicit_bzero(s->value, strlen(s->value));
	free(s->list);
	free(s);
}

/*
 * Makes the new value of a list for a WRITE: the list in h->list with the data.  This is needed because shells write
 * a text of several lines line by line.  The data goes to the offset of the WRITE, and cuts what is behind it; but to
 * the end of the list if h->appends is set or the offset is behind the end.  Returns JB_BAD_VALUE if the list would
 * be longer than FS_VALUE_MAX, or JB_NO_MEMORY; else the value in *list and its length in *len, which the caller
 * frees.  Leaves h->list: a refused line must not spoil the next one.  Takes handles_lock (keep_list).
 */
static enum jb_err
add_to_list(struct fsctl *fs, const struct handle *h, const char *data, size_t size, size_t off,
	char **list, size_t *len)
{
	char *made = malloc(FS_VALUE_MAX + 1);
	size_t before;
	bool fits;

	if (made == NULL)
		return JB_NO_MEMORY;
	pthread_mutex_lock(&fs->handles_lock);
	before = h->appends || off > h->list_len ? h->list_len : off;
	fits = size <= FS_VALUE_MAX && before <= FS_VALUE_MAX - size;
	if (fits && before > 0)
		memcpy(made, h->list, before);
	pthread_mutex_unlock(&fs->handles_lock);
	if (!fits) {
		free(made);
		return JB_BAD_VALUE;
	}
	*list = made;
	memcpy(*list + before, data, size);
	(*list)[before + size] = '\0';
	*len = before + size;
	return JB_OK;
}

/* Removes, in place, the carriage return at the end of each line and of the text: some systems write
 * "close\r\n". */
static void
drop_returns(char *text)
{
	char *to = text;

	for (const char *p = text; *p != '\0'; p++)
		if (*p != '\r' || (p[1] != '\n' && p[1] != '\0'))
			*to++ = *p;
	*to = '\0';
}

/* Lets a worker store a copy of the value, without a newline at its end, and answer the request: after it has
 * called how->done, or, if that is NULL, with how->written bytes.  Refuses the request with JB_BAD_VALUE if
 * the value is longer than FS_VALUE_MAX or has a NUL, with JB_NO_MEMORY if there is no memory.  Takes over how->list,
 * and frees it then. */
static void
post_value(fuse_req_t req, const struct node *node, const char *data, size_t len,
	const struct op_store *how)
{
	struct fsctl *fs = fs_of(req);
	char path[FS_NAME_MAX];
	struct op_store *s;

	if (len > 0 && data[len - 1] == '\n')
		len--;
	if (len > FS_VALUE_MAX || memchr(data, '\0', len) != NULL) {
		fs_refuse(req, JB_BAD_VALUE, "write to %s", fs_name(fs, node_ino(node), path));
		free(how->list);
		return;
	}
	s = op_new(req, sizeof(*s) + len + 1, store_run);
	if (s == NULL) {
		free(how->list);
		return;
	}
	s->node = *node;
	s->written = how->written;
	s->done = how->done;
	s->temp = how->temp;
	s->handle = how->handle;
	s->list = how->list;
	s->list_len = how->list_len;
	memcpy(s->value, data, len);
	drop_returns(s->value);
	work_post(&fs->work, &s->op.job);
}

/* Ignores the offset of a WRITE, except for lists: for other files ">>" has the same effect as ">". */
void
text_write(fuse_req_t req, struct handle *h, const char *data, size_t size, size_t off)
{
	struct fsctl *fs = fs_of(req);
	struct op_store how = {.written = size};
	size_t len = size;
	char path[FS_NAME_MAX];
	struct node node;

	if (!node_from_ino(fs->jb, h->ino, &node)) {
		fs_error(req, JB_NO_ELEMENT);
		return;
	}
	if (!node_is_written(node.row)) {
		fs_refuse(req, JB_IS_FIXED, "write to %s", fs_name(fs, h->ino, path));
		return;
	}
	if (tree_is_list(&node)) {
		enum jb_err e = add_to_list(fs, h, data, size, off, &how.list, &how.list_len);

		if (e != JB_OK) {
			fs_refuse(req, e, "write to %s", fs_name(fs, h->ino, path));
			return;
		}
		how.handle = h;
		data = how.list;
		len = how.list_len;
	}
	post_value(req, &node, data, len, &how);
}

void
text_replace(fuse_req_t req, const struct node *node, const char *data, size_t len, text_done *done,
	uint64_t temp)
{
	char path[FS_NAME_MAX];

	if (node_is_written(node->row))
		post_value(req, node, data, len, &(struct op_store){.done = done, .temp = temp});
	else
		fs_refuse(
			req, JB_IS_FIXED, "write to %s", fs_name(fs_of(req), node_ino(node), path));
}
