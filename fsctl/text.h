/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text files: README, status and the like, and those below MNT/ctl. */
#ifndef FSCTL_TEXT_H
#define FSCTL_TEXT_H

#include "fsctl/fs.h"

/* Stores the size and the time of modification that stat(2) reports: those of the present text. */
void text_stat(struct fsctl *fs, const struct node *node, struct stat *st);
/* Answers OPEN of a text file or of the events. */
void text_open(fuse_req_t req, const struct node *node, struct fuse_file_info *fi);
/* Copies up to `size` bytes of the text at `off` to buf, and returns their number. */
size_t text_read(const struct handle *h, char *buf, size_t size, off_t off);
/* Answers WRITE to a text file: a worker takes the value. */
void text_write(fuse_req_t req, struct handle *h, const char *data, size_t size, size_t off);
typedef void text_done(struct fsctl *fs, uint64_t temp);
/* Answers RENAME of a temporary file (ctltemp.h) over a text file: a worker takes its content as the value, and
 * then calls done(fs, temp). */
void text_replace(fuse_req_t req, const struct node *node, const char *data, size_t len,
	text_done *done, uint64_t temp);

#endif
