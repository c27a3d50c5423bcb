/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The importer: the process without rights that reads foreign formats.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#include "changer/base/log.h"
#include "fsctl/helpers/channel.h"
#include "fsctl/helpers/confine.h"
#include "fsctl/helpers/importer.h"

enum { RAW = 2352 };

/* ---- kinds of processes that go wrong -------------------------------------------------------- */

static struct importer_question question;

/* Takes the question, as the importer does, and gives up all rights. */
static void
confine(int sock)
{
	int fds[CHANNEL_FDS_MAX];
	unsigned n = CHANNEL_FDS_MAX;
	uint32_t id;

	if (channel_take(sock, &id, &question, sizeof(question), fds, &n, 0) < 0 ||
		!confine_process(sock, 1 << 20, 60))
		_exit(1);
}

static void
answer(int sock, int error)
{
	static struct importer_answer a;

	a.final = 1;
	a.result.kind = JB_IMPORT_NO_SHEET;
	snprintf(a.result.detail, sizeof(a.result.detail), "errno %d", error);
	channel_send(sock, 0, &a, sizeof(a), NULL, 0);
}

static void
run_open(int sock)
{
	confine(sock);
	answer(sock, open("/etc/passwd", O_RDONLY) < 0 ? errno : 0);
}

static void
run_socket(int sock)
{
	confine(sock);
	answer(sock, socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0);
}

static void
run_fork(int sock)
{
	confine(sock);
	answer(sock, fork() < 0 ? errno : 0);
}

static void
run_kill(int sock)
{
	confine(sock);
	answer(sock, kill(getppid(), 0) < 0 ? errno : 0);
}

static void
run_crash(int sock)
{
	signal(SIGILL, SIG_DFL); /* cmocka's handler was inherited */
	confine(sock);
	__builtin_trap();
}

static void
run_spin(int sock)
{
	volatile unsigned n = 0;

	confine(sock);
	while (n < 2)
		n = 0;
	answer(sock, 0);
}

/* Writes behind the limit of the file's size. */
static void
run_write(int sock)
{
	int fds[CHANNEL_FDS_MAX];
	unsigned n = CHANNEL_FDS_MAX;
	uint32_t id;

	if (channel_take(sock, &id, &question, sizeof(question), fds, &n, 0) < 0 ||
		!confine_process(sock, 1 << 20, 60))
		_exit(1);
	answer(sock, pwrite(fds[n - 3], "x", 1, 1 << 20) < 0 ? errno : 0);
}

/* Writes to the first of the files that are read. */
static void
run_source(int sock)
{
	int fds[CHANNEL_FDS_MAX];
	unsigned n = CHANNEL_FDS_MAX;
	uint32_t id;

	if (channel_take(sock, &id, &question, sizeof(question), fds, &n, 0) < 0 ||
		!confine_process(sock, 1 << 20, 60))
		_exit(1);
	answer(sock, pwrite(fds[0], "x", 1, 0) < 0 ? errno : 0);
}

/* Says that it is ready, and goes on writing to the image. */
static void
run_late(int sock)
{
	int fds[CHANNEL_FDS_MAX];
	unsigned n = CHANNEL_FDS_MAX;
	uint32_t id;

	if (channel_take(sock, &id, &question, sizeof(question), fds, &n, 0) < 0 ||
		!confine_process(sock, 1 << 20, 60))
		_exit(1);
	answer(sock, 0);
	while (pwrite(fds[n - 3], "x", 1, 0) == 1)
		continue;
}

/* Sends something else than an answer. */
static void
run_nonsense(int sock)
{
	static struct importer_answer a;

	confine(sock);
	memset(&a, 0xff, sizeof(a));
	a.error = 0;
	channel_send(sock, 0, &a, sizeof(a), NULL, 0);
}

static const struct helper_kind open_kind = {"test-open", run_open};
static const struct helper_kind socket_kind = {"test-socket", run_socket};
static const struct helper_kind fork_kind = {"test-fork", run_fork};
static const struct helper_kind kill_kind = {"test-kill", run_kill};
static const struct helper_kind crash_kind = {"test-crash", run_crash};
static const struct helper_kind spin_kind = {"test-spin", run_spin};
static const struct helper_kind write_kind = {"test-write", run_write};
static const struct helper_kind source_kind = {"test-source", run_source};
static const struct helper_kind late_kind = {"test-late", run_late};
static const struct helper_kind nonsense_kind = {"test-nonsense", run_nonsense};

static const struct helper_kind *const kinds[] = {&importer_kind, &open_kind, &socket_kind,
	&fork_kind, &kill_kind, &crash_kind, &spin_kind, &write_kind, &nonsense_kind, &source_kind,
	&late_kind, NULL};

/* ---- the world ------------------------------------------------------------------------------- */

static struct nursery *nursery;
static struct importer importer;
static struct jb_import_file files[JB_IMPORT_FILES_MAX + 1];
static size_t nfiles;
static struct jb_import_out out;
static struct jb_import_result result;

static int
memory_file(const void *data, size_t size)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	return fd;
}

static void
add(const char *name, const void *data, size_t size)
{
	files[nfiles++] = (struct jb_import_file){.name = name, .fd = memory_file(data, size)};
}

static int
setup(void **state)
{
	log_level = LOG_LEVEL_ERR;
	nursery = nursery_start(kinds);
	importer_init(&importer, nursery);
	nfiles = 0;
	out = (struct jb_import_out){memory_file("", 0), memory_file("", 0), memory_file("", 0)};
	return nursery == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	for (size_t i = 0; i < nfiles; i++)
		close(files[i].fd);
	close(out.image);
	close(out.sheet);
	close(out.packs);
	nursery_stop(nursery);
	return 0;
}

static off_t
size_of(int fd)
{
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	return st.st_size;
}

static void
add_disc(void)
{
	static const char sheet[] = "CDTEXTFILE d.cdt\n"
				    "FILE 1.bin BINARY\nTRACK 01 AUDIO\nINDEX 01 00:00:00\n"
				    "FILE 2.bin BINARY\nTRACK 02 AUDIO\nINDEX 01 00:00:00\n";
	static uint8_t audio[3 * RAW], packs[18] = {0x80};

	memset(audio, 7, sizeof(audio));
	add("d.cue", sheet, strlen(sheet));
	add("1.bin", audio, sizeof(audio));
	add("2.bin", audio, sizeof(audio));
	add("d.cdt", packs, sizeof(packs));
	add("other.txt", "x", 1);
}

static enum jb_err
import(const struct jb_import_out *to)
{
	return importer_import(&importer, files, nfiles, to, NULL, &result);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void
joins_a_disc(void **state)
{
	struct jb_import_watch watch = {0};
	char text[256] = "";

	add_disc();
	assert_int_equal(import(NULL), JB_OK);
	assert_int_equal(result.kind, JB_IMPORT_BIN);
	assert_int_equal(size_of(out.image), 0);
	assert_int_equal(importer_import(&importer, files, nfiles, &out, &watch, &result), JB_OK);
	assert_int_equal(result.kind, JB_IMPORT_BIN);
	assert_string_equal(result.stem, "d");
	assert_true(result.has_packs);
	assert_int_equal(size_of(out.image), 6 * RAW);
	assert_int_equal(size_of(out.packs), 18);
	assert_int_equal(watch.done, 6 * RAW);
	assert_int_equal(watch.total, 6 * RAW);
	assert_true(pread(out.sheet, text, sizeof(text) - 1, 0) > 0);
	assert_string_equal(text, "CDTEXTFILE \"d.cdt\"\nFILE \"d.bin\" BINARY\n"
				  "TRACK 01 AUDIO\nINDEX 01 00:00:00\n"
				  "TRACK 02 AUDIO\nINDEX 01 00:00:03\n");
	for (unsigned i = 0; i < 5; i++)
		assert_int_equal(files[i].used, i < 4);
}

static void
says_what_is_missing(void **state)
{
	add_disc();
	files[2].name = "other.bin";
	files[1].name = "first.bin";
	assert_int_equal(import(&out), JB_OK);
	assert_int_equal(result.kind, JB_IMPORT_MISSING);
	assert_string_equal(result.detail, "1.bin");
	assert_int_equal(size_of(out.image), 0);
}

static void
unpacks_a_file(void **state)
{
	static uint8_t zeros[100000], packed[2000];
	z_stream z = {.next_in = zeros, .avail_in = sizeof(zeros)};

	z.next_out = packed;
	z.avail_out = sizeof(packed);
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 31, 9, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	add("x.iso.gz", packed, sizeof(packed) - z.avail_out);
	assert_int_equal(import(NULL), JB_OK);
	assert_int_equal(result.kind, JB_IMPORT_UNPACKED);
	assert_int_equal(import(&out), JB_OK);
	assert_int_equal(result.kind, JB_IMPORT_UNPACKED);
	assert_string_equal(result.stem, "x.iso");
	assert_int_equal(size_of(out.image), sizeof(zeros));
}

static void
takes_a_full_folder(void **state)
{
	static char names[JB_IMPORT_FILES_MAX + 1][8];

	for (unsigned i = 0; i < JB_IMPORT_FILES_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "%u", i);
		add(names[i], "x", 1);
	}
	assert_int_equal(import(&out), JB_OK);
	assert_int_equal(result.kind, JB_IMPORT_NO_SHEET);
	add("more", "x", 1);
	assert_int_equal(import(&out), JB_OK);
	assert_int_equal(result.kind, JB_IMPORT_REFUSED);
}

/* Imports by a process of that kind.  Expects that it was killed. */
static void
expect_death(const struct helper_kind *kind)
{
	importer.kind = kind;
	assert_int_equal(pwrite(out.image, "x", 1, 0), 1);
	assert_int_equal(import(&out), JB_OK);
	if (result.kind != JB_IMPORT_REFUSED)
		fail_msg("%s was not killed: %s", kind->name, result.detail);
	assert_non_null(strstr(result.detail, "crashed or was killed"));
	assert_int_equal(size_of(out.image), 0);
}

static void
has_no_rights(void **state)
{
	expect_death(&open_kind);
	expect_death(&socket_kind);
	expect_death(&fork_kind);
	expect_death(&kill_kind);
	/* The next import works as if nothing had been. */
	importer.kind = &importer_kind;
	add_disc();
	assert_int_equal(import(&out), JB_OK);
	assert_int_equal(result.kind, JB_IMPORT_BIN);
}

static void
survives_a_crash(void **state)
{
	expect_death(&crash_kind);
	importer.kind = &nonsense_kind;
	assert_int_equal(import(&out), JB_OK);
	assert_int_equal(result.kind, JB_IMPORT_REFUSED);
}

static void
writes_no_file_beyond_the_limit(void **state)
{
	importer.kind = &write_kind;
	assert_int_equal(import(&out), JB_OK);
	assert_string_equal(result.detail, "errno 27"); /* EFBIG */
}

static void
cannot_write_to_what_it_reads(void **state)
{
	add_disc();
	importer.kind = &source_kind;
	assert_int_equal(import(&out), JB_OK);
	assert_string_equal(result.detail, "errno 9"); /* EBADF */
}

static void
has_ended_when_its_answer_is_taken(void **state)
{
	importer.kind = &late_kind;
	for (unsigned i = 0; i < 20; i++) {
		assert_int_equal(import(&out), JB_OK);
		assert_int_equal(result.kind, JB_IMPORT_NO_SHEET);
		usleep(2000);
		assert_int_equal(size_of(out.image), 0);
	}
}

static void
ends_a_process_that_spins(void **state)
{
	importer.kind = &spin_kind;
	importer.stall_ms = 300;
	assert_int_equal(import(&out), JB_OK);
	assert_int_equal(result.kind, JB_IMPORT_REFUSED);
	assert_non_null(strstr(result.detail, "takes too long"));
}

static void *
stop_soon(void *arg)
{
	const struct timespec pause = {.tv_nsec = 300 * 1000000L};
	struct jb_import_watch *watch = arg;

	nanosleep(&pause, NULL);
	watch->stop = true;
	return NULL;
}

static void
can_be_stopped(void **state)
{
	struct jb_import_watch watch = {0};
	pthread_t thread;

	importer.kind = &spin_kind;
	assert_int_equal(pthread_create(&thread, NULL, stop_soon, &watch), 0);
	assert_int_equal(
		importer_import(&importer, files, nfiles, &out, &watch, &result), JB_STOPPING);
	pthread_join(thread, NULL);
}

static void
works_without_a_nursery(void **state)
{
	importer.nursery = NULL;
	assert_int_equal(import(&out), JB_OK);
	assert_int_equal(result.kind, JB_IMPORT_REFUSED);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(joins_a_disc),
		TEST(says_what_is_missing),
		TEST(unpacks_a_file),
		TEST(takes_a_full_folder),
		TEST(has_no_rights),
		TEST(survives_a_crash),
		TEST(writes_no_file_beyond_the_limit),
		TEST(cannot_write_to_what_it_reads),
		TEST(has_ended_when_its_answer_is_taken),
		TEST(ends_a_process_that_spins),
		TEST(can_be_stopped),
		TEST(works_without_a_nursery),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
