/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The numbers of iSCSI as they stand on the wire: opcodes, byte offsets in the Basic Header
 * Segment, flags and codes.  All clauses are those of RFC 7143.
 */
#ifndef TARGET_ISCSI_PROTO_H
#define TARGET_ISCSI_PROTO_H

/* 11.2.1 Basic Header Segment; offsets that all or most PDUs share */
enum {
	BHS_LEN = 48,
	AHS_MAX = 255 * 4,
	DIGEST_LEN = 4,

	BHS_OPCODE = 0,
	BHS_FLAGS = 1,
	BHS_AHS_LENGTH = 4,  /* words */
	BHS_DATA_LENGTH = 5, /* three bytes */
	BHS_LUN = 8,
	BHS_ITT = 16, /* Initiator Task Tag */
	BHS_TTT = 20, /* Target Transfer Tag */
	BHS_CMD_SN = 24,
	BHS_EXP_STAT_SN = 28,
	BHS_STAT_SN = 24,
	BHS_EXP_CMD_SN = 28,
	BHS_MAX_CMD_SN = 32,

	BHS_IMMEDIATE = 0x40,
	BHS_OPCODE_MASK = 0x3f,
	BHS_FINAL = 0x80,
};

#define TAG_NONE 0xffffffffu /* the reserved Initiator Task Tag and Target Transfer Tag */

/* 11.2.1.2 */
enum iscsi_opcode {
	OP_NOP_OUT = 0x00,
	OP_SCSI_COMMAND = 0x01,
	OP_TMF_REQUEST = 0x02,
	OP_LOGIN_REQUEST = 0x03,
	OP_TEXT_REQUEST = 0x04,
	OP_DATA_OUT = 0x05,
	OP_LOGOUT_REQUEST = 0x06,
	OP_SNACK_REQUEST = 0x10,
	OP_NOP_IN = 0x20,
	OP_SCSI_RESPONSE = 0x21,
	OP_TMF_RESPONSE = 0x22,
	OP_LOGIN_RESPONSE = 0x23,
	OP_TEXT_RESPONSE = 0x24,
	OP_DATA_IN = 0x25,
	OP_LOGOUT_RESPONSE = 0x26,
	OP_R2T = 0x31,
	OP_ASYNC_MESSAGE = 0x32,
	OP_REJECT = 0x3f,
};

/* 11.3 SCSI Command */
enum {
	COMMAND_READ = 0x40,
	COMMAND_WRITE = 0x20,
	COMMAND_EDTL = 20, /* Expected Data Transfer Length */
	COMMAND_CDB = 32,
};

/* 11.4 SCSI Response; the residual flags and offset are those of Data-In (11.7) too */
enum {
	RESPONSE_RESPONSE = 2,
	RESPONSE_STATUS = 3,
	RESPONSE_EXP_DATA_SN = 36,
	RESPONSE_RESIDUAL = 44,
	RESIDUAL_OVERFLOW = 0x04,
	RESIDUAL_UNDERFLOW = 0x02,
};

/* 11.5 Task Management Function Request, 11.6 Response */
enum {
	TMF_FUNCTION_MASK = 0x7f,
	TMF_REFERENCED_TAG = 20,
	TMF_REF_CMD_SN = 32,
	TMF_RESPONSE = 2,
};

enum tmf_function { /* 11.5.1 */
	TMF_ABORT_TASK = 1,
	TMF_ABORT_TASK_SET = 2,
	TMF_CLEAR_ACA = 3,
	TMF_CLEAR_TASK_SET = 4,
	TMF_LUN_RESET = 5,
	TMF_TARGET_WARM_RESET = 6,
	TMF_TARGET_COLD_RESET = 7,
	TMF_TASK_REASSIGN = 8,
};

enum tmf_response { /* 11.6.1 */
	TMF_COMPLETE = 0,
	TMF_NO_TASK = 1,
	TMF_NO_LUN = 2,
	TMF_NO_REASSIGN = 4,
	TMF_NOT_SUPPORTED = 5,
	TMF_REJECTED = 255,
};

/* 11.7 SCSI Data-Out and Data-In, 11.8 Ready To Transfer */
enum {
	DATA_SN = 36,
	DATA_OFFSET = 40,
	DATA_IN_STATUS_FLAG = 0x01,
	DATA_IN_STATUS = 3,
	DATA_IN_RESIDUAL = 44,
	R2T_SN = 36,
	R2T_OFFSET = 40,
	R2T_LENGTH = 44,
};

/* 11.9 Asynchronous Message */
enum {
	ASYNC_EVENT = 36,
	ASYNC_PARAMETER3 = 42,
	ASYNC_LOGOUT_REQUEST = 1,
};

/* 11.10, 11.11 Text; 11.12, 11.13 Login */
enum {
	TEXT_CONTINUE = 0x40,
	LOGIN_TRANSIT = 0x80,
	LOGIN_CONTINUE = 0x40,
	LOGIN_CSG_SHIFT = 2,
	LOGIN_STAGE_MASK = 0x03,
	LOGIN_VERSION_MAX = 2,
	LOGIN_VERSION_MIN = 3,
	LOGIN_VERSION_ACTIVE = 3,
	LOGIN_ISID = 8,
	LOGIN_ISID_LEN = 6,
	LOGIN_TSIH = 14,
	LOGIN_CID = 20,
	LOGIN_STATUS = 36, /* class, then detail */
};

enum login_stage { /* 11.12.3 */
	STAGE_SECURITY = 0,
	STAGE_OPERATIONAL = 1,
	STAGE_FULL_FEATURE = 3,
};

enum login_status { /* 11.13.5: class << 8 | detail */
	LOGIN_SUCCESS = 0x0000,
	LOGIN_INITIATOR_ERROR = 0x0200,
	LOGIN_AUTH_FAILED = 0x0201,
	LOGIN_FORBIDDEN = 0x0202,
	LOGIN_NOT_FOUND = 0x0203,
	LOGIN_BAD_VERSION = 0x0205,
	LOGIN_TOO_MANY_CONNECTIONS = 0x0206,
	LOGIN_MISSING_PARAMETER = 0x0207,
	LOGIN_CANNOT_INCLUDE = 0x0208,
	LOGIN_BAD_SESSION_TYPE = 0x0209,
	LOGIN_NO_SESSION = 0x020a,
	LOGIN_INVALID_DURING = 0x020b,
	LOGIN_UNAVAILABLE = 0x0301,
	LOGIN_NO_RESOURCES = 0x0302,
};

/* 11.14, 11.15 Logout */
enum {
	LOGOUT_REASON_MASK = 0x7f,
	LOGOUT_CID = 20,
	LOGOUT_RESPONSE = 2,
	LOGOUT_CLOSE_SESSION = 0,
	LOGOUT_CLOSE_CONNECTION = 1,
	LOGOUT_RECOVERY = 2,
	LOGOUT_DONE = 0,
	LOGOUT_NO_CID = 1,
	LOGOUT_NO_RECOVERY = 2,
	LOGOUT_FAILED = 3,
};

/* 11.17 Reject */
enum {
	REJECT_REASON = 2,
};

enum reject_reason { /* 11.17.1 */
	REJECT_DATA_DIGEST = 0x02,
	REJECT_SNACK = 0x03,
	REJECT_PROTOCOL = 0x04,
	REJECT_NOT_SUPPORTED = 0x05,
	REJECT_IMMEDIATE = 0x06,
	REJECT_INVALID_FIELD = 0x09,
	REJECT_NO_RESOURCES = 0x0a,
};

#endif
