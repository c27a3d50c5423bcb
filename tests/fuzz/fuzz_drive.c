/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A drive with a disc of each medium in its states. The first byte of the input is the medium, the second one
 * is what is done to it before; then commands follow (commands.h), and things that happen beside them.
 */
#include "tests/fuzz/commands.h"

#include "changer/medium.h"
#include "tests/unit/mmc/drive.h"

enum {
	/* the second byte */
	IMAGE = 0x01,	  /* an image is inserted, not a blank */
	FORMATTED = 0x02, /* FORMAT UNIT, by the medium's first format */
	WRITTEN = 0x04,	  /* sectors from 0 on */
	CLOSED = 0x08,	  /* the track, then the session */
	PROTECTED = 0x10, /* the write-protect tab */
	LOADED = 0x20,	  /* the unit attentions have been taken */
	RESTARTED = 0x40,
	/* rows that are no command */
	TAB = 0xff,
	MOVED = 0xfd,
	RESTART = 0xfc,
	OTHER_NEXUS = 0xfb,
	RECORDS_MAX = 40,
};

static const struct medium *
some_medium(uint8_t n)
{
	size_t rows = 0;

	while (medium_row(rows) != NULL)
		rows++;
	return medium_row(n % rows);
}

static void
set_tab(struct bay *bay, bool on)
{
	const struct jb_attr tab = {.set = JB_ATTR_MODE, .mode = on ? 0444 : 0644};
	struct jb_item item;

	if (jb_item_lookup(bay->jb, bay_element, bay->disc, &item) == JB_OK)
		jb_item_setattr(bay->jb, item.id, &tab);
}

static void
prepare(struct bay *bay, const struct medium *m, uint8_t how)
{
	struct run *r = &bay->r[0];
	char name[64];
	bool image = (how & IMAGE) || !medium_writable(m);

	snprintf(name, sizeof(name), "D.%s.iso", m->suffix);
	bay_insert(bay, name, image ? 100 : 0);
	if (how & (LOADED | FORMATTED | WRITTEN | CLOSED))
		run_clear_ua(r);
	if (how & FORMATTED) {
		uint8_t list[12] = {0, 0x02, 0, 8, 0xff, 0xff, 0xff, 0xff,
			(uint8_t)(m->formats != NULL ? m->formats[0].type << 2 : 0)};

		run_cdb(r, list, sizeof(list), 0x04, 0x11);
	}
	if (how & WRITTEN)
		bay_write(r, 0, 32);
	if (how & CLOSED) {
		run_cdb(r, NULL, 0, 0x5b, 0, 1, 0, 0, 1);
		run_cdb(r, NULL, 0, 0x5b, 0, 2);
	}
	if (how & PROTECTED)
		set_tab(bay, true);
	if (how & RESTARTED)
		bay_restart(bay);
}

static void
move_out_and_in(struct bay *bay)
{
	const struct jb_elem slot = {JB_SLOT, 2};

	if (jb_move(bay->jb, bay_element, slot, NULL) == JB_OK)
		FUZZ_CHECK(jb_move(bay->jb, slot, bay_element, NULL) == JB_OK);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = {data, size};
	uint8_t medium = feed_u8(&f), how = feed_u8(&f), row;
	struct bay *bay;
	unsigned nexus = 0;

	folders_in_memory(NULL);
	bay = bay_open();
	bay_set(bay, JB_SET_HASH_COMPLETED, "0");
	prepare(bay, some_medium(medium), how);
	for (unsigned i = 0; f.left > 0 && i < RECORDS_MAX; i++) {
		switch (row = feed_u8(&f)) {
		case TAB:
			set_tab(bay, feed_u8(&f) & 1);
			break;
		case MOVED:
			move_out_and_in(bay);
			break;
		case RESTART:
			bay_restart(bay);
			break;
		case OTHER_NEXUS:
			nexus = (nexus + 1) % NEXUSES;
			break;
		default:
			commands_next(&bay->r[nexus], bay->lu->type, row, &f);
			break;
		}
	}
	bay_close(bay);
	return 0;
}
