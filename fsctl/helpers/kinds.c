/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/helpers/kinds.h"

#include <stddef.h>

#include "fsctl/helpers/importer.h"
#include "fsctl/helpers/mover.h"
#include "fsctl/helpers/opener.h"

const struct helper_kind *const helper_kinds[] = {
	&mover_kind,	/* repeats on the mount what initiators do, for inotify */
	&opener_kind,	/* opens the files that discs by reference are links to */
	&importer_kind, /* reads foreign formats, without rights */
	NULL,
};
