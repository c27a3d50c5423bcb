/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Negotiation of parameters (RFC 7143 6.2), driven by param.def.
 *
 * A round of negotiation is one text request: param_offer takes each of its pairs, then
 * param_answer writes what we say to all of them.  Only then do the values hold.
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

/* What holds in a session or connection; indexed by enum param_id. */
struct params {
	uint32_t v[PARAM_COUNT];
};

void params_default(struct params *p);

enum param_phase { PHASE_SECURITY, PHASE_OPERATIONAL, PHASE_FULL };

enum param_result {
	PARAM_OK,
	PARAM_UNKNOWN,	/* is answered with NotUnderstood */
	PARAM_REPEATED, /* 6.2: an error of the initiator */
	PARAM_REFUSED,	/* is answered with Reject: illegal value, or not in this phase */
};

enum { PARAM_UNKNOWN_MAX = 16 };

struct param_round {
	struct params *params; /* borrowed */
	enum param_phase phase;
	bool discovery;		   /* a discovery session */
	bool done[PARAM_COUNT];	   /* in an earlier round of this login */
	bool offered[PARAM_COUNT]; /* in this round, as below */
	bool refused[PARAM_COUNT];
	uint32_t value[PARAM_COUNT];
	struct text_pair text[PARAM_COUNT]; /* of rule NAME: the value, into the request */
	struct text_pair unknown[PARAM_UNKNOWN_MAX];
	unsigned nunknown;
};

/* Forgets earlier rounds too. */
void param_begin(struct param_round *round, struct params *params, enum param_phase phase);
/* Before each request. */
void param_next(struct param_round *round);
enum param_result param_offer(struct param_round *round, const struct text_pair *pair);
/* Takes over the values and writes the answers; names are answered by nobody. */
void param_answer(struct param_round *round, struct text_out *out);

const char *param_name(enum param_id id);
/* What we declare or accept ourselves. */
uint32_t param_ours(enum param_id id);

#endif
