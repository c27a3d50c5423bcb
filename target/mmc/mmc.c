/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The optical drive: the table of its commands and what the SCSI layer asks of the unit.
 */
#include "target/mmc/mmc.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/be.h"
#include "changer/scsi/spc.h"
#include "target/mmc/unit.h"

enum {
	MMC_ANYTIME = CMD_ANYTIME,
	/* Whoever has the drive, others may ask for its state, and read under a write exclusive
	 * reservation (SPC-2 annex B, MMC-6 4.6). */
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
	{0x04, -1, 6, SCSI_DIR_OUT, MMC_SLOW_MEDIUM, "FORMAT UNIT",
		{0x04, 0x1f, 0, 0, 0, 0x07}, mmc_format_unit},
	{0x1b, -1, 6, SCSI_DIR_NONE, MMC_SLOW, "START STOP UNIT",
		{0x1b, 0x01, 0, 0x0f, 0xf7, 0x07}, mmc_start_stop},
	{0x1e, -1, 6, SCSI_DIR_NONE, 0, "PREVENT ALLOW MEDIUM REMOVAL",
		{0x1e, 0, 0, 0, 0x03, 0x07}, mmc_prevent_allow},
	{0x23, -1, 10, SCSI_DIR_IN, CMD_READS, "READ FORMAT CAPACITIES",
		{0x23, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0x07}, mmc_read_format_capacities},
	{0x25, -1, 10, SCSI_DIR_IN, MMC_MEDIUM_FREE, "READ CAPACITY",
		{0x25, 0, 0, 0, 0, 0, 0, 0, 0, 0x07}, mmc_read_capacity},
	{0x28, -1, 10, SCSI_DIR_IN, MMC_MEDIUM_READS, "READ(10)",
		{0x28, 0x18, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0x07}, mmc_read_10},
	{0x2a, -1, 10, SCSI_DIR_OUT, MMC_MEDIUM, "WRITE(10)",
		{0x2a, 0x18, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0x07}, mmc_write_10},
	{0x2b, -1, 10, SCSI_DIR_NONE, MMC_MEDIUM, "SEEK(10)",
		{0x2b, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x07}, mmc_seek},
	{0x2e, -1, 10, SCSI_DIR_OUT, MMC_SLOW_MEDIUM, "WRITE AND VERIFY(10)",
		{0x2e, 0x02, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0x07},
		mmc_write_and_verify},
	{0x2f, -1, 10, SCSI_DIR_OUT, MMC_SLOW_MEDIUM | CMD_READS, "VERIFY(10)",
		{0x2f, 0x12, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0x07}, mmc_verify_10},
	{0x35, -1, 10, SCSI_DIR_NONE, MMC_SLOW_MEDIUM, "SYNCHRONIZE CACHE",
		{0x35, 0x02, 0, 0, 0, 0, 0, 0, 0, 0x07}, mmc_synchronize_cache},
	{0x42, -1, 10, SCSI_DIR_IN, MMC_MEDIUM_READS, "READ SUB-CHANNEL",
		{0x42, 0x02, 0x40, 0xff, 0, 0, 0xff, 0xff, 0xff, 0x07}, mmc_read_sub_channel},
	{0x43, -1, 10, SCSI_DIR_IN, MMC_MEDIUM_READS, "READ TOC/PMA/ATIP",
		{0x43, 0x02, 0x0f, 0, 0, 0, 0xff, 0xff, 0xff, 0xc7}, mmc_read_toc},
	{0x44, -1, 10, SCSI_DIR_IN, MMC_MEDIUM_READS, "READ HEADER",
		{0x44, 0x02, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0x07}, mmc_read_header},
	{0x46, -1, 10, SCSI_DIR_IN, CMD_KEEPS_UA | CMD_UNRESERVED, "GET CONFIGURATION",
		{0x46, 0x03, 0xff, 0xff, 0, 0, 0, 0xff, 0xff, 0x07}, mmc_get_configuration},
	{0x4a, -1, 10, SCSI_DIR_IN, MMC_ANYTIME_FREE | CMD_KEEPS_UA, "GET EVENT STATUS NOTIFICATION",
		{0x4a, 0x01, 0, 0, 0xff, 0, 0, 0xff, 0xff, 0x07}, mmc_get_event_status},
	{0x4d, -1, 10, SCSI_DIR_IN, MMC_ANYTIME_FREE, "LOG SENSE",
		{0x4d, 0x01, 0xff, 0xff, 0, 0, 0, 0xff, 0xff, 0x07}, mmc_log_sense},
	{0x51, -1, 10, SCSI_DIR_IN, MMC_MEDIUM_READS, "READ DISC INFORMATION",
		{0x51, 0x07, 0, 0, 0, 0, 0, 0xff, 0xff, 0x07}, mmc_read_disc_information},
	{0x52, -1, 10, SCSI_DIR_IN, MMC_MEDIUM_READS, "READ TRACK INFORMATION",
		{0x52, 0x07, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0x07},
		mmc_read_track_information},
	{0x53, -1, 10, SCSI_DIR_NONE, MMC_SLOW_MEDIUM, "RESERVE TRACK",
		{0x53, 0x03, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0x07}, mmc_reserve_track},
	{0x54, -1, 10, SCSI_DIR_OUT, MMC_MEDIUM, "SEND OPC INFORMATION",
		{0x54, 0x01, 0, 0, 0, 0, 0, 0xff, 0xff, 0x07}, mmc_send_opc},
	{0x5b, -1, 10, SCSI_DIR_NONE, MMC_SLOW_MEDIUM, "CLOSE TRACK SESSION",
		{0x5b, 0x01, 0x07, 0, 0xff, 0xff, 0, 0, 0, 0x07}, mmc_close_track},
	{0x5c, -1, 10, SCSI_DIR_IN, MMC_ANYTIME | CMD_READS, "READ BUFFER CAPACITY",
		{0x5c, 0x01, 0, 0, 0, 0, 0, 0xff, 0xff, 0x07}, mmc_read_buffer_capacity},
	{0x5d, -1, 10, SCSI_DIR_OUT, MMC_MEDIUM, "SEND CUE SHEET",
		{0x5d, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x07}, mmc_send_cue_sheet},
	{0xa1, -1, 12, SCSI_DIR_NONE, MMC_SLOW_MEDIUM, "BLANK",
		{0xa1, 0x17, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0x07}, mmc_blank},
	{0xa4, -1, 12, SCSI_DIR_IN, MMC_ANYTIME | CMD_READS, "REPORT KEY",
		{0xa4, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x3f, 0x07}, mmc_report_key},
	{0xa8, -1, 12, SCSI_DIR_IN, MMC_MEDIUM_READS, "READ(12)",
		{0xa8, 0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80, 0x07},
		mmc_read_12},
	{0xaa, -1, 12, SCSI_DIR_OUT, MMC_MEDIUM, "WRITE(12)",
		{0xaa, 0x18, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x80, 0x07},
		mmc_write_12},
	{0xac, -1, 12, SCSI_DIR_IN, MMC_MEDIUM_READS, "GET PERFORMANCE",
		{0xac, 0x1f, 0xff, 0xff, 0xff, 0xff, 0, 0, 0xff, 0xff, 0xff, 0x07},
		mmc_get_performance},
	{0xad, -1, 12, SCSI_DIR_IN, MMC_MEDIUM_READS, "READ DISC STRUCTURE",
		{0xad, 0x0f, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0x07},
		mmc_read_disc_structure},
	{0xb6, -1, 12, SCSI_DIR_OUT, 0, "SET STREAMING",
		{0xb6, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0x07}, mmc_set_streaming},
	{0xb9, -1, 12, SCSI_DIR_IN, MMC_MEDIUM_READS, "READ CD MSF",
		{0xb9, 0x1c, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0x07, 0x07},
		mmc_read_cd_msf},
	{0xbb, -1, 12, SCSI_DIR_NONE, 0, "SET CD SPEED",
		{0xbb, 0x03, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0x07}, mmc_set_cd_speed},
	{0xbd, -1, 12, SCSI_DIR_IN, MMC_ANYTIME_FREE, "MECHANISM STATUS",
		{0xbd, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0x07}, mmc_mechanism_status},
	{0xbe, -1, 12, SCSI_DIR_IN, MMC_MEDIUM_READS, "READ CD",
		{0xbe, 0x1c, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe, 0x07, 0x07},
		mmc_read_cd},
	{0xbf, -1, 12, SCSI_DIR_OUT, MMC_SLOW_MEDIUM, "SEND DISC STRUCTURE",
		{0xbf, 0x0f, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0, 0x07},
		mmc_send_disc_structure},
};
// clang-format on

/* SAM-5, SPC-4 and MMC-6, no version of them claimed (SPC-4 annex E.2). */
static const uint16_t versions[] = {0x00a0, 0x0460, 0x04e0, 0};

/* ---- what the SCSI layer asks ---------------------------------------------------------------- */

/* NAA 3h, locally assigned (SPC-4 7.8.6.6.4): 60 bits of a hash (FNV-1a) of library and drive. */
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

static void
get_text(struct mmc *m, enum jb_setting setting, char *out, size_t size)
{
	char buf[JB_TEXT_MAX];

	jb_setting_get(drive_jukebox(m->drive), setting, drive_number(m->drive), buf);
	snprintf(out, size, "%.*s", (int)(size - 1), buf);
}

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

/* NOT READY TO READY CHANGE, MEDIUM MAY HAVE CHANGED: once to each nexus that was there before. */
static void
check_ua(struct scsi_lu *lu, struct scsi_itl *itl)
{
	struct drive_view view;

	drive_view(mmc_of(lu)->drive, &view);
	if (itl->seen[SEEN_UA_BEGUN] && itl->seen[SEEN_UA_ARRIVALS] != view.media_arrivals)
		itl_ua(itl, 0x28, 0x00);
	if (!itl->seen[SEEN_UA_BEGUN])
		mmc_events_begin(mmc_of(lu), itl, &view);
	itl->seen[SEEN_UA_BEGUN] = 1;
	itl->seen[SEEN_UA_ARRIVALS] = view.media_arrivals;
}

/* A drive that was put to rest wakes up for whoever wants its medium. */
static bool
ready(struct scsi_task *task)
{
	enum { TEST_UNIT_READY = 0x00 };

	if (task->cdb[0] != TEST_UNIT_READY)
		mmc_power(mmc_of(task->lu), POWER_ACTIVE);
	return mmc_disc(task) != NULL;
}

static void
nexus_lost(struct scsi_lu *lu, struct scsi_itl *itl)
{
	mmc_prevent_by(mmc_of(lu), itl, 0);
}

static void
reset(struct scsi_lu *lu)
{
	struct mmc *m = mmc_of(lu);

	m->settings.medium = UINT64_MAX; /* no medium's: defaults at next use */
	mmc_power(m, POWER_ACTIVE);
}

/* WP: the tab of the disc is set (SBC-3 6.5.1, which MMC leaves reserved; people look for it). */
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
