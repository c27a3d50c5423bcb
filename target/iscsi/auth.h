/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The security stage of a login (RFC 7143 6.3.2, chapter 12): which method, and CHAP's steps.
 *
 *	CHOOSE ---AuthMethod=CHAP---> ALGORITHM ---CHAP_A---> RESPONSE ---CHAP_N, CHAP_R---> THROUGH
 *	   \------------------------AuthMethod=None, or nothing to prove-----------------------^
 *
 * The initiator sends the keys over the arrows.  A key of CHAP out of this order, or twice, makes the login
 * fail.
 */
#ifndef TARGET_ISCSI_AUTH_H
#define TARGET_ISCSI_AUTH_H

#include "target/iscsi/chap.h"
#include "target/iscsi/param.h"

enum auth_state { AUTH_CHOOSE, AUTH_ALGORITHM, AUTH_RESPONSE, AUTH_THROUGH };

struct auth {
	const struct iscsi_access *access; /* borrowed; NULL: no login needs authentication */
	bool discovery; /* true: the login is for a discovery session; the caller sets it */
	enum auth_state state;
	uint64_t algorithm; /* an enum chap_algorithm; valid from state RESPONSE on */
	uint8_t id;	    /* our CHAP_I */
	uint8_t challenge[CHAP_DIGEST_MAX]; /* our CHAP_C: chap_length(algorithm) bytes */
	char user[ISCSI_USER_MAX + 1];	    /* the user that CHAP has authenticated; "": none */
};

/* Takes the next step with the keys of a request: appends our answers, and sets a->state.  A request without
 * keys of this stage changes nothing in the states CHOOSE (if CHAP is wanted) and THROUGH.  Returns false if
 * the login has failed; *why is then the reason, for our log only, because the initiator must not learn it.
 * Calls the policy (a->access). */
bool auth_request(
	struct auth *a, const struct param_round *round, struct text_out *out, const char **why);
/* Returns true if the security stage is complete, or is not needed because the policy does not want CHAP and
 * the stage has not begun; then sets the state AUTH_THROUGH.  Returns false if the initiator must still
 * authenticate itself. */
bool auth_may_skip(struct auth *a);

#endif
