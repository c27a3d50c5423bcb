/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Look-ups in the table of media (medium_table.c). */
#include "changer/medium.h"

#include <string.h>
#include <strings.h>

const struct medium *
medium_by_profile(uint16_t profile)
{
	const struct medium *m;

	for (size_t i = 0; (m = medium_row(i)) != NULL && m->profile != profile; i++)
		;
	return m;
}

const struct medium *
medium_become(const struct medium *m, const char *suffix)
{
	return suffix == NULL ? m : medium_by_suffix(suffix, strlen(suffix));
}

const struct medium *
medium_by_suffix(const char *suffix, size_t len)
{
	const struct medium *m;

	for (size_t i = 0; (m = medium_row(i)) != NULL; i++)
		if (strlen(m->suffix) == len && strncasecmp(m->suffix, suffix, len) == 0)
			return m;
	return NULL;
}

const struct medium *
medium_for_image(uint64_t sectors)
{
	static const uint16_t by_size[] = {PROFILE_CD_ROM, PROFILE_DVD_ROM};

	for (size_t i = 0; i < sizeof(by_size) / sizeof(by_size[0]); i++) {
		const struct medium *m = medium_by_profile(by_size[i]);

		if (m != NULL && sectors <= m->capacity)
			return m;
	}
	return medium_by_profile(PROFILE_BD_ROM);
}

uint32_t
medium_largest(const struct medium *m)
{
	return m->largest != 0 ? m->largest : m->capacity;
}

bool
medium_writable(const struct medium *m)
{
	return m->kind != MEDIUM_PRESSED;
}

bool
medium_is_plus(const struct medium *m)
{
	/* DVD+R, and DVD+RW and DVD+R with two layers, have larger numbers */
	enum { CATEGORY_PLUS_RW = 9 };

	return m->family == MEDIUM_DVD && m->book_type >> 4 >= CATEGORY_PLUS_RW;
}

const struct medium_format *
medium_format(const struct medium *m, size_t i)
{
	for (size_t n = 0; m->formats != NULL && m->formats[n].blocks != 0; n++)
		if (n == i)
			return &m->formats[n];
	return NULL;
}

uint32_t
medium_write_speed(const struct medium *m)
{
	return m->write_speeds != NULL ? m->write_speeds[0] : 0;
}

uint32_t
medium_write_speed_within(const struct medium *m, uint32_t limit)
{
	const uint32_t *s = m->write_speeds;

	if (s == NULL)
		return 0;
	while (limit != 0 && *s > limit && s[1] != 0)
		s++;
	return *s;
}

uint32_t
medium_session_gap(const struct medium *m, uint64_t end, bool first)
{
	const struct session_gap *gap = m->session_gaps;

	if (gap == NULL)
		return 0;
	while (gap[1].first != 0 && gap[1].from <= end)
		gap++;
	return first ? gap->first : gap->later;
}

uint32_t
medium_format_blocks(const struct medium_format *f, uint32_t capacity)
{
	if (f->links == 0)
		return f->blocks < capacity ? f->blocks : capacity;
	/* No links follow the last packet. */
	return (capacity + f->links) / (f->parameter + f->links) * f->parameter;
}

uint32_t
medium_packet(const struct medium *m)
{
	const struct medium_format *f = medium_format(m, 0);

	return f != NULL && f->links != 0 ? f->parameter : 0;
}

uint32_t
medium_blank_holds(const struct medium *m)
{
	return m->comes_formatted ? medium_format_blocks(&m->formats[0], m->capacity) : m->capacity;
}

uint32_t
medium_capacity_to_hold(const struct medium *m, uint32_t sectors)
{
	const struct medium_format *f = m->formats;

	if (sectors == medium_blank_holds(m))
		return m->capacity;
	if (!m->comes_formatted || f->links == 0)
		return sectors;
	/* No links follow the last packet. */
	return sectors / f->parameter * (f->parameter + f->links) - f->links;
}
