/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Negotiation of parameters (RFC 7143 6.2), driven by param.def.
 *
 * One text request is one round of negotiation.  Call param_next before the request, param_offer for each of
 * its pairs, then param_answer, which puts the values into force and writes our answers.
 */
#ifndef TARGET_ISCSI_PARAM_H
#define TARGET_ISCSI_PARAM_H

#include "target/iscsi/text.h"

enum param_id {
#define PARAM(id, ...) PARAM_##id,
#include "target/iscsi/param.def"
#undef PARAM
	PARAM_COUNT
};

enum { DIGEST_NONE = 0, DIGEST_CRC32C = 1 };

/* The values in force in a session, indexed by enum param_id. */
struct params {
	uint32_t v[PARAM_COUNT];
};

/* Sets all parameters to the column "default" of param.def: the values in force before a negotiation. */
void params_default(struct params *p);

enum param_phase { PHASE_SECURITY, PHASE_OPERATIONAL, PHASE_FULL };

enum param_result {
	PARAM_OK,
	PARAM_UNKNOWN, /* the key is not known; the answer is NotUnderstood */
	/* the key came before (6.2: an error), or there are too many unknown keys; it is dropped */
	PARAM_REPEATED,
	/* the value is not valid, or the key not allowed now; the answer is Reject */
	PARAM_REFUSED,
};

enum { PARAM_UNKNOWN_MAX = 16 };

/* A negotiation, and its present round. */
struct param_round {
	struct params *params; /* borrowed */
	enum param_phase phase;
	bool discovery; /* true: a discovery session; the caller sets it */
	/* true: the key was offered in an earlier round of this login */
	bool done[PARAM_COUNT];
	/* true: the key was offered in this round; the next three are then valid */
	bool offered[PARAM_COUNT];
	bool refused[PARAM_COUNT];	    /* true: the answer is Reject */
	uint32_t value[PARAM_COUNT];	    /* the result of the offer, if it is not refused */
	struct text_pair text[PARAM_COUNT]; /* the pair itself; it points into the request */
	struct text_pair unknown[PARAM_UNKNOWN_MAX]; /* keys of this round that are not known */
	unsigned nunknown;
};

/* Begins a negotiation: clears *round, earlier rounds included, and lets it change *params. */
void param_begin(struct param_round *round, struct params *params, enum param_phase phase);
/* Begins the next round: forgets the offers of the last one, but not that they were made. */
void param_next(struct param_round *round);
/* Takes a pair of the request, which must stay in memory until param_answer, and computes the result of the
 * offer.  Changes no parameter yet.  Returns what enum param_result says about its key and value. */
enum param_result param_offer(struct param_round *round, const struct text_pair *pair);
/* Puts the offered values into force, and appends the answers in the order of param.def; Reject, Irrelevant
 * and NotUnderstood put nothing into force.  Keys of rule NAME and DECLARE get no answer here, unless it is
 * Reject.  Sets out->overflow if the answers do not fit. */
void param_answer(struct param_round *round, struct text_out *out);

/* Returns the name of a key, such as "MaxBurstLength". */
const char *param_name(enum param_id id);
/* Returns our own value of a key: the column "ours" in param.def, 0 where that means nothing. */
uint32_t param_ours(enum param_id id);

#endif
