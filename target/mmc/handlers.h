/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The handlers of the commands, for the table in mmc.c. */
#ifndef TARGET_MMC_HANDLERS_H
#define TARGET_MMC_HANDLERS_H

struct scsi_task;

/* Carries out its command, and ends it; so do all the next handlers, which are listed by file.  They
 * read the CDB and data-out from the task. */
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
void mmc_read_6(struct scsi_task *task); /* rw.c */
void mmc_read_10(struct scsi_task *task);
void mmc_read_12(struct scsi_task *task);
void mmc_write_6(struct scsi_task *task);
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
