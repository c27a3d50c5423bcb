/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files of the MMC unit share: its state, its command handlers, and their helpers.  Each
 * handler is in the file that is named after its subject.  The table of commands is in mmc.c.
 *
 * Every handler runs with the drive's strand held (changer/base/strand.h), except the handlers of
 * commands that are marked CMD_ANYTIME in that table.  The strand guards all fields of struct mmc,
 * except those that are marked atomic.  Functions without another word need the strand too.
 */
#ifndef TARGET_MMC_UNIT_H
#define TARGET_MMC_UNIT_H

#include "changer/cdsector.h"
#include "changer/fault.h"
#include "changer/jukebox.h"
#include "changer/scsi/lu.h"
#include "changer/scsi/sense.h"
#include "changer/scsi/task.h"
#include "target/mmc/session.h"

enum {
	MMC_PAGE_RECOVERY = 0x01,
	MMC_PAGE_WRITE = 0x05,
	MMC_PAGE_HEADER_LEN = 2, /* page code and page length, which begin every mode page */
	RECOVERY_PAGE_LEN = 12,
	WRITE_PAGE_LEN = 52,
};
/* The fields of mode page 05h in bytes 2, 3 and 4 that more than one file uses. */
enum {
	WRITE_TYPE_MASK = 0x0f,
	WRITE_PACKET = 0, /* on DVD: incremental */
	WRITE_TAO = 1,
	WRITE_SAO = 2, /* on CD: session at once; on DVD: disc at once */
	WRITE_TEST = 0x10,
	WRITE_BUFE = 0x40,
	WRITE_MULTI_SHIFT = 6,
	WRITE_MULTI_ALLOWED = 3,
	WRITE_BLOCK_MASK = 0x0f,
};
/* What initiators set.  A new medium or a reset brings the defaults back; see mmc_settings. */
struct mmc_settings {
	uint64_t medium; /* drive_view.media_changes when the defaults were set */
	uint8_t recovery[RECOVERY_PAGE_LEN]; /* mode page 01h */
	uint8_t write[WRITE_PAGE_LEN];	     /* mode page 05h; mmc_write_type() is its write type */
	bool write_selected;		     /* an initiator has sent page 05h */
	struct mmc_session session;
	bool testing; /* a test write has begun; it goes on at test_next */
	uint32_t test_next;
	uint32_t read_speed, write_speed; /* kB/s that an initiator asked for; 0: the fastest */
};

/* What a nexus does with the drive's lock.  Each value plus one is the event of MMC-6's Multi-Host
 * class by which the other nexuses learn of it. */
enum mmc_control { CONTROL_REQUEST, CONTROL_GRANT, CONTROL_RELEASE, CONTROLS };

/* The power states, as MMC-6's Power Management events number them.  A request to sleep gives standby,
 * because a sleeping drive could be woken only by a bus reset. */
enum mmc_power { POWER_ACTIVE = 1, POWER_IDLE = 2, POWER_STANDBY = 3 };

struct mmc {
	struct scsi_lu lu;
	struct drive *drive;
	uint32_t position; /* the first address of the last read, for READ SUB-CHANNEL */
	unsigned careful;  /* the next `careful` writes run on the strand's thread; rw.c */
	struct mmc_settings settings; /* read it through mmc_settings() only */
	struct mmc_text text;	      /* the CD-TEXT of the session that is written at once */
	/* All fields below are atomic; any thread may read them. */
	uint64_t recordings;	    /* counts the times that recording changed what can be read */
	uint64_t control[CONTROLS]; /* counts what all nexuses together did with the lock */
	uint64_t power_changes;
	unsigned persistent; /* the number of nexuses that prevent removal persistently */
	uint8_t power;	     /* an enum mmc_power */
};

/* The places in scsi_itl.seen.  Each holds the value that a counter in drive_view or struct mmc had when
 * this nexus was last informed about it. */
enum {
	SEEN_UA_BEGUN, /* not 0: check_ua has run for this nexus */
	SEEN_UA_ARRIVALS,
	/* atomic: drive_view.media_arrivals when this nexus last found a medium */
	SEEN_FOUND,
	SEEN_OWN_CONTROL, /* atomic: how much this nexus itself added to mmc.control */
	/* After mmc_events_begin, only GET EVENT STATUS writes the places below. */
	SEEN_EV_CONTROL = SEEN_OWN_CONTROL + CONTROLS,
	SEEN_EV_PRESENT = SEEN_EV_CONTROL + CONTROLS, /* 1: a medium was there at the last event */
	SEEN_EV_ARRIVALS,
	SEEN_EV_EJECTS,
	SEEN_EV_RECORDINGS,
	SEEN_EV_FEATURES,
	SEEN_EV_POWER,
	SEEN_EV_KEYS,
	SEEN_EV_LOADS,
	SEEN_EV_FORMATS,
	SEEN_COUNT
};
_Static_assert((int)SEEN_COUNT <= (int)ITL_SEEN_MAX, "a nexus has room for them");

/* unit.c */
/* Returns the MMC unit behind a logical unit of this type. */
struct mmc *mmc_of(const struct scsi_lu *lu);
/* Returns the disc in the closed drive.  If no disc is accessible, ends the command with the sense data
 * that says why, and returns NULL. */
struct disc *mmc_disc(struct scsi_task *task);
/* Returns the medium of the accessible disc, or NULL if there is no such disc. */
const struct medium *mmc_medium(struct mmc *m);
/* Ends the command with CHECK CONDITION and the sense data of `err`.  `err` must be neither JB_OK nor
 * JB_WOULD_BLOCK. */
void mmc_fail(struct scsi_task *task, enum jb_err err);
/* Does what mmc_fail does, and puts `lba` into the INFORMATION field. */
void mmc_fail_at(struct scsi_task *task, enum jb_err err, uint32_t lba);
/* Does what mmc_fail_at does, but keeps the data-in of the sectors before `lba`, which is sent. */
void mmc_fail_after(struct scsi_task *task, enum jb_err err, uint32_t lba);
/* Returns true if `err` says that a sector has no data of the kind that is asked for: it is blank, or has
 * another mode. */
bool mmc_has_no_data(enum jb_err err);
/* Ends the command with the result of a call into the model.  JB_OK: GOOD.  JB_WOULD_BLOCK: the command
 * is run again on the strand's thread, which may block.  Any other error: as mmc_fail does. */
void mmc_finish(struct scsi_task *task, enum jb_err err);
/* Does what mmc_finish does, but fails as mmc_fail_at does. */
void mmc_finish_at(struct scsi_task *task, enum jb_err err, uint32_t lba);

/* settings.c */
/* Returns the settings for the current medium.  If the medium has changed since the last call, sets all
 * of them to their defaults first. */
struct mmc_settings *mmc_settings(struct mmc *m);
/* Returns the write type in mode page 05h: WRITE_PACKET, WRITE_TAO or WRITE_SAO. */
uint8_t mmc_write_type(const struct mmc_settings *s);
/* Returns true if an initiator has sent mode page 05h with the write type WRITE_SAO. */
bool mmc_wants_disc_at_once(const struct mmc_settings *s);
/* Returns the set of allowed write types: bit n stands for write type n.  They are those of the medium.
 * If there is no writable medium, or if it is one that ignores mode page 05h, as BD does (MMC-6 7.5),
 * they are those of all media that the drive supports. */
unsigned mmc_write_types(struct mmc *m);
/* Fills in the default of mode page 01h. */
void mmc_default_recovery(uint8_t page[RECOVERY_PAGE_LEN]);
/* Fills in the default of mode page 05h.  Its write type is the lowest one that is allowed: incremental
 * on DVD, track at once on CD. */
void mmc_default_write(struct mmc *m, uint8_t page[WRITE_PAGE_LEN]);

/* event.c */
/* Reports to all nexuses that a recording has changed the disc, as if it were a new medium: each gets
 * an event, and all except the nexus of `task` get a unit attention (28h/00h).  Drops the cue sheet
 * that an initiator sent, because it was for the disc before the change. */
void mmc_recorded(struct scsi_task *task);
/* Marks what happened to the drive before this nexus began as reported to it.  The nexus still gets
 * events for what is so now: a new medium if one is present, and BUSY if the drive is loading.
 * `view` is the state of the drive. */
void mmc_events_begin(struct mmc *m, struct scsi_itl *itl, const struct drive_view *view);
/* Notes the medium, if there is one, as found by the nexus.  Called at its login, and before each of its
 * commands that may get a unit attention. */
void mmc_events_find(struct scsi_itl *itl, const struct drive_view *view);
/* Counts what the nexus `itl` did with the lock of the tray.  The other nexuses get an event for it.
 * Any thread. */
void mmc_control(struct mmc *m, struct scsi_itl *itl, enum mmc_control what);

/* tray.c */
/* The bits in byte 4 of PREVENT ALLOW MEDIUM REMOVAL, and in scsi_itl.prevents. */
enum { MMC_PREVENT = 0x01, MMC_PERSISTENT = 0x02 };
/* Replaces the preventions of medium removal that the nexus holds by those in `bits`; 0 releases all.
 * The drive is locked while any nexus holds one. */
void mmc_prevent_by(struct mmc *m, struct scsi_itl *itl, uint8_t bits);
/* Sets the power state, and counts the change if there is one.  Any thread. */
void mmc_power(struct mmc *m, enum mmc_power power);

/* speed.c: speeds, all in kB/s (1000 bytes) */
enum { SPEEDS_MAX = 8 };
/* Writes the write speeds of the loaded medium, fastest first.  If that medium cannot be written, uses
 * the fastest writable medium of its family instead, and without a medium the fastest one of all.
 * Returns the number of speeds. */
unsigned mmc_write_speeds(struct mmc *m, uint32_t out[SPEEDS_MAX]);
/* Returns the read speed that an initiator chose, limited to mmc_max_read_speed; without a choice,
 * that speed. */
uint32_t mmc_read_speed(struct mmc *m);
/* Returns the write speed that an initiator chose, rounded down to one of mmc_write_speeds; without a
 * choice, the fastest. */
uint32_t mmc_write_speed(struct mmc *m);
/* Returns the fastest read speed of the medium, or of all media if there is none. */
uint32_t mmc_max_read_speed(struct mmc *m);

/* The size of the write buffer that is reported to programs.  There is no such buffer: data goes into
 * the kernel's page cache at once. */
enum { MMC_BUFFER_KB = 4096 };

/* pages.c: the mode pages */
enum { MMC_NPAGES = 7 };
extern const struct scsi_mode_page mmc_pages[MMC_NPAGES];

/* fault.c: the faults that a user asked for (changer/fault.h).  A function that returns false has ended
 * the command, or has asked for it to be run again on a thread that may block: the caller returns. */
/* Applies the faults before `count` sectors from `lba` on are read or written.  May wait, if a fault
 * makes the drive slow.  Stores in *good the number of sectors before the first bad one; the caller
 * reads or writes only these, and then calls mmc_faults_end.  Returns false as described above. */
bool mmc_faults_begin(
	struct scsi_task *task, bool writes, uint32_t lba, uint32_t count, uint32_t *good);
/* Fails the command at the first bad sector, if `good` is less than `count`.  What was read before it
 * is still sent. */
void mmc_faults_end(
	struct scsi_task *task, bool writes, uint32_t lba, uint32_t count, uint32_t good);
/* Applies the faults of a command that has no sectors, such as CLOSE or BLANK, before its work.
 * Returns false as described above. */
bool mmc_fault_command(struct scsi_task *task, enum fault_verb verb);

/* rw.c */
/* A reply that is put together in memory is limited to this many bytes. */
enum { MMC_ROOM_MAX = 4 << 20 };
/* Carries out READ for user data of `count` sectors, and ends the command; also for READ CD. */
void mmc_read_sectors(struct scsi_task *task, uint32_t lba, uint32_t count);

/* toc.c: MSF addresses (minute, second, frame) */
/* Where the lead-in of a blank CD begins. */
extern const uint8_t mmc_atip_lead_in[3];
/* Appends the three bytes of an MSF address. */
void mmc_add_msf(int32_t lba, struct wbuf *w);
/* Returns the address of mmc_atip_lead_in, which is negative. */
int32_t mmc_lead_in_lba(void);
/* subchannel.c */
enum { MMC_Q_LEN = 12 };
/* Returns the mode of the track at `lba`.  In a pause it is that of the track behind the pause; past the
 * last track it is CD_MODE1. */
enum cd_mode mmc_mode_at(const struct disc *d, uint32_t lba);
/* Returns the number by which commands and replies call the n-th track of the disc; 0 for 0. */
unsigned mmc_number_of(const struct disc *d, unsigned n);
/* Returns which track a command means by that number, counted from 1; 0: none. */
unsigned mmc_track_of(const struct disc *d, unsigned number);
/* Returns the control field of a track, as the Q sub-channel and the table of contents have it: 4 bits. */
uint8_t mmc_control_of(const struct track *t);
/* Makes the Q sub-channel of the sector at `lba`, with its CRC.  Returns true if the sector is in a
 * pause, where the P sub-channel is set. */
bool mmc_q_channel(const struct disc *d, uint32_t lba, uint8_t q[MMC_Q_LEN]);

/* format.c */
/* Returns true and fills in *out if the disc is being formatted in the background, for REQUEST SENSE.
 * Takes the strand itself; returns false if the strand is busy.  Any thread that does not hold it. */
bool mmc_progress(struct scsi_lu *lu, struct scsi_progress *out);

#include "target/mmc/handlers.h"
#include "target/mmc/write_path.h"

#endif
