/* SPDX-License-Identifier: GPL-2.0-or-later */
/* RESERVE and RELEASE, and which commands a reservation of another nexus forbids. */
#include "changer/scsi/reserve.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "changer/scsi/nexus.h"
#include "changer/scsi/spc.h"
#include "changer/scsi/task.h"

void
reservations_init(struct reservations *r)
{
	TAILQ_INIT(&r->registrants);
}

void
reservations_fini(struct reservations *r)
{
	struct registrant *who;

	while ((who = TAILQ_FIRST(&r->registrants)) != NULL) {
		TAILQ_REMOVE(&r->registrants, who, link);
		free(who);
	}
	r->nregistrants = 0;
	r->aptpl = false;
}

struct registrant *
registrant_new(uint64_t key, const char *port, uint16_t target_port)
{
	size_t len = strlen(port);
	struct registrant *who = calloc(1, sizeof(*who) + len + 1);

	if (who == NULL)
		return NULL;
	who->key = key;
	who->target_port = target_port;
	memcpy(who->port, port, len);
	return who;
}

void
reservations_clear(struct reservations *r)
{
	r->reserved_by = NULL;
	r->nregistrants = 0;
	reservations_set(r, PERSIST_NONE, NULL);
	reservations_fini(r);
}

struct reservations *
reservations_of(const struct scsi_lu *lu)
{
	return &lu->device->reservations[lu->lun];
}

/* Updates r->active after a change: true if there is a reservation of either kind.  False lets dispatch skip
 * the lock. */
static void
note_active(struct reservations *r) REQUIRES(scsi_device_lock)
{
	bool active = r->reserved_by != NULL || r->type != PERSIST_NONE;

	__atomic_store_n(&r->active, active, __ATOMIC_RELEASE);
}

void
reservations_set(struct reservations *r, enum persist_type type, const struct registrant *holder)
{
	r->type = type;
	r->holder = holder;
	note_active(r);
}

void
reservations_lost(struct reservations *r, const struct scsi_nexus *nexus)
{
	if (nexus == NULL || r->reserved_by == nexus)
		r->reserved_by = NULL;
	note_active(r);
}

/* ---- which commands conflict ----------------------------------------------------------------- */

bool
persist_is_type(uint8_t type)
{
	return type == PERSIST_WRITE_EXCLUSIVE || type == PERSIST_EXCLUSIVE_ACCESS ||
	       (type >= PERSIST_WRITE_EXCLUSIVE_RO && type <= PERSIST_EXCLUSIVE_ACCESS_AR);
}

bool
persist_all_hold(enum persist_type type)
{
	return type >= PERSIST_WRITE_EXCLUSIVE_AR;
}

bool
persist_all_may_pass(enum persist_type type)
{
	return type >= PERSIST_WRITE_EXCLUSIVE_RO;
}

/* Returns true for the types of "write exclusive" (1, 5 and 7), where nexuses that may not pass may read.
 * False for PERSIST_NONE. */
static bool
others_may_read(enum persist_type type)
{
	return type == PERSIST_WRITE_EXCLUSIVE || type == PERSIST_WRITE_EXCLUSIVE_RO ||
	       type == PERSIST_WRITE_EXCLUSIVE_AR;
}

/* Returns true if the registration has that name, whatever the case of its letters, and target port. */
static bool
is_of(const struct registrant *who, const char *port, uint16_t target_port)
{
	return who->target_port == target_port && strcasecmp(who->port, port) == 0;
}

bool
registrant_is(const struct registrant *who, const struct scsi_nexus *nexus)
{
	return is_of(who, nexus->port, nexus->target_port->id);
}

struct registrant *
registrant_of(const struct reservations *r, const char *port, uint16_t target_port)
{
	struct registrant *who;

	TAILQ_FOREACH(who, &r->registrants, link)
	{
		if (is_of(who, port, target_port))
			return who;
	}
	return NULL;
}

struct registrant *
registrant_find(const struct reservations *r, const struct scsi_nexus *nexus)
{
	return registrant_of(r, nexus->port, nexus->target_port->id);
}

bool
registrant_holds(const struct reservations *r, const struct registrant *who)
{
	return who != NULL && r->type != PERSIST_NONE &&
	       (persist_all_hold(r->type) || r->holder == who);
}

/* Returns true if the CDB changes nothing, although the row of its command conflicts: PREVENT ALLOW MEDIUM
 * REMOVAL that allows (SPC-4 table 65), or READ ELEMENT STATUS with CURDATA, which reports known state only
 * (SMC-3 table 5).  Such a command never conflicts. */
static bool
asks_for_no_change(const struct scsi_task *task)
{
	static const struct {
		uint8_t opcode, byte, mask, value;
	} list[] = {
		{0x1e, 4, 0x03, 0x00},
		{0xb8, 6, 0x02, 0x02},
	};

	for (size_t i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		if (task->cdb[0] == list[i].opcode)
			return (task->cdb[list[i].byte] & list[i].mask) == list[i].value;
	}
	return false;
}

/* Returns true if a RESERVE of another nexus, or a persistent reservation that the nexus' port may not pass,
 * forbids the command.  With a RESERVE, only that counts.  task->cmd must be set. */
static bool
conflicts(const struct reservations *r, const struct scsi_task *task) REQUIRES(scsi_device_lock)
{
	unsigned flags = task->cmd->flags;
	const struct registrant *who;

	if (r->reserved_by != NULL)
		return r->reserved_by != task->nexus;
	if (r->type == PERSIST_NONE || (flags & CMD_PERSIST_FREE))
		return false;
	who = registrant_find(r, task->nexus);
	if (registrant_holds(r, who) || (who != NULL && persist_all_may_pass(r->type)))
		return false;
	return !((flags & CMD_READS) && others_may_read(r->type));
}

bool
task_reserved_away(struct scsi_task *task)
{
	struct reservations *r = reservations_of(task->lu);
	bool away;

	if (!__atomic_load_n(&r->active, __ATOMIC_ACQUIRE) || asks_for_no_change(task))
		return false;
	scsi_device_enter(task->lu->device);
	away = conflicts(r, task);
	scsi_device_leave(task->lu->device);
	if (away)
		task->status = SCSI_RESERVATION_CONFLICT;
	return away;
}

/* ---- RESERVE and RELEASE, SPC-2 7.21 and 7.16 ------------------------------------------------ */

/* Returns true if the CDB reserves or releases the whole unit for its sender.  Returns false with INVALID
 * FIELD IN CDB set for extents, elements, and third parties, which are not offered. */
static bool
check_whole_unit(struct scsi_task *task)
{
	enum { EXTENT = 0x01, LONG_ID = 0x02, THIRD_PARTY = 0x10 };
	uint8_t refused =
		task->cmd->cdb_len == 6 ? EXTENT | THIRD_PARTY : EXTENT | LONG_ID | THIRD_PARTY;

	if ((task->cdb[1] & refused) == 0)
		return true;
	task_invalid_field(task, true, 1);
	return false;
}

/* Ends RESERVE and RELEASE on a unit with registrations (SPC-4 5.12.3, compatible reservation handling), and
 * returns true.  For a port that holds the persistent reservation, or may pass it as a registrant, the status
 * stays GOOD and nothing is reserved; for all others it is RESERVATION CONFLICT.  Returns false, with no
 * effect, if there are no registrations. */
static bool
persistent_prevails(struct scsi_task *task, const struct reservations *r) REQUIRES(scsi_device_lock)
{
	const struct registrant *who = registrant_find(r, task->nexus);

	if (r->nregistrants == 0)
		return false;
	if (!registrant_holds(r, who) && !(who != NULL && persist_all_may_pass(r->type)))
		task->status = SCSI_RESERVATION_CONFLICT;
	return true;
}

void
spc_reserve(struct scsi_task *task)
{
	struct reservations *r = reservations_of(task->lu);

	if (!check_whole_unit(task))
		return;
	scsi_device_enter(task->lu->device);
	if (!persistent_prevails(task, r)) {
		if (r->reserved_by != NULL && r->reserved_by != task->nexus)
			task->status = SCSI_RESERVATION_CONFLICT;
		else
			r->reserved_by = task->nexus;
		note_active(r);
	}
	scsi_device_leave(task->lu->device);
}

void
spc_release(struct scsi_task *task)
{
	struct reservations *r = reservations_of(task->lu);

	if (!check_whole_unit(task))
		return;
	scsi_device_enter(task->lu->device);
	if (!persistent_prevails(task, r))
		reservations_lost(r, task->nexus);
	scsi_device_leave(task->lu->device);
}

bool
reserve_prevails(struct scsi_task *task, const struct reservations *r)
{
	if (r->reserved_by == NULL)
		return false;
	task->status = SCSI_RESERVATION_CONFLICT;
	return true;
}
