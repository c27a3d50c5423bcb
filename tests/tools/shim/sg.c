/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SG_IO of interface version 3, as Linux's drivers/scsi/sg.c and scsi_ioctl.c implement it.  The CDB is sent
 * to the target unchanged; status, sense data and residual are returned unchanged.  The asynchronous
 * interface, read(2) and write(2) of a /dev/sgN, fails with ENOTSUP: see calls.c.
 */
#include "tests/tools/shim/shim.h"

#include <errno.h>
#include <limits.h>
#include <scsi/scsi.h>
#include <scsi/sg.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Constants of the kernel that <scsi/sg.h> does not have. */
enum {
	DID_NO_CONNECT = 1,
	DID_TIME_OUT = 3,
	DRIVER_SENSE = 8,
	DRIVER_TIMEOUT = 6,
};
enum { SG_VERSION = 30536 };

/* Copies the data between the buffers of the caller and the memory of the connection. */
static void
gather(const sg_io_hdr_t *h, uint8_t *map)
{
	const sg_iovec_t *v = h->dxferp;
	size_t left = h->dxfer_len;

	if (h->iovec_count == 0) {
		memcpy(map, h->dxferp, left);
		return;
	}
	for (unsigned i = 0; i < h->iovec_count && left > 0; i++) {
		size_t n = v[i].iov_len < left ? v[i].iov_len : left;

		memcpy(map, v[i].iov_base, n);
		map += n;
		left -= n;
	}
}

static void
scatter(const sg_io_hdr_t *h, const uint8_t *map, size_t left)
{
	const sg_iovec_t *v = h->dxferp;

	if (h->iovec_count == 0) {
		memcpy(h->dxferp, map, left);
		return;
	}
	for (unsigned i = 0; i < h->iovec_count && left > 0; i++) {
		size_t n = v[i].iov_len < left ? v[i].iov_len : left;

		memcpy(v[i].iov_base, map, n);
		map += n;
		left -= n;
	}
}

static void
fill_header(sg_io_hdr_t *h, const struct wire_reply *reply)
{
	size_t n = reply->sense_length < h->mx_sb_len ? reply->sense_length : h->mx_sb_len;

	h->status = (unsigned char)reply->status;
	h->masked_status = (unsigned char)(reply->status >> 1 & 0x1f);
	h->msg_status = 0;
	h->resid = reply->residual;
	h->host_status = reply->outcome == WIRE_LOST	    ? DID_NO_CONNECT
			 : reply->outcome == WIRE_TIMED_OUT ? DID_TIME_OUT
							    : 0;
	h->driver_status = reply->outcome == WIRE_TIMED_OUT ? DRIVER_TIMEOUT : 0;
	h->sb_len_wr = 0;
	if (n > 0 && h->sbp != NULL) {
		memcpy(h->sbp, reply->sense, n);
		h->sb_len_wr = (unsigned char)n;
	}
	if (reply->sense_length > 0)
		h->driver_status = DRIVER_SENSE;
	h->info = h->masked_status != 0 || h->host_status != 0 || h->driver_status != 0
			  ? SG_INFO_CHECK
			  : SG_INFO_OK;
}

static unsigned
milliseconds(const struct device *device, unsigned given)
{
	unsigned timeout = given;

	if (timeout == 0)
		timeout = (unsigned)(device->timeout * (1000 / sysconf(_SC_CLK_TCK)));
	return timeout == 0 ? 60 * 1000 : timeout;
}

static int
sg_check(const struct device *device, const sg_io_hdr_t *h)
{
	if (h->interface_id != 'S')
		errno = device->block ? EINVAL : ENOSYS;
	else if (h->cmdp == NULL || h->cmd_len < 6 || h->cmd_len > WIRE_CDB_MAX)
		errno = EMSGSIZE;
	else if (h->dxfer_len > WIRE_DATA_MAX)
		errno = EINVAL;
	else
		return 0;
	return -1;
}

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

/*
 * The caller's bytes are copied to the memory for both directions, so that bytes which the device does not
 * send keep their values, as they do with the kernel's direct I/O.
 */
static int
sg_io(const struct device *device, sg_io_hdr_t *h)
{
	bool to_device = h->dxfer_direction == SG_DXFER_TO_DEV;
	bool none = h->dxfer_direction == SG_DXFER_NONE || h->dxfer_len == 0;
	struct command c = {
		.cdb = h->cmdp,
		.cdb_length = h->cmd_len,
		.direction = none	 ? WIRE_NONE
			     : to_device ? WIRE_TO_DEVICE
					 : WIRE_FROM_DEVICE,
		.length = none ? 0 : h->dxfer_len,
		.timeout = milliseconds(device, h->timeout),
	};
	int64_t start = now();
	uint8_t *map;

	if (sg_check(device, h) != 0)
		return -1;
	map = link_take();
	if (map == NULL)
		return -1;
	if (!none)
		gather(h, map);
	link_command(device, &c);
	if (!none && !to_device)
		scatter(h, map, h->dxfer_len);
	link_release();
	fill_header(h, &c.reply);
	h->duration = (unsigned)(now() - start);
	return 0;
}

static int
sg_scsi_id(const struct device *device, struct sg_scsi_id *id)
{
	memset(id, 0, sizeof(*id));
	id->lun = (int)device->lun;
	id->scsi_type = device->type;
	return 0;
}

static int
take_int(int value, void *arg)
{
	*(int *)arg = value;
	return 0;
}

static int
set_reserved(struct device *device, int size)
{
	if (size < 0) {
		errno = EINVAL;
		return -1;
	}
	device->reserved = size < WIRE_DATA_MAX ? size : WIRE_DATA_MAX;
	return 0;
}

int
sg_ioctl(struct device *device, unsigned long request, void *arg)
{
	switch (request) {
	case SG_IO:
		return sg_io(device, arg);
	case SG_GET_VERSION_NUM:
		return take_int(SG_VERSION, arg);
	case SG_SET_TIMEOUT:
		device->timeout = *(int *)arg;
		return 0;
	case SG_GET_TIMEOUT:
		return device->timeout;
	case SG_GET_RESERVED_SIZE:
		return take_int(device->reserved, arg);
	case SG_SET_RESERVED_SIZE:
		return set_reserved(device, *(int *)arg);
	case SG_EMULATED_HOST:
		return take_int(0, arg);
	case SG_GET_SCSI_ID:
		return sg_scsi_id(device, arg);
	case SCSI_IOCTL_GET_IDLUN:
		((int *)arg)[0] = (int)(device->lun << 8);
		((int *)arg)[1] = 0;
		return 0;
	case SCSI_IOCTL_GET_BUS_NUMBER:
		return take_int(0, arg);
	}
	errno = ENOTTY;
	return -1;
}
