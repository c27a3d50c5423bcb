/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sends random commands to a disc of every medium and compares it with a map in memory of what every sector
 * must hold. Most commands make sense, some nearly. After each command:
 *
 * - data of writes that ended with GOOD is read back, and nothing else is there;
 * - a write-once sector was written once;
 * - a command that failed has changed nothing;
 * - the tracks, the capacity and the one next writable address of the disc agree;
 * - a disc that was written to is not blank again, and a complete disc stays complete, except after BLANK and
 *   FORMAT UNIT.
 *
 * Sometimes the same is checked after a stop of the daemon, in a copy of the store that another daemon opens
 * (as after a crash: what was durable must be there), and after the robot moved the disc.
 *
 *	test_random [SEED [ROUNDS]] begins with another seed.
 */
#include "tests/unit/mmc/world.h"

/* ---- commands that write, read and close -------------------------------------------------------- */

/* Returns the write type of mode page 05h. *test is true if the page asks for a test write. */
static unsigned
write_type(struct world *w, bool *test)
{
	SEND(w, NULL, 0, 0x5a, 0, 0x05, 0, 0, 0, 0, 0, 255, 0);
	CHECK(w, w->r->status == SCSI_GOOD && w->r->len == 60);
	*test = (w->r->data[10] & 0x10) != 0;
	return w->r->data[10] & 0x0f;
}

/* Returns an address to write to: a next writable address, an edge, a recorded address, or any. *room is
 * the number of sectors that can be written there. */
static uint32_t
some_lba(const struct look *l, uint32_t *room)
{
	uint32_t nwa;

	*room = 0;
	if (l->ntracks > 0 && dice(10) < 7) {
		const struct track *t =
			&l->tracks[l->ntracks - 1 - (dice(3) == 0 ? dice(l->ntracks) : 0)];

		bool anywhere = t->state == TRACK_FORMATTED;

		nwa = anywhere ? dice(3) == 0 ? t->size - dice(COUNT_MAX) % t->size - 1
					      : dice(t->size)
			       : 0;
		if (anywhere || track_nwa(t, &nwa)) {
			*room = t->start + t->size - nwa;
			return nwa;
		}
	}
	switch (dice(5)) {
	case 0:
		return l->end;
	case 1:
		return l->capacity - dice(COUNT_MAX);
	case 2:
		return 0xffffffff - dice(200);
	default:
		return dice(dice(2) ? l->end + 2 : l->capacity + 2);
	}
}

static bool
may_be_written(struct world *w, uint32_t lba, uint32_t count)
{
	const struct look *l = &w->before;

	if ((uint64_t)lba + count > l->capacity || l->tab)
		return false;
	if (l->formatted)
		return lba + count <= l->tracks[0].size;
	for (uint32_t i = lba; i < MAP && i - lba < count && l->spare != SPARE_POW; i++)
		if (w->now[i] != NEVER)
			return false;
	return l->m->writing == WRITES_IN_ORDER && l->status != DISC_COMPLETE;
}

static void
act_write(struct world *w)
{
	static const uint8_t opcodes[] = {0x2a, 0x2a, 0x2a, 0xaa, 0xaa, 0x2e};
	static uint8_t data[(COUNT_MAX + 1) * SECTOR];
	uint32_t room, lba = some_lba(&w->before, &room),
		       count = dice(8) == 0 ? dice(3) : dice(COUNT_MAX);
	uint8_t opcode = opcodes[dice(sizeof(opcodes))], cdb[12] = {opcode};
	size_t len;
	bool test, fua = opcode == 0x2e || dice(6) == 0, must;
	unsigned type = write_type(w, &test);

	if (room > 0 && room < COUNT_MAX - 1 && dice(2) == 0) /* to the end, or one too many */
		count = room + dice(2);
	len = (size_t)count * SECTOR;
	must = w->before.m != NULL && room > 0 && count <= room && !test && !w->before.tab &&
	       !(w->before.m->family == MEDIUM_CD && type == 2) &&
	       (w->before.formatted || w->before.m->writing != WRITES_ANYWHERE);
	cdb[1] = fua && opcode != 0x2e ? 0x08 : 0;
	put_be32(cdb + 2, lba);
	if (opcode == 0xaa)
		put_be32(cdb + 6, count);
	else
		put_be16(cdb + 7, (uint16_t)count);
	if (dice(40) == 0)
		len = dice(2) ? len + SECTOR : len / 2;
	must = must && len >= (size_t)count * SECTOR;
	stamp_sectors(data, lba, count, w->stamp);
	w->what = "WRITE";
	send(w, cdb, opcode == 0xaa ? 12 : 10, data, len);
	CHECK(w, !must || w->r->status == SCSI_GOOD);
	refused_writes += w->r->status != SCSI_GOOD;
	if (w->r->status != SCSI_GOOD || count == 0 || test)
		return;
	good_writes++;
	CHECK(w, may_be_written(w, lba, count));
	set_map(w, lba, count, w->stamp++);
	w->written = true;
	if (fua)
		all_is_durable(w);
}

static void
act_read(struct world *w)
{
	uint32_t room, lba = some_lba(&w->before, &room), count = dice(COUNT_MAX);
	uint8_t opcode = dice(2) ? 0x28 : dice(2) ? 0xa8 : 0x2f, cdb[12] = {opcode};
	const struct look *l = &w->before;
	bool known = l->m != NULL && (uint64_t)lba + count <= MAP;
	bool must = known && (!l->formatted || lba + count <= l->tracks[0].size);

	for (uint32_t i = lba; must && !l->formatted && i < lba + count; i++)
		must = w->now[i] != NEVER;
	put_be32(cdb + 2, lba);
	if (opcode == 0xa8)
		put_be32(cdb + 6, count);
	else
		put_be16(cdb + 7, (uint16_t)count);
	w->what = "READ";
	send(w, cdb, opcode == 0xa8 ? 12 : 10, NULL, 0);
	CHECK(w, !must || count == 0 || w->r->status == SCSI_GOOD);
	if (w->r->status != SCSI_GOOD || opcode == 0x2f)
		return;
	CHECK(w, w->r->len == (size_t)count * SECTOR);
	CHECK(w, (uint64_t)lba + count <= (l->formatted ? l->tracks[0].size : l->end));
	for (uint32_t i = 0; i < count && lba + i < MAP; i++)
		CHECK(w, holds(w->r->data + (size_t)i * SECTOR, lba + i, w->now[lba + i]));
}

/* Notes in the map that padding was recorded as zeros when tracks were closed. */
static void
take_padding(struct world *w)
{
	look_at(w, &w->after);
	for (unsigned n = 0; n < w->after.ntracks; n++) {
		const struct track *t = &w->after.tracks[n];

		for (uint32_t i = t->start;
			t->state == TRACK_CLOSED && i < MAP && i - t->start < t->size; i++)
			if (w->now[i] == NEVER)
				w->now[i] = ZEROS;
	}
	all_is_durable(w);
}

static void
act_sync(struct world *w)
{
	w->what = "SYNCHRONIZE CACHE";
	SEND(w, NULL, 0, 0x35, (uint8_t)(dice(2) << 1), 0, 0, 0, 0, 0, 0, 0, 0);
	if (w->r->status == SCSI_GOOD)
		take_padding(w);
	else
		CHECK(w, w->before.m == NULL || !w->before.formatted);
}

static void
act_close(struct world *w)
{
	static const uint8_t functions[] = {1, 1, 1, 1, 1, 1, 2, 2, 0, 3, 4, 5, 6, 7};
	uint8_t function = functions[dice(dice(6) == 0 ? sizeof(functions) : 8)];
	unsigned number = dice(8) == 0 ? dice(0x10000) : w->before.ntracks - dice(3);

	w->what = "CLOSE TRACK SESSION";
	SEND(w, NULL, 0, 0x5b, (uint8_t)dice(2), function, 0, (uint8_t)(number >> 8),
		(uint8_t)number, 0, 0, 0, 0);
	if (w->r->status == SCSI_GOOD)
		take_padding(w);
}

static void
act_reserve(struct world *w)
{
	uint8_t cdb[10] = {0x53};

	put_be32(cdb + 5, dice(6) == 0 ? dice(0xffffffff) : dice(200));
	w->what = "RESERVE TRACK";
	send(w, cdb, sizeof(cdb), NULL, 0);
	/* During a test write it does nothing. */
	look_at(w, &w->after);
	if (w->after.m != NULL && !same(&w->before, &w->after))
		all_is_durable(w);
}

/* Notes in the map that everything beyond the recorded part is erased. */
static void
forget_the_rest(struct world *w)
{
	look_at(w, &w->after);
	if (w->after.m == NULL)
		return;
	for (uint32_t i = w->after.formatted ? w->after.tracks[0].size : w->after.end; i < MAP; i++)
		w->now[i] = NEVER;
	w->written = w->after.end > 0;
	all_is_durable(w);
}

static void
act_blank(struct world *w)
{
	uint8_t type = (uint8_t)dice(8);
	uint8_t track = dice(3) == 0 ? 0 : (uint8_t)w->before.ntracks;

	w->what = "BLANK";
	SEND(w, NULL, 0, 0xa1, type, 0, 0, 0, track, 0, 0, 0, 0, 0, 0);
	if (w->r->status != SCSI_GOOD)
		return;
	if (type < 2)
		memset(w->now, 0, sizeof(w->now));
	forget_the_rest(w);
}

/* Returns the medium's format of this type, or NULL. */
static const struct medium_format *
format_of(const struct medium *m, uint8_t type)
{
	const struct medium_format *f;

	for (size_t i = 0; (f = medium_format(m, i)) != NULL; i++)
		if (f->type == type)
			return f;
	return NULL;
}

static void
act_format(struct world *w)
{
	uint8_t list[12] = {0, 0x82, 0, 8};
	const struct medium_format *f;

	w->what = "READ FORMAT CAPACITIES";
	SEND(w, NULL, 0, 0x23, 0, 0, 0, 0, 0, 0, 0, 0xff, 0);
	CHECK(w, w->r->status == SCSI_GOOD && w->r->len == 4u + w->r->data[3]);
	if (w->r->len > 12)
		memcpy(list + 4, w->r->data + 12 + 8 * (dice((uint32_t)w->r->len / 8 - 1)), 8);
	if (dice(3) == 0)
		put_be32(list + 4, dice(2) ? dice(MAP) : 0xffffffff * dice(2));
	list[8] |= (uint8_t)(dice(3) == 0 ? dice(4) : 0);
	if (dice(2) == 0)
		list[11] ^= 1;
	if (dice(20) == 0)
		list[dice(12)] = (uint8_t)dice(256);
	w->what = "FORMAT UNIT";
	SEND(w, list, dice(20) == 0 ? dice(12) : sizeof(list), 0x04, 0x11, 0, 0, 0, 0);
	if (w->r->status != SCSI_GOOD)
		return;
	CHECK(w, w->before.m != NULL && !w->before.tab);
	f = format_of(w->before.m, list[8] >> 2);
	CHECK(w, f != NULL);
	if (f->does == FORMAT_ERASES || (f->does == FORMAT_BACKGROUND && !(list[11] & 1))) {
		memset(w->now, 0, sizeof(w->now));
	} else if (f->does == FORMAT_GROWS || f->does == FORMAT_BACKGROUND) {
		look_at(w, &w->after);
		CHECK(w, w->after.tracks[0].size >= w->before.tracks[0].size);
	}
	forget_the_rest(w);
}

static void
act_page(struct world *w)
{
	uint8_t page[60] = {[8] = 0x05, [9] = 0x32, [12] = 8, [21] = 16, [23] = 150};

	page[10] = (uint8_t)(0x40 | dice(3) | (dice(6) == 0 ? 0x10 : 0));
	page[11] = (uint8_t)((dice(2) ? 0xc0 : 0) | 5);
	if (dice(8) == 0)
		page[dice(60)] ^= (uint8_t)(1 << dice(8));
	page[12] = 8;
	w->what = "MODE SELECT";
	SEND(w, page, sizeof(page), 0x55, 0x10, 0, 0, 0, 0, 0, 0, sizeof(page), 0);
}

static void
act_tray(struct world *w)
{
	static const uint8_t ops[] = {0x02, 0x03, 0x01, 0x00, 0x30, 0x13};

	w->what = "START STOP UNIT";
	if (dice(2))
		SEND(w, NULL, 0, 0x1b, (uint8_t)dice(2), 0, 0, ops[dice(sizeof(ops))], 0);
	else
		SEND(w, NULL, 0, 0x1e, 0, 0, 0, (uint8_t)dice(4), 0);
	/* A disc that leaves the drive is durable. */
	look_at(w, &w->after);
	if (w->after.m == NULL && w->before.m != NULL)
		all_is_durable(w);
}

/* Sends a random row of the command table with random bytes; most of them are meaningful. Commands with an
 * action of their own, mainly those that write, are left out. */
static void
act_anything(struct world *w)
{
	static const uint8_t others[] = {0x04, 0x15, 0x16, 0x1b, 0x1e, 0x2a, 0x2e, 0x35, 0x53, 0x55,
		0x56, 0x5b, 0x5d, 0x5f, 0xa1, 0xaa, 0xbf};
	const struct scsi_lu_type *type = w->bay->lu->type;
	const struct scsi_cmd *cmd = &type->cmds[dice((uint32_t)type->ncmds)];
	static uint8_t out[4 * SECTOR];
	uint8_t cdb[SCSI_CDB_MAX] = {cmd->opcode};
	size_t len = cmd->dir == SCSI_DIR_OUT ? dice(2) ? 28 : dice(sizeof(out)) : 0;

	if (memchr(others, cmd->opcode, sizeof(others)) != NULL)
		return;
	for (unsigned i = 1; i < cmd->cdb_len; i++)
		cdb[i] = (uint8_t)(dice(3) != 0 ? 0 : dice(2) ? dice(4) : dice(256));
	if (cmd->service_action >= 0)
		cdb[1] = (uint8_t)cmd->service_action;
	cdb[cmd->cdb_len - 1] &= (uint8_t)~0x04;
	for (size_t i = 0; i < 64; i++)
		out[i] = (uint8_t)(dice(2) ? dice(256) : dice(3));
	w->what = cmd->name;
	send(w, cdb, cmd->cdb_len, len > 0 ? out : NULL, len);
}

/* Sends a layer 0 capacity that is usually nearly valid. */
static void
act_structure(struct world *w)
{
	uint8_t list[12] = {0, 10};

	put_be32(
		list + 8, dice(4) == 0 ? dice(0xffffffff) : 16 * dice(w->before.capacity / 24 + 2));
	w->what = "SEND DISC STRUCTURE";
	SEND(w, list, sizeof(list), 0xbf, 0, 0, 0, 0, 0, 0, 0x20, 0,
		dice(8) ? 12 : (uint8_t)dice(20), 0, 0);
}

static void
act_tab(struct world *w)
{
	const struct jb_attr tab = {.set = JB_ATTR_MODE, .mode = dice(3) == 0 ? 0444 : 0644};
	struct jb_item item;

	w->what = "chmod";
	if (jb_item_lookup(w->bay->jb, bay_element, w->bay->disc, &item) == JB_OK)
		CHECK(w, jb_item_setattr(w->bay->jb, item.id, &tab) == JB_OK);
}

/* ---- leaving and coming back ------------------------------------------------------------------ */

static bool
lies_at(struct run *r, uint32_t lba)
{
	run_clear_ua(r);
	bay_read(r, lba, 1);
	return r->status == SCSI_GOOD;
}

/* Checks every sector of the map on the disc in `bay`. After a crash a sector that was not durable may
 * have its old or its new content. */
static void
check_content(struct world *w, struct bay *bay, bool crashed)
{
	struct run *r = &bay->r[2];
	struct look *l = &w->after;

	for (uint32_t i = 0; i < MAP && i < l->capacity; i++) {
		uint32_t is = crashed ? w->durable[i] : w->now[i];
		bool sure = !crashed || w->changes[i] == 0;

		if (is == NEVER && !l->formatted && sure && i % 7 != 0)
			continue; /* checks some of the many */
		if (!lies_at(r, i)) {
			CHECK(w, is == NEVER && !(l->formatted && i < l->tracks[0].size));
			continue;
		}
		CHECK(w, !sure || holds(r->data, i, is));
	}
}

static void
stop_and_go(struct world *w)
{
	w->what = "restart";
	bay_restart(w->bay);
	look_at(w, &w->after);
	CHECK(w, w->after.m != NULL);
	CHECK(w, w->before.m == NULL || same(&w->before, &w->after));
	all_is_durable(w);
	check_content(w, w->bay, false);
}

/* Crash: the daemon goes on, and another one opens a copy of its store. */
static void
crash(struct world *w)
{
	struct bay *real = w->bay, copy = {.jb = NULL};
	char command[400];

	w->what = "crash";
	snprintf(copy.path, sizeof(copy.path), "%.40s.copy", real->path);
	memcpy(copy.disc, real->disc, sizeof(copy.disc));
	/* The daemon may delete data of removed discs from incoming/ meanwhile, so cp can fail. */
	snprintf(command, sizeof(command), "cp -a %s %s 2>/dev/null; test -d %s/drives/0/%s",
		real->path, copy.path, copy.path, real->disc);
	assert_int_equal(system(command), 0);
	bay_serve(&copy);
	w->bay = &copy;
	look_at(w, &w->after);
	check_look(w, &w->after);
	CHECK(w, w->after.m != NULL);
	CHECK(w, w->before.m == NULL || w->before.status == DISC_COMPLETE ||
			 w->after.status != DISC_COMPLETE);
	check_content(w, &copy, true);
	w->bay = real;
	bay_stop(&copy);
	folder_remove(copy.path);
}

static void
robot(struct world *w)
{
	const struct jb_elem slot = {JB_SLOT, 2};
	struct jukebox *jb = w->bay->jb;

	w->what = "move";
	if (jb_move(jb, bay_element, slot, NULL) == JB_OK) {
		CHECK(w, jb_move(jb, slot, bay_element, NULL) == JB_OK);
		all_is_durable(w);
	}
}

/* ---- the walk --------------------------------------------------------------------------------- */

static const struct action {
	unsigned weight;
	void (*act)(struct world *w);
	bool whatever; /* changes the disc even if its status is not GOOD */
} actions[] = {
	{45, act_write, false},
	{20, act_read, false},
	{7, act_sync, false},
	{7, act_close, false},
	{4, act_reserve, false},
	{1, act_blank, false},
	{3, act_format, false},
	{4, act_page, false},
	{2, act_tray, true},
	{12, act_anything, false},
	{1, act_structure, false},
	{2, act_tab, true},
	{1, robot, true},
};

static void
step(struct world *w)
{
	uint32_t sum = 0, at;
	const struct action *a = actions;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		sum += actions[i].weight;
	for (at = dice(sum); at >= a->weight; a++)
		at -= a->weight;
	w->r = &w->bay->r[dice(2)];
	w->r->status = SCSI_GOOD;
	look_at(w, &w->before);
	if (w->before.m == NULL && dice(3) == 0) {
		w->what = "load";
		SEND(w, NULL, 0, 0x1b, 0, 0, 0, 0x03, 0);
		return;
	}
	a->act(w);
	look_at(w, &w->after);
	check_look(w, &w->after);
	if (w->after.m == NULL || w->before.m == NULL)
		return;
	check_map(w, &w->after);
	CHECK(w, a->whatever || w->r->status == SCSI_GOOD || same(&w->before, &w->after));
	if (w->before.status == DISC_COMPLETE && w->before.m->kind != MEDIUM_REWRITABLE)
		CHECK(w, w->after.status == DISC_COMPLETE);
}

/* Puts a blank into the drive; usually a small one, so that its end is reached. */
static void
put_blank(struct world *w, const struct medium *m)
{
	const struct jb_elem slot = {JB_SLOT, 1};
	struct jukebox *jb = w->bay->jb;
	struct jb_file *f;
	struct jb_item item;
	char size[32];

	snprintf(w->bay->disc, sizeof(w->bay->disc), "D.%s.iso", m->suffix);
	assert_int_equal(
		jb_file_create(jb, slot, w->bay->disc, 0644, getuid(), getgid(), &f, &item), JB_OK);
	assert_int_equal(jb_file_flush(f, false), JB_OK);
	jb_file_release(f);
	if (dice(5) != 0) {
		uint32_t sectors = 32 + dice(dice(3) == 0 ? 500 : MAP);

		snprintf(size, sizeof(size), "%llu", (unsigned long long)sectors * SECTOR);
		assert_int_equal(jb_item_set_capacity(jb, item.id, size), JB_OK);
	}
	assert_int_equal(move_by_hand(jb, slot, bay_element, NULL), JB_OK);
	memset(w->now, 0, sizeof(w->now));
	all_is_durable(w);
	w->stamp = FIRST_STAMP;
	w->written = false;
	w->what = "insert";
}

static void
take_out(struct world *w)
{
	w->what = "remove";
	bay_restart(w->bay); /* also ends any lock of the drive */
	assert_int_equal(bay_remove(w->bay), JB_OK);
}

static void
walk(struct bay *bay, const struct medium *m)
{
	struct world *w = &world;

	w->bay = bay;
	w->r = &bay->r[0];
	bay_set(bay, JB_SET_DRIVE_FINALIZE_AS_ROM, dice(10) == 0 ? "1" : "0");
	put_blank(w, m);
	for (int i = 1; i <= STEPS; i++) {
		w->steps = (unsigned)i;
		step(w);
		if (i % 100 == 0) {
			look_at(w, &w->before);
			crash(w);
		}
		if (i % 200 == 0) {
			look_at(w, &w->before);
			stop_and_go(w);
		}
	}
	completed += w->after.status == DISC_COMPLETE;
	take_out(w);
}

static void
random_commands(void **state)
{
	struct bay *bay = *state;
	const struct medium *m;

	bay_set(bay, JB_SET_HASH_COMPLETED, "0");
	for (uint32_t round = 0; round < rounds; round++, first_seed++) {
		seed = first_seed;
		for (size_t i = 0; (m = medium_row(i)) != NULL; i++)
			if (medium_writable(m))
				walk(bay, m);
	}
	assert_true(good_writes > 300 * rounds && refused_writes > 100 * rounds);
	assert_true(completed > rounds);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(random_commands),
	};

	if (argc > 1)
		first_seed = (uint32_t)strtoul(argv[1], NULL, 10);
	if (argc > 2)
		rounds = (uint32_t)strtoul(argv[2], NULL, 10);
	return cmocka_run_group_tests(tests, folders_in_memory, NULL);
}
