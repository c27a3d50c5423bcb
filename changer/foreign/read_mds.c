/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The .mds of Alcohol 120%, whose sectors are in an .mdf.  Numbers have their lowest byte first.
 *
 *	header		kind of medium, sessions
 *	session		24 bytes: how many rows it has, and where they are
 *	row		80 bytes: a track, or a point of the lead-in (A0h and up)
 *	extra		8 bytes for a track of a CD: sectors of its pause, and of its data
 *	footer		16 bytes: where the name of the .mdf is
 */
#include <stdlib.h>
#include <string.h>

#include "changer/cdsector.h"
#include "changer/foreign/codes.h"
#include "changer/foreign/le.h"
#include "changer/foreign/readers.h"

enum {
	HEADER = 88,
	SESSION = 24,
	ROW = 80,
	EXTRA = 8,
	FIRST_DVD = 0x10, /* the number of the first medium that is no CD */
	SUBCHANNELS = 96,
	MODE_MASK = 7,
};

struct mds {
	struct foreign *f;
	struct foreign_plan *plan;
	unsigned sheet, mdf;  /* numbers of both files */
	const uint8_t *bytes; /* all of the .mds */
	size_t size;
	bool is_cd; /* true: tracks have the block `extra` */
};

/* Refuses the files, because the .mds is not valid.  Returns false. */
static bool
damaged(struct mds *m)
{
	return foreign_refuse(m->f, "%s is damaged, or of a version that is not known",
		m->f->files[m->sheet].name);
}

/* Returns the n bytes at that offset; NULL if they are not in the file. */
static const uint8_t *
bytes_at(const struct mds *m, uint64_t at, size_t n)
{
	return at <= m->size && m->size - at >= n ? m->bytes + at : NULL;
}

/* The forms of sectors, by the mode of the track and the size of a sector without sub-channels. */
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

/* Returns the form of the sectors of a row; NULL if it is not known. */
static const struct mds_form *
find_form(const uint8_t *row)
{
	unsigned size = le16(row + 16) - (row[1] != 0 ? SUBCHANNELS : 0U);

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (forms[i].mode == (row[0] & MODE_MASK) && forms[i].size == size)
			return &forms[i];
	return NULL;
}

/* Stores how many sectors of pause and of data a track has.  Returns false, after refusing the
 * files, if the .mds does not say so. */
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

/* Takes the row of a track; `opens`: it is the first one of its session.  The .mdf does not have its
 * pause.  Returns true; or false, after foreign_refuse with the reason. */
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

/* Adds the tracks of a session, whose block is given.  Returns false, after refusing the files, if
 * they do not follow each other. */
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

/* Checks the header, and adds the tracks of all sessions.  Returns true; or false, after
 * foreign_refuse with the reason. */
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
