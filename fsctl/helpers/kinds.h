/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The list of all kinds of helper processes, for nursery_start.  It ends with NULL.
 */
#ifndef FSCTL_HELPERS_KINDS_H
#define FSCTL_HELPERS_KINDS_H

#include "fsctl/helpers/helper.h"

extern const struct helper_kind *const helper_kinds[];

#endif
