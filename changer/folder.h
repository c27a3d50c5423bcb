/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Folders of parts in the elements: a sheet, and the files that it names.  When the last open file of a folder
 * is closed, and a sheet and all that it names are there, the jukebox makes a disc of them, in a thread of its
 * own.  The disc is being inserted meanwhile.  When it is there, the parts that are in it go, and the folder
 * with them if nothing else is in it.  For locks and [blocks] see jukebox.h.
 */
#ifndef CHANGER_FOLDER_H
#define CHANGER_FOLDER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "changer/element.h"
#include "changer/err.h"
#include "changer/import.h"

struct jb_file;
struct jb_item;

enum { JB_PARTS_MAX = JB_IMPORT_FILES_MAX }; /* files of one folder */

/* Makes a folder in the element (MKDIR).  *out is the new folder.  Durable on return.  Returns the errors of
 * jb_file_create, or JB_FOLDER_THERE if the element has a folder already.  [blocks] */
enum jb_err jb_folder_make(struct jukebox *jb, struct jb_elem e, const char *name, mode_t mode,
	uid_t uid, gid_t gid, struct jb_item *out);
/* Removes an empty folder (RMDIR).  Durable on return.  Returns JB_NO_ITEM if there is none of that name,
 * JB_NOT_FOLDER if that is a file, JB_FOLDER_NOT_EMPTY, or JB_BEING_INSERTED.  [blocks] */
enum jb_err jb_folder_remove(struct jukebox *jb, struct jb_elem e, const char *name);

/* The next functions take the id of a folder.  They return JB_NO_ITEM if there is no such folder. */

/* Creates a file in the folder, as jb_file_create does in an element.  Returns JB_PARTS_LIMIT if there are
 * JB_PARTS_MAX files in it.  Closing the file does not insert it. */
enum jb_err jb_folder_create(struct jukebox *jb, uint64_t folder, const char *name, mode_t mode,
	uid_t uid, gid_t gid, struct jb_file **out, struct jb_item *item);
/* Finds a file by its name.  Returns JB_NO_ITEM if there is none. */
enum jb_err jb_folder_lookup(
	struct jukebox *jb, uint64_t folder, const char *name, struct jb_item *out);
/* Calls each() for every file, without a lock, until it returns false. */
enum jb_err jb_folder_list(struct jukebox *jb, uint64_t folder,
	bool (*each)(void *arg, const struct jb_item *item), void *arg);
/* Renames a file in the folder; replaces a file of the new name.  Returns JB_BEING_INSERTED if a disc is being
 * made of one of both.  [blocks] */
enum jb_err jb_folder_rename(
	struct jukebox *jb, uint64_t folder, const char *name, const char *new_name);
/* Removes a file of the folder.  Returns JB_BEING_INSERTED if a disc is being made of it.  [blocks] */
enum jb_err jb_folder_unlink(struct jukebox *jb, uint64_t folder, const char *name);

/* ---- making discs ---------------------------------------------------------------------------- */

/* Is called with an error when a folder has not become a disc, or a file could not be imported.  what names it, and
 * says why in a few words or a sentence.  Is called with JB_OK and NULL each time that a folder or a file has been
 * looked at or imported, with or without success.  Any thread, without a lock. */
typedef void jb_import_told(void *arg, enum jb_err err, const char *what);
/* Sets the function `import`, which imports, and the function `told`, which gets failures; told may be NULL.  Both
 * are called with arg.  If import is NULL, the jukebox imports nothing any more, and folders stay as they are.
 * First ends the import that is under way, and waits until it has ended.  [blocks] */
void jb_set_import(struct jukebox *jb, jb_import *import, jb_import_told *told, void *arg);
/* Returns true if the element has no file of that name yet, and an import that is under way may bring it. */
bool jb_import_may_bring(struct jukebox *jb, struct jb_elem e, const char *name);
#define JB_IDLE_TEXT "is taken for an upload under way; rename it to insert it"

/* Stores the sentence why the item, which is a folder or an incomplete file, is no disc, in buf
 * (JB_IMPORT_TEXT bytes); "" if none is known. */
void jb_item_why(struct jukebox *jb, uint64_t id, char *buf);

#endif
