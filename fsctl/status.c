/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MNT/status: the jukebox as a picture.
 *
 *	JUKEBOX   8 slots, 0 mail slots, 1 drive: 3 discs
 *
 *	drive  tray          label           medium   state      size     from
 *	    0  [===(o)===] * ubuntu-24.04    DVD-ROM  complete   4.7 GB   slots/3
 *
 *	slot                 label           medium   state      size
 *	    1      (o)        A1             DVD+R    blank      4.7 GB
 *	  2-8       .         empty
 */
#include <string.h>

#include "fsctl/fs.h"
#include "fsctl/show.h"

enum {
	RUN_MIN = 3, /* as many empty elements in a row become one line */
	LABEL_COLUMNS = 32,
	DISC_COLUMN = 14, /* where the pictures of discs are, in the middle */
	SIZE_TEXT = 16,
};

struct totals {
	unsigned discs, incoming, incomplete;
};

/* Decimal units, as on the boxes of discs. */
static const char *
size_text(uint64_t bytes, char *buf)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	unsigned u = 0;
	uint64_t tenths = bytes * 10;

	if (bytes < 1000) {
		snprintf(buf, SIZE_TEXT, "%u B", (unsigned)bytes);
		return buf;
	}
	for (tenths = bytes / 100, u = 1; tenths >= 10000; u++)
		tenths /= 1000;
	snprintf(buf, SIZE_TEXT, "%u.%u %s", (unsigned)(tenths / 10), (unsigned)(tenths % 10),
		units[u]);
	return buf;
}

static void
count(struct totals *t, const struct jb_item *item)
{
	t->discs += item->kind == JB_ITEM_DISC;
	t->incoming += item->kind == JB_ITEM_INCOMING;
	t->incomplete += item->kind == JB_ITEM_INCOMPLETE;
}

static void
count_all(struct fsctl *fs, struct totals *t)
{
	struct jb_item item;

	for (enum jb_elem_type type = JB_PICKER; type <= JB_DRIVE; type++) {
		unsigned first = jb_first_number(type), n = jb_count(fs->jb, type);

		for (unsigned i = first; i < first + n; i++)
			if (show_find_item(fs->jb, (struct jb_elem){type, i}, &item))
				count(t, &item);
	}
}

static void
print_item(const struct jb_item *item, FILE *out)
{
	char label[JB_NAME_MAX + 1], size[SIZE_TEXT];
	uint64_t bytes = item->size;

	jb_name_label(item->name, label);
	if (strlen(label) > LABEL_COLUMNS)
		strcpy(label + LABEL_COLUMNS - 3, "...");
	if (item->kind == JB_ITEM_DISC && item->status == DISC_BLANK)
		bytes = (uint64_t)item->capacity * SECTOR_SIZE;
	fprintf(out, "%-*s  %-9s %-11s %9s", LABEL_COLUMNS, label,
		item->medium == NULL || item->kind == JB_ITEM_INCOMING ? "-" : item->medium->name,
		show_item_state(item), size_text(bytes, size));
	if (item->bad)
		fputs("  VERIFICATION FAILED", out);
}

static void
print_source(struct fsctl *fs, struct jb_elem e, FILE *out)
{
	struct jb_elem_status st;
	struct jb_elem from;
	char buf[32];

	if (jb_elem_status(fs->jb, e, &st) == JB_OK && st.has_source &&
		jb_elem_at(fs->jb, st.source, &from))
		fprintf(out, "  %s", jb_elem_str(from, buf));
}

/* A tray with a disc in it, or without, shut or pulled out; a star: locked. */
static const char *
tray_picture(const struct drive_view *v)
{
	if (v->tray_open)
		return v->has_disc ? "[___\\__(o)__ " : "[___\\_______ ";
	if (!v->has_disc)
		return v->locked ? "[---------] *" : "[---------]  ";
	return v->locked ? "[===(o)===] *" : "[===(o)===]  ";
}

static void
print_drives(struct fsctl *fs, FILE *out)
{
	fprintf(out, "  drive  %-13s  %-*s  %-9s %-11s %9s  %s\n", "tray", LABEL_COLUMNS, "label",
		"medium", "state", "size", "from");
	for (unsigned n = 0; n < jb_count(fs->jb, JB_DRIVE); n++) {
		struct jb_elem e = {JB_DRIVE, n};
		struct drive_view v;
		struct jb_item item;

		drive_view(jb_drive(fs->jb, n), &v);
		fprintf(out, "  %5u  %-13s  ", n, tray_picture(&v));
		if (show_find_item(fs->jb, e, &item)) {
			print_item(&item, out);
			print_source(fs, e, out);
		} else {
			fputs(v.tray_open ? "open" : "empty", out);
		}
		fputc('\n', out);
	}
}

/* A run of empty elements, from..to: one line each, or one for all. */
static void
print_empty(unsigned from, unsigned to, FILE *out)
{
	char range[32];
	int len;

	if (to - from + 1 < RUN_MIN) {
		for (unsigned n = from; n <= to; n++)
			fprintf(out, "  %5u       .\n", n);
		return;
	}
	snprintf(range, sizeof(range), "%u-%u", from, to);
	len = fprintf(out, "  %5s", range);
	fprintf(out, "%*s.%9sempty\n", DISC_COLUMN - len, "", "");
}

static void
print_elements(struct fsctl *fs, enum jb_elem_type type, const char *title, FILE *out)
{
	unsigned first = jb_first_number(type), end = first + jb_count(fs->jb, type);
	unsigned empty_from = first;

	fprintf(out, "\n  %-20s  %-*s  %-9s %-11s %9s\n", title, LABEL_COLUMNS, "label", "medium",
		"state", "size");
	for (unsigned n = first; n < end; n++) {
		struct jb_item item;

		if (!show_find_item(fs->jb, (struct jb_elem){type, n}, &item))
			continue;
		if (empty_from < n)
			print_empty(empty_from, n - 1, out);
		empty_from = n + 1;
		fprintf(out, "  %5u      %-9s  ", n, item.kind == JB_ITEM_DISC ? "(o)" : "( )");
		print_item(&item, out);
		fputc('\n', out);
	}
	if (empty_from < end)
		print_empty(empty_from, end - 1, out);
}

static const char *
plural(unsigned n)
{
	return n == 1 ? "" : "s";
}

void
show_STATUS(struct fsctl *fs, const struct node *node, FILE *out)
{
	struct totals t = {0, 0, 0};
	unsigned slots = jb_count(fs->jb, JB_SLOT), mail = jb_count(fs->jb, JB_MAILSLOT);
	unsigned drives = jb_count(fs->jb, JB_DRIVE);
	char name[JB_TEXT_MAX];
	struct jb_item item;

	count_all(fs, &t);
	fprintf(out, "JUKEBOX  %s\n", jb_setting_get(fs->jb, JB_SET_TARGET_NAME, 0, name));
	fprintf(out, "  %u slot%s, %u mail slot%s, %u drive%s; %u disc%s", slots, plural(slots),
		mail, plural(mail), drives, plural(drives), t.discs, plural(t.discs));
	if (t.incoming > 0)
		fprintf(out, ", %u being inserted", t.incoming);
	if (t.incomplete > 0)
		fprintf(out, ", %u incomplete", t.incomplete);
	fputs("\n\n", out);
	if (drives > 0)
		print_drives(fs, out);
	if (show_find_item(fs->jb, (struct jb_elem){JB_PICKER, 0}, &item))
		print_elements(fs, JB_PICKER, "picker", out);
	if (mail > 0)
		print_elements(fs, JB_MAILSLOT, "mail slot", out);
	if (slots > 0)
		print_elements(fs, JB_SLOT, "slot", out);
}
