/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The handlers of the commands, for the table in mmc.c. */
#ifndef TARGET_MMC_HANDLERS_H
#define TARGET_MMC_HANDLERS_H

struct scsi_task;

/*
 * Each handler reads the CDB and the data-out from the task, carries out its command, and ends it.  The
 * comment at its definition says what it refuses.
 */

/* ---- close.c ---- */
/* Carries out READ BUFFER CAPACITY: an empty buffer of MMC_BUFFER_KB.  Any thread. */
void mmc_read_buffer_capacity(struct scsi_task *task);
/* Carries out RESERVE TRACK. */
void mmc_reserve_track(struct scsi_task *task);
/* Carries out SEND OPC INFORMATION, which calibrates nothing. */
void mmc_send_opc(struct scsi_task *task);
/* Carries out CLOSE TRACK SESSION. */
void mmc_close_track(struct scsi_task *task);
/* Carries out SYNCHRONIZE CACHE, which may also close a track or session. */
void mmc_synchronize_cache(struct scsi_task *task);

/* ---- capacity.c ---- */
/* Carries out READ FORMAT CAPACITIES. */
void mmc_read_format_capacities(struct scsi_task *task);
/* Carries out READ CAPACITY. */
void mmc_read_capacity(struct scsi_task *task);

/* ---- cuesheet.c ---- */
/* Carries out SEND CUE SHEET: keeps the sheet in the settings. */
void mmc_send_cue_sheet(struct scsi_task *task);

/* ---- discinfo.c ---- */
/* Carries out READ DISC INFORMATION. */
void mmc_read_disc_information(struct scsi_task *task);

/* ---- format.c ---- */
/* Carries out FORMAT UNIT. */
void mmc_format_unit(struct scsi_task *task);
/* Carries out BLANK. */
void mmc_blank(struct scsi_task *task);

/* ---- event.c ---- */
/* Carries out GET EVENT STATUS NOTIFICATION.  Any thread. */
void mmc_get_event_status(struct scsi_task *task);

/* ---- feature.c ---- */
/* Carries out GET CONFIGURATION. */
void mmc_get_configuration(struct scsi_task *task);

/* ---- key.c ---- */
/* Carries out REPORT KEY, for the region state only.  Any thread. */
void mmc_report_key(struct scsi_task *task);

/* ---- pages.c ---- */
/* Carries out LOG SENSE, for the list of log pages only.  Any thread. */
void mmc_log_sense(struct scsi_task *task);

/* ---- performance.c ---- */
/* Carries out GET PERFORMANCE. */
void mmc_get_performance(struct scsi_task *task);

/* ---- readcd.c ---- */
/* Carries out READ CD. */
void mmc_read_cd(struct scsi_task *task);
/* Carries out READ CD MSF. */
void mmc_read_cd_msf(struct scsi_task *task);

/* ---- rw.c ---- */
/* Carries out READ(6). */
void mmc_read_6(struct scsi_task *task);
/* Carries out READ(10). */
void mmc_read_10(struct scsi_task *task);
/* Carries out READ(12). */
void mmc_read_12(struct scsi_task *task);
/* Carries out WRITE(6). */
void mmc_write_6(struct scsi_task *task);
/* Carries out WRITE(10). */
void mmc_write_10(struct scsi_task *task);
/* Carries out WRITE(12). */
void mmc_write_12(struct scsi_task *task);
/* Carries out WRITE AND VERIFY(10). */
void mmc_write_and_verify(struct scsi_task *task);
/* Carries out VERIFY(10). */
void mmc_verify_10(struct scsi_task *task);
/* Carries out SEEK(10), which only checks the address. */
void mmc_seek(struct scsi_task *task);

/* ---- speed.c ---- */
/* Carries out SET STREAMING: chooses the speeds that are reported. */
void mmc_set_streaming(struct scsi_task *task);
/* Carries out SET CD SPEED: chooses the speeds that are reported. */
void mmc_set_cd_speed(struct scsi_task *task);

/* ---- structure.c ---- */
/* Carries out READ DISC STRUCTURE. */
void mmc_read_disc_structure(struct scsi_task *task);
/* Carries out SEND DISC STRUCTURE: sets the layer break or persistent write protection. */
void mmc_send_disc_structure(struct scsi_task *task);

/* ---- subchannel.c ---- */
/* Carries out READ SUB-CHANNEL. */
void mmc_read_sub_channel(struct scsi_task *task);
/* Carries out READ HEADER. */
void mmc_read_header(struct scsi_task *task);

/* ---- toc.c ---- */
/* Carries out READ TOC/PMA/ATIP. */
void mmc_read_toc(struct scsi_task *task);

/* ---- trackinfo.c ---- */
/* Carries out READ TRACK INFORMATION. */
void mmc_read_track_information(struct scsi_task *task);

/* ---- tray.c ---- */
/* Carries out START STOP UNIT. */
void mmc_start_stop(struct scsi_task *task);
/* Carries out PREVENT ALLOW MEDIUM REMOVAL. */
void mmc_prevent_allow(struct scsi_task *task);
/* Carries out MECHANISM STATUS.  Any thread. */
void mmc_mechanism_status(struct scsi_task *task);

#endif
