/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Linked discs: which files are accepted, what is stored of a file, and what happens to the disc when the
 * file changes or disappears.
 */
#include "tests/unit/model/fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <time.h>

#include "changer/store/store.h"

enum { SIZE = 64 * 2048, WAIT_MS = 60000 };

static struct jb_caller me = {.uid = 7, .gid = 8};
static enum jb_err opener_says; /* the opener's answer for every file */
static _Atomic unsigned opened;

static enum jb_err
opener(void *arg, const char *path, const struct jb_caller *caller, int *fd)
{
	(void)arg;
	opened++;
	if (caller != NULL)
		assert_int_equal(caller->uid, 7);
	*fd = -1;
	if (opener_says != JB_OK)
		return opener_says;
	*fd = open(path, O_RDONLY | O_CLOEXEC);
	return *fd >= 0 ? JB_OK : JB_LINK_DANGLES;
}

/* Writes the path of the file that all links of these tests point to, and returns it. */
static const char *
outside(struct fixture *fx, char *path)
{
	sprintf(path, "%s/o.iso", fx->dir);
	return path;
}

static void
write_outside(struct fixture *fx, uint64_t size, unsigned seed)
{
	uint8_t *buf = malloc(size + 1);
	char path[128];
	int fd = open(outside(fx, path), O_RDWR | O_CREAT | O_TRUNC, 0644);

	fill(buf, size, 0, seed);
	assert_int_equal(write(fd, buf, size), size);
	close(fd);
	free(buf);
}

static int
begin(void **state)
{
	int bad = setup(state);
	struct fixture *fx = *state;

	opener_says = JB_OK;
	if (bad != 0)
		return bad;
	write_outside(fx, SIZE, 5);
	jb_set_opener(fx->jb, opener, NULL);
	return 0;
}

static enum jb_err
link_to(struct fixture *fx, struct jb_elem e, const char *name, const char *target)
{
	struct jb_item item;

	return jb_item_link(fx->jb, e, name, target, &me, &item);
}

static uint64_t
insert(struct fixture *fx, struct jb_elem e)
{
	char path[128];

	assert_ok(link_to(fx, e, "x.iso", outside(fx, path)));
	return look(fx, e, "x.iso").id;
}

static void
wait_for(struct fixture *fx, struct jb_elem e, enum jb_link state)
{
	struct timespec ms = {.tv_nsec = 1000000};

	for (unsigned i = 0; i < WAIT_MS; i++) {
		if (look(fx, e, "x.iso").link == state)
			return;
		nanosleep(&ms, NULL);
	}
	fail_msg("the link does not come to that state");
}

static void
restart(struct fixture *fx, struct jb_elem e, enum jb_link state)
{
	reopen(fx);
	assert_int_equal(look(fx, e, "x.iso").link, JB_LINK_UNCHECKED);
	jb_set_opener(fx->jb, opener, NULL);
	wait_for(fx, e, state);
}

/* Returns what a command on the drive would get: JB_OK if it has a disc, else the error. */
static enum jb_err
drive_says(struct fixture *fx, unsigned n)
{
	struct drive *d = jb_drive(fx->jb, n);
	struct disc *disc;
	enum jb_err err;

	strand_enter(drive_strand(d));
	err = drive_disc(d, &disc);
	strand_leave(drive_strand(d));
	return err;
}

static enum jb_err
read_sector(struct fixture *fx, unsigned n, uint32_t lba, unsigned seed)
{
	struct drive *d = jb_drive(fx->jb, n);
	uint8_t is[2048], should[2048];
	struct disc *disc;
	enum jb_err err;

	strand_enter(drive_strand(d));
	err = drive_disc(d, &disc);
	if (err == JB_OK)
		err = disc_read(disc, lba, 1, is, true);
	strand_leave(drive_strand(d));
	if (err == JB_OK) {
		fill(should, sizeof(should), (uint64_t)lba * 2048, seed);
		assert_memory_equal(is, should, sizeof(is));
	}
	return err;
}

static unsigned
errors(struct fixture *fx, enum jb_err err)
{
	struct jb_event e;
	unsigned n = 0;

	for (uint64_t i = 1; jb_event_get(fx->jb, i, &e); i = e.number + 1)
		n += e.type == JB_EVENT_ERROR && e.err == err;
	return n;
}

static void
replace(struct fixture *fx)
{
	char command[700], path[128];

	outside(fx, path);
	snprintf(command, sizeof(command), "cp %s %s.new && printf Z >> %s.new && mv %s.new %s",
		path, path, path, path, path);
	assert_int_equal(system(command), 0);
}

/* ---- which files are accepted ------------------------------------------------------------------ */

static void
inserted_by_reference(void **state)
{
	struct fixture *fx = *state;
	char path[128], target[JB_TARGET_MAX];
	struct jb_item item;
	uint64_t id = insert(fx, slot(1));

	item = look(fx, slot(1), "x.iso");
	assert_int_equal(item.kind, JB_ITEM_DISC);
	assert_int_equal(item.status, DISC_COMPLETE);
	assert_string_equal(item.medium->suffix, "cd-rom");
	assert_int_equal(item.size, SIZE);
	assert_int_equal(item.uid, 7);
	assert_int_equal(item.link, JB_LINK_GOOD);
	assert_ok(jb_item_target(fx->jb, id, target));
	assert_string_equal(target, outside(fx, path));
	assert_int_equal(item.target_len, strlen(path));
	assert_true(status_of(fx, slot(1)).full);
	assert_int_equal(entries(fx, "slots/1/x.iso"), 1); /* no copy */
	assert_int_equal(entries(fx, "incoming"), 0);
	/* The disc can be moved, relabelled and read, and survives a restart. */
	assert_ok(jb_move(fx->jb, slot(1), slot(2), NULL));
	assert_ok(jb_move(fx->jb, slot(2), drive(0), NULL));
	assert_ok(read_sector(fx, 0, 63, 5));
	restart(fx, drive(0), JB_LINK_GOOD);
	assert_int_equal(look(fx, drive(0), "x.iso").id, id);
	assert_ok(read_sector(fx, 0, 1, 5));
	/* Only the link is removed, not the file. */
	assert_ok(jb_item_remove(fx->jb, drive(0), "x.iso"));
	assert_int_equal(access(path, F_OK), 0);
	assert_err(jb_item_target(fx->jb, id, target), NO_ITEM);
}

static void
nothing_is_written_to_it(void **state)
{
	static const uint8_t sectors[16 * SECTOR_SIZE];
	struct jb_attr tab = {.set = JB_ATTR_MODE, .mode = 0666};
	struct fixture *fx = *state;
	struct jb_file *f;
	char path[128];
	uint64_t id;

	/* Not even if its name is that of a writable medium. */
	assert_ok(link_to(fx, drive(0), "x.dvd+r.iso", outside(fx, path)));
	id = look(fx, drive(0), "x.dvd+r.iso").id;
	assert_ok(jb_item_setattr(fx->jb, id, &tab));
	strand_enter(drive_strand(jb_drive(fx->jb, 0)));
	assert_true(disc_protected(disc_in(fx, 0)));
	assert_err(disc_write(disc_in(fx, 0), 64, 16, sectors), PROTECTED);
	assert_err(disc_close(disc_in(fx, 0), 6, 0), PROTECTED);
	strand_leave(drive_strand(jb_drive(fx->jb, 0)));
	assert_err(jb_file_open(fx->jb, id, true, true, &f), NOT_A_DISC);
	assert_err(jb_file_open(fx->jb, id, false, false, &f), NOT_A_DISC);
	assert_err(jb_item_set_profile(fx->jb, id, "dvd+r"), NOT_BLANK);
	write_outside(fx, SIZE, 5);
}

static void
what_is_not_taken(void **state)
{
	struct fixture *fx = *state;
	char path[128], longer[JB_TARGET_MAX + 2];
	unsigned before;

	outside(fx, path);
	before = opened;
	assert_err(link_to(fx, slot(1), "x.iso", "o.iso"), LINK_TARGET);
	assert_err(link_to(fx, slot(1), "x.iso", "../o.iso"), LINK_TARGET);
	assert_err(link_to(fx, slot(1), "x.iso", ""), LINK_TARGET);
	assert_err(link_to(fx, slot(1), "x.iso", "/\xff\xfe"), LINK_TARGET);
	memset(longer, '/', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_err(link_to(fx, slot(1), "x.iso", longer), LINK_TARGET);
	assert_err(link_to(fx, slot(1), ".x.iso", path), NOT_STAGING);
	assert_err(link_to(fx, slot(1), "x\n.iso", path), BAD_NAME);
	assert_err(link_to(fx, slot(99), "x.iso", path), NO_ELEMENT);
	assert_err(link_to(fx, picker(), "x.iso", path), IS_FIXED);
	copy_in(fx, slot(2), "y.iso", 4096, 1);
	assert_err(link_to(fx, slot(2), "x.iso", path), ELEMENT_FULL);
	assert_err(link_to(fx, slot(2), "y.iso", path), ELEMENT_FULL);
	assert_int_equal(opened, before); /* the opener was asked for none of them */
	assert_err(link_to(fx, slot(1), "x.iso", "/nonexistent/x.iso"), LINK_DANGLES);
	assert_err(link_to(fx, slot(1), "x.iso", fx->dir), LINK_NO_FILE);
	assert_err(link_to(fx, slot(1), "x.iso", "/dev/null"), LINK_NO_FILE);
	write_outside(fx, 0, 0);
	assert_err(link_to(fx, slot(1), "x.iso", path), LINK_NO_FILE);
	opener_says = JB_LINK_DENIED;
	assert_err(link_to(fx, slot(1), "x.iso", path), LINK_DENIED);
	opener_says = JB_LINK_LATE;
	assert_err(link_to(fx, slot(1), "x.iso", path), LINK_LATE);
	jb_set_opener(fx->jb, NULL, NULL);
	assert_err(link_to(fx, slot(1), "x.iso", path), IN_USE);
	assert_absent(fx, slot(1), "x.iso");
	assert_int_equal(files_in(fx, slot(1)), 0);
	assert_int_equal(entries(fx, "slots/1"), 0);
	assert_int_equal(entries(fx, "incoming"), 0);
}

/* ---- when the file changes or disappears -------------------------------------------------------- */

static void
changed_before_it_is_loaded(void **state)
{
	struct fixture *fx = *state;
	uint64_t before;
	struct drive_view v;

	insert(fx, slot(1));
	replace(fx);
	assert_int_equal(look(fx, slot(1), "x.iso").link, JB_LINK_GOOD); /* not looked at yet */
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	assert_int_equal(look(fx, drive(0), "x.iso").link, JB_LINK_IS_CHANGED);
	assert_err(drive_says(fx, 0), LINK_CHANGED);
	assert_int_equal(errors(fx, JB_LINK_CHANGED), 1);
	assert_err(drive_says(fx, 0), LINK_CHANGED);
	assert_int_equal(errors(fx, JB_LINK_CHANGED), 1);
	/* The old content comes back: opening and closing the tray makes the drive look again. */
	write_outside(fx, SIZE, 5);
	drive_view(jb_drive(fx->jb, 0), &v);
	before = v.media_arrivals;
	strand_enter(drive_strand(jb_drive(fx->jb, 0)));
	assert_ok(drive_open_tray(jb_drive(fx->jb, 0), false));
	assert_ok(drive_close_tray(jb_drive(fx->jb, 0)));
	strand_leave(drive_strand(jb_drive(fx->jb, 0)));
	assert_err(drive_says(fx, 0), LINK_CHANGED); /* it has another time */
	drive_view(jb_drive(fx->jb, 0), &v);
	assert_true(v.media_arrivals > before);
	assert_ok(jb_move(fx->jb, drive(0), slot(2), NULL));
	assert_ok(jb_item_remove(fx->jb, slot(2), "x.iso"));
	insert(fx, drive(0));
	assert_ok(read_sector(fx, 0, 0, 5));
}

static void
gone_and_back(void **state)
{
	struct fixture *fx = *state;
	char path[128], away[140];

	insert(fx, slot(1));
	snprintf(away, sizeof(away), "%s.away", outside(fx, path));
	assert_int_equal(rename(path, away), 0);
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	assert_err(drive_says(fx, 0), LINK_MISSING);
	assert_int_equal(look(fx, drive(0), "x.iso").link, JB_LINK_IS_MISSING);
	assert_int_equal(errors(fx, JB_LINK_MISSING), 1);
	restart(fx, drive(0), JB_LINK_IS_MISSING);
	assert_err(drive_says(fx, 0), LINK_MISSING);
	assert_int_equal(rename(away, path), 0);
	strand_enter(drive_strand(jb_drive(fx->jb, 0)));
	assert_ok(drive_open_tray(jb_drive(fx->jb, 0), false));
	assert_ok(drive_close_tray(jb_drive(fx->jb, 0)));
	strand_leave(drive_strand(jb_drive(fx->jb, 0)));
	assert_ok(read_sector(fx, 0, 5, 5));
	assert_int_equal(look(fx, drive(0), "x.iso").link, JB_LINK_GOOD);
	assert_ok(jb_move(fx->jb, drive(0), slot(3), NULL));
}

/* Reads return the disc that was loaded, or fail: never a mixture of two files. */
static void
replaced_while_it_is_loaded(void **state)
{
	struct fixture *fx = *state;

	insert(fx, slot(1));
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	assert_ok(read_sector(fx, 0, 0, 5));
	replace(fx); /* by rename: the old file exists while it is open */
	assert_ok(read_sector(fx, 0, 63, 5));
	assert_ok(jb_move(fx->jb, drive(0), slot(1), NULL));
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	assert_err(drive_says(fx, 0), LINK_CHANGED);
}

static void
written_to_while_it_is_loaded(void **state)
{
	struct fixture *fx = *state;
	struct disc_extent extent;
	struct disc *disc;

	insert(fx, drive(0));
	assert_ok(read_sector(fx, 0, 0, 5));
	write_outside(fx, SIZE, 6);
	assert_err(read_sector(fx, 0, 0, 5), LINK_CHANGED);
	assert_err(drive_says(fx, 0), LINK_CHANGED);
	assert_int_equal(errors(fx, JB_LINK_CHANGED), 1);
	assert_ok(jb_item_remove(fx->jb, drive(0), "x.iso"));
	insert(fx, drive(0));
	assert_ok(read_sector(fx, 0, 0, 6));
	/* Cut the file short, and read by extent. */
	write_outside(fx, 4096, 6);
	strand_enter(drive_strand(jb_drive(fx->jb, 0)));
	assert_ok(drive_disc(jb_drive(fx->jb, 0), &disc));
	assert_err(disc_extent(disc, 0, 64, true, &extent), LINK_CHANGED);
	strand_leave(drive_strand(jb_drive(fx->jb, 0)));
}

static void
looked_at_when_the_daemon_starts(void **state)
{
	struct fixture *fx = *state;
	char command[700], path[128];

	insert(fx, slot(1));
	restart(fx, slot(1), JB_LINK_GOOD);
	/* Another owner or mode is not a change. */
	snprintf(command, sizeof(command), "chmod 600 %s", outside(fx, path));
	assert_int_equal(system(command), 0);
	restart(fx, slot(1), JB_LINK_GOOD);
	assert_int_equal(errors(fx, JB_LINK_CHANGED), 0);
	replace(fx);
	restart(fx, slot(1), JB_LINK_IS_CHANGED);
	assert_int_equal(errors(fx, JB_LINK_CHANGED), 1);
	/* Until the file has been checked, the drive is becoming ready. */
	assert_ok(jb_move(fx->jb, slot(1), drive(1), NULL));
	reopen(fx);
	assert_err(drive_says(fx, 1), IN_USE);
}

static void
descriptions_that_make_no_sense(void **state)
{
	static const char *const spoil[] = {
		"s/\"target\": \"/\"target\": \"x/",
		"s/\"target\": .*/\"target\": 7,/",
		"/\"link\"/,/}/s/\"mtime\": .*/\"mtime\": \"\"/",
		"s/\"link\"/\"kink\"/",
		"s/\"format\": 1,/\"format\": 1, \"image\": \"image.1\",/",
	};
	struct fixture *fx = *state;
	char command[200];

	for (size_t i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		insert(fx, slot(1));
		jb_close(fx->jb);
		snprintf(command, sizeof(command), "sed -i '%s' slots/1/x.iso/disc.json", spoil[i]);
		shell(fx, command);
		log_level = LOG_LEVEL_ERR;
		open_store(fx, 0, 0, 0);
		assert_int_equal(look(fx, slot(1), "x.iso").kind, JB_ITEM_UNREADABLE);
		assert_int_equal(entries(fx, "slots/1/x.iso"), 1); /* left alone */
		jb_close(fx->jb);
		shell(fx, "rm -r slots/1/x.iso");
		open_store(fx, 0, 0, 0);
		jb_set_opener(fx->jb, opener, NULL);
	}
}

/* ---- hashes, replacing -------------------------------------------------------------------------- */

static void
hashed_on_request_only(void **state)
{
	struct fixture *fx = *state;
	struct timespec ms = {.tv_nsec = 1000000};
	struct jb_check c = {.hash_asked = true};
	uint64_t id;

	assert_ok(jb_setting_set(fx->jb, JB_SET_HASH_COMPLETED, 0, "1"));
	id = insert(fx, slot(1));
	assert_ok(jb_item_check(fx->jb, id, &c));
	assert_false(c.hash_asked);
	assert_ok(jb_item_hash(fx->jb, id));
	for (c.hash_asked = true; c.hash_asked; nanosleep(&ms, NULL))
		assert_ok(jb_item_check(fx->jb, id, &c));
	assert_int_equal(strlen(c.sha256), JB_HASH_TEXT - 1);
	restart(fx, slot(1), JB_LINK_GOOD);
	assert_ok(jb_item_check(fx->jb, id, &c));
	assert_int_equal(strlen(c.sha256), JB_HASH_TEXT - 1);
}

/* A user who stops hashes does not stop the look at a link, which waits behind them. */
static void
a_look_at_a_link_is_not_stopped(void **state)
{
	struct fixture *fx = *state;
	uint64_t id = insert(fx, slot(1)), large;
	struct jb_check c;

	copy_in(fx, slot(2), "large.iso", 4096, 1);
	large = look(fx, slot(2), "large.iso").id;
	jb_close(fx->jb);
	shell(fx, "truncate -s 60G slots/2/large.iso/image.1");
	open_store(fx, 0, 0, 0);
	assert_ok(jb_item_hash(fx->jb, large));
	do
		assert_ok(jb_item_check(fx->jb, large, &c));
	while (!c.running);
	jb_set_opener(fx->jb, opener, NULL);
	assert_ok(jb_item_check_stop(fx->jb, id));
	assert_ok(jb_item_check_stop(fx->jb, large));
	wait_for(fx, slot(1), JB_LINK_GOOD);
}

static void
a_copy_takes_its_place(void **state)
{
	struct fixture *fx = *state;
	char path[128];

	insert(fx, slot(1));
	copy_in(fx, slot(1), ".x.iso.Ab12", 8192, 9);
	assert_ok(jb_item_rename(fx->jb, slot(1), ".x.iso.Ab12", slot(1), "x.iso"));
	assert_content(fx, slot(1), "x.iso", 8192, 9);
	assert_int_equal(look(fx, slot(1), "x.iso").link, JB_LINK_NONE);
	reopen(fx);
	assert_content(fx, slot(1), "x.iso", 8192, 9);
	assert_int_equal(access(outside(fx, path), F_OK), 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(inserted_by_reference),
		T(nothing_is_written_to_it),
		T(what_is_not_taken),
		T(changed_before_it_is_loaded),
		T(gone_and_back),
		T(replaced_while_it_is_loaded),
		T(written_to_while_it_is_loaded),
		T(looked_at_when_the_daemon_starts),
		T(descriptions_that_make_no_sense),
		T(hashed_on_request_only),
		T(a_look_at_a_link_is_not_stopped),
		T(a_copy_takes_its_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
