/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/settings/setting.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "changer/base/duration.h"
#include "changer/element.h"
#include "changer/medium.h"
#include "changer/settings/acl.h"

/* ---- checks: text is not empty and fits canonical; only that of a list has newlines ------------ */

/* Each check_ function returns true if it accepts the text, and stores its normal form in canonical
 * (JB_TEXT_MAX bytes); else it returns false, and canonical has no meaning. */

/* Returns true for the suffix of a medium that can be recorded, such as dvd+r, and stores it in canonical as
 * the medium's table spells it; else false. */
static bool
check_medium(const char *text, char *canonical)
{
	const struct medium *m = medium_by_suffix(text, strlen(text));

	if (m == NULL || !medium_writable(m))
		return false;
	snprintf(canonical, JB_TEXT_MAX, "%s", m->suffix);
	return true;
}

/* Returns true, with a copy in canonical, for up to `max` graphic characters and spaces, as ASCII data fields
 * hold them (SPC-4 4.4.1); else false. */
static bool
check_ascii(const char *text, char *canonical, size_t max)
{
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			return false;
	if (n > max)
		return false;
	memcpy(canonical, text, n + 1);
	return true;
}

/* Returns true, with a copy in canonical, for up to 4 characters that check_ascii accepts; else false. */
static bool
check_ascii4(const char *text, char *canonical)
{
	return check_ascii(text, canonical, 4);
}

/* Returns true, with a copy in canonical, for up to 8 characters that check_ascii accepts; else false. */
static bool
check_ascii8(const char *text, char *canonical)
{
	return check_ascii(text, canonical, 8);
}

/* Returns true, with a copy in canonical, for up to 16 characters that check_ascii accepts; else false. */
static bool
check_ascii16(const char *text, char *canonical)
{
	return check_ascii(text, canonical, 16);
}

/* Returns true, with a copy in canonical, for up to 32 characters that check_ascii accepts; else false. */
static bool
check_ascii32(const char *text, char *canonical)
{
	return check_ascii(text, canonical, 32);
}

/* Parses the first len characters of the text as a number of one to five decimal digits.  Returns false, and
 * leaves *out, if they have another form. */
static bool
parse_number(const char *text, size_t len, unsigned *out)
{
	unsigned n = 0;

	if (len == 0 || len > 5)
		return false;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		n = n * 10 + (unsigned)(text[i] - '0');
	}
	*out = n;
	return true;
}

/* Returns true for an element address from 1 to 65535 (SMC-3: 16 bits) in up to five digits, and stores it in
 * canonical without leading zeros; else false.  Address 0 means the default picker, so no element has it. */
static bool
check_address(const char *text, char *canonical)
{
	unsigned n;

	if (!parse_number(text, strlen(text), &n) || n < 1 || n > 65535)
		return false;
	snprintf(canonical, JB_TEXT_MAX, "%u", n);
	return true;
}

/* Returns true for 0, which means no limit, or 176 (1x of a CD) to 99999 kB/s, as in SET CD SPEED and GET
 * PERFORMANCE, and stores the number in canonical without leading zeros; else false. */
static bool
check_speed(const char *text, char *canonical)
{
	enum { SLOWEST = 176 };
	unsigned n;

	if (!parse_number(text, strlen(text), &n) || (n != 0 && n < SLOWEST))
		return false;
	snprintf(canonical, JB_TEXT_MAX, "%u", n);
	return true;
}

/* Returns true for "on", for "off" (both in capital letters too), and for a number of sectors up to 99999;
 * else false.  Stores "on" or the number in canonical; "off" is 0. */
static bool
check_overburn(const char *text, char *canonical)
{
	unsigned n = 0;

	if (strcasecmp(text, "on") == 0) {
		strcpy(canonical, "on");
		return true;
	}
	if (strcasecmp(text, "off") != 0 && !parse_number(text, strlen(text), &n))
		return false;
	snprintf(canonical, JB_TEXT_MAX, "%u", n);
	return true;
}

/* Returns true for a duration that duration_parse accepts (base/duration.h), and stores it in canonical as
 * duration_print does; else false. */
static bool
check_duration(const char *text, char *canonical)
{
	unsigned ms;

	if (!duration_parse(text, &ms))
		return false;
	duration_print(ms, canonical);
	return true;
}

/* Returns true, as check_duration does, for a duration that is not 0; else false. */
static bool
check_period(const char *text, char *canonical)
{
	return check_duration(text, canonical) && strcmp(canonical, "0") != 0;
}

/* Returns true for a number from 1 to 999999999 in up to nine digits, and stores it in canonical without
 * leading zeros; else false. */
static bool
check_limit(const char *text, char *canonical)
{
	enum { DIGITS_MAX = 9 };
	size_t len = strlen(text);

	if (len == 0 || len > DIGITS_MAX || strspn(text, "0123456789") != len)
		return false;
	snprintf(canonical, JB_TEXT_MAX, "%lu", strtoul(text, NULL, 10));
	return canonical[0] != '0';
}

/* Returns true for 0, no, off, false, and 1, yes, on, true, in capital letters too, and stores "0" or "1" in
 * canonical; else false. */
static bool
check_boolean(const char *text, char *canonical)
{
	static const char *const words[][2] = {
		{"0", "1"}, {"no", "yes"}, {"off", "on"}, {"false", "true"}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		for (int value = 0; value < 2; value++) {
			if (strcasecmp(text, words[i][value]) == 0) {
				snprintf(canonical, JB_TEXT_MAX, "%d", value);
				return true;
			}
		}
	}
	return false;
}

/* Returns true if the text has at least len characters and the first len of them are all in set. */
static bool
all_of(const char *text, size_t len, const char *set)
{
	return strspn(text, set) >= len;
}

#define DIGITS "0123456789"

/* Returns true if a name that begins with "iqn." has the form of RFC 7143 4.2.7.4: "iqn." year-month "."
 * reversed domain name [":" any text].  The month must be 01 to 12, and no label of the domain empty. */
static bool
is_iqn(const char *name)
{
	const char *date = name + 4, *domain = name + 12;
	size_t len;
	char last = '.';

	if (strlen(name) <= 12)
		return false;
	if (!all_of(date, 4, DIGITS) || date[4] != '-' || !all_of(date + 5, 2, DIGITS) ||
		date[7] != '.')
		return false;
	if (strncmp(date + 5, "01", 2) < 0 || strncmp(date + 5, "12", 2) > 0)
		return false;
	/* No label of the domain may be empty. */
	len = strcspn(domain, ":");
	for (size_t i = 0; i < len; i++) {
		if (domain[i] == '.' && last == '.')
			return false;
		last = domain[i];
	}
	return last != '.';
}

/* Returns true if the name, after its first four characters, has `digits` or `or_digits` hexadecimal
 * digits (EUI-64 and NAA, RFC 7143 4.2.7.5 and 4.2.7.6). */
static bool
is_hex_name(const char *name, size_t digits, size_t or_digits)
{
	size_t len = strlen(name + 4);

	return (len == digits || len == or_digits) && all_of(name + 4, len, DIGITS "abcdef");
}

/* Returns true for an iSCSI name of up to 223 bytes that begins with "iqn.", "eui." or "naa." and has the
 * form of its kind; else false.  Stores it in canonical in lower case, in which iSCSI names are compared (RFC
 * 7143 4.2.7).  Refuses characters beyond ASCII, although names may have them: stringprep is not worth its
 * code. */
static bool
check_iqn(const char *text, char *canonical)
{
	size_t n = strlen(text);

	if (n > 223)
		return false;
	for (size_t i = 0; i <= n; i++)
		canonical[i] = text[i] >= 'A' && text[i] <= 'Z' ? (char)(text[i] | 0x20) : text[i];
	if (!all_of(canonical, n, "abcdefghijklmnopqrstuvwxyz" DIGITS "-.:"))
		return false;
	if (strncmp(canonical, "iqn.", 4) == 0)
		return is_iqn(canonical);
	if (strncmp(canonical, "eui.", 4) == 0)
		return is_hex_name(canonical, 16, 16);
	return strncmp(canonical, "naa.", 4) == 0 && is_hex_name(canonical, 16, 32);
}

/* Returns true for one of the words, in capital letters too, and stores it in canonical as it is in the list,
 * which ends with NULL; else returns false. */
static bool
check_word(const char *text, char *canonical, const char *const *words)
{
	for (; *words != NULL; words++) {
		if (strcasecmp(text, *words) == 0) {
			strcpy(canonical, *words);
			return true;
		}
	}
	return false;
}

/* Returns true for none and chap, as check_word does; else false. */
static bool
check_auth(const char *text, char *canonical)
{
	static const char *const words[] = {"none", "chap", NULL};

	return check_word(text, canonical, words);
}

/* Returns true for grow, open and fixed, as check_word does; else false. */
static bool
check_layout(const char *text, char *canonical)
{
	static const char *const words[] = {"grow", "open", "fixed", NULL};

	return check_word(text, canonical, words);
}

/* access.c and acl.c have the checks for who may log in. */
#define check_initiators acl_check_initiators
#define check_networks acl_check_networks
#define check_portals acl_check_portals
#define check_secret acl_check_secret
#define check_user acl_check_user

/* The checks that have an error of their own, or accept a list.  All others have JB_BAD_VALUE and no list. */
static const struct {
	bool (*check)(const char *text, char *canonical);
	enum jb_err refusal; /* the error for a value that the check does not accept */
	bool list;	     /* true: the value is a list, one element a line */
} kinds[] = {
	{check_auth, JB_BAD_AUTH, false},
	{check_initiators, JB_BAD_INITIATOR, true},
	{check_medium, JB_NO_SUCH_MEDIUM, false},
	{check_networks, JB_BAD_NETWORK, true},
	{check_portals, JB_BAD_PORTAL, true},
	{check_secret, JB_BAD_SECRET, false},
	{check_user, JB_BAD_USER, false},
};

/* ---- the table ------------------------------------------------------------------------------- */

struct setting_row {
	/* The path below ctl/, with %u for the number of a drive; the default, "" if it is empty or
	 * computed. */
	const char *path, *dflt;
	bool (*check)(const char *text, char *canonical);
};

// clang-format off
static const struct setting_row rows[JB_SETTING_COUNT] = {
#define JB_SETTING(name, path_, test, dflt_, doc) \
	[JB_SET_##name] = {path_, dflt_, check_##test},
#include "changer/setting.def"
#undef JB_SETTING
};
// clang-format on

/* Returns the row of a setting, which must be below JB_SETTING_COUNT. */
static const struct setting_row *
row_of(enum jb_setting s)
{
	assert((unsigned)s < JB_SETTING_COUNT);
	return &rows[s];
}

const char *
setting_path(enum jb_setting s)
{
	return row_of(s)->path;
}

const char *
setting_default(enum jb_setting s)
{
	return row_of(s)->dflt;
}

bool
setting_per_drive(enum jb_setting s)
{
	return strstr(row_of(s)->path, "%u") != NULL;
}

bool
setting_is_secret(enum jb_setting s)
{
	return row_of(s)->check == check_secret;
}

enum jb_err
setting_refusal(enum jb_setting s)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].check == row_of(s)->check)
			return kinds[i].refusal;
	return JB_BAD_VALUE;
}

bool
jb_setting_is_list(enum jb_setting s)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].check == row_of(s)->check)
			return kinds[i].list;
	return false;
}

/* Returns true if `path` matches the pattern.  %u in the pattern stands for the number of a drive below
 * JB_DRIVES_MAX, without leading zeros; stores that number in *drive, or 0 if the pattern has no %u.  Returns
 * false, with any value in *drive, if the path does not match. */
static bool
path_matches(const char *pattern, const char *path, unsigned *drive)
{
	const char *hole = strstr(pattern, "%u");
	size_t before, digits;

	*drive = 0;
	if (hole == NULL)
		return strcmp(pattern, path) == 0;
	before = (size_t)(hole - pattern);
	if (strncmp(pattern, path, before) != 0)
		return false;
	digits = strspn(path + before, DIGITS);
	/* A number has one spelling: "00" is not a drive. */
	if (digits > 1 && path[before] == '0')
		return false;
	return parse_number(path + before, digits, drive) && *drive < JB_DRIVES_MAX &&
	       strcmp(hole + 2, path + before + digits) == 0;
}

bool
setting_find(const char *path, enum jb_setting *out, unsigned *drive)
{
	for (unsigned i = 0; i < JB_SETTING_COUNT; i++) {
		if (path_matches(rows[i].path, path, drive)) {
			*out = (enum jb_setting)i;
			return true;
		}
	}
	return false;
}

bool
setting_check(enum jb_setting s, const char *value, char *canonical)
{
	char text[JB_TEXT_MAX];
	size_t n = strlen(value);

	if (n > 0 && value[n - 1] == '\n')
		n--;
	if (n >= sizeof(text) || (memchr(value, '\n', n) != NULL && !jb_setting_is_list(s)))
		return false;
	memcpy(text, value, n);
	text[n] = '\0';
	if (n == 0) {
		canonical[0] = '\0';
		return row_of(s)->dflt[0] == '\0';
	}
	return row_of(s)->check(text, canonical);
}
