/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * All helper processes that there are, for nursery_start.
 */
#ifndef FSCTL_HELPERS_KINDS_H
#define FSCTL_HELPERS_KINDS_H

#include "fsctl/helpers/helper.h"

extern const struct helper_kind *const helper_kinds[];

#endif
