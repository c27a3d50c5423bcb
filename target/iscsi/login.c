/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Login (RFC 7143 6.3, 11.12, 11.13).  A loop receives a request, handles its stage and answers.  The peer is
 * not authenticated yet, so its time, PDUs and bytes are limited.  A function that returns false has failed
 * the login, or the connection is over.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "target/iscsi/auth.h"
#include "target/iscsi/conn.h"

enum {
	LOGIN_PDUS_MAX = 24,
	LOGIN_PDU_TEXT_MAX = 8192, /* 13.12: the default of MaxRecvDataSegmentLength */
	LOGIN_TEXT_MAX = 16384,	   /* in one request, which may have several PDUs */
	LOGIN_ANSWER_MAX = 8192,   /* every answer fits into one PDU */
};

/* A login that is under way. */
struct login {
	struct conn *c;
	struct pdu pdu; /* the last one that was received */
	bool begun;	/* true: the first request has come; later ones must have its identifiers */
	bool identified; /* true: the names in the first request were checked */
	/* true: we have sent TargetPortalGroupTag, MaxRecvDataSegmentLength */
	bool declared_group, declared_length;
	struct auth auth;
	enum login_stage stage; /* the present stage */
	uint32_t itt;		/* of the first request, as tsih */
	uint16_t tsih;
	struct param_round round;      /* the negotiation, with the keys of the present request */
	struct text_out out;	       /* our answers, in answer */
	size_t text_len;	       /* bytes of the request in text */
	char text[LOGIN_TEXT_MAX];     /* the present request */
	char answer[LOGIN_ANSWER_MAX]; /* the text of our answer */
};

/* ---- responses ------------------------------------------------------------------------------ */

/* Sends a Login Response with the status and the flags; if the status is LOGIN_SUCCESS, with the answers in
 * l->out.  Takes the next StatSN.  Returns false if the connection is over. */
static bool
send_response(struct login *l, enum login_status status, uint8_t flags)
{
	struct conn *c = l->c;
	struct session *s = &c->session;
	uint8_t *bhs = tx_header(c, OP_LOGIN_RESPONSE, flags);

	/* LOGIN_VERSION_MAX and _ACTIVE: 0 is the only version there is */
	memcpy(bhs + LOGIN_ISID, l->pdu.bhs + LOGIN_ISID, LOGIN_ISID_LEN);
	put_be16(bhs + LOGIN_TSIH, s->tsih != 0 ? s->tsih : l->tsih);
	put_be32(bhs + BHS_ITT, l->pdu.itt);
	put_be32(bhs + BHS_STAT_SN, c->stat_sn++);
	session_put_sn(s, bhs);
	put_be16(bhs + LOGIN_STATUS, (uint16_t)status);
	tx_queue(c, bhs, (uint8_t *)l->answer, status == LOGIN_SUCCESS ? l->out.len : 0);
	return tx_flush(c);
}

/* Calls the refused function of the policy, if there is one. */
static void
report_refused(const struct login *l, enum iscsi_refusal why)
{
	const struct iscsi_access *access = l->c->target->access;

	if (access != NULL && access->refused != NULL)
		access->refused(access->arg, why, l->c->session.initiator, l->c->peer);
}

/* Counts a wrong login in the source's and the target's counters, and waits before its answer as long as
 * its source must, at most until login_end_ms, or until the peer closes.  Only this connection waits. */
static void
wait_as_wrong(struct conn *c)
{
	struct pollfd pfd = {.fd = c->fd, .events = POLLRDHUP};
	uint64_t ms = admit_wrong(c), now = clock_ms();

	target_refuse(c->target, ISCSI_REFUSED_WRONG_LOGIN, c->session.initiator, c->peer);
	if (ms > 0 && now < c->login_end_ms)
		poll(&pfd, 1, (int)(now + ms < c->login_end_ms ? ms : c->login_end_ms - now));
}

/* Fails the login: logs `why`, sends a response with the status, and sets c->closing.  For
 * LOGIN_AUTH_FAILED first reports ISCSI_NO_PROOF to the policy and calls wait_as_wrong.  Returns false. */
static bool
refuse_login(struct login *l, enum login_status status, const char *why)
{
	if (status == LOGIN_AUTH_FAILED) {
		report_refused(l, ISCSI_NO_PROOF);
		wait_as_wrong(l->c);
	}
	conn_fail(l->c, "login refused (%04x): %s", (unsigned)status, why);
	send_response(l, status, 0);
	return false;
}

/* Refuses the login with LOGIN_FORBIDDEN because the policy does not allow it: reports and counts that, and logs
 * the reason.  Returns false. */
static bool
forbid_login(struct login *l, enum iscsi_refusal refusal, const char *why)
{
	report_refused(l, refusal);
	target_refuse(l->c->target, ISCSI_REFUSED_POLICY, l->c->session.initiator, l->c->peer);
	return refuse_login(l, LOGIN_FORBIDDEN, why);
}

/* ---- requests ------------------------------------------------------------------------------- */

/* Receives the header of the next PDU into l->pdu.  Returns false if the connection is over, also if the time
 * for the login is over, which is logged. */
static bool
receive_header(struct login *l)
{
	struct conn *c = l->c;

	for (;;) {
		switch (rx_next(c, &l->pdu)) {
		case RX_PDU:
			return true;
		case RX_NOTHING:
			if (rx_fill_wait(c) != RX_OVER)
				continue;
			if (clock_ms() >= c->login_end_ms) {
				conn_fail(c, "did not log in in time");
				target_refuse(c->target, ISCSI_REFUSED_LOGIN_TIME,
					c->session.initiator, c->peer);
			}
			return false;
		case RX_OVER:
			return false;
		}
	}
}

/* Keeps the identifiers of the first request: tags, TSIH, ISID, CID, stage, and the first CmdSN and StatSN.
 * For a later request returns false if an identifier differs (11.12); else true. */
static bool
take_identifiers(struct login *l)
{
	struct session *s = &l->c->session;
	const uint8_t *bhs = l->pdu.bhs;

	if (!l->begun) {
		l->begun = true;
		l->itt = l->pdu.itt;
		l->tsih = get_be16(bhs + LOGIN_TSIH);
		l->stage = bhs[BHS_FLAGS] >> LOGIN_CSG_SHIFT & LOGIN_STAGE_MASK;
		memcpy(s->isid, bhs + LOGIN_ISID, LOGIN_ISID_LEN);
		s->cid = get_be16(bhs + LOGIN_CID);
		s->exp_cmd_sn = get_be32(bhs + BHS_CMD_SN);
		l->c->stat_sn = get_be32(bhs + BHS_EXP_STAT_SN);
		return true;
	}
	return l->itt == l->pdu.itt && l->tsih == get_be16(bhs + LOGIN_TSIH) &&
	       memcmp(s->isid, bhs + LOGIN_ISID, LOGIN_ISID_LEN) == 0 &&
	       s->cid == get_be16(bhs + LOGIN_CID);
}

/* Checks the header of a Login Request: its opcode, length, identifiers, version and stages.  Keeps the
 * identifiers of the first one.  Returns false if the login has failed; a first PDU that is no Login Request
 * gets no response (6.3). */
static bool
check_header(struct login *l)
{
	const uint8_t *bhs = l->pdu.bhs;
	uint8_t flags = bhs[BHS_FLAGS];
	unsigned csg = flags >> LOGIN_CSG_SHIFT & LOGIN_STAGE_MASK, nsg = flags & LOGIN_STAGE_MASK;

	if (l->pdu.opcode != OP_LOGIN_REQUEST && !l->begun) {
		conn_fail(l->c, "does not begin with a login"); /* 6.3: closed without a response */
		return false;
	}
	if (l->pdu.opcode != OP_LOGIN_REQUEST)
		return refuse_login(l, LOGIN_INVALID_DURING, "another PDU came before its end");
	if (l->pdu.data_len > LOGIN_PDU_TEXT_MAX || l->pdu.ahs_len != 0)
		return refuse_login(l, LOGIN_INITIATOR_ERROR, "the request is too long");
	if (!take_identifiers(l))
		return refuse_login(l, LOGIN_INITIATOR_ERROR, "its identifiers changed");
	if (bhs[LOGIN_VERSION_MIN] > 0)
		return refuse_login(l, LOGIN_BAD_VERSION, "no common version");
	if (csg != l->stage || csg == 2 || csg == STAGE_FULL_FEATURE)
		return refuse_login(l, LOGIN_INITIATOR_ERROR, "wrong stage");
	if ((flags & LOGIN_TRANSIT) && (nsg <= csg || nsg == 2 || (flags & LOGIN_CONTINUE)))
		return refuse_login(l, LOGIN_INITIATOR_ERROR, "wrong next stage");
	return true;
}

/* Receives one request into l->text, after forgetting the last one and its answers.  It may have several
 * PDUs; all but the last have the C bit (11.12.2), and each of these gets an empty response.  Adds to *pdus
 * the number of PDUs.  Returns false if the login has failed, also for too many PDUs or too much text. */
static bool
receive_request(struct login *l, unsigned *pdus)
{
	l->text_len = 0;
	l->out.len = 0;
	for (;;) {
		if (!receive_header(l) || !check_header(l))
			return false;
		if (++*pdus > LOGIN_PDUS_MAX)
			return refuse_login(l, LOGIN_INITIATOR_ERROR, "too many requests");
		if (l->pdu.data_len > LOGIN_TEXT_MAX - l->text_len)
			return refuse_login(l, LOGIN_INITIATOR_ERROR, "too much text");
		if (!rx_data(l->c, &l->pdu, (uint8_t *)l->text + l->text_len))
			return false;
		l->text_len += l->pdu.data_len;
		if (!(l->pdu.bhs[BHS_FLAGS] & LOGIN_CONTINUE))
			return true;
		if (!send_response(l, LOGIN_SUCCESS, (uint8_t)(l->stage << LOGIN_CSG_SHIFT)))
			return false;
	}
}

/* Offers all keys of the request to the negotiation l->round.  Returns false if the login has failed: the
 * text is not a list, a key came twice, too many are unknown, or a value or key is not allowed here. */
static bool
take_keys(struct login *l)
{
	const char *p = l->text;
	size_t left = l->text_len;
	struct text_pair pair;
	enum text_result result;

	l->round.phase = l->stage == STAGE_SECURITY ? PHASE_SECURITY : PHASE_OPERATIONAL;
	param_next(&l->round);
	while ((result = text_next(&p, &left, &pair)) == TEXT_PAIR) {
		char why[TEXT_KEY_MAX + 64];
		enum param_result taken = param_offer(&l->round, &pair);

		if (taken != PARAM_REPEATED && taken != PARAM_REFUSED)
			continue;
		/* 7.12: if the negotiation of a key fails, the login fails. */
		snprintf(why, sizeof(why), "%.*s %s", (int)pair.key_len, pair.key,
			taken == PARAM_REPEATED ? "came twice, or too many keys are unknown"
						: "has a value that is not allowed here");
		return refuse_login(l, LOGIN_INITIATOR_ERROR, why);
	}
	if (result == TEXT_BAD)
		return refuse_login(l, LOGIN_INITIATOR_ERROR, "not a list of keys and values");
	return true;
}

/* ---- the initiator and the target ----------------------------------------------------------- */

/* Copies InitiatorName to the session.  The name goes into logs and into the mount, so it must be printable
 * ASCII without blanks (4.2.7.2 allows less).  Returns false if it is empty, too long or not valid. */
static bool
take_initiator_name(struct login *l)
{
	const struct text_pair *pair = &l->round.text[PARAM_InitiatorName];

	if (pair->value_len == 0 || pair->value_len > ISCSI_NAME_MAX)
		return false;
	for (size_t i = 0; i < pair->value_len; i++) {
		if (pair->value[i] <= ' ' || pair->value[i] > '~')
			return false;
	}
	memcpy(l->c->session.initiator, pair->value, pair->value_len);
	l->c->session.initiator[pair->value_len] = '\0';
	return true;
}

/* Takes SessionType; Normal if there is none.  For Discovery sets session.discovery and round.discovery.
 * Returns false for an unknown type. */
static bool
take_session_type(struct login *l)
{
	const struct text_pair *pair = &l->round.text[PARAM_SessionType];

	if (!l->round.offered[PARAM_SessionType] ||
		text_equal(pair->value, pair->value_len, "Normal"))
		return true;
	if (!text_equal(pair->value, pair->value_len, "Discovery"))
		return false;
	l->c->session.discovery = l->round.discovery = true;
	return true;
}

/* Asks the policy whether the initiator may log in, before it learns anything about the target.  Returns
 * true if so, and without a policy.  Else reports, counts and refuses the login (LOGIN_FORBIDDEN), and
 * returns false. */
static bool
check_admitted(struct login *l)
{
	static const char *const reasons[] = {
		[ISCSI_NO_POLICY] = "ctl/access does not say who may log in from other machines",
		[ISCSI_WRONG_NETWORK] = "its address is not in ctl/access/networks",
		[ISCSI_WRONG_INITIATOR] = "its name is not in ctl/access/initiators",
		[ISCSI_NO_PROOF] = "it must first prove its identity",
		[ISCSI_NO_ROOM] = "a limit was reached",
	};
	const struct iscsi_access *access = l->c->target->access;
	enum iscsi_refusal refusal = ISCSI_ADMITTED;

	if (access != NULL)
		refusal = access->admits(access->arg, l->c->session.initiator,
			(const struct sockaddr *)&l->c->address);
	if (refusal == ISCSI_ADMITTED)
		return true;
	return forbid_login(l, refusal, reasons[refusal]);
}

/* Checks that a normal session names this target, without regard to case; a discovery session need not.  Else
 * refuses the login (LOGIN_MISSING_PARAMETER, LOGIN_NOT_FOUND), and returns false. */
static bool
check_target_name(struct login *l)
{
	const struct text_pair *pair = &l->round.text[PARAM_TargetName];
	const char *name = l->c->target->name;

	if (l->c->session.discovery)
		return true;
	if (!l->round.offered[PARAM_TargetName])
		return refuse_login(l, LOGIN_MISSING_PARAMETER, "no TargetName");
	if (pair->value_len != strlen(name) || strncasecmp(pair->value, name, pair->value_len) != 0)
		return refuse_login(l, LOGIN_NOT_FOUND, "there is no such target");
	return true;
}

/* Checks a request after the first one, which has set the type of the session (6.3).  Refuses the login, and
 * returns false, if it says another type. */
static bool
keeps_type(struct login *l)
{
	bool discovery = l->c->session.discovery;

	if (take_session_type(l) && l->c->session.discovery == discovery)
		return true;
	return refuse_login(l, LOGIN_INITIATOR_ERROR, "SessionType came after the first request");
}

/* Checks the names in the first request, which must have them (6.3): the initiator, the session type, and the
 * target.  Asks the policy.  Refuses a login that asks to join a session.  Of later requests checks keeps_type
 * only.  Returns false if the login has failed. */
static bool
identify(struct login *l)
{
	enum login_status join;

	if (l->identified)
		return keeps_type(l);
	if (!l->round.offered[PARAM_InitiatorName])
		return refuse_login(l, LOGIN_MISSING_PARAMETER, "no InitiatorName");
	if (!take_initiator_name(l))
		return refuse_login(l, LOGIN_INITIATOR_ERROR, "InitiatorName is not an iSCSI name");
	if (!take_session_type(l))
		return refuse_login(l, LOGIN_BAD_SESSION_TYPE, "SessionType has an unknown value");
	if (!check_admitted(l) || !check_target_name(l))
		return false;
	l->auth.discovery = l->c->session.discovery;
	if (l->tsih != 0) {
		join = session_join_status(l->c, l->tsih);
		return refuse_login(l, join, "it asks to join a session");
	}
	l->identified = true;
	return true;
}

/* ---- stages --------------------------------------------------------------------------------- */

/* Takes one step of authentication.  Refuses the login, and returns false: with LOGIN_UNAVAILABLE, also
 * counted, if a secret would be compared and its address had too many wrong logins; with LOGIN_AUTH_FAILED
 * if the step failed. */
static bool
security_stage(struct login *l)
{
	const char *why = "";

	if (l->auth.state == AUTH_RESPONSE && !admit_may_try(l->c)) {
		target_refuse(
			l->c->target, ISCSI_REFUSED_GUESSES, l->c->session.initiator, l->c->peer);
		return refuse_login(
			l, LOGIN_UNAVAILABLE, "there were too many wrong logins from its address");
	}
	if (!auth_request(&l->auth, &l->round, &l->out, &why))
		return refuse_login(l, LOGIN_AUTH_FAILED, why);
	return true;
}

/* Declares our MaxRecvDataSegmentLength, once in a login.  Refuses the login (LOGIN_AUTH_FAILED) and returns
 * false if authentication is needed and not complete. */
static bool
operational_stage(struct login *l)
{
	char number[16];

	if (!auth_may_skip(&l->auth))
		return refuse_login(l, LOGIN_AUTH_FAILED, "it must first prove its identity");
	if (l->declared_length)
		return true;
	snprintf(number, sizeof(number), "%u", param_ours(PARAM_MaxRecvDataSegmentLength));
	text_add_key(&l->out, param_name(PARAM_MaxRecvDataSegmentLength), number);
	l->declared_length = true;
	return true;
}

/* Handles the request by its stage.  The first response of a normal session also has our portal group.
 * Returns false if the login has failed. */
static bool
run_stage(struct login *l)
{
	char number[16];

	if (!l->declared_group && !l->c->session.discovery) {
		/* 13.9: in the first response to the login request that names a target */
		snprintf(number, sizeof(number), "%d", PORTAL_GROUP_TAG);
		text_add_key(&l->out, param_name(PARAM_TargetPortalGroupTag), number);
		l->declared_group = true;
	}
	return l->stage == STAGE_SECURITY ? security_stage(l) : operational_stage(l);
}

/* Asks the policy whether the user may use its initiator name, before a normal session begins: sessions and
 * reservations are known by that name.  Returns true if so, for a discovery session, and if no user has
 * proved its identity.  Else reports and refuses the login (LOGIN_FORBIDDEN, 11.13.5), and returns false. */
static bool
check_bound(struct login *l)
{
	const struct iscsi_access *access = l->c->target->access;

	if (l->c->session.discovery || l->auth.user[0] == '\0' || access->user_admits == NULL ||
		access->user_admits(access->arg, l->auth.user, l->c->session.initiator))
		return true;
	return forbid_login(
		l, ISCSI_WRONG_INITIATOR, "its user may not use its name: ctl/access/users");
}

/* Sends the answer to a request.  Moves to the next stage if the initiator asks for it and has authenticated
 * itself as needed.  If that is full feature phase, begins the session first, and sets *done.  Returns false
 * if the login has failed, also because the answer does not fit into one PDU. */
static bool
answer_request(struct login *l, bool *done)
{
	uint8_t flags = (uint8_t)(l->stage << LOGIN_CSG_SHIFT);
	enum login_stage next = l->pdu.bhs[BHS_FLAGS] & LOGIN_STAGE_MASK;
	enum login_status status;

	param_answer(&l->round, &l->out);
	if (l->out.overflow)
		return refuse_login(l, LOGIN_INITIATOR_ERROR, "the answer to its keys is too long");
	if (!(l->pdu.bhs[BHS_FLAGS] & LOGIN_TRANSIT) || l->auth.state != AUTH_THROUGH)
		return send_response(l, LOGIN_SUCCESS, flags);
	if (next == STAGE_FULL_FEATURE && !check_bound(l))
		return false;
	if (next == STAGE_FULL_FEATURE) {
		memcpy(l->c->session.user, l->auth.user, sizeof(l->auth.user));
		status = session_begin(l->c);
		if (status != LOGIN_SUCCESS)
			return refuse_login(
				l, status, "it cannot be served, or another login took its place");
	}
	l->stage = next;
	*done = next == STAGE_FULL_FEATURE;
	return send_response(l, LOGIN_SUCCESS, flags | LOGIN_TRANSIT | (uint8_t)next);
}

/* Handles requests until the login is complete.  Returns false if it has failed or the connection is over. */
static bool
run_login(struct login *l)
{
	unsigned pdus = 0;
	bool done = false;

	while (!done) {
		if (!receive_request(l, &pdus) || !take_keys(l) || !identify(l) || !run_stage(l) ||
			!answer_request(l, &done))
			return false;
	}
	return true;
}

bool
login_run(struct conn *c)
{
	struct login *l = calloc(1, sizeof(*l));
	bool ok;

	if (l == NULL) {
		log_err("iscsi", "out of memory at a login");
		return false;
	}
	l->c = c;
	l->auth.access = c->target->access;
	l->out = (struct text_out){.buf = l->answer, .cap = sizeof(l->answer)};
	param_begin(&l->round, &c->params, PHASE_SECURITY);
	c->login_end_ms = clock_ms() + c->limits.login_ms;
	ok = run_login(l);
	free(l);
	if (!ok)
		return false;
	c->login_end_ms = 0;
	c->header_digest = c->params.v[PARAM_HeaderDigest] == DIGEST_CRC32C;
	c->data_digest = c->params.v[PARAM_DataDigest] == DIGEST_CRC32C;
	if (c->params.v[PARAM_FirstBurstLength] > c->params.v[PARAM_MaxBurstLength])
		c->params.v[PARAM_FirstBurstLength] = c->params.v[PARAM_MaxBurstLength];
	return true;
}
