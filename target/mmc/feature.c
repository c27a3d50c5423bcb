/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * GET CONFIGURATION, MMC-6 6.5, over the table of features.
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

/* What a feature is asked about. */
struct ask {
	struct mmc *m;
	const struct medium *medium; /* loaded; NULL: none */
};

/* All media that the drive takes: the table of media is the list of profiles. */
static void
feature_profiles(const struct ask *ask, struct wbuf *w)
{
	const struct medium *medium;

	for (size_t i = 0; (medium = medium_row(i)) != NULL; i++) {
		wb_be16(w, medium->profile);
		wb_u8(w, medium == ask->medium ? CURRENT : 0);
		wb_u8(w, 0);
	}
}

/* Core */
static void
feature_core(const struct ask *ask, struct wbuf *w)
{
	enum { PHYSICAL_SCSI = 1, INQ2 = 0x02 };

	wb_be32(w, PHYSICAL_SCSI);
	wb_u8(w, INQ2);
	wb_zero(w, 3);
}

/* Morphing: no asynchronous events; that features change is told by the operational change class. */
static void
feature_morphing(const struct ask *ask, struct wbuf *w)
{
	enum { OC_EVENT = 0x02 };

	wb_u8(w, OC_EVENT);
	wb_zero(w, 3);
}

/* Removable Medium */
static void
feature_removable(const struct ask *ask, struct wbuf *w)
{
	enum { TRAY = 1 << 5, LOAD = 0x10, EJECT = 0x08, LOCK = 0x01 };

	wb_u8(w, TRAY | LOAD | EJECT | LOCK);
	wb_zero(w, 3);
}

/* Random Readable.  Blocking is the unit of the medium's error correction. */
static void
feature_random_readable(const struct ask *ask, struct wbuf *w)
{
	enum { PAGE_PRESENT = 0x01 }; /* mode page 01h */

	wb_be32(w, SECTOR_SIZE);
	wb_be16(w, ask->medium != NULL ? ask->medium->ecc_block : 1);
	wb_u8(w, PAGE_PRESENT);
	wb_u8(w, 0);
}

static void
feature_nothing(const struct ask *ask, struct wbuf *w)
{
}

/* CD Read: neither digital audio play, C2 pointers, nor CD-Text. */
static void
feature_cd_read(const struct ask *ask, struct wbuf *w)
{
	wb_zero(w, 4);
}

/* DVD Read: not the set of media of DVD Multi, no dual layer DVD-R and -RW. */
static void
feature_dvd_read(const struct ask *ask, struct wbuf *w)
{
	wb_zero(w, 4);
}

/* DVD+R */
static void
feature_dvd_plus_r(const struct ask *ask, struct wbuf *w)
{
	enum { WRITE = 0x01 };

	wb_u8(w, WRITE);
	wb_zero(w, 3);
}

/* BD Read: bit n of a class is version n of its format. */
static void
feature_bd_read(const struct ask *ask, struct wbuf *w)
{
	enum { VERSION_1 = 1 << 1, CLASSES = 4 };

	wb_zero(w, 4);
	wb_zero(w, CLASSES * 2); /* BD-RE */
	wb_zero(w, CLASSES * 2); /* BD-R */
	wb_zero(w, 2);		 /* BD-ROM, class 0 */
	wb_be16(w, VERSION_1);	 /* class 1 */
	wb_zero(w, 4);
}

/* Timeout: times are in mode page 1Dh, those of group 3 not among them. */
static void
feature_timeout(const struct ask *ask, struct wbuf *w)
{
	wb_zero(w, 4);
}

/* Real Time Streaming */
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

/* Drive Serial Number: ASCII, filled up with spaces to a multiple of four. */
static void
feature_serial(const struct ask *ask, struct wbuf *w)
{
	struct scsi_lu *lu = &ask->m->lu;
	struct scsi_identity id;

	memset(&id, 0, sizeof(id));
	lu->type->identity(lu, &id);
	wb_pad_str(w, id.serial, (strlen(id.serial) + 3) / 4 * 4, ' ');
}

static const struct feature {
	uint16_t code;
	uint8_t version;
	const uint16_t *profiles; /* on which it is current, ended by 0; NULL: always */
	void (*data)(const struct ask *ask, struct wbuf *w);
} features[] = {
#define ALWAYS NULL
#define ON(...) \
	(const uint16_t[]) \
	{ \
		__VA_ARGS__, 0 \
	}
#define FEATURE(code, version, when, data) {code, version, when, feature_##data},
#include "target/mmc/feature.def"
#undef FEATURE
#undef ON
#undef ALWAYS
};

static bool
is_current(const struct feature *f, const struct medium *medium)
{
	if (f->profiles == NULL)
		return true;
	for (const uint16_t *p = f->profiles; medium != NULL && *p != 0; p++) {
		if (*p == medium->profile)
			return true;
	}
	return false;
}

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

/* Linux looks at the first descriptor only, and takes it for the one asked for. */
void
mmc_get_configuration(struct scsi_task *task)
{
	enum { RT_ALL = 0, RT_CURRENT = 1, RT_ONE = 2 };
	struct mmc *m = mmc_of(task->lu);
	struct ask ask = {.m = m, .medium = mmc_medium(m)};
	uint8_t rt = task->cdb[1] & 0x03;
	uint16_t start = get_be16(task->cdb + 2);
	struct wbuf w;

	if (rt > RT_ONE) {
		task_invalid_field(task, true, 1);
		return;
	}
	task_reply_begin(task, &w);
	wb_be32(&w, 0);
	wb_be16(&w, 0);
	wb_be16(&w, ask.medium != NULL ? ask.medium->profile : PROFILE_NONE);
	for (size_t i = 0; i < sizeof(features) / sizeof(features[0]); i++) {
		const struct feature *f = &features[i];
		bool current = is_current(f, ask.medium);

		if (rt == RT_ONE ? f->code != start : f->code < start)
			continue;
		if (rt != RT_CURRENT || current)
			add_feature(f, &ask, current, &w);
	}
	wb_patch_be32(&w, 0, (uint32_t)(w.len - 4)); /* the length does not count itself */
	task_reply_end(task, &w, get_be16(task->cdb + 7));
}
