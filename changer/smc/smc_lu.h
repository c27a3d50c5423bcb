/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of the medium changer: what its commands and mode pages share. */
#ifndef CHANGER_SMC_SMC_LU_H
#define CHANGER_SMC_SMC_LU_H

#include "changer/smc/smc.h"

struct smc {
	struct scsi_lu lu; /* its priv is this struct */
	struct jukebox *jb;
	struct scsi_lu *(*drive_lu)(void *arg, unsigned drive); /* see smc_new; may be NULL */
	void *arg;
};

/* Returns the medium changer behind a logical unit, which must be of this type. */
static inline struct smc *
smc_of(const struct scsi_lu *lu)
{
	return lu->priv;
}

/* The addresses of all elements of a type: consecutive.  If there are none, count and first are 0. */
struct smc_range {
	enum jb_elem_type type;
	uint16_t first;
	unsigned count;
};
/* Returns the range of that type as it is now.  Takes no lock. */
struct smc_range smc_range_of(const struct smc *smc, enum jb_elem_type type);

/* Indices of scsi_itl.seen: 1 after the first look at the counters; then the counters of jb_hand_view and
 * jb_layout_changes as last reported to the nexus. */
enum { SEEN_BEGUN, SEEN_MAILSLOTS, SEEN_LAYOUT };

enum { SMC_TYPES = 4 };
/* Stores the ranges of all four types in `out`, by ascending address; those without elements come first.
 * Takes no lock. */
void smc_ranges(const struct smc *smc, struct smc_range out[SMC_TYPES]);

/* Returns the element types to which a disc can be moved from an element of that type, as bits 1 << (type -
 * 1): always storage, mail slots and drives.  Mode page 1Fh reports them; MOVE MEDIUM refuses all others. */
uint8_t smc_moves_from(enum jb_elem_type type);
/* Returns the element types with whose discs the disc of an element of that type can be exchanged, as bits 1
 * << (type - 1): none for the picker, else storage, mail slots and drives.  Mode page 1Fh reports them;
 * EXCHANGE MEDIUM refuses all others. */
uint8_t smc_exchanges_with(enum jb_elem_type type);

enum { SMC_NPAGES = 4 };
extern const struct scsi_mode_page smc_pages[SMC_NPAGES];

/* The handlers, for the table in smc.c.  Each reads the CDB and data-out from the task, carries out the
 * command and ends the task.  INVALID FIELD means CHECK CONDITION with a pointer to the field of the CDB;
 * INVALID ELEMENT means 05h/21h/01h, for an address without an element or of a type that is not allowed.
 * After either, nothing has changed. */

/* Does nothing, with GOOD (SMC-3 6.5): the store is always the current state, so there is nothing to find
 * out. */
void smc_initialize_element_status(struct scsi_task *task);
/* Does nothing, with GOOD.  INVALID ELEMENT if the bit RANGE is set and the first address has no element. */
void smc_initialize_with_range(struct scsi_task *task);
/* Opens or closes a mail slot (SMC-3 6.8), which the users of the mount see.  INVALID FIELD for an unknown
 * action, INVALID ELEMENT if it is no mail slot; refused if a nexus prevents opening. */
void smc_open_close(struct scsi_task *task);
/* Locks the mail slots to the users of the mount for this nexus (PREVENT 1), or takes its lock away (0); the
 * second time has no effect.  The robot is not locked.  INVALID FIELD for PREVENT 2 and 3. */
void smc_prevent_allow(struct scsi_task *task);
/* Checks the addresses only, because the picker has no position.  INVALID ELEMENT for an unknown address,
 * INVALID FIELD to invert. */
void smc_position_to_element(struct scsi_task *task);
/* Moves a disc with jb_move, and returns when that is durable.  INVALID FIELD to invert, INVALID ELEMENT for
 * an address, else the sense of the error of jb_move; a drive whose medium is locked is refused.  It raises
 * no eject request, as a move from the mount does: Debian's udev ejects a mounted disc when it sees one, and
 * the host that requests the move is often the one that has the disc mounted. */
void smc_move_medium(struct scsi_task *task);
/* Moves two discs with jb_exchange, which says how much is done if it fails.  INVALID FIELD to invert,
 * INVALID ELEMENT for an address or a picker. */
void smc_exchange_medium(struct scsi_task *task);
/* Returns the status of elements (SMC-3 6.11), as one snapshot.  CURDATA asks for what is known without
 * inspecting them; that is all there is to know, so it is ignored.  INVALID FIELD for an unknown element
 * type, 05h/55h/03h if memory is missing, BUSY if elements are removed again and again meanwhile. */
void smc_read_element_status(struct scsi_task *task);
/* Returns a log page (SPC-4 6.8).  INVALID FIELD for the bit SP, an unknown page or subpage, and a parameter
 * pointer behind the last parameter.  Runs without the strand. */
void smc_log_sense(struct scsi_task *task);
/* Begins a search by a template, or changes the label of a disc (SMC-3 6.16), for REQUEST VOLUME ELEMENT
 * ADDRESS of the same nexus.  INVALID FIELD for an unknown action, and for ASSERT on a disc with a label.
 * Bad parameters get PARAMETER LIST LENGTH ERROR or INVALID FIELD IN PARAMETER LIST.  A command that fails
 * leaves the earlier search. */
void smc_send_volume_tag(struct scsi_task *task);
/* Returns the elements that the last SEND VOLUME TAG of this nexus found or changed (SMC-3 6.13), by the
 * state of the library now, each element once.  COMMAND SEQUENCE ERROR if there was none. */
void smc_request_volume_element_address(struct scsi_task *task);

/* Ends the command with the sense data of err, and logs that `what` by this initiator was refused.  For
 * JB_FAULT_SESSION ends the session instead, without a log line.  Does nothing for JB_OK. */
void smc_refuse(struct scsi_task *task, const char *what, enum jb_err err);

#endif
