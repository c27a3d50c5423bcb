/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The target's part of MNT/metrics: the commands, errors and bytes of each logical unit, in the text format
 * of Prometheus.
 */
#ifndef TARGET_METRICS_H
#define TARGET_METRICS_H

#include <stddef.h>

#include "changer/scsi/lu.h"
#include "target/iscsi/iscsi.h"

/* Writes the text for all units of the device, and for what the target refused, to `buf`: at most `size` bytes with a NUL.  Returns the
 * length of the whole text, which may be more.  If there is no memory, returns 0, and `buf` is unchanged
 * or "".  Any thread. */
size_t metrics_text(
	struct scsi_device *device, struct iscsi_target *target, char *buf, size_t size);

#endif
