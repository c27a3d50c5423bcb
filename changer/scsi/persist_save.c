/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Persistent reservations that survive a restart (SPC-4 5.12.5, APTPL).  They are stored as a text,
 * with one line for the reservation and one for each registration:
 *
 *	type 5
 *	key 00000000000000aa holds iqn.2026-01.org.example:a,i,0x00023d000001
 *	key 00000000000000bb - iqn.2026-01.org.example:b,i,0x00023d000001
 *
 * " at N" behind the name is the relative identifier of the target port, if it is not the first one.
 *
 * A character of a port's name that is not printable is written as %XX.  The generation is not saved
 * (SPC-4 5.12.2).
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/scsi/nexus.h"
#include "changer/scsi/reserve.h"

/* ---- writing --------------------------------------------------------------------------------- */

/* Prints the name of a port to f.  A character that is not printable, a blank, and % become %XX. */
static void
print_port(FILE *f, const char *port)
{
	for (const char *p = port; *p != '\0'; p++) {
		if (isgraph((unsigned char)*p) && *p != '%')
			fputc(*p, f);
		else
			fprintf(f, "%%%02X", (unsigned char)*p);
	}
}

char *
reservations_text(const struct reservations *r, size_t *size)
{
	const struct registrant *who;
	char *text = NULL;
	FILE *f = open_memstream(&text, size);

	if (f == NULL)
		return NULL;
	if (r->nregistrants > 0) {
		fprintf(f, "type %u\n", (unsigned)r->type);
		TAILQ_FOREACH(who, &r->registrants, link)
		{
			fprintf(f, "key %016" PRIx64 " %s ", who->key,
				r->holder == who ? "holds" : "-");
			print_port(f, who->port);
			if (who->target_port != SCSI_PORT_FIRST)
				fprintf(f, " at %u", (unsigned)who->target_port);
			fputc('\n', f);
		}
	}
	if (fclose(f) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Replaces each %XX in text by its character, in place.  Returns false, with text in part changed, if a %XX
 * is not valid or is NUL, or if the result is empty. */
static bool
decode_port(char *text)
{
	char *to = text;

	for (char *p = text; *p != '\0'; p++) {
		char pair[3] = {0}, *end;

		if (*p == '%') {
			if (!isxdigit((unsigned char)p[1]) || !isxdigit((unsigned char)p[2]))
				return false;
			memcpy(pair, p + 1, 2);
			*p = 0;
			*to++ = (char)strtoul(pair, &end, 16);
			if (to[-1] == '\0')
				return false;
			p += 2;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return to > text;
}

/* Reads the decimal type of the reservation into r->type; 0 means none.  Returns false, with *r unchanged, if
 * it is not one of enum persist_type. */
static bool
read_type(struct reservations *r, const char *line)
{
	char *end;
	unsigned long type = strtoul(line, &end, 10);

	if (end == line || *end != '\0' || type > PERSIST_EXCLUSIVE_ACCESS_AR ||
		(type != PERSIST_NONE && !persist_is_type((uint8_t)type)))
		return false;
	r->type = (enum persist_type)type;
	return true;
}

/* Cuts " at N" off the text and returns N.  Returns SCSI_PORT_FIRST if it does not end so; 0 if N is not valid.
 * A blank is never part of a port's name (print_port). */
static uint16_t
cut_target_port(char *text)
{
	char *at = strstr(text, " at "), *end;
	unsigned long n;

	if (at == NULL)
		return SCSI_PORT_FIRST;
	*at = '\0';
	n = strtoul(at + 4, &end, 10);
	return end > at + 4 && *end == '\0' && n <= UINT16_MAX ? (uint16_t)n : 0;
}

/* Reads a key that is not 0, "holds" or "-", and the port of one registration, and adds it to *r; "holds"
 * makes it the holder.  Changes line.  Returns false, with *r unchanged, if the line is not valid, the port is
 * there already, there are REGISTRANTS_MAX already, there is a holder already, or memory is missing. */
static bool
read_key(struct reservations *r, char *line)
{
	char *end, *port;
	uint64_t key = strtoull(line, &end, 16);
	bool holds = strncmp(end, " holds ", 7) == 0;
	struct registrant *who;
	uint16_t target_port;

	if (key == 0 || (!holds && strncmp(end, " - ", 3) != 0) ||
		r->nregistrants == REGISTRANTS_MAX || (holds && r->holder != NULL))
		return false;
	port = end + (holds ? 7 : 3);
	target_port = cut_target_port(port);
	if (target_port == 0 || !decode_port(port) || registrant_of(r, port, target_port) != NULL)
		return false;
	who = registrant_new(key, port, target_port);
	if (who == NULL)
		return false;
	TAILQ_INSERT_TAIL(&r->registrants, who, link);
	r->nregistrants++;
	if (holds)
		r->holder = who;
	return true;
}

/* Reads all lines of the text, which it changes, into *r, which must be empty.  Returns false if a line is
 * not valid, if the type line or all keys are missing, or if there is a holder for a type without one or none
 * for a type with one.  *r then has what was read before, for reservations_fini. */
static bool
read_lines(struct reservations *r, char *text)
{
	char *rest = text, *line;
	bool typed = false;

	while ((line = strsep(&rest, "\n")) != NULL) {
		if (line[0] == '\0')
			continue;
		if (strncmp(line, "type ", 5) == 0 && !typed)
			typed = read_type(r, line + 5);
		else if (strncmp(line, "key ", 4) != 0 || !read_key(r, line + 4))
			return false;
	}
	/* Types 1 to 6 have one holder.  The others have none by name (SPC-4 5.12.10). */
	return typed && r->nregistrants > 0 &&
	       (r->holder != NULL) == (r->type != PERSIST_NONE && !persist_all_hold(r->type));
}

bool
reservations_take(struct reservations *r, const char *text, size_t size)
{
	struct reservations fresh = {.type = PERSIST_NONE};
	char *copy = strndup(text, size);
	bool good;

	reservations_init(&fresh);
	good = copy != NULL && strlen(copy) == size && (size == 0 || read_lines(&fresh, copy));
	free(copy);
	if (!good) {
		reservations_fini(&fresh);
		return false;
	}
	reservations_fini(r);
	TAILQ_CONCAT(&r->registrants, &fresh.registrants, link);
	r->nregistrants = fresh.nregistrants;
	reservations_set(r, fresh.type, fresh.holder);
	return true;
}

/* ---- of a device ------------------------------------------------------------------------------- */

void
scsi_device_set_save(struct scsi_device *dev,
	bool (*save)(void *arg, unsigned lun, const char *text, size_t size), void *arg)
{
	dev->save = save;
	dev->save_arg = arg;
}

bool
scsi_device_load_reservations(struct scsi_device *dev, unsigned lun, const char *text, size_t size)
{
	bool good;

	if (lun >= SCSI_LUNS_MAX)
		return false;
	scsi_device_enter(dev);
	good = reservations_take(&dev->reservations[lun], text, size);
	dev->reservations[lun].aptpl = good && size > 0;
	scsi_device_leave(dev);
	return good;
}
