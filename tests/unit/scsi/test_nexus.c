/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Nexuses, their queues of unit attentions, and resets of logical units and of the target. */
#include <sched.h>

#include "tests/unit/scsi/dummy.h"

static struct scsi_itl *
itl_of(struct run *r)
{
	run_cdb(r, NULL, 0, 0x12); /* has no other effect */
	return r->task.itl;
}

static void
keeps_its_initiator(void **state)
{
	struct fixture *f = *state;

	assert_string_equal(scsi_nexus_initiator(f->nexus_a), "iqn.2026-01.test:a");
}

static void
knows_nothing_older_than_itself(void **state)
{
	struct fixture *f = *state;
	struct scsi_nexus *late;
	struct run r;

	f->dummy.changes++;
	late = run_nexus(f->device, "iqn.2026-01.test:late");
	run_begin(&r, late, 3);
	run_cdb(&r, NULL, 0, 0x00);
	run_assert_sense(&r, 6, 0x29, 0);
	run_cdb(&r, NULL, 0, 0x00);
	run_assert_good(&r);
	run_end(&r);
	scsi_nexus_free(late);
}

static void
queues_oldest_first_and_each_once(void **state)
{
	struct fixture *f = *state;
	struct scsi_itl *itl = itl_of(&f->a);

	itl_ua(itl, 0x28, 0x00);
	itl_ua(itl, 0x2a, 0x01);
	itl_ua(itl, 0x28, 0x00);
	itl_ua(itl, 0x28, 0x01);
	run_cdb(&f->a, NULL, 0, 0x00);
	run_assert_sense(&f->a, 6, 0x28, 0x00);
	run_cdb(&f->a, NULL, 0, 0x00);
	run_assert_sense(&f->a, 6, 0x2a, 0x01);
	run_cdb(&f->a, NULL, 0, 0x00);
	run_assert_sense(&f->a, 6, 0x28, 0x01);
	run_cdb(&f->a, NULL, 0, 0x00);
	run_assert_good(&f->a);
}

static void
keeps_the_oldest_of_too_many(void **state)
{
	struct fixture *f = *state;
	struct scsi_itl *itl = itl_of(&f->a);

	for (unsigned i = 0; i < ITL_UA_MAX + 3; i++)
		itl_ua(itl, 0x40, (uint8_t)i);
	for (unsigned i = 0; i < ITL_UA_MAX; i++) {
		run_cdb(&f->a, NULL, 0, 0x00);
		run_assert_sense(&f->a, 6, 0x40, i);
	}
	run_cdb(&f->a, NULL, 0, 0x00);
	run_assert_good(&f->a);
}

static void
tells_the_others(void **state)
{
	struct fixture *f = *state;

	run_clear_ua(&f->b);
	lu_ua_others(&f->dummy.lu, itl_of(&f->a), 0x2a, 0x01);
	run_cdb(&f->a, NULL, 0, 0x00);
	run_assert_good(&f->a);
	run_cdb(&f->b, NULL, 0, 0x00);
	run_assert_sense(&f->b, 6, 0x2a, 0x01);
}

static void
gives_state_for_units_added_later(void **state)
{
	struct fixture *f = *state;
	struct dummy *second = calloc(1, sizeof(*second));

	assert_non_null(second);
	dummy_init(second, f->device, 9);
	f->a.lun[1] = 9;
	run_cdb(&f->a, NULL, 0, 0x00);
	run_assert_sense(&f->a, 6, 0x29, 0);
	run_cdb(&f->a, NULL, 0, 0x00);
	run_assert_good(&f->a);
	run_cdb(&f->a, NULL, 0, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 255);
	assert_int_equal(f->a.len, 24);
	assert_memory_equal(f->a.data, "\0\0\0\x10\0\0\0\0\0\3\0\0\0\0\0\0\0\x09\0\0\0\0\0\0", 24);
	/* Only well-known logical units: there are none. */
	run_cdb(&f->a, NULL, 0, 0xa0, 0, 1, 0, 0, 0, 0, 0, 0, 255);
	assert_int_equal(f->a.len, 8);
	run_cdb(&f->a, NULL, 0, 0xa0, 0, 2, 0, 0, 0, 0, 0, 0, 16); /* cut, with its full length */
	assert_int_equal(f->a.len, 16);
	assert_int_equal(get_be32(f->a.data), 16);
	run_cdb(&f->a, NULL, 0, 0xa0, 0, 3, 0, 0, 0, 0, 0, 0, 255);
	run_assert_sense(&f->a, 5, 0x24, 0);
	/* A unit outlives its device; the fixture frees the device. */
	run_end(&f->a);
	run_end(&f->b);
	scsi_nexus_free(f->nexus_a);
	scsi_nexus_free(f->nexus_b);
	scsi_device_free(f->device);
	dummy_fini(second);
	dummy_fini(&f->dummy);
	free(second);
	free(f);
}

static void
lets_go_when_a_nexus_ends(void **state)
{
	struct fixture *f = *state;
	struct scsi_nexus *third = run_nexus(f->device, "iqn.2026-01.test:c");

	assert_int_equal(f->dummy.lost, 0);
	scsi_nexus_free(third);
	assert_int_equal(f->dummy.lost, 1);
}

/* scsi_nexus_let_go() ends what a nexus holds before the nexus is freed, as at a logout. */
static void
lets_go_before_a_nexus_ends(void **state)
{
	struct fixture *f = *state;

	run_clear_ua(&f->b);
	run_cdb(&f->a, NULL, 0, 0x16);
	run_assert_good(&f->a);
	run_cdb(&f->b, NULL, 0, DUMMY_NOTE);
	assert_int_equal(f->b.status, SCSI_RESERVATION_CONFLICT);
	scsi_nexus_let_go(f->nexus_a);
	assert_int_equal(f->dummy.lost, 1);
	run_cdb(&f->b, NULL, 0, DUMMY_NOTE);
	run_assert_good(&f->b);
}

static const uint8_t lun_3[8] = {0, 3}, lun_4[8] = {0, 4};

static void
resets_a_unit(void **state)
{
	struct fixture *f = *state;
	struct scsi_itl *itl = itl_of(&f->b);

	run_clear_ua(&f->b);
	itl->prevents = true;
	f->dummy.value = 0x07;
	assert_false(scsi_nexus_reset_lu(f->nexus_a, lun_4));
	assert_true(scsi_nexus_reset_lu(f->nexus_a, lun_3));
	assert_int_equal(f->dummy.resets, 1);
	assert_int_equal(f->dummy.lost, 2);
	assert_false(itl->prevents);
	assert_int_equal(f->dummy.value, 0x01);
	run_cdb(&f->a, NULL, 0, 0x00);
	run_assert_sense(&f->a, 6, 0x29, 0);
	run_cdb(&f->b, NULL, 0, 0x00);
	run_assert_sense(&f->b, 6, 0x29, 0);
	scsi_nexus_reset_target(f->nexus_b);
	assert_int_equal(f->dummy.resets, 2);
}

/* A busy unit is reset when its strand is free. Two requests make one reset. */
static void
resets_a_busy_unit_in_its_turn(void **state)
{
	struct fixture *f = *state;

	assert_true(strand_try(&f->dummy.strand));
	assert_true(scsi_nexus_reset_lu(f->nexus_a, lun_3));
	assert_true(scsi_nexus_reset_lu(f->nexus_b, lun_3));
	assert_int_equal(f->dummy.resets, 0);
	run_cdb(&f->a, NULL, 0, DUMMY_ANYTIME); /* the unit attention is there at once */
	run_assert_sense(&f->a, 6, 0x29, 0);
	strand_leave(&f->dummy.strand);
	run_cdb(&f->a, NULL, 0, DUMMY_NOTE); /* runs after the reset */
	run_assert_good(&f->a);
	assert_int_equal(f->dummy.resets, 1);
	assert_int_equal(f->dummy.lost, 2);
}

/* The device is not freed while a reset waits. */
static void
waits_for_resets_before_it_goes(void **state)
{
	struct fixture *f = *state;

	assert_true(strand_try(&f->dummy.strand));
	assert_true(scsi_nexus_reset_lu(f->nexus_a, lun_3));
	strand_leave(&f->dummy.strand);
	/* fixture_teardown() frees nexuses and device at once; AddressSanitizer would find an error */
}

/* Each unit of the target reports REPORTED LUNS DATA HAS CHANGED (SPC-4 6.33). */
static void
tells_of_units_that_come_and_go(void **state)
{
	struct fixture *f = *state;
	struct dummy other;
	struct run r;

	run_clear_ua(&f->b);
	dummy_init(&other, f->device, 5);
	run_begin(&r, f->nexus_a, 5);
	run_cdb(&f->a, NULL, 0, 0x00);
	run_assert_sense(&f->a, 6, 0x3f, 0x0e);
	run_cdb(&f->a, NULL, 0, 0x00);
	run_assert_good(&f->a);
	run_cdb(&r, NULL, 0, 0x00);
	run_assert_sense(&r, 6, 0x29, 0);
	run_cdb(&r, NULL, 0, 0x00);
	run_assert_good(&r);
	/* REPORT LUNS gives b the news, so its unit attention is cleared. */
	run_cdb(&f->b, NULL, 0, 0xa0, 0, 0, 0, 0, 0, 0, 0, 0, 64, 0, 0);
	run_assert_good(&f->b);
	assert_int_equal(f->b.len, 8 + 2 * 8);
	run_cdb(&f->b, NULL, 0, 0x00);
	run_assert_good(&f->b);

	r.task.itl->prevents = true;
	scsi_device_remove(f->device, &other.lu);
	assert_int_equal(other.lost, 2);
	assert_int_equal(other.resets, 1);
	run_cdb(&f->a, NULL, 0, 0x00);
	run_assert_sense(&f->a, 6, 0x3f, 0x0e);
	run_cdb(&r, NULL, 0, 0x00);
	run_assert_sense(&r, 5, 0x25, 0);
	run_cdb(&r, NULL, 0, 0x12, 0, 0, 0, 36, 0);
	run_assert_good(&r);
	assert_int_equal(r.data[0], 0x7f);

	/* A unit that is added again is like a new one. */
	scsi_device_add(f->device, &other.lu);
	run_cdb(&r, NULL, 0, 0x00);
	run_assert_sense(&r, 6, 0x29, 0);
	run_cdb(&r, NULL, 0, 0x00);
	run_assert_good(&r);
	scsi_device_remove(f->device, &other.lu);
	run_end(&r);
	dummy_fini(&other);
}

static void
reservations_go_with_the_unit(void **state)
{
	struct fixture *f = *state;
	const uint8_t key[24] = {[15] = 0x11};

	run_clear_ua(&f->b);
	run_cdb(&f->a, key, 24, 0x5f, 0, 0, 0, 0, 0, 0, 0, 24, 0); /* REGISTER */
	run_assert_good(&f->a);
	scsi_device_remove(f->device, &f->dummy.lu);
	scsi_device_add(f->device, &f->dummy.lu);
	run_clear_ua(&f->a);
	run_cdb(&f->a, NULL, 0, 0x5e, 0, 0, 0, 0, 0, 0, 0, 255, 0); /* READ KEYS */
	run_assert_good(&f->a);
	assert_int_equal(f->a.len, 8);
	run_cdb(&f->a, NULL, 0, 0x16, 0, 0, 0, 0, 0); /* RESERVE(6) */
	run_assert_good(&f->a);
	scsi_device_remove(f->device, &f->dummy.lu);
	scsi_device_add(f->device, &f->dummy.lu);
	run_clear_ua(&f->b);
	run_cdb(&f->b, NULL, 0, 0x00);
	run_assert_good(&f->b);
}

static void *
run_note(void *arg)
{
	run_cdb((struct run *)arg, NULL, 0, DUMMY_NOTE);
	return NULL;
}

static bool
has_queue(struct strand *s)
{
	bool queued;

	pthread_mutex_lock(&s->lock);
	queued = !TAILQ_EMPTY(&s->queue);
	pthread_mutex_unlock(&s->lock);
	return queued;
}

/* A command that waited for the strand when its unit was removed gets the answer of a missing unit. */
static void
answers_what_waited_for_a_unit_that_went(void **state)
{
	struct fixture *f = *state;
	pthread_t thread;

	assert_true(strand_try(&f->dummy.strand));
	assert_int_equal(pthread_create(&thread, NULL, run_note, &f->a), 0);
	while (!has_queue(&f->dummy.strand))
		sched_yield();
	scsi_device_remove(f->device, &f->dummy.lu);
	strand_leave(&f->dummy.strand);
	pthread_join(thread, NULL);
	run_assert_sense(&f->a, 5, 0x25, 0);
	assert_int_equal(f->dummy.ran, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(keeps_its_initiator),
		TEST(knows_nothing_older_than_itself),
		TEST(queues_oldest_first_and_each_once),
		TEST(keeps_the_oldest_of_too_many),
		TEST(tells_the_others),
		cmocka_unit_test_setup(gives_state_for_units_added_later, fixture_setup),
		TEST(lets_go_when_a_nexus_ends),
		TEST(lets_go_before_a_nexus_ends),
		TEST(resets_a_unit),
		TEST(resets_a_busy_unit_in_its_turn),
		TEST(waits_for_resets_before_it_goes),
		TEST(tells_of_units_that_come_and_go),
		TEST(reservations_go_with_the_unit),
		TEST(answers_what_waited_for_a_unit_that_went),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
