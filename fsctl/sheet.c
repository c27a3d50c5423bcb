/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Sheets.  A raw disc LABEL.bin has a sheet .LABEL.cue beside it, and perhaps the packs of its CD-TEXT as
 * .LABEL.cdt.  The model has no files for them: their content is made from the disc each time they are opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "fsctl/attr.h"
#include "fsctl/sheet.h"

enum jb_err
sheet_entry_of(struct fsctl *fs, const struct jb_item *item, enum jb_beside which,
	struct fuse_entry_param *out)
{
	memset(out, 0, sizeof(*out));
	out->ino = node_sheet_ino(item->id, which);
	out->generation = 1;
	return attr_of_sheet(fs, item, which, &out->attr);
}

enum jb_err
sheet_entry(struct fsctl *fs, struct jb_elem elem, const char *name, struct fuse_entry_param *out)
{
	enum jb_beside which = JB_SHEET;
	struct jb_item item;
	enum jb_err e = jb_beside_lookup(fs->jb, elem, name, &item, &which);

	return e == JB_OK ? sheet_entry_of(fs, &item, which, out) : e;
}

void
sheet_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *fi)
{
	struct fsctl *fs = fs_of(req);
	char name[FS_NAME_MAX];
	struct handle *h;
	size_t len;
	char *text;
	enum jb_err e;

	if ((fi->flags & O_ACCMODE) != O_RDONLY || fi->flags & O_TRUNC) {
		fs_refuse(req, JB_SHEET_FOLLOWS, "write to %s", fs_name(fs, ino, name));
		return;
	}
	h = handle_new(req, ino);
	if (h == NULL) {
		fs_error(req, JB_NO_MEMORY);
		return;
	}
	e = jb_beside_text(fs->jb, node_sheet_id(ino), node_sheet_kind(ino), &text, &len);
	if (e == JB_OK)
		e = handle_give_text(req, h, text, len);
	if (e != JB_OK) {
		handle_free(fs, h);
		if (e == JB_TEXTS_FULL)
			fs_refuse(req, e, "open %s", fs_name(fs, ino, name));
		else
			fs_error(req, e);
		return;
	}
	fi->direct_io = 1;
	fi->fh = (uintptr_t)h;
	if (fuse_reply_open(req, fi) == -ENOENT)
		handle_free(fs, h);
}

enum jb_err
sheet_error(struct fsctl *fs, struct jb_elem elem, const char *name, enum jb_err e)
{
	enum jb_beside which;
	struct jb_item item;

	return e == JB_NO_ITEM && jb_beside_lookup(fs->jb, elem, name, &item, &which) == JB_OK
		       ? JB_SHEET_FOLLOWS
		       : e;
}
