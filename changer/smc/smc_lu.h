/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of the medium changer: what its commands and mode pages share. */
#ifndef CHANGER_SMC_SMC_LU_H
#define CHANGER_SMC_SMC_LU_H

#include "changer/smc/smc.h"

struct smc {
	struct scsi_lu lu;
	struct jukebox *jb;
	struct scsi_lu *(*drive_lu)(void *arg, unsigned drive);
	void *arg;
};

/* Returns the medium changer behind a logical unit of this type. */
static inline struct smc *
smc_of(const struct scsi_lu *lu)
{
	return lu->priv;
}

/* The consecutive addresses of all elements of a type.  If there are none, count and first are 0. */
struct smc_range {
	enum jb_elem_type type;
	uint16_t first;
	unsigned count;
};
/* Returns the range of that type. */
struct smc_range smc_range_of(const struct smc *smc, enum jb_elem_type type);

/* Indices of scsi_itl.seen: the counters of jb_hand_view and jb_layout_changes as last reported to the
 * nexus. */
enum { SEEN_BEGUN, SEEN_MAILSLOTS, SEEN_LAYOUT };

enum { SMC_TYPES = 4 };
/* Stores the ranges of all four types, by ascending address. */
void smc_ranges(const struct smc *smc, struct smc_range out[SMC_TYPES]);

/* Returns the element types to which a disc can be moved from an element of that type, as bits 1 <<
 * (type - 1).  Mode page 1Fh reports them; MOVE MEDIUM obeys them. */
uint8_t smc_moves_from(enum jb_elem_type type);
/* Returns the element types with whose discs the disc of an element of that type can be exchanged, as
 * bits 1 << (type - 1).  Mode page 1Fh reports them; EXCHANGE MEDIUM obeys them. */
uint8_t smc_exchanges_with(enum jb_elem_type type);

enum { SMC_NPAGES = 4 };
extern const struct scsi_mode_page smc_pages[SMC_NPAGES];

/* Carries out the command, for the table in smc.c, and ends it; so do all the next handlers.  They
 * read the CDB and data-out from the task. */
void smc_initialize_element_status(struct scsi_task *task);
void smc_initialize_with_range(struct scsi_task *task);
void smc_open_close(struct scsi_task *task);
void smc_prevent_allow(struct scsi_task *task);
void smc_position_to_element(struct scsi_task *task);
void smc_move_medium(struct scsi_task *task);
void smc_exchange_medium(struct scsi_task *task);
void smc_read_element_status(struct scsi_task *task);
void smc_log_sense(struct scsi_task *task);
void smc_send_volume_tag(struct scsi_task *task);
void smc_request_volume_element_address(struct scsi_task *task);

/* Sets the sense data for err, and logs that `what` was refused.  Does nothing for JB_OK. */
void smc_refuse(struct scsi_task *task, const char *what, enum jb_err err);

#endif
