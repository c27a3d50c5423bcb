/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A drive as Linux's drivers/cdrom/cdrom.c and drivers/scsi/sr.c treat it: the checks when it is opened, and
 * the ioctls of <linux/cdrom.h>.  The drivers also count how often a drive is open; this is not done here.
 * So CDROMEJECT never fails with EBUSY, and opening a drive does not lock its door.
 */
#include "tests/tools/shim/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/cdrom.h>
#include <string.h>

enum {
	TEST_UNIT_READY = 0x00,
	START_STOP_UNIT = 0x1b,
	PREVENT_ALLOW_MEDIUM_REMOVAL = 0x1e,
	READ_SUBCHANNEL = 0x42,
	READ_TOC = 0x43,
	GET_EVENT_STATUS_NOTIFICATION = 0x4a,
	READ_DISC_INFORMATION = 0x51,
	MODE_SENSE_10 = 0x5a,
	READ_DISC_STRUCTURE = 0xad,
	SET_CD_SPEED = 0xbb,

	NOT_READY = 2,
	UNIT_ATTENTION = 6,
	RETRIES = 5, /* MAX_RETRIES of sr.c, after unit attentions */
};

static unsigned
be16(const uint8_t *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static unsigned
be24(const uint8_t *p)
{
	return (unsigned)p[0] << 16 | be16(p + 1);
}

static uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static int
no_data(const struct device *device, const uint8_t *cdb, unsigned length)
{
	return link_simple(device, cdb, length, WIRE_NONE, NULL, 0, NULL);
}

static int
data_in(const struct device *device, const uint8_t *cdb, unsigned length, void *data, unsigned size)
{
	memset(data, 0, size);
	return link_simple(device, cdb, length, WIRE_FROM_DEVICE, data, size, NULL);
}

static int
prevent(const struct device *device, bool on)
{
	const uint8_t cdb[6] = {PREVENT_ALLOW_MEDIUM_REMOVAL, 0, 0, 0, on, 0};

	return no_data(device, cdb, sizeof(cdb));
}

static int
start_stop(const struct device *device, uint8_t loej_start)
{
	const uint8_t cdb[6] = {START_STOP_UNIT, 0, 0, 0, loej_start, 0};

	return no_data(device, cdb, sizeof(cdb));
}

/* ---- status and opening ------------------------------------------------------------------------ */

static int
test_unit_ready(const struct device *device, struct wire_reply *reply)
{
	static const uint8_t cdb[6] = {TEST_UNIT_READY};
	int rc, tries = 0;

	do
		rc = link_simple(device, cdb, sizeof(cdb), WIRE_NONE, NULL, 0, reply);
	while (rc != 0 && reply->outcome == WIRE_DONE &&
		(reply->sense[2] & 0xf) == UNIT_ATTENTION && ++tries < RETRIES);
	return rc;
}

/* Returns what sr_drive_status() returns: CDS_DISC_OK and the like. */
static int
drive_status(const struct device *device)
{
	static const uint8_t cdb[10] = {
		GET_EVENT_STATUS_NOTIFICATION, 1, 0, 0, 0x10, 0, 0, 0, 8, 0};
	struct wire_reply reply;
	uint8_t event[8];

	if (test_unit_ready(device, &reply) == 0)
		return CDS_DISC_OK;
	/* LOGICAL UNIT IS IN PROCESS OF BECOMING READY */
	if ((reply.sense[2] & 0xf) == NOT_READY && reply.sense[12] == 4 && reply.sense[13] == 1)
		return CDS_DRIVE_NOT_READY;
	if (data_in(device, cdb, sizeof(cdb), event, sizeof(event)) == 0) {
		if ((event[5] & 2) != 0)
			return CDS_DISC_OK;
		return (event[5] & 1) != 0 ? CDS_TRAY_OPEN : CDS_NO_DISC;
	}
	return reply.sense[12] == 0x3a ? CDS_NO_DISC : CDS_DRIVE_NOT_READY;
}

/*
 * Returns true if cdrom_open_write() allows writing on a drive that writes DVD-RAM: if READ DISC INFORMATION
 * (MMC-6 6.21) says that the disc is erasable, even if it cannot be written in place, or if that command
 * fails.
 */
static bool
erasable(const struct device *device)
{
	static const uint8_t cdb[10] = {READ_DISC_INFORMATION, 0, 0, 0, 0, 0, 0, 0, 34, 0};
	uint8_t b[34];

	return data_in(device, cdb, sizeof(cdb), b, sizeof(b)) != 0 || (b[2] & 0x10) != 0;
}

/* Does what open_for_data() does.  If the tray is open and CDO_AUTO_CLOSE is set, closes the tray first. */
int
cdrom_open(const struct device *device, int flags)
{
	int status, options;

	if (link_poll(device) != 0)
		return -1;
	if ((flags & O_NONBLOCK) != 0)
		return 0;
	status = drive_status(device);
	options = link_options(device, 0, 0);
	if (status == CDS_TRAY_OPEN && options > 0 && (options & CDO_AUTO_CLOSE) != 0 &&
		start_stop(device, 3) == 0)
		status = drive_status(device);
	if (status != CDS_DISC_OK) {
		errno = ENOMEDIUM;
		return -1;
	}
	if ((flags & O_ACCMODE) != O_RDONLY && !erasable(device)) {
		errno = EROFS;
		return -1;
	}
	return 0;
}

/* ---- table of contents ------------------------------------------------------------------------- */

static int
read_toc(const struct device *device, unsigned format, unsigned track, bool msf, uint8_t *data,
	unsigned size)
{
	const uint8_t cdb[10] = {READ_TOC, msf ? 2 : 0, format & 0xf, 0, 0, 0, track & 0xff,
		size >> 8, size & 0xff, 0};

	return data_in(device, cdb, sizeof(cdb), data, size);
}

static void
take_msf(struct cdrom_msf0 *to, const uint8_t *from)
{
	to->minute = from[1];
	to->second = from[2];
	to->frame = from[3];
}

static int
toc_header(const struct device *device, struct cdrom_tochdr *header)
{
	uint8_t b[12];

	if (read_toc(device, 0, 0, false, b, sizeof(b)) != 0)
		return -1;
	header->cdth_trk0 = b[2];
	header->cdth_trk1 = b[3];
	return 0;
}

static int
toc_entry(const struct device *device, struct cdrom_tocentry *e)
{
	bool msf = e->cdte_format == CDROM_MSF;
	uint8_t b[12];

	if (read_toc(device, 0, e->cdte_track, msf, b, sizeof(b)) != 0)
		return -1;
	e->cdte_ctrl = b[5] & 0xf;
	e->cdte_adr = b[5] >> 4;
	e->cdte_datamode = (e->cdte_ctrl & CDROM_DATA_TRACK) != 0;
	if (msf)
		take_msf(&e->cdte_addr.msf, b + 8);
	else
		e->cdte_addr.lba = (int)be32(b + 8);
	return 0;
}

static int
multisession(const struct device *device, struct cdrom_multisession *m)
{
	uint32_t lba;
	uint8_t b[12];

	if (read_toc(device, 1, 0, false, b, sizeof(b)) != 0)
		return -1;
	lba = be32(b + 8);
	m->xa_flag = b[2] != b[3];
	if (m->addr_format == CDROM_LBA) {
		m->addr.lba = (int)lba;
		return 0;
	}
	lba += CD_MSF_OFFSET;
	m->addr.msf.minute = (uint8_t)(lba / (CD_SECS * CD_FRAMES));
	m->addr.msf.second = (uint8_t)(lba / CD_FRAMES % CD_SECS);
	m->addr.msf.frame = (uint8_t)(lba % CD_FRAMES);
	return 0;
}

/* Does what cdrom_count_tracks() does: the control field tells data tracks from audio tracks. */
static int
disc_status(const struct device *device)
{
	uint8_t b[4 + 100 * 8];
	unsigned data = 0, audio = 0, end;

	if (drive_status(device) != CDS_DISC_OK)
		return CDS_NO_DISC;
	if (read_toc(device, 0, 0, true, b, sizeof(b)) != 0)
		return CDS_NO_INFO;
	end = be16(b) + 2 < sizeof(b) ? be16(b) + 2 : (unsigned)sizeof(b);
	for (const uint8_t *e = b + 4; e + 8 <= b + end; e += 8) {
		if (e[2] == CDROM_LEADOUT)
			continue;
		if ((e[1] & CDROM_DATA_TRACK) != 0)
			data++;
		else
			audio++;
	}
	if (audio > 0)
		return data > 0 ? CDS_MIXED : CDS_AUDIO;
	return data > 0 ? CDS_DATA_1 : CDS_NO_INFO;
}

static int
sub_channel(const struct device *device, struct cdrom_subchnl *q)
{
	static const uint8_t cdb[10] = {READ_SUBCHANNEL, 2, 0x40, 1, 0, 0, 0, 0, 16, 0};
	uint8_t b[16];

	if (data_in(device, cdb, sizeof(cdb), b, sizeof(b)) != 0)
		return -1;
	q->cdsc_audiostatus = b[1];
	q->cdsc_ctrl = b[5] & 0xf;
	q->cdsc_adr = b[5] >> 4;
	q->cdsc_trk = b[6];
	q->cdsc_ind = b[7];
	take_msf(&q->cdsc_absaddr.msf, b + 8);
	take_msf(&q->cdsc_reladdr.msf, b + 12);
	return 0;
}

static int
catalog_number(const struct device *device, struct cdrom_mcn *mcn)
{
	static const uint8_t cdb[10] = {READ_SUBCHANNEL, 0, 0x40, 2, 0, 0, 0, 0, 24, 0};
	uint8_t b[24];

	if (data_in(device, cdb, sizeof(cdb), b, sizeof(b)) != 0)
		return -1;
	memcpy(mcn->medium_catalog_number, b + 9, 13);
	mcn->medium_catalog_number[13] = 0;
	return 0;
}

/* ---- the rest ---------------------------------------------------------------------------------- */

static void
take_layer(struct dvd_layer *l, const uint8_t *b)
{
	memset(l, 0, sizeof(*l));
	l->book_version = b[0] & 0xf;
	l->book_type = b[0] >> 4;
	l->min_rate = b[1] & 0xf;
	l->disc_size = b[1] >> 4;
	l->layer_type = b[2] & 0xf;
	l->track_path = b[2] >> 4 & 1;
	l->nlayers = b[2] >> 5 & 3;
	l->track_density = b[3] & 0xf;
	l->linear_density = b[3] >> 4;
	l->start_sector = be24(b + 5);
	l->end_sector = be24(b + 9);
	l->end_sector_l0 = be24(b + 13);
	l->bca = b[16] >> 7;
}

/* Does what dvd_read_physical() and the like do.  Refuses the types for CSS keys, as a drive without
 * CDC_DVD_CSS. */
static int
dvd_struct_ioctl(const struct device *device, dvd_struct *s)
{
	unsigned layer = s->type == DVD_STRUCT_PHYSICAL	   ? s->physical.layer_num
			 : s->type == DVD_STRUCT_COPYRIGHT ? s->copyright.layer_num
			 : s->type == DVD_STRUCT_MANUFACT  ? s->manufact.layer_num
							   : 0xff;
	uint8_t b[4 + 2048], cdb[12] = {READ_DISC_STRUCTURE};

	if (layer == 0xff || layer >= DVD_LAYERS) {
		errno = EINVAL;
		return -1;
	}
	cdb[6] = (uint8_t)layer;
	cdb[7] = s->type;
	cdb[8] = sizeof(b) >> 8;
	cdb[9] = sizeof(b) & 0xff;
	if (data_in(device, cdb, sizeof(cdb), b, sizeof(b)) != 0)
		return -1;
	switch (s->type) {
	case DVD_STRUCT_PHYSICAL:
		take_layer(&s->physical.layer[layer], b + 4);
		break;
	case DVD_STRUCT_COPYRIGHT:
		s->copyright.cpst = b[4];
		s->copyright.rmi = b[5];
		break;
	case DVD_STRUCT_MANUFACT:
		s->manufact.len = (int)be16(b) - 2;
		memcpy(s->manufact.value, b + 4, sizeof(s->manufact.value));
		break;
	}
	return 0;
}

/* Returns what get_capabilities() of sr.c returns: what the drive can do, by mode page 2Ah. */
static int
capabilities(const struct device *device)
{
	static const uint8_t cdb[10] = {MODE_SENSE_10, 8, 0x2a, 0, 0, 0, 0, 0, 128, 0};
	int can = CDC_LOCK | CDC_SELECT_SPEED | CDC_MULTI_SESSION | CDC_MCN | CDC_MEDIA_CHANGED |
		  CDC_PLAY_AUDIO | CDC_RESET | CDC_DRIVE_STATUS | CDC_GENERIC_PACKET;
	uint8_t b[128];
	const uint8_t *p;

	if (data_in(device, cdb, sizeof(cdb), b, sizeof(b)) != 0)
		return -1;
	p = b + 8 + be16(b + 6);
	if (p + 8 > b + sizeof(b) || (p[0] & 0x3f) != 0x2a)
		return can;
	can |= (p[2] & 8) != 0 ? CDC_DVD : 0;
	can |= (p[3] & 0x20) != 0 ? CDC_DVD_RAM : 0;
	can |= (p[3] & 0x10) != 0 ? CDC_DVD_R : 0;
	can |= (p[3] & 2) != 0 ? CDC_CD_RW : 0;
	can |= (p[3] & 1) != 0 ? CDC_CD_R : 0;
	can |= (p[6] & 8) != 0 ? CDC_OPEN_TRAY : 0;
	can |= p[6] >> 5 != 0 ? CDC_CLOSE_TRAY : 0;
	return can;
}

static int
eject(const struct device *device)
{
	return prevent(device, false) == 0 ? start_stop(device, 2) : -1;
}

/* Does what sr_select_speed() does.  speed: in units of 177 kB/s; 0 for the fastest. */
static int
select_speed(const struct device *device, unsigned long speed)
{
	unsigned rate = speed == 0 || speed > 0xffff / 177 ? 0xffff : (unsigned)speed * 177;
	const uint8_t cdb[12] = {SET_CD_SPEED, 0, rate >> 8, rate & 0xff, 0xff, 0xff};

	return no_data(device, cdb, sizeof(cdb));
}

static int
send_packet(const struct device *device, struct cdrom_generic_command *g)
{
	/* The length of the CDB by the group of its operation code, as COMMAND_SIZE() of the kernel (SPC-4
	 * 4.2.5.1). */
	static const uint8_t lengths[8] = {6, 10, 10, 12, 16, 12, 10, 10};
	enum wire_direction direction = g->data_direction == CGC_DATA_WRITE  ? WIRE_TO_DEVICE
					: g->data_direction == CGC_DATA_READ ? WIRE_FROM_DEVICE
									     : WIRE_NONE;
	struct wire_reply reply = {0};
	int rc;

	if (g->buflen > WIRE_DATA_MAX || lengths[g->cmd[0] >> 5] > sizeof(g->cmd)) {
		errno = EINVAL;
		return -1;
	}
	rc = link_simple(device, g->cmd, lengths[g->cmd[0] >> 5], direction, g->buffer,
		direction == WIRE_NONE ? 0 : g->buflen, &reply);
	g->stat = rc == 0 ? 0 : EIO;
	if (reply.sense_length > 0 && g->sense != NULL)
		memcpy(g->sense, reply.sense, sizeof(*g->sense));
	return rc;
}

/* Does what cdrom_ioctl_set_options() does, except that the last close never ejects, since opens are not
 * counted. */
static int
set_options(const struct device *device, unsigned long set)
{
	if ((set & CDO_AUTO_EJECT) != 0) {
		errno = ENOSYS;
		return -1;
	}
	return link_options(device, (uint32_t)set, 0);
}

int
cdrom_ioctl(const struct device *device, unsigned long request, void *arg)
{
	switch (request) {
	case CDROM_SET_OPTIONS:
		return set_options(device, (unsigned long)arg);
	case CDROM_CLEAR_OPTIONS:
		return link_options(device, 0, (uint32_t)(unsigned long)arg);
	case CDROM_SEND_PACKET:
		return send_packet(device, arg);
	case CDROM_DRIVE_STATUS:
		return drive_status(device);
	case CDROM_DISC_STATUS:
		return disc_status(device);
	case CDROM_MEDIA_CHANGED:
		return link_poll(device) == 0 ? link_changed(device) : -1;
	case CDROM_GET_CAPABILITY:
		return capabilities(device);
	case CDROM_SELECT_SPEED:
		return select_speed(device, (unsigned long)(uintptr_t)arg);
	case CDROM_LOCKDOOR:
		return prevent(device, arg != NULL);
	case CDROMEJECT:
		return eject(device);
	case CDROMCLOSETRAY:
		return start_stop(device, 3);
	case CDROMREADTOCHDR:
		return toc_header(device, arg);
	case CDROMREADTOCENTRY:
		return toc_entry(device, arg);
	case CDROMMULTISESSION:
		return multisession(device, arg);
	case CDROMSUBCHNL:
		return sub_channel(device, arg);
	case CDROM_GET_MCN:
		return catalog_number(device, arg);
	case DVD_READ_STRUCT:
		return dvd_struct_ioctl(device, arg);
	}
	return block_ioctl(device, request, arg);
}
