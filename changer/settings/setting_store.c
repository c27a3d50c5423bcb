/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values of settings: one file each in STORE/ctl.  A setting without a file has its default. */
#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "changer/base/log.h"
#include "changer/base/secret.h"
#include "changer/inventory/finding.h"
#include "changer/inventory/model.h"
#include "changer/settings/access.h"
#include "changer/settings/setting.h"
#include "changer/settings/setting_store.h"
#include "changer/settings/setting_value.h"
#include "changer/store/store.h"

/* Returns the element type whose first address the setting holds; 0 if it holds none. */
static enum jb_elem_type
address_type(enum jb_setting s)
{
	switch (s) {
	case JB_SET_CHANGER_FIRST_SLOT:
		return JB_SLOT;
	case JB_SET_CHANGER_FIRST_DRIVE:
		return JB_DRIVE;
	case JB_SET_CHANGER_FIRST_MAILSLOT:
		return JB_MAILSLOT;
	case JB_SET_CHANGER_FIRST_PICKER:
		return JB_PICKER;
	default:
		return (enum jb_elem_type)0;
	}
}

/* Prints the path of the setting's file to buf, which has STORE_PATH_MAX bytes. */
static void
path_of(enum jb_setting s, unsigned drive, char *buf)
{
	const char *path = setting_path(s), *hole = strstr(path, "%u");

	if (hole == NULL)
		snprintf(buf, STORE_PATH_MAX, "ctl/%s", path);
	else
		snprintf(buf, STORE_PATH_MAX, "ctl/%.*s%u%s", (int)(hole - path), path, drive,
			hole + 2);
}

/* ---- addresses ------------------------------------------------------------------------------- */

/* Returns the value, or the default, of a setting that is a number and does not belong to a drive. */
static unsigned
number_of(struct jukebox *jb, enum jb_setting s)
{
	char buf[JB_TEXT_MAX];

	return (unsigned)strtoul(jb_setting_get(jb, s, 0, buf), NULL, 10);
}

/* Stores the first address of each element type, as the settings say, in first[type]; 0 in all other
 * places. */
static void
current_addresses(struct jukebox *jb, unsigned first[ELEM_TYPES])
{
	memset(first, 0, ELEM_TYPES * sizeof(*first));
	for (unsigned s = 0; s < JB_SETTING_COUNT; s++)
		if (address_type((enum jb_setting)s) != 0)
			first[address_type((enum jb_setting)s)] = number_of(jb, (enum jb_setting)s);
}

/* Makes the first addresses of the element types take effect.  layout_lock must be held, or no other thread
 * may use the jukebox yet. */
static void
apply_addresses(struct jukebox *jb, const unsigned first[ELEM_TYPES])
{
	for (unsigned t = JB_PICKER; t < ELEM_TYPES; t++)
		jb->first_address[t] = (uint16_t)first[t];
}

/* ---- settings that a drive has to agree to ------------------------------------------------------ */

/* If the setting is that of a drive being online, enters the drive's strand and returns the drive; the caller
 * leaves the strand when the setting is made.  Returns NULL, and enters none, for any other setting. */
static struct drive *
enter_drive(struct jukebox *jb, enum jb_setting s, unsigned drive)
{
	struct drive *d = s == JB_SET_DRIVE_ONLINE ? jb->drives[drive] : NULL;

	if (d != NULL)
		strand_enter(&d->strand);
	return d;
}

/* Returns true if the value of JB_SET_DRIVE_ONLINE means online: it is not "0".  "" too means online. */
static bool
is_online(const char *canonical)
{
	return canonical[0] != '0';
}

/* ---- setting --------------------------------------------------------------------------------- */

/* Sets the value in memory, "" for the default, and wipes the old one.  Then passes it to the hook take_time,
 * by which a time takes effect.  Returns JB_NO_MEMORY, and changes nothing, if there is no memory; else
 * JB_OK.  Takes the jukebox lock for a moment. */
static enum jb_err
set_in_memory(struct jukebox *jb, enum jb_setting s, unsigned drive, const char *value)
{
	bool secret = setting_is_secret(s);
	char *copy = value[0] == '\0' ? NULL : secret ? secret_copy(value) : strdup(value), *old;

	if (copy == NULL && value[0] != '\0')
		return JB_NO_MEMORY;
	jb_enter(jb);
	old = jb->settings[setting_place(s, drive)];
	jb->settings[setting_place(s, drive)] = copy;
	jb_leave(jb);
	jb->setting_hooks->take_time(jb, s, drive, value);
	(secret ? secret_free : setting_wipe)(old);
	return JB_OK;
}

/* Stores the value and a newline in the setting's file, durably; "" deletes the file.  Makes the folders
 * above it if they are missing.  The file of a secret can be read only by the daemon's user.  Returns the
 * store's error; then the file has its old content, except that a deletion may have been made.  [blocks] */
static enum jb_err
store_value(struct jukebox *jb, enum jb_setting s, unsigned drive, const char *value)
{
	char path[STORE_PATH_MAX], temporary[STORE_PATH_MAX + 8], dir[STORE_PATH_MAX];
	char text[JB_TEXT_MAX + 1];
	enum jb_err err;

	path_of(s, drive, path);
	snprintf(temporary, sizeof(temporary), "%s.new", path);
	err = setting_make_folders(jb->store, path, dir);
	if (err != JB_OK)
		return err;
	if (value[0] == '\0') {
		err = store_unlink(jb->store, path);
		return err == JB_OK ? store_sync_dir(jb->store, dir) : err;
	}
	snprintf(text, sizeof(text), "%s\n", value);
	err = (setting_is_secret(s) ? store_replace_private : store_replace_file)(
		jb->store, dir, path, temporary, text, strlen(text));
	explicit_bzero(text, sizeof(text));
	return err;
}

enum jb_err
jb_setting_set(struct jukebox *jb, enum jb_setting s, unsigned drive, const char *value)
{
	char canonical[JB_TEXT_MAX];
	unsigned first[ELEM_TYPES], counts[ELEM_TYPES];
	enum jb_elem_type type;
	struct drive *d;
	enum jb_err err;

	if ((unsigned)s >= JB_SETTING_COUNT || !setting_is_there(jb, s, drive))
		return JB_NO_SETTING;
	if (!setting_check(s, value, canonical)) {
		explicit_bzero(canonical, sizeof(canonical));
		return setting_refusal(s);
	}
	type = address_type(s);
	setting_enter(jb);
	d = enter_drive(jb, s, drive);
	element_counts(jb, counts);
	current_addresses(jb, first);
	if (type != 0)
		first[type] = (unsigned)strtoul(canonical, NULL, 10);
	err = element_ranges_fit(first, counts) ? access_check(jb, s, canonical) : JB_OVERLAP;
	if (err == JB_OK && d != NULL)
		err = jb->setting_hooks->admits_online(d, is_online(canonical));
	if (err == JB_OK)
		err = store_value(jb, s, drive, canonical);
	if (err == JB_OK)
		err = set_in_memory(jb, s, drive, canonical);
	if (err == JB_OK && type != 0) {
		apply_addresses(jb, first);
		jb->layout_changes++;
	}
	if (d != NULL) {
		if (err == JB_OK)
			jb->setting_hooks->set_online(d, is_online(canonical));
		strand_leave(&d->strand);
	}
	setting_leave(jb);
	explicit_bzero(canonical, sizeof(canonical));
	return err;
}

/* ---- start ----------------------------------------------------------------------------------- */

/* Reads one setting from the store and sets it in memory; does nothing if it has no file.  If the file cannot
 * be read, its value is not valid or there is no memory, reports that (finding_report) and leaves the
 * default. */
static void
load_setting(struct jukebox *jb, enum jb_setting s, unsigned drive)
{
	char path[STORE_PATH_MAX], canonical[JB_TEXT_MAX];
	char *text = NULL;
	size_t size;
	enum jb_err err;

	path_of(s, drive, path);
	err = store_read_file(jb->store, path, &text, &size);
	if (err == JB_NO_ITEM)
		return;
	if (err == JB_OK && strlen(text) == size && setting_check(s, text, canonical))
		err = set_in_memory(jb, s, drive, canonical);
	else
		err = err == JB_OK ? JB_BAD_VALUE : err;
	if (err != JB_OK)
		finding_report(jb, path, "the default is used", "%s", jb_err_text(err));
	setting_wipe(text);
	explicit_bzero(canonical, sizeof(canonical));
}

/* Reads all settings of that drive (of_drives is true), or all that belong to no drive (false). */
static void
load_group(struct jukebox *jb, bool of_drives, unsigned drive)
{
	for (unsigned s = 0; s < JB_SETTING_COUNT; s++)
		if (setting_per_drive((enum jb_setting)s) == of_drives)
			load_setting(jb, (enum jb_setting)s, drive);
}

/* Returns true if the store has a folder with settings of that drive; false also if that cannot be found out.
 * The store keeps the settings of a drive that was removed, and the drive has them again when it is added. */
static bool
has_directory(struct jukebox *jb, unsigned drive)
{
	char path[32];

	snprintf(path, sizeof(path), "ctl/drives/%u", drive);
	return faccessat(jb->store, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

enum jb_err
setting_load_all(struct jukebox *jb)
{
	char **settings = calloc((size_t)JB_DRIVES_MAX * JB_SETTING_COUNT, sizeof(*settings));
	unsigned first[ELEM_TYPES], counts[ELEM_TYPES];

	if (settings == NULL)
		return JB_NO_MEMORY;
	jb_enter(jb);
	jb->settings = settings;
	jb_leave(jb);
	load_group(jb, false, 0);
	for (unsigned d = 0; d < JB_DRIVES_MAX; d++)
		if (d < jb->counts[JB_DRIVE] || has_directory(jb, d))
			load_group(jb, true, d);
	element_counts(jb, counts);
	current_addresses(jb, first);
	if (!element_ranges_fit(first, counts)) {
		finding_report(
			jb, "ctl/changer", "the defaults are used", "%s", jb_err_text(JB_OVERLAP));
		for (unsigned s = 0; s < JB_SETTING_COUNT; s++)
			if (address_type((enum jb_setting)s) != 0)
				(void)set_in_memory(jb, (enum jb_setting)s, 0, "");
		current_addresses(jb, first);
	}
	apply_addresses(jb, first);
	for (unsigned d = 0; d < jb->counts[JB_DRIVE]; d++)
		setting_apply_to_drive(jb->drives[d]);
	return JB_OK;
}

void
setting_apply_to_drive(struct drive *d)
{
	char buf[JB_TEXT_MAX];

	d->offline = !jb_setting_bool(d->jb, JB_SET_DRIVE_ONLINE, d->number);
	d->jb->setting_hooks->take_time(d->jb, JB_SET_DRIVE_LOAD_TIME, d->number,
		jb_setting_get(d->jb, JB_SET_DRIVE_LOAD_TIME, d->number, buf));
}

void
setting_free_all(struct jukebox *jb)
{
	size_t n = (size_t)JB_DRIVES_MAX * JB_SETTING_COUNT;

	jb_enter(jb);
	for (size_t i = 0; jb->settings != NULL && i < n; i++)
		(setting_is_secret((enum jb_setting)(i % JB_SETTING_COUNT))
				? secret_free
				: setting_wipe)(jb->settings[i]);
	free(jb->settings);
	jb->settings = NULL;
	jb_leave(jb);
}
