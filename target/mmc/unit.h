/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the files of the MMC unit: its state, its command handlers, and their helpers.  Each handler
 * is in the file that is named after its subject.  The table of commands is in mmc.c.
 *
 * Every handler runs with the drive's strand held (changer/base/strand.h), except the handlers of
 * commands that are marked CMD_ANYTIME in that table.  The strand guards all fields of struct mmc,
 * except those that are marked atomic.  A function needs the strand, unless its comment says "any thread".
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
/* The values that initiators set.  mmc_settings sets the defaults again after a new medium or a reset. */
struct mmc_settings {
	uint64_t medium; /* drive_view.media_changes when the defaults were set */
	uint8_t recovery[RECOVERY_PAGE_LEN]; /* mode page 01h */
	uint8_t write[WRITE_PAGE_LEN];	     /* mode page 05h; mmc_write_type() is its write type */
	bool write_selected; /* true: an initiator has sent page 05h for this medium */
	struct mmc_session
		session;    /* from SEND CUE SHEET; session.set is false without a cue sheet */
	bool testing;	    /* true: a test write has begun, and its next sector is test_next */
	uint32_t test_next; /* valid if testing is true */
	uint32_t read_speed, write_speed; /* kB/s that an initiator asked for; 0: the fastest */
};

/* Uses of the drive's lock by a nexus: it tried to eject a locked drive; it locked; it unlocked.  Each value
 * plus one is the event of MMC-6's Multi-Host class by which the other nexuses learn of it. */
enum mmc_control { CONTROL_REQUEST, CONTROL_GRANT, CONTROL_RELEASE, CONTROLS };

/* The power states, as MMC-6's Power Management events number them.  A request to sleep gives standby,
 * because a sleeping drive could be woken only by a bus reset. */
enum mmc_power { POWER_ACTIVE = 1, POWER_IDLE = 2, POWER_STANDBY = 3 };

struct mmc {
	struct scsi_lu lu;   /* its priv points to this struct */
	struct drive *drive; /* borrowed */
	uint32_t position;   /* the first address of the last read, or of one that failed */
	unsigned
		careful; /* how many of the next writes must run on the strand's thread; see rw.c */
	struct mmc_settings settings; /* read it through mmc_settings() only */
	struct mmc_text text;	      /* the CD-TEXT of the session that is written at once */
	/* All fields below are atomic; any thread may read them. */
	uint64_t recordings;	    /* counts the times that recording changed what can be read */
	uint64_t control[CONTROLS]; /* counts what all nexuses together did with the lock */
	uint64_t power_changes;	    /* counts the changes of `power` */
	unsigned persistent;	    /* the number of nexuses that prevent removal persistently */
	uint8_t power;		    /* an enum mmc_power */
};

/* The places in scsi_itl.seen.  Each holds the value that a counter in drive_view or struct mmc had when
 * this nexus was last informed about it. */
enum {
	SEEN_UA_BEGUN,	  /* not 0: check_ua has run for this nexus */
	SEEN_UA_ARRIVALS, /* drive_view.media_arrivals when check_ua ran last */
	/* atomic: drive_view.media_arrivals when this nexus last found a medium */
	SEEN_FOUND,
	SEEN_OWN_CONTROL, /* atomic, CONTROLS places: how much this nexus itself added to mmc.control */
	/* After mmc_events_begin, only GET EVENT STATUS writes the places below. */
	SEEN_EV_CONTROL = SEEN_OWN_CONTROL + CONTROLS,
	SEEN_EV_PRESENT = SEEN_EV_CONTROL + CONTROLS, /* 1: a medium was there at the last event */
	SEEN_EV_ARRIVALS,			      /* drive_view.media_arrivals */
	SEEN_EV_EJECTS,				      /* drive_view.eject_requests */
	SEEN_EV_RECORDINGS,			      /* mmc.recordings */
	SEEN_EV_FEATURES, /* drive_view.media_changes + mmc.recordings */
	SEEN_EV_POWER,	  /* mmc.power_changes */
	SEEN_EV_KEYS,	  /* twice drive_view.eject_requests: each push is two events */
	SEEN_EV_LOADS,	  /* drive_view.loads */
	SEEN_EV_FORMATS,  /* drive_view.formats */
	SEEN_COUNT
};
_Static_assert((int)SEEN_COUNT <= (int)ITL_SEEN_MAX, "a nexus has room for them");

/* unit.c */
/* Returns the MMC unit behind a logical unit that mmc_new made.  Any thread. */
struct mmc *mmc_of(const struct scsi_lu *lu);
/* Returns the disc in the task's drive.  If drive_disc refuses it, ends the command with the sense data
 * of that error, and returns NULL. */
struct disc *mmc_disc(struct scsi_task *task);
/* Returns the medium of the disc in the drive, or NULL if drive_disc refuses it. */
const struct medium *mmc_medium(struct mmc *m);
/* Ends the command with CHECK CONDITION and the sense data of `err`, without data-in.  `err` must be
 * neither JB_OK nor JB_WOULD_BLOCK. */
void mmc_fail(struct scsi_task *task, enum jb_err err);
/* Does what mmc_fail does, and puts `lba` into the INFORMATION field. */
void mmc_fail_at(struct scsi_task *task, enum jb_err err, uint32_t lba);
/* Does what mmc_fail_at does, but keeps the data-in of the sectors before `lba`, which is still sent. */
void mmc_fail_after(struct scsi_task *task, enum jb_err err, uint32_t lba);
/* Returns true for JB_BLANK and JB_TRACK_MODE: the sector has no data of the kind that is asked for. */
bool mmc_has_no_data(enum jb_err err);
/* Ends the command with the result of a call into the model.  JB_OK: changes nothing, so it is GOOD
 * unless it failed before.  JB_WOULD_BLOCK: has it run again on the strand's thread.  Else does what
 * mmc_fail does. */
void mmc_finish(struct scsi_task *task, enum jb_err err);
/* Does what mmc_finish does, but fails as mmc_fail_at does. */
void mmc_finish_at(struct scsi_task *task, enum jb_err err, uint32_t lba);

/* settings.c */
/* Returns the settings for the current medium.  If the medium has changed since the last call, or the
 * unit was reset, first sets all of them to their defaults; that drops the cue sheet too. */
struct mmc_settings *mmc_settings(struct mmc *m);
/* Returns the write type in mode page 05h: WRITE_PACKET, WRITE_TAO or WRITE_SAO. */
uint8_t mmc_write_type(const struct mmc_settings *s);
/* Returns true if an initiator has sent mode page 05h for this medium, with write type WRITE_SAO. */
bool mmc_wants_disc_at_once(const struct mmc_settings *s);
/* Returns the write types that mode page 05h may have now: bit n stands for type n.  If the loaded medium
 * can be written and uses that page, they are those of the medium; else, as for BD (MMC-6 7.5), those of
 * all media. */
unsigned mmc_write_types(struct mmc *m);
/* Fills in the default of mode page 01h. */
void mmc_default_recovery(uint8_t page[RECOVERY_PAGE_LEN]);
/* Fills in the default of mode page 05h.  Its write type is the lowest one of mmc_write_types:
 * WRITE_PACKET on DVD, WRITE_TAO on CD. */
void mmc_default_write(struct mmc *m, uint8_t page[WRITE_PAGE_LEN]);

/* event.c */
/* Reports to all nexuses that a recording has changed the disc, as if it were a new medium: each gets an
 * event, and all except the nexus of `task` get a unit attention (28h/00h).  Drops the cue sheet, because
 * it was for the disc before the change. */
void mmc_recorded(struct scsi_task *task);
/* Marks as reported to a new nexus what happened to the drive before.  It still gets events for what is
 * so now: a new medium if one is accessible, and BUSY if the drive is loading.  `view`: the state of the
 * drive.  Any thread; only check_ua calls it, once for each nexus. */
void mmc_events_begin(struct mmc *m, struct scsi_itl *itl, const struct drive_view *view);
/* Notes that the nexus has found the medium in `view`; does nothing if none is accessible.  check_ua
 * calls it, at the login and before each command that may get a unit attention.  Any thread. */
void mmc_events_find(struct scsi_itl *itl, const struct drive_view *view);
/* Adds one to both counters of what the nexus `itl` did with the drive's lock: the unit's and its own.
 * The other nexuses get an event for it.  Any thread. */
void mmc_control(struct mmc *m, struct scsi_itl *itl, enum mmc_control what);

/* tray.c */
/* The bits in byte 4 of PREVENT ALLOW MEDIUM REMOVAL, and in scsi_itl.prevents. */
enum { MMC_PREVENT = 0x01, MMC_PERSISTENT = 0x02 };
/* Replaces what the nexus holds to prevent removal by `bits`; 0 releases all.  The drive is locked while
 * any nexus holds a bit.  The others get an event if the nexus held none before, or holds none now.  The
 * caller holds the strand or the lock of the scsi_device. */
void mmc_prevent_by(struct mmc *m, struct scsi_itl *itl, uint8_t bits);
/* Sets the power state.  If it differs from before, adds one to m->power_changes.  Any thread. */
void mmc_power(struct mmc *m, enum mmc_power power);

/* speed.c: speeds, all in kB/s (1000 bytes) */
enum { SPEEDS_MAX = 8 };
/* Stores the write speeds of the loaded medium up to the setting `speed`, the fastest first; the slowest
 * one always.  If that medium is read-only, uses the fastest writable medium of its family instead;
 * without a medium, the fastest of all.  Returns the number of speeds, which is at least 1. */
unsigned mmc_write_speeds(struct mmc *m, uint32_t out[SPEEDS_MAX]);
/* Returns the read speed that an initiator chose, at most mmc_max_read_speed; without a choice, that. */
uint32_t mmc_read_speed(struct mmc *m);
/* Returns the fastest of mmc_write_speeds that is not faster than an initiator chose, or the slowest if
 * all are; without a choice, the fastest. */
uint32_t mmc_write_speed(struct mmc *m);
/* Returns the read speed of the loaded medium, or the fastest of all media without one, limited by the
 * setting `speed`. */
uint32_t mmc_max_read_speed(struct mmc *m);

/* The size of the write buffer that is reported to programs.  There is no such buffer: data goes into
 * the kernel's page cache at once. */
enum { MMC_BUFFER_KB = 4096 };

/* pages.c: the mode pages */
enum { MMC_NPAGES = 7 };
extern const struct scsi_mode_page mmc_pages[MMC_NPAGES];

/* fault.c: the faults that a user asked for (changer/fault.h).  A function that returns false has ended
 * the command, or has asked for it to be run again on a thread that may block: the caller returns. */
/* Applies the faults before `count` sectors from `lba` on are read or written.  Waits if a fault makes
 * the drive slow.  Stores in *good the number of sectors before the first bad one; the caller handles
 * only these, and then calls mmc_faults_end.  Returns false as described above. */
bool mmc_faults_begin(
	struct scsi_task *task, bool writes, uint32_t lba, uint32_t count, uint32_t *good);
/* Fails the command at lba + good, the first bad sector, if good < count; the data-in before it is still
 * sent.  Does nothing if good == count, or if the command has failed or is run again. */
void mmc_faults_end(
	struct scsi_task *task, bool writes, uint32_t lba, uint32_t count, uint32_t good);
/* Applies the faults of the command `verb`, which has no sectors, before its work.  Returns false as
 * above. */
bool mmc_fault_command(struct scsi_task *task, enum fault_verb verb);

/* rw.c */
/* A reply that is built in memory has this many bytes at most; a command that asks for more is refused. */
enum { MMC_ROOM_MAX = 4 << 20 };
/* Carries out READ(10) for `count` sectors of user data, 0 included, and ends the command.  Applies
 * faults. */
void mmc_read_sectors(struct scsi_task *task, uint32_t lba, uint32_t count);

/* toc.c: MSF addresses (minute, second, frame) */
/* Where the lead-in of a blank CD begins. */
extern const uint8_t mmc_atip_lead_in[3];
/* Appends an address as MSF, three bytes; 255:59:74 if `lba` is before 00:00:00 or beyond that. */
void mmc_add_msf(int32_t lba, struct wbuf *w);
/* Returns the address of mmc_atip_lead_in, which is negative. */
int32_t mmc_lead_in_lba(void);
/* subchannel.c */
enum { MMC_Q_LEN = 12 };
/* Returns the mode of the track at `lba`.  In a pause it is that of the next track; past the last track,
 * CD_MODE1. */
enum cd_mode mmc_mode_at(const struct disc *d, uint32_t lba);
/* Returns the number by which commands and replies call the n-th track of the disc, n from 1; 0 for 0. */
unsigned mmc_number_of(const struct disc *d, unsigned n);
/* Returns which track, from 1, that number stands for; 0 if it is below the first track's.  Past the last
 * track, the result is one that disc_track does not find. */
unsigned mmc_track_of(const struct disc *d, unsigned number);
/* Returns the control field of a track (4 bits), as the Q sub-channel and the table of contents have it. */
uint8_t mmc_control_of(const struct track *t);
/* Makes the Q sub-channel of the sector at `lba`, with its CRC; past the last track, with track and index
 * 0.  Returns true if the sector is in a pause, where the P sub-channel is set. */
bool mmc_q_channel(const struct disc *d, uint32_t lba, uint8_t q[MMC_Q_LEN]);

/* format.c */
/* Fills in *out and returns true if the disc is being formatted in the background, for REQUEST SENSE.
 * Returns false if not, or if the strand, which it takes itself, is busy.  Any thread that does not hold
 * the strand. */
bool mmc_progress(struct scsi_lu *lu, struct scsi_progress *out);

#include "target/mmc/handlers.h"
#include "target/mmc/write_path.h"

#endif
