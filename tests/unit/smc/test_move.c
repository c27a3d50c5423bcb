/* SPDX-License-Identifier: GPL-2.0-or-later */
/* MOVE, EXCHANGE, POSITION, INITIALIZE ELEMENT STATUS, PREVENT ALLOW MEDIUM REMOVAL. */
#include "tests/unit/smc/library.h"

enum { DRIVE_0 = 1, DRIVE_1 = 2, PICKER = 752, MAIL_1 = 768, SLOT_1 = 1024, NONE = 5000 };

#define A(address) (uint8_t)((address) >> 8), (uint8_t)(address)

static void
move(struct run *r, uint16_t transport, uint16_t source, uint16_t destination, uint8_t invert)
{
	run_cdb(r, NULL, 0, 0xa5, 0x20, A(transport), A(source), A(destination), 0, 0, invert, 0);
}

static void
exchange(struct run *r, uint16_t transport, uint16_t source, uint16_t first, uint16_t second,
	uint8_t invert)
{
	run_cdb(r, NULL, 0, 0xa6, 0, A(transport), A(source), A(first), A(second), invert, 0);
}

static void
moves_discs(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	library_insert(lib, JB_SLOT, 3, "X.iso");
	move(r, 0, SLOT_1 + 2, DRIVE_0, 0); /* transport 0: the default one */
	run_assert_good(r);
	assert_true(r->pended); /* on the robot's own thread */
	assert_string_equal(library_label(lib, JB_DRIVE, 0), "X");
	assert_string_equal(library_label(lib, JB_SLOT, 3), "");
	move(r, PICKER, DRIVE_0, DRIVE_1, 0);
	run_assert_good(r);
	move(r, PICKER, DRIVE_1, MAIL_1, 0);
	run_assert_good(r);
	move(r, PICKER, MAIL_1, SLOT_1, 0);
	run_assert_good(r);
	assert_string_equal(library_label(lib, JB_SLOT, 1), "X");
}

static void
refuses_moves(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	library_insert(lib, JB_SLOT, 1, "X.iso");
	library_insert(lib, JB_SLOT, 2, "Y.iso");
	move(r, 0, SLOT_1, SLOT_1 + 1, 0);
	run_assert_sense(r, 5, 0x3b, 0x0d); /* MEDIUM DESTINATION ELEMENT FULL */
	move(r, 0, SLOT_1 + 2, DRIVE_0, 0);
	run_assert_sense(r, 5, 0x3b, 0x0e); /* MEDIUM SOURCE ELEMENT EMPTY */
	move(r, 0, NONE, DRIVE_0, 0);
	run_assert_sense(r, 5, 0x21, 0x01); /* INVALID ELEMENT ADDRESS */
	move(r, 0, SLOT_1, NONE, 0);
	run_assert_sense(r, 5, 0x21, 0x01);
	move(r, 0, SLOT_1, 0, 0);
	run_assert_sense(r, 5, 0x21, 0x01);
	move(r, 0, SLOT_1, PICKER, 0); /* no command leaves a disc there */
	run_assert_sense(r, 5, 0x21, 0x01);
	move(r, NONE, SLOT_1, DRIVE_0, 0);
	run_assert_sense(r, 5, 0x21, 0x01);
	move(r, SLOT_1 + 3, SLOT_1, DRIVE_0, 0); /* not a transport element */
	run_assert_sense(r, 5, 0x21, 0x01);
	move(r, 0, SLOT_1, SLOT_1, 0); /* to itself: full */
	run_assert_sense(r, 5, 0x3b, 0x0d);
	move(r, 0, SLOT_1, DRIVE_0, 1); /* INVERT */
	run_assert_sense(r, 5, 0x24, 0x00);
	assert_memory_equal(r->sense + 15, "\xc0\x00\x0a", 3);
	assert_string_equal(library_label(lib, JB_SLOT, 1), "X");
	assert_string_equal(library_label(lib, JB_SLOT, 2), "Y");
}

static void
respects_a_locked_drive(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	library_insert(lib, JB_SLOT, 1, "X.iso");
	move(r, 0, SLOT_1, DRIVE_0, 0);
	drive_prevent_for(jb_drive(lib->jb, 0), true, NULL);
	move(r, 0, DRIVE_0, SLOT_1, 0);
	run_assert_sense(r, 5, 0x53, 0x02); /* MEDIUM REMOVAL PREVENTED */
	run_cdb(r, NULL, 0, 0xb8, 0x04, A(DRIVE_0), 0, 1, 0, 0, 0, 255);
	run_assert_good(r);
	assert_int_equal(r->data[16 + 2], 0x01); /* FULL, but no ACCESS */
	drive_prevent_for(jb_drive(lib->jb, 0), false, NULL);
	move(r, 0, DRIVE_0, SLOT_1, 0);
	run_assert_good(r);
}

static void
exchanges_discs(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	library_insert(lib, JB_SLOT, 1, "NEW.iso");
	library_insert(lib, JB_SLOT, 2, "OLD.iso");
	move(r, 0, SLOT_1 + 1, DRIVE_0, 0);
	exchange(r, 0, SLOT_1, DRIVE_0, SLOT_1, 0); /* to where the other one came from */
	run_assert_good(r);
	assert_true(r->pended);
	assert_string_equal(library_label(lib, JB_DRIVE, 0), "NEW");
	assert_string_equal(library_label(lib, JB_SLOT, 1), "OLD");
	exchange(r, PICKER, SLOT_1, DRIVE_0, SLOT_1 + 3, 0);
	run_assert_good(r);
	assert_string_equal(library_label(lib, JB_DRIVE, 0), "OLD");
	assert_string_equal(library_label(lib, JB_SLOT, 4), "NEW");
	assert_string_equal(library_label(lib, JB_SLOT, 1), "");
	assert_string_equal(library_label(lib, JB_PICKER, jb_first_number(JB_PICKER)), "");
}

static void
refuses_exchanges(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	library_insert(lib, JB_SLOT, 1, "X.iso");
	library_insert(lib, JB_SLOT, 2, "Y.iso");
	library_insert(lib, JB_SLOT, 3, "Z.iso");
	exchange(r, 0, SLOT_1, SLOT_1 + 1, SLOT_1 + 2, 0);
	run_assert_sense(r, 5, 0x3b, 0x0d);
	exchange(r, 0, SLOT_1 + 3, SLOT_1 + 1, SLOT_1 + 3, 0);
	run_assert_sense(r, 5, 0x3b, 0x0e);
	exchange(r, 0, SLOT_1, PICKER, SLOT_1 + 3, 0);
	run_assert_sense(r, 5, 0x21, 0x01);
	exchange(r, 0, PICKER, SLOT_1, SLOT_1 + 3, 0);
	run_assert_sense(r, 5, 0x21, 0x01);
	exchange(r, 0, SLOT_1, SLOT_1 + 1, NONE, 0);
	run_assert_sense(r, 5, 0x21, 0x01);
	exchange(r, 0, SLOT_1, SLOT_1, SLOT_1 + 3, 0); /* source and first destination are one */
	run_assert_sense(r, 5, 0x21, 0x01);
	exchange(r, 0, SLOT_1, SLOT_1, SLOT_1, 0);
	run_assert_sense(r, 5, 0x21, 0x01);
	exchange(r, 0, SLOT_1, SLOT_1 + 1, SLOT_1 + 1, 0); /* both destinations are one */
	run_assert_sense(r, 5, 0x21, 0x01);
	exchange(r, NONE, SLOT_1, SLOT_1 + 1, SLOT_1, 0);
	run_assert_sense(r, 5, 0x21, 0x01);
	exchange(r, 0, SLOT_1, SLOT_1 + 1, SLOT_1, 1);
	run_assert_sense(r, 5, 0x24, 0x00);
	exchange(r, 0, SLOT_1, SLOT_1 + 1, SLOT_1, 2);
	run_assert_sense(r, 5, 0x24, 0x00);
	assert_string_equal(library_label(lib, JB_SLOT, 1), "X");
	assert_string_equal(library_label(lib, JB_SLOT, 2), "Y");
	assert_string_equal(library_label(lib, JB_SLOT, 3), "Z");
}

static void
positions(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;

	run_cdb(r, NULL, 0, 0x2b, 0x20, A(PICKER), A(SLOT_1));
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x2b, 0, A(0), A(DRIVE_1));
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x2b, 0, A(0), A(PICKER)); /* to the picker itself */
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x2b, 0, A(0), A(MAIL_1 + 1));
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x2b, 0, A(NONE), A(SLOT_1));
	run_assert_sense(r, 5, 0x21, 0x01);
	run_cdb(r, NULL, 0, 0x2b, 0, A(0), A(NONE));
	run_assert_sense(r, 5, 0x21, 0x01);
	run_cdb(r, NULL, 0, 0x2b, 0, A(SLOT_1), A(SLOT_1));
	run_assert_sense(r, 5, 0x21, 0x01);
	run_cdb(r, NULL, 0, 0x2b, 0, A(0), A(SLOT_1), 0, 0, 1);
	run_assert_sense(r, 5, 0x24, 0x00);
}

static void
initializes_element_status(void **state)
{
	static const uint8_t opcodes[] = {0x37, 0xe7};
	struct library *lib = *state;
	struct run *r = &lib->r;

	run_cdb(r, NULL, 0, 0x07, 0x20);
	run_assert_good(r);
	for (unsigned i = 0; i < 2; i++) {
		run_cdb(r, NULL, 0, opcodes[i], 0x00, A(NONE)); /* no RANGE: ignored */
		run_assert_good(r);
		run_cdb(r, NULL, 0, opcodes[i], 0x03, A(SLOT_1), 0, 0, A(2)); /* FAST too */
		run_assert_good(r);
		run_cdb(r, NULL, 0, opcodes[i], 0x01, A(NONE), 0, 0, A(2));
		run_assert_sense(r, 5, 0x21, 0x01);
	}
}

static void
passes_its_self_test(void **state)
{
	static const uint8_t page[4];
	struct library *lib = *state;
	struct run *r = &lib->r;

	run_cdb(r, NULL, 0, 0x1d, 0x04);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x1d, 0x14);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x1d, 0x20); /* a short self-test in the background */
	run_assert_sense(r, 5, 0x24, 0);
	assert_memory_equal(r->sense + 15, "\xc0\x00\x01", 3);
	run_cdb(r, page, sizeof(page), 0x1d, 0x10, 0, 0, sizeof(page));
	run_assert_sense(r, 5, 0x24, 0);
}

/* SMC-3 has no element reservations any more (6.17): only the whole unit can be reserved. */
static void
reserves_no_elements(void **state)
{
	static const uint8_t list[6] = {0, 0, 0, 1, 4, 0};
	struct library *lib = *state;
	struct run *r = &lib->r;

	run_cdb(r, list, sizeof(list), 0x16, 0x01, 7, 0, sizeof(list));
	run_assert_sense(r, 5, 0x24, 0);
	run_cdb(r, list, sizeof(list), 0x56, 0x01, 7, 0, 0, 0, 0, 0, sizeof(list));
	run_assert_sense(r, 5, 0x24, 0);
	run_cdb(r, NULL, 0, 0x17, 0x01, 7);
	run_assert_sense(r, 5, 0x24, 0);
	run_cdb(r, NULL, 0, 0x57, 0x10); /* a third party */
	run_assert_sense(r, 5, 0x24, 0);
}

static void
keeps_prevent_per_nexus(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r;
	static const uint8_t lun[8];

	run_cdb(r, NULL, 0, 0x1e, 0, 0, 0, 1);
	run_assert_good(r);
	assert_true(r->task.itl->prevents);
	run_cdb(r, NULL, 0, 0x1e, 0, 0, 0, 0);
	run_assert_good(r);
	assert_false(r->task.itl->prevents);
	run_cdb(r, NULL, 0, 0x1e, 0, 0, 0, 3);
	run_assert_sense(r, 5, 0x24, 0);
	run_cdb(r, NULL, 0, 0x1e, 0, 0, 0, 1);
	assert_true(scsi_nexus_reset_lu(lib->nexus, lun));
	assert_false(r->task.itl->prevents);
}

/* While another host has a reservation, nothing moves; READ ELEMENT STATUS works only with CURDATA. */
static void
respects_reservations(void **state)
{
	static const uint8_t join[24] = {[15] = 0xaa}, reserve[24] = {[7] = 0xaa};
	struct library *lib = *state;
	struct run *r = &lib->r, other;
	struct scsi_nexus *nexus = run_nexus(lib->device, "iqn.2026-01.test:other");

	library_insert(lib, JB_SLOT, 1, "X.iso");
	run_begin(&other, nexus, 0);
	run_clear_ua(&other);
	for (unsigned persistent = 0; persistent < 2; persistent++) {
		if (persistent) {
			run_cdb(r, join, 24, 0x5f, 0, 0, 0, 0, 0, 0, 0, 24);
			run_cdb(r, reserve, 24, 0x5f, 1, 1, 0, 0, 0, 0, 0, 24);
		} else {
			run_cdb(r, NULL, 0, 0x16);
		}
		run_assert_good(r);
		move(&other, 0, SLOT_1, DRIVE_0, 0);
		assert_int_equal(other.status, SCSI_RESERVATION_CONFLICT);
		run_cdb(&other, NULL, 0, 0x1e, 0, 0, 0, 1);
		assert_int_equal(other.status, SCSI_RESERVATION_CONFLICT);
		run_cdb(&other, NULL, 0, 0x1e);
		run_assert_good(&other);
		run_cdb(&other, NULL, 0, 0xb8, 0, 0, 0, 0xff, 0xff, 0x00, 0, 1, 0);
		assert_int_equal(other.status, SCSI_RESERVATION_CONFLICT);
		run_cdb(&other, NULL, 0, 0xb8, 0, 0, 0, 0xff, 0xff, 0x02, 0, 1, 0);
		run_assert_good(&other);
		move(r, 0, SLOT_1, persistent ? DRIVE_1 : SLOT_1 + 1, 0);
		run_assert_good(r);
		if (!persistent) {
			run_cdb(r, NULL, 0, 0x17);
			move(&other, 0, SLOT_1 + 1, SLOT_1, 0);
			run_assert_good(&other);
		}
	}
	run_end(&other);
	scsi_nexus_free(nexus);
}

/* ---- the operator ------------------------------------------------------------------------------ */

static void
assert_quiet(struct run *r)
{
	run_cdb(r, NULL, 0, 0x00);
	run_assert_good(r);
}

/* Every nexus gets one unit attention for a change by hand, and none for moves by initiators. */
static void
tells_what_was_done_by_hand(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r, other;
	struct scsi_nexus *nexus = run_nexus(lib->device, "iqn.2026-01.test:other");
	struct jb_elem mail = {JB_MAILSLOT, 1}, slot = {JB_SLOT, 1};

	run_begin(&other, nexus, 0);
	run_clear_ua(&other);
	library_hand_insert(lib, JB_MAILSLOT, 1, "X.iso");
	for (unsigned i = 0; i < 2; i++) {
		struct run *each = i == 0 ? r : &other;

		run_cdb(each, NULL, 0, 0x00);
		run_assert_sense(each, 6, 0x28, 0x01);
		assert_quiet(each);
	}
	move(r, 0, MAIL_1, SLOT_1, 0);
	run_assert_good(r);
	assert_quiet(r);
	assert_quiet(&other);
	assert_int_equal(jb_item_rename(lib->jb, slot, "X.iso", slot, "Y.iso"), JB_OK);
	assert_quiet(&other); /* not for a slot: mtx cannot handle it */
	library_move(lib, JB_SLOT, 1, JB_MAILSLOT, 1);
	run_cdb(&other, NULL, 0, 0x00);
	run_assert_sense(&other, 6, 0x28, 0x01);
	assert_quiet(&other);
	assert_int_equal(jb_item_remove(lib->jb, mail, "Y.iso"), JB_OK);
	run_cdb(&other, NULL, 0, 0x00);
	run_assert_sense(&other, 6, 0x28, 0x01);
	assert_quiet(&other);
	run_end(&other);
	scsi_nexus_free(nexus);
}

static enum jb_err
try_insert(struct library *lib, enum jb_elem_type type, const char *name)
{
	struct jb_file *f;
	struct jb_item item;
	struct jb_elem e = {type, 2};
	enum jb_err err = jb_file_create(lib->jb, e, name, 0644, getuid(), getgid(), &f, &item);

	if (err == JB_OK) {
		assert_int_equal(jb_file_flush(f, false), JB_OK);
		jb_file_release(f);
	}
	return err;
}

/* PREVENT stops users at mail slots, not the robot, until no nexus prevents any more. */
static void
prevent_stops_users_at_mail_slots(void **state)
{
	struct library *lib = *state;
	struct run *r = &lib->r, other;
	struct scsi_nexus *nexus = run_nexus(lib->device, "iqn.2026-01.test:other");
	struct jb_elem mail = {JB_MAILSLOT, 1}, mail_2 = {JB_MAILSLOT, 2};

	run_begin(&other, nexus, 0);
	library_insert(lib, JB_MAILSLOT, 1, "X.iso");
	run_clear_ua(r);
	run_clear_ua(&other);
	run_cdb(r, NULL, 0, 0x1e, 0, 0, 0, 1);
	run_cdb(r, NULL, 0, 0x1e, 0, 0, 0, 1); /* counts once */
	run_cdb(&other, NULL, 0, 0x1e, 0, 0, 0, 1);
	run_assert_good(&other);
	assert_int_equal(jb_item_remove(lib->jb, mail, "X.iso"), JB_MAILSLOTS_LOCKED);
	assert_int_equal(try_insert(lib, JB_MAILSLOT, "Y.iso"), JB_MAILSLOTS_LOCKED);
	assert_int_equal(try_insert(lib, JB_SLOT, "Y.iso"), JB_OK);
	assert_int_equal(try_insert(lib, JB_MAILSLOT, ".Z.iso"), JB_OK); /* not a disc */
	assert_int_equal(
		jb_item_rename(lib->jb, mail_2, ".Z.iso", mail_2, "Z.iso"), JB_MAILSLOTS_LOCKED);
	run_clear_ua(r);
	run_cdb(r, NULL, 0, 0x1b, 0, A(MAIL_1), 0);
	run_assert_sense(r, 5, 0x53, 0x02);
	move(r, 0, MAIL_1, SLOT_1, 0);
	run_assert_good(r);
	run_cdb(r, NULL, 0, 0x1e, 0, 0, 0, 0);
	assert_int_equal(try_insert(lib, JB_MAILSLOT, "Y.iso"), JB_MAILSLOTS_LOCKED);
	run_end(&other);
	scsi_nexus_free(nexus); /* a logout ends its PREVENT */
	assert_int_equal(jb_item_rename(lib->jb, mail_2, ".Z.iso", mail_2, "Z.iso"), JB_OK);
}

/* Returns the flags in the descriptor of mail slot 1. */
static uint8_t
mail_flags(struct run *r)
{
	run_clear_ua(r);
	run_cdb(r, NULL, 0, 0xb8, 3, A(MAIL_1), 0, 1, 0, 0, 0, 100);
	run_assert_good(r);
	assert_int_equal(r->len, 8 + 8 + 16);
	return r->data[18];
}

static void
opens_mail_slots(void **state)
{
	enum { FULL = 0x01, IMPEXP = 0x02, ACCESS = 0x08, ENABLED = 0x30 };
	struct library *lib = *state;
	struct run *r = &lib->r;

	run_cdb(r, NULL, 0, 0x1b, 0, A(SLOT_1), 0);
	run_assert_sense(r, 5, 0x21, 0x01);
	run_cdb(r, NULL, 0, 0x1b, 0, A(MAIL_1), 2);
	run_assert_sense(r, 5, 0x24, 0x00);
	assert_int_equal(mail_flags(r), ENABLED | ACCESS);
	run_cdb(r, NULL, 0, 0x1b, 0, A(MAIL_1), 0);
	run_assert_good(r);
	assert_int_equal(mail_flags(r), ENABLED);
	library_insert(lib, JB_SLOT, 1, "S.iso");
	run_clear_ua(r);
	move(r, 0, SLOT_1, MAIL_1, 0);
	run_assert_sense(r, 5, 0x3b, 0x11);
	library_insert(lib, JB_MAILSLOT, 1, "X.iso"); /* this closes it */
	assert_int_equal(mail_flags(r), ENABLED | ACCESS | IMPEXP | FULL);
	run_cdb(r, NULL, 0, 0x1b, 0, A(MAIL_1), 0);
	move(r, 0, MAIL_1, SLOT_1 + 1, 0);
	run_assert_sense(r, 5, 0x3b, 0x11);
	run_cdb(r, NULL, 0, 0x1b, 0, A(MAIL_1), 1);
	move(r, 0, MAIL_1, SLOT_1 + 1, 0);
	run_assert_good(r);
	move(r, 0, SLOT_1, MAIL_1, 0);
	run_assert_good(r);
	assert_int_equal(mail_flags(r), ENABLED | ACCESS | FULL); /* moved by the robot */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(moves_discs),
		TEST(refuses_moves),
		TEST(respects_a_locked_drive),
		TEST(exchanges_discs),
		TEST(refuses_exchanges),
		TEST(positions),
		TEST(initializes_element_status),
		TEST(passes_its_self_test),
		TEST(reserves_no_elements),
		TEST(keeps_prevent_per_nexus),
		TEST(respects_reservations),
		TEST(tells_what_was_done_by_hand),
		TEST(prevent_stops_users_at_mail_slots),
		TEST(opens_mail_slots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
