/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The parts of sgshim.so, from the bottom up:
 *
 *	device.c	which file descriptors and paths are devices
 *	link.c		commands to the broker
 *	block.c		sectors, as Linux's block layer reads and writes them
 *	cdrom.c		Linux's cdrom driver: opening a drive, and the ioctls of <linux/cdrom.h>
 *	sg.c		Linux's sg driver: SG_IO, and the other ioctls of <scsi/sg.h>
 *	calls.c		the functions of libc that it replaces
 *
 * All functions that can fail return -1 and set errno, as libc's do.
 */
#ifndef TESTS_TOOLS_SHIM_SHIM_H
#define TESTS_TOOLS_SHIM_SHIM_H

#include <dlfcn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "tests/tools/shim/wire.h"

enum {
	TYPE_DRIVE = 5,	  /* SPC: CD/DVD device */
	TYPE_CHANGER = 8, /* SPC: medium changer device */
	SECTOR = 2048,
};

struct device {
	char path[32]; /* "/dev/sr0" */
	char file[256];
	uint32_t lun;
	int type;
	int number; /* the 0 of sr0 */
	bool block; /* /dev/srN; otherwise /dev/sgN */
	dev_t st_dev;
	ino_t st_ino; /* both of the empty file that stands for the device */
	int timeout;  /* SG_SET_TIMEOUT, in clock ticks */
	int reserved; /* SG_SET_RESERVED_SIZE, in bytes */
};

/* The function `name` of libc, which this library replaces. */
#define REAL(name) \
	({ \
		static __typeof__(&name) real_; \
		if (real_ == NULL) \
			real_ = (__typeof__(&name))dlsym(RTLD_NEXT, #name); \
		real_; \
	})

/* Both return the device with this path or descriptor, or NULL if it is not a device.  errno is not
 * changed. */
struct device *device_by_path(const char *path);
struct device *device_by_fd(int fd);
/* Returns the device for which the file with this status stands, or NULL. */
struct device *device_by_stat(const struct stat *st);

/* One SCSI command.  The caller fills in the fields before `reply`, link_command fills in `reply`. */
struct command {
	const uint8_t *cdb;
	unsigned cdb_length; /* at most WIRE_CDB_MAX */
	enum wire_direction direction;
	unsigned length;  /* bytes of data, at most WIRE_DATA_MAX */
	unsigned timeout; /* in milliseconds */

	struct wire_reply reply;
};

/*
 * Takes the connection of this process with the broker, and returns its memory for data.  Other threads wait
 * until link_release.  Returns NULL, and takes nothing, if there is no broker.
 */
uint8_t *link_take(void);
void link_release(void);
/*
 * Carries out the command, with its data in the memory.  Call it between link_take and link_release.  Returns
 * 0 if the target has answered, whatever its status is.
 */
int link_command(const struct device *device, struct command *command);
/*
 * Carries out a command with a timeout of 60 s.  Copies the data from the device to `data`, or from `data` to
 * the device.  Returns 0 if the status is GOOD; else -1 with errno EIO.
 */
int link_simple(const struct device *device, const uint8_t *cdb, unsigned cdb_length,
	enum wire_direction direction, void *data, unsigned length, struct wire_reply *reply);
/* Lets the broker send the commands by which the kernel finds out about a change of media. */
int link_poll(const struct device *device);
/* Returns 1 if the medium has changed since any process has last called this, else 0. */
int link_changed(const struct device *device);
/* Sets and clears options of the drive (CDO_AUTO_CLOSE and the like) for all processes.  Returns the
 * options after that. */
int link_options(const struct device *device, uint32_t set, uint32_t clear);

/* Returns the size of the disc in bytes, by READ CAPACITY(10); or -1 with errno ENOMEDIUM without a disc. */
int64_t block_size(const struct device *device);
/* Both read or write at an offset in bytes.  They return the number of bytes, and 0 at the end of the
 * disc. */
ssize_t block_read(const struct device *device, void *buffer, size_t size, off_t offset);
ssize_t block_write(const struct device *device, const void *buffer, size_t size, off_t offset);
int block_ioctl(const struct device *device, unsigned long request, void *arg);

/* Makes the checks of the cdrom driver for opening a drive with these flags.  Errors are ENOMEDIUM and
 * EROFS. */
int cdrom_open(const struct device *device, int flags);
int cdrom_ioctl(const struct device *device, unsigned long request, void *arg);

int sg_ioctl(struct device *device, unsigned long request, void *arg);

#endif
