/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PERSISTENT RESERVE IN (SPC-4 6.15): which ports have registered, and which holds the reservation. */
#include <string.h>

#include "changer/base/be.h"
#include "changer/scsi/nexus.h"
#include "changer/scsi/reserve.h"
#include "changer/scsi/spc.h"
#include "changer/scsi/task.h"

enum { ALLOCATION = 7, IN_HEADER_LEN = 8 };

/* Appends the keys of all registrants, oldest registration first. */
static void
build_keys(const struct reservations *r, struct wbuf *w) REQUIRES(scsi_device_lock)
{
	const struct registrant *who;

	TAILQ_FOREACH(who, &r->registrants, link)
	wb_be64(w, who->key);
}

/* Appends the descriptor of the persistent reservation; nothing if there is none.  The key in it is 0 if all
 * registrants hold it. */
static void
build_reservation(const struct reservations *r, struct wbuf *w) REQUIRES(scsi_device_lock)
{
	if (r->type == PERSIST_NONE)
		return;
	wb_be64(w, r->holder != NULL ? r->holder->key : 0);
	wb_zero(w, 5);
	wb_u8(w, (uint8_t)r->type); /* scope 0, the logical unit */
	wb_zero(w, 2);
}

/* Appends a TransportID (SPC-4 7.6.4.6): that of an initiator port if the name has an ISID, else that of an
 * initiator device.  Pads the name with zeros to a multiple of four bytes, 20 at least. */
static void
build_transport_id(const char *port, struct wbuf *w)
{
	enum { ISCSI = 0x05, FORMAT_PORT = 0x40, LEN_MIN = 20 };
	size_t len = (strlen(port) + 1 + 3) / 4 * 4;

	if (len < LEN_MIN)
		len = LEN_MIN;
	wb_u8(w, strstr(port, ",i,0x") != NULL ? FORMAT_PORT | ISCSI : ISCSI);
	wb_u8(w, 0);
	wb_be16(w, (uint16_t)len);
	wb_pad_str(w, port, len, 0);
}

/* Appends the full status descriptor of each registrant (SPC-4 6.15.5). */
static void
build_full_status(const struct reservations *r, struct wbuf *w) REQUIRES(scsi_device_lock)
{
	enum { HOLDER = 0x01 };
	const struct registrant *who;

	TAILQ_FOREACH(who, &r->registrants, link)
	{
		bool holds = registrant_holds(r, who);
		size_t at;

		wb_be64(w, who->key);
		wb_zero(w, 4);
		wb_u8(w, holds ? HOLDER : 0);
		wb_u8(w, holds ? (uint8_t)r->type : 0);
		wb_zero(w, 4);
		wb_be16(w, who->target_port); /* relative target port identifier */
		at = w->len;
		wb_be32(w, 0);
		build_transport_id(who->port, w);
		wb_patch_be32(w, at, (uint32_t)(w->len - at - 4));
	}
}

/* Ends the command with PRGENERATION, the length, and the data that the function `build` appends.  If the
 * unit is reserved by RESERVE, ends it with RESERVATION CONFLICT and no data.  Takes the device's lock around
 * build. */
static void
reply_in(struct scsi_task *task, void (*build)(const struct reservations *r, struct wbuf *w))
{
	struct reservations *r = reservations_of(task->lu);
	struct wbuf w;

	task_reply_begin(task, &w); /* REGISTRANTS_MAX registrations fit into SCSI_IN_MIN */
	scsi_device_enter(task->lu->device);
	if (!reserve_prevails(task, r)) {
		wb_be32(&w, r->generation);
		wb_be32(&w, 0);
		build(r, &w);
		wb_patch_be32(&w, 4, (uint32_t)(w.len - IN_HEADER_LEN));
	}
	scsi_device_leave(task->lu->device);
	task_reply_end(task, &w, get_be16(task->cdb + ALLOCATION));
}

void
spc_persist_read_keys(struct scsi_task *task)
{
	reply_in(task, build_keys);
}

void
spc_persist_read_reservation(struct scsi_task *task)
{
	reply_in(task, build_reservation);
}

void
spc_persist_read_full_status(struct scsi_task *task)
{
	reply_in(task, build_full_status);
}

void
spc_persist_report_capabilities(struct scsi_task *task)
{
	enum { LEN = 8, CRH = 0x10, PTPL_C = 0x01, TMV = 0x80, PTPL_A = 0x01 };
	struct reservations *r = reservations_of(task->lu);
	uint16_t types = 0;
	struct wbuf w;

	/* SPC-4 table 171: type 1 is bit 1 of the first byte, type 8 is bit 0 of the second. */
	for (uint8_t type = 0; type < 0x10; type++) {
		if (persist_is_type(type))
			types |= (uint16_t)(type < 8 ? 0x100 << type : 1 << (type - 8));
	}
	task_reply_begin(task, &w);
	scsi_device_enter(task->lu->device);
	if (!reserve_prevails(task, r)) {
		wb_be16(&w, LEN);
		wb_u8(&w, CRH | (task->lu->device->save != NULL ? PTPL_C : 0));
		wb_u8(&w, TMV | (r->aptpl ? PTPL_A : 0));
		wb_be16(&w, types);
		wb_zero(&w, 2);
	}
	scsi_device_leave(task->lu->device);
	task_reply_end(task, &w, get_be16(task->cdb + ALLOCATION));
}
