/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The medium changer's logical unit: its table of commands, and its identity. */
#include "changer/smc/smc.h"

#include <stdlib.h>
#include <string.h>

#include "changer/base/be.h"
#include "changer/scsi/spc.h"
#include "changer/smc/smc_lu.h"

// clang-format off
static const struct scsi_cmd commands[] = {
	SPC_COMMON_CMDS,
	SCSI_CMD(0x07, "INITIALIZE ELEMENT STATUS", 6, NONE, 0, smc_initialize_element_status,
		0, 0, 0, 0, 0x07),
	SCSI_CMD(0x1b, "OPEN/CLOSE IMPORT/EXPORT ELEMENT", 6, NONE, 0, smc_open_close,
		0, 0xff, 0xff, 0x1f, 0x07),
	SCSI_CMD(0x1d, "SEND DIAGNOSTIC", 6, OUT, 0, spc_send_diagnostic,
		0xe4, 0, 0xff, 0xff, 0x07),
	SCSI_CMD(0x1e, "PREVENT ALLOW MEDIUM REMOVAL", 6, NONE, 0, smc_prevent_allow,
		0, 0, 0, 0x03, 0x07),
	SCSI_CMD(0x2b, "POSITION TO ELEMENT", 10, NONE, 0, smc_position_to_element,
		0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0x01, 0x07),
	SCSI_CMD(0x37, "INITIALIZE ELEMENT STATUS WITH RANGE", 10, NONE, 0, smc_initialize_with_range,
		0x03, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0x07),
	SCSI_CMD(0x4d, "LOG SENSE", 10, IN, CMD_ANYTIME | CMD_UNRESERVED, smc_log_sense,
		0x01, 0xff, 0xff, 0, 0xff, 0xff, 0xff, 0xff, 0x07),
	SCSI_CMD(0xa5, "MOVE MEDIUM", 12, NONE, CMD_SLOW, smc_move_medium,
		0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0x01, 0x07),
	SCSI_CMD(0xa6, "EXCHANGE MEDIUM", 12, NONE, CMD_SLOW, smc_exchange_medium,
		0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x03, 0x07),
	SCSI_CMD(0xb5, "REQUEST VOLUME ELEMENT ADDRESS", 12, IN, 0, smc_request_volume_element_address,
		0x10, 0xff, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0xff, 0, 0x07),
	SCSI_CMD(0xb6, "SEND VOLUME TAG", 12, OUT, CMD_SLOW, smc_send_volume_tag,
		0x0f, 0xff, 0xff, 0, 0x1f, 0, 0, 0xff, 0xff, 0, 0x07),
	SCSI_CMD(0xb8, "READ ELEMENT STATUS", 12, IN, 0, smc_read_element_status,
		0x1f, 0xff, 0xff, 0xff, 0xff, 0x03, 0xff, 0xff, 0xff, 0, 0x07),
	/* Does what 37h does: changers used this vendor specific code before 37h existed. */
	SCSI_CMD(0xe7, "INITIALIZE ELEMENT STATUS WITH RANGE", 10, NONE, 0, smc_initialize_with_range,
		0x03, 0xff, 0xff, 0, 0, 0xff, 0xff, 0, 0x07),
};
// clang-format on

/* SPC-4 6.4.2: SAM-5, SPC-4, SMC-3, iSCSI */
static const uint16_t versions[] = {0x00a0, 0x0460, 0x0480, 0x0960, 0};

/* Writes an NAA 3 identifier: 52 bits of the library's UUID (the 13 digits before the rest, hyphens left
 * out), then the LUN. */
static void
fill_naa(const char *uuid, uint8_t lun, uint8_t naa[8])
{
	char digits[14] = "";
	size_t n = 0;

	for (; *uuid != '\0' && n < 13; uuid++) {
		if (*uuid != '-')
			digits[n++] = *uuid;
	}
	put_be64(naa, UINT64_C(3) << 60 | strtoull(digits, NULL, 16) << 8 | lun);
}

/* Copies the value of a setting to out, which has size bytes, all zeros.  Cuts a value that is longer than
 * size - 1. */
static void
take_setting(struct jukebox *jb, enum jb_setting setting, char *out, size_t size)
{
	char text[JB_TEXT_MAX];

	jb_setting_get(jb, setting, 0, text);
	memcpy(out, text, strnlen(text, size - 1)); /* the rest of out is zeros already */
}

/* Fills in the vendor, product, revision and serial number from the settings, and the NAA identifier.  Takes
 * the jukebox lock. */
static void
identity(struct scsi_lu *lu, struct scsi_identity *out)
{
	struct smc *smc = smc_of(lu);

	memset(out, 0, sizeof(*out));
	take_setting(smc->jb, JB_SET_CHANGER_VENDOR, out->vendor, sizeof(out->vendor));
	take_setting(smc->jb, JB_SET_CHANGER_PRODUCT, out->product, sizeof(out->product));
	take_setting(smc->jb, JB_SET_CHANGER_REVISION, out->revision, sizeof(out->revision));
	take_setting(smc->jb, JB_SET_CHANGER_SERIAL, out->serial, sizeof(out->serial));
	fill_naa(jb_uuid(smc->jb), lu->lun, out->naa);
}

/* Queues unit attentions, once for each nexus that existed before.  If users of the mount changed mail slots:
 * IMPORT OR EXPORT ELEMENT ACCESSED (28h/01h, SMC-3 4.8).  If elements were added or removed, or have other
 * addresses: MODE PARAMETERS CHANGED.  The first call for a nexus only notes the counters.  Discs that
 * changed in other elements are not reported: a unit attention would end the first command of the next mtx,
 * which then assumes a library of 64 slots. */
static void
check_ua(struct scsi_lu *lu, struct scsi_itl *itl)
{
	uint64_t layout = jb_layout_changes(smc_of(lu)->jb);
	struct jb_hand_view view;

	jb_hand_view(smc_of(lu)->jb, &view);
	if (itl->seen[SEEN_BEGUN] && itl->seen[SEEN_MAILSLOTS] != view.mailslots)
		itl_ua(itl, 0x28, 0x01);
	if (itl->seen[SEEN_BEGUN] && itl->seen[SEEN_LAYOUT] != layout)
		itl_ua(itl, SCSI_UA_MODE_CHANGED >> 8, SCSI_UA_MODE_CHANGED & 0xff);
	itl->seen[SEEN_BEGUN] = 1;
	itl->seen[SEEN_MAILSLOTS] = view.mailslots;
	itl->seen[SEEN_LAYOUT] = layout;
}

/* Returns true for MODE SENSE if the unit attention is 2Ah/01h or 3Fh/0Eh, because its answer reports how
 * many elements of each type there are; false for all else.  mtx sends MODE SENSE first, and if it is refused
 * assumes a library of 64 slots. */
static bool
tells(const struct scsi_task *task, uint16_t ua)
{
	enum { MODE_SENSE_6 = 0x1a, MODE_SENSE_10 = 0x5a };

	return (task->cdb[0] == MODE_SENSE_6 || task->cdb[0] == MODE_SENSE_10) &&
	       (ua == SCSI_UA_MODE_CHANGED || ua == SCSI_UA_LUNS_CHANGED);
}

/* Releases what the nexus holds: takes its lock off the mail slots if it has one, and forgets its last
 * search. */
static void
nexus_lost(struct scsi_lu *lu, struct scsi_itl *itl)
{
	if (itl->prevents)
		jb_mailslots_prevent(smc_of(lu)->jb, false);
	itl->prevents = false;
	memset(itl->kept, 0, sizeof(itl->kept));
}

/* The row has no ready(), because the changer is always ready: the robot knows at once what is where. */
static const struct scsi_lu_type changer_type = {
	.type = SCSI_TYPE_CHANGER,
	.cmds = commands,
	.ncmds = sizeof(commands) / sizeof(commands[0]),
	.pages = smc_pages,
	.npages = SMC_NPAGES,
	.versions = versions,
	.identity = identity,
	.check_ua = check_ua,
	.tells = tells,
	.nexus_lost = nexus_lost,
};

struct scsi_lu *
smc_new(struct jukebox *jb, uint8_t lun, struct scsi_lu *(*drive_lu)(void *arg, unsigned drive),
	void *arg)
{
	struct smc *smc = calloc(1, sizeof(*smc));

	if (smc == NULL)
		return NULL;
	smc->jb = jb;
	smc->drive_lu = drive_lu;
	smc->arg = arg;
	lu_init(&smc->lu, &changer_type, lun, jb_robot_strand(jb), smc);
	return &smc->lu;
}

void
smc_free(struct scsi_lu *lu)
{
	if (lu != NULL)
		free(smc_of(lu));
}
