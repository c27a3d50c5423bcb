/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/foreign/formats.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "changer/foreign/readers.h"
#include "changer/foreign/unpack.h"

/* The formats; those that describe a disc in most detail come first. */
static const struct {
	const char *suffix;
	reader *read;
} formats[] = {
	{".cue", read_cue},
	{".toc", read_toc},
	{".ccd", read_ccd},
	{".mds", read_mds},
	{".nrg", read_nrg},
};

/* Makes a plan from one sheet, with that parser.  First clears f->result and the marks of all files, as if
 * there were no other sheet.  Returns the plan, which the caller frees; or NULL if the sheet cannot be
 * used: f->result then says why. */
static struct foreign_plan *
try_sheet(struct foreign *f, unsigned sheet, reader *read)
{
	const char *name = f->files[sheet].name;
	struct foreign_plan *plan;

	memset(f->result, 0, sizeof(*f->result));
	for (unsigned i = 0; i < f->nfiles; i++)
		f->files[i].used = i == sheet;
	/* A name with a dot before it is a temporary one. */
	name += strspn(name, ".");
	snprintf(f->result->stem, sizeof(f->result->stem), "%.*s",
		(int)(foreign_suffix(name) - name), name);
	plan = plan_new(f);
	if (plan != NULL && read(f, sheet, plan) && plan_finish(f, plan))
		return plan;
	plan_free(plan);
	return NULL;
}

/* Looks whether the only file of the import is packed.  If its name is that of a packed file, sets the
 * result to JB_IMPORT_UNPACKED if its content is packed too, else refuses it.  Does nothing for another
 * name, or if there are several files. */
static void
look_for_packing(struct foreign *f)
{
	const char *name = f->files[0].name;

	if (f->nfiles != 1 || !unpack_is_name(name))
		return;
	f->files[0].used = true;
	snprintf(f->result->stem, sizeof(f->result->stem), "%.*s",
		(int)(foreign_suffix(name) - name), name);
	if (unpack_look(f, 0))
		f->result->kind = JB_IMPORT_UNPACKED;
}

struct foreign_plan *
formats_plan(struct foreign *f)
{
	struct foreign_plan *plan = NULL;
	unsigned first_sheet = 0;
	reader *first_read = NULL;

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++)
		for (unsigned k = 0; k < f->nfiles && plan == NULL; k++)
			if (strcasecmp(foreign_suffix(f->files[k].name), formats[i].suffix) == 0) {
				plan = try_sheet(f, k, formats[i].read);
				if (plan == NULL && first_read == NULL) {
					first_read = formats[i].read;
					first_sheet = k;
				}
			}
	if (plan != NULL)
		return plan;
	/* If no sheet can be used, the result is about the first one. */
	if (first_read != NULL)
		return try_sheet(f, first_sheet, first_read);
	look_for_packing(f);
	return NULL;
}
