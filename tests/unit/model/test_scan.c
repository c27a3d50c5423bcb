/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Start-up: new stores, the lock, changes by hand while the daemon was down, many slots, settings.
 */
#include "tests/unit/model/fixture.h"

#include "changer/settings/setting.h"
#include <sys/wait.h>

static enum jb_err
try_open(struct fixture *fx, const char *store, unsigned slots, struct jukebox **jb, char *why)
{
	struct jb_layout layout = {slots, 0, 1};

	(void)fx;
	why[0] = '\0';
	return jb_open(store, &layout, jb, why, 256);
}

static void
one_owner(void **state)
{
	struct fixture *fx = *state;
	struct jukebox *other;
	char why[256];
	int status;
	pid_t pid;

	assert_err(try_open(fx, fx->store, 1, &other, why), STORE_LOCKED);
	assert_true(strlen(why) > 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(try_open(fx, fx->store, 1, &other, why) == JB_STORE_LOCKED ? 0 : 1);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	/* A child does not get the lock through a file description of its own. */
	assert_int_equal(status, 0);
	shell(fx, "grep -q '^epoch=1$' lock && grep -q ^host= lock && grep -q ^pid= lock");
	reopen(fx);
	shell(fx, "grep -q '^epoch=2$' lock");
}

static void
what_is_no_store(void **state)
{
	struct fixture *fx = *state;
	struct jukebox *jb;
	char path[128], why[256];

	snprintf(path, sizeof(path), "%s/other", fx->dir);
	assert_int_equal(mkdir(path, 0755), 0);
	shell(fx, "touch ../other/letter");
	assert_err(try_open(fx, path, 1, &jb, why), STORE_FORMAT);
	assert_non_null(strstr(why, "empty"));
	shell(fx, "rm ../other/letter && echo '{\"format\": 99}' > ../other/jukebox.json");
	assert_err(try_open(fx, path, 1, &jb, why), STORE_FORMAT);
	shell(fx, "echo rubbish > ../other/jukebox.json");
	assert_err(try_open(fx, path, 1, &jb, why), STORE_FORMAT);
	shell(fx,
		"rm ../other/jukebox.json && rm ../other/lock && touch ../other/jukebox.json.new");
	assert_err(try_open(fx, path, 70000, &jb, why), BAD_VALUE);
	assert_ok(try_open(fx, path, 3, &jb, why));
	assert_int_equal(jb_count(jb, JB_SLOT), 3);
	assert_int_equal(strlen(jb_uuid(jb)), 36);
	jb_close(jb);
	snprintf(path, sizeof(path), "%s/no/such", fx->dir);
	assert_int_not_equal(try_open(fx, path, 3, &jb, why), JB_OK);
}

static void
identity_stays(void **state)
{
	struct fixture *fx = *state;
	char uuid[40];

	strcpy(uuid, jb_uuid(fx->jb));
	reopen(fx);
	assert_string_equal(jb_uuid(fx->jb), uuid);
	assert_int_equal(jb_count(fx->jb, JB_SLOT), 6);
	jb_close(fx->jb);
	/* Missing elements are made again; new ones count, and so do all below them. */
	shell(fx, "rmdir slots/2 drives/1 && mkdir slots/9 && mkdir slots/09 slots/x && touch "
		  "drives/a");
	open_store(fx, 0, 0, 0);
	assert_int_equal(jb_count(fx->jb, JB_SLOT), 9);
	assert_int_equal(jb_count(fx->jb, JB_DRIVE), 2);
	copy_in(fx, slot(2), "x", 2048, 1);
	copy_in(fx, slot(8), "x", 2048, 1);
	shell(fx, "[ -d slots/09 ] && [ -d slots/x ] && [ -e drives/a ]");
}

static void
changes_by_hand(void **state)
{
	struct fixture *fx = *state;
	uint64_t id;

	copy_in(fx, slot(1), "a.iso", 8192, 1);
	copy_in(fx, slot(2), "b.iso", 8192, 2);
	copy_in(fx, slot(3), "c.iso", 8192, 3);
	id = look(fx, slot(1), "a.iso").id;
	jb_close(fx->jb);
	shell(fx, "mv slots/1/a.iso slots/5/renamed.iso");	 /* moved and relabelled */
	shell(fx, "cp -r slots/2/b.iso slots/4/");		 /* copied */
	shell(fx, "cp slots/2/b.iso/image.1 slots/6/loose.iso"); /* a plain image */
	shell(fx, "rm -r slots/3/c.iso");
	shell(fx, "mkdir mailslots/1/dir.iso && cp slots/2/b.iso/image.1 mailslots/1/dir.iso/");
	shell(fx, "touch -d @1000000000 mailslots/2/blank.iso && "
		  "mv mailslots/2/blank.iso mailslots/2/blank.dvd+r.iso && touch "
		  "mailslots/2/.hidden");
	open_store(fx, 0, 0, 0);
	assert_content(fx, slot(5), "renamed.iso", 8192, 1);
	assert_int_equal(look(fx, slot(5), "renamed.iso").id, id);
	assert_int_equal(files_in(fx, slot(1)), 0);
	assert_content(fx, slot(4), "b.iso", 8192, 2);
	assert_int_not_equal(look(fx, slot(4), "b.iso").id, look(fx, slot(2), "b.iso").id);
	assert_content(fx, slot(6), "loose.iso", 8192, 2);
	assert_int_equal(files_in(fx, slot(3)), 0);
	assert_content(fx, mailslot(1), "dir.iso", 8192, 2);
	assert_int_equal(look(fx, mailslot(2), "blank.dvd+r.iso").status, DISC_BLANK);
	assert_int_equal(look(fx, mailslot(2), "blank.dvd+r.iso").mtime.tv_sec, 1000000000);
	shell(fx, "[ -e mailslots/2/.hidden ]");
	id = look(fx, slot(4), "b.iso").id;
	reopen(fx);
	assert_int_equal(look(fx, slot(4), "b.iso").id, id);
	/* now they are cartridges and move as such */
	assert_ok(jb_move(fx->jb, slot(6), drive(0), NULL));
}

/* A number of sectors beyond 32 bits is not cut to its lowest 32 bits. */
static void
an_image_beyond_all_addresses(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, slot(1), "a.iso", 8192, 1);
	copy_in(fx, slot(2), "b.dvd-r.iso", 8192, 2);
	jb_close(fx->jb);
	/* 2^32 + 100 sectors */
	shell(fx, "truncate -s 8796093227008 slots/1/a.iso/image.1 slots/2/b.dvd-r.iso/image.1");
	open_store(fx, 0, 0, 0);
	assert_int_equal(look(fx, slot(1), "a.iso").capacity, 4);
	assert_ok(move_by_hand(fx->jb, slot(2), drive(0), NULL));
	strand_enter(drive_strand(jb_drive(fx->jb, 0)));
	assert_int_equal(disc_readable_capacity(disc_in(fx, 0)), 4);
	strand_leave(drive_strand(jb_drive(fx->jb, 0)));
}

static void
what_makes_no_sense_stays(void **state)
{
	struct fixture *fx = *state;

	copy_in(fx, slot(1), "m.iso", 8192, 1);
	copy_in(fx, slot(2), "b.iso", 8192, 2);
	copy_in(fx, slot(3), "c.iso", 8192, 2);
	jb_close(fx->jb);
	shell(fx, "mv slots/2/b.iso slots/1/z.iso");	 /* two in a slot */
	shell(fx, "echo '{' > slots/3/c.iso/disc.json"); /* a broken description */
	shell(fx, "mkdir slots/4/empty.iso");		 /* a directory that holds nothing */
	shell(fx, "ln -s /etc/passwd slots/5/link.iso");
	shell(fx, "mkfifo slots/6/fifo.iso");
	shell(fx, "mkdir incoming/what && touch incoming/0000");
	open_store(fx, 0, 0, 0);
	assert_int_equal(look(fx, slot(1), "m.iso").kind, JB_ITEM_UNREADABLE);
	assert_int_equal(look(fx, slot(1), "z.iso").kind, JB_ITEM_UNREADABLE);
	for (unsigned i = 3; i <= 6; i++) {
		assert_int_equal(files_in(fx, slot(i)), 1);
		assert_true(status_of(fx, slot(i)).full && status_of(fx, slot(i)).unreadable);
		assert_false(status_of(fx, slot(i)).accessible);
	}
	shell(fx,
		"[ -e slots/1/z.iso/image.1 ] && [ -e slots/3/c.iso/image.1 ] && "
		"[ -d slots/4/empty.iso ] && [ -L slots/5/link.iso ] && [ -p slots/6/fifo.iso ] && "
		"[ -d incoming/what ] && [ -e incoming/0000 ]");
}

/* Damaged or hostile descriptions are refused or understood, and never crash the daemon. */
static void
hostile_descriptions(void **state)
{
	static const char *const edits[] = {
		"s/image.1/..\\/..\\/..\\/etc\\/passwd/",
		"s/image.1/image.99999999999999/",
		"s/\"id\": \"/\"id\": \"f/",
		"s/\"format\": 1/\"format\": 2/",
		"s/\"mode\": \"0644\"/\"mode\": 7/",
		"s/\"mtime\": \"/\"mtime\": \"999999999999999999/",
		"s/\"uid\": 1/\"uid\": -1/",
		"s/dvd+r/floppy/",
		"s/\"capacity\": [0-9]*/\"capacity\": -5/",
		"s/\"tracks\": \\[/\"tracks\": [7,/",
		"s/slots/pots/",
	};
	struct fixture *fx = *state;
	char command[256];

	for (unsigned i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
		copy_in(fx, slot(1), "x.iso", 8192, 1);
		assert_ok(jb_move(fx->jb, slot(1), slot(2), NULL));
		jb_close(fx->jb);
		snprintf(command, sizeof(command), "sed -i '%s' slots/2/x.iso/disc.json", edits[i]);
		shell(fx, command);
		open_store(fx, 0, 0, 0);
		assert_int_equal(files_in(fx, slot(2)), 1);
		if (look(fx, slot(2), "x.iso").kind == JB_ITEM_DISC)
			assert_content(fx, slot(2), "x.iso", 8192, 1);
		jb_close(fx->jb);
		shell(fx, "rm -r slots/2/x.iso");
		open_store(fx, 0, 0, 0);
	}
}

/* A recovered insert is reported. */
static void
recovery(void **state)
{
	struct fixture *fx = *state;
	uint64_t id;
	pid_t pid;
	int status;

	jb_close(fx->jb);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct jb_file *f, *g;

		open_store(fx, 0, 0, 0);
		f = create(fx, slot(1), "closed.iso");
		assert_ok(write_pattern(f, 0, 9000, 1));
		assert_ok(jb_file_flush(f, false));
		g = create(fx, slot(2), "open.iso");
		assert_ok(write_pattern(g, 0, 9000, 1));
		f = create(fx, slot(3), "reopened.iso");
		assert_ok(write_pattern(f, 0, 9000, 1));
		assert_ok(jb_file_flush(f, false));
		assert_ok(write_pattern(f, 0, 100, 2));
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	open_store(fx, 0, 0, 0);
	assert_content(fx, slot(1), "closed.iso", 9000, 1);
	assert_true(look(fx, slot(1), "closed.iso").recovered);
	assert_int_equal(look(fx, slot(1), "closed.iso").kind, JB_ITEM_DISC);
	id = look(fx, slot(1), "closed.iso").id;
	assert_int_equal(files_in(fx, slot(2)), 0);
	/* Its first close has promised that it stays. */
	assert_int_equal(look(fx, slot(3), "reopened.iso").kind, JB_ITEM_INCOMPLETE);
	reopen(fx);
	assert_int_equal(look(fx, slot(1), "closed.iso").id, id);
	assert_int_equal(entries(fx, "incoming"), 0);
}

static void
ten_thousand_slots(void **state)
{
	struct fixture *fx = *state;

	jb_close(fx->jb);
	shell(fx, "cd slots && for i in $(seq 10000); do echo $i/d$i.iso; done > ../../names && "
		  "xargs mkdir -p < ../../names && sed 's,$,/image.1,' ../../names | xargs touch");
	/* The daemon writes a description with an id for each. */
	open_store(fx, 0, 0, 0);
	reopen(fx);
	assert_int_equal(jb_count(fx->jb, JB_SLOT), 10000);
	for (unsigned i = 1; i <= 10000; i += 1111) {
		char name[32];

		snprintf(name, sizeof(name), "d%u.iso", i);
		assert_int_equal(look(fx, slot(i), name).status, DISC_BLANK);
		assert_int_equal(status_of(fx, slot(i)).address, 1023 + i);
	}
	assert_ok(jb_move(fx->jb, slot(10000), drive(0), NULL));
}

/* ---- settings -------------------------------------------------------------------------------- */

static void
settings(void **state)
{
	struct fixture *fx = *state;
	char buf[JB_TEXT_MAX], serial[JB_TEXT_MAX];
	enum jb_setting s;
	unsigned d;

	assert_true(setting_find("drives/1/vendor", &s, &d));
	assert_int_equal(s, JB_SET_DRIVE_VENDOR);
	assert_int_equal(d, 1);
	assert_true(setting_find("drives/2/vendor", &s, &d));
	assert_err(jb_setting_set(fx->jb, s, d, "ACME"), NO_SETTING); /* there are two drives */
	assert_false(setting_find("drives/0/colour", &s, &d));
	assert_true(setting_find("drives/1/vendor", &s, &d));
	assert_string_equal(jb_setting_get(fx->jb, s, 1, buf), "JUKEBOXD");
	assert_ok(jb_setting_set(fx->jb, s, 1, "ACME\n"));
	assert_string_equal(jb_setting_get(fx->jb, s, 1, buf), "ACME");
	assert_string_equal(jb_setting_get(fx->jb, s, 0, buf), "JUKEBOXD");
	assert_err(jb_setting_set(fx->jb, s, 1, "much too long for it"), BAD_VALUE);
	assert_err(jb_setting_set(fx->jb, s, 2, "ACME"), NO_SETTING);
	assert_false(jb_setting_bool(fx->jb, JB_SET_DRIVE_FINALIZE_AS_ROM, 0));
	assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_FINALIZE_AS_ROM, 0, "1"));
	/* computed: constant, and different for each drive */
	jb_setting_get(fx->jb, JB_SET_DRIVE_SERIAL, 0, serial);
	assert_true(strlen(serial) > 0);
	assert_string_not_equal(jb_setting_get(fx->jb, JB_SET_DRIVE_SERIAL, 1, buf), serial);
	assert_string_not_equal(jb_setting_get(fx->jb, JB_SET_CHANGER_SERIAL, 0, buf), serial);
	assert_non_null(
		strstr(jb_setting_get(fx->jb, JB_SET_TARGET_NAME, 0, buf), jb_uuid(fx->jb)));
	assert_ok(jb_setting_set(fx->jb, JB_SET_TARGET_NAME, 0, buf));
	reopen(fx);
	assert_string_equal(jb_setting_get(fx->jb, JB_SET_DRIVE_VENDOR, 1, buf), "ACME");
	assert_string_equal(jb_setting_get(fx->jb, JB_SET_DRIVE_SERIAL, 0, buf), serial);
	assert_true(jb_setting_bool(fx->jb, JB_SET_DRIVE_FINALIZE_AS_ROM, 0));
	/* an empty value restores the computed one */
	assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_SERIAL, 0, "S123"));
	assert_string_equal(jb_setting_get(fx->jb, JB_SET_DRIVE_SERIAL, 0, buf), "S123");
	assert_ok(jb_setting_set(fx->jb, JB_SET_DRIVE_SERIAL, 0, ""));
	assert_string_equal(jb_setting_get(fx->jb, JB_SET_DRIVE_SERIAL, 0, buf), serial);
	jb_close(fx->jb);
	shell(fx, "printf 'far too long to be one\\n' > ctl/drives/1/vendor");
	open_store(fx, 0, 0, 0);
	assert_string_equal(jb_setting_get(fx->jb, JB_SET_DRIVE_VENDOR, 1, buf), "JUKEBOXD");
}

static void
address_ranges(void **state)
{
	struct fixture *fx = *state;
	char buf[JB_TEXT_MAX];

	assert_ok(jb_setting_set(fx->jb, JB_SET_CHANGER_FIRST_SLOT, 0, "100"));
	assert_int_equal(jb_elem_address(fx->jb, slot(1)), 100);
	assert_err(jb_setting_set(fx->jb, JB_SET_CHANGER_FIRST_DRIVE, 0, "105"), OVERLAP);
	assert_err(jb_setting_set(fx->jb, JB_SET_CHANGER_FIRST_DRIVE, 0, "99"), OVERLAP);
	assert_ok(jb_setting_set(fx->jb, JB_SET_CHANGER_FIRST_DRIVE, 0, "106"));
	assert_err(jb_setting_set(fx->jb, JB_SET_CHANGER_FIRST_SLOT, 0, "65531"), OVERLAP);
	assert_ok(jb_setting_set(fx->jb, JB_SET_CHANGER_FIRST_SLOT, 0, "65530"));
	assert_int_equal(status_of(fx, slot(6)).address, 65535);
	assert_string_equal(jb_setting_get(fx->jb, JB_SET_CHANGER_FIRST_DRIVE, 0, buf), "106");
	jb_close(fx->jb);
	/* edited by hand so that addresses overlap: the defaults */
	shell(fx, "echo 65531 > ctl/changer/first-drive");
	open_store(fx, 0, 0, 0);
	assert_int_equal(jb_elem_address(fx->jb, slot(1)), 1024);
	assert_int_equal(jb_elem_address(fx->jb, drive(0)), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(one_owner),
		TEST(what_is_no_store),
		TEST(identity_stays),
		TEST(changes_by_hand),
		TEST(an_image_beyond_all_addresses),
		TEST(what_makes_no_sense_stays),
		TEST(hostile_descriptions),
		TEST(recovery),
		TEST(ten_thousand_slots),
		TEST(settings),
		TEST(address_ranges),
	};

	return cmocka_run_group_tests(tests, folders_in_memory, NULL);
}
