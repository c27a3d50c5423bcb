/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/tree/notes.h"

#include <string.h>

#include "fsctl/tree/pretty.h"

struct notes { /* the argument of print_note */
	struct jukebox *jb;
	FILE *out;	/* NULL: only count */
	int indent;	/* columns before each line */
	unsigned count; /* lines so far */
};

/* Writes how much of the file is written, of how much if that is known, and how fast, to buf
 * (JB_IMPORT_TEXT bytes). */
static void
print_progress(const struct jb_item *item, char *buf)
{
	char done[PRETTY_SIZE], total[PRETTY_SIZE], rate[PRETTY_SIZE];
	bool known = item->total > item->written;

	snprintf(buf, JB_IMPORT_TEXT, "%s%s%s written, %s/s", pretty_size(item->written, done),
		known ? " of " : "", known ? pretty_size(item->total, total) : "",
		pretty_size(item->rate, rate));
}

void
notes_of(struct jukebox *jb, const struct jb_item *item, char *buf)
{
	buf[0] = '\0';
	if (item->idle)
		snprintf(buf, JB_IMPORT_TEXT, JB_IDLE_TEXT);
	else if (item->kind == JB_ITEM_INCOMING && item->written > 0)
		print_progress(item, buf);
	else if (item->importing)
		snprintf(buf, JB_IMPORT_TEXT, "a disc is being made of it");
	else if (item->kind == JB_ITEM_FOLDER || item->kind == JB_ITEM_INCOMPLETE ||
		 item->kind == JB_ITEM_UNREADABLE)
		jb_item_why(jb, item->id, buf);
}

/* Prints the line about an item, if there is something to say, and counts it in n->count; for jb_item_list.
 * arg is the struct notes.  Returns true always. */
static bool
print_note(void *arg, const struct jb_item *item)
{
	struct notes *n = arg;
	char why[JB_IMPORT_TEXT], line[JB_NAME_MAX + JB_IMPORT_TEXT + 8];

	notes_of(n->jb, item, why);
	if (why[0] == '\0')
		return true;
	n->count++;
	if (n->out == NULL)
		return true;
	snprintf(line, sizeof(line), "%s%s: %s", item->name,
		item->kind == JB_ITEM_FOLDER ? "/" : "", why);
	fprintf(n->out, "%*s%s\n", n->indent, "", line);
	return true;
}

void
notes_print(struct jukebox *jb, struct jb_elem e, int indent, FILE *out)
{
	struct notes n = {.jb = jb, .out = out, .indent = indent};

	jb_item_list(jb, e, print_note, &n);
}

bool
notes_any(struct jukebox *jb, struct jb_elem e)
{
	struct notes n = {.jb = jb};

	jb_item_list(jb, e, print_note, &n);
	return n.count > 0;
}
