/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/helpers/kinds.h"

#include <stddef.h>

#include "fsctl/helpers/mover.h"
#include "fsctl/helpers/opener.h"

const struct helper_kind *const helper_kinds[] = {
	&mover_kind,  /* makes on the mount what the kernel has to see */
	&opener_kind, /* opens files outside of the store, which discs are links to */
	NULL,
};
