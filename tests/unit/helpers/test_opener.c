/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The opener: the process that opens the files of links with the rights of the caller.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <grp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "fsctl/helpers/kinds.h"
#include "fsctl/helpers/opener.h"
#include "tests/unit/folder.h"
#include "tests/unit/skip.h"

enum { USER = 1000, GROUP = 4242 };

static char dir[64];

/* Returns the path of a file in `dir`. It is written to buf, which has 128 bytes. */
static const char *
file(const char *name, char *buf)
{
	snprintf(buf, 128, "%s/%s", dir, name);
	return buf;
}

static void
make(const char *name, mode_t mode, uid_t uid, gid_t gid)
{
	char path[128];
	int fd = open(file(name, path), O_RDWR | O_CREAT, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_int_equal(fchmod(fd, mode), 0);
	if (geteuid() == 0)
		assert_int_equal(fchown(fd, uid, gid), 0);
	close(fd);
}

static int
set_up(void **state)
{
	(void)state;
	log_level = LOG_LEVEL_ERR;
	return folder_make(dir, sizeof(dir)) != 0 || chmod(dir, 0755) != 0 ? -1 : 0;
}

static int
tear_down(void **state)
{
	(void)state;
	return folder_remove(dir);
}

/* How often a late answer is tried again: a busy machine may be late. */
static unsigned tries = 20;

static enum jb_err
try(struct opener *o, const char *name, const struct jb_caller *caller)
{
	char path[128], byte;
	enum jb_err e = JB_LINK_LATE;
	int fd = -1;

	for (unsigned i = 0; e == JB_LINK_LATE && i < tries; i++)
		e = opener_open(o, file(name, path), caller, &fd);
	if (e == JB_OK) {
		assert_true(fd >= 0);
		assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
		assert_int_not_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, 0);
		assert_int_equal(pread(fd, &byte, 1, 0), 1);
		close(fd);
	} else {
		assert_int_equal(fd, -1);
	}
	return e;
}

#define assert_is(e, name) assert_string_equal(jb_err_name(e), #name)

static void
kinds_of_files(void **state)
{
	struct nursery *n = nursery_start(helper_kinds);
	struct opener o;
	char path[128];
	struct stat st;

	(void)state;
	assert_non_null(n);
	opener_init(&o, n, 0);
	make("a", 0644, 0, 0);
	assert_is(try(&o, "a", NULL), OK);
	assert_is(try(&o, "none", NULL), LINK_DANGLES);
	assert_is(try(&o, "a/b", NULL), LINK_DANGLES);
	assert_is(try(&o, "", NULL), LINK_NO_FILE);
	/* Opening a FIFO would block the opener. */
	assert_int_equal(mkfifo(file("pipe", path), 0644), 0);
	assert_is(try(&o, "pipe", NULL), LINK_NO_FILE);
	assert_int_equal(symlink("a", file("link", path)), 0);
	assert_is(try(&o, "link", NULL), OK);
	assert_int_equal(symlink("loop", file("loop", path)), 0);
	assert_is(try(&o, "loop", NULL), LINK_DANGLES);
	/* Pretend that the folder's file system is the daemon's own mount. */
	assert_int_equal(stat(dir, &st), 0);
	o.mount = st.st_dev;
	assert_is(try(&o, "a", NULL), LINK_OWN_MOUNT);
	opener_fini(&o);
	nursery_stop(n);
}

/* Starts a process with user id USER and these supplementary groups; end_member() ends it. */
static pid_t
start_member(const gid_t *groups, size_t n)
{
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		if (setgroups(n, groups) != 0 || setgid(USER) != 0 || setuid(USER) != 0 ||
			write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void
end_member(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void
rights_of_others(void **state)
{
	static const gid_t groups[] = {5, GROUP, 6};
	struct jb_caller user = {.uid = USER, .gid = USER}, member = user, other = user;
	const struct jb_caller root = {.uid = 0, .gid = 0};
	struct nursery *n;
	struct opener o;
	char path[128];

	(void)state;
	if (geteuid() != 0)
		skip_because("needs root, to become somebody else");
	n = nursery_start(helper_kinds);
	assert_non_null(n);
	opener_init(&o, n, 0);
	make("root", 0600, 0, 0);
	make("user", 0600, USER, USER);
	make("group", 0640, 0, GROUP);
	make("all", 0644, 0, 0);
	assert_int_equal(mkdir(file("closed", path), 0700), 0);
	make("closed/all", 0644, 0, 0);
	assert_is(try(&o, "root", &root), OK);
	assert_is(try(&o, "root", &user), LINK_DENIED);
	assert_is(try(&o, "user", &user), OK);
	assert_is(try(&o, "all", &user), OK);
	assert_is(try(&o, "closed/all", &user), LINK_DENIED);
	assert_is(try(&o, "group", &user), LINK_DENIED);
	member.pid = start_member(groups, 3);
	assert_is(try(&o, "group", &member), OK);
	other.pid = start_member(groups, 1);
	assert_is(try(&o, "group", &other), LINK_DENIED);
	end_member(member.pid);
	end_member(other.pid);
	/* A process that has ended is in no group. */
	assert_is(try(&o, "group", &member), LINK_DENIED);
	/* The rights of one caller do not remain for the next. */
	assert_is(try(&o, "root", NULL), OK);
	assert_is(try(&o, "closed/all", &root), OK);
	opener_fini(&o);
	nursery_stop(n);
}

/* A daemon that runs as a user cannot open files as somebody else. */
static void
a_daemon_without_rights(void **state)
{
	struct jb_caller user = {.uid = USER, .gid = USER}, other = {.uid = USER + 1};
	int status;
	pid_t pid;

	(void)state;
	if (geteuid() != 0)
		skip_because("needs root, to become somebody else");
	make("root", 0600, 0, 0);
	make("user", 0600, USER, USER);
	make("all", 0644, 0, 0);
	pid = fork();
	if (pid == 0) {
		struct nursery *n;
		struct opener o;
		bool good;

		if (setgroups(0, NULL) != 0 || setgid(USER) != 0 || setuid(USER) != 0)
			_exit(2);
		n = nursery_start(helper_kinds);
		opener_init(&o, n, 0);
		good = try(&o, "user", &user) == JB_OK && try(&o, "all", &user) == JB_OK &&
		       try(&o, "root", &user) == JB_LINK_DENIED &&
		       try(&o, "all", &other) == JB_LINK_DENIED && try(&o, "user", NULL) == JB_OK;
		opener_fini(&o);
		nursery_stop(n);
		_exit(good ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* A killed opener is started again by the next question. */
static void
a_killed_opener_is_started_again(void **state)
{
	struct nursery *n = nursery_start(helper_kinds);
	struct opener o;

	(void)state;
	assert_non_null(n);
	opener_init(&o, n, 0);
	make("a", 0644, 0, 0);
	assert_is(try(&o, "a", NULL), OK);
	kill(o.helper.pid, SIGKILL);
	assert_is(try(&o, "a", NULL), OK);
	kill(o.helper.pid, SIGSTOP);
	tries = 1;
	assert_is(try(&o, "a", NULL), LINK_LATE);
	tries = 20;
	assert_is(try(&o, "a", NULL), OK);
	opener_fini(&o);
	/* Without a nursery no opener can be started. */
	opener_init(&o, NULL, 0);
	tries = 1;
	assert_is(try(&o, "a", &(struct jb_caller){.uid = geteuid()}), LINK_LATE);
	tries = 20;
	opener_fini(&o);
	nursery_stop(n);
}

/* A thread that opens a file for a program. */
struct waiter {
	pthread_t thread;
	struct opener *o;
	char name[16]; /* of the file */
	uid_t uid;
	_Atomic bool gone; /* the program does not wait any more */
	_Atomic bool ended;
	enum jb_err e;
};

static bool
gave_up(void *arg)
{
	return ((struct waiter *)arg)->gone;
}

static void *
wait_for_file(void *arg)
{
	struct waiter *w = arg;
	struct jb_caller caller = {.uid = w->uid, .gave_up = gave_up, .gave_up_arg = w};
	char path[128];
	int fd = -1;

	w->e = opener_open(w->o, file(w->name, path), &caller, &fd);
	if (fd >= 0)
		close(fd);
	w->ended = true;
	return NULL;
}

/* Starts a waiter whose process is stopped, and returns that process when the opener has another one. */
static pid_t
start_late(struct opener *o, struct waiter *w, uid_t uid)
{
	pid_t pid;

	assert_is(try(o, "a", NULL), OK);
	pid = o->helper.pid;
	kill(pid, SIGSTOP);
	*w = (struct waiter){.o = o, .name = "a", .uid = uid};
	assert_int_equal(pthread_create(&w->thread, NULL, wait_for_file, w), 0);
	while (o->helper.pid == pid)
		usleep(1000);
	return pid;
}

/* A program waits for a late file as long as it likes; other files are opened meanwhile. */
static void
a_late_file_keeps_only_its_program_waiting(void **state)
{
	struct nursery *n = nursery_start(helper_kinds);
	struct waiter w[OPENER_LATE_MAX + 1];
	pid_t pid[OPENER_LATE_MAX];
	const unsigned most = geteuid() == 0 ? OPENER_LATE_MAX : OPENER_USER_MAX;
	struct opener o;

	(void)state;
	assert_non_null(n);
	opener_init(&o, n, 0);
	make("a", 0644, 0, 0);
	for (unsigned i = 0; i < most; i++)
		pid[i] = start_late(&o, &w[i], geteuid());
	assert_is(try(&o, "a", NULL), OK);
	/* One more is refused. */
	(void)start_late(&o, &w[most], geteuid());
	pthread_join(w[most].thread, NULL);
	assert_is(w[most].e, LINK_LATE);
	/* The answer comes; the program ends; the daemon ends. */
	assert_false(w[0].ended);
	kill(pid[0], SIGCONT);
	pthread_join(w[0].thread, NULL);
	assert_is(w[0].e, OK);
	w[1].gone = true;
	pthread_join(w[1].thread, NULL);
	assert_is(w[1].e, LINK_LATE);
	kill(pid[2], SIGKILL);
	pthread_join(w[2].thread, NULL);
	assert_is(w[2].e, LINK_LATE);
	assert_false(w[3].ended);
	opener_stop(&o);
	for (unsigned i = 3; i < most; i++) {
		pthread_join(w[i].thread, NULL);
		assert_is(w[i].e, STOPPING);
	}
	opener_fini(&o);
	nursery_stop(n);
}

/* One user's late files leave places for others. */
static void
a_user_does_not_take_all_places(void **state)
{
	struct nursery *n = nursery_start(helper_kinds);
	struct waiter w[OPENER_USER_MAX + 2];
	struct opener o;
	pid_t pid = 0;

	(void)state;
	if (geteuid() != 0)
		skip_because("needs root, to become somebody else");
	assert_non_null(n);
	opener_init(&o, n, 0);
	make("a", 0644, 0, 0);
	for (unsigned i = 0; i < OPENER_USER_MAX; i++)
		(void)start_late(&o, &w[i], USER);
	(void)start_late(&o, &w[OPENER_USER_MAX], USER);
	pthread_join(w[OPENER_USER_MAX].thread, NULL);
	assert_is(w[OPENER_USER_MAX].e, LINK_LATE);
	/* Their own files are still opened at once. */
	assert_is(try(&o, "a", &(struct jb_caller){.uid = USER}), OK);
	pid = start_late(&o, &w[OPENER_USER_MAX + 1], USER + 1);
	usleep(700000);
	assert_false(w[OPENER_USER_MAX + 1].ended);
	kill(pid, SIGCONT);
	pthread_join(w[OPENER_USER_MAX + 1].thread, NULL);
	assert_is(w[OPENER_USER_MAX + 1].e, OK);
	opener_stop(&o);
	for (unsigned i = 0; i < OPENER_USER_MAX; i++)
		pthread_join(w[i].thread, NULL);
	opener_fini(&o);
	nursery_stop(n);
}

/* ---- a file system that does not answer -------------------------------------------------------- */

static pthread_mutex_t held_lock = PTHREAD_MUTEX_INITIALIZER;
static fuse_req_t held[64]; /* what it does not answer */
static unsigned nheld;

/* Answers a LOOKUP in the root with a folder of that number, and no other one: the kernel may look up one name at a
 * time in a folder. */
static void
look_up(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param e = {.attr = {.st_mode = S_IFDIR | 0755}};

	if (parent == FUSE_ROOT_ID) {
		e.ino = e.attr.st_ino = 2 + strtoul(name, NULL, 10);
		fuse_reply_entry(req, &e);
		return;
	}
	pthread_mutex_lock(&held_lock);
	assert_true(nheld < 64);
	held[nheld++] = req;
	pthread_mutex_unlock(&held_lock);
}

static unsigned
count_held(void)
{
	unsigned n;

	pthread_mutex_lock(&held_lock);
	n = nheld;
	pthread_mutex_unlock(&held_lock);
	return n;
}

static void *
serve_nobody(void *se)
{
	(void)fuse_session_loop(se);
	return NULL;
}

/* Mounts it at the folder `hang`.  Returns NULL if this machine has no FUSE. */
static struct fuse_session *
mount_hanging(pthread_t *thread)
{
	static const struct fuse_lowlevel_ops ops = {.lookup = look_up};
	char name[] = "hang", path[128];
	char *argv[] = {name, NULL};
	struct fuse_args args = FUSE_ARGS_INIT(1, argv);
	struct fuse_session *se;

	assert_int_equal(mkdir(file("hang", path), 0755), 0);
	se = fuse_session_new(&args, &ops, sizeof(ops), NULL);
	fuse_opt_free_args(&args);
	assert_non_null(se);
	if (fuse_session_mount(se, path) != 0) {
		fuse_session_destroy(se);
		return NULL;
	}
	assert_int_equal(pthread_create(thread, NULL, serve_nobody, se), 0);
	return se;
}

static void
unmount_hanging(struct fuse_session *se, pthread_t thread)
{
	char path[128];

	while (nheld > 0)
		fuse_reply_err(held[--nheld], ENOENT);
	assert_int_equal(umount2(file("hang", path), MNT_DETACH), 0);
	pthread_join(thread, NULL);
	fuse_session_unmount(se); /* frees what is left of the mount */
	fuse_session_destroy(se);
}

/* Tries 16 files that hang. */
static void
assert_late(struct opener *o, unsigned first, const struct jb_caller *caller)
{
	char name[16];

	tries = 1;
	for (unsigned i = first; i < first + 16; i++) {
		snprintf(name, sizeof(name), "hang/%u/x", i);
		assert_is(try(o, name, caller), LINK_LATE);
	}
	tries = 20;
}

/* Processes that hang, and so cannot be killed, are counted: a user, or a disc that is loaded again and again, leaves
 * those of others alone. */
static void
hanging_files_leave_processes_for_others(void **state)
{
	const struct jb_caller user = {.uid = USER}, other = {.uid = USER + 1}, root = {.uid = 0};
	struct nursery *n = nursery_start(helper_kinds);
	struct waiter w[OPENER_USER_MAX];
	struct fuse_session *se;
	pthread_t thread;
	struct opener o;

	(void)state;
	se = geteuid() == 0 ? mount_hanging(&thread) : NULL;
	if (se == NULL) {
		nursery_stop(n);
		skip_because("needs root and FUSE");
	}
	assert_non_null(n);
	opener_init(&o, n, 0);
	make("a", 0644, 0, 0);
	for (unsigned i = 0; i < OPENER_USER_MAX; i++) {
		w[i] = (struct waiter){.o = &o, .uid = USER};
		snprintf(w[i].name, sizeof(w[i].name), "hang/%u/x", i);
		assert_int_equal(pthread_create(&w[i].thread, NULL, wait_for_file, &w[i]), 0);
	}
	while (count_held() < OPENER_USER_MAX)
		usleep(1000);
	usleep(700000);
	assert_is(try(&o, "a", &user), OK);
	assert_late(&o, 10, &user);
	assert_int_equal(count_held(), OPENER_USER_MAX + 1);
	assert_late(&o, 30, NULL);
	assert_int_equal(count_held(), 2 * OPENER_USER_MAX + 1);
	assert_is(try(&o, "a", &other), OK);
	assert_is(try(&o, "a", &root), OK);
	for (unsigned i = 0; i < OPENER_USER_MAX; i++)
		w[i].gone = true;
	for (unsigned i = 0; i < OPENER_USER_MAX; i++)
		pthread_join(w[i].thread, NULL);
	tries = 1;
	assert_is(try(&o, "a", &user), LINK_LATE);
	tries = 20;
	/* When the file system has answered, the processes end, and their places are free. */
	unmount_hanging(se, thread);
	assert_is(try(&o, "a", &user), OK);
	assert_is(try(&o, "a", NULL), OK);
	opener_fini(&o);
	nursery_stop(n);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(kinds_of_files),
		T(rights_of_others),
		T(a_daemon_without_rights),
		T(a_killed_opener_is_started_again),
		T(a_user_does_not_take_all_places),
		T(a_late_file_keeps_only_its_program_waiting),
		T(hanging_files_leave_processes_for_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
