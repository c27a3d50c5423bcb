/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The rules of a unit that ask for faults, and the lock that guards them; drive/fault.c reads them.
 */
#ifndef CHANGER_INVENTORY_FAULT_RULE_H
#define CHANGER_INVENTORY_FAULT_RULE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "changer/err.h"
#include "changer/fault.h"

struct fault_rule {
	enum fault_verb verb;
	bool somewhere; /* only there: */
	uint32_t first, last;
	struct jb_elem elem;
	unsigned how;	   /* a row of fault.c's table */
	enum jb_err err;   /* that it makes; JB_OK: none */
	unsigned delay_ms; /* of slow ones */
	uint64_t count;	   /* 0: for ever */
	uint64_t fired;
};

struct faults {		      /* of a unit */
	pthread_mutex_t lock; /* leaf; guards the rest */
	struct fault_rule rules[FAULT_RULES_MAX];
	_Atomic unsigned n;
};

#endif
