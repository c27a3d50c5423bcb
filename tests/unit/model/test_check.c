/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hashes of discs, and verification: when they are computed, whether they are valid after the content
 * changed, and that they disturb nobody.
 */
#include "tests/unit/model/fixture.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <sys/resource.h>
#include <time.h>

#include "changer/inventory/model.h"

enum { SIZE = 3 << 20, WAIT_MS = 60000 };

static struct jb_check
check_of(struct fixture *fx, uint64_t id)
{
	struct jb_check c;

	assert_ok(jb_item_check(fx->jb, id, &c));
	return c;
}

/* Waits until no hash and no verification is requested. Returns the state of the check. */
static struct jb_check
settled(struct fixture *fx, uint64_t id)
{
	struct timespec ms = {.tv_nsec = 1000000};

	for (unsigned i = 0; i < WAIT_MS; i++) {
		struct jb_check c = check_of(fx, id);

		if (!c.hash_asked && !c.verify_asked)
			return c;
		nanosleep(&ms, NULL);
	}
	fail_msg("it does not come to an end");
	return check_of(fx, id);
}

/* Returns the hash of the bytes that copy_in() writes, computed independently. */
static const char *
hash_of(uint64_t size, unsigned seed, char *text)
{
	unsigned char *buf = malloc(size), hash[32];

	fill(buf, size, 0, seed);
	assert_int_equal(EVP_Digest(buf, size, hash, NULL, EVP_sha256(), NULL), 1);
	for (unsigned i = 0; i < sizeof(hash); i++)
		sprintf(text + (size_t)2 * i, "%02x", hash[i]);
	free(buf);
	return text;
}

static uint64_t
disc(struct fixture *fx, struct jb_elem e, const char *name, uint64_t size)
{
	copy_in(fx, e, name, size, 7);
	return look(fx, e, name).id;
}

static bool
find_event(struct fixture *fx, enum jb_event_type type, struct jb_event *e)
{
	for (uint64_t n = 1; jb_event_get(fx->jb, n, e); n = e->number + 1)
		if (e->type == type)
			return true;
	return false;
}

static void
computed_on_request(void **state)
{
	struct fixture *fx = *state;
	uint64_t id = disc(fx, slot(1), "x.iso", SIZE + 100);
	char want[JB_HASH_TEXT];

	assert_string_equal(settled(fx, id).sha256, "");
	assert_err(jb_item_verify(fx->jb, id), NO_HASH);
	assert_ok(jb_item_hash(fx->jb, id));
	assert_string_equal(settled(fx, id).sha256, hash_of(SIZE + 100, 7, want));
	assert_int_equal(check_of(fx, id).verdict, JB_VERDICT_NONE);
	/* The hash moves with the disc and survives a restart. */
	assert_ok(jb_move(fx->jb, slot(1), drive(1), NULL));
	reopen(fx);
	assert_string_equal(check_of(fx, id).sha256, want);
	assert_ok(jb_item_setattr(
		fx->jb, id, &(struct jb_attr){.set = JB_ATTR_MTIME, .mtime = {.tv_sec = 5}}));
	assert_string_equal(check_of(fx, id).sha256, want);
}

static void
computed_when_complete(void **state)
{
	static const uint8_t sectors[16 * SECTOR_SIZE];
	struct fixture *fx = *state;
	uint64_t id, burned;
	char want[JB_HASH_TEXT];

	assert_ok(jb_setting_set(fx->jb, JB_SET_HASH_COMPLETED, 0, "1"));
	id = disc(fx, slot(1), "x.iso", SIZE);
	burned = disc(fx, drive(0), "b.iso", 0);
	assert_string_equal(settled(fx, id).sha256, hash_of(SIZE, 7, want));
	assert_string_equal(settled(fx, burned).sha256, "");
	strand_enter(drive_strand(jb_drive(fx->jb, 0)));
	assert_ok(disc_write(disc_in(fx, 0), 0, 16, sectors));
	strand_leave(drive_strand(jb_drive(fx->jb, 0)));
	assert_string_equal(settled(fx, burned).sha256, ""); /* the burn may go on */
	strand_enter(drive_strand(jb_drive(fx->jb, 0)));
	assert_ok(disc_close(disc_in(fx, 0), 1, 1));
	assert_ok(disc_close(disc_in(fx, 0), 6, 0));
	strand_leave(drive_strand(jb_drive(fx->jb, 0)));
	assert_int_equal(strlen(settled(fx, burned).sha256), JB_HASH_TEXT - 1);
	/* No hash is computed at start. */
	jb_close(fx->jb);
	shell(fx, "sed -i 's/\"hash\"/\"rash\"/' slots/1/x.iso/disc.json");
	open_store(fx, 0, 0, 0);
	assert_string_equal(settled(fx, id).sha256, "");
}

static void
verified(void **state)
{
	struct fixture *fx = *state;
	uint64_t id = disc(fx, slot(1), "x.iso", SIZE);
	struct jb_event e;
	struct jb_check c;

	assert_ok(jb_item_hash(fx->jb, id));
	settled(fx, id);
	assert_false(find_event(fx, JB_EVENT_VERIFY_OK, &e));
	assert_ok(jb_item_verify(fx->jb, id));
	c = settled(fx, id);
	assert_int_equal(c.verdict, JB_VERDICT_GOOD);
	assert_true(c.verdict_ns > 0);
	assert_true(find_event(fx, JB_EVENT_VERIFY_OK, &e));
	assert_true(e.disc == id);
	reopen(fx);
	assert_int_equal(check_of(fx, id).verdict, JB_VERDICT_GOOD);
	assert_true(check_of(fx, id).verdict_ns == c.verdict_ns);
}

/* One changed bit, which changes neither size nor time. */
static void
a_changed_bit_is_found(void **state)
{
	struct fixture *fx = *state;
	uint64_t id = disc(fx, slot(1), "x.iso", SIZE);
	struct jb_event e;

	assert_ok(jb_item_hash(fx->jb, id));
	settled(fx, id);
	jb_close(fx->jb);
	shell(fx, "cd slots/1/x.iso && touch -r image.1 t && printf Z | dd of=image.1 bs=1 "
		  "seek=1000000 "
		  "conv=notrunc status=none && touch -r t image.1 && rm t");
	open_store(fx, 0, 0, 0);
	assert_ok(jb_item_verify(fx->jb, id));
	assert_int_equal(settled(fx, id).verdict, JB_VERDICT_BAD);
	assert_true(look(fx, slot(1), "x.iso").bad);
	assert_true(find_event(fx, JB_EVENT_VERIFY_FAILED, &e));
	assert_err(e.err, HASH_DIFFERS);
	/* The disc stays a disc, and the bad verdict is stored. */
	reopen(fx);
	assert_true(look(fx, slot(1), "x.iso").bad);
	assert_true(status_of(fx, slot(1)).full);
	/* A new disc in its place is not bad. */
	copy_in(fx, slot(1), ".x.iso.new", SIZE, 8);
	assert_ok(jb_item_rename(fx->jb, slot(1), ".x.iso.new", slot(1), "x.iso"));
	assert_false(look(fx, slot(1), "x.iso").bad);
}

static void
a_hash_is_dropped_when_the_content_changes(void **state)
{
	static const uint8_t sectors[16 * SECTOR_SIZE];
	struct fixture *fx = *state;
	uint64_t id = disc(fx, drive(0), "b.iso", 0);
	struct strand *strand = drive_strand(jb_drive(fx->jb, 0));

	assert_err(jb_item_hash(fx->jb, id), NOTHING_THERE);
	strand_enter(strand);
	assert_ok(disc_write(disc_in(fx, 0), 0, 16, sectors));
	strand_leave(strand);
	assert_ok(jb_item_hash(fx->jb, id));
	assert_int_equal(strlen(settled(fx, id).sha256), JB_HASH_TEXT - 1);
	strand_enter(strand);
	assert_ok(disc_write(disc_in(fx, 0), 16, 16, sectors));
	assert_ok(disc_sync(disc_in(fx, 0)));
	strand_leave(strand);
	assert_string_equal(settled(fx, id).sha256, "");
	reopen(fx);
	assert_string_equal(check_of(fx, id).sha256, "");
	/* An image that was changed by hand. */
	id = disc(fx, slot(1), "x.iso", SIZE);
	assert_ok(jb_item_hash(fx->jb, id));
	settled(fx, id);
	jb_close(fx->jb);
	shell(fx, "touch -d @1000000000 slots/1/x.iso/image.1");
	open_store(fx, 0, 0, 0);
	assert_string_equal(check_of(fx, id).sha256, "");
}

/* A store that was unpacked from an archive with times in whole seconds. */
static void
times_in_whole_seconds(void **state)
{
	struct fixture *fx = *state;
	uint64_t id = disc(fx, slot(1), "x.iso", SIZE);

	assert_ok(jb_item_hash(fx->jb, id));
	settled(fx, id);
	jb_close(fx->jb);
	shell(fx, "touch -d @$(stat -c %Y slots/1/x.iso/image.1) slots/1/x.iso/image.1");
	open_store(fx, 0, 0, 0);
	assert_int_equal(strlen(check_of(fx, id).sha256), JB_HASH_TEXT - 1);
}

static void
a_hash_can_be_set(void **state)
{
	struct fixture *fx = *state;
	uint64_t id = disc(fx, slot(1), "x.iso", SIZE);
	char want[JB_HASH_TEXT], other[JB_HASH_TEXT];

	hash_of(SIZE, 7, want);
	want[0] = (char)(want[0] >= 'a' ? want[0] & ~0x20 : want[0]);
	assert_err(jb_item_set_hash(fx->jb, id, "abc"), BAD_HASH);
	assert_err(jb_item_set_hash(fx->jb, id, ""), BAD_HASH);
	assert_ok(jb_item_set_hash(fx->jb, id, want));
	assert_ok(jb_item_verify(fx->jb, id));
	assert_int_equal(settled(fx, id).verdict, JB_VERDICT_GOOD);
	assert_ok(jb_item_set_hash(fx->jb, id, hash_of(SIZE, 9, other)));
	assert_int_equal(check_of(fx, id).verdict, JB_VERDICT_NONE);
	assert_ok(jb_item_verify(fx->jb, id));
	assert_int_equal(settled(fx, id).verdict, JB_VERDICT_BAD);
	reopen(fx);
	assert_string_equal(check_of(fx, id).sha256, other);
	/* A hash that was set is not replaced by a computed one until it is removed. */
	assert_ok(jb_item_hash(fx->jb, id));
	assert_string_equal(settled(fx, id).sha256, other);
	assert_ok(jb_item_set_hash(fx->jb, id, NULL));
	assert_string_equal(check_of(fx, id).sha256, "");
	assert_ok(jb_item_hash(fx->jb, id));
	assert_string_equal(settled(fx, id).sha256, hash_of(SIZE, 7, want));
}

static void
what_makes_no_sense_is_no_hash(void **state)
{
	static const char *const spoil[] = {
		"s/\"sha256\": \"./\"sha256\": \"/",
		"s/\"sha256\": \"./\"sha256\": \"X/",
		"s/\"sha256\": .*/\"sha256\": 7,/",
		"/\"hash\"/,/}/s/\"size\": .*/\"size\": -1,/",
		"/\"hash\"/,/}/s/\"mtime\": .*/\"mtime\": \"soon\"/",
		"/\"hash\"/,/}/s/\"size\": .*/\"size\": 4097,/",
	};
	struct fixture *fx = *state;
	char command[200];

	for (size_t i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		uint64_t id = disc(fx, slot(1), "x.iso", 4096);

		assert_ok(jb_item_hash(fx->jb, id));
		settled(fx, id);
		jb_close(fx->jb);
		snprintf(command, sizeof(command), "sed -i '%s' slots/1/x.iso/disc.json", spoil[i]);
		shell(fx, command);
		open_store(fx, 0, 0, 0);
		assert_string_equal(check_of(fx, id).sha256, "");
		assert_true(status_of(fx, slot(1)).full);
		assert_ok(jb_item_remove(fx->jb, slot(1), "x.iso"));
	}
}

static void
incomplete_files_have_no_hash(void **state)
{
	struct fixture *fx = *state;
	struct jb_file *f = create(fx, slot(1), "x.iso");
	uint64_t id = look(fx, slot(1), "x.iso").id;

	assert_ok(write_pattern(f, 0, 8192, 1));
	assert_err(jb_item_hash(fx->jb, id), BEING_INSERTED);
	assert_ok(jb_file_flush(f, true));
	jb_file_release(f);
	assert_err(jb_item_hash(fx->jb, id), INCOMPLETE);
	assert_err(jb_item_verify(fx->jb, id), INCOMPLETE);
	assert_err(jb_item_set_hash(fx->jb, id, NULL), INCOMPLETE);
	assert_err(jb_item_hash(fx->jb, 4711), NO_ITEM);
	assert_err(jb_item_check_stop(fx->jb, 4711), NO_ITEM);
}

/* Makes a disc so large that its hash takes longer than the rest of the test. */
static uint64_t
large(struct fixture *fx, struct jb_elem e)
{
	uint64_t id = disc(fx, e, "large.iso", 4096);

	jb_close(fx->jb);
	shell(fx, "truncate -s 60G slots/1/large.iso/image.1");
	open_store(fx, 0, 0, 0);
	assert_int_equal(look(fx, e, "large.iso").size, (uint64_t)60 << 30);
	return id;
}

static void
others_are_not_kept_waiting(void **state)
{
	struct fixture *fx = *state;
	uint64_t id = large(fx, slot(1));
	struct jb_check c;

	assert_ok(jb_item_hash(fx->jb, id));
	do
		c = check_of(fx, id);
	while (c.hash_asked && !c.running);
	/* The disc can be moved, renamed, read and removed while it is hashed. */
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	assert_ok(jb_move(fx->jb, drive(0), slot(2), NULL));
	assert_ok(jb_item_rename(fx->jb, slot(2), "large.iso", slot(2), "l.iso"));
	assert_true(check_of(fx, id).running);
	assert_ok(jb_item_remove(fx->jb, slot(2), "l.iso"));
	/* The next disc is hashed. */
	id = disc(fx, slot(3), "x.iso", SIZE);
	assert_ok(jb_item_hash(fx->jb, id));
	assert_int_equal(strlen(settled(fx, id).sha256), JB_HASH_TEXT - 1);
}

static void
hashing_can_be_stopped(void **state)
{
	struct fixture *fx = *state;
	uint64_t id = large(fx, slot(1)), other = disc(fx, slot(3), "x.iso", SIZE);

	assert_ok(jb_item_hash(fx->jb, id));
	assert_ok(jb_item_hash(fx->jb, other));
	assert_ok(jb_item_hash(fx->jb, other));
	assert_ok(jb_item_check_stop(fx->jb, other));
	assert_false(check_of(fx, other).hash_asked);
	assert_ok(jb_item_hash(fx->jb, other));
	assert_ok(jb_item_check_stop(fx->jb, id));
	assert_string_equal(settled(fx, id).sha256, "");
	assert_int_equal(strlen(settled(fx, other).sha256), JB_HASH_TEXT - 1);
	/* A stop of the daemon does not wait for a hash, and the next start does not continue it. */
	assert_ok(jb_item_hash(fx->jb, id));
	reopen(fx);
	assert_false(check_of(fx, id).hash_asked);
	assert_string_equal(check_of(fx, id).sha256, "");
}

/* A disc whose image cannot be opened could not be read. */
static void
an_image_that_is_gone_is_bad(void **state)
{
	struct fixture *fx = *state;
	uint64_t id = disc(fx, slot(1), "x.iso", SIZE);
	char want[JB_HASH_TEXT];
	struct jb_event e;

	assert_ok(jb_item_hash(fx->jb, id));
	settled(fx, id);
	shell(fx, "mv slots/1/x.iso/image.1 x");
	assert_ok(jb_item_verify(fx->jb, id));
	assert_int_equal(settled(fx, id).verdict, JB_VERDICT_BAD);
	assert_true(find_event(fx, JB_EVENT_VERIFY_FAILED, &e));
	assert_true(e.disc == id);
	shell(fx, "mv x slots/1/x.iso/image.1");
	reopen(fx);
	assert_int_equal(check_of(fx, id).verdict, JB_VERDICT_BAD);
	assert_string_equal(check_of(fx, id).sha256, hash_of(SIZE, 7, want));
	assert_ok(jb_item_verify(fx->jb, id));
	assert_int_equal(settled(fx, id).verdict, JB_VERDICT_GOOD);
}

/* Sets the number of files that the process may have open, and returns the one before. */
static rlim_t
allow_files(rlim_t most)
{
	struct rlimit limit;
	rlim_t before;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	before = limit.rlim_cur;
	limit.rlim_cur = most;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	return before;
}

static void
no_descriptor_is_no_verdict(void **state)
{
	struct fixture *fx = *state;
	uint64_t id = disc(fx, slot(1), "x.iso", SIZE);
	struct jb_event e;
	rlim_t before;

	assert_ok(jb_item_hash(fx->jb, id));
	settled(fx, id);
	before = allow_files(3);
	assert_ok(jb_item_verify(fx->jb, id));
	settled(fx, id);
	(void)allow_files(before);
	assert_int_equal(check_of(fx, id).verdict, JB_VERDICT_NONE);
	assert_false(find_event(fx, JB_EVENT_VERIFY_FAILED, &e));
	assert_ok(jb_item_verify(fx->jb, id));
	assert_int_equal(settled(fx, id).verdict, JB_VERDICT_GOOD);
}

/* While a verification waits, the disc is completed: only that one request has no use any more. */
static void
a_useless_request_takes_no_other_along(void **state)
{
	static const uint8_t sectors[16 * SECTOR_SIZE];
	struct fixture *fx = *state;
	uint64_t first = large(fx, slot(1)), id;
	struct strand *strand = drive_strand(jb_drive(fx->jb, 0));
	char hash[JB_HASH_TEXT];

	for (unsigned completed = 0; completed < 2; completed++) {
		id = disc(fx, drive(0), "b.iso", 0);
		assert_ok(jb_setting_set(fx->jb, JB_SET_HASH_COMPLETED, 0, completed ? "1" : "0"));
		strand_enter(strand);
		assert_ok(disc_write(disc_in(fx, 0), 0, 16, sectors));
		assert_ok(disc_sync(disc_in(fx, 0)));
		strand_leave(strand);
		assert_ok(jb_item_set_hash(fx->jb, id, hash_of(SIZE, 9, hash)));
		assert_ok(jb_item_hash(fx->jb, first));
		assert_ok(jb_item_verify(fx->jb, id));
		strand_enter(strand);
		assert_ok(disc_finalize(disc_in(fx, 0)));
		strand_leave(strand);
		assert_true(check_of(fx, id).verify_asked);
		assert_ok(jb_item_check_stop(fx->jb, first));
		assert_int_equal(strlen(settled(fx, id).sha256), completed ? JB_HASH_TEXT - 1 : 0);
		assert_int_equal(check_of(fx, id).verdict, JB_VERDICT_NONE);
		assert_ok(jb_item_remove(fx->jb, drive(0), "b.iso"));
	}
}

/* A request is new if the content has changed since the check began that is being done. */
static void
a_check_of_old_content_is_no_answer(void **state)
{
	struct fixture *fx = *state;
	uint64_t id = large(fx, slot(1));
	unsigned same, changed;
	struct item *it;

	assert_ok(jb_item_hash(fx->jb, id));
	while (!check_of(fx, id).running)
		;
	jb_enter(fx->jb);
	it = item_by_id(fx->jb, id);
	(void)verify_queue_ask(it, CHECK_HASH);
	same = it->check_asked;
	it->disc.content++;
	(void)verify_queue_ask(it, CHECK_HASH);
	changed = it->check_asked;
	jb_leave(fx->jb);
	assert_int_equal(same, 0);
	assert_int_equal(changed, CHECK_HASH);
	assert_ok(jb_item_check_stop(fx->jb, id));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(computed_on_request),
		TEST(computed_when_complete),
		TEST(verified),
		TEST(a_changed_bit_is_found),
		TEST(a_hash_is_dropped_when_the_content_changes),
		TEST(times_in_whole_seconds),
		TEST(a_hash_can_be_set),
		TEST(what_makes_no_sense_is_no_hash),
		TEST(incomplete_files_have_no_hash),
		TEST(others_are_not_kept_waiting),
		TEST(hashing_can_be_stopped),
		TEST(an_image_that_is_gone_is_bad),
		TEST(no_descriptor_is_no_verdict),
		TEST(a_useless_request_takes_no_other_along),
		TEST(a_check_of_old_content_is_no_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
