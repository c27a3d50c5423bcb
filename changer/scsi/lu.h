/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logical units and their nexuses: what all device types share.  A device type is a table of commands
 * and a table of mode pages.  Dispatch does the rest for all types: it looks up LUN and opcode, reports
 * unit attentions, checks that the unit is ready, and runs the command in the right thread.
 *
 * Ownership: a scsi_device has a list of logical units, which the caller makes and frees.  A transport
 * owns a nexus from scsi_nexus_new to scsi_nexus_free, and may free it only when none of its tasks is
 * pending.
 *
 * Locks: a leaf lock inside guards the state of a nexus.  For strands see strand.h.
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
	/* Needs no mechanism: runs at once in the caller's thread, without the strand. */
	CMD_ANYTIME = 1,
	/* Always waits for something (a sync, the robot): goes directly to the strand's thread. */
	CMD_SLOW = 2,
	/* Never ends with a unit attention, which stays pending: INQUIRY, REPORT LUNS, GET
	 * CONFIGURATION, GET EVENT STATUS NOTIFICATION.  REQUEST SENSE reports it as its data (SPC-4
	 * 4.5.1). */
	CMD_KEEPS_UA = 4,
	/* Ends with the device type's not-ready sense if no medium is accessible. */
	CMD_NEEDS_MEDIUM = 8,
	/* What is allowed when another nexus has a reservation (SPC-4 5.12.1, SPC-2 5.5.1).  A command
	 * without any of the next three flags conflicts.  CMD_UNRESERVED: never conflicts, or the
	 * handler checks it itself. */
	CMD_UNRESERVED = 16,
	/* Conflicts with RESERVE, but not with a persistent reservation. */
	CMD_PERSIST_FREE = 32,
	/* Only reads: does not conflict with persistent reservations of a write exclusive type. */
	CMD_READS = 64,
};

/* One command.  Dispatch, REPORT SUPPORTED OPERATION CODES, counters and tests use this row. */
struct scsi_cmd {
	uint8_t opcode;
	int8_t service_action; /* -1: the opcode has none */
	uint8_t cdb_len;       /* 6, 10, 12, 16 */
	enum scsi_dir dir;
	unsigned flags;	  /* bits of scsi_cmd_flags */
	const char *name; /* as in the standard */
	/* CDB usage data (SPC-4 6.35.3): a bit is set if the device looks at that bit of the CDB.  The
	 * LUN bits in byte 1 are always ignored, because SCSI-2 initiators fill them. */
	uint8_t usage[SCSI_CDB_MAX];
	void (*run)(struct scsi_task *task);
};

/* Makes a row of a command table.  The usage data, from byte 1 on, follows the handler. */
#define SCSI_CMD(op, name_, len, dir_, flags_, run_, ...) \
	SCSI_CMD_ACTION(op, -1, name_, len, dir_, flags_, run_, __VA_ARGS__)
/* Makes a row for an opcode with a service action. */
#define SCSI_CMD_ACTION(op, action, name_, len, dir_, flags_, run_, ...) \
	{ \
		.opcode = (op), .service_action = (action), .cdb_len = (len), \
		.dir = SCSI_DIR_##dir_, .flags = (flags_), .name = (name_), \
		.usage = {(op), __VA_ARGS__}, .run = (run_) \
	}

/* A mode page.  MODE SENSE and MODE SELECT both work from this row. */
struct scsi_mode_page {
	uint16_t code; /* subpage code << 8 | page code */
	/* Appends the page with its header (SPC-4 7.5.7).  control: 0 current values, 1 changeable, 2
	 * default. */
	void (*build)(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w);
	/* Returns true if the drive supports the values of a page that an initiator sent.  The page has the
	 * length that build gives, and differs from the current one only where a value is changeable.  It
	 * changes nothing.  NULL: the drive supports every such page. */
	bool (*accepts)(struct scsi_lu *lu, const uint8_t *page);
	/* Stores the values of a page that accepts() has accepted.  NULL: the page has no changeable values. */
	void (*select)(struct scsi_lu *lu, struct scsi_itl *itl, const uint8_t *page, size_t len);
};

struct scsi_identity { /* each text ends with a NUL; INQUIRY pads it */
	char vendor[9];
	char product[17];
	char revision[5];
	char serial[33];
	/* VPD page 83h: NAA 3 (locally assigned), from the library's UUID and the LUN */
	uint8_t naa[8];
};

/* Progress that REQUEST SENSE reports while the unit works in the background (SPC-4 4.5.2.4.4). */
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
	/* Version descriptors for INQUIRY (SPC-4 6.4.2), 0 at the end. */
	const uint16_t *versions;
	uint8_t medium_type_byte; /* medium type in mode parameter headers */
	/* Returns the device-specific parameter of these headers (SPC-4 7.5.5); NULL: 0. */
	uint8_t (*mode_parameter)(struct scsi_lu *lu);
	void (*identity)(struct scsi_lu *lu, struct scsi_identity *out);
	/* Called before each command of a nexus.  Queues, with itl_ua, all unit attentions that are new
	 * for it. */
	void (*check_ua)(struct scsi_lu *lu, struct scsi_itl *itl);
	/* Returns true if the command's own answer tells the nexus what the unit attention would.  Then
	 * it counts as reported, and the command goes on.  NULL: no command does that. */
	bool (*tells)(const struct scsi_task *task, uint16_t ua);
	/* Returns true if a medium is accessible; else sets not-ready sense and returns false.  NULL:
	 * always ready. */
	bool (*ready)(struct scsi_task *task);
	/* Called when the nexus ends or the unit is reset.  Releases what the nexus held (PREVENT). */
	void (*nexus_lost)(struct scsi_lu *lu, struct scsi_itl *itl);
	/*
	 * Called for a logical unit reset (SAM-5 6.3.3).  Sets mode pages to their defaults, and so on.
	 */
	void (*reset)(struct scsi_lu *lu);
	/* Returns true, and how far it is, while the unit works in the background.  Any thread, without
	 * the strand; must not wait.  NULL: never. */
	bool (*progress)(struct scsi_lu *lu, struct scsi_progress *out);
};

/* Counters of a unit since it was made.  Each is atomic and never falls.  Any thread, no lock. */
enum { SCSI_CMDS_MAX = 160, SCSI_SENSE_KEYS = 16 };
struct scsi_stats {
	uint64_t commands[SCSI_CMDS_MAX]; /* one for each row of the type's command table */
	uint64_t unknown;		  /* commands without a row */
	/* commands that ended with CHECK CONDITION, by sense key */
	uint64_t sense[SCSI_SENSE_KEYS];
	/* commands that ended with another status: conflict, busy, aborted */
	uint64_t other_status;
	uint64_t bytes_in, bytes_out; /* bytes sent to initiators, and taken from them */
};

struct scsi_lu {
	const struct scsi_lu_type *type;
	struct strand *strand; /* of its mechanism; borrowed */
	void *priv;	       /* belongs to the device type */
	uint8_t lun;
	const struct scsi_cmd *by_opcode[256]; /* first row of each opcode; filled in by lu_init */
	struct scsi_device *device;
	struct scsi_stats stats;
};

/* Initializes a unit.  It is in no device yet. */
void lu_init(struct scsi_lu *lu, const struct scsi_lu_type *type, uint8_t lun,
	struct strand *strand, void *priv);

/* ---- the target's set of logical units ------------------------------------------------------ */

enum { SCSI_LUNS_MAX = 128 };

/* Makes a device without units.  Returns NULL if memory is missing. */
struct scsi_device *scsi_device_new(void);
/* Frees a device.  No nexus may be left.  Does not free the units. */
void scsi_device_free(struct scsi_device *dev);
/* Adds a unit to the device.  All nexuses get a unit attention on their other units: the list of LUNs
 * has changed (3Fh/0Eh, SPC-4 6.33).  The LUN must be free, and always have the same unit. */
void scsi_device_add(struct scsi_device *dev, struct scsi_lu *lu);
/* Removes a unit from the device, with the same unit attention.  The caller must hold the unit's
 * strand.  Commands that still wait for the unit are answered as if the LUN did not exist.  The unit
 * must not be freed before the device is. */
void scsi_device_remove(struct scsi_device *dev, struct scsi_lu *lu);
/* Returns the unit with that LUN; NULL if there is none. */
struct scsi_lu *scsi_device_lu(struct scsi_device *dev, unsigned lun);
/*
 * Lets the device offer persistent reservations that survive a restart (SPC-4 5.12.5).  save must make
 * the text of a unit's reservations durable, in place of the old text; size 0 deletes it.  save runs
 * with the unit's strand held and may block; it returns false if it failed.  Call this before the first
 * nexus is made.
 */
void scsi_device_set_save(struct scsi_device *dev,
	bool (*save)(void *arg, unsigned lun, const char *text, size_t size), void *arg);
/* Gives a unit the reservations that were saved.  Returns false if the text is not valid. */
bool scsi_device_load_reservations(
	struct scsi_device *dev, unsigned lun, const char *text, size_t size);

/* ---- nexuses ------------------------------------------------------------------------------- */

/*
 * Makes an I_T nexus.  Each unit has unit attention 29h/00h pending for it (SAM-5 5.14).  port is the
 * SCSI name of the initiator port; persistent reservations recognize it by that after a new login.  For
 * iSCSI it is the iSCSI name, ",i,0x" and the ISID (RFC 7143 4.2.7.1).  Returns NULL if memory is
 * missing.
 */
struct scsi_nexus *scsi_nexus_new(struct scsi_device *dev, const char *initiator, const char *port);
/* Ends a nexus: releases what it holds, and frees it.  nexus may be NULL. */
void scsi_nexus_free(struct scsi_nexus *nexus);
/* Releases what the nexus holds (PREVENT, RESERVE), before the initiator learns that the session ends.
 * No task of the nexus may be pending. */
void scsi_nexus_let_go(struct scsi_nexus *nexus);
/* Returns the name of the nexus' initiator, valid as long as the nexus. */
const char *scsi_nexus_initiator(const struct scsi_nexus *nexus);
/* Ends the tasks that other nexuses have in a unit (lun NULL: in all units) with TASK ABORTED.  A task
 * that is running cannot be stopped, and is completed (SAM-5 7.5, 7.7). */
void scsi_nexus_abort_others(struct scsi_nexus *nexus, const uint8_t lun[8]);
/* Does a LOGICAL UNIT RESET.  All nexuses get unit attention 29h/00h.  The caller must end the tasks.
 * Returns false if there is no such unit. */
bool scsi_nexus_reset_lu(struct scsi_nexus *nexus, const uint8_t lun[8]);
/* Does a TARGET WARM RESET: resets every unit. */
void scsi_nexus_reset_target(struct scsi_nexus *nexus);

/* Unit attentions (SPC-4 annex D): REPORTED LUNS DATA HAS CHANGED, MODE PARAMETERS CHANGED. */
enum { SCSI_UA_LUNS_CHANGED = 0x3f0e, SCSI_UA_MODE_CHANGED = 0x2a01 };

/* The state that one nexus has with one unit. */
enum { ITL_UA_MAX = 8, ITL_SEEN_MAX = 18, ITL_KEPT_MAX = 64 };
struct scsi_itl {
	struct scsi_nexus *nexus;
	struct scsi_lu *lu;
	uint16_t ua[ITL_UA_MAX]; /* pending unit attentions, ASC << 8 | ASCQ, oldest first */
	unsigned nua;
	uint64_t seen[ITL_SEEN_MAX]; /* for the device type: counters as last reported */
	/* for the device type: data between commands; strand held */
	uint64_t kept[ITL_KEPT_MAX / 8];
	/* What PREVENT ALLOW MEDIUM REMOVAL has set, as the bits of its CDB; 0: nothing.  A writer
	 * holds the strand or the device's lock; other threads load it atomically. */
	uint8_t prevents;
	unsigned aborts; /* atomic counter: how often others have ended all its tasks */
};

/* Queues a unit attention, unless it is pending already.  If the queue is full, drops it. */
void itl_ua(struct scsi_itl *itl, uint8_t asc, uint8_t ascq);
/* Queues a unit attention, such as "mode parameters changed" (2Ah/01h), for every nexus except that of
 * `self`. */
void lu_ua_others(struct scsi_lu *lu, const struct scsi_itl *self, uint8_t asc, uint8_t ascq);

/* Decodes a single-level LUN (SAM-5 4.7.7.2: peripheral or flat addressing).  Returns -1 if it is not
 * one. */
int scsi_lun_decode(const uint8_t lun[8]);

#endif
