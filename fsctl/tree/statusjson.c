/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MNT/status.json: the state of everything.
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/printable.h"
#include "fsctl/tree/rows.h"
#include "fsctl/tree/faultfile.h"
#include "fsctl/tree/notes.h"
#include "fsctl/tree/words.h"

/* Adds a member, and takes over `value`.  If that is NULL, because there was no memory, the member is
 * left out. */
static void
put(json_t *to, const char *key, json_t *value)
{
	json_object_set_new(to, key, value);
}

/* Returns a text as JSON, or null if it is not UTF-8.  The model accepts only names in UTF-8, but a store may
 * have been changed by hand. */
static json_t *
text_json(const char *s)
{
	json_t *text = json_string(s);

	return text != NULL ? text : json_null();
}

/* Adds the hash of the disc, or how far its computation is, and the state of its verification;
 * nothing that there is not. */
static void
add_check(struct jukebox *jb, const struct jb_item *item, json_t *o)
{
	struct jb_check check;
	char text[WORDS_CHECK_MAX];

	if (jb_item_check(jb, item->id, &check) != JB_OK)
		return;
	if (check.sha256[0] != '\0')
		put(o, "sha256", json_string(check.sha256));
	else if (check.hash_asked)
		put(o, "hashing", json_integer(check.running ? check.percent : 0));
	if (words_verification(&check, text)[0] != '\0')
		put(o, "verify", json_string(text));
}

/* Adds the target and the state of a link; nothing for another item. */
static void
add_link(struct jukebox *jb, const struct jb_item *item, json_t *o)
{
	static const char *const states[] = {
		[JB_LINK_UNCHECKED] = "unchecked",
		[JB_LINK_GOOD] = "good",
		[JB_LINK_IS_CHANGED] = "changed",
		[JB_LINK_IS_MISSING] = "missing",
	};
	char *target = item->link == JB_LINK_NONE ? NULL : malloc(JB_TARGET_MAX);

	if (target != NULL && jb_item_target(jb, item->id, target) == JB_OK) {
		put(o, "target", text_json(target));
		put(o, "link", json_string(states[item->link]));
	}
	free(target);
}

/* Appends an object for one track to the array; with its mode if of_cd is true. */
static void
put_track(json_t *tracks, unsigned number, const struct track *t, bool of_cd)
{
	json_t *o = json_object();

	put(o, "number", json_integer(number));
	put(o, "session", json_integer(t->session));
	if (of_cd)
		put(o, "mode", json_string(cd_mode_name(t->mode)));
	put(o, "start", json_integer(t->start));
	put(o, "size", json_integer(t->size));
	if (t->pregap != 0)
		put(o, "pregap", json_integer(t->pregap));
	if (t->isrc[0] != '\0')
		put(o, "isrc", json_string(t->isrc));
	json_array_append_new(tracks, o);
}

/* Adds the tracks, in sectors, if there are any.  For a CD, whose tracks may have different modes,
 * also adds the modes, and whether it is raw. */
static void
add_tracks(struct jukebox *jb, const struct jb_item *item, json_t *o)
{
	enum { TRACKS_MAX = 99 };
	struct track tracks[TRACKS_MAX];
	unsigned n = jb_item_track_list(jb, item->id, tracks, TRACKS_MAX);
	bool of_cd = item->medium != NULL && item->medium->family == MEDIUM_CD;
	json_t *list;

	if (n == 0)
		return;
	list = json_array();
	for (unsigned i = 0; i < n; i++)
		put_track(list, item->first_number + i, &tracks[i], of_cd);
	put(o, "track-list", list);
	if (of_cd)
		put(o, "raw", json_boolean(item->raw));
}

/* Returns an item as JSON.  A disc and an incomplete file have more members than another item. */
static json_t *
item_json(struct jukebox *jb, const struct jb_item *item)
{
	json_t *o = json_object();
	char label[JB_NAME_MAX + 1], note[JB_IMPORT_TEXT];

	jb_name_label(item->name, label);
	notes_of(jb, item, note);
	put(o, "name", text_json(item->name));
	put(o, "label", text_json(label));
	put(o, "state", json_string(words_item_state(item)));
	/* A string, because many readers of JSON keep only 53 bits of a number. */
	put(o, "id", json_sprintf("%llu", (unsigned long long)item->id));
	put(o, "size", json_integer((json_int_t)item->size));
	put(o, "stored", json_integer((json_int_t)item->blocks * 512));
	put(o, "mode", json_integer((json_int_t)item->mode));
	put(o, "uid", json_integer((json_int_t)item->uid));
	put(o, "gid", json_integer((json_int_t)item->gid));
	put(o, "mtime", json_integer((json_int_t)item->mtime.tv_sec));
	if (note[0] != '\0')
		put(o, "note", text_json(note));
	if (item->kind == JB_ITEM_DISC || item->kind == JB_ITEM_INCOMPLETE) {
		put(o, "profile", json_string(item->medium == NULL ? "" : item->medium->suffix));
		put(o, "capacity", json_integer((json_int_t)item->capacity * SECTOR_SIZE));
		put(o, "sessions", json_integer((json_int_t)item->sessions));
		put(o, "tracks", json_integer((json_int_t)item->tracks));
		add_tracks(jb, item, o);
		put(o, "recovered", json_boolean(item->recovered));
		put(o, "sealed", json_boolean(item->sealed));
		put(o, "damaged", json_boolean(item->bad));
		put(o, "protected", json_boolean((item->mode & 0222) == 0 || item->pwp));
		put(o, "protection", json_string(words_protection(item)));
		if (jb_origin_name(item->origin) != NULL)
			put(o, "origin", json_string(jb_origin_name(item->origin)));
		if (item->nwa >= 0)
			put(o, "nwa", json_integer((json_int_t)item->nwa));
		add_check(jb, item, o);
		add_link(jb, item, o);
	}
	return o;
}

/* The members of an element while add_item fills them; NULL: none yet. */
struct split {
	struct jukebox *jb;
	json_t *disc; /* the disc, or the file that may become one */
	json_t *staged;
};

/* Adds an item to the two members of an element (arg is a struct split): its disc, or its staged
 * files and its folder.  Returns true always; for jb_item_list. */
static bool
add_item(void *arg, const struct jb_item *item)
{
	struct split *s = arg;

	if (item->kind == JB_ITEM_STAGED || item->kind == JB_ITEM_FOLDER) {
		if (s->staged == NULL)
			s->staged = json_array();
		json_array_append_new(s->staged, item_json(s->jb, item));
	} else {
		json_decref(s->disc);
		s->disc = item_json(s->jb, item);
	}
	return true;
}

/* Returns an element as JSON: its status, its disc (null if there is none), and its staged files and
 * folder if there are any. */
static json_t *
elem_json(struct tree *tree, struct jb_elem e)
{
	json_t *o = json_object();
	struct split s = {tree->jb, NULL, NULL};
	struct jb_elem_status st;
	struct jb_elem from;
	char buf[32];

	put(o, "number", json_integer((json_int_t)e.number));
	if (jb_elem_status(tree->jb, e, &st) == JB_OK) {
		put(o, "address", json_integer(st.address));
		put(o, "full", json_boolean(st.full));
		put(o, "reserved", json_boolean(st.reserved));
		put(o, "accessible", json_boolean(st.accessible));
		if (e.type == JB_MAILSLOT)
			put(o, "open", json_boolean(st.open));
		if (st.has_source && jb_elem_at(tree->jb, st.source, &from))
			put(o, "source", json_string(jb_elem_str(from, buf)));
	}
	jb_item_list(tree->jb, e, add_item, &s);
	put(o, "disc", s.disc == NULL ? json_null() : s.disc);
	if (s.staged != NULL)
		put(o, "staged", s.staged);
	return o;
}

/* Returns the work of a drive as JSON; the percentage is null if the total is not known. */
static json_t *
work_json(struct drive *d)
{
	json_t *o = json_object();
	struct drive_progress p;

	words_progress(drive_jukebox(d), drive_number(d), &p);
	put(o, "doing", json_string(words_work(p.work)));
	put(o, "done", json_integer((json_int_t)p.done));
	put(o, "total", json_integer((json_int_t)p.total));
	put(o, "percent", p.total != 0 ? json_integer(words_percent(&p)) : json_null());
	return o;
}

/* Returns the speeds of a drive as JSON, in kB/s. */
static json_t *
speed_json(struct drive *d)
{
	json_t *o = json_object();
	uint32_t read, write;

	drive_speeds(d, &read, &write);
	put(o, "read", json_integer(read));
	put(o, "write", json_integer(write));
	return o;
}

/* Adds what the files in ctl/drives/N say about a drive: tray, locks, counters, work and speed.
 * Adds nothing if the drive was removed meanwhile. */
static void
add_drive(struct tree *tree, unsigned number, json_t *o)
{
	struct drive *d = jb_drive(tree->jb, number);
	struct drive_view v;

	if (d == NULL) /* the drive was removed meanwhile */
		return;
	drive_view(d, &v);
	put(o, "tray", json_string(v.tray_open ? "open" : "closed"));
	put(o, "online", json_boolean(!v.offline));
	put(o, "locked", json_boolean(v.locked));
	put(o, "locks", json_integer(v.prevents));
	put(o, "media-changes", json_integer((json_int_t)v.media_changes));
	put(o, "eject-requests", json_integer((json_int_t)v.eject_requests));
	put(o, "work", work_json(d));
	put(o, "speed", speed_json(d));
}

/* Returns the settings of drive `number` (of_drives is true), or those that belong to no drive
 * (false).  The key of each is the path of its file below ctl/drives/N or below ctl/. */
static json_t *
settings_json(struct tree *tree, bool of_drives, unsigned number)
{
	static const char drives[] = "ctl/drives/%u/";
	json_t *o = json_object();
	const struct node_row *row;
	char value[JB_TEXT_MAX];

	for (size_t i = 0; (row = node_row_at(i)) != NULL; i++) {
		bool of_drive = strncmp(row->path, drives, strlen(drives)) == 0;

		if (row->setting < 0 || of_drive != of_drives || !node_is_read(row))
			continue;
		jb_setting_get(tree->jb, (enum jb_setting)row->setting, number, value);
		put(o, row->path + (of_drive ? strlen(drives) : strlen("ctl/")), text_json(value));
	}
	return o;
}

/* Returns the lines of a text of another part of the program as an array; empty if that part has
 * gone.  `which` is as in tree_other_text. */
static json_t *
lines_json(struct tree *tree, tree_text *const *which)
{
	json_t *lines = json_array();
	char *text = tree_other_text(tree, which), *save = NULL, *l;

	if (text == NULL)
		return lines;
	for (l = strtok_r(text, "\n", &save); l != NULL; l = strtok_r(NULL, "\n", &save))
		json_array_append_new(lines, text_json(l));
	free(text);
	return lines;
}

/* Returns the counts of jb_totals as JSON. */
static json_t *
totals_json(struct tree *tree)
{
	json_t *o = json_object();
	struct jb_totals c;

	jb_totals(tree->jb, &c);
	put(o, "discs", json_integer(c.discs));
	put(o, "blank", json_integer(c.by_status[DISC_BLANK]));
	put(o, "appendable", json_integer(c.by_status[DISC_APPENDABLE]));
	put(o, "complete", json_integer(c.by_status[DISC_COMPLETE]));
	put(o, "random-access", json_integer(c.by_status[DISC_OTHERS]));
	put(o, "incoming", json_integer(c.incoming));
	put(o, "incomplete", json_integer(c.incomplete));
	put(o, "staged", json_integer(c.staged));
	put(o, "recorded", json_integer((json_int_t)c.bytes));
	put(o, "stored", json_integer((json_int_t)c.used));
	return o;
}

/* Returns how many events of each type there were since the start. */
static json_t *
events_json(struct tree *tree)
{
	uint64_t counts[JB_EVENT_COUNT];
	json_t *o = json_object();

	jb_event_counts(tree->jb, counts);
	for (unsigned e = 0; e < JB_EVENT_COUNT; e++)
		put(o, jb_event_name((enum jb_event_type)e), json_integer((json_int_t)counts[e]));
	return o;
}

/* Returns the room in the store and in the elements as JSON; an empty object if it is not known. */
static json_t *
space_json(struct tree *tree)
{
	json_t *o = json_object();
	struct jb_space s;

	if (jb_space(tree->jb, &s) != JB_OK)
		return o;
	put(o, "bytes", json_integer((json_int_t)(s.blocks * s.block_size)));
	put(o, "bytes-available", json_integer((json_int_t)(s.blocks_available * s.block_size)));
	put(o, "read-only", json_boolean(jb_is_read_only(tree->jb)));
	put(o, "elements", json_integer((json_int_t)s.elements));
	put(o, "elements-empty", json_integer((json_int_t)s.elements_empty));
	return o;
}

/* Adds a fault rule to the array `arg`, for faultfile_list. */
static void
add_fault(void *arg, const char *unit, const char *rule, uint64_t fired)
{
	json_t *o = json_object();

	put(o, "unit", json_string(unit));
	put(o, "rule", json_string(rule));
	put(o, "fired", json_integer((json_int_t)fired));
	json_array_append_new(arg, o);
}

/* Returns an array of all fault rules. */
static json_t *
faults_json(struct tree *tree)
{
	json_t *all = json_array();

	faultfile_list(tree, add_fault, all);
	return all;
}

/* ---- the file: printed piece by piece, so that the JSON of 60 000 slots is never in memory ----- */

/* Prints a value as JSON, and frees it. */
static void
print_value(json_t *value, FILE *out)
{
	json_dump_callback(value, printable_json, out, JSON_ENCODE_ANY);
	json_decref(value);
}

/* Prints a member of the outermost object, and frees its value. */
static void
print_member(const char *key, json_t *value, FILE *out)
{
	fprintf(out, "  \"%s\": ", key);
	print_value(value, out);
	fputs(",\n", out);
}

/* Prints the member with the elements of one type, each on a line; drives also with their state and
 * settings. */
static void
print_elements(struct tree *tree, enum jb_elem_type type, FILE *out)
{
	unsigned first = jb_first_number(type), n = jb_count(tree->jb, type);

	fprintf(out, "  \"%s\": [", jb_elem_dir(type));
	for (unsigned i = first; i < first + n; i++) {
		json_t *o = elem_json(tree, (struct jb_elem){type, i});

		if (type == JB_DRIVE) {
			add_drive(tree, i, o);
			put(o, "settings", settings_json(tree, true, i));
		}
		fputs(i == first ? "\n    " : ",\n    ", out);
		print_value(o, out);
	}
	fputs(n == 0 ? "],\n" : "\n  ],\n", out);
}

/* Prints MNT/status.json. */
void
show_JSON(struct tree *tree, const struct node *node, FILE *out)
{
	json_t *target = json_object();
	char error[LASTERROR_MAX];

	fputs("{\n", out);
	print_member("version", json_string(JUKEBOXD_VERSION), out);
	print_member("uuid", json_string(jb_uuid(tree->jb)), out);
	print_member("started", json_integer((json_int_t)tree->started.tv_sec), out);
	for (enum jb_elem_type t = JB_PICKER; t <= JB_DRIVE; t++)
		print_elements(tree, t, out);
	print_member("settings", settings_json(tree, false, 0), out);
	put(target, "portals", lines_json(tree, &tree->others.portals));
	put(target, "sessions", json_integer(tree_sessions(tree)));
	print_member("target", target, out);
	print_member("totals", totals_json(tree), out);
	print_member("events", events_json(tree), out);
	print_member("faults", faults_json(tree), out);
	print_member("store", space_json(tree), out);
	fputs("  \"last-error\": ", out);
	print_value(text_json(lasterror_get(&tree->lasterror, error)), out);
	fputs("\n}\n", out);
}
