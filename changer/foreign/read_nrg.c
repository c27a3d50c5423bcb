/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads Nero's .nrg, and makes the plan of its disc (plan.h).  The file has the sectors of the tracks, then
 * chunks, then a footer that says where the first chunk is.  A chunk has a name, a size and data; numbers
 * have their highest byte first.
 *
 *	CUES CUEX	the cue sheet of the next session: control bits, indices
 *	DAOI DAOX	the tracks of a session that is written at once
 *	ETNF ETN2	the tracks of a session that is written track by track
 *	SINF		the end of a session
 *	CDTX		packs of CD-TEXT
 *	END!		the end
 */
#include <stdlib.h>
#include <string.h>

#include "changer/base/be.h"
#include "changer/cdsector.h"
#include "changer/foreign/codes.h"
#include "changer/foreign/readers.h"

enum {
	/* sizes in bytes */
	FOOTER_OLD = 8,
	FOOTER_NEW = 12,
	CHUNK = 8,	     /* a chunk's name and size */
	CHUNKS_MAX = 1000,   /* chunks of a file, at most */
	CHUNK_MAX = 1 << 16, /* the data of a chunk that is read, at most */
	CUE_ROW = 8,	     /* a row of CUES and CUEX */
	DAO_HEAD = 22,	     /* what is before the first row of DAOI and DAOX */
	DAO_COMMON = 18,     /* of such a row, before its offsets: ISRC, size of a sector, mode */
	ETN_OLD = 20,	     /* a row of ETNF */
	ETN_NEW = 32,	     /* a row of ETN2 */
};

struct nrg {
	struct foreign *f;
	struct foreign_plan *plan;
	unsigned file;		/* the index of the .nrg in f->files */
	unsigned session;	/* the session whose chunks are read now, from 1 on */
	unsigned last;		/* the session of the last track; 0: none yet */
	int64_t end;		/* the address after the last track of ETNF or ETN2 */
	uint8_t cue[CHUNK_MAX]; /* the data of the last CUES or CUEX, cue_size bytes */
	size_t cue_size;
	bool cue_is_old; /* true: CUES, whose addresses are minutes, seconds, frames */
};

/* Refuses the files, because the .nrg is not valid.  Always returns false. */
static bool
damaged(struct nrg *n)
{
	return foreign_refuse(n->f, "%s is damaged, or not an image of Nero: copy it again",
		n->f->files[n->file].name);
}

/* ---- tracks ---------------------------------------------------------------------------------- */

/* The forms of sectors (plan.h), by their code in the .nrg.  stride is the bytes of a sector, with
 * sub-channels. */
static const struct nrg_mode {
	uint8_t code;
	enum plan_form form;
	unsigned stride;
} modes[] = {
	{0x00, PLAN_MODE1, 2048},
	{0x02, PLAN_MODE2_FORM1, 2048},
	{0x03, PLAN_MODE2, 2336},
	{0x05, PLAN_MODE1_RAW, 2352},
	{0x06, PLAN_MODE2_RAW, 2352},
	{0x07, PLAN_AUDIO, 2352},
	{0x0f, PLAN_MODE1_RAW, 2448},
	{0x10, PLAN_AUDIO, 2448},
	{0x11, PLAN_MODE2_RAW, 2448},
};

/* Returns the row of modes[] for that code; NULL after refusing the files, if the code is not known. */
static const struct nrg_mode *
find_mode(struct nrg *n, uint8_t code)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (modes[i].code == code)
			return &modes[i];
	foreign_refuse(n->f, "it has sectors of an unknown kind, %02xh", code);
	return NULL;
}

/* Returns the value of two digits in BCD. */
static unsigned
from_bcd(uint8_t bcd)
{
	return (bcd >> 4) * 10U + (bcd & 0xf);
}

/* Returns the address in a row of the cue sheet, in sectors.  It is below 0 in the first pause of the
 * disc. */
static int64_t
cue_address(const struct nrg *n, const uint8_t *row)
{
	if (n->cue_is_old)
		return ((int64_t)row[5] * 60 + row[6]) * CD_FRAMES + row[7] - CD_LEAD_IN_GAP;
	return (int32_t)get_be32(row + 4);
}

/* Sets the control bits of the track *t, and adds its indices from 2 on.  Finds both in the rows of the cue
 * sheet with that track number.  Ignores an index that is not behind the one before it, or not in the
 * track. */
static void
take_cue(struct nrg *n, struct cue_track *t, unsigned number)
{
	struct cue_sheet *sheet = n->plan->sheet;
	int64_t index1 = INT64_MIN, last = t->index1;

	for (size_t at = 0; at + CUE_ROW <= n->cue_size; at += CUE_ROW) {
		const uint8_t *row = n->cue + at;
		unsigned index = from_bcd(row[2]);
		int64_t place;

		if (from_bcd(row[1]) != number)
			continue;
		if (index == 1) {
			codes_control(t, row[0] >> 4);
			index1 = cue_address(n, row);
		} else if (index >= 2 && index1 != INT64_MIN) {
			place = t->index1 + cue_address(n, row) - index1;
			if (place <= last || place >= n->plan->sectors ||
				sheet->nindices == CUE_INDICES_MAX)
				continue;
			sheet->indices[sheet->nindices++] = (uint32_t)place;
			last = place;
		}
	}
}

/* Begins a track in the present session, and stores a pointer to it in *t.  *opens is then true if it is
 * the first track of the session.  Returns true; or false after refusing the files. */
static bool
begin_track(struct nrg *n, enum plan_form form, struct cue_track **t, bool *opens)
{
	if (!plan_track(n->f, n->plan, form, t))
		return false;
	(*t)->session = (uint16_t)n->session;
	*opens = n->last != n->session;
	n->last = n->session;
	return true;
}

/* Adds a track of DAOI or DAOX to the plan.  row is its row; offset[] says where in the .nrg its pause
 * begins, where its data begins, and where it ends.  The first 150 sectors of the pause of a session's
 * first track are left out: they are part of the lead-in.  Returns true; or false after refusing the
 * files. */
static bool
add_dao_track(struct nrg *n, const uint8_t *row, const uint64_t offset[3], unsigned number)
{
	const struct nrg_mode *mode = find_mode(n, row[14]);
	struct cue_track *t;
	uint64_t pause, size, skip;
	bool opens;

	if (mode == NULL)
		return false;
	if (get_be16(row + 12) != mode->stride || offset[1] < offset[0] || offset[2] < offset[1])
		return damaged(n);
	pause = (offset[1] - offset[0]) / mode->stride;
	size = (offset[2] - offset[1]) / mode->stride;
	if (!begin_track(n, mode->form, &t, &opens))
		return false;
	skip = !opens ? 0 : pause < CD_LEAD_IN_GAP ? pause : CD_LEAD_IN_GAP;
	if (!plan_add(n->f, n->plan, n->file, mode->form, mode->stride,
		    offset[0] + skip * mode->stride, pause - skip))
		return false;
	plan_index1(n->plan);
	if (!plan_add(n->f, n->plan, n->file, mode->form, mode->stride, offset[1], size))
		return false;
	codes_isrc(n->f, t, (const char *)row, 12);
	take_cue(n, t, number);
	return true;
}

/* Adds the tracks of a chunk DAOI or DAOX, which has size bytes at data.  width is the bytes of an offset:
 * 4 or 8.  Returns true; or false after refusing the files. */
static bool
take_dao(struct nrg *n, const uint8_t *data, size_t size, unsigned width)
{
	size_t row = DAO_COMMON + 3 * width;
	unsigned number;

	if (size < DAO_HEAD)
		return damaged(n);
	codes_catalog(n->f, n->plan, (const char *)data + 4, 13);
	number = data[20];
	if (n->plan->sheet->ntracks == 0 && number >= 1 && number <= CUE_TRACKS_MAX)
		n->plan->sheet->first = (uint8_t)number;
	for (size_t at = DAO_HEAD; at + row <= size; at += row) {
		const uint8_t *p = data + at + DAO_COMMON;
		uint64_t offset[3];

		for (unsigned i = 0; i < 3; i++)
			offset[i] = width == 8 ? get_be64(p + i * 8) : get_be32(p + i * 4);
		if (!add_dao_track(n, data + at, offset, number++))
			return false;
	}
	return true;
}

/* Adds a track of ETNF or ETN2 to the plan: size bytes from the offset on; its address is lba.  The sectors
 * between it and the track before it are not in the .nrg, and become its pause.  Returns true; or false
 * after refusing the files. */
static bool
add_tao_track(struct nrg *n, uint64_t offset, uint64_t size, uint8_t code, int64_t lba)
{
	const struct nrg_mode *mode = find_mode(n, code);
	struct cue_track *t;
	bool opens;

	if (mode == NULL)
		return false;
	if (size % mode->stride != 0)
		return damaged(n);
	if (!begin_track(n, mode->form, &t, &opens))
		return false;
	if (!opens && lba > n->end && lba - n->end <= INT32_MAX)
		t->pregap = (uint32_t)(lba - n->end);
	n->end = lba + (int64_t)(size / mode->stride);
	return plan_add(
		n->f, n->plan, n->file, mode->form, mode->stride, offset, size / mode->stride);
}

/* Adds the tracks of a chunk ETNF (is_old is true) or ETN2 (false), which has size bytes at data.  Returns
 * true; or false after refusing the files. */
static bool
take_tao(struct nrg *n, const uint8_t *data, size_t size, bool is_old)
{
	size_t row = is_old ? ETN_OLD : ETN_NEW;

	for (size_t at = 0; at + row <= size; at += row) {
		const uint8_t *p = data + at;
		bool ok;

		if (is_old)
			ok = add_tao_track(
				n, get_be32(p), get_be32(p + 4), p[11], get_be32(p + 12));
		else
			ok = add_tao_track(
				n, get_be64(p), get_be64(p + 8), p[19], get_be32(p + 20));
		if (!ok)
			return false;
	}
	return true;
}

/* ---- chunks ---------------------------------------------------------------------------------- */

/* Returns true if the four bytes at chunk are that name. */
static bool
name_is(const uint8_t *chunk, const char *name)
{
	return memcmp(chunk, name, 4) == 0;
}

/* Uses the data of a chunk, size bytes; `chunk` points to its name.  Ignores chunks with other names than
 * those in this function, which say nothing of the tracks.  Returns true; or false after refusing the
 * files. */
static bool
take_chunk(struct nrg *n, const uint8_t *chunk, const uint8_t *data, size_t size)
{
	if (name_is(chunk, "CUES") || name_is(chunk, "CUEX")) {
		memcpy(n->cue, data, size);
		n->cue_size = size;
		n->cue_is_old = chunk[3] == 'S';
	} else if (name_is(chunk, "DAOI")) {
		return take_dao(n, data, size, 4);
	} else if (name_is(chunk, "DAOX")) {
		return take_dao(n, data, size, 8);
	} else if (name_is(chunk, "ETNF") || name_is(chunk, "ETN2")) {
		return take_tao(n, data, size, chunk[3] == 'F');
	} else if (name_is(chunk, "SINF")) {
		n->session++;
	} else if (name_is(chunk, "CDTX")) {
		plan_packs(n->f, n->plan, data, size);
	}
	return true;
}

/* Stores the offset of the first chunk in *at.  Returns true; or false after refusing the files, if there
 * is no valid footer. */
static bool
read_footer(struct nrg *n, uint64_t *at)
{
	uint64_t size = n->f->files[n->file].size;
	uint8_t foot[FOOTER_NEW];

	if (size < FOOTER_NEW ||
		!foreign_read(n->f, n->file, size - FOOTER_NEW, foot, sizeof(foot)))
		return damaged(n);
	if (name_is(foot, "NER5"))
		*at = get_be64(foot + 4);
	else if (name_is(foot + 4, "NERO"))
		*at = get_be32(foot + 8);
	else
		return damaged(n);
	return *at < size || damaged(n);
}

/* Reads all chunks from the offset `at` on, up to END!.  data is a buffer of CHUNK_MAX bytes; skips chunks
 * with more.  Returns true; or false after refusing the files, also if there is no END! within CHUNKS_MAX
 * chunks. */
static bool
read_chunks(struct nrg *n, uint64_t at, uint8_t *data)
{
	uint64_t end = n->f->files[n->file].size;

	for (unsigned i = 0; i < CHUNKS_MAX; i++) {
		uint8_t chunk[CHUNK];
		uint32_t size;

		if (at > end || end - at < CHUNK ||
			!foreign_read(n->f, n->file, at, chunk, sizeof(chunk)))
			return damaged(n);
		size = get_be32(chunk + 4);
		at += CHUNK;
		if (name_is(chunk, "END!"))
			return true;
		if (size > end - at)
			return damaged(n);
		if (size <= CHUNK_MAX) {
			if (!foreign_read(n->f, n->file, at, data, size) ||
				!take_chunk(n, chunk, data, size))
				return false;
		}
		at += size;
	}
	return damaged(n);
}

bool
read_nrg(struct foreign *f, unsigned sheet, struct foreign_plan *plan)
{
	struct nrg *n = calloc(1, sizeof(*n));
	uint8_t *data = malloc(CHUNK_MAX);
	uint64_t at = 0;
	bool ok;

	if (n == NULL || data == NULL) {
		ok = foreign_refuse(f, "memory is missing");
	} else {
		n->f = f;
		n->plan = plan;
		n->file = sheet;
		n->session = 1;
		ok = read_footer(n, &at) && read_chunks(n, at, data);
	}
	free(n);
	free(data);
	return ok;
}
