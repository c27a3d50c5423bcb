/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The target's part of MNT/metrics: the commands, errors and bytes of each logical unit, in the text format
 * of Prometheus.
 */
#ifndef TARGET_METRICS_H
#define TARGET_METRICS_H

#include <stddef.h>

#include "changer/scsi/lu.h"

/* Writes at most `size` bytes with a NUL.  Returns the length of the whole text, or 0 if there is no memory.
 * Any thread. */
size_t metrics_text(struct scsi_device *device, char *buf, size_t size);

#endif
