/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The values that settings have now, in memory. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/inventory/model.h"
#include "changer/settings/setting.h"
#include "changer/settings/setting_value.h"
#include "changer/store/store.h"

size_t
setting_place(enum jb_setting s, unsigned drive)
{
	return (size_t)(setting_per_drive(s) ? drive : 0) * JB_SETTING_COUNT + s;
}

/* Prints a default that derives from the UUID to buf (JB_TEXT_MAX bytes): the target's name; or a serial
 * number, which is the last 12 hexadecimal digits of the UUID, and for a drive two decimal digits of its
 * number.  Prints "" for any other setting. */
static void
computed_default(const struct jukebox *jb, enum jb_setting s, unsigned drive, char *buf)
{
	char digits[13];
	const char *tail = jb->uuid + 24;

	for (unsigned i = 0; i < 12; i++)
		digits[i] = (char)toupper((unsigned char)tail[i]);
	digits[12] = '\0';
	buf[0] = '\0';
	if (s == JB_SET_TARGET_NAME)
		snprintf(buf, JB_TEXT_MAX, "iqn.2026-01.org.jukeboxd:%s", jb->uuid);
	else if (s == JB_SET_DRIVE_SERIAL)
		snprintf(buf, JB_TEXT_MAX, "%s%02u", digits, drive);
	else if (s == JB_SET_CHANGER_SERIAL)
		snprintf(buf, JB_TEXT_MAX, "%s", digits);
}

bool
setting_is_there(const struct jukebox *jb, enum jb_setting s, unsigned drive)
{
	return !setting_per_drive(s) || drive < jb->counts[JB_DRIVE];
}

const char *
jb_setting_get(struct jukebox *jb, enum jb_setting s, unsigned drive, char *buf)
{
	const char *value = NULL;

	buf[0] = '\0';
	if ((unsigned)s >= JB_SETTING_COUNT || !setting_is_there(jb, s, drive) ||
		setting_is_secret(s))
		return buf;
	jb_enter(jb);
	if (jb->settings[setting_place(s, drive)] != NULL) {
		value = jb->settings[setting_place(s, drive)];
		snprintf(buf, JB_TEXT_MAX, "%s", value);
	}
	jb_leave(jb);
	if (value != NULL)
		return buf;
	if (setting_default(s)[0] == '\0')
		computed_default(jb, s, drive, buf);
	else
		snprintf(buf, JB_TEXT_MAX, "%s", setting_default(s));
	return buf;
}

bool
setting_copy(struct jukebox *jb, enum jb_setting s, char buf[JB_TEXT_MAX])
{
	const char *value;

	jb_enter(jb);
	value = jb->settings[setting_place(s, 0)];
	snprintf(buf, JB_TEXT_MAX, "%s", value == NULL ? "" : value);
	jb_leave(jb);
	return buf[0] != '\0';
}

bool
jb_setting_bool(struct jukebox *jb, enum jb_setting s, unsigned drive)
{
	char buf[JB_TEXT_MAX];

	return strcmp(jb_setting_get(jb, s, drive, buf), "1") == 0;
}

/* ---- changing one -------------------------------------------------------------------------- */

void
setting_enter(struct jukebox *jb)
{
	pthread_mutex_lock(&jb->layout_lock);
}

void
setting_leave(struct jukebox *jb)
{
	pthread_mutex_unlock(&jb->layout_lock);
}

enum jb_err
setting_make_folders(int store, const char *path, char *dir)
{
	enum jb_err err = JB_OK;

	for (const char *p = strchr(path, '/'); p != NULL && err == JB_OK; p = strchr(p + 1, '/')) {
		memcpy(dir, path, (size_t)(p - path));
		dir[p - path] = '\0';
		err = store_mkdir(store, dir);
	}
	/* A directory is durable when its parent was synced.  There are four at most. */
	for (const char *p = strchr(path, '/'); p != NULL && err == JB_OK; p = strchr(p + 1, '/')) {
		memcpy(dir, path, (size_t)(p - path));
		dir[p - path] = '\0';
		err = store_sync_dir(store, dir);
	}
	return err;
}

void
setting_wipe(char *text)
{
	if (text != NULL)
		explicit_bzero(text, strlen(text));
	free(text);
}
