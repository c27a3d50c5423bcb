/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Logical units, and the set of them that one target offers. */
#include "changer/scsi/lu.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "changer/scsi/nexus.h"

/* Asserts what dispatch relies on in a row of a command table: handler, name, length, usage of the opcode,
 * and that CMD_ANYTIME has neither CMD_NEEDS_MEDIUM nor CMD_SLOW.  A row that fails is an error in this
 * program. */
static void
check_row(const struct scsi_cmd *cmd)
{
	assert(cmd->run != NULL && cmd->name != NULL && cmd->usage[0] == cmd->opcode);
	assert(cmd->cdb_len == 6 || cmd->cdb_len == 10 || cmd->cdb_len == 12 || cmd->cdb_len == 16);
	/* Only a thread that holds the strand may ask whether the unit is ready. */
	assert(!(cmd->flags & CMD_ANYTIME) || !(cmd->flags & (CMD_NEEDS_MEDIUM | CMD_SLOW)));
}

void
lu_init(struct scsi_lu *lu, const struct scsi_lu_type *type, uint8_t lun, struct strand *strand,
	void *priv)
{
	assert(lun < SCSI_LUNS_MAX && type->ncmds <= SCSI_CMDS_MAX);
	memset(lu, 0, sizeof(*lu));
	lu->type = type;
	lu->lun = lun;
	lu->strand = strand;
	lu->priv = priv;
	for (size_t i = 0; i < type->ncmds; i++) {
		const struct scsi_cmd *cmd = &type->cmds[i];

		check_row(cmd);
		if (lu->by_opcode[cmd->opcode] == NULL)
			lu->by_opcode[cmd->opcode] = cmd;
		else /* rows of one opcode must be together */
			assert(cmd[-1].opcode == cmd->opcode && cmd->service_action >= 0);
	}
}

struct scsi_device *
scsi_device_new(void)
{
	struct scsi_device *dev = calloc(1, sizeof(*dev));

	if (dev == NULL)
		return NULL;
	pthread_mutex_init(&dev->lock, NULL);
	pthread_cond_init(&dev->resets_done, NULL);
	TAILQ_INIT(&dev->nexuses);
	dev->port.device = dev;
	dev->port.id = SCSI_PORT_FIRST;
	for (unsigned i = 0; i < SCSI_LUNS_MAX; i++)
		dev->port.map.unit[i] = (uint8_t)i;
	for (unsigned i = 0; i < SCSI_LUNS_MAX; i++)
		reservations_init(&dev->reservations[i]);
	return dev;
}

void
scsi_device_free(struct scsi_device *dev)
{
	if (dev == NULL)
		return;
	scsi_device_enter(dev);
	while (dev->resets > 0)
		pthread_cond_wait(&dev->resets_done, &dev->lock);
	assert(TAILQ_EMPTY(&dev->nexuses));
	scsi_device_leave(dev);
	for (unsigned i = 0; i < SCSI_LUNS_MAX; i++)
		reservations_fini(&dev->reservations[i]);
	pthread_cond_destroy(&dev->resets_done);
	pthread_mutex_destroy(&dev->lock);
	free(dev);
}

void
scsi_device_add(struct scsi_device *dev, struct scsi_lu *lu)
{
	scsi_device_enter(dev);
	assert(dev->lu[lu->lun] == NULL);
	assert(dev->reset[lu->lun].lu == NULL || dev->reset[lu->lun].lu == lu);
	lu->device = dev;
	dev->reset[lu->lun].lu = lu;
	scsi_nexus_add_lu(dev, lu);
	__atomic_store_n(&dev->lu[lu->lun], lu, __ATOMIC_RELEASE);
	scsi_device_leave(dev);
}

void
scsi_device_remove(struct scsi_device *dev, struct scsi_lu *lu)
{
	bool kept;

	scsi_device_enter(dev);
	assert(dev->lu[lu->lun] == lu);
	__atomic_store_n(&dev->lu[lu->lun], NULL, __ATOMIC_RELEASE);
	kept = reservations_of(lu)->aptpl;
	scsi_nexus_remove_lu(dev, lu);
	scsi_device_leave(dev);
	/* If this fails, the reservations stay in the store for a unit that does not exist. */
	if (kept)
		(void)dev->save(dev->save_arg, lu->lun, "", 0);
	if (lu->type->reset != NULL)
		lu->type->reset(lu);
}
