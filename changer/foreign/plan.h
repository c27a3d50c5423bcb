/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The plan of an image: its parts in their order, and its tracks.  A parser makes it from the first track to the
 * last:
 *
 *	plan_track	begins a track
 *	plan_add	adds sectors to it: those of its pause first
 *	plan_index1	its sound or data begins here; without it, it begins with the track
 *	plan_index	an index from 2 on begins here
 *	plan_finish	checks all, and gives the parts their addresses
 */
#ifndef CHANGER_FOREIGN_PLAN_H
#define CHANGER_FOREIGN_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "changer/foreign/foreign.h"
#include "changer/recording/cue.h"

enum { PLAN_PARTS_MAX = 4096, PLAN_PACKS_MAX = 2048, PLAN_NOTHING = UINT32_MAX };

/* How the sectors of a part are in their file, and so in which way they become raw ones. */
enum plan_form {
	PLAN_AUDIO,	  /* 2352 bytes of samples */
	PLAN_SWAPPED,	  /* samples with their high byte first */
	PLAN_MODE1,	  /* 2048 bytes of user data */
	PLAN_MODE2_FORM1, /* 2048 bytes of user data */
	PLAN_MODE2_FORM2, /* 2324 bytes of user data */
	PLAN_MODE2,	  /* 2336 bytes: a raw sector without sync pattern and header */
	PLAN_MODE1_RAW,	  /* 2352 bytes */
	PLAN_MODE2_RAW,	  /* 2352 bytes */
	PLAN_FORMS
};

struct plan_form_row {
	unsigned bytes; /* of a sector in the file */
	enum cue_mode mode;
};
extern const struct plan_form_row plan_forms[PLAN_FORMS];

struct plan_part {
	unsigned file; /* PLAN_NOTHING: zeros */
	enum plan_form form;
	unsigned
		stride; /* bytes from one sector to the next one in the file; more than the form has: the rest
			  * is sub-channel data, which is dropped */
	uint64_t offset; /* of the first sector in the file */
	uint64_t bytes;	 /* of the part in the file; zeros follow them */
	uint32_t sectors;
	uint32_t place; /* of its first sector in the image */
	int64_t lba;	/* of that sector on the disc */
};

struct foreign_plan {
	bool iso;	  /* true: one run of 2048-byte sectors, without a sheet */
	uint32_t sectors; /* of all parts */
	unsigned nparts;
	struct plan_part parts[PLAN_PARTS_MAX];
	struct cue_sheet *sheet; /* owned; describes the image */
	char *lines; /* owned; the lines of the sheet as it was read; NULL: it was none of this kind */
	uint8_t *packs; /* owned; CD-TEXT packs of 18 bytes; NULL: none */
	unsigned npacks;
};

/* Returns an empty plan; NULL, after refusing the files, if memory is missing. */
struct foreign_plan *plan_new(struct foreign *f);
/* Frees the plan; NULL is allowed. */
void plan_free(struct foreign_plan *plan);

/* The next functions return false after refusing the files. */

/* Begins a track.  Returns it in *track, for its flags, codes and texts; track may be NULL. */
bool plan_track(struct foreign *f, struct foreign_plan *plan, enum plan_form form,
	struct cue_track **track);
/* Adds sectors to the last track.  stride 0: they follow each other without a gap.  All must be in the file. */
bool plan_add(struct foreign *f, struct foreign_plan *plan, unsigned file, enum plan_form form,
	unsigned stride, uint64_t offset, uint64_t sectors);
/* Adds sectors of which the file has only `bytes` bytes. */
bool plan_add_cut(struct foreign *f, struct foreign_plan *plan, unsigned file, enum plan_form form,
	uint64_t offset, uint64_t sectors, uint64_t bytes);
void plan_index1(struct foreign_plan *plan);
bool plan_index(struct foreign *f, struct foreign_plan *plan);
/* Copies packs of CD-TEXT into the plan, which may have the header of READ TOC before them or a NUL behind them.
 * Adds a warning if they are none. */
void plan_packs(struct foreign *f, struct foreign_plan *plan, const uint8_t *bytes, size_t size);
/* Checks the plan, decides whether it is an ISO, and gives all parts their addresses. */
bool plan_finish(struct foreign *f, struct foreign_plan *plan);

#endif
