/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The optical drive: the table of its commands, and the callbacks of the SCSI layer.
 */
#include "target/mmc/mmc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/be.h"
#include "changer/scsi/spc.h"
#include "target/mmc/unit.h"

enum {
	/* Names for the flags of scsi_cmd.flags that the rows below need. */
	MMC_ANYTIME = CMD_ANYTIME,
	/* A command with CMD_UNRESERVED only asks for state, and is allowed while another nexus has
	 * reserved the drive.  One with CMD_READS is allowed under a write exclusive reservation
	 * (SPC-2 annex B, MMC-6 4.6). */
	MMC_ANYTIME_FREE = CMD_ANYTIME | CMD_UNRESERVED,
	MMC_MEDIUM_FREE = CMD_NEEDS_MEDIUM | CMD_UNRESERVED,
	MMC_MEDIUM_READS = CMD_NEEDS_MEDIUM | CMD_READS,
	MMC_MEDIUM = CMD_NEEDS_MEDIUM,
	MMC_SLOW = CMD_SLOW,
	MMC_SLOW_MEDIUM = CMD_SLOW | CMD_NEEDS_MEDIUM,
};

// clang-format off
static const struct scsi_cmd mmc_cmds[] = {
	SPC_COMMON_CMDS,
	SCSI_CMD(0x04, "FORMAT UNIT", 6, OUT, MMC_SLOW_MEDIUM, mmc_format_unit,
		0x1f, 0, 0, 0, 0x07),
	/* MMC-6 has neither READ(6) nor WRITE(6); drives of SCSI-2 have, and NetBSD sends no other. */
	SCSI_CMD(0x08, "READ(6)", 6, IN, MMC_MEDIUM_READS, mmc_read_6,
		0x1f, 0xff, 0xff, 0xff, 0x07),
	SCSI_CMD(0x0a, "WRITE(6)", 6, OUT, MMC_MEDIUM, mmc_write_6,
		0x1f, 0xff, 0xff, 0xff, 0x07),
	SCSI_CMD(0x1b, "START STOP UNIT", 6, NONE, MMC_SLOW, mmc_start_stop,
		0x01, 0, 0x0f, 0xf7, 0x07),
	SCSI_CMD(0x1e, "PREVENT ALLOW MEDIUM REMOVAL", 6, NONE, 0, mmc_prevent_allow,
		0, 0, 0, 0x03, 0x07),
	SCSI_CMD(0x23, "READ FORMAT CAPACITIES", 10, IN, CMD_READS, mmc_read_format_capacities,
		0, 0, 0, 0, 0, 0, 0xff, 0xff, 0x07),
	SCSI_CMD(0x25, "READ CAPACITY", 10, IN, MMC_MEDIUM_FREE, mmc_read_capacity,
		0, 0, 0, 0, 0, 0, 0, 0, 0x07),
	SCSI_CMD(0x28, "READ(10)", 10, IN, MMC_MEDIUM_READS, mmc_read_10,
		0x18, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0x07),
	SCSI_CMD(0x2a, "WRITE(10)", 10, OUT, MMC_MEDIUM, mmc_write_10,
		0x18, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0x07),
	SCSI_CMD(0x2b, "SEEK(10)", 10, NONE, MMC_MEDIUM, mmc_seek,
		0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x07),
	SCSI_CMD(0x2e, "WRITE AND VERIFY(10)", 10, OUT, MMC_SLOW_MEDIUM, mmc_write_and_verify,
		0x02, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0x07),
	SCSI_CMD(0x2f, "VERIFY(10)", 10, OUT, MMC_SLOW_MEDIUM | CMD_READS, mmc_verify_10,
		0x12, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0x07),
	SCSI_CMD(0x35, "SYNCHRONIZE CACHE", 10, NONE, MMC_SLOW_MEDIUM, mmc_synchronize_cache,
		0x02, 0, 0, 0, 0, 0, 0, 0, 0x07),
	SCSI_CMD(0x42, "READ SUB-CHANNEL", 10, IN, MMC_MEDIUM_READS, mmc_read_sub_channel,
		0x02, 0x40, 0xff, 0, 0, 0xff, 0xff, 0xff, 0x07),
	SCSI_CMD(0x43, "READ TOC/PMA/ATIP", 10, IN, MMC_MEDIUM_READS, mmc_read_toc,
		0x02, 0x0f, 0, 0, 0, 0xff, 0xff, 0xff, 0xc7),
	SCSI_CMD(0x44, "READ HEADER", 10, IN, MMC_MEDIUM_READS, mmc_read_header,
		0x02, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0x07),
	SCSI_CMD(0x46, "GET CONFIGURATION", 10, IN, CMD_KEEPS_UA | CMD_UNRESERVED, mmc_get_configuration,
		0x03, 0xff, 0xff, 0, 0, 0, 0xff, 0xff, 0x07),
	SCSI_CMD(0x4a, "GET EVENT STATUS NOTIFICATION",
		10, IN, MMC_ANYTIME_FREE | CMD_KEEPS_UA, mmc_get_event_status,
		0x01, 0, 0, 0xff, 0, 0, 0xff, 0xff, 0x07),
	SCSI_CMD(0x4d, "LOG SENSE", 10, IN, MMC_ANYTIME_FREE, mmc_log_sense,
		0x01, 0xff, 0xff, 0, 0, 0, 0xff, 0xff, 0x07),
	SCSI_CMD(0x51, "READ DISC INFORMATION", 10, IN, MMC_MEDIUM_READS, mmc_read_disc_information,
		0x07, 0, 0, 0, 0, 0, 0xff, 0xff, 0x07),
	SCSI_CMD(0x52, "READ TRACK INFORMATION", 10, IN, MMC_MEDIUM_READS, mmc_read_track_information,
		0x07, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0x07),
	SCSI_CMD(0x53, "RESERVE TRACK", 10, NONE, MMC_SLOW_MEDIUM, mmc_reserve_track,
		0x03, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x07),
	SCSI_CMD(0x54, "SEND OPC INFORMATION", 10, OUT, MMC_MEDIUM, mmc_send_opc,
		0x01, 0, 0, 0, 0, 0, 0xff, 0xff, 0x07),
	SCSI_CMD(0x5b, "CLOSE TRACK SESSION", 10, NONE, MMC_SLOW_MEDIUM, mmc_close_track,
		0x01, 0x07, 0, 0xff, 0xff, 0, 0, 0, 0x07),
	SCSI_CMD(0x5c, "READ BUFFER CAPACITY", 10, IN, MMC_ANYTIME | CMD_READS, mmc_read_buffer_capacity,
		0x01, 0, 0, 0, 0, 0, 0xff, 0xff, 0x07),
	SCSI_CMD(0x5d, "SEND CUE SHEET", 10, OUT, MMC_MEDIUM, mmc_send_cue_sheet,
		0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x07),
	SCSI_CMD(0xa1, "BLANK", 12, NONE, MMC_SLOW_MEDIUM, mmc_blank,
		0x17, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0x07),
	SCSI_CMD(0xa4, "REPORT KEY", 12, IN, MMC_ANYTIME | CMD_READS, mmc_report_key,
		0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x3f, 0x07),
	SCSI_CMD(0xa8, "READ(12)", 12, IN, MMC_MEDIUM_READS, mmc_read_12,
		0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80, 0x07),
	SCSI_CMD(0xaa, "WRITE(12)", 12, OUT, MMC_MEDIUM, mmc_write_12,
		0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80, 0x07),
	SCSI_CMD(0xac, "GET PERFORMANCE", 12, IN, MMC_MEDIUM_READS, mmc_get_performance,
		0x1f, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff, 0xff, 0x07),
	SCSI_CMD(0xad, "READ DISC STRUCTURE", 12, IN, MMC_MEDIUM_READS, mmc_read_disc_structure,
		0x0f, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0x07),
	SCSI_CMD(0xb6, "SET STREAMING", 12, OUT, 0, mmc_set_streaming,
		0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x07),
	SCSI_CMD(0xb9, "READ CD MSF", 12, IN, MMC_MEDIUM_READS, mmc_read_cd_msf,
		0x1c, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0x07, 0x07),
	SCSI_CMD(0xbb, "SET CD SPEED", 12, NONE, 0, mmc_set_cd_speed,
		0x03, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0x07),
	SCSI_CMD(0xbd, "MECHANISM STATUS", 12, IN, MMC_ANYTIME_FREE, mmc_mechanism_status,
		0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0x07),
	SCSI_CMD(0xbe, "READ CD", 12, IN, MMC_MEDIUM_READS, mmc_read_cd,
		0x1c, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0x07, 0x07),
	SCSI_CMD(0xbf, "SEND DISC STRUCTURE", 12, OUT, MMC_SLOW_MEDIUM, mmc_send_disc_structure,
		0x0f, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0, 0x07),
};
// clang-format on

/* Version descriptors of INQUIRY: SAM-5, SPC-4 and MMC-6, each without a version (SPC-4 annex E.2). */
static const uint16_t versions[] = {0x00a0, 0x0460, 0x04e0, 0};

/* ---- callbacks of the SCSI layer: struct scsi_lu_type in changer/scsi/lu.h ------------------- */

/* Returns the unit's name of type NAA 3h, locally assigned (SPC-4 7.8.6.6.4): its low 60 bits are a hash
 * (FNV-1a) of the library's UUID and the drive's number. */
static uint64_t
naa_of(struct mmc *m)
{
	char name[64];
	uint64_t hash = 0xcbf29ce484222325;

	snprintf(name, sizeof(name), "%s drive %u", jb_uuid(drive_jukebox(m->drive)),
		drive_number(m->drive));
	for (const char *p = name; *p != '\0'; p++)
		hash = (hash ^ (uint8_t)*p) * 0x100000001b3;
	return (uint64_t)3 << 60 | hash >> 4;
}

/* Copies the text of a setting of this drive to `out`, cut to `size` - 1 characters. */
static void
get_text(struct mmc *m, enum jb_setting setting, char *out, size_t size)
{
	char buf[JB_TEXT_MAX];

	jb_setting_get(drive_jukebox(m->drive), setting, drive_number(m->drive), buf);
	snprintf(out, size, "%.*s", (int)(size - 1), buf);
}

/* Fills in the names of the drive, from its settings, and its NAA name.  Any thread. */
static void
identity(struct scsi_lu *lu, struct scsi_identity *out)
{
	struct mmc *m = mmc_of(lu);

	get_text(m, JB_SET_DRIVE_VENDOR, out->vendor, sizeof(out->vendor));
	get_text(m, JB_SET_DRIVE_PRODUCT, out->product, sizeof(out->product));
	get_text(m, JB_SET_DRIVE_REVISION, out->revision, sizeof(out->revision));
	get_text(m, JB_SET_DRIVE_SERIAL, out->serial, sizeof(out->serial));
	put_be64(out->naa, naa_of(m));
}

/* Queues a unit attention, NOT READY TO READY CHANGE, MEDIUM MAY HAVE CHANGED (28h/00h), if a medium has
 * become accessible since the last call for the nexus.  The first call, at the login, queues none, and
 * marks the earlier events as reported (mmc_events_begin).  Each call notes the medium as found.  Any
 * thread, but one at a time for each nexus. */
static void
check_ua(struct scsi_lu *lu, struct scsi_itl *itl)
{
	struct drive_view view;

	drive_view(mmc_of(lu)->drive, &view);
	if (itl->seen[SEEN_UA_BEGUN] && itl->seen[SEEN_UA_ARRIVALS] != view.media_arrivals)
		itl_ua(itl, 0x28, 0x00);
	if (!itl->seen[SEEN_UA_BEGUN])
		mmc_events_begin(mmc_of(lu), itl, &view);
	mmc_events_find(itl, &view);
	itl->seen[SEEN_UA_BEGUN] = 1;
	itl->seen[SEEN_UA_ARRIVALS] = view.media_arrivals;
}

/* Returns true if a disc is accessible; else sets the sense data of drive_disc's error and returns
 * false.  In both cases, any command but TEST UNIT READY wakes the drive from idle or standby. */
static bool
ready(struct scsi_task *task)
{
	enum { TEST_UNIT_READY = 0x00 };

	if (task->cdb[0] != TEST_UNIT_READY)
		mmc_power(mmc_of(task->lu), POWER_ACTIVE);
	return mmc_disc(task) != NULL;
}

/* Has the drive raise its events in the name of the initiator; NULL: in that of the mount. */
static void
acts_for(struct scsi_lu *lu, const char *initiator)
{
	drive_acts_for(mmc_of(lu)->drive, initiator);
}

/* Releases the preventions of medium removal that the nexus holds.  The lock of the scsi_device is held. */
static void
nexus_lost(struct scsi_lu *lu, struct scsi_itl *itl)
{
	mmc_prevent_by(mmc_of(lu), itl, 0);
}

/* Has mmc_settings set the defaults at its next call, which drops the cue sheet and the chosen speeds, and
 * wakes the drive. */
static void
reset(struct scsi_lu *lu)
{
	struct mmc *m = mmc_of(lu);

	m->settings.medium =
		UINT64_MAX; /* matches no medium, so that mmc_settings sets the defaults */
	drive_choose_speeds(m->drive, 0, 0);
	mmc_power(m, POWER_ACTIVE);
}

/* Returns the device-specific parameter: WP is set if a disc is accessible and write-protected.  MMC-6
 * has this bit reserved, but programs look for it where SBC-3 6.5.1 has it. */
static uint8_t
mode_parameter(struct scsi_lu *lu)
{
	enum { WP = 0x80 };
	struct disc *disc = NULL;

	return drive_disc(mmc_of(lu)->drive, &disc) == JB_OK && disc_protected(disc) ? WP : 0;
}

static const struct scsi_lu_type mmc_type = {
	.type = SCSI_TYPE_MMC,
	.cmds = mmc_cmds,
	.ncmds = sizeof(mmc_cmds) / sizeof(mmc_cmds[0]),
	.pages = mmc_pages,
	.npages = MMC_NPAGES,
	.versions = versions,
	.mode_parameter = mode_parameter,
	.identity = identity,
	.check_ua = check_ua,
	.ready = ready,
	.acts_for = acts_for,
	.nexus_lost = nexus_lost,
	.reset = reset,
	.progress = mmc_progress,
};

struct scsi_lu *
mmc_new(struct drive *drive, uint8_t lun)
{
	struct mmc *m = calloc(1, sizeof(*m));

	if (m == NULL)
		return NULL;
	m->drive = drive;
	m->settings.medium = UINT64_MAX;
	m->power = POWER_ACTIVE;
	lu_init(&m->lu, &mmc_type, lun, drive_strand(drive), m);
	return &m->lu;
}

void
mmc_free(struct scsi_lu *lu)
{
	if (lu == NULL)
		return;
	free(mmc_of(lu)->text.packs);
	free(mmc_of(lu));
}
