/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * MNT/metrics: counters and gauges in the text format of Prometheus, as its node exporter reads them from a
 * file.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fsctl/tree/rows.h"
#include "fsctl/tree/words.h"

#define ULL(n) ((unsigned long long)(n))

/* Prints the head of a family of samples: its name, help and type. */
static void
family(FILE *out, const char *name, const char *type, const char *help)
{
	fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* Prints a family with one sample, which has no labels. */
static void
one(FILE *out, const char *name, const char *type, const char *help, double value)
{
	family(out, name, type, help);
	fprintf(out, "%s %.17g\n", name, value);
}

/* ---- the jukebox ---------------------------------------------------------------------------- */

static const char *const type_names[] = {
	[JB_PICKER] = "picker",
	[JB_SLOT] = "slot",
	[JB_MAILSLOT] = "mailslot",
	[JB_DRIVE] = "drive",
};

/* Prints the families that count elements, all and full ones. */
static void
print_elements(const struct jb_totals *c, FILE *out)
{
	family(out, "jukebox_elements", "gauge", "Elements, by type.");
	for (unsigned t = JB_PICKER; t <= JB_DRIVE; t++)
		fprintf(out, "jukebox_elements{type=\"%s\"} %u\n", type_names[t], c->elements[t]);
	family(out, "jukebox_elements_full", "gauge", "Elements that hold a disc, by type.");
	for (unsigned t = JB_PICKER; t <= JB_DRIVE; t++)
		fprintf(out, "jukebox_elements_full{type=\"%s\"} %u\n", type_names[t], c->full[t]);
}

/* Prints the families about discs, and files that may become discs. */
static void
print_discs(const struct jb_totals *c, FILE *out)
{
	const struct {
		const char *state;
		unsigned n;
	} states[] = {
		{"blank", c->by_status[DISC_BLANK]},
		{"appendable", c->by_status[DISC_APPENDABLE]},
		{"complete", c->by_status[DISC_COMPLETE]},
		{"random-access", c->by_status[DISC_OTHERS]},
		{"incoming", c->incoming},
		{"incomplete", c->incomplete},
	};

	family(out, "jukebox_discs", "gauge", "Discs, and files that may become discs, by state.");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		fprintf(out, "jukebox_discs{state=\"%s\"} %u\n", states[i].state, states[i].n);
	one(out, "jukebox_disc_sessions", "gauge", "Sessions of all discs.", c->sessions);
	one(out, "jukebox_disc_recorded_bytes", "gauge", "Bytes recorded on all discs.",
		(double)c->bytes);
	one(out, "jukebox_disc_stored_bytes", "gauge", "Bytes that the discs take in the store.",
		(double)c->used);
	one(out, "jukebox_staged_files", "gauge", "Temporary files beside discs.", c->staged);
}

/* Prints the families about the store's file system; nothing if jb_space fails. */
static void
print_store(struct tree *tree, FILE *out)
{
	struct jb_space s;

	if (jb_space(tree->jb, &s) != JB_OK)
		return;
	one(out, "jukebox_store_size_bytes", "gauge", "Size of the store's file system.",
		(double)(s.blocks * s.block_size));
	one(out, "jukebox_store_available_bytes", "gauge", "Free space in the store's file system.",
		(double)(s.blocks_available * s.block_size));
}

/* Prints the families that count events and refusals; of the latter only reasons that have occurred. */
static void
print_events(struct tree *tree, FILE *out)
{
	uint64_t counts[JB_EVENT_COUNT], refused[JB_ERR_COUNT];

	jb_event_counts(tree->jb, counts);
	family(out, "jukebox_events_total", "counter",
		"Events, by their words in the file events.");
	for (unsigned e = 0; e < JB_EVENT_COUNT; e++)
		fprintf(out, "jukebox_events_total{event=\"%s\"} %llu\n",
			jb_event_name((enum jb_event_type)e), ULL(counts[e]));
	lasterror_counts(&tree->lasterror, refused);
	family(out, "jukebox_refusals_total", "counter",
		"Operations on the mount that were refused, by reason.");
	for (unsigned e = 0; e < JB_ERR_COUNT; e++)
		if (refused[e] > 0)
			fprintf(out, "jukebox_refusals_total{reason=\"%s\"} %llu\n",
				jb_err_name((enum jb_err)e), ULL(refused[e]));
}

/* ---- the drives ----------------------------------------------------------------------------- */

struct drive_now { /* the state of a drive, taken once for all families */
	struct drive_view view;
	struct drive_progress progress;
};

/* Returns 1 if a disc is in the drive, else 0. */
static double
is_loaded(const struct drive_now *d)
{
	return d->view.has_disc;
}

/* Returns 1 if the tray is open, else 0. */
static double
is_open(const struct drive_now *d)
{
	return d->view.tray_open;
}

/* Returns 1 if an initiator has locked the drive, else 0. */
static double
is_locked(const struct drive_now *d)
{
	return d->view.locked;
}

/* Returns 1 if the drive is online, else 0. */
static double
is_online(const struct drive_now *d)
{
	return !d->view.offline;
}

/* Returns 1 if a disc is being recorded, else 0. */
static double
is_burning(const struct drive_now *d)
{
	return d->progress.work == DRIVE_BURNING;
}

/* Returns the done part of the present work, 0 to 1; 0 if there is no work or its total is not known. */
static double
progress_of(const struct drive_now *d)
{
	const struct drive_progress *p = &d->progress;

	return p->total == 0 ? 0 : (double)p->done / (double)p->total;
}

/* Returns how often the disc that initiators can access in the drive has changed. */
static double
media_changes_of(const struct drive_now *d)
{
	return (double)d->view.media_changes;
}

/* Returns how often the locked drive was asked for its disc. */
static double
eject_requests_of(const struct drive_now *d)
{
	return (double)d->view.eject_requests;
}

static const struct drive_family {
	const char *name, *type, *help;		    /* as for `family` */
	double (*value)(const struct drive_now *d); /* returns the sample of one drive */
} drive_families[] = {
	{"jukebox_drive_loaded", "gauge", "1: a disc is in the drive.", is_loaded},
	{"jukebox_drive_tray_open", "gauge", "1: the tray is open.", is_open},
	{"jukebox_drive_locked", "gauge", "1: an initiator has locked the drive.", is_locked},
	{"jukebox_drive_online", "gauge", "0: initiators find the drive not ready.", is_online},
	{"jukebox_drive_burning", "gauge", "1: a disc is being recorded.", is_burning},
	{"jukebox_drive_progress_ratio", "gauge", "How much of the present work is done.",
		progress_of},
	{"jukebox_drive_media_changes_total", "counter", "Changes of the accessible disc.",
		media_changes_of},
	{"jukebox_drive_eject_requests_total", "counter",
		"Requests to a locked drive for its disc.", eject_requests_of},
};

/* Prints the families about drives, with a sample for each drive that exists. */
static void
print_drives(struct tree *tree, FILE *out)
{
	struct drive_now now[JB_DRIVES_MAX];
	unsigned n = 0;

	for (struct drive *d; n < JB_DRIVES_MAX && (d = jb_drive(tree->jb, n)) != NULL; n++) {
		drive_view(d, &now[n].view);
		words_progress(tree->jb, n, &now[n].progress);
	}
	for (size_t f = 0; f < sizeof(drive_families) / sizeof(drive_families[0]); f++) {
		const struct drive_family *df = &drive_families[f];

		family(out, df->name, df->type, df->help);
		for (unsigned i = 0; i < n; i++)
			fprintf(out, "%s{drive=\"%u\"} %.17g\n", df->name, i, df->value(&now[i]));
	}
}

/* ---- the process, with the names that the client libraries of Prometheus use ------------------ */

/* Returns how many descriptors the daemon has open; 0 if that is not known. */
static unsigned
count_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned n = 0;

	if (dir == NULL)
		return 0;
	for (struct dirent *de; (de = readdir(dir)) != NULL;)
		n += de->d_name[0] != '.';
	closedir(dir);
	return n - 1; /* without the descriptor of the folder itself */
}

/* Returns how many pages of the daemon are in memory; 0 if that is not known. */
static unsigned long
resident_pages(void)
{
	unsigned long size, resident = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL)
		return 0;
	if (fscanf(f, "%lu %lu", &size, &resident) != 2)
		resident = 0;
	fclose(f);
	return resident;
}

/* Returns the time in seconds. */
static double
seconds(struct timeval tv)
{
	return (double)tv.tv_sec + (double)tv.tv_usec / 1e6;
}

/* Prints the families about the daemon's process. */
static void
print_process(struct tree *tree, FILE *out)
{
	struct rusage use;
	struct rlimit files;

	if (getrusage(RUSAGE_SELF, &use) == 0)
		one(out, "process_cpu_seconds_total", "counter", "CPU time used by the daemon.",
			seconds(use.ru_utime) + seconds(use.ru_stime));
	one(out, "process_resident_memory_bytes", "gauge", "Resident memory of the daemon.",
		(double)resident_pages() * (double)sysconf(_SC_PAGESIZE));
	one(out, "process_open_fds", "gauge", "Open files of the daemon.", count_files());
	if (getrlimit(RLIMIT_NOFILE, &files) == 0)
		one(out, "process_max_fds", "gauge", "How many open files it may have.",
			(double)files.rlim_cur);
	one(out, "process_start_time_seconds", "gauge", "When the mount was made, since 1970.",
		(double)tree->started.tv_sec);
}

void
show_METRICS(struct tree *tree, const struct node *node, FILE *out)
{
	struct jb_totals c;
	char *target;

	jb_totals(tree->jb, &c);
	family(out, "jukebox_info", "gauge",
		"The version of the daemon and the uuid of the jukebox.");
	fprintf(out, "jukebox_info{version=\"" JUKEBOXD_VERSION "\",uuid=\"%s\"} 1\n",
		jb_uuid(tree->jb));
	print_elements(&c, out);
	print_discs(&c, out);
	print_store(tree, out);
	print_events(tree, out);
	print_drives(tree, out);
	one(out, "jukebox_sessions", "gauge", "Sessions of initiators that are logged in.",
		tree_sessions(tree));
	target = tree_other_text(tree, &tree->others.metrics);
	if (target != NULL)
		fputs(target, out);
	free(target);
	print_process(tree, out);
}
