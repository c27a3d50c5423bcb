/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Logical units and their nexuses: what all device types share.  A device type is a table of commands and a
 * table of mode pages.  Dispatch does the rest for all types: it looks up LUN and opcode, reports unit
 * attentions, checks reservations and that the unit is ready, and runs the command in the right thread.
 *
 * Ownership: a scsi_device has a list of logical units, which the caller makes and frees.  A transport owns a
 * nexus from scsi_nexus_new to scsi_nexus_free, and may free it only when none of its tasks is pending.
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

struct scsi_port;

enum scsi_device_type { SCSI_TYPE_MMC = 0x05, SCSI_TYPE_CHANGER = 0x08 };
enum scsi_dir { SCSI_DIR_NONE, SCSI_DIR_IN, SCSI_DIR_OUT };

enum scsi_cmd_flags {
	/* Needs no mechanism: runs at once in the thread that submits it, without the strand. */
	CMD_ANYTIME = 1,
	/* Always waits for something (a sync, the robot): is always posted to the strand's own thread. */
	CMD_SLOW = 2,
	/* Runs although a unit attention is pending, and leaves it pending (SPC-4 4.5.1); but REQUEST SENSE
	 * returns it as its data, and REPORT LUNS removes 3Fh/0Eh. */
	CMD_KEEPS_UA = 4,
	/* Calls the type's ready() first, and ends with its sense if no medium is accessible. */
	CMD_NEEDS_MEDIUM = 8,
	/* The next three flags are about a reservation of another nexus (SPC-4 5.12.1, SPC-2 5.5.1); a
	 * command without any of them conflicts.  CMD_UNRESERVED: never conflicts in dispatch. */
	CMD_UNRESERVED = 16,
	/* Conflicts with RESERVE of another nexus, but never with a persistent reservation. */
	CMD_PERSIST_FREE = 32,
	/* Only reads: does not conflict with a persistent reservation of a write exclusive type. */
	CMD_READS = 64,
};

/* A row of a type's command table: one command.  All rows of an opcode are neighbours in the table. */
struct scsi_cmd {
	uint8_t opcode;
	int8_t service_action; /* -1: the opcode has none */
	uint8_t cdb_len;       /* in bytes: 6, 10, 12 or 16 */
	enum scsi_dir dir;     /* of the data: from the unit (IN), to it (OUT) */
	unsigned flags;	       /* bits of scsi_cmd_flags */
	const char *name;      /* as in the standard */
	/* CDB usage data (SPC-4 6.35.3): a bit is set if the device looks at that bit of the CDB.  Byte 0 is
	 * the opcode.  The LUN bits in byte 1 are 0, because SCSI-2 initiators fill them. */
	uint8_t usage[SCSI_CDB_MAX];
	/* Carries out the command (task.h).  Strand held, except with CMD_ANYTIME. */
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

/* A row of a type's table of mode pages.  MODE SENSE and MODE SELECT both use it, with the strand held. */
struct scsi_mode_page {
	uint16_t code; /* subpage code << 8 | page code */
	/* Appends the page with its header (SPC-4 7.5.7).  control: 0 appends the current values of that
	 * nexus, 1 a mask with a 1 bit where a value is changeable, 2 the defaults.  All have one length. */
	void (*build)(struct scsi_lu *lu, struct scsi_itl *itl, uint8_t control, struct wbuf *w);
	/* Returns true if the unit supports the values of a page that an initiator sent; false makes MODE
	 * SELECT end with INVALID FIELD IN PARAMETER LIST.  Changes nothing.  The page has the length that
	 * build() gives, and differs from the current one only in changeable values.  NULL: all are
	 * supported. */
	bool (*accepts)(struct scsi_lu *lu, const uint8_t *page);
	/* Stores the values of a page of len bytes that accepts() has accepted.  NULL: the page has no
	 * changeable values. */
	void (*select)(struct scsi_lu *lu, struct scsi_itl *itl, const uint8_t *page, size_t len);
};

struct scsi_identity { /* each text ends with a NUL; INQUIRY pads it */
	char vendor[9];
	char product[17];
	char revision[5];
	char serial[33];
	/* designator of VPD page 83h: NAA 3 (locally assigned), from the library's UUID and the LUN */
	uint8_t naa[8];
};

/* Progress of work in the background: REQUEST SENSE reports it (SPC-4 4.5.2.4.4). */
struct scsi_progress {
	uint8_t asc, ascq; /* the kind of work, such as "format in progress" */
	uint16_t done;	   /* of 65536 */
};

struct scsi_lu_type {
	enum scsi_device_type type;
	const struct scsi_cmd *cmds; /* ncmds rows; SPC_COMMON_CMDS come first */
	size_t ncmds;
	const struct scsi_mode_page *pages; /* npages rows, in the order of MODE SENSE */
	size_t npages;
	/* Version descriptors for INQUIRY (SPC-4 6.4.2), ended by 0; those after the eighth are left out. */
	const uint16_t *versions;
	uint8_t medium_type_byte; /* medium type in mode parameter headers */
	/* Returns the device-specific parameter of mode parameter headers (SPC-4 7.5.5).  NULL: it is 0. */
	uint8_t (*mode_parameter)(struct scsi_lu *lu);
	/* Fills in all of *out, which the caller has set to zeros.  Any thread, without the strand. */
	void (*identity)(struct scsi_lu *lu, struct scsi_identity *out);
	/* Queues with itl_ua every unit attention that is new for the nexus.  Called before each command of
	 * the nexus that reports unit attentions, and once when the state of the nexus is made.  Any thread,
	 * without the strand; one call at a time for a nexus.  NULL: the type has none of its own. */
	void (*check_ua)(struct scsi_lu *lu, struct scsi_itl *itl);
	/* Returns true if the command's own answer shows what the unit attention ua (ASC << 8 | ASCQ)
	 * reports: it then counts as reported, and the command goes on.  False: it ends the command.  NULL:
	 * always false. */
	bool (*tells)(const struct scsi_task *task, uint16_t ua);
	/* Returns true if a medium is accessible; else sets the not-ready sense and returns false.  Strand
	 * held.  NULL: the unit is always ready. */
	bool (*ready)(struct scsi_task *task);
	/* Notes the initiator for whom the unit acts from now on; NULL: nobody.  Called around each command
	 * that holds the strand.  NULL: notes nothing. */
	void (*acts_for)(struct scsi_lu *lu, const char *initiator);
	/* Releases what the nexus holds in the unit (PREVENT).  Device's lock held.  Called when the nexus
	 * ends, logs out or is preempted with abort, or the unit is reset or removed.  NULL: it holds
	 * nothing. */
	void (*nexus_lost)(struct scsi_lu *lu, struct scsi_itl *itl);
	/* Sets mode pages and the like to their defaults (SAM-5 6.3.3).  Strand held.  Called for a logical
	 * unit reset, and when the unit is removed.  NULL: nothing to do. */
	void (*reset)(struct scsi_lu *lu);
	/* Returns true and fills in *out while the unit works in the background; false, with *out untouched,
	 * while it does not.  Any thread, without the strand; must not wait.  NULL: it never does. */
	bool (*progress)(struct scsi_lu *lu, struct scsi_progress *out);
};

/* Counters of a unit since it was made.  Each is atomic and never falls.  Any thread may read them. */
enum { SCSI_CMDS_MAX = 160, SCSI_SENSE_KEYS = 16 };
struct scsi_stats {
	uint64_t commands[SCSI_CMDS_MAX]; /* commands that ended, by their row in the table */
	uint64_t unknown;		  /* commands that ended and had no row */
	uint64_t sense[SCSI_SENSE_KEYS];  /* commands with CHECK CONDITION, by key */
	uint64_t other_status;	      /* commands that ended otherwise: conflict, busy, aborted */
	uint64_t bytes_in, bytes_out; /* data of commands that ended with GOOD */
};

struct scsi_lu {
	const struct scsi_lu_type *type;
	struct strand *strand; /* of the mechanism of the unit; borrowed */
	void *priv;	       /* belongs to the device type; borrowed */
	uint8_t lun; /* its number in the device, and its LUN at the first port (port.h) */
	const struct scsi_cmd *by_opcode[256]; /* first row of each opcode; NULL: no row */
	struct scsi_device *device;	       /* set by scsi_device_add; NULL before */
	struct scsi_stats stats;
};

/* Makes *lu a unit that is in no device yet: stores the arguments, builds by_opcode, and sets the counters to
 * 0.  Asserts that lun is below SCSI_LUNS_MAX and that the type's command table is well formed. */
void lu_init(struct scsi_lu *lu, const struct scsi_lu_type *type, uint8_t lun,
	struct strand *strand, void *priv);

/* ---- the target's set of logical units ------------------------------------------------------ */

enum { SCSI_LUNS_MAX = 128 };
/* Makes a device without units, nexuses and reservations.  Returns NULL if memory is missing. */
struct scsi_device *scsi_device_new(void);
/* Waits for queued resets, then frees the device and its reservations, but not its units.  No nexus may be
 * left.  dev may be NULL. */
void scsi_device_free(struct scsi_device *dev);
/* Adds a unit to the device, whose LUN must be free and must always have the same unit.  Each nexus gets
 * 29h/00h for the new unit, and for each other unit the unit attention that the list of LUNs has changed
 * (3Fh/0Eh, SPC-4 6.33).  Takes the device's lock. */
void scsi_device_add(struct scsi_device *dev, struct scsi_lu *lu);
/* Removes a unit from the device.  The caller must hold the unit's strand.  Releases what all nexuses hold in
 * the unit, removes its reservations and keys, also from the store, and resets it.  Queues 3Fh/0Eh as
 * scsi_device_add does.  Commands that still wait for the unit are answered as if the LUN did not exist.  The
 * unit must not be freed before the device. */
void scsi_device_remove(struct scsi_device *dev, struct scsi_lu *lu);
/* Returns the unit with that LUN; NULL if there is none, or lun is too high.  Any thread, no lock. */
struct scsi_lu *scsi_device_lu(struct scsi_device *dev, unsigned lun);
/* Lets the device offer persistent reservations that survive a restart (SPC-4 5.12.5).  save makes the text
 * of a unit's reservations durable, in place of the old text; size 0 deletes it.  It returns false if it
 * failed, holds the unit's strand and may block.  Call this before scsi_device_load_reservations. */
void scsi_device_set_save(struct scsi_device *dev,
	bool (*save)(void *arg, unsigned lun, const char *text, size_t size), void *arg);
/* Replaces the persistent reservations of a unit by those of a saved text, and turns APTPL on for them; with
 * size 0, there are none and it is off.  Returns false, and changes no reservation, if the text is not valid,
 * memory is missing, or lun is too high.  The unit need not exist yet. */
bool scsi_device_load_reservations(
	struct scsi_device *dev, unsigned lun, const char *text, size_t size);

/* ---- nexuses ------------------------------------------------------------------------------- */

/* Makes an I_T nexus through that target port (port.h), for which each unit has unit attention 29h/00h pending (SAM-5 5.14).  port is the SCSI
 * name of the initiator port, by which persistent reservations recognize it after a new login: the iSCSI
 * name, ",i,0x" and the ISID (RFC 7143 4.2.7.1).  Copies both texts.  Returns NULL if memory is missing. */
struct scsi_nexus *scsi_nexus_new(
	struct scsi_port *target_port, const char *initiator, const char *port);
/* Ends a nexus: releases what it holds, as scsi_nexus_let_go does, and frees it.  None of its tasks may be
 * pending.  Persistent reservations stay.  nexus may be NULL. */
void scsi_nexus_free(struct scsi_nexus *nexus);
/* Releases what the nexus holds in all units (PREVENT, RESERVE), before the initiator learns that the session
 * ends.  Persistent reservations stay.  The nexus stays usable.  None of its tasks may be pending. */
void scsi_nexus_let_go(struct scsi_nexus *nexus);
/* Returns the name of the initiator as scsi_nexus_new got it; valid as long as the nexus. */
const char *scsi_nexus_initiator(const struct scsi_nexus *nexus);
/* Lets all tasks that other nexuses have now in a unit (lun NULL: in all units) end with TASK ABORTED when
 * their turn comes; does not wait.  A running task is completed (SAM-5 7.5, 7.7).  Does nothing if no unit
 * has the LUN. */
void scsi_nexus_abort_others(struct scsi_nexus *nexus, const uint8_t lun[8]);
/* Does a LOGICAL UNIT RESET: queues 29h/00h for all nexuses at once, then resets the unit and releases what
 * all nexuses hold in it; if the strand is busy, the strand's thread does that later.  Never waits.  Ends no
 * task: that is up to the caller.  Returns false, with no effect, if there is no such unit. */
bool scsi_nexus_reset_lu(struct scsi_nexus *nexus, const uint8_t lun[8]);
/* Does a TARGET WARM RESET: resets every unit as scsi_nexus_reset_lu does. */
void scsi_nexus_reset_target(struct scsi_nexus *nexus);

/* Unit attentions (SPC-4 annex D): REPORTED LUNS DATA HAS CHANGED, MODE PARAMETERS CHANGED. */
enum { SCSI_UA_LUNS_CHANGED = 0x3f0e, SCSI_UA_MODE_CHANGED = 0x2a01 };

/* The state that one nexus has with one unit. */
enum { ITL_UA_MAX = 8, ITL_SEEN_MAX = 18, ITL_KEPT_MAX = 64 };
struct scsi_itl {
	struct scsi_nexus *nexus; /* both borrowed */
	struct scsi_lu *lu;
	uint16_t ua[ITL_UA_MAX];     /* pending: ASC << 8 | ASCQ, oldest first */
	unsigned nua;		     /* how many; changed under nexus->ua, else loaded atomically */
	uint64_t seen[ITL_SEEN_MAX]; /* for check_ua: counters as last reported */
	/* for the device type: data between commands; strand held */
	uint64_t kept[ITL_KEPT_MAX / 8];
	/* The bits that PREVENT ALLOW MEDIUM REMOVAL has set, as in its CDB; 0: none.  A writer holds the
	 * strand or the device's lock; other threads load it atomically. */
	uint8_t prevents;
	unsigned aborts; /* atomic: how often others have ended all its tasks */
};

/* Queues a unit attention; does nothing if it is pending already, or ITL_UA_MAX are.  Any thread; nexus->ua
 * is a leaf. */
void itl_ua(struct scsi_itl *itl, uint8_t asc, uint8_t ascq);
/* Queues a unit attention of the unit, such as 2Ah/01h, for every nexus except that of self (NULL: for every
 * nexus).  Does nothing if the unit was never in a device.  Takes the device's lock. */
void lu_ua_others(struct scsi_lu *lu, const struct scsi_itl *self, uint8_t asc, uint8_t ascq);

#endif
