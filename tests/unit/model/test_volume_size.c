/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Images whose volume claims to be longer than the file: at insert, and after a change by hand.
 */
#include "tests/unit/model/fixture.h"

enum { SECTOR = SECTOR_SIZE, SECTORS = 400 };

static void
put_le(uint8_t *p, uint64_t n, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(n >> 8 * i);
}

/* Writes a primary volume descriptor for a volume of `sectors` blocks (ECMA-119 8.4). */
static void
add_iso(uint8_t *image, uint32_t sectors)
{
	uint8_t *d = image + 16 * SECTOR;

	memcpy(d, "\001CD001\001", 7);
	put_le(d + 80, sectors, 4);
	put_le(d + 128, SECTOR, 2);
}

static void
add_tag(uint8_t *d, unsigned tag)
{
	put_le(d, tag, 2);
	for (unsigned i = 0; i < 16; i++)
		d[4] = (uint8_t)(d[4] + (i == 4 ? 0 : d[i]));
}

/* Writes an anchor at sector 256 and a descriptor sequence at sector 32, whose second entry is a partition
 * descriptor (ECMA-167). */
static void
add_udf(uint8_t *image, uint32_t start, uint32_t length, uint32_t access_type)
{
	uint8_t *anchor = image + 256 * SECTOR, *first = image + 32 * SECTOR;
	uint8_t *partition = first + SECTOR, *end = partition + SECTOR;

	put_le(anchor + 16, 16 * SECTOR, 4);
	put_le(anchor + 20, 32, 4);
	add_tag(anchor, 2);
	add_tag(first, 1);
	put_le(partition + 184, access_type, 4);
	put_le(partition + 188, start, 4);
	put_le(partition + 192, length, 4);
	add_tag(partition, 5);
	add_tag(end, 8);
}

static enum jb_item_kind
insert(struct fixture *fx, const uint8_t *image, uint32_t sectors)
{
	struct jb_file *f = create(fx, slot(1), "x.iso");
	enum jb_item_kind kind;

	assert_ok(jb_file_write(f, image, (size_t)sectors * SECTOR, 0));
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
	kind = look(fx, slot(1), "x.iso").kind;
	assert_ok(jb_item_remove(fx->jb, slot(1), "x.iso"));
	return kind;
}

static void
volumes(void **state)
{
	struct fixture *fx = *state;
	uint8_t *image = calloc(SECTORS, SECTOR);

	assert_int_equal(insert(fx, image, SECTORS), JB_ITEM_DISC);
	add_iso(image, SECTORS);
	assert_int_equal(insert(fx, image, SECTORS), JB_ITEM_DISC);
	assert_int_equal(insert(fx, image, SECTORS - 1), JB_ITEM_INCOMPLETE);
	assert_int_equal(insert(fx, image, 17), JB_ITEM_INCOMPLETE);
	/* Without the descriptor the length is unknown. */
	assert_int_equal(insert(fx, image, 16), JB_ITEM_DISC);
	memset(image + 16 * SECTOR, 0, SECTOR);
	add_udf(image, 100, SECTORS - 100, 1);
	assert_int_equal(insert(fx, image, SECTORS), JB_ITEM_DISC);
	assert_int_equal(insert(fx, image, SECTORS - 1), JB_ITEM_INCOMPLETE);
	assert_int_equal(insert(fx, image, 256), JB_ITEM_DISC);
	/* A descriptor tag with a wrong checksum is ignored. */
	image[256 * SECTOR + 4]++;
	assert_int_equal(insert(fx, image, SECTORS - 1), JB_ITEM_DISC);
	image[256 * SECTOR + 4]--;
	/* A partition that can grow is as large as the medium. */
	memset(image + 33 * SECTOR, 0, SECTOR);
	add_udf(image, 100, 1000000, 2);
	image[256 * SECTOR + 4] = image[32 * SECTOR + 4] = image[34 * SECTOR + 4] = 0;
	add_tag(image + 256 * SECTOR, 2);
	add_tag(image + 32 * SECTOR, 1);
	add_tag(image + 34 * SECTOR, 8);
	assert_int_equal(insert(fx, image, SECTORS), JB_ITEM_DISC);
	free(image);
}

/* Sequences that never end, or begin far away. */
static void
hostile_volumes(void **state)
{
	static const uint32_t values[] = {0, 1, 255, 256, 0x7fffffff, 0xffffffff};
	struct fixture *fx = *state;
	uint8_t *image = calloc(SECTORS, SECTOR), *anchor = image + 256 * SECTOR;

	add_udf(image, 0xffffffff, 0xffffffff, 1);
	assert_int_equal(insert(fx, image, SECTORS), JB_ITEM_INCOMPLETE);
	for (size_t a = 0; a < sizeof(values) / sizeof(values[0]); a++) {
		for (size_t b = 0; b < sizeof(values) / sizeof(values[0]); b++) {
			memset(anchor, 0, SECTOR);
			put_le(anchor + 16, values[a], 4);
			put_le(anchor + 20, values[b], 4);
			add_tag(anchor, 2);
			assert_int_equal(insert(fx, image, SECTORS), JB_ITEM_DISC);
		}
	}
	free(image);
}

/* ---- found at start ----------------------------------------------------------------------------- */

static bool
has_error(struct fixture *fx)
{
	struct jb_event e;

	for (uint64_t n = 1; jb_event_get(fx->jb, n, &e); n = e.number + 1)
		if (e.type == JB_EVENT_ERROR && e.err == JB_TRUNCATED)
			return true;
	return false;
}

static void
cut_by_hand(void **state)
{
	struct fixture *fx = *state;
	uint8_t *image = calloc(SECTORS, SECTOR);
	struct jb_file *f = create(fx, slot(1), "x.iso");
	struct jb_item item;

	add_iso(image, SECTORS);
	assert_ok(jb_file_write(f, image, (size_t)SECTORS * SECTOR, 0));
	assert_ok(jb_file_flush(f, false));
	jb_file_release(f);
	free(image);
	assert_false(look(fx, slot(1), "x.iso").truncated);
	jb_close(fx->jb);
	shell(fx, "cp slots/1/x.iso/image.1 whole && truncate -s 204800 slots/1/x.iso/image.1");
	open_store(fx, 0, 0, 0);
	item = look(fx, slot(1), "x.iso");
	assert_true(item.truncated);
	assert_int_equal(item.kind, JB_ITEM_DISC);
	assert_int_equal(item.size, 204800);
	assert_true(has_error(fx));
	/* Also after a new description was stored. */
	assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
	reopen(fx);
	assert_true(look(fx, drive(0), "x.iso").truncated);
	/* After the rest has been restored by hand, the disc is complete again. */
	jb_close(fx->jb);
	shell(fx, "cp whole drives/0/x.iso/image.1");
	open_store(fx, 0, 0, 0);
	assert_false(look(fx, drive(0), "x.iso").truncated);
	assert_int_equal(look(fx, drive(0), "x.iso").size, SECTORS * SECTOR);
	/* The short image can also be accepted as it is. */
	jb_close(fx->jb);
	shell(fx, "truncate -s 204800 drives/0/x.iso/image.1");
	open_store(fx, 0, 0, 0);
	assert_true(look(fx, drive(0), "x.iso").truncated);
	assert_ok(jb_item_complete(fx->jb, item.id));
	assert_false(look(fx, drive(0), "x.iso").truncated);
	reopen(fx);
	assert_false(look(fx, drive(0), "x.iso").truncated);
}

/* A burned disc that has lost durable sectors. */
static void
cut_burn(void **state)
{
	static const uint8_t sectors[32 * SECTOR_SIZE];
	struct fixture *fx = *state;

	copy_in(fx, drive(0), "b.dvd+r.iso", 0, 0);
	strand_enter(drive_strand(jb_drive(fx->jb, 0)));
	assert_ok(disc_write(disc_in(fx, 0), 0, 32, sectors));
	assert_ok(disc_close(disc_in(fx, 0), 1, 1));
	strand_leave(drive_strand(jb_drive(fx->jb, 0)));
	reopen(fx);
	assert_false(look(fx, drive(0), "b.dvd+r.iso").truncated);
	jb_close(fx->jb);
	shell(fx, "truncate -s 4096 drives/0/b.dvd+r.iso/image.1");
	open_store(fx, 0, 0, 0);
	assert_true(look(fx, drive(0), "b.dvd+r.iso").truncated);
	assert_true(has_error(fx));
}

/* A disc that is written anywhere has no end that is fixed, but what is recorded must be there. */
static void
cut_formatted(void **state)
{
	static const char *const names[] = {
		"r.dvd+rw.iso", "r.dvd-ram.iso", "r.bd-re.iso", "r.cd-rw-packet.iso"};
	struct fixture *fx = *state;
	char command[100];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		copy_in(fx, slot(1), names[i], 64 * SECTOR, 1);
		reopen(fx);
		assert_false(look(fx, slot(1), names[i]).truncated);
		jb_close(fx->jb);
		snprintf(command, sizeof(command),
			"cp slots/1/%s/image.1 whole && truncate -s 8192 slots/1/%s/image.1",
			names[i], names[i]);
		shell(fx, command);
		open_store(fx, 0, 0, 0);
		assert_true(look(fx, slot(1), names[i]).truncated);
		assert_true(has_error(fx));
		assert_ok(jb_move(fx->jb, slot(1), drive(0), NULL));
		reopen(fx);
		assert_true(look(fx, drive(0), names[i]).truncated);
		jb_close(fx->jb);
		snprintf(command, sizeof(command), "cp whole drives/0/%s/image.1", names[i]);
		shell(fx, command);
		open_store(fx, 0, 0, 0);
		assert_false(look(fx, drive(0), names[i]).truncated);
		assert_content(fx, drive(0), names[i], 64 * SECTOR, 1);
		assert_ok(jb_item_remove(fx->jb, drive(0), names[i]));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(volumes),
		TEST(hostile_volumes),
		TEST(cut_by_hand),
		TEST(cut_burn),
		TEST(cut_formatted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
