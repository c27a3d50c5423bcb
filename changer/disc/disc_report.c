/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reports about a disc that an initiator records, in addition to the answer to its command. */
#include <assert.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/disc/disc_report.h"
#include "changer/inventory/model.h"

/* Reports at most once in ten seconds, because programs try to write again and again.  Reports at all,
 * because the initiator sees only sense data. */
enum jb_err
disc_report_store(struct disc *d, enum jb_err err)
{
	enum { REPORT_MS = 10000 };
	uint64_t now = clock_ms();
	struct item *it = disc_state_item(d);

	assert(disc_state_is_still(d));
	if (err != JB_STORE_FULL && err != JB_STORE_WRITE && err != JB_STORE_READ_ONLY)
		return err;
	if (d->store_reported_ms != 0 && now - d->store_reported_ms < REPORT_MS)
		return err;
	d->store_reported_ms = now;
	log_err("store", "%s: cannot be recorded: %s", it->name, jb_err_text(err));
	event_error(it, err, disc_state_acts_for(d));
	return err;
}

/* Reports once for each loading: a program that tries again gets an error for each command anyway. */
void
disc_report_full(struct disc *d)
{
	uint64_t end = recording_limit(&d->rec);

	if (d->full_reported)
		return;
	d->full_reported = true;
	log_warn("drive", "%s: a burn has more to write than the medium holds, %llu sectors",
		disc_state_item(d)->name, (unsigned long long)end);
	event_item(disc_state_item(d), JB_EVENT_FULL, disc_state_acts_for(d));
}
