/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/foreign/readers.h"

bool
read_nrg(struct foreign *f, unsigned sheet, struct foreign_plan *plan)
{
	return foreign_refuse(f, "not yet");
}
