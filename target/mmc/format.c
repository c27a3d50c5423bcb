/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FORMAT UNIT and BLANK, MMC-6 6.5 and 6.2.
 *
 * With IMMED a drive may answer both before they are done, and programs then poll.  Here they are answered
 * when they are done, which takes no time, because no surface has to be written.  Only the background
 * format of a DVD+RW goes on after the answer.
 */
#include "changer/base/be.h"
#include "target/mmc/unit.h"

/* Begins the work, which the mount shows until finish is called. */
static void
begin(struct scsi_task *task, const struct disc *d, enum drive_work work)
{
	drive_works(mmc_of(task->lu)->drive, work, 0, disc_capacity(d));
}

/* Ends the work that `begin` has begun, and the command with `err`.  Calls mmc_recorded if the command is
 * GOOD, so `err` may be JB_OK for a command that has failed already. */
static void
finish(struct scsi_task *task, enum jb_err err)
{
	drive_works(mmc_of(task->lu)->drive, DRIVE_IDLE, 0, 0);
	mmc_finish(task, err);
	if (err == JB_OK && task->status == SCSI_GOOD)
		mmc_recorded(task);
}

/* Reads the parameter list of format code 1: a header and one descriptor.  Sets task->out_want.  Returns
 * false and sets the sense data if the list is too short, asks for a try-out, or has not one descriptor. */
static bool
get_format(struct scsi_task *task, struct disc_format *format)
{
	enum {
		HEADER_LEN = 4,
		DESCRIPTOR_LEN = 8,
		TRY_OUT = 0x04, /* header byte 1 */
		DVD_PLUS_RW_FULL = 0x26,
		RESTART = 0x01, /* in the parameter of DVD_PLUS_RW_FULL: restart a stopped format */
	};
	const uint8_t *list = task->out, *descriptor;

	task->out_want = HEADER_LEN + DESCRIPTOR_LEN;
	if (task->out_len < HEADER_LEN + DESCRIPTOR_LEN) {
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_LIST_LENGTH, 0);
		return false;
	}
	descriptor = list + HEADER_LEN;
	if (list[1] & TRY_OUT) {
		task_invalid_field(task, false, 1);
		return false;
	}
	if (get_be16(list + 2) != DESCRIPTOR_LEN) {
		task_invalid_field(task, false, 2);
		return false;
	}
	*format = (struct disc_format){
		.type = descriptor[4] >> 2,
		.sub_type = descriptor[4] & 0x03,
		.blocks = get_be32(descriptor),
	};
	format->restart = format->type == DVD_PLUS_RW_FULL && (descriptor[7] & RESTART) != 0;
	return true;
}

/* Reads the parameter list of format code 7, the older one for CD-RW: it formats the whole disc for fixed
 * packets.  Returns false and sets the sense data if get_format does so, or if the list asks for a format
 * of one session or track. */
static bool
get_packet_format(struct scsi_task *task, struct disc_format *format)
{
	enum { CD_RW_FULL = 0x10, DESCRIPTOR = 4, SESSION_OR_GROW = 0xc0 };

	if (!get_format(task, format))
		return false;
	if (task->out[DESCRIPTOR] & SESSION_OR_GROW) {
		task_invalid_field(task, false, DESCRIPTOR);
		return false;
	}
	*format = (struct disc_format){
		.type = CD_RW_FULL,
		.blocks = get_be32(task->out + DESCRIPTOR + 4),
	};
	return true;
}

/* Carries out FORMAT UNIT.  Also sets what the next tracks get (mmc_write_next_tracks), and applies the
 * fault rules `format`.  Refuses a command without a parameter list, and format codes other than 1 and,
 * on a CD-RW, 7.  Accepts and ignores bit 3 of CDB byte 1, for the defect list of DVD-RAM: there are no
 * defects. */
void
mmc_format_unit(struct scsi_task *task)
{
	enum { FMTDATA = 0x10, FORMAT_CODE = 0x07, CODE_LIST = 1, CODE_CD_RW = 7 };
	struct disc *d = mmc_disc(task);
	struct disc_format format;
	bool is_packets;

	if (d == NULL)
		return;
	is_packets =
		(task->cdb[1] & FORMAT_CODE) == CODE_CD_RW && medium_packet(disc_medium(d)) != 0;
	if (!(task->cdb[1] & FMTDATA) ||
		(!is_packets && (task->cdb[1] & FORMAT_CODE) != CODE_LIST)) {
		task_invalid_field(task, true, 1);
		return;
	}
	if (!(is_packets ? get_packet_format : get_format)(task, &format))
		return;
	mmc_write_next_tracks(mmc_settings(mmc_of(task->lu)), d);
	begin(task, d, DRIVE_FORMATTING);
	finish(task, mmc_fault_command(task, FAULT_FORMAT) ? disc_format(d, &format) : JB_OK);
}

/* Carries out BLANK.  Refuses types that the medium does not have, and applies the fault rules `blank`.
 * The address in the CDB is a track number, for the types that blank one track. */
void
mmc_blank(struct scsi_task *task)
{
	struct disc *d = mmc_disc(task);
	unsigned type = task->cdb[1] & 0x07;

	if (d == NULL)
		return;
	if (!(disc_medium(d)->blank_types & 1u << type)) {
		task_invalid_field(task, true, 1);
		return;
	}
	begin(task, d, DRIVE_BLANKING);
	finish(task, mmc_fault_command(task, FAULT_BLANK)
			     ? disc_blank(d, type, get_be32(task->cdb + 2))
			     : JB_OK);
}

/* Reports nothing while another command holds the strand, because this function must not wait. */
bool
mmc_progress(struct scsi_lu *lu, struct scsi_progress *out)
{
	struct drive *drive = mmc_of(lu)->drive;
	struct disc *d = NULL;
	uint32_t done, all;
	bool running = false;

	if (!strand_try(drive_strand(drive)))
		return false;
	if (drive_disc(drive, &d) == JB_OK &&
		disc_background(d, &done, &all) == BACKGROUND_RUNNING) {
		/* LOGICAL UNIT NOT READY, FORMAT IN PROGRESS; with NO SENSE, for it is ready */
		*out = (struct scsi_progress){
			.asc = 0x04,
			.ascq = 0x04,
			.done = (uint16_t)((uint64_t)done * 65536 / all),
		};
		running = true;
	}
	strand_leave(drive_strand(drive));
	return running;
}
