/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fault rules of a unit, and the lock that guards them.  drive/fault.c interprets them. */
#ifndef CHANGER_INVENTORY_FAULT_RULE_H
#define CHANGER_INVENTORY_FAULT_RULE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "changer/base/lock.h"
#include "changer/err.h"
#include "changer/fault.h"

struct fault_rule {
	enum fault_verb verb;
	bool somewhere;	      /* true: only at the sectors, or the element, that follow */
	uint32_t first, last; /* if somewhere: the sectors, both included */
	struct jb_elem elem;  /* if somewhere, for a rule of the robot */
	unsigned how;	      /* a row of fault.c's table */
	enum jb_err err;      /* the error that it causes; JB_OK: none */
	unsigned delay_ms;    /* for FAULT_SLOW */
	uint64_t count;	      /* how often it may have its effect; 0: always */
	uint64_t fired;	      /* counter: how often it had an effect */
};

LOCK_CLASS(faults_lock);

struct faults {		      /* of a unit */
	pthread_mutex_t lock; /* a leaf */
	struct fault_rule rules[FAULT_RULES_MAX] GUARDED_BY(faults_lock);
	_Atomic unsigned n; /* changes under the lock; without it, 0 says that there are no rules */
};

#endif
