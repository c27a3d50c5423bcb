/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads the .mds of Alcohol 120%, and makes the plan of its disc (plan.h).  Its sectors are in an .mdf.
 * Numbers have their lowest byte first.  The .mds has these blocks:
 *
 *	header		kind of medium, number of sessions
 *	session		24 bytes: how many rows it has, and where they are
 *	row		80 bytes: a track, or a point of the lead-in (A0h and up)
 *	extra		8 bytes for a track of a CD: sectors of its pause, and of its data
 *	footer		16 bytes: where the name of the .mdf is (not read)
 */
#include <stdlib.h>
#include <string.h>

#include "changer/cdsector.h"
#include "changer/foreign/codes.h"
#include "changer/foreign/le.h"
#include "changer/foreign/readers.h"

enum {
	HEADER = 88, /* bytes of the blocks */
	SESSION = 24,
	ROW = 80,
	EXTRA = 8,
	FIRST_DVD = 0x10, /* the lowest number of a medium that is not a CD */
	SUBCHANNELS = 96, /* bytes of sub-channels behind a sector */
	MODE_MASK = 7,	  /* the bits of the mode in byte 0 of a row */
};

struct mds {
	struct foreign *f;
	struct foreign_plan *plan;
	unsigned sheet, mdf;  /* the indices of .mds and .mdf in f->files */
	const uint8_t *bytes; /* all of the .mds: `size` bytes */
	size_t size;
	bool is_cd; /* true: tracks have the block `extra` */
};

/* Refuses the files, because the .mds is not valid.  Always returns false. */
static bool
damaged(struct mds *m)
{
	return foreign_refuse(m->f, "%s is damaged, or of a version that is not known",
		m->f->files[m->sheet].name);
}

/* Returns a pointer to the n bytes at the offset `at` of the .mds; NULL if the .mds ends before. */
static const uint8_t *
bytes_at(const struct mds *m, uint64_t at, size_t n)
{
	return at <= m->size && m->size - at >= n ? m->bytes + at : NULL;
}

/* The forms of sectors (plan.h), by the mode in a track's row and the bytes of a sector without
 * sub-channels. */
static const struct mds_form {
	uint8_t mode;
	unsigned size;
	enum plan_form form;
} forms[] = {
	{1, 2352, PLAN_AUDIO},
	{2, 2352, PLAN_MODE1_RAW},
	{2, 2048, PLAN_MODE1},
	{3, 2352, PLAN_MODE2_RAW},
	{3, 2336, PLAN_MODE2},
	{3, 2048, PLAN_MODE2_FORM1},
	{4, 2352, PLAN_MODE2_RAW},
	{4, 2336, PLAN_MODE2},
	{4, 2048, PLAN_MODE2_FORM1},
	{5, 2352, PLAN_MODE2_RAW},
	{5, 2336, PLAN_MODE2},
	{5, 2328, PLAN_MODE2_FORM2},
	{5, 2324, PLAN_MODE2_FORM2},
};

/* Returns the form of the sectors of a track; row is its row.  Returns NULL if the form is not known. */
static const struct mds_form *
find_form(const uint8_t *row)
{
	unsigned size = le16(row + 16) - (row[1] != 0 ? SUBCHANNELS : 0U);

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i].mode == (row[0] & MODE_MASK) && forms[i].size == size)
			return &forms[i];
	return NULL;
}

/* Stores how many sectors of pause and of data the track of that row has.  For a DVD there is no pause, and
 * the data goes up to the end of the .mdf.  Returns true; or false after refusing the files, if the .mds is
 * not valid. */
static bool
measure(struct mds *m, const uint8_t *row, uint32_t *pause, uint64_t *sectors)
{
	uint64_t offset = le64(row + 40), size = m->f->files[m->mdf].size;
	unsigned stride = le16(row + 16);
	const uint8_t *extra = bytes_at(m, le32(row + 12), EXTRA);

	*pause = 0;
	if (!m->is_cd) {
		*sectors = offset < size ? (size - offset) / stride : 0;
		return true;
	}
	if (extra == NULL)
		return damaged(m);
	*pause = le32(extra);
	*sectors = le32(extra + 4);
	return *pause < INT32_MAX || damaged(m);
}

/* Adds the track of that row to the plan.  opens is true for the first track of its session.  Its pause is
 * not in the .mdf, so it becomes a PREGAP.  Returns true; or false after refusing the files. */
static bool
add_track(struct mds *m, const uint8_t *row, unsigned session, bool opens)
{
	const struct mds_form *form = find_form(row);
	struct cue_track *t;
	uint64_t sectors = 0;
	uint32_t pause = 0;

	if (form == NULL)
		return foreign_refuse(m->f, "track %u has sectors of an unknown kind", row[4]);
	if (le32(row + 48) > 1)
		return foreign_refuse(m->f, "its data is in several files: join them to one .mdf");
	if (!measure(m, row, &pause, &sectors) || !plan_track(m->f, m->plan, form->form, &t))
		return false;
	t->session = (uint16_t)session;
	codes_control(t, row[2] & 0xf);
	if (!opens || (session == 1 && pause > CD_LEAD_IN_GAP))
		t->pregap = pause;
	return plan_add(m->f, m->plan, m->mdf, form->form, le16(row + 16), le64(row + 40), sectors);
}

/* Adds the tracks of a session to the plan; block is the session's block.  Returns true; or false after
 * refusing the files, if the numbers of the tracks do not follow each other or a track cannot be added. */
static bool
add_session(struct mds *m, const uint8_t *block, unsigned session)
{
	bool opens = true;

	for (unsigned i = 0; i < block[10]; i++) {
		const uint8_t *row = bytes_at(m, le32(block + 20) + (uint64_t)i * ROW, ROW);
		struct cue_sheet *sheet = m->plan->sheet;

		if (row == NULL)
			return damaged(m);
		if (row[4] < 1 || row[4] > CUE_TRACKS_MAX)
			continue;
		if (sheet->ntracks == 0)
			sheet->first = row[4];
		else if (row[4] != sheet->first + sheet->ntracks)
			return damaged(m);
		if (!add_track(m, row, session, opens))
			return false;
		opens = false;
	}
	return true;
}

/* Checks the header, and adds the tracks of all sessions to the plan.  Returns true; or false after
 * refusing the files. */
static bool
add_sessions(struct mds *m)
{
	const uint8_t *head = bytes_at(m, 0, HEADER);

	if (head == NULL || memcmp(head, "MEDIA DESCRIPTOR", 16) != 0 || head[16] != 1)
		return damaged(m);
	m->is_cd = le16(head + 18) < FIRST_DVD;
	for (unsigned i = 0; i < le16(head + 20); i++) {
		const uint8_t *block =
			bytes_at(m, le32(head + 80) + (uint64_t)i * SESSION, SESSION);

		if (block == NULL)
			return damaged(m);
		if (!add_session(m, block, i + 1))
			return false;
	}
	return true;
}

bool
read_mds(struct foreign *f, unsigned sheet, struct foreign_plan *plan)
{
	struct mds m = {.f = f, .plan = plan, .sheet = sheet};
	char *bytes;
	bool ok;

	if (!foreign_find_beside(f, sheet, ".mdf", &m.mdf))
		return foreign_miss_beside(f, sheet, ".mdf");
	bytes = foreign_read_all(f, sheet, FOREIGN_SHEET_MAX, &m.size);
	if (bytes == NULL)
		return false;
	m.bytes = (const uint8_t *)bytes;
	ok = add_sessions(&m);
	free(bytes);
	return ok;
}
