/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Content that was promised outlives a store that fails for a while.  A copy of the store, made while a daemon has it
 * open, is what a kill leaves.  renameat(2) and fsync(2) are replaced here.
 */
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "changer/store/store.h"
#include "tests/unit/model/fixture.h"

static _Atomic bool no_renames; /* none succeeds in the elements and in incoming/ */

static const char
	*last_good; /* from the rename of this path on, each sync fails; NULL: none does */
static _Atomic bool no_syncs;
static _Atomic bool no_undo; /* the rename after last_good fails; then all is well again */

static ino_t watched; /* the file whose sync is noted; 0: none */
static _Atomic bool is_synced;

int
fsync(int fd)
{
	struct stat st;

	is_synced = is_synced || (watched != 0 && fstat(fd, &st) == 0 && st.st_ino == watched);
	if (no_syncs) {
		errno = EIO;
		return -1;
	}
	return (int)syscall(SYS_fsync, fd);
}

int
renameat(int from_dir, const char *from, int to_dir, const char *to)
{
	if (no_renames && (strncmp(from, "slots/", 6) == 0 || strncmp(from, "incoming/", 9) == 0)) {
		errno = EIO;
		return -1;
	}
	if (no_syncs && no_undo) {
		no_syncs = no_undo = false;
		last_good = NULL;
		errno = EIO;
		return -1;
	}
	no_syncs = no_syncs || (last_good != NULL && strcmp(from, last_good) == 0);
	return (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, 0);
}

/* Goes on with what a kill would leave now. */
static void
die(struct fixture *fx)
{
	shell(fx, "rm -rf ../died && cp -a . ../died");
	jb_close(fx->jb);
	shell(fx, "rm -rf ../store.old && mv ../store ../store.old && mv ../died ../store");
	open_store(fx, 0, 0, 0);
}

/* ---- a pending description ------------------------------------------------------------------- */

/* Leaves what a kill leaves after the close of new content for a blank disc, and opens nothing. */
static void
die_over_blank(struct fixture *fx)
{
	struct jb_file *f;

	copy_in(fx, slot(1), "b.iso", 0, 0);
	assert_ok(jb_file_open(fx->jb, look(fx, slot(1), "b.iso").id, true, false, &f));
	assert_ok(write_pattern(f, 0, 5000, 1));
	assert_ok(jb_file_flush(f, false));
	shell(fx, "cp -a . ../died");
	jb_file_release(f);
	jb_close(fx->jb);
	shell(fx, "mv ../store ../store.old && mv ../died ../store");
}

static void
pending_description_that_cannot_be_read(void **state)
{
	struct fixture *fx = *state;

	die_over_blank(fx);
	shell(fx, "cd slots/1/b.iso && mv disc.json.new ../../../../away && ln -s x disc.json.new");
	open_store(fx, 0, 0, 0);
	assert_int_equal(look(fx, slot(1), "b.iso").kind, JB_ITEM_UNREADABLE);
	jb_close(fx->jb);
	shell(fx, "rm slots/1/b.iso/disc.json.new && mv ../away slots/1/b.iso/disc.json.new");
	open_store(fx, 0, 0, 0);
	assert_content(fx, slot(1), "b.iso", 5000, 1);
}

static void
pending_description_that_cannot_be_published(void **state)
{
	struct fixture *fx = *state;

	die_over_blank(fx);
	no_renames = true;
	open_store(fx, 0, 0, 0);
	no_renames = false;
	assert_int_equal(look(fx, slot(1), "b.iso").kind, JB_ITEM_UNREADABLE);
	reopen(fx);
	assert_content(fx, slot(1), "b.iso", 5000, 1);
	assert_int_equal(entries(fx, "slots/1/b.iso"), 2);
}

/* Returns true if the event `error` tells of that item. */
static bool
has_failed(struct fixture *fx, uint64_t id)
{
	struct jb_event e;

	for (uint64_t n = 1; jb_event_get(fx->jb, n, &e); n = e.number + 1)
		if (e.type == JB_EVENT_ERROR && e.disc == id)
			return true;
	return false;
}

/* Content whose insert has failed after its close is a disc after the next start.  Until then no other content may come:
 * the description of the first would be that of the second. */
static void
pending_description_of_earlier_content(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f;
	uint64_t id;

	copy_in(fx, slot(1), "b.iso", 0, 0);
	id = look(fx, slot(1), "b.iso").id;
	assert_ok(jb_file_open(fx->jb, id, true, false, &f));
	assert_ok(write_pattern(f, 0, 5000, 1));
	assert_ok(jb_file_flush(f, false));
	no_renames = true;
	jb_file_release(f);
	no_renames = false;
	assert_true(has_failed(fx, id));
	assert_err(jb_file_open(fx->jb, id, true, false, &f), UNSETTLED);
	reopen(fx);
	assert_content(fx, slot(1), "b.iso", 5000, 1);
}

/* ---- a file that stays in incoming ----------------------------------------------------------- */

/* Copies in x.iso, whose rename into its element fails.  Returns its id. */
static uint64_t
stay_in_incoming(struct fixture *fx)
{
	struct jb_file *f = create(fx, slot(1), "x.iso");

	assert_ok(write_pattern(f, 0, 5000, 1));
	assert_ok(jb_file_flush(f, false));
	no_renames = true;
	jb_file_release(f);
	no_renames = false;
	assert_int_equal(look(fx, slot(1), "x.iso").kind, JB_ITEM_INCOMPLETE);
	return look(fx, slot(1), "x.iso").id;
}

static void
file_in_incoming_that_is_written_again(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f;

	assert_ok(jb_file_open(fx->jb, stay_in_incoming(fx), true, false, &f));
	assert_ok(write_pattern(f, 0, 100, 2));
	shell(fx, "cp -a . ../died");
	jb_file_release(f);
	jb_close(fx->jb);
	shell(fx, "mv ../store ../store.old && mv ../died ../store");
	open_store(fx, 0, 0, 0);
	assert_int_equal(look(fx, slot(1), "x.iso").kind, JB_ITEM_INCOMPLETE);
}

static void
file_in_incoming_that_is_renamed(void **state)
{
	const struct jb_attr attr = {.set = JB_ATTR_MODE, .mode = 0400};
	struct fixture *fx = *state;
	uint64_t id = stay_in_incoming(fx);

	assert_ok(jb_item_setattr(fx->jb, id, &attr));
	assert_ok(jb_item_rename(fx->jb, slot(1), "x.iso", slot(1), "y.iso"));
	die(fx);
	assert_content(fx, slot(1), "y.iso", 5000, 1);
	assert_int_equal(look(fx, slot(1), "y.iso").mode, 0400);
}

/* ---- a disc that is replaced ----------------------------------------------------------------- */

/* The new description stands in the store, and the old one cannot be restored. */
static void
replacement_that_cannot_be_undone(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, slot(1), "x.iso", 8192, 3);
	copy_in(fx, slot(1), ".new", 4096, 2);
	last_good = "slots/1/x.iso/disc.json.new";
	assert_err(jb_item_rename(fx->jb, slot(1), ".new", slot(1), "x.iso"), STORE_WRITE);
	last_good = NULL;
	no_syncs = false;
	assert_content(fx, slot(1), "x.iso", 8192, 3);
	reopen(fx);
	assert_content(fx, slot(1), "x.iso", 4096, 2);
}

/* ---- a step that is done, but not durable ---------------------------------------------------- */

/* Renaming it back is not durable either: nobody uses the elements as long as the store fails. */
static void
move_that_cannot_be_undone(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, slot(1), "a.iso", 8192, 1);
	copy_in(fx, slot(3), "c.iso", 8192, 3);
	last_good = "slots/1/a.iso";
	assert_err(jb_move(fx->jb, slot(1), slot(2), NULL), UNSETTLED);
	assert_err(jb_move(fx->jb, slot(3), slot(2), NULL), UNSETTLED);
	assert_err(jb_item_remove(fx->jb, slot(1), "a.iso"), UNSETTLED);
	last_good = NULL;
	no_syncs = false;
	reopen(fx);
	assert_content(fx, slot(1), "a.iso", 8192, 1);
	assert_ok(jb_move(fx->jb, slot(1), slot(2), NULL));
}

static void
exchange_goes_on(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, slot(1), "a.iso", 8192, 1);
	copy_in(fx, drive(0), "b.iso", 8192, 2);
	last_good = "drives/0/b.iso";
	no_undo = true;
	assert_err(jb_exchange(fx->jb, slot(1), drive(0), slot(1), NULL), NOT_DURABLE);
	assert_content(fx, drive(0), "a.iso", 8192, 1);
	assert_content(fx, slot(1), "b.iso", 8192, 2);
}

static void
removed_file_is_replaced(void **state)
{
	struct fixture *fx = *state;
	char path[64];

	copy_in(fx, slot(1), "a.part", 4096, 1);
	copy_in(fx, slot(1), "b.part", 4096, 2);
	snprintf(path, sizeof(path), "incoming/%016llx",
		(unsigned long long)look(fx, slot(1), "b.part").id);
	last_good = path;
	no_undo = true;
	assert_ok(jb_item_rename(fx->jb, slot(1), "a.part", slot(1), "b.part"));
	assert_false(no_undo);
	assert_absent(fx, slot(1), "a.part");
	assert_content(fx, slot(1), "b.part", 4096, 1);
}

/* ---- a cartridge that cannot be read --------------------------------------------------------- */

static void
cartridge_beside_a_loaded_disc(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, drive(0), "a.iso", 8192, 1);
	copy_in(fx, slot(2), "c.iso", 8192, 2);
	jb_close(fx->jb);
	shell(fx, "mkdir drives/0/b.iso && echo x > drives/0/b.iso/disc.json");
	open_store(fx, 0, 0, 0);
	assert_err(jb_exchange(fx->jb, slot(2), drive(0), slot(3), NULL), ELEMENT_FULL);
	assert_err(jb_exchange(fx->jb, drive(0), slot(2), drive(0), NULL), ELEMENT_FULL);
	assert_ok(jb_move(fx->jb, drive(0), slot(1), NULL));
	assert_true(status_of(fx, drive(0)).unreadable);
	assert_err(jb_move(fx->jb, slot(2), drive(0), NULL), ELEMENT_FULL);
	assert_ok(jb_item_remove(fx->jb, drive(0), "b.iso"));
	assert_ok(jb_move(fx->jb, slot(2), drive(0), NULL));
	reopen(fx);
	assert_content(fx, drive(0), "c.iso", 8192, 2);
}

/* An image that was cut is not made longer by a change of something else, which would hide the damage. */
static void
image_that_was_cut(void **state)
{
	static const uint8_t data[16 * SECTOR_SIZE] = {7};
	const struct jb_attr attr = {.set = JB_ATTR_MODE, .mode = 0400};
	struct fixture *fx = *state;
	struct disc *d;

	copy_in(fx, drive(0), "b.dvd+r.iso", 0, 0);
	d = hold(fx);
	assert_ok(disc_write(d, 0, 16, data));
	assert_ok(disc_close(d, 1, 1));
	assert_ok(disc_close(d, 2, 2));
	release(fx);
	jb_close(fx->jb);
	shell(fx, "truncate -s 4096 drives/0/b.dvd+r.iso/image.1");
	open_store(fx, 0, 0, 0);
	assert_ok(jb_item_setattr(fx->jb, look(fx, drive(0), "b.dvd+r.iso").id, &attr));
	shell(fx, "test $(stat -c %s drives/0/b.dvd+r.iso/image.1) = 4096");
}

/* A cartridge that was moved in has files that are older than the clean end. */
static void
cartridge_that_was_moved_in(void **state)
{
	struct fixture *fx = *state;
	char path[200];
	struct stat st;

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	jb_close(fx->jb);
	shell(fx, "mkdir ../away && mv slots/1/x.iso ../away");
	open_store(fx, 0, 0, 0);
	jb_close(fx->jb);
	shell(fx, "sleep 0.02; mv ../away/x.iso slots/2");
	snprintf(path, sizeof(path), "%s/slots/2/x.iso/image.1", fx->store);
	assert_int_equal(stat(path, &st), 0);
	is_synced = false;
	watched = st.st_ino;
	open_store(fx, 0, 0, 0);
	watched = 0;
	assert_true(is_synced);
	assert_content(fx, slot(2), "x.iso", 8192, 1);
}

static char last_step[64]; /* the last one that changed or synced the folder slots/ */

static void
note_step(const char *what, const char *path)
{
	if (strcmp(path, "slots") == 0 || strcmp(path, "slots/1") == 0)
		snprintf(last_step, sizeof(last_step), "%s %s", what, path);
}

/* The folder of an element that is made again is durable, before discs come into it. */
static void
folder_that_is_made_again(void **state)
{
	struct fixture *fx = *state;

	jb_close(fx->jb);
	shell(fx, "rmdir slots/1 && touch slots/1");
	open_store(fx, 0, 0, 0);
	store_step_hook = note_step;
	assert_ok(jb_item_remove(fx->jb, slot(1), "not-a-folder"));
	store_step_hook = NULL;
	assert_string_equal(last_step, "syncdir slots");
	copy_in(fx, slot(1), "x.iso", 8192, 1);
}

/* Names that are no disc's leave a good disc as it is. */
static void
temporary_files_beside_a_disc(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, slot(1), "(x).iso", 8192, 1);
	jb_close(fx->jb);
	shell(fx, "cd slots/1 && touch 'DISC.iso~' .DS_Store '(x).iso.part' 'x.iso.part' x.cue");
	open_store(fx, 0, 0, 0);
	assert_int_equal(files_in(fx, slot(1)), 1);
	assert_content(fx, slot(1), "(x).iso", 8192, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pending_description_that_cannot_be_read),
		TEST(pending_description_that_cannot_be_published),
		TEST(pending_description_of_earlier_content),
		TEST(file_in_incoming_that_is_written_again),
		TEST(file_in_incoming_that_is_renamed),
		TEST(replacement_that_cannot_be_undone),
		TEST(move_that_cannot_be_undone),
		TEST(exchange_goes_on),
		TEST(removed_file_is_replaced),
		TEST(cartridge_beside_a_loaded_disc),
		TEST(image_that_was_cut),
		TEST(cartridge_that_was_moved_in),
		TEST(folder_that_is_made_again),
		TEST(temporary_files_beside_a_disc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
