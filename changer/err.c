/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/err.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

struct err_row {
	const char *name;
	const char *text;
	int no;
	struct jb_sense sense;
};

// clang-format off
static const struct err_row rows[JB_ERR_COUNT] = {
	[JB_OK] = {"OK", "no error", 0, {0x00, 0x00, 0x00}},
	/* Never leaves the model: the caller calls again in a thread that may block.  If it ever does,
	 * it says "try again": LOGICAL UNIT IS IN PROCESS OF BECOMING READY. */
	[JB_WOULD_BLOCK] = {"WOULD_BLOCK", "the operation would have to wait: try again", EAGAIN,
		{0x02, 0x04, 0x01}},
#define JB_ERR(err, errno_, key_, asc_, ascq_, text_) \
	[JB_##err] = {#err, text_, errno_, {key_, asc_, ascq_}},
#include "changer/err.def"
#undef JB_ERR
};
// clang-format on

static const struct err_row *
row_of(enum jb_err e)
{
	assert((unsigned)e < JB_ERR_COUNT);
	return &rows[e];
}

const char *
jb_err_name(enum jb_err e)
{
	return row_of(e)->name;
}

const char *
jb_err_text(enum jb_err e)
{
	return row_of(e)->text;
}

int
jb_err_errno(enum jb_err e)
{
	return row_of(e)->no;
}

struct jb_sense
jb_err_sense(enum jb_err e)
{
	return row_of(e)->sense;
}

enum jb_err
jb_err_from_errno(int err, enum jb_err otherwise)
{
	switch (err) {
	case ENOSPC:
	case EDQUOT:
		return JB_STORE_FULL;
	case EFBIG:
		return JB_STORE_FILE_SIZE;
	case EROFS:
		return JB_STORE_READ_ONLY;
	case ENOMEM:
		return JB_NO_MEMORY;
	case EMFILE:
	case ENFILE:
		return JB_NO_DESCRIPTORS;
	case ENOTEMPTY:
		return JB_ELEMENT_NOT_EMPTY;
	case ENAMETOOLONG:
		return JB_NAME_TOO_LONG;
	default:
		return otherwise;
	}
}
