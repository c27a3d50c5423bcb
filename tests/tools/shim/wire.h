/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The protocol between the preload (sgshim.so) and the broker (sgbroker).
 *
 * The broker listens on FOLDER/socket, of type SOCK_SEQPACKET.  To each process that connects it
 * sends one struct wire_reply with a descriptor of WIRE_DATA_MAX bytes of memory (SCM_RIGHTS).
 * Both map that memory: it carries the data of commands, in both directions.  Then the process
 * sends a struct wire_request and waits for its struct wire_reply, one at a time.
 *
 * FOLDER/devices lists the devices, one a line: name, logical unit, peripheral device type.
 * FOLDER/NAME is an empty file that stands for each.
 */
#ifndef TESTS_TOOLS_SHIM_WIRE_H
#define TESTS_TOOLS_SHIM_WIRE_H

#include <stdint.h>

enum {
	WIRE_DATA_MAX = 16 << 20, /* bytes of one command, at most */
	WIRE_CDB_MAX = 16,
	WIRE_SENSE_MAX = 96,
};

enum wire_operation {
	WIRE_COMMAND, /* carry out one SCSI command */
	WIRE_POLL,    /* fetch the unit's events and unit attentions, as Linux does by itself */
	WIRE_CHANGED, /* status: 1 if the medium has changed since the last WIRE_CHANGED, else 0 */
	WIRE_OPTIONS, /* set and clear the driver's options of a drive; status: the options after that */
};

enum wire_direction {
	WIRE_NONE,
	WIRE_FROM_DEVICE,
	WIRE_TO_DEVICE,
};

struct wire_request {
	uint32_t operation; /* enum wire_operation */
	uint32_t lun;
	uint32_t direction;  /* enum wire_direction */
	uint32_t length;     /* bytes of data, at most WIRE_DATA_MAX */
	uint32_t timeout;    /* in milliseconds, never 0 */
	int32_t pid;	     /* for the log */
	uint32_t set, clear; /* WIRE_OPTIONS: CDO_AUTO_CLOSE and the like */
	uint32_t cdb_length;
	uint8_t cdb[WIRE_CDB_MAX];
};

enum wire_outcome {
	WIRE_DONE,	/* the target has answered; status, sense and residual are from it */
	WIRE_TIMED_OUT, /* the broker has aborted the command */
	WIRE_LOST,	/* the session with the target has ended */
};

struct wire_reply {
	uint32_t outcome; /* enum wire_outcome */
	uint32_t status;  /* SAM status */
	int32_t residual; /* bytes, without a sign, as Linux reports them */
	uint32_t sense_length;
	uint8_t sense[WIRE_SENSE_MAX];
};

#endif
