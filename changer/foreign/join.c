/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/foreign/join.h"

#include <stdlib.h>
#include <string.h>

#include "changer/cdsector.h"
#include "changer/medium.h"

enum {
	STEP = 64, /* sectors that are read and written at once */
	STRIDE_MAX = 2448,
	HEADLESS = CD_RAW_SIZE - 2336, /* sync pattern and header */
};

/* ---- sectors, each from the bytes that its form has ------------------------------------------ */

/* Makes the raw sector with the address lba from the bytes that a sector of its form has in the
 * file. */
typedef void make_sector(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *from);

/* Makes a raw sector of one that is raw already: copies it.  lba does not matter. */
static void
copy(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *from)
{
	memcpy(raw, from, CD_RAW_SIZE);
}

/* Makes a raw sector of audio whose samples have their high byte first: exchanges the bytes of each.
 * lba does not matter. */
static void
swap(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *from)
{
	for (unsigned i = 0; i < CD_RAW_SIZE; i += 2) {
		raw[i] = from[i + 1];
		raw[i + 1] = from[i];
	}
}

/* Makes a raw sector of mode 2 form 2 from its 2324 bytes of user data, with a header for the
 * address lba. */
static void
make_form2(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *from)
{
	static const uint8_t subheader[8] = {0, 0, CD_SUBMODE_FORM2, 0, 0, 0, CD_SUBMODE_FORM2, 0};

	memcpy(raw + CD_SUBHEADER, subheader, sizeof(subheader));
	memcpy(raw + CD_DATA_MODE2, from, plan_forms[PLAN_MODE2_FORM2].bytes);
	cd_sector_mode2(raw, lba);
}

/* Makes a raw sector of mode 2 from its 2336 bytes: adds sync pattern and header.  The codes in
 * these bytes are kept as they are: they do not depend on the header. */
static void
make_mode2(uint8_t raw[CD_RAW_SIZE], int32_t lba, const uint8_t *from)
{
	memcpy(raw + HEADLESS, from, CD_RAW_SIZE - HEADLESS);
	cd_sector_mode2_formless(raw, lba);
}

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

/* The work of join_parts, with room for STEP sectors as they are read, and as they are written. */
struct join {
	struct foreign *f;
	const struct foreign_plan *plan;
	join_write *write;
	void *arg;
	uint8_t from[STEP * STRIDE_MAX], to[STEP * CD_RAW_SIZE];
};

/* Reads n sectors of the part, from number `done` on, to j->from.  What the file does not have of
 * the part is zero.  Returns false, after refusing the files, if they cannot be read. */
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

/* Writes n sectors of the part, from number `done` on, which are in j->from: as they are for an ISO,
 * else as raw sectors.  Returns false if j->write does. */
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
