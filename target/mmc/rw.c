/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * READ, WRITE, VERIFY, SEEK.
 *
 * If a reply fits into the task's buffer, it is read into the buffer.  A larger reply is an extent of the
 * image file, which the transport sends without a copy; so a READ of 128 MB takes no memory.  The image of
 * a raw CD (see changer/disc.h) has other bytes between the user data of its sectors.  There the reply is
 * put together in memory, and limited to MMC_ROOM_MAX.
 */
#include <string.h>

#include "changer/base/be.h"
#include "changer/base/clock.h"
#include "target/mmc/unit.h"

/* ---- reading -------------------------------------------------------------------------------- */

/* Reads the sectors into memory, and makes them the reply.  Returns JB_NOT_SUPPORTED if they are more
 * than MMC_ROOM_MAX bytes, or the error of disc_read.  Without memory for the reply, sets the sense data
 * and returns JB_OK. */
static enum jb_err
read_into_buffer(struct scsi_task *task, struct disc *d, uint32_t lba, uint32_t count)
{
	uint64_t size = (uint64_t)count * SECTOR_SIZE;
	enum jb_err err;
	struct wbuf w;

	if (size > MMC_ROOM_MAX)
		return JB_NOT_SUPPORTED;
	if (!task_reply_room(task, (size_t)size)) /* it has set the sense data */
		return JB_OK;
	task_reply_begin(task, &w);
	err = disc_read(d, lba, count, w.data, task->may_block);
	if (err != JB_OK)
		return err;
	w.len = (size_t)size;
	task_reply_end(task, &w, (size_t)size);
	return JB_OK;
}

/* Makes the reply an extent of the image file, which the transport releases.  Returns the error of
 * disc_extent, which needs one sector or more and a disc that is not raw. */
static enum jb_err
read_as_extent(struct scsi_task *task, struct disc *d, uint32_t lba, uint32_t count)
{
	struct disc_extent extent;
	enum jb_err err = disc_extent(d, lba, count, task->may_block, &extent);

	if (err != JB_OK)
		return err;
	task->extent = (struct scsi_extent){
		.fd = extent.fd,
		.offset = extent.offset,
		.length = extent.length,
		.stored = extent.stored,
		.put = extent.put,
		.arg = extent.arg,
	};
	return JB_OK;
}

/* Makes the reply: in memory if it fits into the task's buffer or the disc is raw, else as an extent.
 * Returns the error of read_into_buffer or read_as_extent; JB_OK does not mean that the command is GOOD. */
static enum jb_err
read_all(struct scsi_task *task, struct disc *d, uint32_t lba, uint32_t count)
{
	if ((uint64_t)count * SECTOR_SIZE <= task->in.cap || disc_is_raw(d)) /* count may be 0 */
		return read_into_buffer(task, d, lba, count);
	return read_as_extent(task, d, lba, count);
}

/* Returns the error of the first sector that has no data, and stores in *good the number of sectors
 * before it.  The caller knows that there is one.  On a raw disc reads the sectors one by one to find it,
 * and may return another error of disc_read, JB_WOULD_BLOCK included. */
static enum jb_err
find_refused(struct scsi_task *task, struct disc *d, uint32_t lba, uint32_t count, uint32_t *good)
{
	uint8_t sector[SECTOR_SIZE];
	uint32_t recorded;
	enum jb_err err = disc_recorded_run(d, lba, count, &recorded);

	*good = recorded;
	if (!disc_is_raw(d))
		return err;
	for (*good = 0; *good < recorded; ++*good) {
		enum jb_err its = disc_read(d, lba + *good, 1, sector, task->may_block);

		if (its != JB_OK)
			return its;
	}
	return err;
}

/*
 * Reads sectors that have no faults of the user's, and ends the command.  If one has no data, as at the end
 * of a data track with audio behind it, sends the sectors before it all the same, and puts its address into
 * INFORMATION: a host that reads ahead over that end asks for too much, and needs what is there.  Refuses
 * addresses past the end of the disc before it reads anything (SBC-3, READ(10)).  Any other error sends
 * nothing, and INFORMATION is `lba`.
 */
static void
read_sectors(struct scsi_task *task, uint32_t lba, uint32_t count)
{
	struct disc *d = mmc_disc(task);
	uint32_t good = 0;
	enum jb_err err, refusal;

	if (d == NULL)
		return;
	err = read_all(task, d, lba, count);
	if (!mmc_has_no_data(err)) {
		mmc_finish_at(task, err, lba);
		return;
	}
	refusal = find_refused(task, d, lba, count, &good);
	err = refusal;
	if (mmc_has_no_data(refusal) && good > 0)
		err = read_all(task, d, lba, good);
	if (err == JB_OK && refusal != JB_OK && task->status == SCSI_GOOD)
		mmc_fail_after(task, refusal, lba + good);
	else
		mmc_finish_at(task, err, lba);
}

void
mmc_read_sectors(struct scsi_task *task, uint32_t lba, uint32_t count)
{
	uint32_t good;

	if (!mmc_faults_begin(task, false, lba, count, &good))
		return;
	mmc_of(task->lu)->position = lba;
	read_sectors(task, lba, good);
	mmc_faults_end(task, false, lba, count, good);
}

/* Returns the address in READ(6) or WRITE(6) (SBC-3).  It has 21 bits: bits 5 to 7 of byte 1, which were
 * the LUN in SCSI-2, are ignored. */
static uint32_t
lba_of_6(const struct scsi_task *task)
{
	return get_be24(task->cdb + 1) & 0x1fffff;
}

/* Returns the number of sectors in READ(6) or WRITE(6) (SBC-3): a length of 0 means 256. */
static uint32_t
count_of_6(const struct scsi_task *task)
{
	return task->cdb[4] != 0 ? task->cdb[4] : 256;
}

/* Carries out READ(6) (SBC-3), with mmc_read_sectors. */
void
mmc_read_6(struct scsi_task *task)
{
	mmc_read_sectors(task, lba_of_6(task), count_of_6(task));
}

/* Carries out READ(10) (MMC-6), with mmc_read_sectors.  DPO and FUA have no effect: there is no cache in
 * front of the disc. */
void
mmc_read_10(struct scsi_task *task)
{
	mmc_read_sectors(task, get_be32(task->cdb + 2), get_be16(task->cdb + 7));
}

/* Carries out READ(12) (MMC-6), with mmc_read_sectors.  DPO, FUA and the streaming bit have no effect. */
void
mmc_read_12(struct scsi_task *task)
{
	mmc_read_sectors(task, get_be32(task->cdb + 2), get_be32(task->cdb + 6));
}

/* Reads the sectors into the task's data-in buffer, as many at a time as it holds, without sending them,
 * and compares them with the data at `with`; NULL: only reads them, whatever their mode is.  Checks those
 * that fail together once more, one by one.  Returns true if all can be read and are equal.  Returns false
 * if not: the command has then ended, and INFORMATION is the first sector that failed; or it is run again on
 * a thread that may block. */
static bool
verify_sectors(
	struct scsi_task *task, struct disc *d, uint32_t lba, uint32_t count, const uint8_t *with)
{
	/* Sectors of every mode can be read; only sectors with 2048 bytes of user data can be compared. */
	bool raw = with == NULL && disc_is_raw(d);
	uint32_t room = (uint32_t)(task->in.cap / (raw ? CD_RAW_SIZE : SECTOR_SIZE));

	for (uint32_t done = 0, n; done < count; done += n) {
		enum jb_err err;

		n = count - done < room ? count - done : room;
		err = (raw ? disc_read_raw : disc_read)(
			d, lba + done, n, task->in.data, task->may_block);
		if (err == JB_OK &&
			(with == NULL || memcmp(task->in.data, with + (size_t)done * SECTOR_SIZE,
						 (size_t)n * SECTOR_SIZE) == 0))
			continue;
		if (n > 1) {
			room = 1;
			n = 0;
			continue;
		}
		if (err == JB_OK) /* MISCOMPARE DURING VERIFY OPERATION */
			task_sense_information(task, KEY_MISCOMPARE, 0x1d, 0x00, lba + done);
		else
			mmc_finish_at(task, err, lba + done);
		return false;
	}
	return true;
}

/* In CDB byte 1 of VERIFY(10): compare. */
enum { BYTCHK = 0x02 };

/* Carries out VERIFY(10) (MMC-6).  Checks that the sectors can be read, and with BYTCHK also that they
 * equal the data-out.  Refuses a data-out that is shorter than the CDB says.  Refuses addresses past the end
 * of the disc before it reads or compares anything, also for 0 sectors, which are else GOOD (SBC-3 5.2).
 * Applies faults of reading. */
void
mmc_verify_10(struct scsi_task *task)
{
	uint32_t first = get_be32(task->cdb + 2), count = get_be16(task->cdb + 7), good, run;
	bool compare = (task->cdb[1] & BYTCHK) != 0;
	struct disc *d = mmc_disc(task);

	task->out_want = compare ? (size_t)count * SECTOR_SIZE : 0;
	if (d == NULL)
		return;
	if (task->out_len < task->out_want) {
		task_invalid_field(task, true, 7);
		return;
	}
	if (disc_recorded_run(d, first, count, &run) == JB_LBA_RANGE) {
		mmc_finish_at(task, JB_LBA_RANGE, first);
		return;
	}
	if (!mmc_faults_begin(task, false, first, count, &good))
		return;
	if (verify_sectors(task, d, first, good, compare ? task->out : NULL))
		mmc_faults_end(task, false, first, count, good);
}

/* Carries out SEEK(10) (MMC-6).  Only refuses addresses past the capacity of the disc. */
void
mmc_seek(struct scsi_task *task)
{
	struct disc *d = mmc_disc(task);

	if (d != NULL && get_be32(task->cdb + 2) >= disc_limit(d))
		mmc_fail(task, JB_LBA_RANGE);
}

/* ---- writing -------------------------------------------------------------------------------- */

/*
 * A write goes into the kernel's page cache.  This usually takes no longer than handing the command to
 * another thread, so it runs in the connection's thread.  But if the store's device is too slow, the write
 * waits, and so does the whole connection: the other units, and the answers to NOPs, without which Linux
 * gives up the session.  For a read the file system can say beforehand that it would wait, for a write it
 * cannot.  So after a write that took WAITED_MS, the next CAREFUL_WRITES writes run on the strand's thread.
 */
enum { WAITED_MS = 50, CAREFUL_WRITES = 64 };

/* Updates m->careful after a write that took `ms` milliseconds: sets it to CAREFUL_WRITES if the write
 * was slow, else lowers it by one, not below 0. */
static void
note_wait(struct mmc *m, uint64_t ms)
{
	if (ms >= WAITED_MS)
		m->careful = CAREFUL_WRITES;
	else if (m->careful > 0)
		m->careful--;
}

/* Does mmc_write_run, and note_wait with the time that it took. */
static void
run_and_time(struct scsi_task *task, const struct mmc_write *w, uint32_t lba, uint32_t count)
{
	uint64_t since = clock_ms();

	mmc_write_run(task, w, lba, count);
	note_wait(mmc_of(task->lu), clock_ms() - since);
}

/* Returns the byte of the CDB of a WRITE at which the number of sectors begins, for a field pointer. */
static uint16_t
count_at(const struct scsi_task *task)
{
	if (task->cmd->cdb_len == 6)
		return 4;
	return task->cmd->cdb_len == 10 ? 7 : 6;
}

/* Writes the task's data-out; if `fua` is true, also makes it durable.  Sets task->out_want, and refuses
 * a data-out that is shorter.  Applies faults, and writes the sectors before the first bad one.  Returns
 * true if the command is GOOD.  Returns false if it has failed, or is run again on a thread that may
 * block: because of `fua`, of mmc_write_waits, or of m->careful. */
static bool
write_sectors(
	struct scsi_task *task, const struct mmc_write *w, uint32_t lba, uint32_t count, bool fua)
{
	struct mmc *m = mmc_of(task->lu);
	bool syncs;
	uint32_t good;

	task->out_want = (size_t)mmc_write_size(w, lba, count);
	if (task->out_len < task->out_want) { /* the initiator sent less than the CDB says */
		task_invalid_field(task, true, count_at(task));
		return false;
	}
	syncs = fua || mmc_write_waits(w, lba);
	if (!task->may_block && (syncs || m->careful > 0)) {
		task_would_block(task);
		return false;
	}
	if (!mmc_faults_begin(task, true, lba, count, &good))
		return false;
	if (good > 0)
		(syncs ? mmc_write_run : run_and_time)(task, w, lba, good);
	if (task->status == SCSI_GOOD && fua)
		mmc_finish(task, disc_sync(w->disc));
	mmc_faults_end(task, true, lba, count, good);
	return task->status == SCSI_GOOD;
}

/* Fills in *w for a WRITE of `count` sectors at lba, and sets task->out_want as for sectors of 2048 bytes.
 * Returns true if there is something to write.  Returns false if no disc is accessible, or if `count` is 0
 * and lba is past the end of the disc (SBC-3 5.2): the sense data is set; or if `count` is else 0: GOOD. */
static bool
begin_write(struct scsi_task *task, uint32_t lba, uint32_t count, struct mmc_write *w)
{
	struct disc *d = mmc_disc(task);

	task->out_want = (size_t)count * SECTOR_SIZE;
	if (d == NULL)
		return false;
	if (count == 0) {
		if (lba > disc_limit(d))
			mmc_finish_at(task, JB_LBA_RANGE, lba);
		return false;
	}
	mmc_write_begin(w, mmc_of(task->lu), d);
	return true;
}

/* Carries out a WRITE of `count` sectors, and ends the command; 0 sectors are GOOD.  If `fua` is true,
 * also makes them durable. */
static void
write_all(struct scsi_task *task, uint32_t lba, uint32_t count, bool fua)
{
	struct mmc_write w;

	if (begin_write(task, lba, count, &w))
		write_sectors(task, &w, lba, count, fua);
}

enum { FUA = 0x08 }; /* CDB byte 1 of WRITE(10) and WRITE(12) */

/* Carries out WRITE(6) (SBC-3). */
void
mmc_write_6(struct scsi_task *task)
{
	write_all(task, lba_of_6(task), count_of_6(task), false);
}

/* Carries out WRITE(10) (MMC-6).  With FUA the sectors are durable before the answer. */
void
mmc_write_10(struct scsi_task *task)
{
	write_all(task, get_be32(task->cdb + 2), get_be16(task->cdb + 7), task->cdb[1] & FUA);
}

/* Carries out WRITE(12) (MMC-6).  With FUA the sectors are durable before the answer.  The streaming bit
 * has no effect: it would skip defect management, which is not done. */
void
mmc_write_12(struct scsi_task *task)
{
	write_all(task, get_be32(task->cdb + 2), get_be32(task->cdb + 6), task->cdb[1] & FUA);
}

/* Carries out WRITE AND VERIFY(10) (MMC-6).  Writes the sectors, makes them durable, reads them again,
 * and compares them with the data-out, even if BYTCHK is 0.  Does not compare a test write, as it records
 * nothing.  Refuses forms of CD sectors other than 2048 bytes with JB_TRACK_MODE, before it writes. */
void
mmc_write_and_verify(struct scsi_task *task)
{
	uint32_t lba = get_be32(task->cdb + 2), count = get_be16(task->cdb + 7);
	struct mmc_write w;

	if (!begin_write(task, lba, count, &w))
		return;
	if (mmc_write_size(&w, lba, count) != (uint64_t)count * SECTOR_SIZE) {
		mmc_fail(task, JB_TRACK_MODE); /* only sectors of 2048 bytes can be compared */
		return;
	}
	if (write_sectors(task, &w, lba, count, true) && !w.test)
		(void)verify_sectors(task, w.disc, lba, count, task->out);
}
