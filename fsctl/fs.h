/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of this folder share: the mounted file system, open handles, and how a request is refused.
 *
 * Threads: the threads of libfuse call the handlers op_* (fs_ops in fsctl.c).  A handler answers its request,
 * or files a job that answers it (work.h).  A handler itself waits for no more than one short system call on
 * the store; all that may take longer is done by a job.  No lock is held during a reply; README says which
 * locks are held during a call into the model.
 */
#ifndef FSCTL_FS_H
#define FSCTL_FS_H

#include <fuse_lowlevel.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/queue.h>
#include <sys/stat.h>

#include "fsctl/helpers/replay.h"
#include "fsctl/ctltemp.h"
#include "fsctl/events.h"
#include "fsctl/fsctl.h"
#include "fsctl/helpers/importer.h"
#include "fsctl/helpers/opener.h"
#include "fsctl/owner.h"
#include "fsctl/park.h"
#include "fsctl/rendering.h"
#include "fsctl/tree/tree.h"
#include "fsctl/work.h"

enum {
	FS_ROWS = 256,		/* the most rows of tree.def */
	FS_TEXT_NUMBERS = 64,	/* drives that can have text files of their own */
	FS_COPY_MAX = 64 << 20, /* bytes of one COPY_FILE_RANGE; no signal ends its program then */
	FS_READ_MAX = 1 << 20,	/* bytes of one READ */
	FS_VALUE_MAX = 4096,	/* bytes of a value that is written to a text file */
	FS_STOP_WAIT_MS =
		3000, /* programs have this time to finish writing when the daemon stops */
};

/* A request that a worker answers, or another job of it; req is NULL then. */
struct op {
	struct work_job job; /* first */
	struct fsctl *fs;
	fuse_req_t req;
};

/* An open file: an item, the events, or a text as it was when it was opened. */
struct handle {
	struct op last; /* first: the job that frees an item's, which so needs no memory */
	LIST_ENTRY(handle) link;
	struct jb_file *file; /* an item's file; else NULL */
	int fd;	   /* its descriptor, which files of one disc share, counted in fs->fds; else -1 */
	uid_t uid; /* the user who opened it */
	struct event_handle *events; /* for the events; else NULL */
	uint64_t ino;		     /* of the file */
	pid_t opener;		     /* the process or thread that opened it */
	_Atomic pid_t writer;	     /* the one that wrote to it last; 0: none */
	bool writable;
	struct rendering *text; /* a text file's text; NULL: it cannot be read */
	int64_t text_ns;	/* when that text changed last */
	/* If the text is a list: what was written to it through this handle (text.c). */
	char *list;
	size_t list_len;
	bool appends; /* the list was opened with O_APPEND */
};
LIST_HEAD(handle_list, handle);

/* Keeps the hash of each text file as it was printed last, and the times of its last change and write.  Leaf lock. */
struct texts {
	pthread_mutex_t lock;
	struct text_seen {
		uint64_t hash;	    /* of the text */
		int64_t changed_ns; /* when it was found to say something else; 0: not printed yet */
		size_t len;
		uint64_t events; /* how many events there had been when it was printed */
		uint64_t printed_ms, took_ms; /* when that was, and how long it took */
		int64_t written_ns;	      /* when a program wrote to the file last; 0: never */
	} seen[FS_ROWS][FS_TEXT_NUMBERS];
};

struct init_patch { /* see init.c */
	_Atomic bool done;
	bool seen;	       /* true: the INIT request came, with the next two */
	uint64_t unique;       /* its number */
	uint32_t kernel_flags; /* what the kernel offers */
};

struct fsctl {
	struct jukebox *jb;
	char *mountpoint; /* absolute */
	bool mounted;	  /* true: the mount was made, and must be ended */
	dev_t dev;	  /* of the mount */
	struct fuse_session *se;
	struct init_patch init;
	bool working; /* both queues below have a thread */
	struct work work;
	struct work links; /* only SYMLINK, which may wait long for a file system */
	struct park park;
	struct tree tree;
	struct opener opener;
	struct importer importer;
	struct events events;
	struct ctl_temps temps;
	struct replay replay;
	struct owners owners; /* of all files that are not items */

	pthread_mutex_t handles_lock; /* leaf; guards the next fields up to fds */
	pthread_cond_t handles_changed;
	struct handle_list handles;
	unsigned writers;	      /* the number of writable handles */
	struct budget fds;	      /* descriptors that handles have */
	struct budget_good *fd_goods; /* by descriptor, fd_room of them */
	size_t fd_room;

	pthread_t loop_thread, watch_thread;
	bool watching;	       /* watch_thread runs */
	int ended_fd, stop_fd; /* eventfds: the mount has ended; watch_thread must end */
	_Atomic bool stopping, ended;
	struct texts texts;
	struct renderings renderings;
};

/* Returns the mounted file system of the request. */
static inline struct fsctl *
fs_of(fuse_req_t req)
{
	return fuse_req_userdata(req);
}

/* ---- requests that a worker answers --------------------------------------------------------- */

/* Returns an op of `size` bytes, zeroed but for its first fields; `run` will answer the request.  If
 * there is no memory, answers the request with JB_NO_MEMORY and returns NULL. */
void *op_new(fuse_req_t req, size_t size, void (*run)(struct work_job *job));

/* ---- refusals ------------------------------------------------------------------------------- */

/* Answers with the errno of the error.  Puts what was tried (fmt) and the error's sentence into
 * ctl/last-error and the log. */
void fs_refuse(fuse_req_t req, enum jb_err e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Answers with the errno of the error only: for requests that programs send often just to try. */
void fs_error(fuse_req_t req, enum jb_err e);
/* the bytes of a path for messages */
enum { FS_NAME_MAX = NODE_PATH_MAX + 2 * JB_NAME_MAX + 3 };
/* Writes the path of an inode for messages, such as "slots/3/x.iso", to buf (FS_NAME_MAX bytes); "a
 * file that was removed" and the like if it is gone.  Returns buf. */
char *fs_name(struct fsctl *fs, uint64_t ino, char *buf);
/* Writes the path of `name` in the folder `parent` for messages, to buf (FS_NAME_MAX bytes).  Returns
 * buf. */
char *fs_name_in(struct fsctl *fs, uint64_t parent, const char *name, char *buf);

/* ---- handles (handle.c) --------------------------------------------------------------------- */

/* Returns the handle of an open file. */
static inline struct handle *
handle_of(const struct fuse_file_info *fi)
{
	return (struct handle *)(uintptr_t)fi->fh;
}

/* Returns a new handle for the program of the request, which is in fs->handles; NULL if there is no memory. */
struct handle *handle_new(fuse_req_t req, uint64_t ino);
/* Gives a new handle the file of the item `ino`, which it owns from now on. */
void handle_give_file(struct fsctl *fs, struct handle *h, uint64_t ino, struct jb_file *file);
/* Gives the handle the text, which it takes over.  Returns JB_TEXTS_FULL if open files hold as many bytes as they
 * may, or JB_NO_MEMORY; the text is freed then. */
enum jb_err handle_give_text(fuse_req_t req, struct handle *h, char *text, size_t len);
/* Returns false if one more descriptor of the user is one that others need: budget_allows says so for half of those
 * that the daemon may have, and the user is not root or the owner of the mount.  h: a handle that was opened for
 * reading, with its descriptor; NULL: one that will be made for writing. */
bool handle_may_stay(fuse_req_t req, const struct handle *h);
/* Closes the file and frees the handle; a file that was written becomes a disc now if this was its
 * last writer.  [blocks] */
void handle_free(struct fsctl *fs, struct handle *h);
/* Lets a worker free a handle whose program was killed before the kernel had the reply.  A file that was
 * being written becomes an incomplete one. */
void handle_abandon(struct fsctl *fs, struct handle *h);
/* Fills in the attributes of a removed file that is still open.  Returns false, and leaves *st, if
 * no handle has it open. */
bool handle_stat(struct fsctl *fs, uint64_t ino, struct stat *st);
/* Returns true if both ids are those of one process, or of threads of it, as the ids of FUSE are. */
bool handle_same_process(pid_t one, pid_t other);
/* Sets the size and time in *st to those of the REPORT that the process `pid` has open, as it was when it was
 * opened.  Does nothing if that process has not opened the file. */
void handle_stat_report(struct fsctl *fs, uint64_t ino, pid_t pid, struct stat *st);
/* Waits until there is no writable handle, or `ms` milliseconds have passed. */
void handle_wait_writers(struct fsctl *fs, unsigned ms);
/* Frees all handles, after the connection with the kernel has ended.  [blocks] */
void handle_free_all(struct fsctl *fs);

/* ---- init.c --------------------------------------------------------------------------------- */

/* Chooses the capabilities of the connection (the handler `init` of libfuse). */
void init_connection(void *userdata, struct fuse_conn_info *conn);
/* Makes the INIT reply ask for a flag that libfuse 3.14 cannot ask for (init.c).  To be called after
 * the mount is made.  Returns false on an error. */
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
void op_poll(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi, struct fuse_pollhandle *p);
/* xattr.c */
void op_setxattr(fuse_req_t req, fuse_ino_t ino, const char *name, const char *value, size_t size,
	int flags);
void op_getxattr(fuse_req_t req, fuse_ino_t ino, const char *name, size_t size);
void op_listxattr(fuse_req_t req, fuse_ino_t ino, size_t size);
void op_removexattr(fuse_req_t req, fuse_ino_t ino, const char *name);

#endif
