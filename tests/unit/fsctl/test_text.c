/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Open text files, over a real jukebox without a mount.  The functions of libfuse that the requests need are here, and
 * take the place of those in the library.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "fsctl/text.h"
#include "tests/unit/folder.h"

enum { WRITERS = 4, WRITES = 1000, USER = 1000 };

static const char line[] = "read 16\n";

static char dir[64];
static struct fsctl *fs;
static _Atomic unsigned written, refused;
static struct fuse_file_info opened; /* by the last OPEN */

/* A request of one thread. */
static _Thread_local struct fuse_ctx who = {.uid = USER};
static fuse_req_t const no_request = NULL;

/* ---- in place of libfuse ---------------------------------------------------------------------- */

void *
fuse_req_userdata(fuse_req_t req)
{
	return fs;
}

const struct fuse_ctx *
fuse_req_ctx(fuse_req_t req)
{
	return &who;
}

int
fuse_reply_open(fuse_req_t req, const struct fuse_file_info *fi)
{
	opened = *fi;
	return 0;
}

int
fuse_reply_write(fuse_req_t req, size_t count)
{
	assert_int_equal(count, sizeof(line) - 1);
	written++;
	return 0;
}

int
fuse_reply_err(fuse_req_t req, int err)
{
	refused += err != 0;
	return 0;
}

/* ---- fixture ----------------------------------------------------------------------------------- */

static int
open_jukebox(void **state)
{
	const struct jb_layout layout = {8, 0, 2};
	const struct tree_others others = {.sessions = NULL};
	char store[80], why[256];
	struct jukebox *jb;

	log_level = LOG_LEVEL_ERR;
	if (folder_make(dir, sizeof(dir)) != 0)
		return -1;
	snprintf(store, sizeof(store), "%s/store", dir);
	if (jb_open(store, &layout, &jb, why, sizeof(why)) != JB_OK)
		return -1;
	fs = calloc(1, sizeof(*fs));
	assert_non_null(fs);
	fs->jb = jb;
	pthread_mutex_init(&fs->handles_lock, NULL);
	pthread_cond_init(&fs->handles_changed, NULL);
	pthread_mutex_init(&fs->texts.lock, NULL);
	rendering_init(&fs->renderings);
	tree_init(&fs->tree, jb, &others);
	work_init(&fs->work);
	written = refused = 0;
	return 0;
}

static int
close_jukebox(void **state)
{
	work_fini(&fs->work);
	handle_free_all(fs);
	assert_int_equal(rendering_bytes(&fs->renderings), 0);
	tree_fini(&fs->tree);
	rendering_fini(&fs->renderings);
	pthread_mutex_destroy(&fs->texts.lock);
	pthread_cond_destroy(&fs->handles_changed);
	pthread_mutex_destroy(&fs->handles_lock);
	jb_close(fs->jb);
	free(fs);
	return folder_remove(dir);
}

/* Opens the text file of that row, of drive 0 if it is one of a drive.  Returns the handle. */
static struct handle *
open_text(const char *pattern, int flags)
{
	struct fuse_file_info fi = {.flags = flags};
	const struct node_row *row;

	for (size_t i = 0; (row = node_row_at(i)) != NULL; i++)
		if (strcmp(row->path, pattern) == 0)
			break;
	assert_non_null(row);
	text_open(no_request, &(struct node){row, 0}, &fi);
	assert_int_equal(refused, 0);
	return handle_of(&opened);
}

/* ---- tests ------------------------------------------------------------------------------------- */

static void *
write_list(void *arg)
{
	for (unsigned i = 0; i < WRITES; i++)
		text_write(no_request, arg, line, sizeof(line) - 1, 0);
	return NULL;
}

/* A program that writes asynchronously has several WRITEs of one handle under way: each that is done replaces the
 * handle's list, and frees the one before once. */
static void
test_writes_of_one_list_at_a_time(void **state)
{
	struct handle *h = open_text("ctl/drives/%u/fault", O_WRONLY);
	pthread_t thread[WRITERS];

	for (unsigned i = 0; i < WRITERS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, write_list, h), 0);
	for (unsigned i = 0; i < WRITERS; i++)
		pthread_join(thread[i], NULL);
	while (written + refused < WRITERS * WRITES)
		usleep(1000);
	assert_int_equal(refused, 0);
	assert_int_equal(h->list_len, sizeof(line) - 1);
	assert_memory_equal(h->list, line, sizeof(line) - 1);
}

static struct handle *_Atomic of_thread;
static pid_t thread_id;
static _Atomic bool may_end;

static void *
open_status(void *arg)
{
	who.pid = thread_id = gettid();
	of_thread = open_text("status", O_RDONLY);
	while (!may_end)
		usleep(1000);
	return NULL;
}

/* stat(2) shows a program the report as its own thread has opened it, else as another thread of it has; and never as
 * another program has. */
static void
test_a_report_is_that_of_the_program(void **state)
{
	struct stat st = {.st_size = -1};
	struct handle *mine, *theirs;
	pthread_t thread;

	handle_stat_report(fs, 0, getpid(), &st);
	assert_int_equal(st.st_size, -1);
	assert_int_equal(pthread_create(&thread, NULL, open_status, NULL), 0);
	while (of_thread == NULL)
		usleep(1000);
	theirs = of_thread;
	handle_stat_report(fs, theirs->ino, 1, &st);
	assert_int_equal(st.st_size, -1);
	theirs->text_ns = 5;
	handle_stat_report(fs, theirs->ino, gettid(), &st);
	assert_int_equal(st.st_size, theirs->text->len);
	assert_int_equal(st.st_mtim.tv_nsec, 5);
	who.pid = gettid();
	mine = open_text("status", O_RDONLY);
	mine->text_ns = 7;
	handle_stat_report(fs, mine->ino, gettid(), &st);
	assert_int_equal(st.st_mtim.tv_nsec, 7);
	handle_stat_report(fs, mine->ino, thread_id, &st);
	assert_int_equal(st.st_mtim.tv_nsec, 5);
	may_end = true;
	pthread_join(thread, NULL);
}

#define T(name) cmocka_unit_test_setup_teardown(name, open_jukebox, close_jukebox)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_writes_of_one_list_at_a_time),
		T(test_a_report_is_that_of_the_program),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
