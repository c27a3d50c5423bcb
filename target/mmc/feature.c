/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GET CONFIGURATION, MMC-6 6.5.  The table of features is feature.def.  A function feature_* appends the
 * data of one feature, behind the header of its descriptor (MMC-6 5.3).  A function disc_* is a condition:
 * it returns true if the feature is current on this disc.
 */
#include <string.h>

#include "changer/base/be.h"
#include "target/mmc/unit.h"

enum {
	/* Feature descriptor header, MMC-6 5.2 */
	CURRENT = 0x01,
	PERSISTENT = 0x02,
	VERSION_SHIFT = 2,
	DESCRIPTOR_HEADER = 4,
};

/* The state on which the features depend. */
struct ask {
	struct mmc *m;
	struct disc *disc;	     /* the disc in the drive; NULL: none is accessible */
	const struct medium *medium; /* the medium of `disc`; NULL if disc is */
};

/* Returns the largest profile number of the table of media that is less than `limit`; PROFILE_NONE if there
 * is none. */
static uint16_t
next_profile(uint16_t limit)
{
	const struct medium *medium;
	uint16_t next = PROFILE_NONE;

	for (size_t i = 0; (medium = medium_row(i)) != NULL; i++)
		if (medium->profile < limit && medium->profile > next)
			next = medium->profile;
	return next;
}

/* Appends Profile List: the most desirable one first (MMC-6 5.3.1).  As on real drives, these are the
 * ones with the largest numbers: BD before DVD before CD, and of a family those that can be written
 * before the pressed ones. */
static void
feature_profiles(const struct ask *ask, struct wbuf *w)
{
	uint16_t current = ask->medium != NULL ? ask->medium->profile : PROFILE_NONE;

	for (uint16_t p = UINT16_MAX; (p = next_profile(p)) != PROFILE_NONE;) {
		wb_be16(w, p);
		wb_u8(w, p == current ? CURRENT : 0);
		wb_u8(w, 0);
	}
}

/* Appends Core (MMC-6 5.3.2).  DBE says that GET EVENT STATUS NOTIFICATION has class 6, device busy. */
static void
feature_core(const struct ask *ask, struct wbuf *w)
{
	enum { PHYSICAL_SCSI = 1, INQ2 = 0x02, DBE = 0x01 };

	wb_be32(w, PHYSICAL_SCSI);
	wb_u8(w, INQ2 | DBE);
	wb_zero(w, 3);
}

/* Appends Morphing: no asynchronous events.  Changes of features are events of the operational change
 * class. */
static void
feature_morphing(const struct ask *ask, struct wbuf *w)
{
	enum { OC_EVENT = 0x02 };

	wb_u8(w, OC_EVENT);
	wb_zero(w, 3);
}

/* Appends Removable Medium: a tray that can be opened, closed and locked by commands. */
static void
feature_removable(const struct ask *ask, struct wbuf *w)
{
	enum { TRAY = 1 << 5, LOAD = 0x10, EJECT = 0x08, LOCK = 0x01 };

	wb_u8(w, TRAY | LOAD | EJECT | LOCK);
	wb_zero(w, 3);
}

/*
 * Appends Write Protect (MMC-6 5.3.5).  SPWP says that SEND DISC STRUCTURE C0h sets and clears persistent
 * write protection; it is 0 for a medium that has none.  SSWPP is 0 because mode page 1Dh has no SWPP here.
 * WDCB and DWP are 0 because the write inhibit DCB of DVD+RW and the write protect PAC of BD need passwords,
 * whose rules are not in MMC-6.  So a BD can be protected by its tab only.
 */
static void
feature_write_protect(const struct ask *ask, struct wbuf *w)
{
	enum { SPWP = 0x02 };

	wb_u8(w, ask->medium == NULL || ask->medium->has_pwp ? SPWP : 0);
	wb_zero(w, 3);
}

/* Appends Random Readable.  The blocking is the size of an ECC block, in sectors; 1 without a medium. */
static void
feature_random_readable(const struct ask *ask, struct wbuf *w)
{
	enum { PAGE_PRESENT = 0x01 }; /* mode page 01h is supported */

	wb_be32(w, SECTOR_SIZE);
	wb_be16(w, ask->medium != NULL ? ask->medium->ecc_block : 1);
	wb_u8(w, PAGE_PRESENT);
	wb_u8(w, 0);
}

/* Appends nothing, for a feature that has only the header of its descriptor. */
static void
feature_nothing(const struct ask *ask, struct wbuf *w)
{
}

/* Appends CD Read: with C2 pointers, which are always zero, and CD-TEXT; without digital audio play. */
static void
feature_cd_read(const struct ask *ask, struct wbuf *w)
{
	enum { C2_FLAGS = 0x02, CD_TEXT = 0x01 };

	wb_u8(w, C2_FLAGS | CD_TEXT);
	wb_zero(w, 3);
}

/* Appends DVD Read, which includes DVD-R with two layers. */
static void
feature_dvd_read(const struct ask *ask, struct wbuf *w)
{
	enum { MULTI_110 = 0x01, DUAL_R = 0x01 };

	wb_u8(w, MULTI_110);
	wb_u8(w, 0);
	wb_u8(w, DUAL_R);
	wb_u8(w, 0);
}

/* Returns the size of an ECC block of the medium, in sectors; without a medium that of a DVD. */
static uint16_t
blocking(const struct ask *ask)
{
	return ask->medium != NULL ? ask->medium->ecc_block : 16;
}

/* Appends Random Writable.  The last address is that of the formatted part; of a disc that is not
 * formatted, the last one of the medium; 0 without a disc. */
static void
feature_random_writable(const struct ask *ask, struct wbuf *w)
{
	uint32_t end = 0;

	if (ask->disc != NULL)
		end = disc_readable_capacity(ask->disc);
	if (ask->disc != NULL && end == 0)
		end = disc_capacity(ask->disc);
	wb_be32(w, end > 0 ? end - 1 : 0);
	wb_be32(w, SECTOR_SIZE);
	wb_be16(w, blocking(ask));
	wb_u8(w, 0x01); /* mode page 01h is supported */
	wb_u8(w, 0);
}

/* Appends Incremental Streaming Writable: only data of mode 1, with one link size. */
static void
feature_incremental(const struct ask *ask, struct wbuf *w)
{
	enum { MODE_1 = 1 << 8, BUFFER_UNDERRUN_FREE = 0x01, LINK_SIZES = 1 };

	wb_be16(w, MODE_1);
	wb_u8(w, BUFFER_UNDERRUN_FREE);
	wb_u8(w, LINK_SIZES);
	wb_u8(w, 16);
	wb_zero(w, 3);
}

/*
 * Returns true if packets or increments can be written (MMC-6 5.3.11).  On CD and DVD these are write type 0
 * of mode page 05h.  A CD takes it only if it is formatted for fixed packets.  A DVD-RW that was blanked
 * minimally does not take it: real drives record it disc at once only.  A BD ignores the page, and is always
 * recorded in increments.
 */
static bool
disc_takes_increments(const struct disc *d)
{
	const struct medium *m = disc_medium(d);

	if (m->family == MEDIUM_BD)
		return true;
	if (m->family == MEDIUM_CD)
		return m->writing == WRITES_ANYWHERE;
	return m->write_types & 1u << WRITE_PACKET && !disc_minimally_blanked(d);
}

/* Returns true if the medium can be written at any address, once the disc is formatted. */
static bool
disc_is_overwritten(const struct disc *d)
{
	return disc_medium(d)->writing == WRITES_ANYWHERE;
}

/* Returns true if the disc is not write-protected.  Linux mounts a disc read-only, and does not open it
 * for writing, unless Random Writable is current. */
static bool
disc_is_not_protected(const struct disc *d)
{
	return !disc_protected(d);
}

/* Returns true if the disc is rewritable or blank: a BD-R can be formatted only while it is blank. */
static bool
disc_takes_a_format(const struct disc *d)
{
	return disc_medium(d)->kind == MEDIUM_REWRITABLE || disc_status(d) == DISC_BLANK;
}

/* Returns true if the disc, a BD-R, is formatted for pseudo-overwrite. */
static bool
disc_has_pow(const struct disc *d)
{
	return disc_spare_format(d) == SPARE_POW;
}

/* Appends BD-R Pseudo-Overwrite: four reserved bytes; without them growisofs does not see the feature. */
static void
feature_pow(const struct ask *ask, struct wbuf *w)
{
	wb_zero(w, 4);
}

/* Appends Formattable: a BD-RE can be formatted with and without certification, and without a spare area. */
static void
feature_formattable(const struct ask *ask, struct wbuf *w)
{
	enum { RE_NO_SPARE = 0x08, QUICK_CERTIFY = 0x02, FULL_CERTIFY = 0x01 };

	wb_u8(w, RE_NO_SPARE | QUICK_CERTIFY | FULL_CERTIFY);
	wb_zero(w, 3);
	wb_zero(w, 4); /* BD-R: no random recording mode */
}

/* Appends Hardware Defect Management, with information on the supplementary spare area. */
static void
feature_defects(const struct ask *ask, struct wbuf *w)
{
	enum { SSA = 0x80 };

	wb_u8(w, SSA);
	wb_zero(w, 3);
}

/* Appends DVD+RW: it can be written, and a format in the background has a quick start and more than Close
 * Only. */
static void
feature_dvd_plus_rw(const struct ask *ask, struct wbuf *w)
{
	enum { WRITE = 0x01, QUICK_START = 0x02 };

	wb_u8(w, WRITE);
	wb_u8(w, QUICK_START);
	wb_zero(w, 2);
}

/* Appends Rigid Restricted Overwrite: BLANK is supported. */
static void
feature_rigid_overwrite(const struct ask *ask, struct wbuf *w)
{
	enum { BLANK = 0x01 };

	wb_u8(w, BLANK);
	wb_zero(w, 3);
}

/* Appends CD Track at Once: without sub-channels.  The data types are all those of mode page 05h. */
static void
feature_cd_track_at_once(const struct ask *ask, struct wbuf *w)
{
	enum { BUFFER_UNDERRUN_FREE = 0x40, TEST_WRITE = 0x04, CD_RW = 0x02, TYPES = 16 };
	unsigned types = 0;

	for (uint8_t i = 0; i < TYPES; i++)
		types |= mmc_block_type(i) != NULL ? 1u << i : 0;
	wb_u8(w, BUFFER_UNDERRUN_FREE | TEST_WRITE | CD_RW);
	wb_u8(w, 0);
	wb_be16(w, (uint16_t)types);
}

/* Appends CD Mastering: session at once with a cue sheet; no raw recording. */
static void
feature_cd_mastering(const struct ask *ask, struct wbuf *w)
{
	enum { BUFFER_UNDERRUN_FREE = 0x40, SAO = 0x20, TEST_WRITE = 0x04, CD_RW = 0x02 };

	wb_u8(w, BUFFER_UNDERRUN_FREE | SAO | TEST_WRITE | CD_RW);
	wb_be24(w, MMC_CUE_SHEET_MAX);
}

/* Appends CD-RW Media Write Support: media of all speeds. */
static void
feature_cd_rw_media(const struct ask *ask, struct wbuf *w)
{
	enum { ALL_SUBTYPES = 0xff };

	wb_u8(w, 0);
	wb_u8(w, ALL_SUBTYPES);
	wb_zero(w, 2);
}

/* Appends DVD-R/-RW Write: also with two layers, test writes, and DVD-RW. */
static void
feature_dvd_r_write(const struct ask *ask, struct wbuf *w)
{
	enum { BUFFER_UNDERRUN_FREE = 0x40, R_DUAL_LAYER = 0x08, TEST_WRITE = 0x04, DVD_RW = 0x02 };

	wb_u8(w, BUFFER_UNDERRUN_FREE | R_DUAL_LAYER | TEST_WRITE | DVD_RW);
	wb_zero(w, 3);
}

/* Appends DVD+R, and DVD+R with two layers: can be written. */
static void
feature_dvd_plus_r(const struct ask *ask, struct wbuf *w)
{
	enum { WRITE = 0x01 };

	wb_u8(w, WRITE);
	wb_zero(w, 3);
}

/* The class of each kind of BD that is supported; bd_kinds in structure.c has the same. */
enum { BD_RE_CLASS = 1, BD_R_CLASS = 0, BD_ROM_CLASS = 0 };

/* Appends the four classes of a kind of BD, of which only class `its` is supported, in version 1.  Bit n of
 * a class is version n. */
static void
add_bd_classes(unsigned its, struct wbuf *w)
{
	enum { CLASSES = 4, VERSION_1 = 1 << 1 };

	for (unsigned n = 0; n < CLASSES; n++)
		wb_be16(w, n == its ? VERSION_1 : 0);
}

/* Appends BD Read: the classes of BD-RE, BD-R and BD-ROM. */
static void
feature_bd_read(const struct ask *ask, struct wbuf *w)
{
	wb_zero(w, 4);
	add_bd_classes(BD_RE_CLASS, w);
	add_bd_classes(BD_R_CLASS, w);
	add_bd_classes(BD_ROM_CLASS, w);
}

/* Appends BD Write: the classes of BD-RE and BD-R, without the choice to write unverified. */
static void
feature_bd_write(const struct ask *ask, struct wbuf *w)
{
	wb_zero(w, 4);
	add_bd_classes(BD_RE_CLASS, w);
	add_bd_classes(BD_R_CLASS, w);
}

/* Appends Timeout: mode page 1Dh has the times, but none for commands of group 3. */
static void
feature_timeout(const struct ask *ask, struct wbuf *w)
{
	wb_zero(w, 4);
}

/* Appends Real Time Streaming: the commands and pages that report or choose speeds. */
static void
feature_streaming(const struct ask *ask, struct wbuf *w)
{
	enum {
		STREAM_WRITING = 0x01, /* write performance, and the streaming bit of WRITE(12) */
		WRITE_SPEEDS = 0x02,   /* GET PERFORMANCE type 3 */
		PAGE_2A_SPEEDS = 0x04, /* mode page 2Ah lists them too */
		SET_CD_SPEED = 0x08,
		BUFFER_IN_BLOCKS = 0x10, /* READ BUFFER CAPACITY */
	};

	wb_u8(w, STREAM_WRITING | WRITE_SPEEDS | PAGE_2A_SPEEDS | SET_CD_SPEED | BUFFER_IN_BLOCKS);
	wb_zero(w, 3);
}

/* Appends Drive Serial Number: in ASCII, padded with spaces to a multiple of four bytes. */
static void
feature_serial(const struct ask *ask, struct wbuf *w)
{
	struct scsi_lu *lu = &ask->m->lu;
	struct scsi_identity id;

	memset(&id, 0, sizeof(id));
	lu->type->identity(lu, &id);
	wb_pad_str(w, id.serial, (strlen(id.serial) + 3) / 4 * 4, ' ');
}

/* A feature, and the table of all of them, by ascending code. */
static const struct feature {
	uint16_t code;	 /* MMC-6 5.3 */
	uint8_t version; /* in the header of its descriptor */
	/* the profiles on which the feature is current, ended by 0; NULL: it is always current */
	const uint16_t *profiles;
	bool (*condition)(
		const struct disc *d); /* must be true too for it to be current; NULL: none */
	/* Appends the data of the feature, behind the header of its descriptor. */
	void (*data)(const struct ask *ask, struct wbuf *w);
} features[] = {
#define ALWAYS NULL
#define ON(...) \
	(const uint16_t[]) \
	{ \
		__VA_ARGS__, 0 \
	}
#define FEATURE(code, version, when, data) {code, version, when, NULL, feature_##data},
#define FEATURE_IF(code, version, when, condition, data) \
	{code, version, when, disc_##condition, feature_##data},
#include "target/mmc/feature.def"
#undef FEATURE
#undef FEATURE_IF
#undef ON
#undef ALWAYS
};

/* Returns true if the feature is current: it always is, or the loaded medium has one of its profiles and
 * its condition is true for the disc.  Returns false for all others if no disc is accessible. */
static bool
is_current(const struct feature *f, const struct ask *ask)
{
	if (f->profiles == NULL)
		return true;
	for (const uint16_t *p = f->profiles; ask->disc != NULL && *p != 0; p++) {
		if (*p == ask->medium->profile)
			return f->condition == NULL || f->condition(ask->disc);
	}
	return false;
}

/* Appends the descriptor of a feature; `current` says whether it is marked as current. */
static void
add_feature(const struct feature *f, const struct ask *ask, bool current, struct wbuf *w)
{
	size_t begin = w->len;

	wb_be16(w, f->code);
	wb_u8(w, (uint8_t)(f->version << VERSION_SHIFT | (f->profiles == NULL ? PERSISTENT : 0) |
			   (current ? CURRENT : 0)));
	wb_u8(w, 0);
	f->data(ask, w);
	wb_patch_u8(w, begin + 3, (uint8_t)(w->len - begin - DESCRIPTOR_HEADER));
}

/* Carries out GET CONFIGURATION: sends all features, the current ones or one, from the requested code
 * on.  With RT_ONE the reply begins with that feature, or has none: Linux reads the first descriptor
 * only, and does not compare its code.  Refuses the reserved RT 3.  Needs no disc. */
void
mmc_get_configuration(struct scsi_task *task)
{
	enum { RT_ALL = 0, RT_CURRENT = 1, RT_ONE = 2 };
	struct mmc *m = mmc_of(task->lu);
	struct ask ask = {.m = m};
	uint8_t rt = task->cdb[1] & 0x03;
	uint16_t start = get_be16(task->cdb + 2);
	struct wbuf w;

	if (rt > RT_ONE) {
		task_invalid_field(task, true, 1);
		return;
	}
	if (drive_disc(m->drive, &ask.disc) == JB_OK)
		ask.medium = disc_medium(ask.disc);
	task_reply_begin(task, &w);
	wb_be32(&w, 0);
	wb_be16(&w, 0);
	wb_be16(&w, ask.medium != NULL ? ask.medium->profile : PROFILE_NONE);
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		const struct feature *f = &features[i];
		bool current = is_current(f, &ask);

		if (rt == RT_ONE ? f->code != start : f->code < start)
			continue;
		if (rt != RT_CURRENT || current)
			add_feature(f, &ask, current, &w);
	}
	wb_patch_be32(&w, 0, (uint32_t)(w.len - 4)); /* the length does not count itself */
	task_reply_end(task, &w, get_be16(task->cdb + 7));
}
