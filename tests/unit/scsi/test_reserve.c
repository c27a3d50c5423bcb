/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RESERVE and RELEASE, persistent reservations, and which commands they refuse to which nexus. */
#include "tests/unit/scsi/dummy.h"

enum { REGISTER, RESERVE, RELEASE, CLEAR, PREEMPT, PREEMPT_AND_ABORT, REGISTER_AND_IGNORE };
enum { READ_KEYS, READ_RESERVATION, REPORT_CAPABILITIES, READ_FULL_STATUS };
enum { WE = 1, EA = 3, WERO = 5, EARO = 6, WEAR = 7, EAAR = 8 };
enum { KEY_A = 0xaa, KEY_B = 0xbb, KEY_C = 0xcc };

#define PORT(c) "iqn.2026-01.test:" c ",i,0x00023d000001"

/* A device with three initiator ports that have no pending unit attention. */
struct house {
	struct scsi_device *device;
	struct dummy dummy;
	struct scsi_nexus *nexus[3];
	struct run a, b, c;
};

static struct scsi_nexus *
house_login(struct house *h, struct run *r, const char *port)
{
	struct scsi_nexus *nexus =
		scsi_nexus_new(scsi_device_port(h->device), "iqn.2026-01.test", port);

	assert_non_null(nexus);
	run_begin(r, nexus, 3);
	run_clear_ua(r);
	return nexus;
}

static int
house_setup(void **state)
{
	struct house *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	h->device = scsi_device_new();
	dummy_init(&h->dummy, h->device, 3);
	h->nexus[0] = house_login(h, &h->a, PORT("a"));
	h->nexus[1] = house_login(h, &h->b, PORT("b"));
	h->nexus[2] = house_login(h, &h->c, PORT("c"));
	*state = h;
	return 0;
}

static int
house_teardown(void **state)
{
	struct house *h = *state;

	run_end(&h->a);
	run_end(&h->b);
	run_end(&h->c);
	for (unsigned i = 0; i < 3; i++)
		scsi_nexus_free(h->nexus[i]);
	scsi_device_free(h->device);
	dummy_fini(&h->dummy);
	free(h);
	return 0;
}

#define HOUSE(name) cmocka_unit_test_setup_teardown(name, house_setup, house_teardown)

static void
out_flags(struct run *r, uint8_t action, uint8_t type, uint64_t key, uint64_t service_key,
	uint8_t flags)
{
	uint8_t list[24] = {0};

	put_be64(list, key);
	put_be64(list + 8, service_key);
	list[20] = flags;
	run_cdb(r, list, sizeof(list), 0x5f, action, type, 0, 0, 0, 0, 0, sizeof(list));
}

static void
out(struct run *r, uint8_t action, uint8_t type, uint64_t key, uint64_t service_key)
{
	out_flags(r, action, type, key, service_key, 0);
}

static void
in(struct run *r, uint8_t action)
{
	run_cdb(r, NULL, 0, 0x5e, action, 0, 0, 0, 0, 0, 0x40, 0);
}

#define assert_conflict(r) assert_int_equal((r)->status, SCSI_RESERVATION_CONFLICT)

static void
join(struct run *r, uint64_t key)
{
	out(r, REGISTER, 0, 0, key);
	run_assert_good(r);
}

static void
all_join(struct house *h)
{
	join(&h->a, KEY_A);
	join(&h->b, KEY_B);
	join(&h->c, KEY_C);
}

static void
reserve(struct run *r, uint8_t type, uint64_t key)
{
	out(r, RESERVE, type, key, 0);
	run_assert_good(r);
}

/* Returns what a nexus may do: 'n' DUMMY_NOTE (writes), 'r' DUMMY_READS, 't' TEST UNIT READY. */
static const char *
may(struct run *r)
{
	static char text[4];
	static const struct {
		uint8_t opcode;
		char c;
	} list[] = {{DUMMY_NOTE, 'n'}, {DUMMY_READS, 'r'}, {0x00, 't'}};
	unsigned n = 0;

	for (unsigned i = 0; i < 3; i++) {
		run_cdb(r, NULL, 0, list[i].opcode);
		if (r->status == SCSI_GOOD)
			text[n++] = list[i].c;
		else
			assert_conflict(r);
	}
	text[n] = '\0';
	return text;
}

/* ---- RESERVE and RELEASE ---------------------------------------------------------------------- */

static void
one_nexus_has_the_unit(void **state)
{
	struct house *h = *state;

	for (unsigned ten = 0; ten <= 0x40; ten += 0x40) {
		run_cdb(&h->a, NULL, 0, (uint8_t)(0x16 + ten));
		run_assert_good(&h->a);
		run_cdb(&h->a, NULL, 0, (uint8_t)(0x16 + ten)); /* again: no error */
		run_assert_good(&h->a);
		assert_string_equal(may(&h->a), "nrt");
		assert_string_equal(may(&h->b), "");
		run_cdb(&h->b, NULL, 0, (uint8_t)(0x16 + ten));
		assert_conflict(&h->b);
		run_cdb(&h->b, NULL, 0, (uint8_t)(0x17 + ten)); /* without effect */
		run_assert_good(&h->b);
		assert_string_equal(may(&h->b), "");
		run_cdb(&h->a, NULL, 0, (uint8_t)(0x57 - ten)); /* the other CDB length */
		run_assert_good(&h->a);
		assert_string_equal(may(&h->b), "nrt");
	}
	run_cdb(&h->a, NULL, 0, 0x16, 0x01);
	run_assert_sense(&h->a, 5, 0x24, 0);
	run_cdb(&h->a, NULL, 0, 0x16, 0x10);
	run_assert_sense(&h->a, 5, 0x24, 0);
	run_cdb(&h->a, NULL, 0, 0x56, 0x02);
	run_assert_sense(&h->a, 5, 0x24, 0);
	assert_string_equal(may(&h->b), "nrt");
}

/* INQUIRY, REPORT LUNS, REQUEST SENSE and PREVENT ALLOW MEDIUM REMOVAL that allows are never refused. */
static void
leaves_harmless_commands(void **state)
{
	static const uint8_t free_ones[] = {0x03, 0x12, 0xa0};
	struct house *h = *state;

	run_cdb(&h->a, NULL, 0, 0x16);
	for (unsigned i = 0; i < sizeof(free_ones); i++) {
		run_cdb(&h->b, NULL, 0, free_ones[i]);
		run_assert_good(&h->b);
	}
	run_cdb(&h->b, NULL, 0, DUMMY_PREVENT, 0, 0, 0, 0);
	run_assert_good(&h->b);
	run_cdb(&h->b, NULL, 0, DUMMY_PREVENT, 0, 0, 0, 1);
	assert_conflict(&h->b);
	for (unsigned action = READ_KEYS; action <= READ_FULL_STATUS; action++) {
		in(&h->b, (uint8_t)action);
		assert_conflict(&h->b);
		assert_int_equal(h->b.len, 0);
		in(&h->a, (uint8_t)action); /* not even by the holder */
		assert_conflict(&h->a);
	}
	out(&h->a, REGISTER, 0, 0, KEY_A);
	assert_conflict(&h->a);
}

static void
ends_with_its_nexus_or_a_reset(void **state)
{
	static const uint8_t lun_3[8] = {0, 3};
	struct house *h = *state;

	run_cdb(&h->a, NULL, 0, 0x16);
	scsi_nexus_free(h->nexus[0]);
	assert_string_equal(may(&h->b), "nrt");
	run_end(&h->a);
	h->nexus[0] = house_login(h, &h->a, PORT("a"));
	run_cdb(&h->a, NULL, 0, 0x16);
	assert_string_equal(may(&h->b), "");
	assert_true(scsi_nexus_reset_lu(h->nexus[1], lun_3));
	run_clear_ua(&h->b);
	assert_string_equal(may(&h->b), "nrt");
}

/* ---- persistent reservations ------------------------------------------------------------------- */

static void
registers_keys(void **state)
{
	struct house *h = *state;

	in(&h->a, READ_KEYS);
	run_assert_good(&h->a);
	assert_int_equal(h->a.len, 8);
	assert_memory_equal(h->a.data, "\0\0\0\0\0\0\0\0", 8);
	join(&h->a, KEY_A);
	join(&h->b, KEY_B);
	in(&h->c, READ_KEYS);
	assert_int_equal(h->c.len, 8 + 16);
	assert_int_equal(get_be32(h->c.data), 2); /* generation */
	assert_int_equal(get_be32(h->c.data + 4), 16);
	assert_int_equal(get_be64(h->c.data + 8), KEY_A);
	assert_int_equal(get_be64(h->c.data + 16), KEY_B);
	out(&h->a, REGISTER, 0, KEY_B, KEY_C); /* not its key */
	assert_conflict(&h->a);
	out(&h->c, REGISTER, 0, KEY_A, KEY_C); /* it has no key */
	assert_conflict(&h->c);
	out(&h->a, REGISTER, 0, KEY_A, KEY_C);
	run_assert_good(&h->a);
	out(&h->a, REGISTER_AND_IGNORE, 0, 0x1234, KEY_A);
	run_assert_good(&h->a);
	out(&h->b, REGISTER, 0, KEY_B, 0);
	run_assert_good(&h->b);
	in(&h->c, READ_KEYS);
	assert_int_equal(h->c.len, 8 + 8);
	assert_int_equal(get_be32(h->c.data), 5);
	assert_int_equal(get_be64(h->c.data + 8), KEY_A);
	out(&h->c, REGISTER, 0, 0, 0); /* nothing to remove */
	run_assert_good(&h->c);
	in(&h->c, READ_KEYS);
	assert_int_equal(get_be32(h->c.data), 5);
}

static void
refuses_what_it_does_not_offer(void **state)
{
	uint8_t list[28] = {0};
	struct house *h = *state;
	struct run *r = &h->a;

	for (uint8_t flag = 0x01; flag <= 0x08; flag = flag == 1 ? 4 : flag * 2) {
		out_flags(r, REGISTER, 0, 0, KEY_A, flag);
		run_assert_sense(r, 5, 0x26, 0);
	}
	run_cdb(r, list, 28, 0x5f, REGISTER, 0, 0, 0, 0, 0, 0, 28);
	run_assert_sense(r, 5, 0x1a, 0);
	run_cdb(r, list, 23, 0x5f, REGISTER, 0, 0, 0, 0, 0, 0, 24);
	run_assert_sense(r, 5, 0x1a, 0);
	run_cdb(r, NULL, 0, 0x5e, 4, 0, 0, 0, 0, 0, 0, 255);
	run_assert_sense(r, 5, 0x24, 0);
	out(r, 7, 0, 0, KEY_A);
	run_assert_sense(r, 5, 0x24, 0);
	join(r, KEY_A);
	for (unsigned type = 0; type < 0x100; type++) {
		if (type >= 1 && type <= 8 && type != 2 && type != 4)
			continue;
		out(r, RESERVE, (uint8_t)type, KEY_A, 0);
		run_assert_sense(r, 5, 0x24, 0);
	}
}

/* What each type allows to the holder, to another registrant and to a stranger (SPC-4 table 65). */
static void
each_type_refuses_its_own(void **state)
{
	static const struct {
		uint8_t type;
		const char *registrant, *stranger;
	} list[] = {
		{WE, "rt", "rt"},
		{EA, "t", "t"},
		{WERO, "nrt", "rt"},
		{EARO, "nrt", "t"},
		{WEAR, "nrt", "rt"},
		{EAAR, "nrt", "t"},
	};
	struct house *h = *state;

	join(&h->a, KEY_A);
	join(&h->b, KEY_B);
	for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		bool all = list[i].type >= WEAR;

		reserve(&h->a, list[i].type, KEY_A);
		assert_string_equal(may(&h->a), "nrt");
		assert_string_equal(may(&h->b), list[i].registrant);
		assert_string_equal(may(&h->c), list[i].stranger);
		in(&h->c, READ_RESERVATION);
		run_assert_good(&h->c);
		assert_int_equal(h->c.len, 24);
		assert_int_equal(get_be64(h->c.data + 8), all ? 0 : KEY_A);
		assert_int_equal(h->c.data[21], list[i].type);
		reserve(&h->a, list[i].type, KEY_A); /* again: no error */
		out(&h->a, RESERVE, list[i].type == WE ? EA : WE, KEY_A, 0);
		assert_conflict(&h->a);
		out(&h->b, RESERVE, list[i].type, KEY_B, 0);
		assert_int_equal(h->b.status, all ? SCSI_GOOD : SCSI_RESERVATION_CONFLICT);
		out(&h->a, RELEASE, list[i].type, KEY_A, 0);
		run_assert_good(&h->a);
		run_clear_ua(&h->b);
		assert_string_equal(may(&h->c), "nrt");
	}
}

static void
releases(void **state)
{
	struct house *h = *state;

	all_join(h);
	out(&h->a, RELEASE, WE, KEY_A, 0); /* no reservation */
	run_assert_good(&h->a);
	reserve(&h->a, EARO, KEY_A);
	out(&h->b, RELEASE, EARO, KEY_B, 0); /* not the holder: no effect */
	run_assert_good(&h->b);
	out(&h->a, RELEASE, EARO, KEY_B, 0);
	assert_conflict(&h->a);
	out(&h->a, RELEASE, WE, KEY_A, 0);
	run_assert_sense(&h->a, 5, 0x26, 0x04);
	out(&h->a, RELEASE, EARO, KEY_A, 0);
	run_assert_good(&h->a);
	run_cdb(&h->a, NULL, 0, 0x00); /* the caller gets no unit attention */
	run_assert_good(&h->a);
	run_cdb(&h->b, NULL, 0, 0x00);
	run_assert_sense(&h->b, 6, 0x2a, 0x04);
	run_cdb(&h->c, NULL, 0, 0x00);
	run_assert_sense(&h->c, 6, 0x2a, 0x04);
	/* After a release, registrants that the type had excluded get no unit attention. */
	reserve(&h->a, WE, KEY_A);
	out(&h->a, RELEASE, WE, KEY_A, 0);
	run_cdb(&h->b, NULL, 0, 0x00);
	run_assert_good(&h->b);
}

static void
goes_with_its_last_holder(void **state)
{
	struct house *h = *state;

	all_join(h);
	reserve(&h->a, WERO, KEY_A);
	out(&h->a, REGISTER, 0, KEY_A, 0);
	run_assert_good(&h->a);
	run_cdb(&h->b, NULL, 0, 0x00);
	run_assert_sense(&h->b, 6, 0x2a, 0x04);
	run_clear_ua(&h->c);
	in(&h->c, READ_RESERVATION);
	assert_int_equal(h->c.len, 8);
	reserve(&h->b, EAAR, KEY_B);
	out(&h->b, REGISTER, 0, KEY_B, 0);
	in(&h->b, READ_RESERVATION);
	assert_int_equal(h->b.len, 24); /* c still holds it */
	assert_string_equal(may(&h->b), "t");
	out(&h->c, REGISTER, 0, KEY_C, 0);
	assert_string_equal(may(&h->b), "nrt");
}

static void
clears(void **state)
{
	struct house *h = *state;

	all_join(h);
	reserve(&h->a, EA, KEY_A);
	out(&h->b, CLEAR, 0, KEY_A, 0);
	assert_conflict(&h->b);
	out(&h->b, CLEAR, 0, KEY_B, 0);
	run_assert_good(&h->b);
	run_cdb(&h->a, NULL, 0, 0x00);
	run_assert_sense(&h->a, 6, 0x2a, 0x03);
	run_cdb(&h->c, NULL, 0, 0x00);
	run_assert_sense(&h->c, 6, 0x2a, 0x03);
	in(&h->b, READ_KEYS);
	assert_int_equal(h->b.len, 8);
	assert_int_equal(get_be32(h->b.data), 4);
	assert_string_equal(may(&h->c), "nrt");
}

static void
preempts_the_holder(void **state)
{
	struct house *h = *state;

	all_join(h);
	reserve(&h->a, WERO, KEY_A);
	out(&h->b, PREEMPT, EA, KEY_B, 0x1234); /* nobody's key */
	assert_conflict(&h->b);
	out(&h->b, PREEMPT, EA, KEY_B, 0);
	run_assert_sense(&h->b, 5, 0x26, 0);
	out(&h->b, PREEMPT, 2, KEY_B, KEY_A); /* not a type */
	run_assert_sense(&h->b, 5, 0x24, 0);
	out(&h->b, PREEMPT, EA, KEY_B, KEY_A);
	run_assert_good(&h->b);
	run_cdb(&h->a, NULL, 0, 0x00);
	run_assert_sense(&h->a, 6, 0x2a, 0x05);
	run_cdb(&h->c, NULL, 0, 0x00);
	run_assert_sense(&h->c, 6, 0x2a, 0x04);
	assert_string_equal(may(&h->b), "nrt");
	assert_string_equal(may(&h->a), "t");
	out(&h->a, RESERVE, EA, KEY_A, 0); /* a's key is gone */
	assert_conflict(&h->a);
	in(&h->a, READ_KEYS);
	assert_int_equal(h->a.len, 8 + 16);
	/* PREEMPT with the key of a port that does not hold it removes only the registration. */
	out(&h->b, PREEMPT, WE, KEY_B, KEY_C);
	run_assert_good(&h->b);
	run_cdb(&h->c, NULL, 0, 0x00);
	run_assert_sense(&h->c, 6, 0x2a, 0x05);
	in(&h->b, READ_RESERVATION);
	assert_int_equal(h->b.data[21], EA);
	/* PREEMPT with its own key changes the type. */
	out(&h->b, PREEMPT, WE, KEY_B, KEY_B);
	run_assert_good(&h->b);
	assert_string_equal(may(&h->a), "rt");
}

/* If all registrants hold the reservation, key 0 preempts all the others (SPC-4 5.12.11.4). */
static void
preempts_all_registrants(void **state)
{
	struct house *h = *state;

	all_join(h);
	reserve(&h->a, EAAR, KEY_A);
	out(&h->a, PREEMPT, WE, KEY_A, KEY_C); /* of one holder: the reservation stays */
	run_assert_good(&h->a);
	run_cdb(&h->c, NULL, 0, 0x00);
	run_assert_sense(&h->c, 6, 0x2a, 0x05);
	assert_string_equal(may(&h->c), "t");
	out(&h->b, PREEMPT, WE, KEY_B, 0);
	run_assert_good(&h->b);
	run_cdb(&h->a, NULL, 0, 0x00);
	run_assert_sense(&h->a, 6, 0x2a, 0x05);
	assert_string_equal(may(&h->a), "rt");
	in(&h->a, READ_RESERVATION);
	assert_int_equal(get_be64(h->a.data + 8), KEY_B);
	assert_int_equal(h->a.data[21], WE);
}

/* A command that waits for the mechanism while its nexus is preempted. */
struct waiting {
	struct scsi_task task;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool done;
};

static void
waiting_detach(struct scsi_task *task)
{
}

static void
waiting_done(struct scsi_task *task)
{
	struct waiting *w = (struct waiting *)(void *)task; /* task is the first member */

	pthread_mutex_lock(&w->lock);
	w->done = true;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
}

static void
waiting_wait(struct waiting *w)
{
	pthread_mutex_lock(&w->lock);
	while (!w->done)
		pthread_cond_wait(&w->changed, &w->lock);
	pthread_mutex_unlock(&w->lock);
}

static void
waiting_submit(struct waiting *w, struct scsi_nexus *nexus, const uint8_t *cdb, const uint8_t *out)
{
	static const struct scsi_task_ops ops = {.detach = waiting_detach, .done = waiting_done};

	memset(w, 0, sizeof(*w));
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->changed, NULL);
	w->task.ops = &ops;
	w->task.nexus = nexus;
	w->task.lun[1] = 3;
	w->task.out = out;
	w->task.out_len = out != NULL ? 24 : 0;
	memcpy(w->task.cdb, cdb, SCSI_CDB_MAX);
	assert_int_equal(scsi_task_submit(&w->task), SCSI_PENDING);
}

static void
preempts_and_aborts(void **state)
{
	static const uint8_t note[SCSI_CDB_MAX] = {DUMMY_NOTE},
			     preempt[SCSI_CDB_MAX] = {
				     0x5f, PREEMPT_AND_ABORT, EA, 0, 0, 0, 0, 0, 24};
	struct house *h = *state;
	struct waiting first, second;
	uint8_t list[24] = {0};
	unsigned ran;

	all_join(h);
	reserve(&h->a, WERO, KEY_A);
	h->a.task.itl->prevents = true;
	put_be64(list, KEY_B);
	put_be64(list + 8, KEY_A);
	ran = h->dummy.ran;
	assert_true(strand_try(&h->dummy.strand));
	waiting_submit(&first, h->nexus[1], preempt, list);
	waiting_submit(&second, h->nexus[0], note, NULL);
	strand_leave(&h->dummy.strand);
	waiting_wait(&first);
	waiting_wait(&second);
	assert_int_equal(first.task.status, SCSI_GOOD);
	assert_int_equal(second.task.status, SCSI_TASK_ABORTED);
	assert_int_equal(h->dummy.ran, ran);
	assert_false(h->a.task.itl->prevents); /* PREVENT of the preempted nexus has ended */
	run_cdb(&h->a, NULL, 0, 0x00);
	run_assert_sense(&h->a, 6, 0x2a, 0x05);
	assert_string_equal(may(&h->a), "t");
}

/* A port is identified by its name in any case, not by its session. */
static void
survives_logout_and_reset(void **state)
{
	static const uint8_t lun_3[8] = {0, 3};
	struct house *h = *state;
	struct run other;
	struct scsi_nexus *nexus;

	join(&h->a, KEY_A);
	reserve(&h->a, EA, KEY_A);
	run_end(&h->a);
	scsi_nexus_free(h->nexus[0]);
	assert_string_equal(may(&h->b), "t");
	assert_true(scsi_nexus_reset_lu(h->nexus[1], lun_3));
	run_clear_ua(&h->b);
	assert_string_equal(may(&h->b), "t");
	h->nexus[0] = house_login(h, &h->a, "IQN.2026-01.test:a,i,0x00023D000001");
	assert_string_equal(may(&h->a), "nrt");
	nexus = house_login(h, &other, "iqn.2026-01.test:a,i,0x00023d000002"); /* another ISID */
	assert_string_equal(may(&other), "t");
	run_end(&other);
	scsi_nexus_free(nexus);
}

/* Compatible reservation handling (SPC-4 5.12.3). */
static void
old_and_new_exclude_each_other(void **state)
{
	struct house *h = *state;

	join(&h->a, KEY_A);
	join(&h->b, KEY_B);
	run_cdb(&h->a, NULL, 0, 0x16); /* keys, but no reservation */
	assert_conflict(&h->a);
	run_cdb(&h->c, NULL, 0, 0x17);
	assert_conflict(&h->c);
	reserve(&h->a, WERO, KEY_A);
	run_cdb(&h->a, NULL, 0, 0x16); /* it holds this already */
	run_assert_good(&h->a);
	run_cdb(&h->b, NULL, 0, 0x57);
	run_assert_good(&h->b);
	run_cdb(&h->c, NULL, 0, 0x56);
	assert_conflict(&h->c);
	assert_string_equal(may(&h->b), "nrt");
	assert_string_equal(may(&h->c), "rt");
}

static void
the_number_of_registrants_is_limited(void **state)
{
	struct house *h = *state;
	struct scsi_nexus *nexus;
	struct run r;

	for (unsigned i = 0; i <= 64; i++) {
		char port[64];

		snprintf(port, sizeof(port), "iqn.2026-01.test:n,i,0x00023d%06x", i);
		nexus = house_login(h, &r, port);
		out(&r, REGISTER, 0, 0, 1000 + i);
		if (i < 64)
			run_assert_good(&r);
		else
			run_assert_sense(&r, 5, 0x55, 0x04);
		run_end(&r);
		scsi_nexus_free(nexus);
	}
	in(&h->a, READ_KEYS);
	assert_int_equal(h->a.len, 8 + 64 * 8);
	in(&h->a, READ_FULL_STATUS);
	assert_int_equal(h->a.len, 8 + get_be32(h->a.data + 4));
}

static void
reports_in_full(void **state)
{
	struct house *h = *state;

	in(&h->a, REPORT_CAPABILITIES);
	run_assert_golden(&h->a, "tests/golden/scsi_persist_capabilities.hex");
	join(&h->a, KEY_A);
	join(&h->b, UINT64_C(0x0123456789abcdef));
	reserve(&h->b, EARO, UINT64_C(0x0123456789abcdef));
	in(&h->c, READ_FULL_STATUS);
	run_assert_golden(&h->c, "tests/golden/scsi_persist_full_status.hex");
	run_cdb(&h->c, NULL, 0, 0x5e, READ_FULL_STATUS, 0, 0, 0, 0, 0, 0, 20);
	assert_int_equal(h->c.len, 20);
	assert_int_equal(get_be32(h->c.data + 4), 2 * 64);
	/* The port of a transport without ISIDs has the name of the device. */
	run_end(&h->a);
	scsi_nexus_free(h->nexus[0]);
	h->nexus[0] = house_login(h, &h->a, "eui.1");
	join(&h->a, KEY_A);
	in(&h->a, READ_FULL_STATUS);
	assert_memory_equal(h->a.data + 8 + 128 + 20,
		"\0\0\0\x18\x05\0\0\x14"
		"eui.1\0",
		14);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		HOUSE(one_nexus_has_the_unit),
		HOUSE(leaves_harmless_commands),
		HOUSE(ends_with_its_nexus_or_a_reset),
		HOUSE(registers_keys),
		HOUSE(refuses_what_it_does_not_offer),
		HOUSE(each_type_refuses_its_own),
		HOUSE(releases),
		HOUSE(goes_with_its_last_holder),
		HOUSE(clears),
		HOUSE(preempts_the_holder),
		HOUSE(preempts_all_registrants),
		HOUSE(preempts_and_aborts),
		HOUSE(survives_logout_and_reset),
		HOUSE(old_and_new_exclude_each_other),
		HOUSE(the_number_of_registrants_is_limited),
		HOUSE(reports_in_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
