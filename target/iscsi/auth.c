/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/iscsi/auth.h"

#include <stdio.h>
#include <string.h>

/* Returns true if the policy wants CHAP for this login; false if it does not, or there is no policy.  Asks
 * the policy each time. */
static bool
wants_chap(const struct auth *a)
{
	return a->access != NULL && a->access->wants_chap(a->access->arg, a->discovery);
}

/* Returns true if the request has a key of the steps of CHAP: CHAP_A, _I, _C, _N or _R. */
static bool
has_chap_key(const struct param_round *round)
{
	return round->offered[PARAM_CHAP_A] || round->offered[PARAM_CHAP_I] ||
	       round->offered[PARAM_CHAP_C] || round->offered[PARAM_CHAP_N] ||
	       round->offered[PARAM_CHAP_R];
}

/* Returns true if the method is in the initiator's list. */
static bool
names(const struct text_pair *pair, const char *method)
{
	const char *p = pair->value, *element;
	size_t left = pair->value_len, len;

	while (text_element(&p, &left, &element, &len))
		if (text_equal(element, len, method))
			return true;
	return false;
}

/* ---- the method ----------------------------------------------------------------------------- */

/* Answers AuthMethod in the state CHOOSE.  Only one method is accepted: CHAP if the policy wants it, else
 * None.  With None, sent or not, the stage is complete; with CHAP the next state is ALGORITHM; if CHAP is
 * wanted and AuthMethod was not sent, the state stays.  Returns false, with *why, if a key of CHAP came too
 * early, or the method is not in the list. */
static bool
choose_method(
	struct auth *a, const struct param_round *round, struct text_out *out, const char **why)
{
	const char *method = wants_chap(a) ? "CHAP" : "None";

	if (has_chap_key(round)) {
		*why = "CHAP before it was agreed on";
		return false;
	}
	if (round->offered[PARAM_AuthMethod]) {
		if (!names(&round->text[PARAM_AuthMethod], method)) {
			*why = "no common AuthMethod";
			return false;
		}
		text_add_key(out, "AuthMethod", method);
	}
	if (strcmp(method, "None") == 0)
		a->state = AUTH_THROUGH;
	else if (round->offered[PARAM_AuthMethod])
		a->state = AUTH_ALGORITHM;
	return true;
}

/* ---- our challenge -------------------------------------------------------------------------- */

/* Returns the first algorithm in the initiator's list that is supported (12.1.3); 0 if none is. */
static uint64_t
choose_algorithm(const struct text_pair *pair)
{
	const char *p = pair->value, *element;
	size_t left = pair->value_len, len;
	uint64_t number;

	while (text_element(&p, &left, &element, &len))
		if (text_number(element, len, &number) && chap_length(number) != 0)
			return number;
	return 0;
}

/* Takes CHAP_A in the state ALGORITHM, answers with the algorithm, an identifier and a new random challenge,
 * and goes on to the state RESPONSE.  Returns false, with *why, if the request has another key of CHAP or no
 * CHAP_A, no algorithm is supported, or there are no random numbers. */
static bool
challenge(struct auth *a, const struct param_round *round, struct text_out *out, const char **why)
{
	char number[16], text[CHAP_HEX_MAX];
	size_t n;

	*why = "it did not send CHAP_A and nothing else";
	if (!round->offered[PARAM_CHAP_A] || round->offered[PARAM_CHAP_I] ||
		round->offered[PARAM_CHAP_C] || round->offered[PARAM_CHAP_N] ||
		round->offered[PARAM_CHAP_R])
		return false;
	*why = "no common CHAP algorithm";
	a->algorithm = choose_algorithm(&round->text[PARAM_CHAP_A]);
	if (a->algorithm == 0)
		return false;
	*why = "no random numbers";
	n = chap_length(a->algorithm);
	if (n == 0 || !chap_random(&a->id, 1) || !chap_random(a->challenge, n))
		return false;
	snprintf(number, sizeof(number), "%u", (unsigned)a->algorithm);
	text_add_key(out, "CHAP_A", number);
	snprintf(number, sizeof(number), "%u", a->id);
	text_add_key(out, "CHAP_I", number);
	text_add_key(out, "CHAP_C", chap_encode(a->challenge, n, text));
	a->state = AUTH_RESPONSE;
	return true;
}

/* ---- their response ------------------------------------------------------------------------- */

/* Copies the name of the user to user, which has ISCSI_USER_MAX + 1 bytes, and asks the policy for its
 * secret.  Returns true if it is known.  Returns false if not, also for a name that is empty, too long, or
 * has a NUL; *secret is then a dummy, so that the refusal takes as long as that of a wrong response. */
static bool
get_secret(
	const struct auth *a, const struct text_pair *pair, char *user, struct iscsi_secret *secret)
{
	static const struct iscsi_secret none = {.len = 16};

	user[0] = '\0';
	if (pair->value_len > 0 && pair->value_len <= ISCSI_USER_MAX &&
		memchr(pair->value, '\0', pair->value_len) == NULL) {
		memcpy(user, pair->value, pair->value_len);
		user[pair->value_len] = '\0';
	}
	if (user[0] != '\0' && a->access->user_secret(a->access->arg, a->discovery, user, secret))
		return true;
	*secret = none;
	return false;
}

/* Returns true if CHAP_N is a known user and CHAP_R is its response to our challenge; a->user is then its
 * name.  Returns false, with a->user unchanged, if not. */
static bool
verify(struct auth *a, const struct param_round *round)
{
	const struct text_pair *r = &round->text[PARAM_CHAP_R];
	uint8_t theirs[CHAP_BINARY_MAX], ours[CHAP_DIGEST_MAX];
	size_t n = chap_length(a->algorithm), got;
	struct iscsi_secret secret;
	char user[ISCSI_USER_MAX + 1];
	bool known = get_secret(a, &round->text[PARAM_CHAP_N], user, &secret), same;

	same = chap_decode(r->value, r->value_len, theirs, &got) && got == n && n > 0 &&
	       chap_respond(a->algorithm, a->id, &secret, a->challenge, n, ours) &&
	       chap_same(theirs, ours, n);
	explicit_bzero(&secret, sizeof(secret));
	if (!known || !same)
		return false;
	memcpy(a->user, user, sizeof(a->user));
	return true;
}

/* ---- their challenge ------------------------------------------------------------------------ */

/* Answers CHAP_I and CHAP_C, the challenge by which the initiator authenticates us, with CHAP_N and CHAP_R.
 * Returns false, with *why, if they are not valid, if no name and secret of the target are set, or if there
 * is no memory; also for a challenge that is equal to our own one: the answer would be the response that the
 * initiator owes us (9.2.1, 12.1.3).  The initiator must have authenticated itself already. */
static bool
answer_challenge(const struct auth *a, const struct param_round *round, struct text_out *out,
	const char **why)
{
	const struct text_pair *i = &round->text[PARAM_CHAP_I], *c = &round->text[PARAM_CHAP_C];
	uint8_t theirs[CHAP_BINARY_MAX], digest[CHAP_DIGEST_MAX];
	char name[ISCSI_USER_MAX + 1], text[CHAP_HEX_MAX];
	size_t n, len = chap_length(a->algorithm);
	struct iscsi_secret secret;
	uint64_t id;
	bool ok;

	*why = "its challenge is not valid";
	if (!text_number(i->value, i->value_len, &id) || id > UINT8_MAX ||
		!chap_decode(c->value, c->value_len, theirs, &n))
		return false;
	*why = "it sends our own challenge back";
	if (n == len && chap_same(theirs, a->challenge, n))
		return false;
	*why = "it asks the target for its identity, but ctl/access/target-user or target-secret "
	       "is not set";
	if (!a->access->own_secret(a->access->arg, name, &secret))
		return false;
	ok = len > 0 && chap_respond(a->algorithm, (uint8_t)id, &secret, theirs, n, digest);
	explicit_bzero(&secret, sizeof(secret));
	if (!ok)
		return false;
	text_add_key(out, "CHAP_N", name);
	text_add_key(out, "CHAP_R", chap_encode(digest, len, text));
	return true;
}

/* Takes CHAP_N and CHAP_R in the state RESPONSE, checks them, answers CHAP_I and CHAP_C if they are there,
 * and goes on to the state THROUGH.  Returns false, with *why, if a key is missing or too many, the response
 * is wrong, or the challenge cannot be answered. */
static bool
response(struct auth *a, const struct param_round *round, struct text_out *out, const char **why)
{
	bool mutual = round->offered[PARAM_CHAP_I];

	*why = "it did not send CHAP_N and CHAP_R, perhaps with CHAP_I and CHAP_C";
	if (!round->offered[PARAM_CHAP_N] || !round->offered[PARAM_CHAP_R] ||
		round->offered[PARAM_CHAP_A] || mutual != round->offered[PARAM_CHAP_C])
		return false;
	*why = "CHAP: the user or its secret is wrong";
	if (!verify(a, round))
		return false;
	if (mutual && !answer_challenge(a, round, out, why))
		return false;
	a->state = AUTH_THROUGH;
	return true;
}

/* ---- the stage ------------------------------------------------------------------------------ */

bool
auth_request(
	struct auth *a, const struct param_round *round, struct text_out *out, const char **why)
{
	switch (a->state) {
	case AUTH_CHOOSE:
		return choose_method(a, round, out, why);
	case AUTH_ALGORITHM:
		return challenge(a, round, out, why);
	case AUTH_RESPONSE:
		return response(a, round, out, why);
	case AUTH_THROUGH:
		break;
	}
	*why = "it sent keys of CHAP after the end of CHAP";
	return !has_chap_key(round);
}

bool
auth_may_skip(struct auth *a)
{
	if (a->state == AUTH_CHOOSE && !wants_chap(a))
		a->state = AUTH_THROUGH;
	return a->state == AUTH_THROUGH;
}
