/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * judge: opens stores as the daemon does at its start, and prints what is in them.
 *
 *	judge < PATHS
 *
 * Each line of standard input is the path of a store.  The answer is one line of JSON:
 *
 *	{"error": WHY}				the store cannot be opened
 *	{"elements": {...}, "settings": {...}, "users": {...}, "items": [...], "next-event": N}
 *
 * An item has all that a user of the mount or an initiator can see of it and that is durable, and a hash of
 * each of its sectors; of a sector of zeros it is 0.  Warnings of the log go to standard error.
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "changer/access.h"
#include "changer/base/log.h"
#include "changer/folder.h"
#include "changer/jukebox.h"

enum { SECTOR = 2048, SECTORS_MAX = 2048, TRACKS_MAX = 99 };

/* Returns FNV-1a of the sector; 0 if all of its bytes are zero. */
static uint32_t
hash_of(const uint8_t *data, size_t size)
{
	uint32_t hash = 2166136261U;
	uint8_t any = 0;

	for (size_t i = 0; i < size; i++) {
		any |= data[i];
		hash = (hash ^ data[i]) * 16777619U;
	}
	return any == 0 ? 0 : hash | 1;
}

/* Returns the hashes of the first SECTORS_MAX sectors, without zeros at the end; NULL if the image cannot
 * be read. */
static json_t *
sectors_of(struct jukebox *jb, const struct jb_item *item)
{
	uint8_t data[SECTOR];
	uint32_t hashes[SECTORS_MAX];
	size_t n = 0, last = 0;
	json_t *list = json_array();
	struct jb_file *f;

	if (jb_file_open(jb, item->id, false, false, &f) != JB_OK) {
		json_decref(list);
		return json_null();
	}
	for (ssize_t got = 1; n < SECTORS_MAX && got > 0; n++) {
		got = pread(jb_file_fd(f), data, SECTOR, (off_t)(n * SECTOR));
		hashes[n] = got > 0 ? hash_of(data, (size_t)got) : 0;
		if (hashes[n] != 0)
			last = n + 1;
	}
	jb_file_release(f);
	for (size_t i = 0; i < last; i++)
		json_array_append_new(list, json_integer(hashes[i]));
	return list;
}

static json_t *
tracks_of(struct jukebox *jb, const struct jb_item *item)
{
	struct track t[TRACKS_MAX];
	unsigned n = jb_item_track_list(jb, item->id, t, TRACKS_MAX);
	json_t *list = json_array();

	for (unsigned i = 0; i < n; i++)
		json_array_append_new(
			list, json_pack("[iiiiiii]", (int)t[i].state, (int)t[i].mode,
				      (int)t[i].session, (int)t[i].start, (int)t[i].size,
				      (int)t[i].pregap, (int)t[i].recorded));
	return list;
}

/* Returns the text of the sheet beside a raw disc; JSON's null if there is none. */
static json_t *
sheet_of(struct jukebox *jb, const struct jb_item *item)
{
	char *text;
	size_t size;
	json_t *json;

	if (jb_beside_text(jb, item->id, JB_SHEET, &text, &size) != JB_OK)
		return json_null();
	json = json_stringn(text, size);
	free(text);
	return json;
}

struct look {
	struct jukebox *jb;
	json_t *items;
};

static bool
add_item(void *arg, const struct jb_item *item)
{
	static const char *const kinds[] = {
		"disc", "incoming", "incomplete", "staged", "folder", "unreadable"};
	struct look *look = arg;
	char elem[32], id[32];
	json_t *json;

	snprintf(id, sizeof(id), "%016" PRIx64, item->id);
	json = json_pack("{s:s s:s s:s s:s s:I s:i s:i s:i s:I}", "id", id, "elem",
		jb_elem_str(item->elem, elem), "name", item->name, "kind", kinds[item->kind],
		"size", (json_int_t)item->size, "mode", (int)item->mode, "uid", (int)item->uid,
		"gid", (int)item->gid, "mtime", (json_int_t)item->mtime.tv_sec);
	if (item->kind == JB_ITEM_DISC) {
		const char *origin = jb_origin_name(item->origin);

		json_object_update_new(json,
			json_pack("{s:s s:i s:I s:i s:i s:b s:s s:b s:b s:b s:i}", "medium",
				item->medium->suffix, "state", (int)item->status, "capacity",
				(json_int_t)item->capacity, "sessions", (int)item->sessions,
				"tracks", (int)item->tracks, "sealed", item->sealed, "origin",
				origin == NULL ? "" : origin, "truncated", item->truncated, "pwp",
				item->pwp, "raw", item->raw, "linked", item->link != JB_LINK_NONE));
		json_object_set_new(json, "track-list", tracks_of(look->jb, item));
		json_object_set_new(json, "sheet", sheet_of(look->jb, item));
	}
	json_object_set_new(json, "sectors", sectors_of(look->jb, item));
	json_array_append_new(look->items, json);
	if (item->kind == JB_ITEM_FOLDER)
		(void)jb_folder_list(look->jb, item->id, add_item, look);
	return true;
}

static void
add_elements(struct look *look, json_t *all)
{
	json_t *counts = json_object();

	for (int t = JB_PICKER; t <= JB_DRIVE; t++) {
		enum jb_elem_type type = (enum jb_elem_type)t;
		unsigned count = jb_count(look->jb, type);

		json_object_set_new(counts, jb_elem_dir(type), json_integer(count));
		for (unsigned i = 0; i < count; i++)
			(void)jb_item_list(look->jb,
				(struct jb_elem){type, jb_first_number(type) + i}, add_item, look);
	}
	json_object_set_new(all, "elements", counts);
}

static void
add_settings(struct jukebox *jb, json_t *all)
{
	static const char *const names[] = {
#define JB_SETTING(name, path, check, dflt, doc) path,
#include "changer/setting.def"
#undef JB_SETTING
	};
	json_t *settings = json_object();
	char value[JB_TEXT_MAX], path[128];

	for (unsigned s = 0; s < JB_SETTING_COUNT; s++) {
		unsigned drives = strstr(names[s], "%u") != NULL ? jb_count(jb, JB_DRIVE) : 1;

		for (unsigned d = 0; d < drives; d++) {
			const char *percent = strstr(names[s], "%u");

			if (percent == NULL)
				snprintf(path, sizeof(path), "%s", names[s]);
			else
				snprintf(path, sizeof(path), "%.*s%u%s", (int)(percent - names[s]),
					names[s], d, percent + 2);
			jb_setting_get(jb, (enum jb_setting)s, d, value);
			json_object_set_new(settings, path, json_string(value));
		}
	}
	json_object_set_new(settings, "uuid", json_string(jb_uuid(jb)));
	json_object_set_new(all, "settings", settings);
}

/* Adds the users, each with its secret or "", and its initiators. */
static void
add_users(struct jukebox *jb, json_t *all)
{
	json_t *users = json_object();
	char name[JB_USER_NAME_MAX + 1], secret[JB_SECRET_MAX + 1], initiators[JB_TEXT_MAX];
	unsigned id;

	for (unsigned i = 0; jb_user_at(jb, i, &id, name); i++) {
		if (!jb_access_user_secret(jb, false, name, secret))
			secret[0] = '\0';
		jb_user_initiators(jb, id, initiators);
		json_object_set_new(users, name, json_pack("[s, s]", secret, initiators));
	}
	json_object_set_new(all, "users", users);
}

/* Opens the store, and prints its line. */
static void
look_at(const char *store)
{
	const struct jb_layout none = {0};
	struct look look = {.items = json_array()};
	char why[512] = "";
	json_t *all = json_object();

	if (jb_open(store, &none, &look.jb, why, sizeof(why)) != JB_OK) {
		json_object_set_new(all, "error", json_string(why));
	} else {
		json_object_set_new(
			all, "next-event", json_integer((json_int_t)jb_event_oldest(look.jb)));
		add_settings(look.jb, all);
		add_users(look.jb, all);
		add_elements(&look, all);
		jb_interrupt(look.jb);
		jb_close(look.jb);
	}
	json_object_set_new(all, "items", look.items);
	json_dumpf(all, stdout, JSON_COMPACT);
	putchar('\n');
	fflush(stdout);
	json_decref(all);
}

int
main(void)
{
	char line[4096];

	log_level = LOG_LEVEL_WARN;
	while (fgets(line, sizeof(line), stdin) != NULL) {
		line[strcspn(line, "\n")] = '\0';
		look_at(line);
	}
	return 0;
}
