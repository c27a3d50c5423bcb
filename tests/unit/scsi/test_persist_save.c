/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Persistent reservations that are stored and that another device takes up again. */
#include "tests/unit/scsi/dummy.h"

enum { REGISTER, RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_AND_ABORT, REGISTER_AND_IGNORE };
enum { READ_KEYS, READ_RESERVATION, REPORT_CAPABILITIES, READ_FULL_STATUS };
enum { APTPL = 1, EA = 3, WERO = 5, WEAR = 7 };
enum { KEY_A = 0xaa, KEY_B = 0xbb };

/* Takes the place of the store. */
static struct {
	char text[65536];
	size_t size;
	unsigned lun, times;
	bool fails, in_caller;
	pthread_t caller;
} kept;

static bool
keep(void *arg, unsigned lun, const char *text, size_t size)
{
	assert_ptr_equal(arg, &kept);
	kept.times++;
	kept.lun = lun;
	kept.in_caller = kept.in_caller || pthread_equal(pthread_self(), kept.caller);
	if (kept.fails)
		return false;
	assert_true(size < sizeof(kept.text));
	memcpy(kept.text, text, size);
	kept.text[size] = '\0';
	kept.size = size;
	return true;
}

static int
setup(void **state)
{
	struct fixture *f;

	fixture_setup(state);
	f = *state;
	memset(&kept, 0, sizeof(kept));
	kept.caller = pthread_self();
	scsi_device_set_save(f->device, keep, &kept);
	run_clear_ua(&f->b);
	return 0;
}

/* Stops and starts the daemon: everything is new except what was kept. */
static void
restart(void **state)
{
	fixture_teardown(state);
	fixture_setup(state);
	scsi_device_set_save(((struct fixture *)*state)->device, keep, &kept);
	assert_true(scsi_device_load_reservations(
		((struct fixture *)*state)->device, 3, kept.text, kept.size));
	run_clear_ua(&((struct fixture *)*state)->b);
}

static void
out(struct run *r, uint8_t action, uint8_t type, uint64_t key, uint64_t service_key, uint8_t flags)
{
	uint8_t list[24] = {0};

	put_be64(list, key);
	put_be64(list + 8, service_key);
	list[20] = flags;
	run_cdb(r, list, sizeof(list), 0x5f, action, type, 0, 0, 0, 0, 0, sizeof(list));
}

static void
in(struct run *r, uint8_t action)
{
	run_cdb(r, NULL, 0, 0x5e, action, 0, 0, 0, 0, 0, 0x7f, 0xff);
	run_assert_good(r);
}

static bool
may_write(struct run *r)
{
	run_cdb(r, NULL, 0, DUMMY_NOTE);
	return r->status == SCSI_GOOD;
}

static void
reservations_survive_a_restart(void **state)
{
	struct fixture *f = *state;

	out(&f->a, REGISTER, 0, 0, KEY_A, APTPL);
	run_assert_good(&f->a);
	assert_true(f->a.pended); /* it blocks, so it runs on the strand's thread */
	out(&f->b, REGISTER, 0, 0, KEY_B, APTPL);
	out(&f->a, RESERVE, WERO, KEY_A, 0, 0);
	run_assert_good(&f->a);
	assert_int_equal(kept.lun, 3);
	assert_int_equal(kept.times, 3);
	assert_false(kept.in_caller);
	assert_string_equal(kept.text, "type 5\n"
				       "key 00000000000000aa holds iqn.2026-01.test:a\n"
				       "key 00000000000000bb - iqn.2026-01.test:b\n");
	in(&f->a, REPORT_CAPABILITIES);
	assert_int_equal(f->a.data[2], 0x11); /* CRH, PTPL_C */
	assert_int_equal(f->a.data[3], 0x81); /* TMV, PTPL_A */
	restart(state);
	f = *state;
	in(&f->a, READ_KEYS);
	assert_memory_equal(
		f->a.data, "\0\0\0\0\0\0\0\x10\0\0\0\0\0\0\0\xaa\0\0\0\0\0\0\0\xbb", 24);
	in(&f->a, READ_RESERVATION);
	assert_int_equal(f->a.len, 24);
	assert_int_equal(f->a.data[15], KEY_A);
	assert_int_equal(f->a.data[21], WERO);
	assert_true(may_write(&f->a));
	assert_true(may_write(&f->b));
	out(&f->b, RELEASE, WERO, KEY_B, 0, 0); /* b does not hold it */
	run_assert_good(&f->b);
	out(&f->a, RESERVE, EA, KEY_A, 0, 0);
	assert_int_equal(f->a.status, SCSI_RESERVATION_CONFLICT);
	out(&f->a, RELEASE, WERO, KEY_A, 0, 0);
	out(&f->a, RESERVE, EA, KEY_A, 0, 0);
	restart(state);
	f = *state;
	assert_true(may_write(&f->a));
	assert_false(may_write(&f->b));
	out(&f->b, PREEMPT, EA, KEY_B, KEY_A, 0);
	run_assert_good(&f->b);
	restart(state);
	f = *state;
	assert_false(may_write(&f->a));
	assert_true(may_write(&f->b));
}

static void
is_not_kept_unless_asked_for(void **state)
{
	struct fixture *f = *state;

	out(&f->a, REGISTER, 0, 0, KEY_A, 0);
	assert_false(f->a.pended);
	assert_int_equal(kept.times, 0);
	in(&f->a, REPORT_CAPABILITIES);
	assert_int_equal(f->a.data[3], 0x80);
	out(&f->a, REGISTER, 0, KEY_A, KEY_B, APTPL);
	run_assert_good(&f->a);
	assert_string_equal(kept.text, "type 0\nkey 00000000000000bb - iqn.2026-01.test:a\n");
	out(&f->a, REGISTER, 0, KEY_A, KEY_B, 0); /* a conflict changes nothing */
	assert_int_equal(f->a.status, SCSI_RESERVATION_CONFLICT);
	assert_int_equal(kept.times, 1);
	out(&f->b, REGISTER, 0, 0, 0, 0); /* of a port that is not registered: nothing changes */
	run_assert_good(&f->b);
	in(&f->a, REPORT_CAPABILITIES);
	assert_int_equal(f->a.data[3], 0x81);
	assert_int_not_equal(kept.size, 0);
	out(&f->a, REGISTER_AND_IGNORE, 0, 0, KEY_B, 0); /* without APTPL: nothing is kept */
	run_assert_good(&f->a);
	assert_int_equal(kept.size, 0);
	in(&f->a, REPORT_CAPABILITIES);
	assert_int_equal(f->a.data[3], 0x80);
	out(&f->a, REGISTER, 0, KEY_B, KEY_A, APTPL);
	out(&f->a, CLEAR, 0, KEY_A, 0, 0);
	run_assert_good(&f->a);
	assert_int_equal(kept.size, 0);
	restart(state);
	f = *state;
	in(&f->a, READ_KEYS);
	assert_int_equal(f->a.len, 8);
}

/* A change that could not be stored did not happen. */
static void
changes_that_cannot_be_stored_fail(void **state)
{
	struct fixture *f = *state;

	out(&f->b, REGISTER, 0, 0, KEY_B, 0);
	kept.fails = true;
	out(&f->a, REGISTER, 0, 0, KEY_A, APTPL);
	run_assert_sense(&f->a, 4, 0x44, 0);
	in(&f->a, READ_KEYS);
	assert_int_equal(f->a.len, 16);
	assert_int_equal(f->a.data[15], KEY_B);
	in(&f->a, REPORT_CAPABILITIES);
	assert_int_equal(f->a.data[3], 0x80);
	kept.fails = false;
	out(&f->a, REGISTER, 0, 0, KEY_A, APTPL);
	run_assert_good(&f->a);
	kept.fails = true;
	out(&f->a, RESERVE, EA, KEY_A, 0, 0);
	run_assert_sense(&f->a, 4, 0x44, 0);
	assert_true(may_write(&f->b));
	kept.fails = false;
	out(&f->a, RESERVE, EA, KEY_A, 0, 0);
	run_assert_good(&f->a);
	kept.fails = true;
	out(&f->a, REGISTER, 0, KEY_A, 0, APTPL); /* would release it */
	run_assert_sense(&f->a, 4, 0x44, 0);
	assert_false(may_write(&f->b));
	assert_true(may_write(&f->a));
}

static void
keeps_odd_ports_and_many(void **state)
{
	struct fixture *f = *state;
	struct scsi_nexus *nexus;
	struct run r;

	for (unsigned i = 0; i < 64; i++) {
		char port[300];

		memset(port, 'x', 200);
		snprintf(port + 200, 100, " 100%%\n\xc3\xa4,i,0x00023d%06x", i);
		nexus = scsi_nexus_new(scsi_device_port(f->device), "iqn.2026-01.test:odd", port);
		run_begin(&r, nexus, 3);
		run_clear_ua(&r);
		out(&r, REGISTER, 0, 0, 1000 + i, APTPL);
		run_assert_good(&r);
		run_end(&r);
		scsi_nexus_free(nexus);
	}
	assert_non_null(strstr(kept.text, "xx%20100%25%0A%C3%A4,i,0x00023d00003f\n"));
	in(&f->a, READ_FULL_STATUS);
	kept.size = strlen(kept.text);
	{
		uint8_t *before = malloc(f->a.len);
		size_t len = f->a.len;

		assert_non_null(before);
		memcpy(before, f->a.data, len);
		restart(state);
		f = *state;
		in(&f->a, READ_FULL_STATUS);
		assert_int_equal(f->a.len, len);
		assert_memory_equal(
			f->a.data + 4, before + 4, len - 4); /* without the generation */
		free(before);
	}
}

static void
refuses_texts_that_make_no_sense(void **state)
{
	static const char *const bad[] = {
		"\n",
		"type 3\n",
		"type 2\nkey aa holds x\n",
		"type 9\nkey aa holds x\n",
		"type\nkey aa - x\n",
		"type 3x\nkey aa holds x\n",
		"type 3\nkey aa - x\n",			    /* no holder */
		"type 7\nkey aa holds x\n",		    /* all registrants hold it */
		"type 0\nkey aa holds x\n",		    /* no reservation */
		"type 3\nkey aa holds x\nkey bb holds y\n", /* two holders */
		"key aa - x\n",
		"type 0\ntype 0\nkey aa - x\n",
		"type 0\nkey 0 - x\n",
		"type 0\nkey aa x\n",
		"type 0\nkey aa - \n",
		"type 0\nkey aa - a%2\n",
		"type 0\nkey aa - a%00b\n",
		"type 0\nkey aa - x\nlock\n",
		"type 0\nkey aa - x\nkey bb - X\n", /* one port twice */
		"type 0\nkey aa - x at 7\nkey bb - x at 7\n",
		"type 0\nkey aa - x at 0\n",
		"type 0\nkey aa - x at 65536\n",
		"type 0\nkey aa - x at 7y\n",
		"type 0\nkey aa - x at \n",
	};
	struct fixture *f = *state;

	out(&f->a, REGISTER, 0, 0, KEY_A, 0);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (scsi_device_load_reservations(f->device, 3, bad[i], strlen(bad[i])))
			fail_msg("%u is taken", i);
	}
	assert_false(scsi_device_load_reservations(f->device, 3, "type 0\n\0key aa - x\n", 18));
	assert_false(scsi_device_load_reservations(f->device, 128, "", 0));
	in(&f->a, READ_KEYS); /* and what was there stays */
	assert_int_equal(f->a.len, 16);
}

#define KEEP(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		KEEP(reservations_survive_a_restart),
		KEEP(is_not_kept_unless_asked_for),
		KEEP(changes_that_cannot_be_stored_fail),
		KEEP(keeps_odd_ports_and_many),
		KEEP(refuses_texts_that_make_no_sense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
