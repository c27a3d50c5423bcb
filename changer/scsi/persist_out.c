/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PERSISTENT RESERVE OUT (SPC-4 6.16): registers, reserves, releases and preempts. */
#include <assert.h>
#include <stdlib.h>

#include "changer/base/be.h"
#include "changer/scsi/nexus.h"
#include "changer/scsi/reserve.h"
#include "changer/scsi/sense.h"
#include "changer/scsi/spc.h"
#include "changer/scsi/task.h"

enum {
	PARAMETERS_LEN = 24,
	SPEC_I_PT = 0x08,
	ALL_TG_PT = 0x04,
	APTPL = 0x01,

	/* ASCQs of ASC 2Ah */
	RESERVATIONS_PREEMPTED = 0x03,
	RESERVATIONS_RELEASED = 0x04,
	REGISTRATIONS_PREEMPTED = 0x05,
};

/* A PERSISTENT RESERVE OUT that is running. */
struct change {
	struct scsi_task *task;	 /* the command; NULL: a target port gives the unit up */
	struct scsi_lu *lu;	 /* the unit */
	struct reservations *r;	 /* those of its unit */
	struct registrant *self; /* registration of the sender's port; NULL: none */
	/* reservation key and service action key of the parameter list */
	uint64_t key, service_key;
	uint8_t scope, type; /* from the CDB */
	/* aptpl: at first the bit of the list; from begin_change on true if the result must be stored.
	 * was_aptpl: r->aptpl before the change */
	bool aptpl, was_aptpl;
	/* the text before the change, if the result must be stored, else NULL; end_change frees it */
	char *before;
	size_t before_size; /* bytes of before, without its NUL */
};

/* Sets out_want, checks what all service actions have in common, and fills in *out from the CDB and the list,
 * with self NULL.  registers is true for the two forms of REGISTER.  Returns false, with *out untouched and
 * sense set: PARAMETER LIST LENGTH ERROR if the list has not 24 bytes; INVALID FIELD IN PARAMETER LIST for
 * SPEC_I_PT, and with registers for ALL_TG_PT and for APTPL if the device stores nothing. */
static bool
take_parameters(struct scsi_task *task, bool registers, struct change *out)
{
	uint32_t len = get_be32(task->cdb + 5);
	uint8_t flags;

	task->out_want = len;
	if (len != PARAMETERS_LEN || task->out_len < len) {
		task_sense(task, KEY_ILLEGAL_REQUEST, ASC_LIST_LENGTH, 0);
		return false;
	}
	flags = task->out[20];
	if ((flags & SPEC_I_PT) || (registers && (flags & ALL_TG_PT)) ||
		(registers && (flags & APTPL) && task->lu->device->save == NULL)) {
		task_invalid_field(task, false, 20);
		return false;
	}
	*out = (struct change){
		.task = task,
		.lu = task->lu,
		.r = reservations_of(task->lu),
		.key = get_be64(task->out),
		.service_key = get_be64(task->out + 8),
		.scope = task->cdb[2] >> 4,
		.type = task->cdb[2] & 0x0f,
		.aptpl = registers && (flags & APTPL),
	};
	return true;
}

/* Ends the command with the status RESERVATION CONFLICT. */
static void
set_conflict(struct change *c)
{
	c->task->status = SCSI_RESERVATION_CONFLICT;
}

/* Ends the command with INVALID FIELD IN PARAMETER LIST, which points to the service action key (byte 8). */
static void
set_invalid_key(struct change *c)
{
	task_invalid_field(c->task, false, 8);
}

/* Returns the next nexus after `nexus`, or the first one if that is NULL, whose port is the registrant's.
 * Returns NULL after the last one. */
static struct scsi_nexus *
next_nexus(struct change *c, struct scsi_nexus *nexus, const struct registrant *who)
	REQUIRES(scsi_device_lock)
{
	nexus = nexus == NULL ? TAILQ_FIRST(&c->lu->device->nexuses) : TAILQ_NEXT(nexus, link);
	while (nexus != NULL && !registrant_is(who, nexus))
		nexus = TAILQ_NEXT(nexus, link);
	return nexus;
}

/* Queues the unit attention 2Ah/ASCQ of the unit for all nexuses whose port is the registrant's. */
static void
queue_ua_for_registrant(struct change *c, const struct registrant *who, uint8_t ascq)
	REQUIRES(scsi_device_lock)
{
	struct scsi_nexus *nexus = NULL;

	while ((nexus = next_nexus(c, nexus, who)) != NULL) {
		struct scsi_itl *itl = scsi_nexus_itl(nexus, c->lu->lun);

		if (itl != NULL)
			itl_ua(itl, ASC_MODE_CHANGED, ascq);
	}
}

/* Queues the unit attention 2Ah/ASCQ of the unit for all registrants except c->self. */
static void
queue_ua_for_others(struct change *c, uint8_t ascq) REQUIRES(scsi_device_lock)
{
	const struct registrant *who;

	TAILQ_FOREACH(who, &c->r->registrants, link)
	{
		if (who != c->self)
			queue_ua_for_registrant(c, who, ascq);
	}
}

/* Ends the persistent reservation.  If its type was 5 to 8, queues 2Ah/04h for all registrants but the sender
 * (SPC-4 5.12.11.2.2).  PRGENERATION stays. */
static void
end_reservation(struct change *c) REQUIRES(scsi_device_lock)
{
	enum persist_type type = c->r->type;

	reservations_set(c->r, PERSIST_NONE, NULL);
	if (persist_all_may_pass(type))
		queue_ua_for_others(c, RESERVATIONS_RELEASED);
}

/* Takes the registration off the list and frees it.  Sets c->self to NULL if it was that one.  Leaves the
 * reservation, so who must not be r->holder any more. */
static void
remove_registrant(struct change *c, struct registrant *who) REQUIRES(scsi_device_lock)
{
	TAILQ_REMOVE(&c->r->registrants, who, link);
	c->r->nregistrants--;
	if (c->self == who)
		c->self = NULL;
	free(who);
}

/* Registers the sender's port with the service action key, and counts PRGENERATION up.  If REGISTRANTS_MAX
 * are registered or memory is missing, sets the sense INSUFFICIENT REGISTRATION RESOURCES and adds nothing.
 * Leaves c->self NULL. */
static void
add_self(struct change *c) REQUIRES(scsi_device_lock)
{
	struct registrant *who = NULL;

	if (c->r->nregistrants < REGISTRANTS_MAX)
		who = registrant_new(
			c->service_key, c->task->nexus->port, c->task->nexus->target_port->id);
	if (who == NULL) { /* INSUFFICIENT REGISTRATION RESOURCES */
		task_sense(c->task, KEY_ILLEGAL_REQUEST, 0x55, 0x04);
		return;
	}
	TAILQ_INSERT_TAIL(&c->r->registrants, who, link);
	c->r->nregistrants++;
	c->r->generation++;
}

/* Removes the registration c->self, and counts PRGENERATION up.  If it was the only holder, ends the
 * reservation first (SPC-4 5.12.11.2.3), with a unit attention as in end_reservation. */
static void
remove_self(struct change *c) REQUIRES(scsi_device_lock)
{
	bool holds = registrant_holds(c->r, c->self);

	if (holds && (!persist_all_hold(c->r->type) || c->r->nregistrants == 1))
		end_reservation(c);
	remove_registrant(c, c->self);
	c->r->generation++;
}

/* Registers the sender's port, changes its key, or removes its registration if the service action key is 0
 * (SPC-4 5.12.7, table 62 and table 63).  Each counts PRGENERATION up.  Does nothing for key 0 of a port that
 * is not registered.  Sets sense as add_self does. */
static void
do_register(struct change *c) REQUIRES(scsi_device_lock)
{
	if (c->self == NULL) {
		if (c->service_key != 0)
			add_self(c);
	} else if (c->service_key == 0) {
		remove_self(c);
	} else {
		c->self->key = c->service_key;
		c->r->generation++;
	}
}

/* Does the service action RESERVE for a registered port: makes the reservation if there is none.  GOOD
 * without effect if the port holds one of the same type; else RESERVATION CONFLICT.  The caller has checked
 * the type. */
static void
do_reserve(struct change *c) REQUIRES(scsi_device_lock)
{
	bool all = persist_all_hold(c->type);

	if (c->r->type == PERSIST_NONE)
		reservations_set(c->r, c->type, all ? NULL : c->self);
	else if (!registrant_holds(c->r, c->self) || c->r->type != c->type)
		set_conflict(c);
}

/* Does the service action RELEASE.  Does nothing if the port does not hold the reservation.  Ends it as
 * end_reservation does; but if the scope or the type in the CDB is another one, sets the sense INVALID
 * RELEASE OF PERSISTENT RESERVATION. */
static void
do_release(struct change *c) REQUIRES(scsi_device_lock)
{
	if (!registrant_holds(c->r, c->self))
		return;
	if (c->scope != 0 || c->r->type != c->type) /* INVALID RELEASE OF PERSISTENT RESERVATION */
		task_sense(c->task, KEY_ILLEGAL_REQUEST, ASC_INVALID_IN_LIST, 0x04);
	else
		end_reservation(c);
}

/* Does the service action CLEAR: queues 2Ah/03h for the other registrants, ends the reservation, removes all
 * registrations, also that of the sender, and counts PRGENERATION up. */
static void
do_clear(struct change *c) REQUIRES(scsi_device_lock)
{
	struct registrant *who;

	queue_ua_for_others(c, RESERVATIONS_PREEMPTED);
	reservations_set(c->r, PERSIST_NONE, NULL);
	while ((who = TAILQ_FIRST(&c->r->registrants)) != NULL)
		remove_registrant(c, who);
	c->r->generation++;
}

/* ---- PREEMPT, SPC-4 5.12.11.3 ------------------------------------------------------------------ */

/* Ends the tasks that the nexuses of the port have in the unit: counts up itl->aborts, so that those that
 * have not begun end with TASK ABORTED.  Calls nexus_lost, so that the unit drops what these nexuses hold
 * (SPC-4 5.12.11.5). */
static void
abort_tasks(struct change *c, const struct registrant *who) REQUIRES(scsi_device_lock)
{
	struct scsi_lu *lu = c->lu;
	struct scsi_nexus *nexus = NULL;

	while ((nexus = next_nexus(c, nexus, who)) != NULL) {
		struct scsi_itl *itl = scsi_nexus_itl(nexus, lu->lun);

		if (itl == NULL)
			continue;
		__atomic_add_fetch(&itl->aborts, 1, __ATOMIC_RELEASE);
		if (lu->type->nexus_lost != NULL)
			lu->type->nexus_lost(lu, itl);
	}
}

/* Removes the registrations of all ports (all is true), or of those with the service action key (false), but
 * never that of the sender.  For each one: queues 2Ah/05h; if aborts is true, ends the port's tasks; sets
 * r->holder to NULL if it was the holder.  Returns how many registrations were meant, that of the sender
 * included; 0 if no port has the key. */
static unsigned
preempt_registrants(struct change *c, bool all, bool aborts) REQUIRES(scsi_device_lock)
{
	struct registrant *who, *next;
	unsigned n = 0;

	for (who = TAILQ_FIRST(&c->r->registrants); who != NULL; who = next) {
		next = TAILQ_NEXT(who, link);
		if (!all && who->key != c->service_key)
			continue;
		n++;
		if (who == c->self)
			continue;
		queue_ua_for_registrant(c, who, REGISTRATIONS_PREEMPTED);
		if (aborts)
			abort_tasks(c, who);
		if (c->r->holder == who)
			c->r->holder = NULL;
		remove_registrant(c, who);
	}
	return n;
}

/* Does PREEMPT, or PREEMPT AND ABORT if aborts is true: removes the registrations with the service action
 * key; all, if that is 0 and all registrants hold the reservation.  If a port with that key held the
 * reservation, or all are removed, the sender's port gets one of the type in the CDB, and other registrants
 * 2Ah/04h if the type is new.  Counts PRGENERATION up.  Changes nothing if the key is 0 without such a
 * reservation (INVALID FIELD IN PARAMETER LIST), scope or type is not valid for the new reservation (INVALID
 * FIELD IN CDB), or no port has the key (RESERVATION CONFLICT). */
static void
preempt(struct change *c, bool aborts) REQUIRES(scsi_device_lock)
{
	struct reservations *r = c->r;
	enum persist_type before = r->type;
	bool all = persist_all_hold(before) && c->service_key == 0;
	bool takes_over = all || (r->holder != NULL && r->holder->key == c->service_key);

	if (c->service_key == 0 && !all) {
		set_invalid_key(c);
		return;
	}
	if (takes_over && (c->scope != 0 || !persist_is_type(c->type))) {
		task_invalid_field(c->task, true, 2);
		return;
	}
	if (preempt_registrants(c, all, aborts) == 0 && !all) {
		set_conflict(c); /* no port has that key */
		return;
	}
	r->generation++;
	if (!takes_over)
		return;
	reservations_set(r, c->type, persist_all_hold(c->type) ? NULL : c->self);
	/* SPC-4 5.12.11.4: the other registrants learn that the old reservation has ended */
	if (before != r->type)
		queue_ua_for_others(c, RESERVATIONS_RELEASED);
}

/* Does the service action PREEMPT. */
static void
do_preempt(struct change *c) REQUIRES(scsi_device_lock)
{
	preempt(c, false);
}

/* Does the service action PREEMPT AND ABORT. */
static void
do_preempt_and_abort(struct change *c) REQUIRES(scsi_device_lock)
{
	preempt(c, true);
}

/* ---- a target port gives a unit up ----------------------------------------------------------- */

bool
persist_forget_target_port(struct scsi_lu *lu, uint16_t target_port)
{
	struct change c = {.lu = lu, .r = reservations_of(lu)};
	struct registrant *who, *next;
	bool any = false;

	for (who = TAILQ_FIRST(&c.r->registrants); who != NULL; who = next) {
		next = TAILQ_NEXT(who, link);
		if (who->target_port != target_port)
			continue;
		c.self = who;
		remove_self(&c);
		any = true;
	}
	return any && c.r->aptpl;
}

void
persist_store(struct scsi_lu *lu)
{
	struct scsi_device *dev = lu->device;
	size_t size = 0;
	char *text;

	assert(strand_is_mine(lu->strand));
	scsi_device_enter(dev);
	text = reservations_text(reservations_of(lu), &size);
	scsi_device_leave(dev);
	if (text != NULL)
		(void)dev->save(dev->save_arg, lu->lun, text, size);
	free(text);
}

/* ---- service actions ---------------------------------------------------------------------------- */

/* Prepares a change.  If APTPL is on before or after it, the result must be stored: saves the present text in
 * c->before, so that end_change can undo the change.  Returns true if the change may be made; false if the
 * command runs again on the strand's thread because this one may not block, or, with sense set, if memory is
 * missing.  Takes the device's lock.  No registration changes between this and end_change, because only the
 * thread with the unit's strand changes them. */
static bool
begin_change(struct change *c)
{
	struct scsi_device *dev = c->lu->device;

	scsi_device_enter(dev);
	c->was_aptpl = c->r->aptpl;
	c->aptpl = c->aptpl || c->was_aptpl;
	if (c->aptpl && c->task->may_block)
		c->before = reservations_text(c->r, &c->before_size);
	scsi_device_leave(dev);
	if (!c->aptpl)
		return true;
	if (!c->task->may_block)
		task_would_block(c->task);
	else if (c->before == NULL) /* INSUFFICIENT REGISTRATION RESOURCES */
		task_sense(c->task, KEY_ILLEGAL_REQUEST, 0x55, 0x04);
	return c->before != NULL;
}

/* Ends what begin_change began.  If the result must be stored and the status is GOOD, stores the text, or an
 * empty one if APTPL is off now; this blocks, with the strand and no lock held.  If that fails, restores
 * keys, reservation and APTPL (but not PRGENERATION and unit attentions), and sets the sense INTERNAL TARGET
 * FAILURE.  Frees c->before. */
static void
end_change(struct change *c)
{
	struct scsi_device *dev = c->lu->device;
	size_t size = 0;
	char *text = NULL;

	if (c->aptpl && c->task->status == SCSI_GOOD) {
		scsi_device_enter(dev);
		text = reservations_text(c->r, &size);
		if (!c->r->aptpl)
			size = 0;
		scsi_device_leave(dev);
		if (text == NULL || !dev->save(dev->save_arg, c->lu->lun, text, size)) {
			scsi_device_enter(dev);
			(void)reservations_take(c->r, c->before, c->before_size);
			c->r->aptpl = c->was_aptpl;
			scsi_device_leave(dev);
			task_sense(c->task, KEY_HARDWARE_ERROR, 0x44, 0x00);
		}
	}
	free(text);
	free(c->before);
}

/* Carries out a service action that only a registered port may send, by calling `change` with the device's
 * lock held.  RESERVATION CONFLICT if the unit is reserved by RESERVE, or the port is not registered with the
 * reservation key of the list.  Stores the result if APTPL is on. */
static void
change_registered(struct scsi_task *task, void (*change)(struct change *c))
{
	struct change c;

	if (!take_parameters(task, false, &c) || !begin_change(&c))
		return;
	scsi_device_enter(task->lu->device);
	c.self = registrant_find(c.r, task->nexus);
	if (!reserve_prevails(task, c.r)) {
		if (c.self == NULL || c.self->key != c.key)
			set_conflict(&c);
		else
			change(&c);
	}
	scsi_device_leave(task->lu->device);
	end_change(&c);
}

/* Carries out REGISTER, or REGISTER AND IGNORE EXISTING KEY if ignore is true.  RESERVATION CONFLICT if the
 * unit is reserved by RESERVE, or (without ignore) the reservation key is not the port's present key, 0 if it
 * has none.  After success, the bit APTPL of the list decides whether all registrations of the unit survive a
 * restart (SPC-4 5.12.5).  Stores the result if that bit is or was on. */
static void
change_registration(struct scsi_task *task, bool ignore)
{
	struct change c;
	bool wants, was_registered;

	if (!take_parameters(task, true, &c))
		return;
	wants = c.aptpl;
	if (!begin_change(&c))
		return;
	scsi_device_enter(task->lu->device);
	c.self = registrant_find(c.r, task->nexus);
	was_registered = c.self != NULL;
	if (!reserve_prevails(task, c.r)) {
		if (!ignore && c.key != (c.self != NULL ? c.self->key : 0))
			set_conflict(&c);
		else
			do_register(&c);
		/* A port that is not registered and does not register changes nothing (SPC-4 table 62). */
		if (task->status == SCSI_GOOD && (was_registered || c.service_key != 0))
			c.r->aptpl = wants;
	}
	scsi_device_leave(task->lu->device);
	end_change(&c);
}

void
spc_persist_register(struct scsi_task *task)
{
	change_registration(task, false);
}

void
spc_persist_register_and_ignore(struct scsi_task *task)
{
	change_registration(task, true);
}

void
spc_persist_reserve(struct scsi_task *task)
{
	if (task->cdb[2] >> 4 != 0 || !persist_is_type(task->cdb[2] & 0x0f))
		task_invalid_field(task, true, 2);
	else
		change_registered(task, do_reserve);
}

void
spc_persist_release(struct scsi_task *task)
{
	change_registered(task, do_release);
}

void
spc_persist_clear(struct scsi_task *task)
{
	change_registered(task, do_clear);
}

void
spc_persist_preempt(struct scsi_task *task)
{
	change_registered(task, do_preempt);
}

void
spc_persist_preempt_and_abort(struct scsi_task *task)
{
	change_registered(task, do_preempt_and_abort);
}
