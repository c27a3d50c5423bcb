/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The changer. Each bit of the first byte of the input is a disc in an element; then commands follow
 * (commands.h), and what is done at the mount beside them.
 */
#include "tests/fuzz/commands.h"
#include "tests/unit/smc/library.h"

enum {
	/* rows that are no command */
	INSERT = 0xff,
	REMOVE = 0xfd,
	MOVE = 0xfc,
	OTHER_NEXUS = 0xfb,
	RECORDS_MAX = 60,
};

static const struct jb_elem elements[] = {{JB_SLOT, 1}, {JB_SLOT, 2}, {JB_SLOT, 3}, {JB_SLOT, 4},
	{JB_MAILSLOT, 1}, {JB_MAILSLOT, 2}, {JB_DRIVE, 0}, {JB_DRIVE, 1}};

static void
insert(struct library *lib, struct jb_elem e, const char *name)
{
	struct jb_file *f;

	if (jb_file_create(lib->jb, e, name, 0644, getuid(), getgid(), &f, NULL) != JB_OK)
		return;
	jb_file_flush(f, false);
	jb_file_release(f);
}

static void
remove_any(struct library *lib, struct jb_elem e)
{
	struct jb_item disc = {.kind = JB_ITEM_INCOMING};

	jb_item_list(lib->jb, e, keep_disc, &disc);
	if (disc.kind == JB_ITEM_DISC)
		jb_item_remove(lib->jb, e, disc.name);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = {data, size};
	uint8_t full = feed_u8(&f), row, a, b;
	struct library *lib;
	struct scsi_nexus *other;
	struct run r;
	bool use_other = false;

	folders_in_memory(NULL);
	lib = library_open(4, 2, 2);
	other = run_nexus(lib->device, "iqn.2026-01.test:other");
	run_begin(&r, other, 0);
	for (unsigned i = 0; i < 8; i++) {
		const char name[] = {'A', (char)('1' + i), '.', 'i', 's', 'o', '\0'};

		if (full >> i & 1)
			insert(lib, elements[i], name);
	}
	for (unsigned i = 0; f.left > 0 && i < RECORDS_MAX; i++) {
		row = feed_u8(&f);
		a = row >= OTHER_NEXUS && row != COMMANDS_ANY ? feed_u8(&f) % 8 : 0;
		switch (row) {
		case INSERT:
			insert(lib, elements[a], "NEW.iso");
			break;
		case REMOVE:
			remove_any(lib, elements[a]);
			break;
		case MOVE:
			b = feed_u8(&f) % 8;
			move_by_hand(lib->jb, elements[a], elements[b], NULL);
			break;
		case OTHER_NEXUS:
			use_other = !use_other;
			break;
		default:
			commands_next(use_other ? &r : &lib->r, lib->changer->type, row, &f);
			break;
		}
	}
	run_end(&r);
	scsi_nexus_free(other);
	library_close(lib);
	return 0;
}
