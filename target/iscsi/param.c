/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/iscsi/param.h"

#include <stdio.h>
#include <string.h>

enum rule {
	RULE_NAME,     /* text that the caller handles and answers */
	RULE_TARGET,   /* refused: only a target may send it */
	RULE_DECLARE,  /* a number that each side declares for itself; it gets no answer */
	RULE_MIN,      /* the smaller number of both sides */
	RULE_MAX,      /* the larger number of both sides */
	RULE_OR,       /* Yes if one side says Yes */
	RULE_AND,      /* Yes if both sides say Yes */
	RULE_DIGEST,   /* the first element of the initiator's list that we support, of digests */
	RULE_TASKS,    /* as RULE_DIGEST, of reportings */
	RULE_OBSOLETE, /* answered with Reject, and the login goes on */
};

/* When the answer is Irrelevant: the last two in discovery sessions; NO_UNSOLICITED also without such data */
enum when { WHEN_NEVER, WHEN_DISCOVERY, WHEN_NO_UNSOLICITED };
/* The phases in which a key may be sent. */
enum where { WHERE_SECURITY, WHERE_LOGIN, WHERE_FULL, WHERE_ANY };

static const struct row {
	const char *name;
	enum rule rule;
	/* the columns of param.def: default, lowest, highest, ours */
	uint32_t initial, low, high, ours;
	enum when irrelevant;
	enum where where;
} rows[PARAM_COUNT] = {
#define PARAM(id, name, rule, initial, low, high, ours, when, where) \
	{name, RULE_##rule, initial, low, high, ours, WHEN_##when, WHERE_##where},
#include "target/iscsi/param.def"
#undef PARAM
};

static const char *const digests[] = {[DIGEST_NONE] = "None", [DIGEST_CRC32C] = "CRC32C", NULL};
static const char *const reportings[] = {"RFC3720", NULL}; /* 13.23 */

/* Returns the words of a key of RULE_DIGEST or RULE_TASKS, ended by NULL. */
static const char *const *
choices_of(enum rule rule)
{
	return rule == RULE_DIGEST ? digests : reportings;
}

void
params_default(struct params *p)
{
	for (int i = 0; i < PARAM_COUNT; i++)
		p->v[i] = rows[i].initial;
}

const char *
param_name(enum param_id id)
{
	return rows[id].name;
}

uint32_t
param_ours(enum param_id id)
{
	return rows[id].ours;
}

void
param_begin(struct param_round *round, struct params *params, enum param_phase phase)
{
	memset(round, 0, sizeof(*round));
	round->params = params;
	round->phase = phase;
}

void
param_next(struct param_round *round)
{
	memset(round->offered, 0, sizeof(round->offered));
	memset(round->refused, 0, sizeof(round->refused));
	round->nunknown = 0;
}

/* Returns true if the key may be sent in that phase. */
static bool
row_allowed(const struct row *row, enum param_phase phase)
{
	switch (row->where) {
	case WHERE_SECURITY:
		return phase == PHASE_SECURITY;
	case WHERE_LOGIN:
		return phase != PHASE_FULL;
	case WHERE_FULL:
		return phase == PHASE_FULL;
	case WHERE_ANY:
		break;
	}
	return true;
}

/* Stores in *value the index of the first element of the initiator's list that is among the choices.  Returns
 * false, with *value unchanged, if none is. */
static bool
choose(const char *const *choices, const struct text_pair *pair, uint32_t *value)
{
	const char *p = pair->value, *element;
	size_t left = pair->value_len, len;

	while (text_element(&p, &left, &element, &len)) {
		for (uint32_t i = 0; choices[i] != NULL; i++) {
			if (text_equal(element, len, choices[i])) {
				*value = i;
				return true;
			}
		}
	}
	return false;
}

/* Stores 1 in *value for "Yes", 0 for "No".  Returns false, with *value unchanged, for anything else. */
static bool
parse_bool(const struct text_pair *pair, uint32_t *value)
{
	if (text_equal(pair->value, pair->value_len, "Yes"))
		*value = 1;
	else if (text_equal(pair->value, pair->value_len, "No"))
		*value = 0;
	else
		return false;
	return true;
}

/* Stores a number in the range of the key in *value.  Returns false, with *value unchanged, if it is not
 * one. */
static bool
parse_number(const struct row *row, const struct text_pair *pair, uint32_t *value)
{
	uint64_t n;

	if (!text_number(pair->value, pair->value_len, &n) || n < row->low || n > row->high)
		return false;
	*value = (uint32_t)n;
	return true;
}

/* Stores in *value the result of the offered value and ours, by the rule; nothing for RULE_NAME.  Returns
 * false, with *value unchanged, if the offer is refused: its value is not valid, or the rule refuses every
 * offer. */
static bool
combine(const struct row *row, const struct text_pair *pair, uint32_t *value)
{
	uint32_t theirs;

	switch (row->rule) {
	case RULE_NAME:
		return true;
	case RULE_DECLARE:
		return parse_number(row, pair, value);
	case RULE_MIN:
	case RULE_MAX:
		if (!parse_number(row, pair, &theirs))
			return false;
		*value = (theirs < row->ours) == (row->rule == RULE_MIN) ? theirs : row->ours;
		return true;
	case RULE_OR:
	case RULE_AND:
		if (!parse_bool(pair, &theirs))
			return false;
		*value = row->rule == RULE_OR ? theirs | row->ours : theirs & row->ours;
		return true;
	case RULE_DIGEST:
	case RULE_TASKS:
		return choose(choices_of(row->rule), pair, value);
	case RULE_TARGET:
	case RULE_OBSOLETE:
		break;
	}
	return false;
}

/* Keeps a key that is not in the table, for the answer NotUnderstood.  Returns PARAM_UNKNOWN; or
 * PARAM_REPEATED, and drops it, if there are PARAM_UNKNOWN_MAX already. */
static enum param_result
offer_unknown(struct param_round *round, const struct text_pair *pair)
{
	if (round->nunknown == PARAM_UNKNOWN_MAX)
		return PARAM_REPEATED;
	round->unknown[round->nunknown++] = *pair;
	return PARAM_UNKNOWN;
}

enum param_result
param_offer(struct param_round *round, const struct text_pair *pair)
{
	const struct row *row;
	int id = 0;

	while (id < PARAM_COUNT && !text_equal(pair->key, pair->key_len, rows[id].name))
		id++;
	if (id == PARAM_COUNT)
		return offer_unknown(round, pair);
	row = &rows[id];
	if (round->done[id] || round->offered[id])
		return PARAM_REPEATED;
	round->offered[id] = true;
	round->text[id] = *pair;
	round->refused[id] =
		!row_allowed(row, round->phase) || !combine(row, pair, &round->value[id]);
	return round->refused[id] && row->rule != RULE_OBSOLETE ? PARAM_REFUSED : PARAM_OK;
}

/* Returns true if the key has no meaning in this session; the answer is then Irrelevant, and the value does
 * not change.  Depends on values that are in force already. */
static bool
is_irrelevant(const struct param_round *round, const struct row *row)
{
	const uint32_t *v = round->params->v;

	if (row->irrelevant == WHEN_NEVER)
		return false;
	if (round->discovery)
		return true;
	return row->irrelevant == WHEN_NO_UNSOLICITED && v[PARAM_InitialR2T] != 0 &&
	       v[PARAM_ImmediateData] == 0;
}

/* Appends the key with its value as the rule prints it: Yes or No, a word, or a number. */
static void
answer_value(const struct row *row, uint32_t value, struct text_out *out)
{
	char number[16];

	if (row->rule == RULE_OR || row->rule == RULE_AND) {
		text_add_key(out, row->name, value != 0 ? "Yes" : "No");
	} else if (row->rule == RULE_DIGEST || row->rule == RULE_TASKS) {
		text_add_key(out, row->name, choices_of(row->rule)[value]);
	} else {
		snprintf(number, sizeof(number), "%u", value);
		text_add_key(out, row->name, number);
	}
}

/* Puts the offered value of the key `id` into force, and appends the answer to it.  A refused or irrelevant
 * one only gets its answer; RULE_NAME gets neither, RULE_DECLARE no answer.  Cuts FirstBurstLength to
 * MaxBurstLength. */
static void
answer_row(struct param_round *round, int id, struct text_out *out)
{
	const struct row *row = &rows[id];
	uint32_t value = round->value[id];

	if (round->refused[id]) {
		text_add_key(out, row->name, "Reject");
		return;
	}
	if (row->rule == RULE_NAME)
		return;
	if (is_irrelevant(round, row)) {
		text_add_key(out, row->name, "Irrelevant");
		return;
	}
	/* 13.14: FirstBurstLength must not exceed MaxBurstLength. */
	if (id == PARAM_FirstBurstLength && value > round->params->v[PARAM_MaxBurstLength])
		value = round->params->v[PARAM_MaxBurstLength];
	round->params->v[id] = value;
	if (row->rule != RULE_DECLARE)
		answer_value(row, value, out);
}

void
param_answer(struct param_round *round, struct text_out *out)
{
	for (int id = 0; id < PARAM_COUNT; id++) {
		if (!round->offered[id])
			continue;
		answer_row(round, id, out);
		round->done[id] = round->phase != PHASE_FULL;
	}
	for (unsigned i = 0; i < round->nunknown; i++)
		text_add(out, round->unknown[i].key, round->unknown[i].key_len, "NotUnderstood");
}
