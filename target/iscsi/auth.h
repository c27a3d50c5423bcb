/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The security stage of a login (RFC 7143 6.3.2, chapter 12): which method, and CHAP's steps.
 *
 *	CHOOSE ---AuthMethod=CHAP---> ALGORITHM ---CHAP_A---> RESPONSE ---CHAP_N, CHAP_R---> THROUGH
 *	   \------------------------AuthMethod=None, or nothing to prove-----------------------^
 *
 * A key that comes in another order, or twice, makes the login fail.
 */
#ifndef TARGET_ISCSI_AUTH_H
#define TARGET_ISCSI_AUTH_H

#include "target/iscsi/chap.h"
#include "target/iscsi/param.h"

enum auth_state { AUTH_CHOOSE, AUTH_ALGORITHM, AUTH_RESPONSE, AUTH_THROUGH };

struct auth {
	const struct iscsi_access *access; /* borrowed; NULL: no login needs authentication */
	bool discovery;
	enum auth_state state;
	uint64_t algorithm;
	uint8_t id;
	uint8_t challenge[CHAP_DIGEST_MAX]; /* chap_length(algorithm) bytes */
	char user[ISCSI_USER_MAX + 1]; /* the authenticated user, in state AUTH_THROUGH; or "" */
};

/*
 * Takes the next step with the keys of a request, and appends our answers.  Returns false if the login has
 * failed.  *why is then the reason, for our log only: the initiator must not learn it.
 */
bool auth_request(
	struct auth *a, const struct param_round *round, struct text_out *out, const char **why);
/* Returns true if the security stage is complete, or is not needed.  If it is not needed, sets the
 * state AUTH_THROUGH. */
bool auth_may_skip(struct auth *a);

#endif
