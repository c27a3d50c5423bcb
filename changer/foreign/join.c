/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/foreign/join.h"

#include <stdlib.h>
#include <string.h>

#include "changer/cdsector.h"
#include "changer/medium.h"

enum {
	STEP = 64,		       /* sectors that are read and written at once */
	STRIDE_MAX = 2448,	       /* bytes of the largest sector in a file */
	HEADLESS = CD_RAW_SIZE - 2336, /* bytes of sync pattern and header */
};

/* ---- sectors, each from the bytes that its form has ------------------------------------------ */

/* Makes the raw sector with the address lba.  from has the bytes that a sector of its form (plan.h) has in
 * the file. */
typedef void make_sector(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *from);

/* Copies a sector that is raw in its file.  lba is not used. */
static void
copy(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *from)
{
	memcpy(raw, from, CD_RAW_SIZE);
}

/* Makes a raw sector of audio from samples with their high byte first: exchanges both bytes of each.  lba
 * is not used. */
static void
swap(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *from)
{
	for (unsigned i = 0; i < CD_RAW_SIZE; i += 2) {
		raw[i] = from[i + 1];
		raw[i + 1] = from[i];
	}
}

/* Makes a raw sector of mode 2 form 2 from 2324 bytes of user data; its header has the address lba. */
static void
make_form2(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *from)
{
	static const uint8_t subheader[8] = {0, 0, CD_SUBMODE_FORM2, 0, 0, 0, CD_SUBMODE_FORM2, 0};

	memcpy(raw + CD_SUBHEADER, subheader, sizeof(subheader));
	memcpy(raw + CD_DATA_MODE2, from, plan_forms[PLAN_MODE2_FORM2].bytes);
	cd_sector_mode2(raw, lba);
}

/* Makes a raw sector of mode 2 from its 2336 bytes: adds sync pattern and header.  Keeps the codes in these
 * bytes, because they do not depend on the header. */
static void
make_mode2(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *from)
{
	memcpy(raw + HEADLESS, from, CD_RAW_SIZE - HEADLESS);
	cd_sector_mode2_formless(raw, lba);
}

/* The functions for the forms of sectors in their files. */
static make_sector *const makers[PLAN_FORMS] = {
	[PLAN_AUDIO] = copy,
	[PLAN_SWAPPED] = swap,
	[PLAN_MODE1] = cd_sector_mode1,
	[PLAN_MODE2_FORM1] = cd_sector_mode2_form1,
	[PLAN_MODE2_FORM2] = make_form2,
	[PLAN_MODE2] = make_mode2,
	[PLAN_MODE1_RAW] = copy,
	[PLAN_MODE2_RAW] = copy,
};

/* ---- parts ----------------------------------------------------------------------------------- */

/* The state of join_parts: its arguments, and buffers for STEP sectors. */
struct join {
	struct foreign *f;
	const struct foreign_plan *plan;
	join_write *write;
	void *arg;
	/* sectors as they are in their file; raw sectors */
	uint8_t from[STEP * STRIDE_MAX], to[STEP * CD_RAW_SIZE];
};

/* Reads n sectors of the part to j->from, from the part's sector `done` on.  If the file does not have all
 * bytes of them (part->bytes), the rest is zeros.  Returns true; or false after refusing the files, if they
 * cannot be read. */
static bool
read_sectors(struct join *j, const struct plan_part *part, uint32_t done, unsigned n)
{
	uint64_t at = (uint64_t)done * part->stride, left = part->bytes > at ? part->bytes - at : 0;
	size_t size = (size_t)n * part->stride, there = left < size ? (size_t)left : size;

	memset(j->from + there, 0, size - there);
	if (part->file == PLAN_NOTHING || there == 0)
		return true;
	return foreign_read(j->f, part->file, part->offset + at, j->from, there);
}

/* Writes the n sectors in j->from, which begin with the part's sector `done`.  Makes them raw, except for
 * an ISO.  Returns what j->write returns. */
static bool
write_sectors(struct join *j, const struct plan_part *part, uint32_t done, unsigned n)
{
	if (j->plan->iso)
		return j->write(j->arg, j->from, (size_t)n * SECTOR_SIZE);
	for (unsigned i = 0; i < n; i++)
		makers[part->form](j->to + (size_t)i * CD_RAW_SIZE, (int32_t)(part->lba + done + i),
			j->from + (size_t)i * part->stride);
	return j->write(j->arg, j->to, (size_t)n * CD_RAW_SIZE);
}

bool
join_parts(struct foreign *f, const struct foreign_plan *plan, join_write *write, void *arg)
{
	struct join *j = malloc(sizeof(*j));
	bool ok = j != NULL;

	if (j == NULL)
		return foreign_refuse(f, "memory is missing");
	j->f = f;
	j->plan = plan;
	j->write = write;
	j->arg = arg;
	for (unsigned i = 0; ok && i < plan->nparts; i++) {
		const struct plan_part *part = &plan->parts[i];
		unsigned n;

		for (uint32_t done = 0; ok && done < part->sectors; done += n) {
			n = part->sectors - done < STEP ? part->sectors - done : STEP;
			ok = read_sectors(j, part, done, n) && write_sectors(j, part, done, n);
		}
	}
	free(j);
	return ok;
}

void
join_print_sheet(const struct foreign_plan *plan, const char *stem, FILE *out)
{
	char packs[CUE_FILE_MAX + 8];
	const char *cdt = plan->npacks > 0 ? packs : NULL;
	int n = CUE_FILE_MAX - 4;

	snprintf(packs, sizeof(packs), "%.*s.cdt", n, stem);
	snprintf(plan->sheet->file, sizeof(plan->sheet->file), "%.*s.bin", n, stem);
	if (plan->lines != NULL)
		cue_print_lines(plan->sheet, plan->lines, cdt, out);
	else
		cue_print(plan->sheet, cdt, out);
}
