/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Element status pages and descriptors (SMC-3 6.11.3 to 6.11.8), for READ ELEMENT STATUS and REQUEST
 * VOLUME ELEMENT ADDRESS.  A report has one header, then one page for each element type.  A page has a
 * header and one descriptor for each element; all descriptors of a page have the same length. */
#ifndef CHANGER_SMC_STATUS_H
#define CHANGER_SMC_STATUS_H

#include "changer/scsi/port.h"
#include "changer/scsi/spc.h"
#include "changer/smc/smc_lu.h"

enum {
	STATUS_TYPE_ALL = 0,	   /* in the element type code of a CDB: all types */
	STATUS_HEADER_LEN = 8,	   /* length of the report's header, and of each page's */
	STATUS_IDENTIFIER_LEN = 4, /* code set, type and length; the identifier follows */
};

/* The part of a drive's status that shows its logical unit.  It is filled in before the report is built,
 * because that takes the jukebox lock, under which the report is built. */
struct status_drive {
	bool has_unit; /* true: the drive has a logical unit, and lun is valid */
	int lun;       /* at the port of the request; -1: the port does not reach the unit */
	size_t len;    /* bytes of descriptor; 0: DVCID was not asked for, or no unit */
	uint8_t descriptor[STATUS_IDENTIFIER_LEN + 8 + 16 +
			   sizeof(((struct scsi_identity *)0)->serial)];
};

/* The elements and fields that a CDB asks for. */
struct status_request {
	const struct smc *smc;
	const struct scsi_port *port; /* the one that the command came through */
	bool voltag, dvcid;	      /* true: with volume tags; with device identifiers */
	unsigned start, number;	      /* at most `number` elements, from address start on */
	uint8_t type;		      /* element type, or STATUS_TYPE_ALL */
	/* room for JB_DRIVES_MAX, by number of the drive; borrowed */
	struct status_drive *drives;
	unsigned ndrives; /* how many of these status_pages has filled in */
};

/* The elements of one type that a report covers. */
struct status_page {
	struct smc_range range;	      /* first and count of these elements only */
	struct jb_elem_range numbers; /* the same elements by their numbers */
	size_t descriptor_len;	      /* bytes of each descriptor */
};

/* Fills in req->drives and req->ndrives, then one page for each type that has elements in the request, by
 * ascending address, until req->number elements are reached.  Returns the number of pages; 0 if no element
 * matches.  Takes the jukebox lock only to identify the drives, so elements may change before the report is
 * built. */
unsigned status_pages(struct status_request *req, struct status_page pages[SMC_TYPES]);
/* Returns the length of a page in bytes: all its descriptors, without its header. */
size_t status_page_length(const struct status_page *page);

/* Appends the header of the report (SMC-3 6.11.2): the first address, the number of elements, and the bytes
 * of all pages.  byte4 is 0, or the action code of REQUEST VOLUME ELEMENT ADDRESS. */
void status_build_header(
	struct wbuf *w, uint16_t first, uint16_t count, uint8_t byte4, uint32_t bytes);
/* Appends the header of a page with `bytes` bytes of descriptors (SMC-3 6.11.3). */
void status_build_page_header(const struct status_request *req, const struct status_page *page,
	uint32_t bytes, struct wbuf *w);
/* Appends the descriptor of one element (SMC-3 6.11.4 to 6.11.8), filled with zeros to page->descriptor_len.
 * Its address is computed from the page.  Takes no lock. */
void status_build_descriptor(const struct status_request *req, const struct status_page *page,
	const struct jb_elem_status *status, struct wbuf *w);

/* Stores the volume identifier in out, with a NUL: the disc's label, at most JB_LABEL_MAX characters of
 * ASCII.  Each other character becomes one underscore.  It is "" if there is no disc, or its label is
 * JB_LABEL_NONE.  Returns its length. */
size_t status_volume_id(const struct jb_elem_status *status, char out[JB_LABEL_MAX + 1]);

#endif
