/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Element status pages and descriptors (SMC-3 6.11.3 to 6.11.8), as READ ELEMENT STATUS and REQUEST
 * VOLUME ELEMENT ADDRESS both report them: a header of the whole, then one page per element type,
 * each with a header and one descriptor of fixed length per element.
 */
#ifndef CHANGER_SMC_STATUS_H
#define CHANGER_SMC_STATUS_H

#include "changer/scsi/spc.h"
#include "changer/smc/smc_lu.h"

enum {
	STATUS_TYPE_ALL = 0,	   /* element type code of a CDB */
	STATUS_HEADER_LEN = 8,	   /* of the whole, and of each page */
	STATUS_IDENTIFIER_LEN = 4, /* code set, type, length; the identifier follows */
};

/* A drive as its own logical unit; asked for beforehand, since that takes the jukebox lock. */
struct status_drive {
	bool has_unit;
	uint8_t lun;
	size_t len; /* of the identifier's descriptor; 0: none */
	uint8_t descriptor[STATUS_IDENTIFIER_LEN + 8 + 16 +
			   sizeof(((struct scsi_identity *)0)->serial)];
};

/* What a CDB asks for. */
struct status_request {
	const struct smc *smc;
	bool voltag, dvcid;
	unsigned start, number;	     /* addresses from start, at most so many elements */
	uint8_t type;		     /* or STATUS_TYPE_ALL */
	struct status_drive *drives; /* room for JB_DRIVES_MAX */
	unsigned ndrives;
};

/* The part of a type's elements that is asked for. */
struct status_page {
	struct smc_range range; /* first and count are those of the part */
	struct jb_elem_range numbers;
	size_t descriptor_len;
};

/* Looks at the drives, then fills in the pages by ascending address; returns how many. */
unsigned status_pages(struct status_request *req, struct status_page pages[SMC_TYPES]);
/* Bytes of a page with all of its descriptors, without its header. */
size_t status_page_length(const struct status_page *page);

/* The header of the whole (SMC-3 6.11.2); byte 4 is reserved, or an action code. */
void status_build_header(
	struct wbuf *w, uint16_t first, uint16_t count, uint8_t byte4, uint32_t bytes);
void status_build_page_header(const struct status_request *req, const struct status_page *page,
	uint32_t bytes, struct wbuf *w);
void status_build_descriptor(const struct status_request *req, const struct status_page *page,
	const struct jb_elem_status *status, struct wbuf *w);

/*
 * The volume identifier: at most JB_LABEL_MAX characters of ASCII; one of another alphabet is shown
 * as an underscore.  out is NUL-terminated, "" where there is no disc, or one without a label.
 * Returns its length.
 */
size_t status_volume_id(const struct jb_elem_status *status, char out[JB_LABEL_MAX + 1]);

#endif
