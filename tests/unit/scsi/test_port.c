/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Target ports: which units they reach by which LUN, and what happens when that changes. */
#include "tests/unit/scsi/dummy.h"

enum {
	REGISTER = 0,
	RESERVE = 1,
	READ_KEYS = 0,
	READ_FULL_STATUS = 3,
	EXCLUSIVE = 3,
	EXCLUSIVE_RO = 6
};
enum { PORT_ID = 7, KEY_A = 0xaa, KEY_B = 0xbb };

/* A device with the units 3 and 5; another port, which at first has unit 5 at LUN 0; an initiator at each port. */
struct house {
	struct scsi_device *device;
	struct dummy three, five;
	struct scsi_port *port;
	struct scsi_nexus *first, *second;
	struct run at_first; /* commands to unit 5 through the first port */
	struct run at_0;     /* commands to LUN 0 and 1 of the other port */
	struct run at_1;
	char saved[512]; /* the text that was saved last */
};

static bool
save(void *arg, unsigned unit, const char *text, size_t size)
{
	struct house *h = arg;

	(void)unit;
	assert_true(size < sizeof(h->saved));
	memcpy(h->saved, text, size);
	h->saved[size] = '\0';
	return true;
}

/* Gives the other port two LUNs; SCSI_NO_UNIT for none. */
static void
set_map(struct house *h, uint8_t zero, uint8_t one)
{
	struct scsi_map map;

	memset(&map, SCSI_NO_UNIT, sizeof(map));
	map.unit[0] = zero;
	map.unit[1] = one;
	scsi_port_set_map(h->port, &map);
}

static void
test_ready(struct run *r)
{
	run_cdb(r, NULL, 0, 0x00);
}

static int
house_setup(void **state)
{
	struct house *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	h->device = scsi_device_new();
	scsi_device_set_save(h->device, save, h);
	dummy_init(&h->three, h->device, 3);
	dummy_init(&h->five, h->device, 5);
	h->port = scsi_port_new(h->device, PORT_ID);
	set_map(h, 5, SCSI_NO_UNIT);
	h->first = run_nexus(h->device, "iqn.2026-01.test:a");
	h->second = scsi_nexus_new(h->port, "iqn.2026-01.test:a", "iqn.2026-01.test:a");
	run_begin(&h->at_first, h->first, 5);
	run_begin(&h->at_0, h->second, 0);
	run_begin(&h->at_1, h->second, 1);
	run_clear_ua(&h->at_first);
	run_clear_ua(&h->at_0);
	*state = h;
	return 0;
}

static int
house_teardown(void **state)
{
	struct house *h = *state;

	run_end(&h->at_first);
	run_end(&h->at_0);
	run_end(&h->at_1);
	scsi_nexus_free(h->first);
	scsi_nexus_free(h->second);
	scsi_port_free(h->port);
	scsi_device_free(h->device);
	dummy_fini(&h->three);
	dummy_fini(&h->five);
	free(h);
	return 0;
}

#define HOUSE(name) cmocka_unit_test_setup_teardown(name, house_setup, house_teardown)

static void
persist_out(struct run *r, uint8_t action, uint8_t type, uint64_t key, uint64_t service_key)
{
	enum { APTPL = 1 };
	uint8_t list[24] = {0};

	put_be64(list, key);
	put_be64(list + 8, service_key);
	list[20] = action == REGISTER ? APTPL : 0;
	run_cdb(r, list, sizeof(list), 0x5f, action, type, 0, 0, 0, 0, 0, sizeof(list));
	run_assert_good(r);
}

static void
reaches_its_own_units_only(void **state)
{
	struct house *h = *state;
	static const uint8_t lun_5[8] = {0, 5}, lun_0[8] = {0};

	test_ready(&h->at_0);
	run_assert_good(&h->at_0);
	assert_ptr_equal(h->at_0.task.lu, &h->five.lu);
	test_ready(&h->at_1);
	run_assert_sense(&h->at_1, 5, 0x25, 0);
	assert_null(scsi_nexus_lu(h->second, lun_5));
	assert_ptr_equal(scsi_nexus_lu(h->second, lun_0), &h->five.lu);
	assert_int_equal(scsi_port_lun(h->port, &h->five.lu), 0);
	assert_int_equal(scsi_port_lun(h->port, &h->three.lu), -1);

	run_cdb(&h->at_0, NULL, 0, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0);
	run_assert_good(&h->at_0);
	assert_int_equal(h->at_0.len, 8 + 8);
	assert_int_equal(h->at_0.data[9], 0);
}

static void
shows_the_same_unit_through_each(void **state)
{
	struct house *h = *state;
	size_t len;

	run_cdb(&h->at_first, NULL, 0, 0x12, 1, 0x83, 0, 252, 0);
	run_cdb(&h->at_0, NULL, 0, 0x12, 1, 0x83, 0, 252, 0);
	run_assert_good(&h->at_0);
	len = h->at_0.len;
	assert_int_equal(len, h->at_first.len);
	/* All but the number of the target port, at the end. */
	assert_memory_equal(h->at_0.data, h->at_first.data, len - 4);
	assert_int_equal(get_be32(h->at_first.data + len - 4), SCSI_PORT_FIRST);
	assert_int_equal(get_be32(h->at_0.data + len - 4), PORT_ID);
}

static void
reports_changes_to_its_own_initiators(void **state)
{
	struct house *h = *state;

	set_map(h, 5, 3);
	test_ready(&h->at_0);
	run_assert_sense(&h->at_0, 6, 0x3f, 0x0e);
	test_ready(&h->at_1);
	run_assert_sense(&h->at_1, 6, 0x29, 0x00);
	test_ready(&h->at_1);
	run_assert_good(&h->at_1);
	assert_ptr_equal(h->at_1.task.lu, &h->three.lu);
	test_ready(&h->at_first);
	run_assert_good(&h->at_first);

	set_map(h, 5, 3); /* no change */
	test_ready(&h->at_0);
	run_assert_good(&h->at_0);

	set_map(h, SCSI_NO_UNIT, 3);
	test_ready(&h->at_0);
	run_assert_sense(&h->at_0, 5, 0x25, 0);
	test_ready(&h->at_1);
	run_assert_sense(&h->at_1, 6, 0x3f, 0x0e);
}

static void
hears_of_units_that_it_reaches(void **state)
{
	struct house *h = *state;

	set_map(h, 5, 3);
	run_clear_ua(&h->at_0);
	run_clear_ua(&h->at_1);
	scsi_device_remove(h->device, &h->three.lu);
	test_ready(&h->at_0);
	run_assert_sense(&h->at_0, 6, 0x3f, 0x0e);
	test_ready(&h->at_1);
	run_assert_sense(&h->at_1, 5, 0x25, 0);

	set_map(h, 5, SCSI_NO_UNIT);
	run_clear_ua(&h->at_0);
	scsi_device_add(h->device, &h->three.lu);
	test_ready(&h->at_0);
	run_assert_good(&h->at_0);
	test_ready(&h->at_first);
	run_assert_sense(&h->at_first, 6, 0x3f, 0x0e);
}

static void
gives_swapped_units_new_states(void **state)
{
	struct house *h = *state;

	set_map(h, 5, 3);
	run_clear_ua(&h->at_0);
	run_clear_ua(&h->at_1);
	set_map(h, 3, 5);
	test_ready(&h->at_0);
	run_assert_sense(&h->at_0, 6, 0x29, 0x00);
	assert_ptr_equal(h->at_0.task.lu, &h->three.lu);
	test_ready(&h->at_1);
	run_assert_sense(&h->at_1, 6, 0x29, 0x00);
}

static void
releases_what_was_held_through_it(void **state)
{
	struct house *h = *state;

	run_cdb(&h->at_0, NULL, 0, 0x16); /* RESERVE */
	run_assert_good(&h->at_0);
	h->at_0.task.itl->prevents = true;
	test_ready(&h->at_first);
	assert_int_equal(h->at_first.status, SCSI_RESERVATION_CONFLICT);
	h->five.lost = 0;
	set_map(h, SCSI_NO_UNIT, SCSI_NO_UNIT);
	assert_int_equal(h->five.lost, 1);
	test_ready(&h->at_first);
	run_assert_good(&h->at_first);
}

static void
tells_the_nexuses_of_one_initiator_apart(void **state)
{
	struct house *h = *state;

	persist_out(&h->at_0, REGISTER, 0, 0, KEY_A);
	persist_out(&h->at_0, RESERVE, EXCLUSIVE, KEY_A, 0);
	run_cdb(&h->at_first, NULL, 0, DUMMY_NOTE);
	assert_int_equal(h->at_first.status, SCSI_RESERVATION_CONFLICT);

	run_cdb(&h->at_0, NULL, 0, 0x5e, READ_FULL_STATUS, 0, 0, 0, 0, 0, 1, 0);
	run_assert_good(&h->at_0);
	assert_int_equal(get_be16(h->at_0.data + 8 + 18), PORT_ID);
	assert_non_null(strstr(h->saved, "iqn.2026-01.test:a at 7\n"));

	assert_true(scsi_device_load_reservations(h->device, 5, h->saved, strlen(h->saved)));
	run_cdb(&h->at_first, NULL, 0, DUMMY_NOTE);
	assert_int_equal(h->at_first.status, SCSI_RESERVATION_CONFLICT);
	run_cdb(&h->at_0, NULL, 0, DUMMY_NOTE);
	run_assert_good(&h->at_0);
}

static void
forgets_registrations_with_the_unit(void **state)
{
	struct house *h = *state;

	persist_out(&h->at_first, REGISTER, 0, 0, KEY_B);
	persist_out(&h->at_0, REGISTER, 0, 0, KEY_A);
	persist_out(&h->at_0, RESERVE, EXCLUSIVE_RO, KEY_A, 0);
	set_map(h, 3, SCSI_NO_UNIT);

	/* SPC-4 5.12.11.2.3: the holder has left, so the other registrants hear of it. */
	test_ready(&h->at_first);
	run_assert_sense(&h->at_first, 6, 0x2a, 0x04);
	run_cdb(&h->at_first, NULL, 0, 0x5e, READ_KEYS, 0, 0, 0, 0, 0, 1, 0);
	run_assert_good(&h->at_first);
	assert_int_equal(h->at_first.len, 8 + 8);
	assert_int_equal(get_be64(h->at_first.data + 8), KEY_B);
	assert_string_equal(h->saved, "type 0\nkey 00000000000000bb - iqn.2026-01.test:a\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		HOUSE(reaches_its_own_units_only),
		HOUSE(shows_the_same_unit_through_each),
		HOUSE(reports_changes_to_its_own_initiators),
		HOUSE(hears_of_units_that_it_reaches),
		HOUSE(gives_swapped_units_new_states),
		HOUSE(releases_what_was_held_through_it),
		HOUSE(tells_the_nexuses_of_one_initiator_apart),
		HOUSE(forgets_registrations_with_the_unit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
