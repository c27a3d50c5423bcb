/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of fsctl share: the mounted file system, open handles, and how a request is
 * refused.
 *
 * Threads: libfuse's call the handlers (fs_ops in fsctl.c), which never wait for more than one
 * bounded system call on the store; what may take longer goes to the work queue (work.h) and
 * replies from there.  No lock of fsctl is held over a call into the model or a reply.
 */
#ifndef FSCTL_FS_H
#define FSCTL_FS_H

#include <fuse_lowlevel.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include "fsctl/helpers/replay.h"
#include "fsctl/events.h"
#include "fsctl/fsctl.h"
#include "fsctl/helpers/opener.h"
#include "fsctl/tree/tree.h"
#include "fsctl/work.h"

enum {
	FS_ROWS = 256,
	FS_COPY_MAX = 64 << 20, /* of one COPY_FILE_RANGE: its caller cannot be killed meanwhile */
	FS_READ_MAX = 1 << 20,	/* of one READ */
	FS_VALUE_MAX = 4096,	/* of what is written to a text file at once */
	FS_STOP_WAIT_MS = 3000, /* that a stop gives to programs which are still writing */
};

/* An open file: of an item, of events, or of a text as it was when it was opened. */
struct handle {
	LIST_ENTRY(handle) link;
	struct jb_file *file; /* NULL: a text, or events */
	struct event_handle *events;
	uint64_t ino;
	pid_t opener; /* of a file of the model */
	bool writable;
	char *text;
	size_t text_len;
	/* What was written to a list so far, if it is one (text.c). */
	char *list;
	size_t list_len;
	bool appends;
};
LIST_HEAD(handle_list, handle);

struct init_patch { /* see init.c */
	_Atomic bool done;
	bool seen;
	uint64_t unique;
	uint32_t kernel_flags;
};

struct fsctl {
	struct jukebox *jb;
	char *mountpoint; /* absolute */
	bool mounted;
	dev_t dev; /* of the mount */
	struct fuse_session *se;
	struct init_patch init;
	struct work work;
	struct tree tree;
	struct opener opener;
	struct events events;
	struct replay replay;
	uid_t uid;
	gid_t gid;

	pthread_mutex_t handles_lock; /* leaf */
	pthread_cond_t handles_changed;
	struct handle_list handles;
	unsigned writers; /* handles that are writable files */

	pthread_t loop_thread, watch_thread;
	bool watching;
	int ended_fd, stop_fd;
	_Atomic bool stopping, ended;
	/* By row of the tree: */
	_Atomic size_t report_len[FS_ROWS]; /* how long it was when last printed */
	_Atomic int64_t written[FS_ROWS];   /* when it was last written, nanoseconds; 0: never */
};

static inline struct fsctl *
fs_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

/* ---- requests that a worker answers --------------------------------------------------------- */

struct op {
	struct work_job job; /* first */
	struct fsctl *fs;
	fuse_req_t req;
};

/* A zeroed op of size bytes; on failure NULL, and the request is answered. */
void *op_new(fuse_req_t req, size_t size, void (*run)(struct work_job *job));

/* ---- refusals ------------------------------------------------------------------------------- */

/* Answers with the error's errno, and says in ctl/last-error and the log what was tried. */
void fs_refuse(fuse_req_t req, enum jb_err e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Answers without a word: for what programs probe all the time. */
void fs_error(fuse_req_t req, enum jb_err e);
/* A name for messages: of a node, or of an item by its number; buf of FS_NAME_MAX. */
enum { FS_NAME_MAX = NODE_PATH_MAX + JB_NAME_MAX + 2 };
char *fs_name(struct fsctl *fs, uint64_t ino, char *buf);
/* Of something in a folder. */
char *fs_name_in(struct fsctl *fs, uint64_t parent, const char *name, char *buf);

/* ---- handles (handle.c) --------------------------------------------------------------------- */

static inline struct handle *
handle_of(const struct fuse_file_info *fi)
{
	return (struct handle *)(uintptr_t)fi->fh;
}

struct handle *handle_new(struct fsctl *fs, uint64_t ino, struct jb_file *file);
/* Closes the file and frees the handle.  [blocks] */
void handle_free(struct fsctl *fs, struct handle *h);
/* The same by a worker, for one whose program was killed before it got it. */
void handle_abandon(struct fsctl *fs, struct handle *h);
/* The attributes of a removed file that is still open; false: nobody has it open. */
bool handle_stat(struct fsctl *fs, uint64_t ino, struct stat *st);
/* Waits until no program writes any more, or ms have passed. */
void handle_wait_writers(struct fsctl *fs, unsigned ms);
/* What the kernel has not released any more, its connection being gone. */
void handle_free_all(struct fsctl *fs);

/* ---- attributes (attr.c) -------------------------------------------------------------------- */

enum { FS_FIXED_TIMEOUT = 60 }; /* seconds that the kernel may keep folders' entries */

/* Of the sheet of a raw disc; JB_NO_ITEM: the disc has none (any more). */
enum jb_err attr_of_sheet(struct fsctl *fs, const struct jb_item *item, struct stat *st);
/* For the answers to LOOKUP, CREATE and MKDIR. */
void attr_entry_of_item(const struct jb_item *item, struct fuse_entry_param *e);
void attr_entry_of_node(struct fsctl *fs, const struct node *node, struct fuse_entry_param *e);
static inline mode_t
attr_type(const struct jb_item *item)
{
	return item->link == JB_LINK_NONE ? S_IFREG : S_IFLNK;
}
/* Set-id bits are stripped always, which is what the daemon owes for KILLPRIV_V2 (init.c). */
static inline mode_t
attr_mode(mode_t mode)
{
	return mode & 0777;
}

/* ---- sheets of raw discs (sheet.c) ----------------------------------------------------------- */

enum jb_err sheet_entry(
	struct fsctl *fs, struct jb_elem elem, const char *name, struct fuse_entry_param *out);
void sheet_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
/* Of what failed with e because there is no such file: it is a sheet. */
enum jb_err sheet_error(struct fsctl *fs, struct jb_elem elem, const char *name, enum jb_err e);

/* ---- text files (text.c) -------------------------------------------------------------------- */

size_t text_length(struct fsctl *fs, const struct node *node);
struct timespec text_mtime(struct fsctl *fs, const struct node *node);
void text_open(fuse_req_t req, const struct node *node, struct fuse_file_info *fi);
/* Bytes read into buf: at most size. */
size_t text_read(const struct handle *h, char *buf, size_t size, off_t off);
void text_write(fuse_req_t req, struct handle *h, const char *data, size_t size, size_t off);

/* ---- init.c --------------------------------------------------------------------------------- */

void init_connection(void *userdata, struct fuse_conn_info *conn);
/* Sees to it that the INIT reply asks for what libfuse 3.14 cannot ask for. */
bool init_patch_session(struct fsctl *fs);

/* ---- operations ----------------------------------------------------------------------------- */

/* attr.c */
void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_setattr(
	fuse_req_t req, fuse_ino_t ino, struct stat *attr, int to_set, struct fuse_file_info *fi);
void op_statfs(fuse_req_t req, fuse_ino_t ino);
/* dir.c */
void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name);
void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi);
void op_releasedir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t rdev);
void op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name);
/* layout.c */
void op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode);
void op_rmdir(fuse_req_t req, fuse_ino_t parent, const char *name);
/* link.c */
void op_symlink(fuse_req_t req, const char *target, fuse_ino_t parent, const char *name);
void op_readlink(fuse_req_t req, fuse_ino_t ino);
/* item.c */
void op_create(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode,
	struct fuse_file_info *fi);
void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
	const char *new_name, unsigned flags);
void op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name);
/* data.c */
void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi);
void op_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size, off_t off,
	struct fuse_file_info *fi);
void op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi);
void op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi);
void op_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t offset, off_t length,
	struct fuse_file_info *fi);
void op_copy_file_range(fuse_req_t req, fuse_ino_t ino_in, off_t off_in,
	struct fuse_file_info *fi_in, fuse_ino_t ino_out, off_t off_out,
	struct fuse_file_info *fi_out, size_t len, int flags);
void op_lseek(fuse_req_t req, fuse_ino_t ino, off_t off, int whence, struct fuse_file_info *fi);
/* events.c */
void op_poll(
	fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi, struct fuse_pollhandle *poll);
/* xattr.c */
void op_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name, const char *value, size_t size,
	int flags);
void op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size);
void op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size);
void op_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name);

#endif
