/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The errors of the model.  err.def lists them. */
#ifndef CHANGER_ERR_H
#define CHANGER_ERR_H

#include <stdint.h>

enum jb_err {
	JB_OK = 0,
	/* The call was not allowed to block, and could not go on without blocking.  Nothing was done. */
	JB_WOULD_BLOCK,
#define JB_ERR(name, no, key, asc, ascq, text) JB_##name,
#include "changer/err.def"
#undef JB_ERR
	JB_ERR_COUNT
};

struct jb_sense {
	uint8_t key, asc, ascq; /* SPC-4 4.5 */
};

/* Returns the name of the error without JB_, such as "ELEMENT_FULL". */
const char *jb_err_name(enum jb_err e);
/* Returns the sentence that explains the error, without a full stop. */
const char *jb_err_text(enum jb_err e);
/* Returns the errno value that the mount gives for the error; 0 for JB_OK. */
int jb_err_errno(enum jb_err e);
/* Returns the sense data with which a command fails for the error; all zeros for JB_OK. */
struct jb_sense jb_err_sense(enum jb_err e);
/* Returns the error that fits an errno value of a system call on the store; `otherwise`, which is
 * JB_STORE_WRITE or JB_STORE_READ, if none fits.  Does not log. */
enum jb_err jb_err_from_errno(int err, enum jb_err otherwise);

#endif
