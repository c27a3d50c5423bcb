/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * EXCHANGE MEDIUM (SMC-3 6.4): three moves by way of the picker.  All elements are reserved, and both discs
 * are claimed, before the first move.
 */
#include "changer/base/log.h"
#include "changer/inventory/model.h"
#include "changer/robot/robot.h"

/* An exchange of discs: that of `source` goes to `first`, that of `first` goes to `second`. */
struct exchange {
	struct element *source, *first, *second, *picker; /* NULL: there is no such element */
	struct item *coming, *going; /* the discs of source and first; NULL: not claimed */
	const char *initiator;	     /* its name, for events */
	bool unsure;		     /* a move was made, but it is not durable */
};

/* Returns true if all four elements exist and differ.  Only second and source may be the same.  Takes no
 * lock. */
static bool
is_exchange(const struct exchange *x)
{
	return x->source != NULL && x->first != NULL && x->second != NULL && x->picker != NULL &&
	       x->source != x->first && x->first != x->second && x->source != x->picker &&
	       x->first != x->picker && x->second != x->picker;
}

/* Checks the doors of mail slots.  Returns JB_MAILSLOT_OPEN if source, first or second is a mail slot
 * that is open to the operator, else JB_OK. */
static enum jb_err
admit_robot(const struct exchange *x)
{
	const struct element *ends[] = {x->source, x->first, x->second};
	enum jb_err err = JB_OK;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]) && err == JB_OK; i++)
		err = element_admits_robot(ends[i], JB_BY_INITIATOR);
	return err;
}

/* Checks that the discs of the exchange, which are claimed, can be moved.  Returns an error of
 * admit_robot; JB_ELEMENT_RESERVED if another move uses one of the elements; JB_ELEMENT_FULL if the
 * picker or `second` has a disc, or a cartridge that cannot be read stays where another one is to
 * come; JB_NO_ELEMENT if `second` was removed.  Changes nothing. */
static enum jb_err
admit_exchange(struct exchange *x) REQUIRES(jb_lock)
{
	enum jb_err err = admit_robot(x);

	if (err == JB_OK)
		err = element_admits(x->picker);
	if (err == JB_OK && (element_has_unreadable(x->first) || element_has_unreadable(x->source)))
		err = JB_ELEMENT_FULL;
	if (err == JB_OK && x->first->reserved)
		err = JB_ELEMENT_RESERVED;
	if (err == JB_OK && x->second != x->source)
		err = element_admits(x->second);
	return err == JB_OK && x->source->reserved ? JB_ELEMENT_RESERVED : err;
}

/* Reserves the picker, source, first and second (on is true), or ends their reservations (false).  Wakes
 * nobody. */
static void
set_reserved(struct exchange *x, bool on) REQUIRES(jb_lock)
{
	x->picker->reserved = x->source->reserved = x->first->reserved = x->second->reserved = on;
}

/* Claims both discs and reserves all elements.  Waits up to CLOSING_WAIT_MS for programs that are closing
 * the files, and for the claims.  On an error, which is one of admit_exchange or robot_claim_disc,
 * nothing is claimed or reserved.  In both cases the caller drops the references in x->coming and
 * x->going that are not NULL.  May release the lock for a time. */
static enum jb_err
reserve_exchange(struct jukebox *jb, struct exchange *x) REQUIRES(jb_lock)
{
	struct timespec deadline = jb_deadline(CLOSING_WAIT_MS);
	enum jb_err err = admit_robot(x);

	if (err == JB_OK)
		err = robot_claim_disc(jb, x->source, NULL, &deadline, &x->coming);
	if (err == JB_OK)
		err = robot_claim_disc(jb, x->first, NULL, &deadline, &x->going);
	if (err == JB_OK)
		err = admit_exchange(x);
	if (err == JB_OK) {
		set_reserved(x, true);
		return JB_OK;
	}
	if (x->going != NULL)
		item_unclaim(x->going);
	if (x->coming != NULL)
		item_unclaim(x->coming);
	return err;
}

/* Makes one of the three moves: of the item from `from` to `to`.  If the move fails, logs that, raises the
 * event `error` and returns the error of robot_carry_out.  If it is made, but is not durable, sets x->unsure
 * and returns JB_OK: item_move has reported it.  The robot's strand must be held. */
static enum jb_err
exchange_step(struct exchange *x, struct item *it, struct element *from, struct element *to)
{
	struct jb_job job = {
		.item = it, .from = from, .to = to, .name = it->name, .initiator = x->initiator};
	enum jb_err err = robot_carry_out(&job, JB_BY_INITIATOR);
	char a[32], b[32];

	if (err == JB_NOT_DURABLE) {
		x->unsure = true;
		return JB_OK;
	}
	if (err != JB_OK) {
		log_err("robot", "exchange: %s stays in %s instead of %s: %s", it->name,
			jb_elem_str(from->at, a), jb_elem_str(to->at, b), jb_err_text(err));
		event_error(it, err, x->initiator);
	}
	return err;
}

enum jb_err
jb_exchange(struct jukebox *jb, struct jb_elem source, struct jb_elem first, struct jb_elem second,
	const char *initiator)
{
	struct exchange x = {
		.source = element_find(jb, source),
		.first = element_find(jb, first),
		.second = element_find(jb, second),
		.picker = element_find(jb, (struct jb_elem){JB_PICKER, 0}),
		.initiator = initiator,
	};
	enum jb_err err;

	if (!is_exchange(&x))
		return JB_NO_ELEMENT;
	jb->look_again(jb);
	jb_enter(jb);
	err = reserve_exchange(jb, &x);
	jb_leave(jb);
	if (err == JB_OK) {
		err = exchange_step(&x, x.going, x.first, x.picker);
		if (err == JB_OK)
			err = exchange_step(&x, x.coming, x.source, x.first);
		if (err == JB_OK)
			err = exchange_step(&x, x.going, x.picker, x.second);
		if (err == JB_OK && x.unsure)
			err = JB_NOT_DURABLE;
		jb_enter(jb);
		set_reserved(&x, false);
		import_queue_freed(x.source);
		import_queue_freed(x.first);
		import_queue_freed(x.second);
		item_unclaim(x.going);
		item_unclaim(x.coming);
		jb_leave(jb);
	}
	if (x.going != NULL)
		item_unref(x.going);
	if (x.coming != NULL)
		item_unref(x.coming);
	return err;
}
