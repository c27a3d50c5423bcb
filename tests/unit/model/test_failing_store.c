/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store that takes no more data: a failed operation reports an error and leaves everything as it was. A
 * limit on the size of files stands for a full device.
 */
#include "tests/unit/model/cd.h"

#include "changer/check.h"
#include "changer/inventory/model.h"
#include "tests/unit/limit_files.h"

#define assert_fails(e) assert_int_not_equal(e, JB_OK)

static void
write_fails(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f = create(fx, slot(1), "x.iso");

	assert_ok(write_pattern(f, 0, 65536, 1));
	limit_files(65536);
	assert_fails(write_pattern(f, 65536, 131072, 1));
	(void)jb_file_flush(f, false);
	limit_files(RLIM_INFINITY);
	jb_file_release(f);
	assert_int_equal(look(fx, slot(1), "x.iso").kind, JB_ITEM_INCOMPLETE);
	assert_false(status_of(fx, slot(1)).full);
}

static void
close_fails(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f = create(fx, slot(1), "x.iso");

	assert_ok(write_pattern(f, 0, 65536, 1));
	/* Not even the description can be written. */
	limit_files(0);
	assert_fails(jb_file_flush(f, false));
	jb_file_release(f);
	limit_files(RLIM_INFINITY);
	assert_int_equal(look(fx, slot(1), "x.iso").kind, JB_ITEM_INCOMPLETE);
	assert_err(jb_move(fx->jb, slot(1), slot(2), NULL), INCOMPLETE);
	/* The incomplete disc can be removed, copied again, or accepted as it is. */
	assert_ok(jb_item_complete(fx->jb, look(fx, slot(1), "x.iso").id));
	assert_content(fx, slot(1), "x.iso", 65536, 1);
	reopen(fx);
	assert_content(fx, slot(1), "x.iso", 65536, 1);
}

static void
failed_operations_change_nothing(void **state)
{
	struct fixture *fx = *state;
	struct jb_attr attr = {.set = JB_ATTR_MODE, .mode = 0400};
	char buf[JB_TEXT_MAX];

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	copy_in(fx, slot(2), ".new", 4096, 2);
	copy_in(fx, slot(2), "y.iso", 8192, 3);
	limit_files(0);
	assert_fails(jb_move(fx->jb, slot(1), drive(0), NULL));
	assert_fails(jb_item_setattr(fx->jb, look(fx, slot(1), "x.iso").id, &attr));
	assert_fails(jb_setting_set(fx->jb, JB_SET_CHANGER_VENDOR, 0, "ACME"));
	assert_fails(jb_item_rename(fx->jb, slot(2), ".new", slot(2), "y.iso"));
	assert_fails(jb_item_rename(fx->jb, slot(2), ".new", slot(3), "z.iso"));
	limit_files(RLIM_INFINITY);
	for (int again = 0; again < 2; again++) {
		assert_content(fx, slot(1), "x.iso", 8192, 1);
		assert_content(fx, slot(2), "y.iso", 8192, 3);
		assert_int_equal(look(fx, slot(1), "x.iso").mode, 0644);
		assert_int_equal(files_in(fx, drive(0)), 0);
		assert_int_equal(files_in(fx, slot(3)), 0);
		assert_false(status_of(fx, drive(0)).reserved);
		assert_false(status_of(fx, slot(3)).reserved);
		jb_setting_get(fx->jb, JB_SET_CHANGER_VENDOR, 0, buf);
		assert_string_equal(buf, "JUKEBOXD");
		if (again == 0) {
			assert_content(fx, slot(2), ".new", 4096, 2);
			reopen(fx);
		}
	}
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
}

/* The close succeeded, but the release could not be stored: the next start completes it. */
static void
release_fails(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f = create(fx, slot(2), ".new");

	copy_in(fx, slot(2), "y.iso", 8192, 3);
	assert_ok(write_pattern(f, 0, 4096, 2));
	assert_ok(jb_item_rename(fx->jb, slot(2), ".new", slot(2), "y.iso"));
	assert_ok(jb_file_flush(f, false));
	limit_files(0);
	jb_file_release(f);
	limit_files(RLIM_INFINITY);
	assert_content(fx, slot(2), "y.iso", 8192, 3);
	reopen(fx);
	assert_content(fx, slot(2), "y.iso", 4096, 2);
	assert_true(look(fx, slot(2), "y.iso").recovered);
}

static void
burn_fails(void **state)
{
	struct fixture *fx = *state;
	uint8_t data[16 * SECTOR_SIZE] = {7};
	struct disc *d;

	copy_in(fx, drive(0), "b.iso", 0, 0);
	strand_enter(drive_strand(jb_drive(fx->jb, 0)));
	d = disc_in(fx, 0);
	limit_files(0);
	/* The begin of the track cannot be made durable, so nothing is written. */
	assert_fails(disc_write(d, 0, 16, data));
	assert_fails(disc_write(d, 0, 16, data));
	limit_files(RLIM_INFINITY);
	assert_ok(disc_write(d, 0, 16, data));
	limit_files(16 * SECTOR_SIZE);
	assert_fails(disc_write(d, 16, 16, data));
	limit_files(RLIM_INFINITY);
	assert_ok(disc_write(d, 16, 16, data));
	limit_files(0);
	assert_fails(disc_sync(d));
	assert_fails(drive_open_tray(jb_drive(fx->jb, 0), false));
	limit_files(RLIM_INFINITY);
	assert_ok(disc_sync(d));
	strand_leave(drive_strand(jb_drive(fx->jb, 0)));
	reopen(fx);
	assert_int_equal(look(fx, drive(0), "b.iso").size, 32 * SECTOR_SIZE);
	assert_int_equal(look(fx, drive(0), "b.iso").status, DISC_APPENDABLE);
}

/* The image file disappeared while the daemon runs. */
static void
image_is_gone(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f;

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	shell(fx, "rm slots/1/x.iso/image.1");
	assert_fails(jb_file_open(fx->jb, look(fx, slot(1), "x.iso").id, false, false, &f));
	assert_fails(jb_move(fx->jb, slot(1), drive(0), NULL));
	assert_true(status_of(fx, slot(1)).full);
	assert_ok(jb_item_remove(fx->jb, slot(1), "x.iso"));
}

/* ---- a failed change does not appear later --------------------------------------------------- */

/* Writes the state of the disc as one line, in the terms of its description. */
static void
say(struct disc *d, char *out, size_t size)
{
	struct track t;
	size_t n = (size_t)snprintf(out, size,
		"%s cap %u status %d last %d break %u raw %d spare %d pwp %d:",
		disc_medium(d)->suffix, disc_capacity(d), disc_status(d),
		disc_last_session_state(d), disc_layer_break(d), disc_is_raw(d),
		disc_spare_format(d), disc_pwp(d));

	for (unsigned i = 1; disc_track(d, i, &t); i++)
		n += (size_t)snprintf(out + n, size - n, " %u %u+%u/%u %d.%d", t.session, t.start,
			t.recorded, t.size, t.state, t.mode);
}

static enum jb_err
reserve(struct disc *d)
{
	return disc_reserve_track(d, 64);
}

static enum jb_err
begin(struct disc *d)
{
	static const uint8_t data[16 * SECTOR_SIZE] = {7};

	return disc_write(d, 0, 16, data);
}

static enum jb_err
begin_audio(struct disc *d)
{
	static const uint8_t data[16 * CD_RAW_SIZE] = {7};

	disc_next_tracks(d, CD_AUDIO, 0, "");
	return disc_write_raw(d, 0, 16, data);
}

static enum jb_err
lay_out_audio(struct disc *d)
{
	const struct track t = {.mode = CD_AUDIO, .size = 300};

	return disc_lay_out(d, &(struct disc_layout){.tracks = &t, .ntracks = 1});
}

static enum jb_err
layer_break(struct disc *d)
{
	return disc_set_layer_break(d, 16 * 100000);
}

static enum jb_err
close_track(struct disc *d)
{
	return disc_close(d, 1, 1);
}

static enum jb_err
close_session(struct disc *d)
{
	return disc_close(d, 2, 0);
}

static enum jb_err
turn_into_rom(struct disc *d)
{
	return disc_turn_into_rom(d);
}

static enum jb_err
add_spares(struct disc *d)
{
	const struct disc_format format = {.type = 0x32, .blocks = 0xffffffff};

	return disc_format(d, &format);
}

static enum jb_err
erase(struct disc *d)
{
	const struct disc_format format = {.type = 0x26, .blocks = 0xffffffff};

	return disc_format(d, &format);
}

static enum jb_err
grow_spares(struct disc *d)
{
	const struct disc_format format = {.type = 0x01, .blocks = 0};

	return disc_format(d, &format);
}

static enum jb_err
unreserve(struct disc *d)
{
	return disc_blank(d, 3, 0);
}

static enum jb_err
set_pwp(struct disc *d)
{
	return disc_set_pwp(d, true);
}

static const struct {
	const char *medium;
	enum jb_err (*before)(struct disc *d); /* NULL: nothing */
	enum jb_err (*change)(struct disc *d);
} changes[] = {
	{"dvd+r", NULL, reserve},
	{"dvd+r", NULL, begin},
	{"cd-r", NULL, begin_audio},
	{"cd-r", NULL, lay_out_audio},
	{"dvd+r-dl", NULL, layer_break},
	{"dvd-r", begin, close_track},
	{"dvd-r", begin, close_session},
	{"dvd+r", begin, turn_into_rom},
	{"bd-r", NULL, add_spares},
	{"dvd+rw", NULL, erase},
	{"dvd-ram", NULL, grow_spares},
	{"cd-rw", reserve, unreserve},
	{"dvd-ram", NULL, set_pwp},
	{"dvd-rw", begin, set_pwp},
};

static void
what_failed_is_not_there_later(void **state)
{
	struct fixture *fx = *state;
	char was[600], is[600], name[64];
	struct disc *d;

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		snprintf(name, sizeof(name), "d.%s.iso", changes[i].medium);
		copy_in(fx, drive(0), name, 0, 0);
		d = hold(fx);
		if (changes[i].before != NULL)
			assert_ok(changes[i].before(d));
		assert_ok(disc_sync(d));
		say(d, was, sizeof(was));
		limit_files(0);
		assert_fails(changes[i].change(d));
		limit_files(RLIM_INFINITY);
		say(d, is, sizeof(is));
		assert_string_equal(is, was);
		/* Neither a sync nor the next start carries the change out. */
		assert_ok(disc_sync(d));
		assert_ok(disc_leave(d));
		release(fx);
		reopen(fx);
		d = hold(fx);
		say(d, is, sizeof(is));
		assert_string_equal(is, was);
		/* With room in the store the change succeeds. */
		assert_ok(changes[i].change(d));
		say(d, is, sizeof(is));
		assert_string_not_equal(is, was);
		release(fx);
		reopen(fx);
		d = hold(fx);
		say(d, was, sizeof(was));
		assert_string_equal(is, was);
		release(fx);
		snprintf(name, sizeof(name), "rm -r drives/0/*");
		jb_close(fx->jb);
		shell(fx, name);
		open_store(fx, 0, 0, 0);
	}
}

static void
a_hash_that_was_refused_is_forgotten(void **state)
{
	static const char given[] =
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
	static const char other[] =
		"fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";
	struct fixture *fx = *state;
	struct jb_check check;
	uint64_t id;

	copy_in(fx, slot(1), "x.iso", 8192, 1);
	id = look(fx, slot(1), "x.iso").id;
	limit_files(0);
	assert_fails(jb_item_set_hash(fx->jb, id, given));
	limit_files(RLIM_INFINITY);
	assert_ok(jb_item_check(fx->jb, id, &check));
	assert_string_equal(check.sha256, "");
	assert_ok(jb_item_set_hash(fx->jb, id, given));
	limit_files(0);
	assert_fails(jb_item_set_hash(fx->jb, id, other));
	assert_fails(jb_item_set_hash(fx->jb, id, NULL));
	limit_files(RLIM_INFINITY);
	for (int again = 0; again < 2; again++) {
		assert_ok(jb_item_check(fx->jb, id, &check));
		assert_string_equal(check.sha256, given);
		reopen(fx);
	}
}

/* The disc has changed, and that is reported, if only the image cannot be made shorter. */
static void
an_image_that_cannot_be_cut(void **state)
{
	struct fixture *fx = *state;
	bool told = false;
	struct jb_event e;
	struct disc *d;

	copy_in(fx, drive(0), "b.cd-rw.iso", 0, 0);
	d = hold(fx);
	write_data(d, 0, CD_STEP, 1);
	assert_ok(disc_close(d, 1, 1));
	write_data(d, CD_STEP + 150, CD_STEP, 1);
	assert_ok(disc_close(d, 1, 2));
	shell(fx, "mv drives/0/b.cd-rw.iso/image.1 x");
	assert_ok(disc_blank(d, 2, 2));
	shell(fx, "mv x drives/0/b.cd-rw.iso/image.1");
	assert_int_equal(recording_end(&d->rec), CD_STEP);
	release(fx);
	for (uint64_t n = 1; jb_event_get(fx->jb, n, &e); n = e.number + 1)
		told = told || e.type == JB_EVENT_BLANK;
	assert_true(told);
	reopen(fx);
	assert_int_equal(look(fx, drive(0), "b.cd-rw.iso").size, CD_STEP * SECTOR_SIZE);
	assert_content(fx, drive(0), "b.cd-rw.iso", CD_STEP * SECTOR_SIZE, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(write_fails),
		TEST(close_fails),
		TEST(failed_operations_change_nothing),
		TEST(release_fails),
		TEST(burn_fails),
		TEST(what_failed_is_not_there_later),
		TEST(an_image_that_cannot_be_cut),
		TEST(a_hash_that_was_refused_is_forgotten),
		TEST(image_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
