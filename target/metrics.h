/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the target has of MNT/metrics: each logical unit's commands, errors and bytes, in the text
 * format of Prometheus.
 */
#ifndef TARGET_METRICS_H
#define TARGET_METRICS_H

#include <stddef.h>

#include "changer/scsi/lu.h"

/* At most size bytes with NUL; returns the length that all would have.  Any thread. */
size_t metrics_text(struct scsi_device *device, char *buf, size_t size);

#endif
