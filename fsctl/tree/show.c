/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints the text files, except the long ones: status, status.json, metrics and the faults.
 */
#include <stdlib.h>
#include <string.h>

#include "changer/access.h"
#include "changer/base/log.h"
#include "fsctl/tree/rows.h"
#include "fsctl/tree/words.h"

/* ---- README --------------------------------------------------------------------------------- */

static const char intro[] =
	"This file system is a jukebox of optical discs.  A disc is a file; an element of\n"
	"the jukebox is a folder.  To use it, copy, move and remove files.\n"
	"\n"
	"  cp x.iso slots/3/                   insert a disc\n"
	"  touch slots/4/A1.dvd+r.iso          insert a blank DVD+R; MEDIA in the\n"
	"                                      manual page has all kinds\n"
	"  cp x.cue slots/5/.x.cue             insert an audio CD: first its sheet,\n"
	"  cp x.bin slots/5/                   then its BIN\n"
	"  mv slots/3/x.iso drives/0/          load it; initiators see it at once\n"
	"  mv drives/0/x.iso slots/3/          unload it\n"
	"  mv slots/3/x.iso slots/3/y.iso      give it another label\n"
	"  cp drives/0/x.iso /archive/         read a disc, also while it is being burned\n"
	"  rm slots/3/x.iso                    remove it; its data is gone\n"
	"  mkdir slots/9                       one more slot; for rmdir see ctl/changer/layout\n"
	"  cat status                          look at the jukebox\n"
	"  cat ctl/last-error                  why the last refused operation failed\n"
	"  echo open > ctl/drives/0/tray       change a setting or a state\n"
	"\n"
	"A file becomes a disc when the program that writes it has closed it; a file with a\n"
	"leading dot or a trailing ~ never does.  A recorded disc cannot be written to.\n"
	"The manual page is jukeboxfs(5).\n"
	"\n"
	"All files and folders (N stands for a number: slots from 1, drives from 0):\n"
	"\n";

/* Prints the line of a row in README: its path with N for a number, its permissions and its
 * description. */
static void
print_row(const struct node_row *row, FILE *out)
{
	char path[NODE_PATH_MAX];
	const char *count = strstr(row->path, "%u");
	bool dir = row->kind == NODE_DIR || row->kind == NODE_ELEMENT;

	if (count == NULL)
		snprintf(path, sizeof(path), "%s%s", row->path, dir ? "/" : "");
	else
		snprintf(path, sizeof(path), "%.*sN%s%s", (int)(count - row->path), row->path,
			count + 2, dir ? "/" : "");
	fprintf(out, "  %-30s %s  %s\n", path,
		dir			  ? "   "
		: (row->mode & 0444) == 0 ? "-w-"
		: node_is_written(row)	  ? "rw-"
					  : "r--",
		row->doc);
}

/* Prints how to use the mount, and a line for each row of the table but the root. */
void
show_README(struct tree *tree, const struct node *node, FILE *out)
{
	const struct node_row *row;

	fputs(intro, out);
	for (size_t i = 1; (row = node_row_at(i)) != NULL; i++) /* all but the root */
		print_row(row, out);
}

/* ---- ctl ------------------------------------------------------------------------------------ */

/* Prints the last refusal; nothing if there was none yet. */
void
show_ERROR(struct tree *tree, const struct node *node, FILE *out)
{
	char text[LASTERROR_MAX];

	lasterror_get(&tree->lasterror, text);
	if (text[0] != '\0')
		fprintf(out, "%s\n", text);
}

/* Prints the last 32 KiB of the daemon's log; nothing if there is no memory. */
void
show_LOG(struct tree *tree, const struct node *node, FILE *out)
{
	enum { LOG_BYTES = 32 * 1024 };
	char *text = malloc(LOG_BYTES);

	if (text == NULL)
		return;
	fwrite(text, 1, log_tail(text, LOG_BYTES), out);
	free(text);
}

/* Prints the text of another part of the program; nothing if that part has gone.  `which` is as in
 * tree_other_text. */
static void
show_other(struct tree *tree, tree_text *const *which, FILE *out)
{
	char *text = tree_other_text(tree, which);

	if (text != NULL)
		fputs(text, out);
	free(text);
}

/* Prints where the target listens; nothing if the target has gone. */
void
show_PORTALS(struct tree *tree, const struct node *node, FILE *out)
{
	show_other(tree, &tree->others.portals, out);
}

/* Prints the connections of the target that are no sessions; nothing if it has gone. */
void
show_CONNECTIONS(struct tree *tree, const struct node *node, FILE *out)
{
	show_other(tree, &tree->others.connections, out);
}

/* Prints the sessions of the target; nothing if it has gone. */
void
show_SESSIONS(struct tree *tree, const struct node *node, FILE *out)
{
	show_other(tree, &tree->others.sessions, out);
}

/* Prints the value of a setting, or its default, and a newline; nothing if that is "". */
void
show_SETTING(struct tree *tree, const struct node *node, FILE *out)
{
	char value[JB_TEXT_MAX];

	jb_setting_get(tree->jb, (enum jb_setting)node->row->setting, node->number, value);
	if (value[0] != '\0')
		fprintf(out, "%s\n", value);
}

/* Prints the initiators of the user, one a line; nothing if it has none. */
void
show_USER_INITIATORS(struct tree *tree, const struct node *node, FILE *out)
{
	char list[JB_TEXT_MAX];

	jb_user_initiators(tree->jb, node->number, list);
	if (list[0] != '\0')
		fprintf(out, "%s\n", list);
}

/* ---- ctl/drives/N --------------------------------------------------------------------------- */

/* Stores the state of the drive that the node belongs to in *v.  Returns false, and leaves *v, if the drive
 * was removed. */
static bool
view(struct tree *tree, const struct node *node, struct drive_view *v)
{
	struct drive *d = jb_drive(tree->jb, node->number);

	if (d != NULL)
		drive_view(d, v);
	return d != NULL;
}

/* Prints the state of the drive: offline, open, loading, empty, blanking, formatting (unless in the
 * background), or else the word of words_item_state for its disc. */
void
show_STATE(struct tree *tree, const struct node *node, FILE *out)
{
	struct jb_elem e = {JB_DRIVE, node->number};
	struct drive_progress p;
	struct drive_view v;
	struct jb_item item;

	if (!view(tree, node, &v))
		return;
	words_progress(tree->jb, node->number, &p);
	if (v.offline)
		fputs("offline\n", out);
	else if (v.tray_open)
		fputs("open\n", out);
	else if (v.loading)
		fputs("loading\n", out);
	else if (!words_find_item(tree->jb, e, &item))
		fputs("empty\n", out);
	else if (p.work == DRIVE_BLANKING || (p.work == DRIVE_FORMATTING && !p.background))
		fprintf(out, "%s\n", words_work(p.work));
	else
		fprintf(out, "%s\n", words_item_state(&item));
}

/* Prints the suffix of the medium in the drive; "none" if there is no disc or it has no medium. */
void
show_PROFILE(struct tree *tree, const struct node *node, FILE *out)
{
	struct jb_elem e = {JB_DRIVE, node->number};
	struct jb_item item;
	bool disc = words_find_item(tree->jb, e, &item) && item.medium != NULL;

	fprintf(out, "%s\n", disc ? item.medium->suffix : "none");
}

/* Prints the work of the drive; if it is not idle, also how many blocks are done; and if the total is known,
 * also that and the percentage. */
void
show_PROGRESS(struct tree *tree, const struct node *node, FILE *out)
{
	struct drive_progress p;

	words_progress(tree->jb, node->number, &p);
	fputs(words_work(p.work), out);
	if (p.work != DRIVE_IDLE)
		fprintf(out, " %llu", (unsigned long long)p.done);
	if (p.work != DRIVE_IDLE && p.total != 0)
		fprintf(out, " %llu %u%%", (unsigned long long)p.total, words_percent(&p));
	fputc('\n', out);
}

/* Prints the speeds for reading and writing in kB/s. */
void
show_CURRENT_SPEED(struct tree *tree, const struct node *node, FILE *out)
{
	struct drive *d = jb_drive(tree->jb, node->number);
	uint32_t read, write;

	if (d == NULL)
		return;
	drive_speeds(d, &read, &write);
	fprintf(out, "%u %u\n", read, write);
}

/* Prints "open" or "closed". */
void
show_TRAY(struct tree *tree, const struct node *node, FILE *out)
{
	struct drive_view v;

	if (view(tree, node, &v))
		fputs(v.tray_open ? "open\n" : "closed\n", out);
}

/* Prints 1 if an initiator has locked the drive, else 0. */
void
show_LOCKED(struct tree *tree, const struct node *node, FILE *out)
{
	struct drive_view v;

	if (view(tree, node, &v))
		fprintf(out, "%d\n", v.locked);
}

/* Prints how often users and programs have asked the locked drive for its disc
 * (drive_request_eject). */
void
show_EJECT(struct tree *tree, const struct node *node, FILE *out)
{
	struct drive_view v;

	if (view(tree, node, &v))
		fprintf(out, "%llu\n", (unsigned long long)v.eject_requests);
}
