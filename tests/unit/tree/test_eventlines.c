/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The lines of MNT/events: their text, and what readers get that read on, seek back, or come too late.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/log.h"
#include "fsctl/tree/eventlines.h"
#include "tests/unit/folder.h"

static char dir[64];
static struct jukebox *jb;
static struct eventlines lines;

static int
begin(void **state)
{
	const struct jb_layout layout = {4, 0, 1};
	char store[80], why[256];

	(void)state;
	log_level = LOG_LEVEL_ERR;
	if (folder_make(dir, sizeof(dir)) != 0)
		return -1;
	snprintf(store, sizeof(store), "%s/store", dir);
	if (jb_open(store, &layout, &jb, why, sizeof(why)) != JB_OK) {
		print_error("%s\n", why);
		return -1;
	}
	return eventlines_init(&lines, jb) ? 0 : -1;
}

static int
end(void **state)
{

	(void)state;
	eventlines_fini(&lines);
	jb_close(jb);
	return folder_remove(dir);
}

static void
happen(unsigned times)
{
	for (unsigned i = 0; i < times; i++) {
		jb_event_session(jb, true, "iqn.host", "127.0.0.1:1");
		eventlines_catch_up(&lines);
	}
}

/* Reads one line. Returns it parsed, to be freed by the caller, or NULL at the end. */
static json_t *
read_line(struct eventcursor *c)
{
	char text[2048];
	size_t len = 0;
	json_t *o;

	while (eventcursor_read(c, &lines, text + len, 1) == 1 && text[len] != '\n')
		assert_true(++len < sizeof(text) - 1);
	if (len == 0)
		return NULL;
	text[len] = '\0';
	o = json_loads(text, 0, NULL);
	if (o == NULL)
		fail_msg("no JSON: %s", text);
	return o;
}

static const char *
word(json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s == NULL ? "" : s;
}

static json_int_t
number(json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static void
test_a_line_has_it_all(void **state)
{
	struct eventcursor c = {.line = 0};
	struct jb_file *f;
	json_t *o;

	assert_int_equal(jb_file_create(jb, (struct jb_elem){JB_SLOT, 2}, "a \"b\".dvd+r.iso", 0644,
				 0, 0, &f, NULL),
		JB_OK);
	assert_int_equal(jb_file_flush(f, false), JB_OK);
	jb_file_release(f);
	assert_int_equal(jb_move(jb, (struct jb_elem){JB_SLOT, 2}, (struct jb_elem){JB_DRIVE, 0},
				 "iqn.host"),
		JB_OK);
	happen(1);
	o = read_line(&c);
	assert_string_equal(word(o, "event"), "insert");
	assert_int_equal(number(o, "number"), 1);
	assert_string_equal(word(o, "element"), "slots/2");
	assert_string_equal(word(o, "label"), "a \"b\"");
	assert_string_equal(word(o, "name"), "a \"b\".dvd+r.iso");
	assert_string_equal(word(o, "profile"), "dvd+r");
	assert_string_equal(word(o, "initiator"), "");
	assert_true(strlen(word(o, "id")) > 0);
	assert_int_equal(strlen(word(o, "time")), strlen("2026-01-01T00:00:00.000Z"));
	assert_true(number(o, "capacity") > 0);
	json_decref(o);
	o = read_line(&c);
	assert_string_equal(word(o, "event"), "load");
	assert_string_equal(word(o, "from"), "slots/2");
	assert_string_equal(word(o, "initiator"), "iqn.host");
	assert_null(json_object_get(o, "old-name"));
	json_decref(o);
	o = read_line(&c);
	assert_string_equal(word(o, "event"), "login");
	assert_string_equal(word(o, "address"), "127.0.0.1:1");
	assert_null(json_object_get(o, "element"));
	json_decref(o);
	assert_true(eventcursor_at_end(&c, &lines));
	assert_null(read_line(&c));
	assert_int_equal(c.offset, lines.size);
	happen(1);
	assert_false(eventcursor_at_end(&c, &lines));
	o = read_line(&c);
	assert_int_equal(number(o, "number"), 4);
	json_decref(o);
}

/* A shell reads a block and seeks back to the end of its first line. */
static void
test_going_back(void **state)
{
	struct eventcursor c = {.line = 0};
	uint64_t size, offset = 0;
	char text[512];

	happen(10);
	for (unsigned i = 1; i <= 10; i++) {
		json_t *o;

		eventcursor_seek(&c, &lines, offset);
		assert_true(eventcursor_read(&c, &lines, text, sizeof(text)) > 0);
		eventcursor_seek(&c, &lines, offset);
		o = read_line(&c);
		assert_int_equal(number(o, "number"), i);
		json_decref(o);
		offset = c.offset;
	}
	size = lines.size;
	assert_int_equal(offset, size);
	/* a reader at the end, and beyond the end */
	eventcursor_seek(&c, &lines, size);
	assert_true(eventcursor_at_end(&c, &lines));
	eventcursor_seek(&c, &lines, size + 1000);
	assert_int_equal(eventcursor_read(&c, &lines, text, sizeof(text)), 0);
	eventcursor_seek(&c, &lines, UINT64_MAX);
	assert_int_equal(eventcursor_read(&c, &lines, text, sizeof(text)), 0);
	/* in the middle of a line */
	eventcursor_seek(&c, &lines, size - 3);
	assert_int_equal(eventcursor_read(&c, &lines, text, sizeof(text)), 3);
	assert_memory_equal(text, "\"}\n", 3);
}

enum { PAST = 20, MANY = EVENTLINES_KEPT + PAST };

static void
test_what_is_gone_is_counted(void **state)
{
	struct eventcursor c = {.line = 0}, late = {.line = 0}, again = {.line = 0};
	char text[64];
	json_t *o;

	happen(5);
	/* this reader has read a line and a half */
	json_decref(read_line(&late));
	assert_int_equal(eventcursor_read(&late, &lines, text, 10), 10);
	happen(MANY - 5);
	o = read_line(&c);
	assert_string_equal(word(o, "event"), "lost");
	assert_int_equal(number(o, "count"), PAST);
	assert_int_equal(number(o, "next"), PAST + 1);
	json_decref(o);
	/* a shell seeks "back" to its own position */
	again = c;
	again.offset = UINT64_MAX;
	eventcursor_seek(&again, &lines, c.offset);
	o = read_line(&again);
	assert_int_equal(number(o, "number"), PAST + 1);
	json_decref(o);
	for (unsigned i = PAST + 1; i <= MANY; i++) {
		o = read_line(&c);
		assert_int_equal(number(o, "number"), i);
		json_decref(o);
	}
	assert_null(read_line(&c));
	/* the size is the offset of the end */
	eventcursor_seek(&again, &lines, lines.size);
	assert_true(eventcursor_at_end(&again, &lines));
	/* the half line is completed; the lines after it are whole */
	assert_int_equal(eventcursor_read(&late, &lines, text, 1), 1);
	assert_int_equal(text[0], '\n');
	o = read_line(&late);
	assert_int_equal(number(o, "count"), PAST - 1);
	json_decref(o);
	o = read_line(&late);
	assert_int_equal(number(o, "number"), PAST + 1);
	json_decref(o);
	/* and back to the beginning */
	eventcursor_seek(&late, &lines, 0);
	o = read_line(&late);
	assert_int_equal(number(o, "count"), PAST);
	json_decref(o);
}

/* The jukebox's event log holds fewer events than can happen between two reads of it. */
static void
test_what_was_never_seen_is_counted(void **state)
{
	struct eventcursor c = {.line = 0};
	json_t *o;

	for (unsigned i = 0; i < JB_EVENTS_KEPT + 7; i++)
		jb_event_session(jb, true, "iqn.host", "");
	eventlines_catch_up(&lines);
	o = read_line(&c);
	assert_string_equal(word(o, "event"), "lost");
	assert_int_equal(number(o, "count"), 7);
	assert_int_equal(number(o, "next"), 8);
	json_decref(o);
	o = read_line(&c);
	assert_int_equal(number(o, "number"), 8);
	json_decref(o);
}

static void
test_the_stream_begins_at_the_end(void **state)
{
	struct eventcursor c = {.line = 0};
	json_t *o;

	happen(3);
	eventcursor_begin_at_end(&c, &lines);
	assert_true(eventcursor_at_end(&c, &lines));
	eventcursor_seek(&c, &lines, 0);
	assert_true(eventcursor_at_end(&c, &lines));
	happen(2);
	o = read_line(&c);
	assert_int_equal(number(o, "number"), 4);
	json_decref(o);
	eventcursor_seek(&c, &lines, 0);
	o = read_line(&c);
	assert_int_equal(number(o, "number"), 4);
	json_decref(o);
	o = read_line(&c);
	assert_int_equal(number(o, "number"), 5);
	json_decref(o);
	eventcursor_seek(&c, &lines, 1000000);
	assert_true(eventcursor_at_end(&c, &lines));
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

/* Characters that cannot be shown are escaped, so that cat of the events is safe and JSON means what it meant. */
static void
test_a_line_controls_no_terminal(void **state)
{
	struct eventcursor c = {.line = 0};
	char text[512];
	json_t *o;

	eventcursor_begin_at_end(&c, &lines);
	jb_event_session(jb, true, "iqn.\302\2332J\342\200\256", "127.0.0.1:1");
	eventlines_catch_up(&lines);
	text[eventcursor_read(&c, &lines, text, sizeof(text) - 1)] = '\0';
	assert_non_null(strstr(text, "\"iqn.\\u009b2J\\u202e\""));
	o = json_loads(text, 0, NULL);
	assert_string_equal(word(o, "initiator"), "iqn.\302\2332J\342\200\256");
	json_decref(o);
}

/* A masked reader sees asterisks for the names of initiators, at the same offsets, however it cuts its reads. */
static void
test_names_are_masked(void **state)
{
	struct eventcursor c = {.line = 0}, masked = {.masked = true}, by_byte = {.masked = true};
	char text[512], other[512];
	json_t *o;
	size_t n;

	jb_event_session(jb, true, "iqn.\"a\\", "127.0.0.1:1");
	eventlines_catch_up(&lines);
	n = eventcursor_read(&c, &lines, text, sizeof(text));
	assert_int_equal(eventcursor_read(&masked, &lines, other, sizeof(other)), n);
	for (size_t i = 0; i < n; i++)
		assert_true(other[i] == text[i] || other[i] == '*');
	o = read_line(&by_byte);
	assert_string_equal(word(o, "event"), "login");
	assert_string_equal(word(o, "initiator"), "*********"); /* with two bytes that escape */
	assert_string_equal(word(o, "address"), "***********");
	json_decref(o);
	eventcursor_begin_at_end(&masked, &lines);
	assert_true(masked.masked);
}

static unsigned memory_left; /* how many more pieces jansson gets */

static void *
scarce_malloc(size_t size)
{
	return memory_left > 0 && memory_left-- > 0 ? malloc(size) : NULL;
}

static void
test_a_line_waits_for_memory(void **state)
{
	struct eventcursor c = {.line = 0};
	char first[512], text[512];
	unsigned n = 0;

	(void)state;
	eventcursor_begin_at_end(&c, &lines);
	happen(1);
	first[eventcursor_read(&c, &lines, first, sizeof(first) - 1)] = '\0';
	json_set_alloc_funcs(scarce_malloc, free);
	jb_event_session(jb, true, "iqn.host", "127.0.0.1:1");
	do {
		memory_left = n++;
		eventlines_catch_up(&lines);
	} while (eventcursor_at_end(&c, &lines));
	json_set_alloc_funcs(malloc, free);
	assert_true(n > 5);
	text[eventcursor_read(&c, &lines, text, sizeof(text) - 1)] = '\0';
	assert_int_equal(strlen(text), strlen(first));
	assert_string_equal(strstr(text, ",\"event\":"), strstr(first, ",\"event\":"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_a_line_has_it_all),
		T(test_going_back),
		T(test_what_is_gone_is_counted),
		T(test_what_was_never_seen_is_counted),
		T(test_the_stream_begins_at_the_end),
		T(test_a_line_controls_no_terminal),
		T(test_names_are_masked),
		T(test_a_line_waits_for_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
