/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/foreign/foreign.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- the result ------------------------------------------------------------------------------ */

bool
foreign_refuse(struct foreign *f, const char *format, ...)
{
	struct jb_import_result *r = f->result;
	va_list args;

	if (r->kind == JB_IMPORT_REFUSED || r->kind == JB_IMPORT_MISSING)
		return false;
	r->kind = JB_IMPORT_REFUSED;
	r->err = JB_FOREIGN;
	va_start(args, format);
	vsnprintf(r->detail, sizeof(r->detail), format, args);
	va_end(args);
	return false;
}

bool
foreign_miss(struct foreign *f, const char *name)
{
	struct jb_import_result *r = f->result;

	if (r->kind == JB_IMPORT_REFUSED || r->kind == JB_IMPORT_MISSING)
		return false;
	r->kind = JB_IMPORT_MISSING;
	snprintf(r->detail, sizeof(r->detail), "%s", name);
	return false;
}

void
foreign_warn(struct foreign *f, const char *format, ...)
{
	struct jb_import_result *r = f->result;
	va_list args;

	if (r->nwarnings == JB_IMPORT_WARNINGS_MAX)
		return;
	va_start(args, format);
	vsnprintf(r->warnings[r->nwarnings++], JB_IMPORT_TEXT, format, args);
	va_end(args);
}

/* ---- reading --------------------------------------------------------------------------------- */

bool
foreign_read(struct foreign *f, unsigned file, uint64_t at, void *buf, size_t size)
{
	if (f->read(f->arg, file, at, buf, size) == size)
		return true;
	return foreign_refuse(f, "%s ends too early: copy it again", f->files[file].name);
}

char *
foreign_read_all(struct foreign *f, unsigned file, size_t max, size_t *size)
{
	uint64_t n = f->files[file].size;
	char *text;

	if (n > max) {
		foreign_refuse(f, "%s is too large for what its name says", f->files[file].name);
		return NULL;
	}
	text = malloc((size_t)n + 1);
	if (text == NULL) {
		foreign_refuse(f, "memory is missing");
		return NULL;
	}
	if (!foreign_read(f, file, 0, text, (size_t)n)) {
		free(text);
		return NULL;
	}
	text[n] = '\0';
	*size = (size_t)n;
	return text;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Returns the part of the name behind its last slash or backslash. */
static const char *
base_name(const char *name)
{
	const char *base = name;

	for (; *name != '\0'; name++)
		if (*name == '/' || *name == '\\')
			base = name + 1;
	return base;
}

const char *
foreign_suffix(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL && dot != name ? dot : name + strlen(name);
}

/* Returns true if both names without their suffixes are the same, in upper or lower case. */
static bool
same_stem(const char *a, const char *b)
{
	size_t n = (size_t)(foreign_suffix(a) - a);

	return n == (size_t)(foreign_suffix(b) - b) && strncasecmp(a, b, n) == 0;
}

/* Returns true if the suffix of the name is one of files that have the sectors of a disc. */
static bool
is_image_name(const char *name)
{
	static const char *const suffixes[] = {
		".bin", ".img", ".iso", ".raw", ".cdr", ".wav", ".mdf", ".dat", ".tao"};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++)
		if (strcasecmp(foreign_suffix(name), suffixes[i]) == 0)
			return true;
	return false;
}

/* Returns true if the name of a file, `there`, can be the one that a sheet has: `wanted`. */
typedef bool name_matches(const char *there, const char *wanted);

/* Returns true if both names are the same. */
static bool
is_exactly(const char *there, const char *wanted)
{
	return strcmp(there, wanted) == 0;
}

/* Returns true if both names are the same, in upper or lower case. */
static bool
is_in_other_letters(const char *there, const char *wanted)
{
	return strcasecmp(there, wanted) == 0;
}

/* Returns true if `there` is the name of an image, and differs from `wanted` in its suffix only. */
static bool
is_image_of_that_stem(const char *there, const char *wanted)
{
	return is_image_name(there) && same_stem(there, wanted);
}

/* Returns true if `there` is the name of an image; `wanted` does not matter. */
static bool
is_any_image(const char *there, const char *wanted)
{
	return is_image_name(there);
}

/* Counts the files whose names match `wanted`; leaves out the file `sheet`.  Stores the index of the last
 * such file in *file; leaves *file if there is none. */
static unsigned
count_matches(const struct foreign *f, unsigned sheet, const char *wanted, name_matches *matches,
	unsigned *file)
{
	unsigned n = 0;

	for (unsigned i = 0; i < f->nfiles; i++)
		if (i != sheet && matches(f->files[i].name, wanted)) {
			*file = i;
			n++;
		}
	return n;
}

bool
foreign_find(struct foreign *f, unsigned sheet, const char *name, unsigned *file)
{
	const char *base = base_name(name);
	struct jb_import_result *r = f->result;
	bool believed = false, found;

	found = count_matches(f, sheet, name, is_exactly, file) == 1 ||
		count_matches(f, sheet, base, is_exactly, file) == 1 ||
		count_matches(f, sheet, base, is_in_other_letters, file) == 1;
	if (!found) {
		believed = count_matches(f, sheet, base, is_image_of_that_stem, file) == 1 ||
			   (!f->several && count_matches(f, sheet, base, is_any_image, file) == 1);
		/* A file that is used already belongs to another name in the sheet. */
		believed = believed && !f->files[*file].used;
	}
	if (!found && !believed)
		return foreign_miss(f, base);
	if (believed) {
		foreign_warn(f, "%s names %s, which is not there: %s is taken for it",
			f->files[sheet].name, base, f->files[*file].name);
		r->guessed = true;
		snprintf(r->detail, sizeof(r->detail), "%s", base);
	}
	f->files[*file].used = true;
	return true;
}

bool
foreign_find_beside(struct foreign *f, unsigned sheet, const char *suffix, unsigned *file)
{
	for (unsigned i = 0; i < f->nfiles; i++)
		if (strcasecmp(foreign_suffix(f->files[i].name), suffix) == 0 &&
			same_stem(f->files[i].name, f->files[sheet].name)) {
			f->files[i].used = true;
			*file = i;
			return true;
		}
	return false;
}

bool
foreign_miss_beside(struct foreign *f, unsigned sheet, const char *suffix)
{
	const char *name = f->files[sheet].name;
	char text[JB_IMPORT_TEXT];

	snprintf(text, sizeof(text), "%.*s%s", (int)(foreign_suffix(name) - name), name, suffix);
	return foreign_miss(f, text);
}
