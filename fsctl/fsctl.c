/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Starts and stops the mount, and notices when a user has unmounted it.
 *
 * Threads: one runs the loop of libfuse, which starts up to 32 more threads to call the handlers.  One
 * watches the table of mounts, one reports events (events.h), one replays them for inotify
 * (fsctl/helpers/replay.h), and some run jobs (work.h).  None of them may make a system call on our own
 * mount: it could wait for itself, and then it cannot even be killed.
 */
#include "fsctl/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "fsctl/folder.h"
#include "fsctl/mount.h"

/* The threads of libfuse; the pause between two signals of end_loop; the bytes of the options of the
 * mount. */
enum { LOOP_THREADS_MAX = 32, NUDGE_MS = 20, MOUNT_OPTIONS_MAX = 256 };

#define MOUNT_OPTIONS "fsname=" MOUNT_FSNAME ",subtype=" MOUNT_FSNAME ",default_permissions"

static const struct fuse_lowlevel_ops fs_ops = {
	.init = init_connection,
	.lookup = op_lookup,
	.getattr = op_getattr,
	.setattr = op_setattr,
	.statfs = op_statfs,
	.opendir = op_opendir,
	.readdir = op_readdir,
	.releasedir = op_releasedir,
	.mkdir = op_mkdir,
	.rmdir = op_rmdir,
	.mknod = op_mknod,
	.symlink = op_symlink,
	.readlink = op_readlink,
	.link = op_link,
	.create = op_create,
	.open = op_open,
	.rename = op_rename,
	.unlink = op_unlink,
	.read = op_read,
	.write = op_write,
	.flush = op_flush,
	.release = op_release,
	.fsync = op_fsync,
	.fallocate = op_fallocate,
	.copy_file_range = op_copy_file_range,
	.lseek = op_lseek,
	.poll = op_poll,
	.setxattr = op_setxattr,
	.getxattr = op_getxattr,
	.listxattr = op_listxattr,
	.removexattr = op_removexattr,
};

/* Logs a message of libfuse, cut to 511 bytes and to its first line: errors as warnings, all else as debug
 * messages. */
__attribute__((format(printf, 2, 0))) static void
log_libfuse(enum fuse_log_level level, const char *fmt, va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	log_write(level <= FUSE_LOG_ERR ? LOG_LEVEL_WARN : LOG_LEVEL_DEBUG, "libfuse", "%s", text);
}

/* ---- threads -------------------------------------------------------------------------------- */

/* Sets fs->ended, and makes ended_fd readable. */
static void
report_ended(struct fsctl *fs)
{
	fs->ended = true;
	eventfd_write(fs->ended_fd, 1);
}

/* Runs the thread of libfuse's loop, until the mount has ended, and then calls report_ended. */
static void *
run_loop(void *arg)
{
	struct fsctl *fs = arg;
	struct fuse_loop_config *cfg = fuse_loop_cfg_create();

	/* Names itself before libfuse starts workers here, which inherit the name. */
	pthread_setname_np(pthread_self(), "mount");
	if (cfg != NULL) {
		fuse_loop_cfg_set_max_threads(cfg, LOOP_THREADS_MAX);
		fuse_loop_cfg_set_clone_fd(cfg, 0);
		fuse_session_loop_mt(fs->se, cfg);
		fuse_loop_cfg_destroy(cfg);
	}
	report_ended(fs);
	return NULL;
}

/*
 * Watches the table of mounts, with poll(2) on /proc/self/mountinfo (proc(5)), and reports when ours has
 * gone, unless fs->stopping is set.  Runs until then, or until stop_fd is readable.  This is needed because
 * an unmount does not end the loop while the file system is in use, or is mounted in another mount namespace.
 */
static void *
watch_mounts(void *arg)
{
	struct fsctl *fs = arg;
	struct pollfd fds[] = {
		{.fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC), .events = POLLPRI},
		{.fd = fs->stop_fd, .events = POLLIN},
	};

	while (fds[0].fd >= 0 && mount_exists(fs->dev)) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			break;
		if (fds[1].revents != 0)
			break;
	}
	if (fds[0].fd >= 0)
		close(fds[0].fd);
	if (!fs->stopping)
		report_ended(fs);
	return NULL;
}

/* Does nothing: the signal only has to end a system call. */
static void
ignore_nudge(int sig)
{
}

/* Installs a handler for the signal that wakes the loop's thread out of its system call. */
static void
prepare_nudge(void)
{
	struct sigaction sa = {.sa_handler = ignore_nudge};

	sigaction(SIGRTMIN, &sa, NULL);
}

/* Ends the thread of the loop, and waits for it.  Sends the signal every NUDGE_MS, because one may come just
 * before the system call. */
static void
end_loop(struct fsctl *fs)
{
	struct timespec t;

	fuse_session_exit(fs->se);
	do {
		pthread_kill(fs->loop_thread, SIGRTMIN);
		clock_gettime(CLOCK_REALTIME, &t);
		t.tv_nsec += NUDGE_MS * 1000000;
		if (t.tv_nsec >= 1000000000) {
			t.tv_sec++;
			t.tv_nsec -= 1000000000;
		}
	} while (pthread_timedjoin_np(fs->loop_thread, NULL, &t) != 0);
}

/* ---- start ---------------------------------------------------------------------------------- */

/* Makes the file system in memory, without a mount, and reads the owners of the store.  Returns NULL if there
 * is no memory.  Does not check that ended_fd and stop_fd could be made: they are -1 then. */
static struct fsctl *
make(const struct fsctl_options *options)
{
	struct fsctl *fs = calloc(1, sizeof(*fs));
	pthread_condattr_t attr;

	if (fs == NULL)
		return NULL;
	fs->jb = options->jb;
	fs->ended_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	fs->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pthread_mutex_init(&fs->handles_lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&fs->handles_changed, &attr);
	pthread_condattr_destroy(&attr);
	LIST_INIT(&fs->handles);
	tree_init(&fs->tree, fs->jb, &options->others);
	opener_init(&fs->opener, options->nursery, 0);
	importer_init(&fs->importer, options->nursery);
	fs->working = work_init(&fs->work);
	fs->working = work_init(&fs->links) && fs->working;
	park_init(&fs->park);
	ctltemp_init(&fs->temps);
	owner_init(&fs->owners, options->uid, options->gid, options->mode);
	owner_load(fs);
	pthread_mutex_init(&fs->texts.lock, NULL);
	rendering_init(&fs->renderings);
	events_init(&fs->events);
	return fs;
}

/*
 * Unmounts, if the session was mounted.  Calls libfuse even if the mount has gone already, because only that frees
 * libfuse's memory.  But libfuse would unmount whatever is mounted there, so it is not called if that is not ours.
 */
static void
unmount(struct fsctl *fs)
{
	dev_t there;

	if (fs->mounted && (!mount_device(fs->mountpoint, &there) || there == fs->dev))
		fuse_session_unmount(fs->se);
}

/* Frees all.  The threads of the loop, of the table of mounts and of the replay must have ended.  The order
 * matters: first the workers, which still reply; then the mount; then the handles that the kernel had
 * open. */
static void
unmake(struct fsctl *fs)
{
	work_fini(&fs->links);
	work_fini(&fs->work);
	unmount(fs);
	opener_fini(&fs->opener);
	handle_free_all(fs);
	ctltemp_fini(&fs->temps);
	park_fini(&fs->park);
	rendering_fini(&fs->renderings);
	pthread_mutex_destroy(&fs->texts.lock);
	events_fini(fs);
	replay_fini(&fs->replay);
	if (fs->se != NULL)
		fuse_session_destroy(fs->se);
	close(fs->ended_fd);
	close(fs->stop_fd);
	tree_fini(&fs->tree);
	owner_fini(&fs->owners);
	pthread_cond_destroy(&fs->handles_changed);
	pthread_mutex_destroy(&fs->handles_lock);
	free(fs->fd_goods);
	free(fs->mountpoint);
	free(fs);
}

/* Mounts at fs->mountpoint, with the options in `flags` too, and sets fs->se, fs->mounted and fs->dev.  Asks
 * for allow_other if that is allowed: without it no other user could use the mount.  Returns false with a
 * message in `why`; the caller then calls unmake. */
static bool
mount_session(struct fsctl *fs, const char *flags, char *why, size_t why_size)
{
	bool shared = mount_may_share(geteuid());
	char name[] = "jukeboxd", dash_o[] = "-o", options[MOUNT_OPTIONS_MAX];
	char *argv[] = {name, dash_o, options, NULL};
	struct fuse_args args = FUSE_ARGS_INIT(3, argv);

	snprintf(options, sizeof(options), MOUNT_OPTIONS "%s%s", shared ? ",allow_other" : "",
		flags);
	if (!shared)
		log_info("mount",
			"no other user can look into the mount: user_allow_other is not in "
			"/etc/fuse.conf");
	fuse_set_log_func(log_libfuse);
	fs->se = fuse_session_new(&args, &fs_ops, sizeof(fs_ops), fs);
	fuse_opt_free_args(&args);
	if (fs->se == NULL || fuse_session_mount(fs->se, fs->mountpoint) != 0) {
		snprintf(why, why_size, "cannot mount at %s: %s", fs->mountpoint,
			access("/dev/fuse", R_OK | W_OK) == 0 ? "see the log"
							      : "/dev/fuse cannot be opened");
		return false;
	}
	fs->mounted = mount_device(fs->mountpoint, &fs->dev);
	if (fs->mounted && init_patch_session(fs))
		return true;
	snprintf(why, why_size, "cannot mount at %s: out of memory, or no /proc", fs->mountpoint);
	return false;
}

/* Starts the threads of the loop and of the table of mounts.  Returns false, with a message in `why`, if the
 * first one could not be started.  Without the second one, fs->watching is false, and an unmount is only
 * noticed when the loop ends. */
static bool
start_threads(struct fsctl *fs, char *why, size_t why_size)
{
	prepare_nudge();
	if (pthread_create(&fs->loop_thread, NULL, run_loop, fs) != 0) {
		snprintf(why, why_size, "cannot start a thread for the mount");
		return false;
	}
	fs->watching = pthread_create(&fs->watch_thread, NULL, watch_mounts, fs) == 0;
	if (fs->watching)
		pthread_setname_np(fs->watch_thread, "mount-watch");
	return true;
}

/* Calls importer_import, and returns its error; arg is the struct fsctl. */
static enum jb_err
import(void *arg, struct jb_import_file *files, size_t n, const struct jb_import_out *out,
	struct jb_import_watch *watch, struct jb_import_result *result)
{
	struct fsctl *fs = arg;

	return importer_import(&fs->importer, files, n, out, watch, result);
}

bool
fsctl_can_mount(const char *store, const char *mountpoint, char *why, size_t why_size)
{
	char *path;

	if (mount_nests(store, mountpoint, why, why_size))
		return false;
	path = mount_prepare(mountpoint, why, why_size);

	free(path);
	return path != NULL;
}

struct fsctl *
fsctl_start(const struct fsctl_options *options, char *why, size_t why_size)
{
	struct fsctl *fs;

	fs = make(options);
	if (fs == NULL || !replay_init(&fs->replay, fs->jb, options->nursery) ||
		!events_start(fs) || fs->ended_fd < 0 || fs->stop_fd < 0) {
		snprintf(why, why_size, "out of memory or descriptors");
		if (fs != NULL)
			unmake(fs);
		return NULL;
	}
	if (!fs->working) {
		snprintf(why, why_size, "%s", jb_err_text(JB_NO_THREADS));
		unmake(fs);
		return NULL;
	}
	fs->mountpoint = mount_prepare(options->mountpoint, why, why_size);
	if (fs->mountpoint == NULL || !mount_session(fs, options->flags, why, why_size) ||
		!start_threads(fs, why, why_size)) {
		unmake(fs);
		return NULL;
	}
	if (!replay_start(&fs->replay, fs->mountpoint, fs->dev)) {
		snprintf(why, why_size, "cannot start a thread for the mount");
		fsctl_stop(fs);
		return NULL;
	}
	fs->opener.mount = fs->dev;
	jb_set_opener(fs->jb, opener_open, &fs->opener);
	jb_set_import(fs->jb, import, folder_told, fs);
	log_info("mount", "serving at %s", fs->mountpoint);
	return fs;
}

bool
fsctl_answers(struct fsctl *fs, unsigned ms)
{
	return replay_answers(&fs->replay, ms);
}

int
fsctl_ended_fd(struct fsctl *fs)
{
	return fs->ended_fd;
}

void
fsctl_forget_texts(struct fsctl *fs)
{
	tree_forget_others(&fs->tree);
}

/* ---- stop ----------------------------------------------------------------------------------- */

/*
 * Ends the loop before the unmount, because an unmount does not end the loop while the file system is in use.
 * A request that comes between the two waits a moment and gets ENOTCONN.
 */
void
fsctl_stop(struct fsctl *fs)
{
	fs->stopping = true;
	replay_stop(&fs->replay);
	opener_stop(&fs->opener);
	jb_set_opener(fs->jb, NULL, NULL);
	jb_set_import(fs->jb, NULL, NULL, NULL);
	park_release(fs);
	events_stop(fs);
	if (!fs->ended)
		handle_wait_writers(fs, FS_STOP_WAIT_MS);
	end_loop(fs);
	eventfd_write(fs->stop_fd, 1);
	if (fs->watching)
		pthread_join(fs->watch_thread, NULL);
	unmake(fs);
}
