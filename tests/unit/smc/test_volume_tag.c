/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SEND VOLUME TAG and REQUEST VOLUME ELEMENT ADDRESS. */
#include "tests/unit/smc/library.h"

enum { ANY = 0, PICKER = 1, SLOT = 2, MAILSLOT = 3, DRIVE = 4 };
enum { SLOT_1 = 1024, MAIL_1 = 768, DRIVE_0 = 1, NONE = 5000 };
enum {
	ALL_SEQ = 0,
	PRIMARY_SEQ = 1,
	ALTERNATE_SEQ = 2,
	ALL = 4,
	PRIMARY = 5,
	ALTERNATE = 6,
	ASSERT = 8,
	REPLACE = 0x0a,
	REPLACE_ALTERNATE = 0x0b,
	UNDEFINE = 0x0c,
	VOLTAG = 0x10,
};

static void
send_list(struct run *r, uint8_t action, uint8_t type, uint16_t address, const void *list,
	uint16_t len)
{
	run_cdb(r, list, len, 0xb6, type, (uint8_t)(address >> 8), (uint8_t)address, 0, action, 0,
		0, (uint8_t)(len >> 8), (uint8_t)len);
}

/* Sends SEND VOLUME TAG with 40 bytes of parameters: the text padded with blanks, and the bounds of
 * sequence numbers. */
static void
send_bounds(struct run *r, uint8_t action, uint8_t type, uint16_t address, const char *text,
	uint16_t min, uint16_t max)
{
	uint8_t list[40] = {0};

	memset(list, ' ', 32);
	memcpy(list, text, strlen(text));
	put_be16(list + 34, min);
	put_be16(list + 38, max);
	send_list(r, action, type, address, list, sizeof(list));
}

static void
send(struct run *r, uint8_t action, uint8_t type, uint16_t address, const char *text)
{
	send_bounds(r, action, type, address, text, 0, 0xffff);
}

static void
request(struct run *r, uint8_t voltag, uint16_t address, uint16_t number, uint32_t allocation)
{
	run_cdb(r, NULL, 0, 0xb5, voltag, (uint8_t)(address >> 8), (uint8_t)address,
		(uint8_t)(number >> 8), (uint8_t)number, 0, (uint8_t)(allocation >> 16),
		(uint8_t)(allocation >> 8), (uint8_t)allocation);
}

/* Puts ALPHA and ALBUM into slots 1 and 2, BETA into mail slot 1, GAMMA into drive 0. */
static void
fill(struct library *lib)
{
	library_insert(lib, JB_SLOT, 3, "GAMMA.iso");
	library_move(lib, JB_SLOT, 3, JB_DRIVE, 0);
	library_insert(lib, JB_SLOT, 1, "ALPHA.iso");
	library_insert(lib, JB_SLOT, 2, "ALBUM.iso");
	library_insert(lib, JB_MAILSLOT, 1, "BETA.iso");
}

/* Returns the addresses of a report without tags in their order; checks the lengths in the report. */
static unsigned
addresses(const struct run *r, uint16_t *out, unsigned max)
{
	unsigned n = 0;

	assert_int_equal(8 + get_be24(r->data + 5), r->len);
	for (size_t at = 8; at < r->len;) {
		size_t page_end = at + 8 + get_be24(r->data + at + 5);
		size_t len = get_be16(r->data + at + 2);

		assert_true(page_end <= r->len && page_end > at + 8);
		for (at += 8; at < page_end; at += len) {
			assert_true(n < max);
			out[n++] = get_be16(r->data + at);
		}
	}
	assert_int_equal(get_be16(r->data + 2), n);
	assert_int_equal(get_be16(r->data), n > 0 ? out[0] : 0);
	return n;
}

/* Checks that a search without sequence numbers finds the elements in `want`, which ends with 0. */
static void
assert_finds(
	struct run *r, uint8_t type, uint16_t start, const char *template, const uint16_t *want)
{
	uint16_t got[16];
	unsigned n;

	send(r, PRIMARY, type, start, template);
	run_assert_good(r);
	request(r, 0, 0, 0xffff, 4096);
	run_assert_good(r);
	assert_int_equal(r->data[4], PRIMARY);
	n = addresses(r, got, 16);
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(got[i], want[i]);
	assert_int_equal(want[n], 0);
	request(r, 0, 0, 0xffff, 4096); /* each element is reported once */
	run_assert_good(r);
	assert_int_equal(r->len, 8);
}

#define FINDS(r, type, start, template, ...) \
	assert_finds(r, type, start, template, (const uint16_t[]){__VA_ARGS__})

static void
finds_by_template(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	fill(lib);
	FINDS(r, ANY, 0, "*", DRIVE_0, MAIL_1, SLOT_1, SLOT_1 + 1, 0);
	FINDS(r, ANY, 0, "AL*", SLOT_1, SLOT_1 + 1, 0);
	FINDS(r, ANY, 0, "*A", DRIVE_0, MAIL_1, SLOT_1, 0);
	FINDS(r, ANY, 0, "*M*", DRIVE_0, SLOT_1 + 1, 0);
	FINDS(r, ANY, 0, "A?????*", 0);
	FINDS(r, ANY, 0, "A????", SLOT_1, SLOT_1 + 1, 0);
	FINDS(r, ANY, 0, "A????*", SLOT_1, SLOT_1 + 1, 0);
	FINDS(r, ANY, 0, "*A?PH*?", SLOT_1, 0);
	FINDS(r, ANY, 0, "BETA", MAIL_1, 0);
	FINDS(r, ANY, 0, "BET", 0);
	FINDS(r, ANY, 0, "beta", 0);
	FINDS(r, ANY, 0, "", 0);
	FINDS(r, ANY, 0, "********************************", DRIVE_0, MAIL_1, SLOT_1, SLOT_1 + 1,
		0);
	FINDS(r, SLOT, 0, "*", SLOT_1, SLOT_1 + 1, 0);
	FINDS(r, DRIVE, 0, "*", DRIVE_0, 0);
	FINDS(r, PICKER, 0, "*", 0);
	FINDS(r, ANY, MAIL_1, "*", MAIL_1, SLOT_1, SLOT_1 + 1, 0);
	FINDS(r, SLOT, SLOT_1 + 1, "*", SLOT_1 + 1, 0);
	FINDS(r, ANY, 0xffff, "*", 0);
}

static void
reports_as_the_standard_says(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	fill(lib);
	send(r, ALL, ANY, 0, "*A");
	request(r, VOLTAG, 0, 0xffff, 4096);
	run_assert_good(r);
	run_assert_golden(r, "tests/golden/smc_volume_elements.hex");
}

/* Any allocation length gives whole descriptors; the next request continues after them. */
static void
goes_on_behind_what_was_sent(void **state)
{
	enum { PAGE = 8, ONE = 16 };
	static const size_t ends[] = {8, 8 + PAGE, 8 + PAGE + ONE, 8 + 2 * PAGE + ONE,
		8 + 2 * PAGE + 2 * ONE, 8 + 3 * PAGE + 2 * ONE, 8 + 3 * PAGE + 3 * ONE,
		8 + 3 * PAGE + 4 * ONE};
	static const unsigned sent[] = {0, 0, 1, 1, 2, 2, 3, 4};
	struct library *lib = *state;
	struct run *r = &lib->r;

	fill(lib);
	for (size_t allocation = 0; allocation <= 8 + 3 * PAGE + 4 * ONE + 1; allocation++) {
		size_t whole = allocation < 8 ? allocation : 8;
		unsigned n = 0;

		for (unsigned i = 0; i < 8 && ends[i] <= allocation; i++) {
			whole = ends[i];
			n = sent[i];
		}
		send(r, PRIMARY, ANY, 0, "*");
		request(r, 0, 0, 0xffff, (uint32_t)allocation);
		run_assert_good(r);
		assert_int_equal(r->len, whole);
		if (whole >= 8) {
			assert_int_equal(get_be16(r->data + 2), 4); /* found, not sent */
			assert_int_equal(get_be24(r->data + 5), 3 * PAGE + 4 * ONE);
		}
		request(r, 0, 0, 0xffff, 4096);
		run_assert_good(r);
		assert_int_equal(get_be16(r->data + 2), 4 - n);
	}
	send(r, PRIMARY, ANY, 0, "*");
	for (unsigned i = 0; i < 4; i++) { /* one at a time */
		request(r, 0, 0, 1, 4096);
		assert_int_equal(r->len, 8 + PAGE + ONE);
	}
	request(r, 0, 0, 1, 4096);
	assert_int_equal(r->len, 8);
	send(r, PRIMARY, ANY, 0, "*");
	request(r, 0, SLOT_1, 0xffff, 4096); /* from an address on */
	assert_int_equal(get_be16(r->data), SLOT_1);
	assert_int_equal(get_be16(r->data + 2), 2);
	send(r, PRIMARY, ANY, 0, "*");
	request(r, 0, 0, 0, 4096); /* no element */
	assert_int_equal(r->len, 8);
	assert_int_equal(get_be16(r->data + 2), 0);
}

static void
counts_sequence_numbers(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	fill(lib);
	for (unsigned i = 0; i < 2; i++) {
		uint8_t action = i == 0 ? ALL_SEQ : PRIMARY_SEQ;

		send_bounds(r, action, ANY, 0, "*", 0, 7); /* all sequence numbers are 0 */
		request(r, 0, 0, 0xffff, 4096);
		assert_int_equal(get_be16(r->data + 2), 4);
		assert_int_equal(r->data[4], action);
		send_bounds(r, action, ANY, 0, "*", 1, 7);
		run_assert_good(r);
		request(r, 0, 0, 0xffff, 4096);
		run_assert_good(r);
		assert_int_equal(r->len, 8);
		send_bounds(r, action, ANY, 0, "*", 8, 7);
		run_assert_sense(r, 5, 0x26, 0);
		assert_memory_equal(r->sense + 15, "\x80\x00\x26", 3);
	}
	send_bounds(r, PRIMARY, ANY, 0, "*", 8, 7); /* the bounds are ignored */
	request(r, 0, 0, 0xffff, 4096);
	assert_int_equal(get_be16(r->data + 2), 4);
}

static void
refuses_searches(void **state)
{
	static const uint8_t actions[] = {
		ALTERNATE_SEQ, 3, ALTERNATE, 7, 9, REPLACE_ALTERNATE, 0x0d, 0x0e, 0x1f};
	uint8_t list[40] = {0};
	struct library *lib = *state;
	struct run *r = &lib->r;

	fill(lib);
	request(r, 0, 0, 0xffff, 4096); /* no search was sent */
	run_assert_sense(r, 5, 0x2c, 0);
	for (unsigned i = 0; i < sizeof(actions); i++) {
		send(r, actions[i], ANY, 0, "*");
		run_assert_sense(r, 5, 0x24, 0);
		assert_memory_equal(r->sense + 15, "\xc0\x00\x05", 3);
	}
	send(r, PRIMARY, 5, 0, "*");
	run_assert_sense(r, 5, 0x24, 0);
	assert_memory_equal(r->sense + 15, "\xc0\x00\x01", 3);
	send(r, PRIMARY, ANY, 0, "A\tB");
	run_assert_sense(r, 5, 0x26, 0);
	assert_memory_equal(r->sense + 15, "\x80\x00\x01", 3);
	send_list(r, PRIMARY, ANY, 0, list, 39);
	run_assert_sense(r, 5, 0x1a, 0);
	run_cdb(r, list, 20, 0xb6, 0, 0, 0, 0, PRIMARY, 0, 0, 0, 40); /* shorter than in the CDB */
	run_assert_sense(r, 5, 0x1a, 0);
	request(r, 0, 0, 0xffff, 4096); /* none of them was a search */
	run_assert_sense(r, 5, 0x2c, 0);
	send_list(r, PRIMARY, ANY, 0, NULL, 0); /* no template: all elements */
	run_assert_good(r);
	request(r, 0, 0, 0xffff, 4096);
	assert_int_equal(get_be16(r->data + 2), 4);
}

/* A search belongs to its nexus and ends with it, or with a reset. */
static void
keeps_searches_apart(void **state)
{
	static const uint8_t lun[8];
	struct library *lib = *state;
	struct run *r = &lib->r, other;
	struct scsi_nexus *nexus = run_nexus(lib->device, "iqn.2026-01.test:other");

	fill(lib);
	run_begin(&other, nexus, 0);
	run_clear_ua(&other);
	send(r, PRIMARY, ANY, 0, "AL*");
	request(&other, 0, 0, 0xffff, 4096);
	run_assert_sense(&other, 5, 0x2c, 0);
	send(&other, ALL, ANY, 0, "BETA");
	request(r, 0, 0, 0xffff, 4096);
	assert_int_equal(get_be16(r->data + 2), 2);
	request(&other, 0, 0, 0xffff, 4096);
	assert_int_equal(get_be16(other.data + 2), 1);
	assert_true(scsi_nexus_reset_lu(lib->nexus, lun));
	run_clear_ua(r);
	request(r, 0, 0, 0xffff, 4096);
	run_assert_sense(r, 5, 0x2c, 0);
	run_end(&other);
	scsi_nexus_free(nexus);
}

/* ---- other labels ----------------------------------------------------------------------------- */

struct seen {
	char name[JB_NAME_MAX + 1];
	unsigned n;
};

static bool
see_item(void *arg, const struct jb_item *item)
{
	struct seen *seen = arg;

	strcpy(seen->name, item->name);
	seen->n++;
	return true;
}

static void
assert_file(struct library *lib, enum jb_elem_type type, unsigned number, const char *name)
{
	struct seen seen = {.n = 0};
	struct jb_elem e = {type, number};

	assert_int_equal(jb_item_list(lib->jb, e, see_item, &seen), JB_OK);
	assert_int_equal(seen.n, 1);
	assert_string_equal(seen.name, name);
}

static void
replaces_labels(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;
	uint16_t got[4];

	fill(lib);
	library_insert(lib, JB_SLOT, 4, "OLD.dvd+r.img");
	send(r, REPLACE, ANY, SLOT_1, "NEW LABEL_7");
	run_assert_good(r);
	assert_true(r->pended);
	assert_file(lib, JB_SLOT, 1, "NEW LABEL_7.iso");
	request(r, 0, 0, 0xffff, 4096); /* the element that was relabelled */
	run_assert_good(r);
	assert_int_equal(r->data[4], REPLACE);
	assert_int_equal(addresses(r, got, 4), 1);
	assert_int_equal(got[0], SLOT_1);
	request(r, 0, 0, 0xffff, 4096);
	assert_int_equal(r->len, 8);
	send(r, REPLACE, 2, SLOT_1 + 3, "NEWER"); /* keeps all suffixes; ignores the type */
	run_assert_good(r);
	assert_file(lib, JB_SLOT, 4, "NEWER.dvd+r.img");
	send(r, REPLACE, ANY, DRIVE_0, "LOADED");
	run_assert_good(r);
	assert_file(lib, JB_DRIVE, 0, "LOADED.iso");
	send(r, REPLACE, ANY, DRIVE_0, "LOADED"); /* its label already */
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x00); /* no unit attention for a change by an initiator */
	run_assert_good(r);
	send(r, REPLACE, ANY, MAIL_1, "M");
	run_cdb(r, NULL, 0, 0x00);
	run_assert_good(r);
	assert_file(lib, JB_MAILSLOT, 1, "M.iso");
}

/* An element that was removed after its disc got a label is not reported, and no other one in its place. */
static void
reports_no_other_element(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;
	uint16_t at[8];

	/* Drive 0 has the next higher address behind mail slot 2. */
	assert_int_equal(jb_setting_set(lib->jb, JB_SET_CHANGER_FIRST_DRIVE, 0, "800"), JB_OK);
	library_insert(lib, JB_MAILSLOT, 2, "OLD.iso");
	send(r, REPLACE, ANY, MAIL_1 + 1, "NEW");
	run_assert_good(r);
	library_move(lib, JB_MAILSLOT, 2, JB_SLOT, 1);
	assert_int_equal(jb_elem_remove(lib->jb, (struct jb_elem){JB_MAILSLOT, 2}), JB_OK);
	run_clear_ua(r);
	request(r, 0, 0, 0xffff, 4096);
	run_assert_good(r);
	assert_int_equal(addresses(r, at, 8), 0);
}

static void
refuses_labels(void **state)
{
	static const char *const bad[] = {"A*", "A?", "", "A/B", ".A", "A.dvd+r"};
	struct library *lib = *state;
	struct run *r = &lib->r;

	fill(lib);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		send(r, REPLACE, ANY, SLOT_1, bad[i]);
		run_assert_sense(r, 5, 0x26, 0);
	}
	send(r, REPLACE, ANY, SLOT_1, "A~.iso"); /* unusual, but valid: A~.iso.iso */
	run_assert_good(r);
	send(r, REPLACE, ANY, SLOT_1, "ALPHA");
	run_assert_good(r);
	send(r, ASSERT, ANY, SLOT_1, "NEW"); /* it has a label */
	run_assert_sense(r, 5, 0x24, 0);
	assert_memory_equal(r->sense + 15, "\xc0\x00\x05", 3);
	send(r, REPLACE, ANY, SLOT_1 + 2, "NEW");
	run_assert_sense(r, 5, 0x3b, 0x0e);
	send(r, REPLACE, ANY, NONE, "NEW");
	run_assert_sense(r, 5, 0x21, 0x01);
	send_list(r, REPLACE, ANY, SLOT_1, NULL, 0);
	run_assert_sense(r, 5, 0x1a, 0);
	drive_prevent_for(jb_drive(lib->jb, 0), true, NULL);
	send(r, REPLACE, ANY, DRIVE_0, "NEW");
	run_assert_sense(r, 5, 0x53, 0x02);
	drive_prevent_for(jb_drive(lib->jb, 0), false, NULL);
	assert_file(lib, JB_SLOT, 1, "ALPHA.iso");
	assert_file(lib, JB_DRIVE, 0, "GAMMA.iso");
}

/* A disc without a label has no volume tag until a label is asserted. */
static void
undefines_and_asserts(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	fill(lib);
	send_list(r, UNDEFINE, ANY, SLOT_1, NULL, 0);
	run_assert_good(r);
	assert_file(lib, JB_SLOT, 1, "unlabelled.iso");
	run_cdb(r, NULL, 0, 0xb8, VOLTAG | SLOT, 4, 0, 0, 1, 0, 0, 0, 255);
	run_assert_good(r);
	assert_int_equal(r->data[16 + 2] & 1, 1);
	for (unsigned i = 0; i < 36; i++)
		assert_int_equal(r->data[16 + 12 + i], 0);
	FINDS(r, SLOT, 0, "*", SLOT_1 + 1, 0);
	send(r, UNDEFINE, ANY, SLOT_1 + 1, "is not looked at"); /* ch sends data; it is ignored */
	run_assert_good(r);
	assert_file(lib, JB_SLOT, 2, "unlabelled.iso");
	send(r, ASSERT, ANY, SLOT_1, "FIRST");
	run_assert_good(r);
	assert_file(lib, JB_SLOT, 1, "FIRST.iso");
	send(r, ASSERT, ANY, SLOT_1, "SECOND");
	run_assert_sense(r, 5, 0x24, 0);
	send(r, REPLACE, ANY, SLOT_1 + 1, "THIRD");
	run_assert_good(r);
	FINDS(r, SLOT, 0, "*", SLOT_1, SLOT_1 + 1, 0);
}

/* The host pads with NULs and sends more than a template, as Linux's ch does. */
static void
takes_what_linux_sends(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;
	uint8_t list[256] = "LINUX";

	fill(lib);
	run_cdb(r, list, sizeof(list), 0xb6, 0x20 | SLOT, 4, 0, 0, REPLACE, 0, 0, 0, 255);
	run_assert_good(r);
	assert_int_equal(r->task.out_want, 255);
	assert_file(lib, JB_SLOT, 1, "LINUX.iso");
	memset(list, 0, sizeof(list));
	run_cdb(r, list, sizeof(list), 0xb6, 0x20 | SLOT, 4, 0, 0, UNDEFINE, 0, 0, 0, 255);
	run_assert_good(r);
	assert_file(lib, JB_SLOT, 1, "unlabelled.iso");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(finds_by_template),
		TEST(reports_as_the_standard_says),
		TEST(goes_on_behind_what_was_sent),
		TEST(counts_sequence_numbers),
		TEST(refuses_searches),
		TEST(keeps_searches_apart),
		TEST(replaces_labels),
		TEST(reports_no_other_element),
		TEST(refuses_labels),
		TEST(undefines_and_asserts),
		TEST(takes_what_linux_sends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
