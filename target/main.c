/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The main program.  It makes the jukebox, the logical units, the iSCSI target and the mount, in this order,
 * connects them, and ends them in another order (see stop).  No other file knows all of them.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/base/printable.h"
#include "changer/jukebox.h"
#include "changer/smc/smc.h"
#include "fsctl/fsctl.h"
#include "fsctl/helpers/kinds.h"
#include "target/access.h"
#include "target/iscsi/iscsi.h"
#include "target/metrics.h"
#include "target/mmc/mmc.h"
#include "target/opts.h"
#include "target/service.h"

enum {
	LUN_CHANGER = 0,
	LUN_FIRST_DRIVE = 1,
	WHY_MAX = 512,
	STORE_WAIT_MS = 10000,
	STORE_PAUSE_MS = 50,
	EXIT_DAMAGED = 3,
};

/* All parts of the daemon.  A pointer is NULL until the part is made. */
struct daemon {
	struct nursery *nursery; /* the process that starts the helpers of the mount */
	struct jukebox *jb;
	struct scsi_device *device; /* the set of the units below */
	struct scsi_lu *changer;
	struct scsi_lu *_Atomic drives[JB_DRIVES_MAX]; /* NULL: there has never been such a drive */
	struct iscsi_target *iscsi;
	struct fsctl *fs; /* the mount */
};

/* Returns the unit of that drive, for smc_new; NULL if it has none.  Any thread. */
static struct scsi_lu *
drive_lu(void *arg, unsigned drive)
{
	struct daemon *d = arg;

	return drive < JB_DRIVES_MAX ? d->drives[drive] : NULL;
}

/* Adds the unit of a drive to the device if `there` is true, and removes it if false; for jb_watch_drives.
 * Makes a unit once and keeps it: a drive that is removed and added again has the same unit.  Returns
 * JB_NO_MEMORY, and adds nothing, if it cannot be made.  To remove it, the caller must hold the drive's
 * strand. */
static enum jb_err
watch_drive(void *arg, struct drive *drive, bool there)
{
	struct daemon *d = arg;
	unsigned n = drive_number(drive);
	struct scsi_lu *lu = d->drives[n];

	if (!there) {
		scsi_device_remove(d->device, lu);
		return JB_OK;
	}
	if (lu == NULL)
		d->drives[n] = lu = mmc_new(drive, (uint8_t)(LUN_FIRST_DRIVE + n));
	if (lu == NULL)
		return JB_NO_MEMORY;
	scsi_device_add(d->device, lu);
	return JB_OK;
}

/* Makes the device, the units of all drives and the changer, and watches for more drives.  Returns false
 * if there is no memory; stop then frees what was made. */
static bool
make_units(struct daemon *d)
{
	d->device = scsi_device_new();
	if (d->device == NULL)
		return false;
	for (unsigned n = 0; n < jb_count(d->jb, JB_DRIVE); n++)
		if (watch_drive(d, jb_drive(d->jb, n), true) != JB_OK)
			return false;
	d->changer = smc_new(d->jb, LUN_CHANGER, drive_lu, d);
	if (d->changer == NULL)
		return false;
	scsi_device_add(d->device, d->changer);
	jb_watch_drives(d->jb, watch_drive, d);
	return true;
}

/* Stores the reservations of a unit durably, for scsi_device_set_save; size 0 deletes them.  Returns
 * false if that failed. */
static bool
save_reservations(void *arg, unsigned lun, const char *text, size_t size)
{
	return jb_reservations_save(((struct daemon *)arg)->jb, lun, text, size) == JB_OK;
}

/* Lets the device save persistent reservations, and restores those that hosts wanted to outlive the
 * daemon.  If those of a unit cannot be read, logs that, and leaves them out. */
static void
take_reservations(struct daemon *d)
{
	scsi_device_set_save(d->device, save_reservations, d);
	for (unsigned lun = 0; lun < SCSI_LUNS_MAX; lun++) {
		char *text = NULL;
		size_t size = 0;
		enum jb_err err = jb_reservations_load(d->jb, lun, &text, &size);

		if (err == JB_OK && !scsi_device_load_reservations(d->device, lun, text, size))
			err = JB_STORE_FORMAT;
		if (err != JB_OK && err != JB_NO_ITEM)
			log_warn("main",
				"ctl/reservations/%u cannot be used: LUN %u has no reservations",
				lun, lun);
		free(text);
	}
}

/* Writes the open portals, for ctl/target/portals, as iscsi_portals_text does. */
static size_t
portals_text(void *arg, char *buf, size_t size)
{
	return iscsi_portals_text(((struct daemon *)arg)->iscsi, buf, size);
}

/* Writes the counters of the units and of the target, for MNT/metrics, as metrics_text does. */
static size_t
units_metrics(void *arg, char *buf, size_t size)
{
	struct daemon *d = arg;

	return metrics_text(d->device, d->iscsi, buf, size);
}

/* Writes the sessions, for ctl/target/sessions, as iscsi_sessions_text does. */
static size_t
sessions_text(void *arg, char *buf, size_t size)
{
	return iscsi_sessions_text(((struct daemon *)arg)->iscsi, buf, size);
}

/* Writes the other connections, for ctl/target/connections, as iscsi_connections_text does. */
static size_t
connections_text(void *arg, char *buf, size_t size)
{
	return iscsi_connections_text(((struct daemon *)arg)->iscsi, buf, size);
}

/* Takes a value for ctl/target/portals, as access_set_portals does.  [blocks] */
static enum jb_err
set_portals(void *arg, const char *value)
{
	struct daemon *d = arg;

	return access_set_portals(d->jb, d->iscsi, value);
}

/* Asks the initiators of the sessions `which` (a session's ID, an initiator's name or "all") to log out.
 * Returns JB_NO_SESSION if there is no such session.  Does not wait for the end of the sessions: one whose
 * initiator does not obey is closed after two seconds.  Leaves out discovery sessions. */
static enum jb_err
logout(void *arg, const char *which)
{
	struct daemon *d = arg;

	return iscsi_session_drop(d->iscsi, which, ISCSI_DROP_ASK) > 0 ? JB_OK : JB_NO_SESSION;
}

/* Raises the event of a session that begins (begins is true) or ends (false), for iscsi_start. */
static void
report_session(void *arg, bool begins, const char *initiator, const char *peer)
{
	jb_event_session(((struct daemon *)arg)->jb, begins, initiator, peer);
}

/* Stores the value of the option --name as the target's name.  Does nothing, and returns true, if it was
 * not given or is the name already.  Returns false, with a message in `why`, which has WHY_MAX bytes, if
 * the name is not valid or cannot be stored. */
static bool
set_name(struct daemon *d, const struct opts *o, char *why)
{
	char is[JB_TEXT_MAX];
	enum jb_err e;

	if (o->name == NULL ||
		strcmp(jb_setting_get(d->jb, JB_SET_TARGET_NAME, 0, is), o->name) == 0)
		return true;
	e = jb_setting_set(d->jb, JB_SET_TARGET_NAME, 0, o->name);
	if (e != JB_OK)
		snprintf(why, WHY_MAX, "--name %s: %s", o->name, jb_err_text(e));
	return e == JB_OK;
}

/* Warns if a number of elements was given that differs from that of the store: the options are only for a new
 * store. */
static void
report_layout(const struct jukebox *jb, const struct opts *o)
{
	const struct {
		enum jb_elem_type type;
		unsigned wanted;
		const char *option;
	} rows[] = {
		{JB_SLOT, o->layout.slots, "--slots"},
		{JB_MAILSLOT, o->layout.mailslots, "--mailslots"},
		{JB_DRIVE, o->layout.drives, "--drives"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned has = jb_count(jb, rows[i].type);

		if ((o->given & 1u << rows[i].type) != 0 && has != rows[i].wanted)
			log_warn("main",
				"%s is for a new store only: this one has %u; mkdir and rmdir in "
				"%s/%s change that",
				rows[i].option, has, o->mountpoint, jb_elem_dir(rows[i].type));
	}
}

/* Starts the iSCSI target, and lets the policy know of its portals.  Returns false, with a message in
 * `why`, which has WHY_MAX bytes. */
static bool
start_target(struct daemon *d, const struct opts *o, char *why)
{
	struct iscsi_access access = access_policy(d->jb);
	const char *portals[OPTS_PORTALS_MAX];
	char name[JB_TEXT_MAX], text[JB_TEXT_MAX];
	struct iscsi_options options = {
		.name = jb_setting_get(d->jb, JB_SET_TARGET_NAME, 0, name),
		.portals = portals,
		.nportals = access_first_portals(d->jb, o, text, portals),
		.device = d->device,
		.session = report_session,
		.session_arg = d,
		.access = &access,
	};

	d->iscsi = iscsi_start(&options, why, WHY_MAX);
	if (d->iscsi != NULL)
		access_note_portals(d->jb, d->iscsi);
	return d->iscsi != NULL;
}

/* Opens the store.  Returns false, with a message in `why`, if it cannot.  If another daemon has the store
 * and the option -o was given, tries again for STORE_WAIT_MS: umount(8) returns before that daemon has
 * ended. */
static bool
open_store(struct daemon *d, const struct opts *o, char *why)
{
	uint64_t end_ms = clock_ms() + STORE_WAIT_MS;
	enum jb_err e;

	while ((e = jb_open(o->store, &o->layout, &d->jb, why, WHY_MAX)) == JB_STORE_LOCKED &&
		o->mounts && clock_ms() < end_ms)
		poll(NULL, 0, STORE_PAUSE_MS);
	return e == JB_OK;
}

/* Starts everything, in the order that the head of this file says, after a check of the mountpoint.
 * Returns false, with a message in `why`, which has WHY_MAX bytes; the caller must then call stop too. */
static bool
start(struct daemon *d, const struct opts *o, char *why)
{
	/* First, since a wrong mountpoint is a likely mistake, and jb_open may make a new store. */
	if (!fsctl_can_mount(o->store, o->mountpoint, why, WHY_MAX))
		return false;
	if (!open_store(d, o, why) || !set_name(d, o, why))
		return false;
	report_layout(d->jb, o);
	if (!make_units(d)) {
		snprintf(why, WHY_MAX, "out of memory");
		return false;
	}
	take_reservations(d);
	if (!start_target(d, o, why))
		return false;
	d->fs = fsctl_start(
		&(struct fsctl_options){
			.jb = d->jb,
			.mountpoint = o->mountpoint,
			.uid = o->uid,
			.gid = o->gid,
			.mode = o->mode,
			.flags = o->flags,
			.nursery = d->nursery,
			.others =
				{
					.portals = portals_text,
					.sessions = sessions_text,
					.connections = connections_text,
					.metrics = units_metrics,
					.logout = logout,
					.set_portals = set_portals,
					.arg = d,
				},
		},
		why, WHY_MAX);
	return d->fs != NULL;
}

/* Ends all parts that were started, some or all, and frees them.  The iSCSI target ends before the mount,
 * so that no command begins while the mount answers the requests that still wait. */
static void
stop(struct daemon *d)
{
	if (d->jb != NULL)
		jb_interrupt(d->jb);
	if (d->fs != NULL)
		fsctl_forget_texts(d->fs);
	if (d->iscsi != NULL)
		iscsi_stop(d->iscsi);
	if (d->fs != NULL)
		fsctl_stop(d->fs);
	/* Before its units, since it waits for resets of units that are still queued. */
	scsi_device_free(d->device);
	smc_free(d->changer);
	for (unsigned n = 0; n < JB_DRIVES_MAX; n++)
		mmc_free(d->drives[n]);
	if (d->jb != NULL)
		jb_close(d->jb);
	nursery_stop(d->nursery);
}

/* Prints the line by which scripts and people see that the daemon serves. */
static void
say_ready(struct daemon *d, const struct opts *o)
{
	char portals[256], name[JB_TEXT_MAX];

	iscsi_portals_text(d->iscsi, portals, sizeof(portals));
	for (char *p = portals; *p != '\0'; p++)
		if (*p == '\n')
			*p = p[1] == '\0' ? '\0' : ' ';
	fprintf(stderr, "jukeboxd: ready: %s at %s, mount %s, store %s\n",
		jb_setting_get(d->jb, JB_SET_TARGET_NAME, 0, name), portals, o->mountpoint,
		o->store);
}

/* Tells the service manager's watchdog that the daemon works, after it has taken the locks of the target
 * and got an answer from the mount within `ms` milliseconds.  If the mount does not answer, logs that
 * instead.  If a lock is never free, does not return, so the watchdog is not told either.  [blocks] */
static void
beat(struct daemon *d, unsigned ms)
{
	(void)iscsi_sessions_text(d->iscsi, NULL, 0);
	if (fsctl_answers(d->fs, ms))
		service_beat();
	else
		log_warn("main", "the mount has not answered for %u ms", ms);
}

/* Waits until a signal asks the daemon to stop, or a user unmounts the jukebox, and logs which it was.
 * Meanwhile calls beat as often as the service manager wants.  Does not read the signal. */
static void
wait_for_end(struct daemon *d, int signals)
{
	struct pollfd fds[] = {
		{.fd = signals, .events = POLLIN},
		{.fd = fsctl_ended_fd(d->fs), .events = POLLIN},
	};

	int every_ms = service_beat_ms(), ready;

	/* The first time at once: it may have taken long to start. */
	for (int ms = every_ms > 0 ? 0 : -1; (ready = poll(fds, 2, ms)) <= 0; ms = every_ms)
		if (ready == 0)
			beat(d, (unsigned)every_ms);
	if (fds[0].revents != 0)
		log_info("main", "asked to stop");
	else
		log_info("main", "somebody has unmounted the jukebox: stopping");
}

/* Prints a line for damage in the store, and sets the bool at arg.  Names in it come from users. */
static void
print_finding(void *arg, const char *path, const char *sentence)
{
	char line[2048];
	int n = snprintf(line, sizeof(line), "%s: %s", path, sentence);

	if (n > 0)
		(void)printable_line(line);
	puts(line);
	*(bool *)arg = true;
}

/* Lists the damage in the store, for --check.  Returns the status of the process. */
static int
check(const struct opts *o)
{
	char why[WHY_MAX] = "";
	bool damaged = false;

	log_level = LOG_LEVEL_ERR;
	if (jb_check(o->store, print_finding, &damaged, why, WHY_MAX) != JB_OK) {
		fprintf(stderr, "jukeboxd: %s\n", why);
		return EXIT_FAILURE;
	}
	if (fflush(stdout) != 0) {
		fprintf(stderr, "jukeboxd: cannot print: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	return damaged ? EXIT_DAMAGED : EXIT_SUCCESS;
}

/* Runs the daemon until it is asked to stop.  Returns EXIT_SUCCESS then; EXIT_FAILURE, after a message,
 * if it cannot start; or the status of opts_parse or of check. */
int
main(int argc, char **argv)
{
	struct daemon d = {.jb = NULL};
	struct opts o;
	char why[WHY_MAX] = "";
	int status, signals;
	bool ok;

	if (nursery_serves(argc > 0 ? argv[0] : NULL, helper_kinds))
		return EXIT_SUCCESS;
	if (!service_open_standard())
		return EXIT_FAILURE;
	if (!opts_parse(&o, argc, argv, &status))
		return status;
	if (o.check)
		return check(&o);
	if (o.mounts && !o.stays && !service_detach()) {
		fprintf(stderr, "jukeboxd: cannot go into the background: %s\n", strerror(errno));
		return EXIT_FAILURE;
	}
	service_begin();
	signals = service_signals();
	/* First, so that helper processes inherit nothing from the daemon (fsctl/helpers/nursery.h). */
	d.nursery = nursery_start(helper_kinds);
	ok = signals >= 0 && d.nursery != NULL && start(&d, &o, why);
	if (ok) {
		say_ready(&d, &o);
		service_ready();
		wait_for_end(&d, signals);
		service_stopping();
	} else {
		service_failed(why[0] != '\0' ? why : strerror(errno));
	}
	stop(&d);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
