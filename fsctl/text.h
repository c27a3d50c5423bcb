/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text files: README, status and the like, and those below MNT/ctl. */
#ifndef FSCTL_TEXT_H
#define FSCTL_TEXT_H

#include "fsctl/fs.h"

/* Stores the size and the time of modification that stat(2) reports in *st: those of the present text.
 * Prints the text, unless that of a REPORT was printed just before.  Leaves all other members of *st. */
void text_stat(struct fsctl *fs, const struct node *node, struct stat *st);
/* Answers OPEN of a text file or of the events, with a new handle that holds the present text.  Refuses with
 * JB_IS_FIXED to open a file for writing, or with O_TRUNC, that cannot be written; with JB_TEXTS_FULL if open
 * files hold as many bytes of texts as they may; or JB_NO_MEMORY.  Does not check permissions: the kernel has
 * done so. */
void text_open(fuse_req_t req, const struct node *node, struct fuse_file_info *fi);
/* Copies up to `size` bytes of the handle's text at `off` to buf, and returns their number; 0 behind its end,
 * and for a handle that was opened for writing only. */
size_t text_read(const struct handle *h, char *buf, size_t size, off_t off);
/* Answers WRITE of `size` bytes to a text file: a worker takes them as the value, or for a list all that was
 * written through the handle.  Refuses with JB_NO_ELEMENT if the file has gone, JB_IS_FIXED if it cannot be
 * written, JB_BAD_VALUE if the value is too long or has a NUL, JB_NO_MEMORY, or the error of tree_store. */
void text_write(fuse_req_t req, struct handle *h, const char *data, size_t size, size_t off);
/* Is called in a worker when the value of a temporary file was taken; `temp` is its inode number. */
typedef void text_done(struct fsctl *fs, uint64_t temp);
/* Answers RENAME of a temporary file (ctltemp.h) over a node: a worker takes a copy of its content as the
 * value, and if that was accepted, calls done(fs, temp).  Refuses with JB_IS_FIXED if the node cannot be
 * written, or as text_write. */
void text_replace(fuse_req_t req, const struct node *node, const char *data, size_t len,
	text_done *done, uint64_t temp);

#endif
