/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The security stage of a login (RFC 7143 6.3.2, chapter 12): which method, and CHAP's steps.
 *
 *	CHOOSE ---AuthMethod=CHAP---> ALGORITHM ---CHAP_A---> RESPONSE ---CHAP_N, CHAP_R---> THROUGH
 *	   \------------------------AuthMethod=None, or nothing to prove-----------------------^
 *
 * Whatever comes in another order has failed, and no step comes twice.
 */
#ifndef TARGET_ISCSI_AUTH_H
#define TARGET_ISCSI_AUTH_H

#include "target/iscsi/chap.h"
#include "target/iscsi/param.h"

enum auth_state { AUTH_CHOOSE, AUTH_ALGORITHM, AUTH_RESPONSE, AUTH_THROUGH };

struct auth {
	const struct iscsi_access *access; /* borrowed; NULL: nobody has anything to prove */
	bool discovery;
	enum auth_state state;
	uint64_t algorithm;
	uint8_t id;
	uint8_t challenge[CHAP_DIGEST_MAX]; /* as long as the algorithm's responses */
	char user[ISCSI_USER_MAX + 1];	    /* who it is, when it is through */
};

/*
 * Goes on with the keys of a request and adds what we say to them.  False: the login has failed,
 * and why says for our own log what was wrong; the initiator is told nothing.
 */
bool auth_request(
	struct auth *a, const struct param_round *round, struct text_out *out, const char **why);
/* May a login leave the security stage out? */
bool auth_may_skip(struct auth *a);

#endif
