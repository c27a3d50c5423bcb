/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sense keys (SPC-4 4.5.6), and the additional sense codes that every device type uses. */
#ifndef CHANGER_SCSI_SENSE_H
#define CHANGER_SCSI_SENSE_H

#include "changer/scsi/task.h"

enum {
	KEY_NO_SENSE = 0x00,
	KEY_NOT_READY = 0x02,
	KEY_MEDIUM_ERROR = 0x03,
	KEY_HARDWARE_ERROR = 0x04,
	KEY_ILLEGAL_REQUEST = 0x05,
	KEY_UNIT_ATTENTION = 0x06,
	KEY_DATA_PROTECT = 0x07,
	KEY_MISCOMPARE = 0x0e,
};

enum {
	ASC_LIST_LENGTH = 0x1a,	       /* PARAMETER LIST LENGTH ERROR */
	ASC_INVALID_OPCODE = 0x20,     /* INVALID COMMAND OPERATION CODE */
	ASC_INVALID_IN_CDB = 0x24,     /* INVALID FIELD IN CDB */
	ASC_NO_SUCH_LUN = 0x25,	       /* LOGICAL UNIT NOT SUPPORTED */
	ASC_INVALID_IN_LIST = 0x26,    /* INVALID FIELD IN PARAMETER LIST */
	ASC_MODE_CHANGED = 0x2a,       /* with 01h: MODE PARAMETERS CHANGED */
	ASC_SEQUENCE = 0x2c,	       /* COMMAND SEQUENCE ERROR */
	ASC_SAVING_UNSUPPORTED = 0x39, /* SAVING PARAMETERS NOT SUPPORTED */
};

/* Bit of byte 15: the sense-key specific field, bytes 15 to 17, is valid (SPC-4 4.5.2.4). */
enum { SKS_VALID = 0x80 };

/* Writes all SCSI_SENSE_LEN bytes of sense data of fixed format (SPC-4 4.5.3): current errors, the key, the
 * two codes, the additional length, and zeros elsewhere. */
void sense_fixed(uint8_t sense[SCSI_SENSE_LEN], uint8_t key, uint8_t asc, uint8_t ascq);

#endif
