/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/show.h"

#include <stdlib.h>
#include <string.h>

#include "changer/base/log.h"
#include "fsctl/fs.h"

const char *
show_item_state(const struct jb_item *item)
{
	switch (item->kind) {
	case JB_ITEM_INCOMING:
		return "incoming";
	case JB_ITEM_INCOMPLETE:
		return "incomplete";
	case JB_ITEM_STAGED:
		return "staged";
	case JB_ITEM_DISC:
		break;
	}
	if (item->truncated)
		return "truncated";
	if (item->link == JB_LINK_IS_CHANGED)
		return "changed";
	if (item->link == JB_LINK_IS_MISSING)
		return "missing";
	switch (item->status) {
	case DISC_BLANK:
		return "blank";
	case DISC_APPENDABLE:
		return "appendable";
	case DISC_COMPLETE:
		return "complete";
	case DISC_OTHERS:
		break;
	}
	return "random-access"; /* READ DISC INFORMATION's word for rewritables without sessions */
}

const char *
show_protection(const struct jb_item *item)
{
	static const char *const names[2][2] = {{"off", "persistent"}, {"tab", "tab persistent"}};

	return names[(item->mode & 0222) == 0][item->pwp];
}

static bool
keep_item(void *arg, const struct jb_item *item)
{
	struct jb_item *out = arg;

	if (item->kind != JB_ITEM_STAGED)
		*out = *item;
	return item->kind != JB_ITEM_DISC;
}

bool
show_find_item(struct jukebox *jb, struct jb_elem e, struct jb_item *out)
{
	out->kind = JB_ITEM_STAGED;
	jb_item_list(jb, e, keep_item, out);
	return out->kind != JB_ITEM_STAGED;
}

/* ---- README --------------------------------------------------------------------------------- */

static const char intro[] =
	"This file system is a jukebox of optical discs.  A disc is a file; an element of\n"
	"the jukebox is a folder.  Copying, moving and removing files is all there is to it.\n"
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
	"  rm slots/3/x.iso                    take it out; its data is gone\n"
	"  mkdir slots/9                       one more slot; rmdir removes the last one\n"
	"  cat status                          look at the jukebox\n"
	"  cat ctl/last-error                  why the last thing was refused\n"
	"  echo open > ctl/drives/0/tray       change something\n"
	"\n"
	"A disc becomes one when the program that writes it has closed it; names with a\n"
	"leading dot or a trailing ~ never do.  A recorded disc cannot be written to.\n"
	"The manual page is jukeboxfs(5).\n"
	"\n"
	"All files and folders (N stands for a number: slots from 1, drives from 0):\n"
	"\n";

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
		dir					  ? "   "
		: row->show == NULL && row->store != NULL ? "-w-"
		: row->store == NULL			  ? "r--"
							  : "rw-",
		row->doc);
}

void
show_README(struct fsctl *fs, const struct node *node, FILE *out)
{
	const struct node_row *row;

	fputs(intro, out);
	for (size_t i = 1; (row = node_row_at(i)) != NULL; i++) /* less the root */
		print_row(row, out);
}

/* ---- ctl ------------------------------------------------------------------------------------ */

void
show_ERROR(struct fsctl *fs, const struct node *node, FILE *out)
{
	char text[LASTERROR_MAX];

	lasterror_get(&fs->lasterror, text);
	if (text[0] != '\0')
		fprintf(out, "%s\n", text);
}

void
show_LOG(struct fsctl *fs, const struct node *node, FILE *out)
{
	enum { LOG_BYTES = 32 * 1024 };
	char *text = malloc(LOG_BYTES);

	if (text == NULL)
		return;
	fwrite(text, 1, log_tail(text, LOG_BYTES), out);
	free(text);
}

char *
show_other_text(struct fsctl *fs, fsctl_text *const *which)
{
	size_t len, size = 0;
	char *buf = NULL;

	pthread_rwlock_rdlock(&fs->texts_lock);
	/* What it would need may grow between two calls. */
	while (*which != NULL && (len = (*which)(fs->options.arg, buf, size)) >= size) {
		char *more = realloc(buf, len + 1);

		if (more == NULL)
			break;
		buf = more;
		size = len + 1;
	}
	pthread_rwlock_unlock(&fs->texts_lock);
	return buf;
}

static void
show_other(struct fsctl *fs, fsctl_text *const *which, FILE *out)
{
	char *text = show_other_text(fs, which);

	if (text != NULL)
		fputs(text, out);
	free(text);
}

void
show_PORTALS(struct fsctl *fs, const struct node *node, FILE *out)
{
	show_other(fs, &fs->options.portals, out);
}

void
show_SESSIONS(struct fsctl *fs, const struct node *node, FILE *out)
{
	show_other(fs, &fs->options.sessions, out);
}

void
show_SETTING(struct fsctl *fs, const struct node *node, FILE *out)
{
	char value[JB_TEXT_MAX];

	jb_setting_get(fs->jb, (enum jb_setting)node->row->setting, node->number, value);
	if (value[0] != '\0')
		fprintf(out, "%s\n", value);
}

/* ---- ctl/drives/N --------------------------------------------------------------------------- */

static bool
view(struct fsctl *fs, const struct node *node, struct drive_view *v)
{
	struct drive *d = jb_drive(fs->jb, node->number);

	if (d != NULL)
		drive_view(d, v);
	return d != NULL;
}

void
show_STATE(struct fsctl *fs, const struct node *node, FILE *out)
{
	struct jb_elem e = {JB_DRIVE, node->number};
	struct drive_progress p;
	struct drive_view v;
	struct jb_item item;

	if (!view(fs, node, &v))
		return;
	show_progress(fs->jb, node->number, &p);
	if (v.offline)
		fputs("offline\n", out);
	else if (v.tray_open)
		fputs("open\n", out);
	else if (v.loading)
		fputs("loading\n", out);
	else if (!show_find_item(fs->jb, e, &item))
		fputs("empty\n", out);
	else if (p.work == DRIVE_BLANKING || (p.work == DRIVE_FORMATTING && !p.background))
		fprintf(out, "%s\n", show_work(p.work));
	else
		fprintf(out, "%s\n", show_item_state(&item));
}

void
show_PROFILE(struct fsctl *fs, const struct node *node, FILE *out)
{
	struct jb_elem e = {JB_DRIVE, node->number};
	struct jb_item item;
	bool disc = show_find_item(fs->jb, e, &item) && item.medium != NULL;

	fprintf(out, "%s\n", disc ? item.medium->suffix : "none");
}

const char *
show_work(enum drive_work work)
{
	static const char *const names[] = {
		[DRIVE_IDLE] = "idle",
		[DRIVE_BURNING] = "burning",
		[DRIVE_FORMATTING] = "formatting",
		[DRIVE_BLANKING] = "blanking",
		[DRIVE_VERIFYING] = "verifying",
	};

	return names[work];
}

void
show_progress(struct jukebox *jb, unsigned drive, struct drive_progress *out)
{
	struct drive *d = jb_drive(jb, drive);
	struct jb_check check;
	struct jb_item item;

	*out = (struct drive_progress){.work = DRIVE_IDLE};
	if (d != NULL)
		drive_progress(d, out);
	if (out->work != DRIVE_IDLE ||
		!show_find_item(jb, (struct jb_elem){JB_DRIVE, drive}, &item) ||
		jb_item_check(jb, item.id, &check) != JB_OK || !check.running)
		return;
	out->work = DRIVE_VERIFYING; /* hashing reads the disc in the same way */
	out->total = jb_item_sectors(&item);
	out->done = out->total * check.percent / 100;
}

unsigned
show_percent(const struct drive_progress *p)
{
	return p->total == 0 ? 0 : (unsigned)(p->done * 100 / p->total);
}

void
show_PROGRESS(struct fsctl *fs, const struct node *node, FILE *out)
{
	struct drive_progress p;

	show_progress(fs->jb, node->number, &p);
	fputs(show_work(p.work), out);
	if (p.work != DRIVE_IDLE)
		fprintf(out, " %llu %llu %u%%", (unsigned long long)p.done,
			(unsigned long long)p.total, show_percent(&p));
	fputc('\n', out);
}

void
show_CURRENT_SPEED(struct fsctl *fs, const struct node *node, FILE *out)
{
	struct drive *d = jb_drive(fs->jb, node->number);
	uint32_t read, write;

	if (d == NULL)
		return;
	drive_speeds(d, &read, &write);
	fprintf(out, "%u %u\n", read, write);
}

void
show_TRAY(struct fsctl *fs, const struct node *node, FILE *out)
{
	struct drive_view v;

	if (view(fs, node, &v))
		fputs(v.tray_open ? "open\n" : "closed\n", out);
}

void
show_LOCKED(struct fsctl *fs, const struct node *node, FILE *out)
{
	struct drive_view v;

	if (view(fs, node, &v))
		fprintf(out, "%d\n", v.locked);
}

void
show_EJECT(struct fsctl *fs, const struct node *node, FILE *out)
{
	struct drive_view v;

	if (view(fs, node, &v))
		fprintf(out, "%llu\n", (unsigned long long)v.eject_requests);
}
