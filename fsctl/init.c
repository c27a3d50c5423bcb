/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The FUSE_INIT exchange.
 *
 * Without FUSE_HANDLE_KILLPRIV_V2 the kernel asks for the extended attribute security.capability before each
 * write.  libfuse 3.14 cannot negotiate that flag, but its reads and writes of /dev/fuse can be replaced
 * (fuse_session_custom_io).  So we recognise the INIT request when it is read, and add the flag to its reply
 * when that is written.  The flag obliges the daemon to clear set-user-id and set-group-id bits when a file
 * is written or its owner changes.  The daemon never keeps these bits (attr_mode).
 *
 * Splice is not used, because measurements have shown it to be slower than one copy.  The writeback cache is
 * not used, because the kernel would then keep its own size of a file, and files also grow when initiators
 * record.
 */
#include <linux/fuse.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "fsctl/fs.h"

/* Refuses splice, the writeback cache and READDIRPLUS; accepts, if the kernel offers them, an atomic O_TRUNC,
 * automatic invalidation of data, asynchronous direct I/O, and export over NFS. */
void
init_connection(void *userdata, struct fuse_conn_info *conn)
{
	conn->want &= ~(unsigned)(FUSE_CAP_SPLICE_READ | FUSE_CAP_SPLICE_WRITE |
				  FUSE_CAP_SPLICE_MOVE | FUSE_CAP_WRITEBACK_CACHE |
				  FUSE_CAP_READDIRPLUS | FUSE_CAP_READDIRPLUS_AUTO);
	conn->want |= conn->capable & (FUSE_CAP_ATOMIC_O_TRUNC | FUSE_CAP_AUTO_INVAL_DATA |
					      FUSE_CAP_ASYNC_DIO | FUSE_CAP_EXPORT_SUPPORT);
}

/*
 * A counter for ThreadSanitizer.  A reply happens before the requests that the kernel sends because of it,
 * but ThreadSanitizer does not see the order inside the kernel.  So each reply releases this counter, and
 * each request acquires it.
 */
static unsigned exchanges;

/* Sends a reply, and releases `exchanges`.  Returns as writev(2) does, with errno.  Makes the system call itself,
 * because AddressSanitizer's writev reads the memory again after the call.  It may have been freed then: the
 * answer to a READ lets the program close the file, and another thread handles the RELEASE. */
static ssize_t
send_reply(int fd, const struct iovec *iov, int count)
{
	__atomic_fetch_add(&exchanges, 1, __ATOMIC_RELEASE);
	return syscall(SYS_writev, fd, iov, count);
}

/* Reads a request, as read(2) does, and acquires `exchanges`.  When the INIT request comes, keeps its number
 * and the kernel's flags in fs->init.  userdata is the struct fsctl.  Returns as read(2) does, with errno. */
static ssize_t
read_request(int fd, void *buf, size_t len, void *userdata)
{
	struct fsctl *fs = userdata;
	ssize_t n = read(fd, buf, len);
	struct fuse_in_header head;
	struct fuse_init_in in;

	__atomic_load_n(&exchanges, __ATOMIC_ACQUIRE);
	if (fs->init.done || n < (ssize_t)sizeof(head))
		return n;
	memcpy(&head, buf, sizeof(head));
	if (head.opcode != FUSE_INIT)
		return n;
	memset(&in, 0, sizeof(in));
	memcpy(&in, (char *)buf + sizeof(head),
		(size_t)n - sizeof(head) < sizeof(in) ? (size_t)n - sizeof(head) : sizeof(in));
	fs->init.kernel_flags = in.flags;
	fs->init.unique = head.unique;
	fs->init.seen = true;
	return n;
}

/* Returns true if the reply is that to INIT and has no error.  Sets fs->init.done, and stores a copy of its
 * second part in *out, with FUSE_HANDLE_KILLPRIV_V2 added if the kernel offers that.  Else returns false, and
 * leaves *out. */
static bool
patch_reply(struct fsctl *fs, const struct iovec *iov, int count, struct fuse_init_out *out)
{
	struct fuse_out_header head;

	if (!fs->init.seen || count != 2 || iov[0].iov_len != sizeof(head) ||
		iov[1].iov_len < offsetof(struct fuse_init_out, flags) + sizeof(out->flags) ||
		iov[1].iov_len > sizeof(*out))
		return false;
	memcpy(&head, iov[0].iov_base, sizeof(head));
	if (head.unique != fs->init.unique || head.error != 0)
		return false;
	fs->init.done = true;
	memcpy(out, iov[1].iov_base, iov[1].iov_len);
	out->flags |= fs->init.kernel_flags & FUSE_HANDLE_KILLPRIV_V2;
	log_debug("mount", "protocol %u.%u, flags %#x", out->major, out->minor, out->flags);
	return true;
}

/* Writes a reply, as writev(2) does; patches that to INIT (patch_reply).  userdata is the struct fsctl.
 * Returns as writev(2) does, with errno. */
static ssize_t
write_reply(int fd, struct iovec *iov, int count, void *userdata)
{
	struct fsctl *fs = userdata;
	struct fuse_init_out out;

	if (!fs->init.done && patch_reply(fs, iov, count, &out)) {
		struct iovec patched[] = {iov[0], {&out, iov[1].iov_len}};

		return send_reply(fd, patched, 2);
	}
	return send_reply(fd, iov, count);
}

bool
init_patch_session(struct fsctl *fs)
{
	static const struct fuse_custom_io io = {.read = read_request, .writev = write_reply};

	return fuse_session_custom_io(fs->se, &io, fuse_session_fd(fs->se)) == 0;
}
