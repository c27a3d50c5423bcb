/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads a file name: whether it is the name of a disc, its label, its medium. */
#include <ctype.h>
#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "changer/inventory/model.h"
#include "changer/inventory/name.h"

/* Returns the length of the UTF-8 character at p (RFC 3629), which ends with a NUL.  Returns 0 if the
 * character is not valid, or is a control character; the NUL is one. */
static size_t
utf8_length(const unsigned char *p)
{
	static const struct {
		unsigned char lead_from, lead_to, second_from, second_to, length;
	} rows[] = {
		{0x20, 0x7e, 0, 0, 1},
		{0xc2, 0xc2, 0xa0, 0xbf, 2}, /* U+0080 to U+009F are control characters */
		{0xc3, 0xdf, 0x80, 0xbf, 2},
		{0xe0, 0xe0, 0xa0, 0xbf, 3},
		{0xe1, 0xec, 0x80, 0xbf, 3},
		{0xed, 0xed, 0x80, 0x9f, 3}, /* no surrogates */
		{0xee, 0xef, 0x80, 0xbf, 3},
		{0xf0, 0xf0, 0x90, 0xbf, 4},
		{0xf1, 0xf3, 0x80, 0xbf, 4},
		{0xf4, 0xf4, 0x80, 0x8f, 4},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (p[0] < rows[i].lead_from || p[0] > rows[i].lead_to)
			continue;
		if (rows[i].length > 1 && (p[1] < rows[i].second_from || p[1] > rows[i].second_to))
			return 0;
		for (size_t k = 2; k < rows[i].length; k++)
			if (p[k] < 0x80 || p[k] > 0xbf)
				return 0;
		return rows[i].length;
	}
	return 0;
}

enum jb_err
name_check(const char *name)
{
	const unsigned char *p = (const unsigned char *)name;

	if (strlen(name) > JB_NAME_MAX)
		return JB_NAME_TOO_LONG;
	if (name[0] == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
		strchr(name, '/') != NULL)
		return JB_BAD_NAME;
	while (*p != '\0') {
		size_t n = utf8_length(p);

		if (n == 0)
			return JB_BAD_NAME;
		p += n;
	}
	return JB_OK;
}

/* Returns true if the name ends with `end`, in upper or lower case, and has at least one byte before
 * it. */
static bool
ends_with(const char *name, const char *end)
{
	size_t n = strlen(name), e = strlen(end);

	return n > e && strcasecmp(name + n - e, end) == 0;
}

static const char *const image_suffixes[] = {
	".iso", ".img", ".udf", ".bin", ".toast", ".cdr", ".mdf", ".nrg", ".raw"};
static const char *const packed_suffixes[] = {".gz", ".xz", ".zst"};

/* Returns the length of the first of the n suffixes with which the name ends, in upper or lower case; 0 if
 * there is none, or if the suffix is the whole name. */
static size_t
suffix_length(const char *name, const char *const *suffixes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (ends_with(name, suffixes[i]))
			return strlen(suffixes[i]);
	return 0;
}
#define SUFFIX_LENGTH(name, list) suffix_length(name, list, sizeof(list) / sizeof((list)[0]))

/* Returns true if the name is that of a disc image with a dot and more behind it, as x.iso.aria2.  The end
 * must not be that of a finished file, as in x.iso.gz. */
static bool
goes_on_behind_image(const char *name)
{
	if (SUFFIX_LENGTH(name, image_suffixes) > 0 || SUFFIX_LENGTH(name, packed_suffixes) > 0 ||
		name_is_sheet(name))
		return false;
	for (size_t i = 0; i < sizeof(image_suffixes) / sizeof(image_suffixes[0]); i++) {
		const char *suffix = image_suffixes[i], *p = name;

		while ((p = strcasestr(p + 1, suffix)) != NULL)
			if (p[strlen(suffix)] == '.')
				return true;
	}
	return false;
}

/* Returns true if the name matches the pattern of fnmatch(3), in upper or lower case. */
static bool
matches(const char *name, const char *pattern)
{
	return fnmatch(pattern, name, FNM_CASEFOLD) == 0;
}

bool
jb_name_is_staging(const char *name)
{
#define STAGING(pattern, who) \
	if (matches(name, pattern)) \
		return true;
#include "changer/staging.def"
	return goes_on_behind_image(name);
}

bool
name_is_link_staging(const char *name)
{
#define STAGING(pattern, who)
#define LINK_STAGING(pattern, who) \
	if (matches(name, pattern)) \
		return true;
#include "changer/staging.def"
	return false;
}

/* rsync writes to a temporary file: a dot, the name, a dot, and this many random letters or digits. */
enum { RSYNC_RANDOM = 6 };

bool
name_is_rsync_of(const char *name, const char *final)
{
	size_t len = strlen(final);

	if (1 + len + 1 + RSYNC_RANDOM > JB_NAME_MAX)
		return true; /* rsync cuts such a long name, so it cannot be compared */
	if (name[0] != '.' || strncmp(name + 1, final, len) != 0 || name[1 + len] != '.')
		return false;
	return strlen(name + 2 + len) == RSYNC_RANDOM;
}

bool
name_is_rsync(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (name[0] != '.' || dot < name + 2 || strlen(dot) != 1 + RSYNC_RANDOM)
		return false;
	for (const char *p = dot + 1; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p))
			return false;
	return true;
}

bool
name_is_rsync_of_sheet(const char *name)
{
	char final[JB_NAME_MAX + 1];
	size_t len = strlen(name);

	if (!name_is_rsync(name) || len > JB_NAME_MAX)
		return false;
	memcpy(final, name, len + 1);
	final[len - 1 - RSYNC_RANDOM] = '\0';
	return name_is_beside(final);
}

/* Returns the length of the name without its image suffix, or its whole length if it has none. */
static size_t
stem_length(const char *name)
{
	return strlen(name) - SUFFIX_LENGTH(name, image_suffixes);
}

/* Returns the medium whose suffix is at the end of the first len bytes of the name, and sets *rest to
 * the length of what is before the suffix and its dot.  Returns NULL if no medium has that suffix;
 * *rest then has no meaning. */
static const struct medium *
media_suffix(const char *name, size_t len, size_t *rest)
{
	const char *dot = memrchr(name, '.', len);
	size_t at;

	if (dot == NULL || dot == name)
		return NULL;
	at = (size_t)(dot - name);
	*rest = at;
	return medium_by_suffix(dot + 1, len - at - 1);
}

const struct medium *
name_medium(const char *name)
{
	size_t rest;

	return media_suffix(name, stem_length(name), &rest);
}

bool
name_is_like_medium(const char *name)
{
	static const char *const begins[] = {"cd-", "dvd-", "dvd+", "bd-"};
	const char *dot = memrchr(name, '.', stem_length(name));

	for (size_t i = 0; dot != NULL && i < sizeof(begins) / sizeof(begins[0]); i++)
		if (strncasecmp(dot + 1, begins[i], strlen(begins[i])) == 0)
			return true;
	return false;
}

void
jb_name_label(const char *name, char *buf)
{
	size_t len = stem_length(name), rest;

	if (media_suffix(name, len, &rest) != NULL)
		len = rest;
	if (len > JB_NAME_MAX)
		len = JB_NAME_MAX;
	memcpy(buf, name, len);
	buf[len] = '\0';
}

bool
name_is_import(const char *name)
{
	return SUFFIX_LENGTH(name, packed_suffixes) > 0 || ends_with(name, ".nrg");
}

bool
name_is_import_of(const char *name, const char *from)
{
	static const char *const made[] = {".iso", ".bin"};
	char stem[JB_NAME_MAX + 1];
	size_t n;

	snprintf(stem, sizeof(stem), "%s", from);
	while ((n = SUFFIX_LENGTH(stem, packed_suffixes)) > 0 && n < strlen(stem))
		stem[strlen(stem) - n] = '\0';
	if (strcmp(stem, name) == 0)
		return strcmp(stem, from) != 0;
	if (!ends_with(stem, ".nrg"))
		return false;
	n = strlen(stem) - strlen(".nrg");
	return strncmp(name, stem, n) == 0 &&
	       (strcasecmp(name + n, made[0]) == 0 || strcasecmp(name + n, made[1]) == 0);
}

bool
name_is_bin(const char *name)
{
	return ends_with(name, ".bin");
}

static const char *const beside[JB_BESIDES] = {[JB_SHEET] = ".cue", [JB_PACKS] = ".cdt"};

bool
name_is_sheet(const char *name)
{
	return ends_with(name, beside[JB_SHEET]);
}

bool
name_is_beside(const char *name)
{
	return name_is_sheet(name) || ends_with(name, beside[JB_PACKS]);
}

bool
name_of_beside(const char *name, enum jb_beside which, char *buf)
{
	char label[JB_NAME_MAX + 1];

	jb_name_label(name, label);
	return snprintf(buf, JB_NAME_MAX + 1, ".%s%s", label, beside[which]) <= JB_NAME_MAX;
}

bool
name_of_sheet(const char *name, char *buf)
{
	return name_of_beside(name, JB_SHEET, buf);
}

bool
name_is_beside_of(const char *file, enum jb_beside which, const char *name)
{
	char own[JB_NAME_MAX + 1];
	size_t len = strlen(file), stem = stem_length(name);

	if (file[0] != '.' || !ends_with(file, beside[which]))
		return false;
	len -= 1 + strlen(beside[which]);
	if (len == stem && memcmp(file + 1, name, len) == 0)
		return true;
	return name_of_beside(name, which, own) && strlen(own) == strlen(file) &&
	       memcmp(file, own, 1 + len) == 0;
}

enum jb_err
name_of_bin(const char *name, char *buf)
{
	char label[JB_NAME_MAX + 1], sheet[JB_NAME_MAX + 1];

	jb_name_label(name, label);
	if (!name_of_sheet(name, sheet))
		return JB_NAME_TOO_LONG;
	snprintf(buf, JB_NAME_MAX + 1, "%.*s.bin", JB_NAME_MAX - (int)strlen(".bin"), label);
	return JB_OK;
}

enum jb_err
name_of_iso(const char *name, char *buf)
{
	char label[JB_NAME_MAX + 1];

	jb_name_label(name, label);
	return snprintf(buf, JB_NAME_MAX + 1, "%s.iso", label) <= JB_NAME_MAX ? JB_OK
									      : JB_NAME_TOO_LONG;
}

enum jb_err
name_fits(const char *name, bool raw)
{
	char sheet[JB_NAME_MAX + 1];

	if (name_is_sheet(name))
		return JB_SHEET_NAME;
	return raw && !name_of_sheet(name, sheet) ? JB_RAW_NAME : JB_OK;
}

enum jb_err
name_with_label(const char *name, const char *label, char *buf)
{
	char old[JB_NAME_MAX + 1], again[JB_NAME_MAX + 1];

	jb_name_label(name, old);
	if (strlen(label) + strlen(name + strlen(old)) > JB_NAME_MAX)
		return JB_BAD_LABEL;
	strcpy(buf, label);
	strcat(buf, name + strlen(old));
	jb_name_label(buf, again);
	if (label[0] == '\0' || strchr(label, '/') != NULL || strcmp(label, again) != 0 ||
		jb_name_is_staging(buf) || name_check(buf) != JB_OK)
		return JB_BAD_LABEL;
	return JB_OK;
}

char *
name_make(const char *name)
{
	char label[JB_NAME_MAX + 1];
	size_t n = strlen(name) + 1;
	char *both;

	jb_name_label(name, label);
	both = malloc(n + strlen(label) + 1);
	if (both == NULL)
		return NULL;
	memcpy(both, name, n);
	strcpy(both + n, label);
	return both;
}
