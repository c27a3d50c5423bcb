/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mode pages of the medium changer (SMC-3 7.3).  MODE SELECT can change none of them: addresses are
 * settings of the jukebox. */
#include "changer/scsi/lu.h"
#include "changer/smc/smc_lu.h"

enum { CHANGEABLE = 1 };

/* Appends the header of a mode page in page_0 format: its code and the length of the rest in bytes. */
static void
begin_page(uint8_t code, uint8_t len, struct wbuf *w)
{
	wb_u8(w, code);
	wb_u8(w, len);
}

/* Appends the element address assignment page (SMC-3 7.3.4): the first address and the number of elements of
 * each type.  mtx and Linux's ch read this page first. */
static void
build_1d(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w)
{
	static const enum jb_elem_type order[] = {JB_PICKER, JB_SLOT, JB_MAILSLOT, JB_DRIVE};

	begin_page(0x1d, 0x12, w);
	if (control == CHANGEABLE) {
		wb_zero(w, 0x12);
		return;
	}
	for (unsigned i = 0; i < 4; i++) {
		struct smc_range range = smc_range_of(smc_of(lu), order[i]);

		wb_be16(w, range.first);
		wb_be16(w, (uint16_t)range.count);
	}
	wb_zero(w, 2);
}

/* Appends the transport geometry parameters page (SMC-3 7.3.5): the picker does not rotate media.  All values
 * of control give the same. */
static void
build_1e(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w)
{
	begin_page(0x1e, 2, w);
	wb_zero(w, 2);
}

/* ---- device capabilities, SMC-3 7.3.2 -------------------------------------------------------- */

#define BIT(type) ((uint8_t)(1U << ((type)-1)))
/* Types where discs can stay.  The picker has a disc only while EXCHANGE MEDIUM passes one through it. */
#define AT_REST ((uint8_t)(BIT(JB_SLOT) | BIT(JB_MAILSLOT) | BIT(JB_DRIVE)))

uint8_t
smc_moves_from(enum jb_elem_type type)
{
	/* Whatever the type is: also from the picker, for a disc that a crash during an exchange left there. */
	return AT_REST;
}

uint8_t
smc_exchanges_with(enum jb_elem_type type)
{
	return type == JB_PICKER ? 0 : AT_REST;
}

enum {
	/* 1Fh, byte 3: volume tags are read; the fields that SMC-2 added are present */
	VTRP = 0x02,
	S2C = 0x01,

	/* 1Fh/41h, byte 4: who may open and close mail slots; an open one stops moves */
	MVPRV = 0x20,
	USRCL = 0x04,
	USROP = 0x02,
	/* byte 6: an exchange needs no empty element; PREVENT locks the mail slots */
	TREXC = 0x04,
	LCKIE = 0x02,
};

/* Appends the device capabilities page (SMC-3 7.3.2): which types can hold discs, and between which types
 * discs can be moved and exchanged.  Types without elements are left out. */
static void
build_1f(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w)
{
	uint8_t there = 0;

	begin_page(0x1f, 0x12, w);
	if (control == CHANGEABLE) {
		wb_zero(w, 0x12);
		return;
	}
	for (enum jb_elem_type type = JB_PICKER; type <= JB_DRIVE; type++) {
		if (jb_count(smc_of(lu)->jb, type) > 0)
			there |= BIT(type);
	}
	wb_u8(w, AT_REST & there);
	wb_u8(w, VTRP | S2C);
	for (enum jb_elem_type type = JB_PICKER; type <= JB_DRIVE; type++)
		wb_u8(w, there & BIT(type) ? smc_moves_from(type) & there : 0);
	wb_zero(w, 4);
	for (enum jb_elem_type type = JB_PICKER; type <= JB_DRIVE; type++)
		wb_u8(w, there & BIT(type) ? smc_exchanges_with(type) & there : 0);
	wb_zero(w, 4);
}

/* Appends the extended device capabilities page (SMC-3 7.3.3).  Bits that are 0 say: no magazines and trays,
 * no doors but those of the mail slots, and a drive needs no command before a move. */
static void
build_1f_41(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w)
{
	enum { SPF = 0x40, LEN = 0x10 };
	bool mailslots = control != CHANGEABLE && jb_count(smc_of(lu)->jb, JB_MAILSLOT) > 0;

	wb_u8(w, SPF | 0x1f);
	wb_u8(w, 0x41);
	wb_be16(w, LEN);
	wb_u8(w, mailslots ? MVPRV | USRCL | USROP : 0);
	wb_u8(w, 0);
	wb_u8(w, (control != CHANGEABLE ? TREXC : 0) | (mailslots ? LCKIE : 0));
	wb_zero(w, LEN - 3);
}

const struct scsi_mode_page smc_pages[SMC_NPAGES] = {
	{.code = 0x1d, .build = build_1d},
	{.code = 0x1e, .build = build_1e},
	{.code = 0x1f, .build = build_1f},
	{.code = 0x411f, .build = build_1f_41},
};
