/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logical units and their nexuses: what all device types share.  A device type is a table of
 * commands and a table of mode pages; dispatch does the rest, once for all: LUN and opcode look-up,
 * unit attentions, readiness, running on the right thread.
 *
 * Ownership: a scsi_device owns its logical units.  A transport owns a nexus from scsi_nexus_new
 * to scsi_nexus_free, and frees it only when none of its tasks is pending.
 * Locks: nexus state is guarded by a leaf lock inside; strands as in strand.h.
 */
#ifndef CHANGER_SCSI_LU_H
#define CHANGER_SCSI_LU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "changer/base/strand.h"
#include "changer/base/wbuf.h"
#include "changer/scsi/task.h"

enum scsi_device_type { SCSI_TYPE_MMC = 0x05, SCSI_TYPE_CHANGER = 0x08 };

enum scsi_dir { SCSI_DIR_NONE, SCSI_DIR_IN, SCSI_DIR_OUT };

enum scsi_cmd_flags {
	/* Touches no mechanism: runs at once in the caller's thread, the strand not held. */
	CMD_ANYTIME = 1,
	/* Always waits for something (a sync, the robot): goes straight to the strand's thread. */
	CMD_SLOW = 2,
	/* Never ends with a pending unit attention, which stays pending: INQUIRY, REPORT LUNS,
	 * GET CONFIGURATION, GET EVENT STATUS; REQUEST SENSE reports it itself (SPC-4 4.5.1). */
	CMD_KEEPS_UA = 4,
	/* Refused with the type's not-ready sense while no medium is accessible. */
	CMD_NEEDS_MEDIUM = 8,
	/* What another nexus' reservation leaves (SPC-4 5.12.1, SPC-2 5.5.1); without any of these the
	 * command conflicts.  First: all, or the handler sees to it itself. */
	CMD_UNRESERVED = 16,
	/* Conflicts with RESERVE, but with no persistent reservation. */
	CMD_PERSIST_FREE = 32,
	/* Only reads: no conflict with write exclusive persistent reservations. */
	CMD_READS = 64,
};

/* One command: dispatch, REPORT SUPPORTED OPERATION CODES, counters and tests read this row. */
struct scsi_cmd {
	uint8_t opcode;
	int8_t service_action; /* -1: the opcode has none */
	uint8_t cdb_len;       /* 6, 10, 12, 16 */
	enum scsi_dir dir;
	unsigned flags;	  /* of scsi_cmd_flags */
	const char *name; /* as in the standard */
	/* CDB usage data, SPC-4 6.35.3: a bit set for every bit of the CDB that is looked at.  The
	 * LUN bits of byte 1 are ignored whatever it says (SCSI-2 initiators fill them). */
	uint8_t usage[SCSI_CDB_MAX];
	void (*run)(struct scsi_task *task);
};

/* A row of a command table; behind the handler stands the usage data from byte 1 on. */
#define SCSI_CMD(op, name_, len, dir_, flags_, run_, ...) \
	SCSI_CMD_ACTION(op, -1, name_, len, dir_, flags_, run_, __VA_ARGS__)
/* A row of an opcode that has service actions. */
#define SCSI_CMD_ACTION(op, action, name_, len, dir_, flags_, run_, ...) \
	{ \
		.opcode = (op), .service_action = (action), .cdb_len = (len), \
		.dir = SCSI_DIR_##dir_, .flags = (flags_), .name = (name_), \
		.usage = {(op), __VA_ARGS__}, .run = (run_) \
	}

/* A mode page; both MODE SENSE and MODE SELECT work from this row. */
struct scsi_mode_page {
	uint16_t code; /* subpage code << 8 | page code */
	/* Appends the page, header included (SPC-4 7.5.7).  control: 0 current, 1 changeable, 2 default. */
	void (*build)(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w);
	/* Checks and takes a whole page that was sent, of the length that build gives.  False: a
	 * value is not supported.  NULL: only pages equal to the current one are taken. */
	bool (*select)(struct scsi_lu *lu, struct scsi_itl *itl, const uint8_t *page, size_t len);
};

struct scsi_identity { /* NUL-terminated; padded by INQUIRY */
	char vendor[9];
	char product[17];
	char revision[5];
	char serial[33];
	uint8_t naa[8]; /* VPD 83h, NAA 3 (locally assigned): of the library's uuid and the unit */
};

/* What REQUEST SENSE says while something takes its time in the background (SPC-4 4.5.2.4.4). */
struct scsi_progress {
	uint8_t asc, ascq;
	uint16_t done; /* of 65536 */
};

struct scsi_lu_type {
	enum scsi_device_type type;
	const struct scsi_cmd *cmds;
	size_t ncmds;
	const struct scsi_mode_page *pages;
	size_t npages;
	/* Version descriptors of INQUIRY (SPC-4 6.4.2), ended by 0. */
	const uint16_t *versions;
	uint8_t medium_type_byte; /* of mode parameter headers */
	/* Their device-specific parameter; NULL: 0 (SPC-4 7.5.5). */
	uint8_t (*mode_parameter)(struct scsi_lu *lu);
	void (*identity)(struct scsi_lu *lu, struct scsi_identity *out);
	/* Before each command of a nexus: queue with itl_ua what it has not been told yet. */
	void (*check_ua)(struct scsi_lu *lu, struct scsi_itl *itl);
	/* True: the command's own answer tells the nexus what this unit attention would, so that it is
	 * taken for told, and the command goes on.  NULL: none does. */
	bool (*tells)(const struct scsi_task *task, uint16_t ua);
	/* True: a medium is accessible.  Else sets not-ready sense.  NULL: always ready. */
	bool (*ready)(struct scsi_task *task);
	/* The nexus ends, or the unit is reset: let go of what it held (PREVENT). */
	void (*nexus_lost)(struct scsi_lu *lu, struct scsi_itl *itl);
	/* Logical unit reset (SAM-5 6.3.3): mode pages to default and the like. */
	void (*reset)(struct scsi_lu *lu);
	/* True: something is under way.  Any thread, the strand not held; must not wait.  NULL: never. */
	bool (*progress)(struct scsi_lu *lu, struct scsi_progress *out);
};

/* What a unit has done since it was made; each is atomic and only grows.  Any thread, no lock. */
enum { SCSI_CMDS_MAX = 160, SCSI_SENSE_KEYS = 16 };
struct scsi_stats {
	uint64_t commands[SCSI_CMDS_MAX]; /* by row of the type's table */
	uint64_t unknown;		  /* those that it has no row for */
	uint64_t sense[SCSI_SENSE_KEYS];  /* CHECK CONDITION, by sense key */
	uint64_t other_status;		  /* conflicts, busy, aborted */
	uint64_t bytes_in, bytes_out;	  /* data sent to initiators, and taken from them */
};

struct scsi_lu {
	const struct scsi_lu_type *type;
	struct strand *strand; /* of the mechanism; borrowed */
	void *priv;	       /* the device type's */
	uint8_t lun;
	const struct scsi_cmd *by_opcode[256]; /* first row of the opcode; built by lu_init */
	struct scsi_device *device;
	struct scsi_stats stats;
};

void lu_init(struct scsi_lu *lu, const struct scsi_lu_type *type, uint8_t lun,
	struct strand *strand, void *priv);

/* ---- the target's set of logical units ------------------------------------------------------ */

enum { SCSI_LUNS_MAX = 128 };

struct scsi_device *scsi_device_new(void);
void scsi_device_free(struct scsi_device *dev); /* no nexus may be left; frees no units */
/*
 * Nexuses that are there already are told that the list of units has changed (3Fh/0Eh, SPC-4 6.33).
 * A unit may be taken out while nobody holds its strand but the caller; commands for it that still
 * wait are answered as if they came later.  It must stay until the device is freed, and is the only
 * one that may be added under its number again.
 */
void scsi_device_add(struct scsi_device *dev, struct scsi_lu *lu);
void scsi_device_remove(struct scsi_device *dev, struct scsi_lu *lu);
struct scsi_lu *scsi_device_lu(struct scsi_device *dev, unsigned lun);
/*
 * From now on the device offers persistent reservations that outlive the power (SPC-4 5.12.5): keep
 * makes the text of a unit's durable, in place of what it had before, or removes that when size is 0.
 * It blocks, on the unit's strand, and returns whether it could.  Before the first nexus.
 */
void scsi_device_keep_reservations(struct scsi_device *dev,
	bool (*keep)(void *arg, unsigned lun, const char *text, size_t size), void *arg);
/* Gives a unit what was kept.  False: the text makes no sense. */
bool scsi_device_take_reservations(
	struct scsi_device *dev, unsigned lun, const char *text, size_t size);

/* ---- nexuses ------------------------------------------------------------------------------- */

/* Makes an I_T nexus: each unit has unit attention 29h/00h pending for it (SAM-5 5.14).  port: the SCSI
 * name of the initiator port, by which persistent reservations know it after a new login; for iSCSI
 * the name, ",i,0x" and the ISID (RFC 7143 4.2.7.1). */
struct scsi_nexus *scsi_nexus_new(struct scsi_device *dev, const char *initiator, const char *port);
void scsi_nexus_free(struct scsi_nexus *nexus);
/* It is about to end, and lets go of what it holds (PREVENT, RESERVE) before that is known to the
 * initiator.  None of its tasks is pending. */
void scsi_nexus_let_go(struct scsi_nexus *nexus);
const char *scsi_nexus_initiator(const struct scsi_nexus *nexus);
/* The tasks that others have in a unit (NULL: in each) end with TASK ABORTED, but for one that is being
 * carried out, which cannot be stopped (SAM-5 7.5, 7.7). */
void scsi_nexus_abort_others(struct scsi_nexus *nexus, const uint8_t lun[8]);
/* LOGICAL UNIT RESET asked for over nexus: unit attention 29h/00h for the others too.  The caller
 * has seen to all tasks.  False: no such unit. */
bool scsi_nexus_reset_lu(struct scsi_nexus *nexus, const uint8_t lun[8]);
/* TARGET WARM RESET: the same for every unit. */
void scsi_nexus_reset_target(struct scsi_nexus *nexus);

/* SPC-4 annex D: REPORTED LUNS DATA HAS CHANGED, MODE PARAMETERS CHANGED */
enum { SCSI_UA_LUNS_CHANGED = 0x3f0e, SCSI_UA_MODE_CHANGED = 0x2a01 };

/* What one nexus and one unit know of each other. */
enum { ITL_UA_MAX = 8, ITL_SEEN_MAX = 17, ITL_KEPT_MAX = 64 };
struct scsi_itl {
	struct scsi_nexus *nexus;
	struct scsi_lu *lu;
	uint16_t ua[ITL_UA_MAX]; /* pending, ASC << 8 | ASCQ, oldest first */
	unsigned nua;
	uint64_t seen[ITL_SEEN_MAX];	 /* the device type's: counters as last reported */
	uint64_t kept[ITL_KEPT_MAX / 8]; /* the device type's: what was asked before; strand held */
	/* What PREVENT ALLOW MEDIUM REMOVAL has put in force, by the bits of its CDB; 0: nothing.
	 * Written by who holds the strand or the device's lock; others load it atomically. */
	uint8_t prevents;
	unsigned aborts; /* atomic: how often others ended all its tasks */
};

/* Queues a unit attention unless it is pending already; a full queue keeps the oldest. */
void itl_ua(struct scsi_itl *itl, uint8_t asc, uint8_t ascq);
/* Queues it for every other nexus: mode parameters changed (2Ah/01h) and the like. */
void lu_ua_others(struct scsi_lu *lu, const struct scsi_itl *self, uint8_t asc, uint8_t ascq);

/* The single-level LUN in its eight bytes (SAM-5 4.7.7.2 peripheral and flat addressing); -1: none. */
int scsi_lun_decode(const uint8_t lun[8]);

#endif
