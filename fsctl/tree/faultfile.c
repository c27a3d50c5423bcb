/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The files ctl/changer/fault and ctl/drives/N/fault, and the list of rules in status and status.json.
 */
#include <inttypes.h>
#include <string.h>

#include "changer/fault.h"
#include "fsctl/tree/rows.h"
#include "fsctl/tree/faultfile.h"
#include "fsctl/tree/words.h"

/* Returns the element whose rules the file shows: the drive of the node's number, or the picker for
 * ctl/changer/fault. */
static struct jb_elem
unit_of(const struct node *node)
{
	bool drive = strstr(node->row->path, "%u") != NULL;

	return (struct jb_elem){drive ? JB_DRIVE : JB_PICKER, node->number};
}

/* Prints the rules, one a line, so that they can be written back: how often a rule had an effect is a
 * comment. */
void
show_FAULT(struct tree *tree, const struct node *node, FILE *out)
{
	struct jb_fault_line line;

	for (unsigned n = 0; jb_fault_line(tree->jb, unit_of(node), n, &line); n++)
		fprintf(out, "%s # fired %" PRIu64 "\n", line.rule, line.fired);
}

/* Sets the rules of the unit, and returns the errors of jb_fault_set. */
enum jb_err
store_FAULT(struct tree *tree, const struct node *node, const char *value)
{
	return jb_fault_set(tree->jb, unit_of(node), value);
}

/* Calls each() for every rule of the unit, in the order in which they were written.  unit: a drive,
 * or the picker for the robot. */
static void
of_unit(struct tree *tree, struct jb_elem unit, faultfile_each *each, void *arg)
{
	struct jb_fault_line line;
	char name[32];

	snprintf(name, sizeof(name), "changer");
	if (unit.type == JB_DRIVE)
		jb_elem_str(unit, name);
	for (unsigned n = 0; jb_fault_line(tree->jb, unit, n, &line); n++)
		each(arg, name, line.rule, line.fired);
}

void
faultfile_list(struct tree *tree, faultfile_each *each, void *arg)
{
	of_unit(tree, (struct jb_elem){JB_PICKER, 0}, each, arg);
	for (unsigned n = 0; n < jb_count(tree->jb, JB_DRIVE); n++)
		of_unit(tree, (struct jb_elem){JB_DRIVE, n}, each, arg);
}

/* Prints a line for one rule, for faultfile_print; arg is the file. */
static void
print_rule(void *arg, const char *unit, const char *rule, uint64_t fired)
{
	FILE *out = arg;

	fprintf(out, "  FAULT  %-10s  %s, fired %" PRIu64 "\n", unit, rule, fired);
}

void
faultfile_print(struct tree *tree, FILE *out)
{
	faultfile_list(tree, print_rule, out);
}
