/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parses and prints the rules of changer/fault.h, and says which operations a rule matches.  The verb of a
 * rule is its first word, such as "read".  How a rule fails is its word such as "medium-error". */
#include "changer/fault.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/duration.h"
#include "changer/drive/fault.h"

#define OF(verb) (1U << (verb))

enum {
	DRIVE = 1,
	ROBOT = 2,

	/* The commands before which a drive calibrates its laser, and all commands that record. */
	CALIBRATED = OF(FAULT_WRITE) | OF(FAULT_FORMAT) | OF(FAULT_BLANK) | OF(FAULT_OPC),
	RECORDS = CALIBRATED | OF(FAULT_CLOSE) | OF(FAULT_SYNC),
};

/* The first word of a rule.  Row N is for the enum fault_verb N. */
static const struct verb_row {
	const char *word; /* as in the fault file */
	enum fault_verb verb;
	unsigned units; /* DRIVE, ROBOT or both: the units that may have such a rule */
	bool anywhere;	/* true: the rule may not name sectors, because the command has none */
} verbs[] = {
	{"read", FAULT_READ, DRIVE, false},
	{"write", FAULT_WRITE, DRIVE, false},
	{"format", FAULT_FORMAT, DRIVE, true},
	{"blank", FAULT_BLANK, DRIVE, true},
	{"close", FAULT_CLOSE, DRIVE, true},
	{"sync", FAULT_SYNC, DRIVE, true},
	{"opc", FAULT_OPC, DRIVE, true},
	{"move", FAULT_MOVE, ROBOT, false},
	{"slow", FAULT_SLOW, DRIVE | ROBOT, false},
	{"lose-session", FAULT_LOSE_SESSION, DRIVE | ROBOT, false},
};

/* The ways in which a command or a move fails.  The first row that has the verb is the default.  The sense
 * data of err is in err.def. */
static const struct how_row {
	const char *word; /* as in the fault file; "": a default that has no word */
	unsigned verbs;	  /* bits OF(verb): the verbs that can fail so */
	enum jb_err err;  /* the command fails with this error; JB_OK: it does not fail */
} hows[] = {
	{"", OF(FAULT_SLOW) | OF(FAULT_LOSE_SESSION), JB_OK},
	{"medium-error", OF(FAULT_READ), JB_FAULT_READ},
	{"medium-error", OF(FAULT_WRITE) | OF(FAULT_SYNC), JB_FAULT_WRITE},
	{"medium-error", OF(FAULT_FORMAT), JB_FAULT_FORMAT},
	{"medium-error", OF(FAULT_BLANK), JB_FAULT_BLANK},
	{"medium-error", OF(FAULT_CLOSE), JB_FAULT_CLOSE},
	{"calibration-error", CALIBRATED, JB_FAULT_CALIBRATION},
	{"hardware-error", OF(FAULT_READ) | RECORDS, JB_FAULT_TRACKING},
	{"hardware-error", OF(FAULT_MOVE), JB_FAULT_MOVE},
	{"not-ready", OF(FAULT_MOVE), JB_FAULT_ATTENTION},
};

enum { VERBS = sizeof(verbs) / sizeof(verbs[0]), HOWS = sizeof(hows) / sizeof(hows[0]) };

/* ---- from text --------------------------------------------------------------------------------- */

/* Reads a number at *p, decimal or 0x..., and moves *p behind it.  Returns false, and leaves *p and *out,
 * if there is none, or if it is larger than max. */
static bool
take_number(const char **p, uint64_t max, uint64_t *out)
{
	char *end;
	unsigned long long n;

	if (**p < '0' || **p > '9') /* strtoull takes signs and spaces too */
		return false;
	errno = 0;
	n = strtoull(*p, &end, strncmp(*p, "0x", 2) == 0 ? 16 : 10);
	if (errno != 0 || end == *p || n > max)
		return false;
	*p = end;
	*out = n;
	return true;
}

/* Parses FIRST, FIRST- or FIRST-LAST into r->first and r->last, which are both included.  For "FIRST-",
 * r->last is UINT32_MAX.  Returns false, and leaves *r, if the word is anything else or LAST is below
 * FIRST. */
static bool
take_sectors(const char *word, struct fault_rule *r)
{
	uint64_t first, last;

	if (!take_number(&word, UINT32_MAX, &first))
		return false;
	last = first;
	if (*word == '-') {
		word++;
		last = UINT32_MAX;
		if (*word != '\0' && !take_number(&word, UINT32_MAX, &last))
			return false;
	}
	if (*word != '\0' || last < first)
		return false;
	r->first = (uint32_t)first;
	r->last = (uint32_t)last;
	return true;
}

/* Reads an element, such as slots/3, into r->elem.  Does not check that there is one.  Returns false, and
 * leaves *r, if the word is anything else. */
static bool
take_element(const char *word, struct fault_rule *r)
{
	for (enum jb_elem_type t = JB_PICKER; t <= JB_DRIVE; t++) {
		const char *dir = jb_elem_dir(t), *p = word + strlen(dir);
		uint64_t number;

		if (strncmp(word, dir, strlen(dir)) != 0 || *p != '/')
			continue;
		p++;
		if (!take_number(&p, UINT16_MAX, &number) || *p != '\0')
			return false;
		r->elem = (struct jb_elem){t, (unsigned)number};
		return true;
	}
	return false;
}

/* Sets r->how and r->err to the way of failing that the word names.  For NULL or "fail", sets the first way
 * in hows[] that the verb has.  Returns false, and leaves *r, if the verb has no such way. */
static bool
take_how(const char *word, struct fault_rule *r)
{
	for (unsigned i = 0; i < HOWS; i++) {
		if (!(hows[i].verbs & OF(r->verb)) ||
			(word != NULL && strcmp(word, hows[i].word) != 0))
			continue;
		r->how = i;
		r->err = hows[i].err;
		return true;
	}
	return word != NULL && strcmp(word, "fail") == 0 && take_how(NULL, r);
}

/* Sets r->verb and its default way to fail.  After `slow`, also reads the next word of *rest, which must be
 * a duration, into r->delay_ms.  Returns false if the unit has no such verb: a drive if drive is true, else
 * the robot.  Also returns false if the duration is missing, 0, or more than FAULT_SLOW_MAX_MS. */
static bool
take_verb(const char *word, bool drive, char **rest, struct fault_rule *r)
{
	unsigned i = 0;

	while (i < VERBS && strcmp(word, verbs[i].word) != 0)
		i++;
	if (i == VERBS || !(verbs[i].units & (drive ? DRIVE : ROBOT)))
		return false;
	r->verb = verbs[i].verb;
	(void)take_how(NULL, r);
	if (r->verb != FAULT_SLOW)
		return true;
	word = strtok_r(NULL, " \t", rest);
	return word != NULL && duration_parse(word, &r->delay_ms) && r->delay_ms > 0 &&
	       r->delay_ms <= FAULT_SLOW_MAX_MS;
}

/* Parses one line, which has at least one word, into *r.  Returns false if it is not a valid rule for a
 * drive (drive is true) or the robot (false); *r then has no meaning.  Cuts the line into words in
 * place. */
static bool
parse_rule(char *line, bool drive, struct fault_rule *r)
{
	char *rest = NULL, *word = strtok_r(line, " \t", &rest);
	bool how = false;

	memset(r, 0, sizeof(*r));
	if (!take_verb(word, drive, &rest, r))
		return false;
	while ((word = strtok_r(NULL, " \t", &rest)) != NULL) {
		const char *number = NULL;

		if (strcmp(word, "count") == 0) { /* ends the rule */
			number = strtok_r(NULL, " \t", &rest);
			return number != NULL && take_number(&number, UINT32_MAX, &r->count) &&
			       *number == '\0' && r->count > 0 &&
			       strtok_r(NULL, " \t", &rest) == NULL;
		}
		if (!r->somewhere && !how && !verbs[r->verb].anywhere &&
			(drive ? take_sectors(word, r) : take_element(word, r)))
			r->somewhere = true;
		else if (!how && r->err != JB_OK && take_how(word, r))
			how = true;
		else
			return false;
	}
	return true;
}

enum jb_err
fault_parse(const char *text, bool drive, struct fault_rule *rules, unsigned *n)
{
	char *copy = strdup(text), *rest = NULL, *line;
	enum jb_err err = JB_OK;

	*n = 0;
	if (copy == NULL)
		return JB_NO_MEMORY;
	for (line = strtok_r(copy, "\n", &rest); line != NULL && err == JB_OK;
		line = strtok_r(NULL, "\n", &rest)) {
		size_t len;

		line[strcspn(line, "#")] = '\0';
		line += strspn(line, " \t");
		for (len = strlen(line); len > 0 && strchr(" \t", line[len - 1]) != NULL; len--)
			line[len - 1] = '\0';
		if (*line == '\0')
			continue;
		if (strcmp(line, "clear") == 0)
			*n = 0;
		else if (*n == FAULT_RULES_MAX || !parse_rule(line, drive, &rules[*n]))
			err = JB_BAD_FAULT;
		else
			(*n)++;
	}
	free(copy);
	return err;
}

/* ---- to text ----------------------------------------------------------------------------------- */

/* Prints a blank, and the sectors or the element that the rule names; prints nothing if it names none.
 * Returns the number of bytes, without the NUL. */
static int
print_where(const struct fault_rule *r, char *buf, size_t size)
{
	char elem[32];

	if (!r->somewhere)
		return 0;
	if (r->elem.type != 0)
		return snprintf(buf, size, " %s", jb_elem_str(r->elem, elem));
	if (r->last == r->first)
		return snprintf(buf, size, " %" PRIu32, r->first);
	if (r->last == UINT32_MAX)
		return snprintf(buf, size, " %" PRIu32 "-", r->first);
	return snprintf(buf, size, " %" PRIu32 "-%" PRIu32, r->first, r->last);
}

void
fault_print(const struct fault_rule *r, char buf[FAULT_TEXT_MAX])
{
	char duration[DURATION_TEXT_MAX];
	int len = snprintf(buf, FAULT_TEXT_MAX, "%s", verbs[r->verb].word);

	if (r->verb == FAULT_SLOW) {
		duration_print(r->delay_ms, duration);
		len += snprintf(buf + len, FAULT_TEXT_MAX - (size_t)len, " %s", duration);
	}
	len += print_where(r, buf + len, FAULT_TEXT_MAX - (size_t)len);
	if (r->err != JB_OK)
		len += snprintf(buf + len, FAULT_TEXT_MAX - (size_t)len, " %s", hows[r->how].word);
	if (r->count > 0)
		snprintf(buf + len, FAULT_TEXT_MAX - (size_t)len, " count %" PRIu64, r->count);
}

/* ---- what a rule matches ------------------------------------------------------------------------ */

bool
fault_is_active(const struct fault_rule *r)
{
	return r->count == 0 || r->fired < r->count;
}

bool
fault_hits_command(const struct fault_rule *r)
{
	return !r->somewhere;
}

bool
fault_hits_sectors(const struct fault_rule *r, uint32_t lba, uint32_t count, uint32_t *at)
{
	int64_t first = (int32_t)lba, end = first + count;
	int64_t from = r->somewhere ? (int32_t)r->first : INT32_MIN;
	int64_t to = r->somewhere ? (int32_t)r->last : INT32_MAX;

	if (to < from) /* `first-` */
		to = INT32_MAX;
	if (from > first)
		first = from;
	*at = (uint32_t)first;
	return first < end && first <= to;
}

bool
fault_hits_move(const struct fault_rule *r, struct jb_elem from, struct jb_elem to)
{
	return !r->somewhere || (r->elem.type == from.type && r->elem.number == from.number) ||
	       (r->elem.type == to.type && r->elem.number == to.number);
}
