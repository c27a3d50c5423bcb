/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MNT/status: the jukebox as a picture, 80 columns wide but for long labels, which are never cut.
 *
 *	JUKEBOX  iqn.2026-01.org.jukeboxd:...                        up 3 h 12 min
 *	  8 slots, 0 mail slots, 1 drive; 3 discs, 9.4 GB recorded
 *	  store    120.4 GB of 500.1 GB free  [############........]
 *
 *	  drive  tray           medium    state             size  label
 *	      0  [===(o)===] *  DVD-ROM   complete        4.7 GB  ubuntu-24.04
 *	         from slots/3; locked
 *
 *	   slot                 medium    state             size  label
 *	      1      (o)        DVD+R     blank           4.7 GB  A1
 *	      2      (o)        CD-ROM    complete      650.2 MB  tools -> /srv/iso/tools.iso
 *	    3-8       .         6 empty
 */
#include <stdlib.h>
#include <string.h>

#include "changer/base/clock.h"
#include "fsctl/tree/rows.h"
#include "fsctl/tree/faultfile.h"
#include "fsctl/tree/notes.h"
#include "fsctl/tree/pretty.h"
#include "fsctl/tree/words.h"

enum {
	RUN_MIN = 3, /* this many empty elements, or more, in a row are one line */
	NUMBER = 7,  /* the width of "  drive"; the next ones are widths of columns too */
	PICTURE = 13,
	MEDIUM = 9,
	STATE = 13,
	SIZE = 8,
	NOTE = NUMBER + 2, /* the column where the second line of a drive begins */
	BAR = 20,
};

/* ---- a disc --------------------------------------------------------------------------------- */

/* Returns the word for the state of an item; "damaged" if its last verification failed. */
static const char *
state_of(const struct jb_item *item)
{
	if (item->kind == JB_ITEM_DISC && item->bad)
		return "damaged";
	return words_item_state(item);
}

/* Prints " -> " and the target of a link; nothing for another item, or if there is no memory. */
static void
print_target(struct tree *tree, const struct jb_item *item, FILE *out)
{
	char *target = item->link == JB_LINK_NONE ? NULL : malloc(JB_TARGET_MAX);

	if (target != NULL && jb_item_target(tree->jb, item->id, target) == JB_OK)
		fprintf(out, " -> %s", target);
	free(target);
}

/* Prints the columns of an item, and ends the line.  The label is the last one, with the target of a link: so
 * both are there in full, however wide the terminal is. */
static void
print_item(struct tree *tree, const struct jb_item *item, FILE *out)
{
	char label[JB_NAME_MAX + 1], size[PRETTY_SIZE];
	uint64_t bytes = item->size;

	jb_name_label(item->name, label);
	if (item->kind == JB_ITEM_DISC && (item->status == DISC_BLANK || item->size == 0))
		bytes = (uint64_t)item->capacity * SECTOR_SIZE;
	fprintf(out, "%-*s %-*s %*s  %s", MEDIUM,
		item->medium == NULL || item->kind == JB_ITEM_INCOMING ? "-" : item->medium->name,
		STATE, state_of(item), SIZE, pretty_size(bytes, size), label);
	print_target(tree, item, out);
	fputc('\n', out);
}

/* Prints an empty line and the heads of the columns; the first two are `number` and `picture`. */
static void
print_heads(const char *number, const char *picture, FILE *out)
{
	fprintf(out, "\n%*s  %-*s  %-*s %-*s %*s  label\n", NUMBER, number, PICTURE, picture,
		MEDIUM, "medium", STATE, "state", SIZE, "size");
}

/* ---- drives --------------------------------------------------------------------------------- */

/* Returns a picture of the tray: open or closed, with or without a disc; with a star if it is locked. */
static const char *
tray_picture(const struct drive_view *v)
{
	if (v->tray_open)
		return v->has_disc ? "[___\\__(o)__ " : "[___\\_______ ";
	if (!v->has_disc)
		return v->locked ? "[---------] *" : "[---------]  ";
	return v->locked ? "[===(o)===] *" : "[===(o)===]  ";
}

/* Prints the element that the disc in the element e came from, if that is known. */
static void
print_source(struct tree *tree, struct jb_elem e, FILE *out)
{
	struct jb_elem_status st;
	struct jb_elem from;
	char buf[32];

	if (jb_elem_status(tree->jb, e, &st) == JB_OK && st.has_source &&
		jb_elem_at(tree->jb, st.source, &from))
		fprintf(out, "; from %s", jb_elem_str(from, buf));
}

/* Prints that the drive is locked, and by how many sessions if by several; nothing if it is not.  ctl/target/sessions
 * says who they are, for those who may know. */
static void
print_lock(const struct drive_view *v, FILE *out)
{
	if (!v->locked)
		return;
	fputs("; locked", out);
	if (v->prevents > 1)
		fprintf(out, " by %u sessions", v->prevents);
}

/* Prints how many sessions and tracks the disc has, if it has more than one session. */
static void
print_sessions(const struct jb_item *item, FILE *out)
{
	if (item->kind == JB_ITEM_DISC && item->status != DISC_BLANK && item->sessions > 1)
		fprintf(out, "; %u sessions, %u tracks", item->sessions, item->tracks);
}

/* Prints the second line of a drive, if there is anything to say: offline, source, sessions, lock.
 * item NULL: no disc is in it.  Prints nothing if there is no memory. */
static void
print_note(struct tree *tree, struct drive *d, const struct drive_view *v,
	const struct jb_item *item, FILE *out)
{
	char *text = NULL;
	size_t len = 0;
	FILE *note = open_memstream(&text, &len);

	if (note == NULL)
		return;
	if (v->offline)
		fputs("; offline", note);
	if (item != NULL) {
		print_source(tree, (struct jb_elem){JB_DRIVE, drive_number(d)}, note);
		print_sessions(item, note);
	}
	print_lock(v, note);
	if (fclose(note) == 0 && len > 2) {
		fprintf(out, "%*s", NOTE, "");
		pretty_wrap(out, text + 2, NOTE);
	}
	free(text);
}

/* Prints what the drive is doing and how far it is, with a bar if that is known; nothing if it is
 * idle. */
static void
print_work(struct tree *tree, unsigned drive, FILE *out)
{
	char done[PRETTY_SIZE], total[PRETTY_SIZE];
	struct drive_progress p;

	words_progress(tree->jb, drive, &p);
	if (p.work == DRIVE_IDLE)
		return;
	fprintf(out, "%*s", NOTE, "");
	if (p.total == 0) {
		fprintf(out, "%s, %s so far\n", words_work(p.work),
			pretty_size(p.done * SECTOR_SIZE, done));
		return;
	}
	pretty_bar(out, p.done, p.total, BAR);
	fprintf(out, "  %s %u %%, %s of %s\n", words_work(p.work), words_percent(&p),
		pretty_size(p.done * SECTOR_SIZE, done), pretty_size(p.total * SECTOR_SIZE, total));
}

/* Prints the table of all drives, with the work and the notes of each below it. */
static void
print_drives(struct tree *tree, FILE *out)
{
	struct drive *d;

	print_heads("drive", "tray", out);
	for (unsigned n = 0; (d = jb_drive(tree->jb, n)) != NULL; n++) {
		struct drive_view v;
		struct jb_item item;
		bool found = words_find_item(tree->jb, (struct jb_elem){JB_DRIVE, n}, &item);

		drive_view(d, &v);
		fprintf(out, "%*u  %-*s  ", NUMBER, n, PICTURE, tray_picture(&v));
		if (found)
			print_item(tree, &item, out);
		else
			fputs(v.tray_open ? "open\n" : "empty\n", out);
		print_work(tree, n, out);
		print_note(tree, d, &v, found ? &item : NULL, out);
		notes_print(tree->jb, (struct jb_elem){JB_DRIVE, n}, NOTE, out);
	}
}

/* ---- the other elements --------------------------------------------------------------------- */

/* Prints the empty elements with the numbers `from` to `to`: a line for each, or one line for all if
 * they are RUN_MIN or more. */
static void
print_empty(unsigned from, unsigned to, FILE *out)
{
	char range[32];
	int len;

	if (to - from + 1 < RUN_MIN) {
		for (unsigned n = from; n <= to; n++)
			fprintf(out, "%*u       .\n", NUMBER, n);
		return;
	}
	snprintf(range, sizeof(range), "%u-%u", from, to);
	len = fprintf(out, "%*s", NUMBER, range);
	fprintf(out, "%*s.%*s%u empty\n", NUMBER + 7 - len, "", PICTURE - 4, "", to - from + 1);
}

/* Prints the table of all elements of that type, with the notes of each below it.  Empty elements in
 * a row are joined (print_empty). */
static void
print_elements(struct tree *tree, enum jb_elem_type type, const char *title, FILE *out)
{
	unsigned first = jb_first_number(type), end = first + jb_count(tree->jb, type);
	unsigned empty_from = first;

	print_heads(title, "", out);
	for (unsigned n = first; n < end; n++) {
		const struct jb_elem e = {type, n};
		struct jb_item item;
		bool found = words_find_item(tree->jb, e, &item);

		if (!found && !notes_any(tree->jb, e))
			continue;
		if (empty_from < n + !found)
			print_empty(empty_from, found ? n - 1 : n, out);
		empty_from = n + 1;
		if (found) {
			fprintf(out, "%*u  %-*s  ", NUMBER, n, PICTURE,
				item.kind == JB_ITEM_DISC ? "    (o)" : "    ( )");
			print_item(tree, &item, out);
		}
		notes_print(tree->jb, e, NOTE, out);
	}
	if (empty_from < end)
		print_empty(empty_from, end - 1, out);
}

/* ---- the whole ------------------------------------------------------------------------------ */

/* Prints how much room the store's file system has; nothing if that is not known. */
static void
print_store(struct tree *tree, FILE *out)
{
	char size[PRETTY_SIZE], space[PRETTY_SIZE];
	struct jb_space s;

	if (jb_space(tree->jb, &s) != JB_OK)
		return;
	fprintf(out, "  store ");
	pretty_bar(out, s.blocks - s.blocks_available, s.blocks, BAR);
	fprintf(out, " %s of %s free%s\n", pretty_size(s.blocks_available * s.block_size, space),
		pretty_size(s.blocks * s.block_size, size),
		jb_is_read_only(tree->jb) ? "; read-only" : "");
}

/* Prints how many elements and discs there are, and how much is recorded. */
static void
print_totals(struct tree *tree, const struct jb_totals *c, FILE *out)
{
	unsigned slots = c->elements[JB_SLOT], mail = c->elements[JB_MAILSLOT];
	unsigned drives = c->elements[JB_DRIVE];
	char size[PRETTY_SIZE];

	fprintf(out, "  %u slot%s, %u mail slot%s, %u drive%s; %u disc%s", slots,
		pretty_plural(slots), mail, pretty_plural(mail), drives, pretty_plural(drives),
		c->discs, pretty_plural(c->discs));
	if (c->by_status[DISC_BLANK] > 0)
		fprintf(out, ", %u blank", c->by_status[DISC_BLANK]);
	if (c->incoming > 0)
		fprintf(out, ", %u being inserted", c->incoming);
	if (c->incomplete > 0)
		fprintf(out, ", %u incomplete", c->incomplete);
	fprintf(out, "; %s recorded\n", pretty_size(c->bytes, size));
}

/* Prints the first line: the target's name, and how long the daemon has run. */
static void
print_title(struct tree *tree, FILE *out)
{
	char name[JB_TEXT_MAX], up[PRETTY_SIZE + 3] = "up ";
	int64_t s = clock_wall_ns() / 1000000000 - tree->started.tv_sec;
	unsigned used;

	pretty_time(s < 0 ? 0 : (uint64_t)s, up + 3);
	jb_setting_get(tree->jb, JB_SET_TARGET_NAME, 0, name);
	used = (unsigned)(strlen("JUKEBOX  ") + strlen(name) + strlen(up));
	fprintf(out, "JUKEBOX  %s%*s%s\n", name,
		used + 2 < PRETTY_COLUMNS ? (int)(PRETTY_COLUMNS - used) : 2, "", up);
}

static void
print_logins(struct tree *tree, FILE *out)
{
	unsigned n = tree_sessions(tree);

	if (n > 0)
		fprintf(out, "\n%u session%s logged in, see ctl/target/sessions\n", n,
			pretty_plural(n));
}

/* Prints the last refusal; nothing if there was none. */
static void
print_last_error(struct tree *tree, FILE *out)
{
	char error[LASTERROR_MAX];

	lasterror_get(&tree->lasterror, error);
	if (error[0] == '\0')
		return;
	fputs("\nlast refused\n  ", out);
	pretty_wrap(out, error, 2);
}

/* Prints MNT/status. */
void
show_STATUS(struct tree *tree, const struct node *node, FILE *out)
{
	struct jb_totals c;
	struct jb_item item;

	jb_totals(tree->jb, &c);
	print_title(tree, out);
	print_totals(tree, &c, out);
	print_store(tree, out);
	faultfile_print(tree, out);
	if (c.elements[JB_DRIVE] > 0)
		print_drives(tree, out);
	if (words_find_item(tree->jb, (struct jb_elem){JB_PICKER, 0}, &item))
		print_elements(tree, JB_PICKER, "picker", out);
	if (c.elements[JB_MAILSLOT] > 0)
		print_elements(tree, JB_MAILSLOT, "mail", out);
	if (c.elements[JB_SLOT] > 0)
		print_elements(tree, JB_SLOT, "slot", out);
	print_logins(tree, out);
	print_last_error(tree, out);
}
