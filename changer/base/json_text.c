/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/base/json_text.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* true: this thread has asked for memory for Jansson and has not got it, since json_text_load set this to
 * false */
static _Thread_local bool failed;

/* Returns size bytes of memory for Jansson; or NULL, and sets `failed`, if memory is missing. */
static void *
get_memory(size_t size)
{
	void *p = malloc(size);

	failed = failed || p == NULL;
	return p;
}

/* Makes Jansson allocate all its memory with get_memory.  Called once in the process. */
static void
take_over(void)
{
	json_set_alloc_funcs(get_memory, free);
}

json_t *
json_text_load(const char *text, size_t size, size_t flags)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	json_t *json;

	pthread_once(&once, take_over);
	failed = false;
	json = json_loadb(text, size, flags, NULL);
	if (failed) {
		json_decref(json);
		json = NULL;
	}
	errno = failed ? ENOMEM : 0;
	return json;
}

/* A text that grows, for append(). */
struct text {
	char *data;	  /* allocated; NULL: nothing yet */
	size_t len, room; /* bytes of the text; bytes of data */
	bool lost;	  /* true: there was no memory for a part */
};

/* Appends size bytes at part to the text arg (struct text), for json_dump_callback.  Returns 0; or -1 if
 * memory is missing, and from then on for each part. */
static int
append(const char *part, size_t size, void *arg)
{
	struct text *t = arg;

	if (!t->lost && t->room - t->len < size) {
		size_t room = 2 * (t->len + size);
		char *more = realloc(t->data, room);

		t->lost = more == NULL;
		if (more != NULL) {
			t->data = more;
			t->room = room;
		}
	}
	if (t->lost)
		return -1;
	memcpy(t->data + t->len, part, size);
	t->len += size;
	return 0;
}

char *
json_text(const json_t *json, unsigned indent)
{
	struct text t = {.len = 0};

	if (json_dump_callback(json, append, &t, JSON_INDENT(indent)) == 0 &&
		append("", 1, &t) == 0)
		return t.data;
	free(t.data);
	return NULL;
}
