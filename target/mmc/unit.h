/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside of the MMC unit: its state, and the handlers of its commands, each in the file of its
 * noun.  mmc.c has the table that joins them, unit.c and settings.c what they share.
 *
 * All handlers but those of CMD_ANYTIME rows hold the drive's strand, which guards everything in
 * struct mmc that is not marked otherwise.
 */
#ifndef TARGET_MMC_UNIT_H
#define TARGET_MMC_UNIT_H

#include "changer/cdsector.h"
#include "changer/fault.h"
#include "changer/jukebox.h"
#include "changer/scsi/lu.h"
#include "changer/scsi/sense.h"
#include "changer/scsi/task.h"

enum {
	MMC_PAGE_RECOVERY = 0x01,
	MMC_PAGE_WRITE = 0x05,
	MMC_PAGE_HEADER_LEN = 2, /* of every mode page */
	RECOVERY_PAGE_LEN = 12,
	WRITE_PAGE_LEN = 52,
};
/* Of mode page 05h, what more than the page's own code looks at: bytes 2, 3 and 4. */
enum {
	WRITE_TYPE_MASK = 0x0f,
	WRITE_PACKET = 0, /* or incremental */
	WRITE_TAO = 1,
	WRITE_SAO = 2, /* or disc at once */
	WRITE_TEST = 0x10,
	WRITE_BUFE = 0x40,
	WRITE_MULTI_SHIFT = 6,
	WRITE_MULTI_ALLOWED = 3,
	WRITE_BLOCK_MASK = 0x0f,
};
enum {
	MMC_SESSION_TRACKS = 99,
	MMC_CUE_ENTRY = 8,	  /* bytes */
	MMC_CUE_SHEET_MAX = 4096, /* bytes that are taken */
};

/* How a host sends a sector of a CD. */
struct mmc_form {
	uint8_t code; /* data form of a cue sheet, or data block type of mode page 05h */
	enum cd_mode mode;
	enum {
		FORM_WHOLE,	/* all 2352 bytes: audio */
		FORM_USER_DATA, /* the 2048 bytes that READ(10) delivers */
		FORM_XA,	/* subheader, and user data of the form that it has */
		FORM_XA_2,	/* user data of form 2, without a subheader */
		FORM_FORMLESS,	/* 2336 bytes of mode 2 */
	} layout;
	uint16_t size; /* bytes; 0: none, the drive makes the sector */
	uint16_t at;   /* where in them that begins */
};

/* What a cue sheet said of the session that is written at once (CD).  Addresses of its first pause
 * begin at -150, those of a lead-in that the host writes before that. */
struct mmc_session {
	bool set;
	bool begun;	   /* its tracks are laid out on the disc */
	bool raw;	   /* some of it is more than user data of mode 1 */
	bool text;	   /* the host writes the lead-in, for its CD-TEXT */
	int32_t lead_in;   /* where that may begin */
	int32_t first;	   /* the first address behind the first pause, which is recorded nowhere */
	int32_t next, end; /* the address that is written next; where the lead-out begins */
	unsigned ntracks;
	struct track tracks[MMC_SESSION_TRACKS]; /* as disc_lay_out takes them */
	const struct mmc_form *form[MMC_SESSION_TRACKS], *pause[MMC_SESSION_TRACKS];
	char catalog[CD_CATALOG_LEN + 1];
	unsigned nindices;
	uint32_t indices[MMC_CUE_SHEET_MAX / MMC_CUE_ENTRY]; /* the same */
};

/* CD-TEXT that is being written: packs as they come, up to where they begin again. */
struct mmc_text {
	uint8_t *packs; /* room for CD_TEXT_PACKS_MAX of them, or NULL; allocated once */
	unsigned n;
	bool whole;
};

/* What initiators set, and a new medium or a reset takes back. */
struct mmc_settings {
	uint64_t medium;		     /* drive_view.media_changes when they were made */
	uint8_t recovery[RECOVERY_PAGE_LEN]; /* mode page 01h */
	uint8_t write[WRITE_PAGE_LEN];	     /* mode page 05h, whose type is mmc_write_type() */
	bool write_selected;		     /* an initiator sent page 05h */
	struct mmc_session session;
	bool testing; /* a test write has been there, up to: */
	uint32_t test_next;
	uint32_t read_speed, write_speed; /* kB/s asked for; 0: the fastest */
};

/* What a nexus does to the lock that others may want to know; less one, the events of MMC-6's
 * Multi-Host class. */
enum mmc_control { CONTROL_REQUEST, CONTROL_GRANT, CONTROL_RELEASE, CONTROLS };

/* MMC-6, Power Management events; the drive takes a sleep for a standby, from which it wakes. */
enum mmc_power { POWER_ACTIVE = 1, POWER_IDLE = 2, POWER_STANDBY = 3 };

struct mmc {
	struct scsi_lu lu;
	struct drive *drive;
	uint32_t position;	      /* the address read last */
	unsigned careful;	      /* so many more writes leave the connection's thread */
	struct mmc_settings settings; /* by mmc_settings() only */
	struct mmc_text text;	      /* of the session at once */
	/* Atomic, from here on: */
	uint64_t recordings;	    /* how often recording changed what can be read */
	uint64_t control[CONTROLS]; /* how often any nexus did that */
	uint64_t power_changes;
	unsigned persistent; /* nexuses that prevent removal persistently */
	uint8_t power;	     /* of enum mmc_power */
};

/* What scsi_itl.seen holds: counters of drive_view and of struct mmc as told to a nexus. */
enum {
	SEEN_UA_BEGUN, /* not 0: check_ua has run */
	SEEN_UA_ARRIVALS,
	SEEN_OWN_CONTROL, /* atomic: how much of mmc.control is its own */
	/* The rest is written by GET EVENT STATUS only. */
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

struct mmc *mmc_of(const struct scsi_lu *lu);
/* The disc in the closed drive; NULL: sense says why there is none. */
struct disc *mmc_disc(struct scsi_task *task);
/* Its medium; NULL: there is none. */
const struct medium *mmc_medium(struct mmc *m);
/* Ends the command with the sense of an error, which is neither JB_OK nor JB_WOULD_BLOCK. */
void mmc_fail(struct scsi_task *task, enum jb_err err);
/* The same for an error at an address. */
void mmc_fail_at(struct scsi_task *task, enum jb_err err, uint32_t lba);
/* Ends the command as the model did: GOOD by JB_OK; by JB_WOULD_BLOCK it is run again on a thread that
 * may block; by others it fails. */
void mmc_finish(struct scsi_task *task, enum jb_err err);
void mmc_finish_at(struct scsi_task *task, enum jb_err err, uint32_t lba);

/* Returns what initiators have set for the medium that is there; settings.c. */
struct mmc_settings *mmc_settings(struct mmc *m);
uint8_t mmc_write_type(const struct mmc_settings *s);
/* Returns whether mode page 05h as an initiator sent it asks for a session at once. */
bool mmc_wants_disc_at_once(const struct mmc_settings *s);
/* Returns the write types of the medium, as bits, or of all that the drive takes: without a writable
 * one, and with BD, whose recording mode page 05h has nothing to do with (MMC-6 7.5). */
unsigned mmc_write_types(struct mmc *m);
/* Fill in the pages as they are before an initiator sends them.  The first of the write types is the
 * default: incremental, and of CD, which has none, track at once. */
void mmc_default_recovery(uint8_t page[RECOVERY_PAGE_LEN]);
void mmc_default_write(struct mmc *m, uint8_t page[WRITE_PAGE_LEN]);

/* Tells all nexuses as of a new medium, when closing a session has changed what the disc holds; event.c. */
void mmc_recorded(struct scsi_task *task);
/* event.c: what happened before the nexus was there is no news to it. */
void mmc_events_begin(struct mmc *m, struct scsi_itl *itl, const struct drive_view *view);
/* A nexus did something that the events of the others tell of. */
void mmc_control(struct mmc *m, struct scsi_itl *itl, enum mmc_control what);

/* PREVENT ALLOW MEDIUM REMOVAL, byte 4 of its CDB, and scsi_itl.prevents */
enum { MMC_PREVENT = 0x01, MMC_PERSISTENT = 0x02 };
/* tray.c: what PREVENT the nexus has in force from now on, by the bits of its CDB. */
void mmc_prevent_by(struct mmc *m, struct scsi_itl *itl, uint8_t bits);
void mmc_power(struct mmc *m, enum mmc_power power);

/* Speeds, in kB/s (1000 bytes): speed.c */
enum { SPEEDS_MAX = 8 };
/* The write speeds of the loaded medium, or of the best one the drive takes; fastest first. */
unsigned mmc_write_speeds(struct mmc *m, uint32_t out[SPEEDS_MAX]);
uint32_t mmc_read_speed(struct mmc *m);	 /* as set, within what the medium can */
uint32_t mmc_write_speed(struct mmc *m); /* the same, rounded down to one of the list */
uint32_t mmc_max_read_speed(struct mmc *m);

/* The write buffer as programs see it; what they send is in the page cache at once. */
enum { MMC_BUFFER_KB = 4096 };

/* Mode pages: pages.c */
enum { MMC_NPAGES = 7 };
extern const struct scsi_mode_page mmc_pages[MMC_NPAGES];

/* fault.c: before the sectors of a command are read or written; *good: how many of them are not bad.
 * False: the command has ended, or would block. */
bool mmc_faults_begin(
	struct scsi_task *task, bool writes, uint32_t lba, uint32_t count, uint32_t *good);
/* After the good ones have been: fails the command at the bad one, if there is one. */
void mmc_faults_end(
	struct scsi_task *task, bool writes, uint32_t lba, uint32_t count, uint32_t good);

/* Before a command that is about no sectors is carried out.  False: it has ended, or would block. */
bool mmc_fault_command(struct scsi_task *task, enum fault_verb verb);

/* rw.c: READ of any length, for READ CD too.  Replies that are put together in memory have at most so
 * many bytes. */
enum { MMC_ROOM_MAX = 4 << 20 };
void mmc_read_sectors(struct scsi_task *task, uint32_t lba, uint32_t count);

/* toc.c: an address as minute, second, frame; the first is where the lead-in of a blank CD begins. */
extern const uint8_t mmc_atip_lead_in[3];
void mmc_add_msf(int32_t lba, struct wbuf *w);
int32_t mmc_lead_in_lba(void); /* the same as an address, which is negative */
/* subchannel.c: the mode of the track that an address is in, or of the one behind it; the control field of
 * a track; the Q sub-channel of an address, with CRC; true: it is in a pause, so P is set. */
enum { MMC_Q_LEN = 12 };
enum cd_mode mmc_mode_at(const struct disc *d, uint32_t lba);
uint8_t mmc_control_of(const struct track *t);
bool mmc_q_channel(const struct disc *d, uint32_t lba, uint8_t q[MMC_Q_LEN]);

/* dataform.c: rows, NULL where there is none of that code. */
const struct mmc_form *mmc_sheet_form(uint8_t code);
const struct mmc_form *mmc_block_type(uint8_t code);
/* User data of 2048 bytes is all there is to a sector; where it is in what the host sent. */
bool mmc_form_is_cooked(const struct mmc_form *f);
const uint8_t *mmc_form_user_data(const struct mmc_form *f, const uint8_t *data);
/* The whole sector; subheader: of mode page 05h, for where the host sends none. */
void mmc_form_sector(const struct mmc_form *f, int32_t lba, const uint8_t *data,
	const uint8_t subheader[4], uint8_t raw[CD_RAW_SIZE]);

/* cdtext.c: the lead-in of a session at once. */
enum { MMC_TEXT_BLOCK = 96 }; /* bytes that a host sends for a sector of it */
bool mmc_text_begin(struct mmc_text *text);
void mmc_text_add(struct mmc_text *text, const uint8_t *blocks, uint32_t count);

/* write_path.c: what a command that writes goes by, settled once when it begins. */
struct mmc_write {
	struct mmc_settings *settings;
	struct mmc_text *text;
	struct disc *disc;
	const struct mmc_form *form; /* of a track's sectors; NULL: as READ(10) delivers them */
	bool test;		     /* nothing is recorded */
};
void mmc_write_begin(struct mmc_write *w, struct mmc *m, struct disc *d);
/* Returns how many bytes of data-out so many sectors from there on take. */
uint64_t mmc_write_size(const struct mmc_write *w, uint32_t lba, uint32_t count);
/* Returns whether writing there waits for the store's device, or copies the disc. */
bool mmc_write_waits(const struct mmc_write *w, uint32_t lba);
/* Carries out WRITE, of data-out that is there, and ends the command. */
void mmc_write_run(struct scsi_task *task, const struct mmc_write *w, uint32_t lba, uint32_t count);
enum jb_err mmc_write_reserve(const struct mmc_write *w, uint32_t sectors); /* RESERVE TRACK */
/* The tracks that a format begins are what mode page 05h says. */
void mmc_write_next_tracks(const struct mmc_settings *s, struct disc *d);
bool mmc_is_test(const struct mmc_settings *s, const struct disc *d);
enum mmc_sync { SYNC_ONLY, SYNC_TRACK, SYNC_SESSION };
/* Returns what SYNCHRONIZE CACHE ends beside flushing, and which track; ends a test. */
enum mmc_sync mmc_sync_ends(struct mmc_settings *s, const struct disc *d, unsigned *track);
/* format.c: REQUEST SENSE tells how far a format in the background is. */
bool mmc_progress(struct scsi_lu *lu, struct scsi_progress *out);

/* Handlers, by file */
void mmc_read_buffer_capacity(struct scsi_task *task); /* close.c */
void mmc_reserve_track(struct scsi_task *task);
void mmc_send_opc(struct scsi_task *task);
void mmc_close_track(struct scsi_task *task);
void mmc_synchronize_cache(struct scsi_task *task);
void mmc_read_format_capacities(struct scsi_task *task); /* capacity.c */
void mmc_read_capacity(struct scsi_task *task);
void mmc_send_cue_sheet(struct scsi_task *task);	/* cuesheet.c */
void mmc_read_disc_information(struct scsi_task *task); /* discinfo.c */
void mmc_format_unit(struct scsi_task *task);		/* format.c */
void mmc_blank(struct scsi_task *task);
void mmc_get_event_status(struct scsi_task *task);  /* event.c */
void mmc_get_configuration(struct scsi_task *task); /* feature.c */
void mmc_report_key(struct scsi_task *task);	    /* key.c */
void mmc_log_sense(struct scsi_task *task);	    /* pages.c */
void mmc_get_performance(struct scsi_task *task);   /* performance.c */
void mmc_read_cd(struct scsi_task *task);	    /* readcd.c */
void mmc_read_cd_msf(struct scsi_task *task);
void mmc_read_10(struct scsi_task *task); /* rw.c */
void mmc_read_12(struct scsi_task *task);
void mmc_write_10(struct scsi_task *task);
void mmc_write_12(struct scsi_task *task);
void mmc_write_and_verify(struct scsi_task *task);
void mmc_verify_10(struct scsi_task *task);
void mmc_seek(struct scsi_task *task);
void mmc_set_streaming(struct scsi_task *task); /* speed.c */
void mmc_set_cd_speed(struct scsi_task *task);
void mmc_read_disc_structure(struct scsi_task *task); /* structure.c */
void mmc_send_disc_structure(struct scsi_task *task);
void mmc_read_sub_channel(struct scsi_task *task); /* subchannel.c */
void mmc_read_header(struct scsi_task *task);
void mmc_read_toc(struct scsi_task *task);		 /* toc.c */
void mmc_read_track_information(struct scsi_task *task); /* trackinfo.c */
void mmc_start_stop(struct scsi_task *task);		 /* tray.c */
void mmc_prevent_allow(struct scsi_task *task);
void mmc_mechanism_status(struct scsi_task *task);

#endif
