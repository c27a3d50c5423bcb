/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Returns the value of a counter that other threads may change.  Takes no lock. */
static uint64_t
load_counter(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

/* A family of counters, in the sense of Prometheus: its name, and a sentence that explains it. */
struct family {
	const char *name, *help;
	/* Prints the lines of one unit.  It is called for one unit after the other. */
	void (*print)(const char *name, const struct scsi_lu *lu, FILE *out);
};

/* Prints a line for each command that was ever sent, and one for all unknown commands.  Leaves out the
 * others: a unit has about seventy. */
static void
print_commands(const char *name, const struct scsi_lu *lu, FILE *out)
{
	for (size_t i = 0; i < lu->type->ncmds; i++) {
		const struct scsi_cmd *cmd = &lu->type->cmds[i];
		uint64_t n = load_counter(&lu->stats.commands[i]);

		if (n > 0)
			fprintf(out, "%s{lun=\"%u\",opcode=\"%02x\",command=\"%s\"} %llu\n", name,
				lu->lun, cmd->opcode, cmd->name, (unsigned long long)n);
	}
	fprintf(out, "%s{lun=\"%u\",opcode=\"\",command=\"unknown\"} %llu\n", name, lu->lun,
		(unsigned long long)load_counter(&lu->stats.unknown));
}

/* Prints a line for each sense key, even if its counter is 0. */
static void
print_sense(const char *name, const struct scsi_lu *lu, FILE *out)
{
	/* by sense key, SPC-4 4.5.6 */
	static const char *const keys[SCSI_SENSE_KEYS] = {"no_sense", "recovered_error",
		"not_ready", "medium_error", "hardware_error", "illegal_request", "unit_attention",
		"data_protect", "blank_check", "vendor_specific", "copy_aborted", "aborted_command",
		"reserved", "volume_overflow", "miscompare", "completed"};

	for (unsigned key = 0; key < SCSI_SENSE_KEYS; key++)
		fprintf(out, "%s{lun=\"%u\",key=\"%s\"} %llu\n", name, lu->lun, keys[key],
			(unsigned long long)load_counter(&lu->stats.sense[key]));
}

/* Prints one line for the unit, with the value n. */
static void
print_one(const char *name, const struct scsi_lu *lu, uint64_t n, FILE *out)
{
	fprintf(out, "%s{lun=\"%u\"} %llu\n", name, lu->lun, (unsigned long long)n);
}

/* Prints how many commands ended with another status than GOOD and CHECK CONDITION. */
static void
print_other(const char *name, const struct scsi_lu *lu, FILE *out)
{
	print_one(name, lu, load_counter(&lu->stats.other_status), out);
}

/* Prints how many bytes were sent to initiators. */
static void
print_read(const char *name, const struct scsi_lu *lu, FILE *out)
{
	print_one(name, lu, load_counter(&lu->stats.bytes_in), out);
}

/* Prints how many bytes were taken from initiators. */
static void
print_written(const char *name, const struct scsi_lu *lu, FILE *out)
{
	print_one(name, lu, load_counter(&lu->stats.bytes_out), out);
}

/* The families, in the order in which they are printed. */
static const struct family families[] = {
	{"jukebox_commands_total", "SCSI commands answered, by logical unit and command.",
		print_commands},
	{"jukebox_sense_total", "SCSI commands that ended with CHECK CONDITION, by sense key.",
		print_sense},
	{"jukebox_other_status_total",
		"SCSI commands that ended with a reservation conflict, busy, or aborted.",
		print_other},
	{"jukebox_read_bytes_total", "Data sent to initiators.", print_read},
	{"jukebox_written_bytes_total", "Data taken from initiators.", print_written},
};

/* Prints how often the target has refused or ended something, by reason. */
static void
print_refused(struct iscsi_target *target, FILE *out)
{
	static const char name[] = "jukebox_refused_total";

	fprintf(out,
		"# HELP %s What the limits and the access control of the target refused.\n"
		"# TYPE %s counter\n",
		name, name);
	for (unsigned i = 0; i < ISCSI_REFUSED_COUNT; i++) {
		const char *reason;
		uint64_t n = iscsi_refused(target, i, &reason);

		fprintf(out, "%s{reason=\"%s\"} %llu\n", name, reason, (unsigned long long)n);
	}
}

/* Prints all families, each with the lines of all units, by LUN. */
static void
print_all(struct scsi_device *device, FILE *out)
{
	for (size_t f = 0; f < sizeof(families) / sizeof(families[0]); f++) {
		const struct family *family = &families[f];

		fprintf(out, "# HELP %s %s\n# TYPE %s counter\n", family->name, family->help,
			family->name);
		for (unsigned lun = 0; lun < SCSI_LUNS_MAX; lun++) {
			const struct scsi_lu *lu = scsi_device_lu(device, lun);

			if (lu != NULL)
				family->print(family->name, lu, out);
		}
	}
}

size_t
metrics_text(struct scsi_device *device, struct iscsi_target *target, char *buf, size_t size)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (out != NULL) {
		print_all(device, out);
		print_refused(target, out);
		if (fclose(out) != 0)
			len = 0;
	}
	if (size > 0) {
		size_t n = len < size ? len : size - 1;

		if (n > 0)
			memcpy(buf, text, n);
		buf[n] = '\0';
	}
	free(text);
	return len;
}
