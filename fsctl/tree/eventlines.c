/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/tree/eventlines.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "changer/base/printable.h"

bool
eventlines_init(struct eventlines *l, struct jukebox *jb)
{
	memset(l, 0, sizeof(*l));
	l->jb = jb;
	l->ring = calloc(EVENTLINES_KEPT, sizeof(*l->ring));
	l->next = jb_event_oldest(jb);
	return l->ring != NULL;
}

void
eventlines_fini(struct eventlines *l)
{
	for (size_t i = 0; l->ring != NULL && i < EVENTLINES_KEPT; i++)
		free(l->ring[i].text);
	free(l->ring);
	l->ring = NULL;
}

/* ---- printing ------------------------------------------------------------------------------- */

struct members {
	json_t *object;
	FILE *out; /* where they are printed to */
	bool lost; /* true: there was no memory for all of them */
};

/* Adds a member, and takes over the value, which is NULL if there was no memory for it. */
static void
put(struct members *to, const char *key, json_t *value)
{
	if (json_object_set_new(to->object, key, value) != 0)
		to->lost = true;
}

/* Adds a text as the member `key`; null if it is not UTF-8, as may be in a store that was changed by hand. */
static void
put_text(struct members *to, const char *key, const char *text)
{
	json_t *value;

	errno = 0;
	value = json_string(text);
	put(to, key, value != NULL || errno == ENOMEM ? value : json_null());
}

/* Adds the time of the event, in ns since 1970, as the member "time": in UTC with milliseconds. */
static void
put_time(struct members *to, int64_t ns)
{
	time_t seconds = (time_t)(ns / 1000000000);
	char date[32], text[48];
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(date, sizeof(date), "%FT%T", &tm);
	snprintf(text, sizeof(text), "%s.%03uZ", date, (unsigned)(ns / 1000000 % 1000));
	put(to, "time", json_string(text));
}

/* Adds the members about the event's disc: "label" to "sessions", "old-name" if it was renamed, and
 * "recovered" if an insert has it. */
static void
put_disc(struct members *to, const struct jb_event *e)
{
	char label[JB_NAME_MAX + 1];

	jb_name_label(e->name, label);
	put_text(to, "label", label);
	put_text(to, "name", e->name);
	if (e->old_name[0] != '\0')
		put_text(to, "old-name", e->old_name);
	/* A string, as in status.json. */
	put(to, "id", json_sprintf("%llu", (unsigned long long)e->disc));
	put(to, "profile", json_string(e->medium == NULL ? "" : e->medium));
	put(to, "size", json_integer((json_int_t)e->size));
	put(to, "capacity", json_integer((json_int_t)e->capacity));
	put(to, "sessions", json_integer((json_int_t)e->sessions));
	if (e->recovered && e->type == JB_EVENT_INSERT)
		put(to, "recovered", json_true());
}

/* Prints a part of the line, for json_dump_callback; arg is the struct members.  Jansson ignores the failure of
 * some parts, so it is kept. */
static int
print_part(const char *part, size_t size, void *arg)
{
	struct members *o = arg;

	o->lost = o->lost || printable_json(part, size, o->out) != 0;
	return o->lost ? -1 : 0;
}

/* Returns the event as a line of JSON; the caller frees it.  Leaves out members for which the event has
 * nothing, except "initiator".  Returns NULL if there is no memory. */
static char *
print_event(const struct jb_event *e)
{
	struct members o = {.object = json_object()};
	char *text = NULL;
	size_t len;
	bool good;

	o.out = open_memstream(&text, &len);

	put(&o, "number", json_integer((json_int_t)e->number));
	put_time(&o, e->time_ns);
	put(&o, "event", json_string(jb_event_name(e->type)));
	if (e->elem[0] != '\0')
		put(&o, "element", json_string(e->elem));
	if (e->from[0] != '\0')
		put(&o, "from", json_string(e->from));
	if (e->disc != 0)
		put_disc(&o, e);
	if (e->err != JB_OK)
		put(&o, "error", json_string(jb_err_text(e->err)));
	if (e->rule[0] != '\0')
		put_text(&o, "rule", e->rule);
	if (e->warning[0] != '\0')
		put_text(&o, "warning", e->warning);
	put_text(&o, "initiator", e->initiator);
	if (e->peer[0] != '\0')
		put_text(&o, "address", e->peer);
	good = o.out != NULL && !o.lost &&
	       json_dump_callback(o.object, print_part, &o, JSON_COMPACT) == 0 && !o.lost &&
	       fputc('\n', o.out) != EOF;
	json_decref(o.object);
	if ((o.out != NULL && fclose(o.out) != 0) || !good) {
		free(text);
		return NULL;
	}
	return text;
}

/* Prints the line that stands for `count` lost lines to buf (EVENTLINES_LOST_MAX bytes), and returns its
 * length.  `next` is the number of the event behind them.  If in_line is true, the reader has read a part of
 * the first lost line, so a newline comes before. */
static size_t
print_lost(char *buf, bool in_line, uint64_t count, uint64_t next)
{
	int n = snprintf(buf, EVENTLINES_LOST_MAX,
		"%s{\"event\":\"lost\",\"count\":%llu,\"next\":%llu}\n", in_line ? "\n" : "",
		(unsigned long long)count, (unsigned long long)next);

	return (size_t)n;
}

/* ---- the lines ------------------------------------------------------------------------------ */

/* Returns where the value of a member is in the line, which is JSON: the text `key` is its name with all that is
 * before the value.  The length is 0 if there is none. */
static struct eventname
find_name(const char *text, const char *key)
{
	const char *begin = strstr(text, key), *end;

	if (begin == NULL)
		return (struct eventname){0, 0};
	begin += strlen(key);
	for (end = begin; *end != '"' && *end != '\0'; end++)
		if (*end == '\\' && end[1] != '\0')
			end++;
	return (struct eventname){(size_t)(begin - text), (size_t)(end - begin)};
}

/* Appends the line `text`, which ends with a newline, for the event with that number.  Takes over the text.
 * If EVENTLINES_KEPT lines are kept already, frees the oldest one. */
static void
append(struct eventlines *l, char *text, uint64_t number)
{
	struct eventline *line = &l->ring[l->end % EVENTLINES_KEPT];

	free(line->text);
	*line = (struct eventline){.text = text,
		.len = strlen(text),
		.at = l->size,
		.number = number,
		.names = {find_name(text, "\"initiator\":\""), find_name(text, "\"address\":\"")}};
	l->size += line->len;
	l->end++;
	if (l->end - l->first > EVENTLINES_KEPT)
		l->first = l->end - EVENTLINES_KEPT;
}

/* Appends a line that stands for the events from l->next to the one before `next`, which the jukebox has
 * forgotten.  Returns false if there is no memory. */
static bool
append_lost(struct eventlines *l, uint64_t next)
{
	char *text = malloc(EVENTLINES_LOST_MAX);

	if (text == NULL)
		return false;
	print_lost(text, false, next - l->next, next);
	append(l, text, next);
	l->next = next;
	return true;
}

void
eventlines_catch_up(struct eventlines *l)
{
	struct jb_event e;
	char *line;

	while (jb_event_get(l->jb, l->next, &e)) {
		if (e.number != l->next && !append_lost(l, e.number))
			return;
		line = print_event(&e);
		if (line == NULL)
			return;
		append(l, line, e.number);
		l->next = e.number + 1;
		l->mtime_ns = e.time_ns;
	}
}

/* Returns the line with that number, counted from the start; it must be one that is kept. */
static const struct eventline *
line_at(const struct eventlines *l, uint64_t line)
{
	return &l->ring[line % EVENTLINES_KEPT];
}

/* ---- readers -------------------------------------------------------------------------------- */

void
eventcursor_begin_at_end(struct eventcursor *c, const struct eventlines *l)
{
	*c = (struct eventcursor){
		.line = l->end, .skew = l->size, .relative = true, .masked = c->masked};
}

/* Returns the number of the line at an offset in the file, counted from the start.  The line must be one that
 * is kept. */
static uint64_t
find_line(const struct eventlines *l, uint64_t offset)
{
	uint64_t low = l->first, high = l->end;

	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (line_at(l, middle)->at <= offset)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* Returns the offset of the oldest line that is kept; the size of the file if there is none. */
static uint64_t
kept_from(const struct eventlines *l)
{
	return l->first == l->end ? l->size : line_at(l, l->first)->at;
}

void
eventcursor_seek(struct eventcursor *c, const struct eventlines *l, uint64_t offset)
{
	uint64_t place = offset;

	if (offset == c->offset)
		return;
	/* A shell seeks back to the end of each line that it reads, so the skew still applies.  But a program
	 * that seeks to the end uses the size of the file, so the skew does not apply. */
	if (c->relative || (offset >= c->lost_end && offset + c->skew <= l->size))
		place += c->skew;
	else
		c->lost_end = c->skew = 0;
	c->lost_len = c->lost_at = 0;
	c->offset = offset;
	c->in_line = 0;
	if (place < kept_from(l)) {
		c->line = 0;
	} else if (place >= l->size) {
		c->line = l->end;
	} else {
		c->line = find_line(l, place);
		c->in_line = (size_t)(place - line_at(l, c->line)->at);
	}
}

bool
eventcursor_at_end(const struct eventcursor *c, const struct eventlines *l)
{
	return c->lost_at == c->lost_len && c->line >= l->end;
}

/* Moves a reader whose line is not kept to the oldest line, and prints the line that says how many are lost,
 * which is read before, into c->lost.  Sets c->lost_end and c->skew. */
static void
skip_lost(struct eventcursor *c, const struct eventlines *l)
{
	const struct eventline *oldest = line_at(l, l->first);

	c->lost_len = print_lost(c->lost, c->in_line > 0, l->first - c->line, oldest->number);
	c->lost_at = 0;
	c->line = l->first;
	c->in_line = 0;
	c->lost_end = c->offset + c->lost_len;
	c->skew = oldest->at - c->lost_end;
}

/* Copies `len` bytes from `from` to buf, but at most `size`.  Returns their number. */
static size_t
take(char *buf, size_t size, const char *from, size_t len)
{
	size_t n = len < size ? len : size;

	memcpy(buf, from, n);
	return n;
}

/* Puts asterisks in place of the names of the line.  buf has n of its bytes, those from `from` on.  A name is as long as
 * before, so that the offsets of all readers agree. */
static void
mask(char *buf, size_t n, const struct eventline *line, size_t from)
{
	for (const struct eventname *name = line->names; name < line->names + 2; name++)
		for (size_t i = 0; i < name->len; i++)
			if (name->at + i >= from && name->at + i < from + n)
				buf[name->at + i - from] = '*';
}

size_t
eventcursor_read(struct eventcursor *c, const struct eventlines *l, char *buf, size_t size)
{
	size_t done = 0, n;

	while (done < size) {
		if (c->lost_at < c->lost_len) {
			n = take(buf + done, size - done, c->lost + c->lost_at,
				c->lost_len - c->lost_at);
			c->lost_at += n;
		} else if (c->line < l->first) {
			skip_lost(c, l);
			continue;
		} else if (c->line < l->end) {
			const struct eventline *line = line_at(l, c->line);

			n = take(buf + done, size - done, line->text + c->in_line,
				line->len - c->in_line);
			if (c->masked)
				mask(buf + done, n, line, c->in_line);
			c->in_line += n;
			if (c->in_line == line->len) {
				c->line++;
				c->in_line = 0;
			}
		} else {
			break;
		}
		done += n;
		c->offset += n;
	}
	return done;
}
