/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * READ TOC/PMA/ATIP, MMC-6 6.25.
 *
 * The table of contents holds only the tracks of closed sessions.  READ TRACK INFORMATION also reports
 * open, reserved and invisible tracks.
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

enum {
	FORMAT_TOC = 0,
	FORMAT_SESSIONS = 1,
	FORMAT_FULL = 2,
	FORMAT_ATIP = 4,
	FORMAT_TEXT = 5,

	ADR_POSITION = 0x10,
	LEAD_OUT = 0xaa,
	NUMBER_MAX = 99, /* two digits */

	FRAMES = 75,
	SECONDS = 60,
	LBA_0_MSF = 2 * FRAMES, /* LBA 0 is at 00:02:00 */
};

/* The values that a table of contents is made from. */
struct toc {
	const struct disc *disc;
	unsigned sessions; /* the number of closed sessions */
	unsigned tracks;   /* the number of tracks in closed sessions */
	uint32_t lead_out; /* where the lead-out of the last closed session begins */
	bool msf;	   /* true: addresses are MSF (minute, second, frame); false: LBA */
};

/* Fills in sessions (1) and tracks of *toc for a BD-R with pseudo-overwrite whose session is open.  Such a
 * session is never closed, so its recorded tracks are in the table; growisofs needs this to append.
 * Returns false, with 0 tracks, if the first track is not recorded. */
static bool
begin_open(struct toc *toc, const struct disc *d)
{
	struct track t;

	toc->sessions = 1;
	toc->tracks = 0;
	while (disc_track(d, toc->tracks + 1, &t) && t.recorded > 0)
		toc->tracks++;
	return toc->tracks > 0;
}

/* Fills in *toc.  Returns false if the disc has no table of contents, because no session is closed; *toc
 * then has disc, msf and lead_out all the same. */
static bool
toc_begin(struct toc *toc, const struct disc *d, bool msf)
{
	bool open = disc_last_session_state(d) != SESSION_COMPLETE;
	unsigned last = disc_sessions(d), first;

	toc->disc = d;
	toc->msf = msf;
	toc->sessions = last - (open ? 1 : 0);
	toc->tracks = disc_tracks(d);
	first = open ? disc_first_track_of(d, last) : 0;
	if (first != 0)
		toc->tracks = first - 1;
	toc->lead_out = disc_readable_capacity(d);
	if (toc->sessions == 0 && disc_spare_format(d) == SPARE_POW)
		return begin_open(toc, d);
	return toc->sessions > 0 && toc->tracks > 0;
}

/* Returns the number that the table shows for a session, or for a track that has that number: at most 99,
 * as the table has only two digits.  On a disc with more than 99 tracks, number 99 stands for the last
 * one, where hosts look for the file system. */
static uint8_t
shown(unsigned number)
{
	return (uint8_t)(number < NUMBER_MAX ? number : NUMBER_MAX);
}

/* Returns the number that the table shows for the n-th track of the disc. */
static uint8_t
shown_track(const struct toc *toc, unsigned n)
{
	return shown(mmc_number_of(toc->disc, n));
}

/* Returns the track on the disc, from 1, that a number in the table stands for: the reverse of
 * shown_track. */
static unsigned
meant(const struct toc *toc, unsigned number)
{
	unsigned last = mmc_number_of(toc->disc, toc->tracks);

	return number < NUMBER_MAX || last <= NUMBER_MAX ? mmc_track_of(toc->disc, number)
							 : toc->tracks;
}

/* Reports no error: only DVD and BD have addresses beyond 255:59:74. */
void
mmc_add_msf(int32_t lba, struct wbuf *w)
{
	int64_t frames = (int64_t)lba + LBA_0_MSF, minute = frames / FRAMES / SECONDS;

	if (minute > UINT8_MAX || frames < 0) {
		wb_u8(w, UINT8_MAX);
		wb_u8(w, SECONDS - 1);
		wb_u8(w, FRAMES - 1);
		return;
	}
	wb_u8(w, (uint8_t)minute);
	wb_u8(w, (uint8_t)(frames / FRAMES % SECONDS));
	wb_u8(w, (uint8_t)(frames % FRAMES));
}

/* Appends an address in four bytes, as MSF or as LBA. */
static void
add_address(const struct toc *toc, uint32_t lba, struct wbuf *w)
{
	if (!toc->msf) {
		wb_be32(w, lba);
		return;
	}
	wb_u8(w, 0);
	mmc_add_msf(lba > INT32_MAX ? INT32_MAX : (int32_t)lba, w);
}

/* Appends an entry of format 0 or 1, 8 bytes: `number`, the control field of `t`, and the address `lba`. */
static void
add_entry(
	const struct toc *toc, const struct track *t, uint8_t number, uint32_t lba, struct wbuf *w)
{
	wb_u8(w, 0);
	wb_u8(w, ADR_POSITION | mmc_control_of(t));
	wb_u8(w, number);
	wb_u8(w, 0);
	add_address(toc, lba, w);
}

/* Returns the track that a number in the table stands for; one of zeros if there is none. */
static struct track
get_track(const struct toc *toc, unsigned number)
{
	struct track t = {.start = 0};

	(void)disc_track(toc->disc, meant(toc, number), &t);
	return t;
}

/* Appends format 0: the tracks from number `from` on, and the lead-out.  AAh asks for the lead-out only.
 * Returns false, and appends nothing, if `from` is past the last track. */
static bool
add_toc(const struct toc *toc, uint8_t from, struct wbuf *w)
{
	uint8_t first = shown_track(toc, 1), last = shown_track(toc, toc->tracks);
	struct track t;

	if (from > last && from != LEAD_OUT)
		return false;
	wb_u8(w, first);
	wb_u8(w, last);
	for (unsigned n = from > first ? from : first; n <= last; n++) {
		t = get_track(toc, n);
		add_entry(toc, &t, (uint8_t)n, t.start, w);
	}
	t = get_track(toc, last);
	add_entry(toc, &t, LEAD_OUT, toc->lead_out, w);
	return true;
}

/* Appends format 1: the first track of the last closed session.  Linux looks for the file system there.
 * Ignores `from`, and returns true. */
static bool
add_sessions(const struct toc *toc, uint8_t from, struct wbuf *w)
{
	unsigned first = disc_first_track_of(toc->disc, toc->sessions);
	struct track t = {.start = 0};

	disc_track(toc->disc, first, &t);
	wb_u8(w, 1);
	wb_u8(w, shown(toc->sessions));
	add_entry(toc, &t, shown_track(toc, first), t.start, w);
	return true;
}

/* Appends an entry of format 2 up to its P-MSF, which the caller appends. */
static void
add_point(unsigned session, const struct track *t, uint8_t point, struct wbuf *w)
{
	wb_u8(w, (uint8_t)session);
	wb_u8(w, ADR_POSITION | mmc_control_of(t));
	wb_u8(w, 0); /* TNO: the lead-in */
	wb_u8(w, point);
	wb_zero(w, 4); /* running time, zero */
}

/* Appends the entries of one session, as its lead-in has them: points A0h to A2h, and its tracks. */
static void
add_session(const struct toc *toc, unsigned session, struct wbuf *w)
{
	enum { FIRST_TRACK = 0xa0, LAST_TRACK = 0xa1, START_OF_LEAD_OUT = 0xa2 };
	enum { DISC_TYPE_CD_ROM = 0x00, DISC_TYPE_XA = 0x20 };
	unsigned first = disc_first_track_of(toc->disc, session), last = first;
	struct track t = {.start = 0};

	while (last < toc->tracks && disc_track(toc->disc, last + 1, &t) && t.session == session)
		last++;
	disc_track(toc->disc, first, &t);
	add_point(session, &t, FIRST_TRACK, w);
	wb_u8(w, shown_track(toc, first));
	wb_u8(w, t.mode == CD_MODE2 ? DISC_TYPE_XA : DISC_TYPE_CD_ROM);
	wb_u8(w, 0);
	disc_track(toc->disc, last, &t);
	add_point(session, &t, LAST_TRACK, w);
	wb_u8(w, shown_track(toc, last));
	wb_zero(w, 2);
	add_point(session, &t, START_OF_LEAD_OUT, w);
	mmc_add_msf((int32_t)track_end(&t), w);
	for (unsigned n = first; n <= last; n++) {
		disc_track(toc->disc, n, &t);
		add_point(session, &t, shown_track(toc, n), w);
		mmc_add_msf((int32_t)t.start, w);
	}
}

/* Appends point B0h if the disc can be appended to: where the next session can begin, and the last
 * address at which a lead-out can begin.  Else appends nothing. */
static void
add_next_session(const struct toc *toc, struct wbuf *w)
{
	enum { ADR_5_DATA = 0x54, NEXT_SESSION = 0xb0, MODE_5_POINTERS = 2 };
	struct track next;

	if (!disc_track(toc->disc, toc->tracks + 1, &next))
		return;
	wb_u8(w, (uint8_t)toc->sessions);
	wb_u8(w, ADR_5_DATA);
	wb_u8(w, 0);
	wb_u8(w, NEXT_SESSION);
	mmc_add_msf((int32_t)next.start - LBA_0_MSF, w);
	wb_u8(w, MODE_5_POINTERS);
	mmc_add_msf((int32_t)disc_capacity(toc->disc), w);
}

/* Appends format 2: the entries of all lead-ins from session `from` on, always in MSF.  If `from` is past
 * the last session, appends the two numbers only.  Returns true. */
static bool
add_full(const struct toc *toc, uint8_t from, struct wbuf *w)
{
	wb_u8(w, 1);
	wb_u8(w, (uint8_t)toc->sessions);
	for (unsigned session = from > 0 ? from : 1; session <= toc->sessions; session++)
		add_session(toc, session, w);
	if (from <= toc->sessions)
		add_next_session(toc, w);
	return true;
}

/* Programs derive the maker of a CD from this address; 97:39:50 is that of no maker that they know. */
const uint8_t mmc_atip_lead_in[3] = {97, 39, 50};

/* Appends format 4: the ATIP in the groove of a writable CD.  A CD-R is of type A-, as most with 80
 * minutes are.  A CD-RW is an ultra-high-speed one, with its speeds and powers in the values A1 to A3.
 * Returns false, and appends nothing, if the CD is not writable.  Ignores `from`. */
static bool
add_atip(const struct toc *toc, uint8_t from, struct wbuf *w)
{
	static const struct {
		uint8_t power, type; /* bytes 4 and 6 of the reply, without VALID */
		uint8_t values[12];  /* bytes 16 to 27: A1 to A3 */
	} grooves[] = {
		[MEDIUM_WRITE_ONCE] = {4 << 4, 2 << 3, {0}},
		[MEDIUM_REWRITABLE] = {1 << 4, 0x40 | 2 << 3 | 0x07,
			{0x66, 0x4a, 0x99, 0, 0x38, 0x80, 0, 0, 0x04, 0xc4, 0xa0}},
	};
	enum { VALID = 0x80 };
	const struct medium *m = disc_medium(toc->disc);

	if (!medium_writable(m))
		return false;
	wb_zero(w, 2);
	wb_u8(w, VALID | grooves[m->kind].power);
	wb_u8(w, 0); /* unrestricted use: bit URU is 0 */
	wb_u8(w, VALID | grooves[m->kind].type);
	wb_u8(w, 0);
	wb_bytes(w, mmc_atip_lead_in, sizeof(mmc_atip_lead_in));
	wb_u8(w, 0);
	mmc_add_msf((int32_t)disc_capacity(toc->disc), w);
	wb_u8(w, 0);
	wb_bytes(w, grooves[m->kind].values, sizeof(grooves[m->kind].values));
	return true;
}

int32_t
mmc_lead_in_lba(void)
{
	enum { ROUND = 100 * SECONDS * FRAMES }; /* minutes 90 to 99 are before 00:00:00 */
	const uint8_t *msf = mmc_atip_lead_in;

	return (msf[0] * SECONDS + msf[1]) * FRAMES + msf[2] - ROUND - LBA_0_MSF;
}

/* Appends format 5: the CD-TEXT packs in the first lead-in.  The reply has up to 36 KB, for which the
 * caller has made room.  Returns false, with two zero bytes appended, if the disc has no CD-TEXT.  Ignores
 * `from`. */
static bool
add_text(const struct toc *toc, uint8_t from, struct wbuf *w)
{
	const uint8_t *packs = NULL;
	unsigned n = disc_text(toc->disc, &packs);

	wb_zero(w, 2);
	if (n > 0)
		wb_bytes(w, packs, (size_t)n * CD_TEXT_PACK);
	return n > 0;
}

/* The formats that are supported, by the format code in the CDB. */
static const struct toc_format {
	bool cd_only;	/* true: refused for DVD and BD */
	bool of_blanks; /* true: supported also if the disc has no table of contents */
	/* Appends the reply behind its length.  Returns false if the format is refused.  NULL: there is no
	 * such format.  `from`: the track or session number in the CDB. */
	bool (*add)(const struct toc *toc, uint8_t from, struct wbuf *w);
} formats[] = {
	[FORMAT_TOC] = {false, false, add_toc},
	[FORMAT_SESSIONS] = {false, false, add_sessions},
	[FORMAT_FULL] = {true, false, add_full},
	[FORMAT_ATIP] = {true, true, add_atip},
	[FORMAT_TEXT] = {true, false, add_text},
};

/* Carries out READ TOC/PMA/ATIP.  Refuses formats that are not in the table, formats of CD on other
 * discs, and all but the ATIP if the disc has no table of contents (toc_begin). */
void
mmc_read_toc(struct scsi_task *task)
{
	enum { MSF = 0x02, TEXT_ROOM = 4 + CD_TEXT_PACKS_MAX * CD_TEXT_PACK };
	const uint8_t *cdb = task->cdb;
	/* In SFF-8020 the format is in the top bits of the control byte; Linux still has it there when
	 * it looks for the last session (sr_cd_check). */
	uint8_t format = (cdb[2] & 0x0f) != 0 ? cdb[2] & 0x0f : cdb[9] >> 6;
	struct disc *d = mmc_disc(task);
	struct toc toc;
	struct wbuf w;

	if (d == NULL)
		return;
	if (format >= sizeof(formats) / sizeof(formats[0]) ||
		formats[format].add == NULL) { /* PMA */
		task_invalid_field(task, true, 2);
		return;
	}
	if (formats[format].cd_only && disc_medium(d)->family != MEDIUM_CD) {
		/* CANNOT READ MEDIUM, INCOMPATIBLE FORMAT */
		task_sense(task, KEY_ILLEGAL_REQUEST, 0x30, 0x02);
		return;
	}
	if (!toc_begin(&toc, d, (cdb[1] & MSF) != 0) && !formats[format].of_blanks) {
		task_invalid_field(task, true, 2);
		return;
	}
	if (format == FORMAT_TEXT && !task_reply_room(task, TEXT_ROOM))
		return;
	task_reply_begin(task, &w);
	wb_be16(&w, 0);
	if (!formats[format].add(&toc, cdb[6], &w)) {
		task_invalid_field(task, true, format >= FORMAT_ATIP ? 2 : 6);
		return;
	}
	wb_patch_be16(&w, 0, (uint16_t)(w.len - 2));
	task_reply_end(task, &w, get_be16(cdb + 7));
}
