/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The data of open files.  The handlers of READ and WRITE make one short system call each.  FLUSH, FSYNC,
 * RELEASE, FALLOCATE and COPY_FILE_RANGE are done by workers.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fsctl/text.h"

/* ---- READ ----------------------------------------------------------------------------------- */

static pthread_key_t buffer_key;
static pthread_once_t buffer_once = PTHREAD_ONCE_INIT;

/* Makes the key of thread_buffer, once. */
static void
make_buffer_key(void)
{
	if (pthread_key_create(&buffer_key, free) != 0)
		abort();
}

/* Returns a buffer of FS_READ_MAX bytes that belongs to the thread; NULL if there is no memory.  It
 * is kept until the thread ends, because a new one for each READ would cost page faults. */
static char *
thread_buffer(void)
{
	char *buf;

	pthread_once(&buffer_once, make_buffer_key);
	buf = pthread_getspecific(buffer_key);
	if (buf == NULL) {
		buf = malloc(FS_READ_MAX);
		if (buf != NULL)
			pthread_setspecific(buffer_key, buf);
	}
	return buf;
}

/* Reads `size` bytes, or fewer at the end of the file.  Returns their number, or -1 with errno. */
static ssize_t
read_fully(int fd, char *buf, size_t size, off_t off)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, buf + done, size - done, off + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/* Answers READ: from the events (events_read, which may wait for one), a temporary file of ctl, a
 * text as it was when it was opened, or an item's image.  Refuses a read of more than FS_READ_MAX
 * bytes with JB_NO_MEMORY. */
void
op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t off, struct fuse_file_info *fi)
{
	struct handle *h = handle_of(fi);
	char name[FS_NAME_MAX];
	ssize_t n;
	char *buf = thread_buffer();

	if (buf == NULL || size > FS_READ_MAX) {
		fs_error(req, JB_NO_MEMORY);
		return;
	}
	if (h->events != NULL) {
		events_read(req, h->events, buf, size, off, (fi->flags & O_NONBLOCK) != 0);
		return;
	}
	if (ctltemp_read(req, ino, buf, size, off))
		return;
	/* The text is copied to buf first: once the program has the answer, it may close the file. */
	if (h->file == NULL) {
		fuse_reply_buf(req, buf, text_read(h, buf, size, off));
		return;
	}
	n = read_fully(jb_file_fd(h->file), buf, size, off);
	if (n < 0)
		fs_refuse(req, jb_err_from_errno(errno, JB_STORE_READ), "read %s",
			fs_name(fs_of(req), ino, name));
	else
		fuse_reply_buf(req, buf, (size_t)n);
}

/* Finds data and holes, so that programs can copy sparse images without filling the holes.  Answers
 * JB_BAD_VALUE for a file that is not an item's, and for any other `whence`. */
void
op_lseek(fuse_req_t req, fuse_ino_t ino, off_t off, int whence, struct fuse_file_info *fi)
{
	struct handle *h = handle_of(fi);
	off_t found;

	if (h->file == NULL || (whence != SEEK_DATA && whence != SEEK_HOLE)) {
		fs_error(req, JB_BAD_VALUE);
		return;
	}
	found = lseek(jb_file_fd(h->file), off, whence);
	if (found < 0)
		fuse_reply_err(req, errno); /* programs rely on ENXIO behind the end */
	else
		fuse_reply_lseek(req, found);
}

/* ---- WRITE ---------------------------------------------------------------------------------- */

/* Answers WRITE to a temporary file of ctl, a text (text_write) or an item (jb_file_write).  Notes
 * the process in h->writer for an item. */
void
op_write(fuse_req_t req, fuse_ino_t ino, const char *buf, size_t size, off_t off,
	struct fuse_file_info *fi)
{
	struct handle *h = handle_of(fi);
	char name[FS_NAME_MAX];
	enum jb_err e;

	if (ctltemp_write(req, ino, buf, size, off))
		return;
	if (h->file == NULL) {
		text_write(req, h, buf, size, (size_t)off);
		return;
	}
	h->writer = fuse_req_ctx(req)->pid;
	e = jb_file_write(h->file, buf, size, (uint64_t)off);
	if (e == JB_OK)
		fuse_reply_write(req, size);
	else
		fs_refuse(req, e, "write %s", fs_name(fs_of(req), ino, name));
}

/* ---- jobs of workers ------------------------------------------------------------------------ */

/* A request for the handle h, which a worker answers.  Offsets and length are in bytes. */
struct op_file {
	struct op op;
	struct handle *h, *in; /* in: for COPY_FILE_RANGE, the handle that is read */
	int mode;	       /* for FALLOCATE */
	uint64_t offset, in_offset;
	size_t length;
};

/*
 * Returns true if the process or thread is being killed by a signal; or if it is the writer of the
 * file, is ending with a failure, and has not closed the file itself.  /proc/PID/stat tells (proc(5)):
 * its flags are field 9, its exit status is field 52.
 */
static bool
was_killed(pid_t writer, pid_t closer)
{
	enum { PF_EXITING = 0x4, PF_SIGNALED = 0x400, STATE = 3, FLAGS = 9, EXIT_CODE = 52 };
	char path[32], text[1024], *p, *save;
	unsigned long flags = 0, status = 0;
	ssize_t n;
	int fd, field = STATE;

	if (closer == 0) /* it is in another PID namespace */
		return false;
	snprintf(path, sizeof(path), "/proc/%d/stat", (int)closer);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	/* Field 2 is the program's name in parentheses; the name may contain any character. */
	p = strrchr(text, ')');
	if (p == NULL)
		return false;
	for (p = strtok_r(p + 1, " \n", &save); p != NULL; p = strtok_r(NULL, " \n", &save)) {
		if (field == FLAGS)
			flags = strtoul(p, NULL, 10);
		else if (field == EXIT_CODE)
			status = strtoul(p, NULL, 10);
		field++;
	}
	return (flags & PF_SIGNALED) != 0 ||
	       ((flags & PF_EXITING) != 0 && status != 0 && handle_same_process(writer, closer));
}

/*
 * Returns true if the program that opened the file still runs and is not the one that closes it now, so that
 * it will close the file again.  A shell opens a file for several programs, { cat a b; cat c; } > x.bin, and
 * each of them closes it.
 */
static bool
opener_goes_on(pid_t opener, pid_t closer)
{
	char path[48];

	if (opener == 0 || closer == 0 || handle_same_process(opener, closer))
		return false;
	snprintf(path, sizeof(path), "/proc/%d", (int)opener);
	return access(path, F_OK) == 0;
}

/* Answers a request with the result `e`, and frees it.  `verb` says in messages what was tried. */
static void
end_op(struct op_file *f, enum jb_err e, const char *verb)
{
	char name[FS_NAME_MAX];

	if (e == JB_OK)
		fuse_reply_err(f->op.req, 0);
	else
		fs_refuse(f->op.req, e, "%s %s", verb, fs_name(f->op.fs, f->h->ino, name));
	free(f);
}

/* Does FLUSH, in a worker, and answers it.  If the program was killed, the file becomes incomplete.
 * A file that was opened for several programs may be no disc image before the last one closes it;
 * that is then no error. */
static void
flush_run(struct work_job *job)
{
	struct op_file *f = (struct op_file *)job;
	/* The process waits in close(2) for our answer, so /proc still has it. */
	pid_t closer = fuse_req_ctx(f->op.req)->pid;
	enum jb_err e = jb_file_flush(f->h->file, was_killed(f->h->writer, closer));

	/* The file is not a disc image yet, but other programs may still write the rest of it. */
	if (jb_err_errno(e) == EMEDIUMTYPE && opener_goes_on(f->h->opener, closer))
		e = JB_OK;
	end_op(f, e, "close");
}

/* Does FSYNC, in a worker, and answers it. */
static void
fsync_run(struct work_job *job)
{
	struct op_file *f = (struct op_file *)job;

	end_op(f, jb_file_fsync(f->h->file), "sync");
}

/* Does FALLOCATE, in a worker, and answers it.  Answers JB_NOT_SUPPORTED without a message: if the
 * store cannot allocate, programs write zeros instead. */
static void
fallocate_run(struct work_job *job)
{
	struct op_file *f = (struct op_file *)job;
	enum jb_err e = jb_file_allocate(f->h->file, f->mode, f->offset, f->length);

	if (e == JB_NOT_SUPPORTED) {
		fs_error(f->op.req, e);
		free(f);
	} else {
		end_op(f, e, "allocate");
	}
}

/* Does RELEASE, in a worker: frees the handle (handle_free), by which a file may become a disc; and
 * answers it. */
static void
release_run(struct work_job *job)
{
	struct handle *h = (struct handle *)job;
	fuse_req_t req = h->last.req;

	handle_free(h->last.fs, h);
	fuse_reply_err(req, 0);
}

/* Does COPY_FILE_RANGE, in a worker, and answers it with the number of bytes, which may be fewer. */
static void
copy_run(struct work_job *job)
{
	struct op_file *f = (struct op_file *)job;
	char name[FS_NAME_MAX];
	size_t copied;
	enum jb_err e =
		jb_file_copy(f->in->file, f->in_offset, f->h->file, f->offset, f->length, &copied);

	if (e == JB_OK)
		fuse_reply_write(f->op.req, copied);
	else
		fs_refuse(f->op.req, e, "copy to %s", fs_name(f->op.fs, f->h->ino, name));
	free(f);
}

/* Returns a request for the handle h, which a worker will answer by `run`.  If there is no memory,
 * answers it and returns NULL. */
static struct op_file *
new_op(fuse_req_t req, struct handle *h, void (*run)(struct work_job *job))
{
	struct op_file *f = op_new(req, sizeof(*f), run);

	if (f != NULL)
		f->h = h;
	return f;
}

/* Lets a worker answer the request.  f may be NULL, if new_op has answered it. */
static void
post_op(struct op_file *f)
{
	if (f != NULL)
		work_post(&f->op.fs->work, &f->op.job);
}

/* Answers FLUSH, which close(2) sends: for a handle that is writable, a worker does it (flush_run);
 * else there is nothing to do. */
void
op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct handle *h = handle_of(fi);

	if (h->writable)
		post_op(new_op(req, h, flush_run));
	else
		fuse_reply_err(req, 0);
}

/* Answers FSYNC: for a handle that is writable, a worker does it (fsync_run); else there is nothing
 * to do. */
void
op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *fi)
{
	struct handle *h = handle_of(fi);

	if (h->writable)
		post_op(new_op(req, h, fsync_run));
	else
		fuse_reply_err(req, 0);
}

/* Answers RELEASE: frees the handle; for an item, a worker does that. */
void
op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct handle *h = handle_of(fi);

	if (h->file != NULL) {
		h->last = (struct op){.job = {.run = release_run}, .fs = fs_of(req), .req = req};
		work_post(&h->last.fs->work, &h->last.job);
	} else {
		ctltemp_close(fs_of(req), ino);
		handle_free(fs_of(req), h);
		fuse_reply_err(req, 0);
	}
}

/* Answers FALLOCATE: a worker does it (fallocate_run).  Refuses with JB_NOT_SUPPORTED if the handle
 * is not writable. */
void
op_fallocate(fuse_req_t req, fuse_ino_t ino, int mode, off_t offset, off_t length,
	struct fuse_file_info *fi)
{
	struct handle *h = handle_of(fi);
	struct op_file *f;

	if (!h->writable) {
		fs_error(req, JB_NOT_SUPPORTED);
		return;
	}
	f = new_op(req, h, fallocate_run);
	if (f == NULL)
		return;
	f->mode = mode;
	f->offset = (uint64_t)offset;
	f->length = (size_t)length;
	post_op(f);
}

/* Answers COPY_FILE_RANGE between two items: a worker copies FS_COPY_MAX bytes at most (copy_run).
 * Answers JB_NOT_SUPPORTED, EOPNOTSUPP, if it cannot copy; the kernel then copies with READ and
 * WRITE. */
void
op_copy_file_range(fuse_req_t req, fuse_ino_t ino_in, off_t off_in, struct fuse_file_info *fi_in,
	fuse_ino_t ino_out, off_t off_out, struct fuse_file_info *fi_out, size_t len, int flags)
{
	struct handle *in = handle_of(fi_in), *out = handle_of(fi_out);
	struct op_file *f;

	if (in->file == NULL || !out->writable || flags != 0) {
		fs_error(req, JB_NOT_SUPPORTED);
		return;
	}
	f = new_op(req, out, copy_run);
	if (f == NULL)
		return;
	out->writer = fuse_req_ctx(req)->pid;
	f->in = in;
	f->in_offset = (uint64_t)off_in;
	f->offset = (uint64_t)off_out;
	f->length = len < FS_COPY_MAX ? len : FS_COPY_MAX;
	post_op(f);
}
