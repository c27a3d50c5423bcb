/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/opts.h"

#include <errno.h>
#include <fnmatch.h>
#include <getopt.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "changer/base/log.h"

enum { EXIT_USAGE = 2 };

static const char usage[] =
	"usage: jukeboxd [options] STORE MOUNTPOINT\n"
	"       jukeboxd --check STORE\n"
	"\n"
	"Serves the optical jukebox in the directory STORE: as a file system at MOUNTPOINT,\n"
	"and over iSCSI as a medium changer (LUN 0) and drives (LUN 1 and up).\n"
	"\n"
	"  -p, --portal ADDR[:PORT]  listen at this address; may be repeated (127.0.0.1:3260)\n"
	"  -n, --name IQN          iSCSI name of the target; the store remembers it\n"
	"  -l, --log-level LEVEL   err, warn, info or debug (info)\n"
	"      --slots N           storage slots of a new store (8)\n"
	"      --mailslots N       import/export slots of a new store (0)\n"
	"      --drives N          drives of a new store (1)\n"
	"      --uid USER          owner of the mount's files that are no discs (who starts it)\n"
	"      --gid GROUP         their group\n"
	"      --mode MODE         mode of the folders of slots and drives (0755)\n"
	"  -o OPTION,...           options as mount(8) gives them: those above (slots=20), and\n"
	"                          noatime, noexec and the like; runs in the background\n"
	"  -f, --foreground        stay in the foreground in spite of -o\n"
	"      --check             list what is damaged in STORE, and change nothing: the status\n"
	"                          is 3 if something is, 1 if it cannot be read\n"
	"  -h, --help              this text\n"
	"  -V, --version           the version\n"
	"\n"
	"STORE and MOUNTPOINT are made if they are missing.  jukeboxd runs in the foreground,\n"
	"until it gets SIGTERM or SIGINT, or until MOUNTPOINT is unmounted.  With -o, or by\n"
	"`mount -t fuse.jukeboxd STORE MOUNTPOINT`, it goes into the background when it is ready.\n"
	"See jukeboxd(8) and jukeboxfs(5).\n";

/* ---- options with a value, as --NAME VALUE and as -o NAME=VALUE --------------------------------- */

struct row {
	const char *name;
	char letter; /* 0: there is no short form */
	/* Takes the value.  Returns false after a message if it is not valid. */
	bool (*take)(struct opts *o, const struct row *row, const char *value);
	/* For a count of elements: */
	enum jb_elem_type type;
	unsigned min, max;
	size_t place; /* of the count in struct jb_layout */
};

/* Reads a number of elements from row->min to row->max. */
static bool
take_count(struct opts *o, const struct row *row, const char *value)
{
	char *end;
	unsigned long v;

	errno = 0;
	v = strtoul(value, &end, 10);
	if (errno != 0 || *value < '0' || *value > '9' || *end != '\0' || v < row->min ||
		v > row->max) {
		fprintf(stderr, "jukeboxd: %s%s takes a number from %u to %u, not '%s'\n",
			o->before, row->name, row->min, row->max, value);
		return false;
	}
	o->given |= 1u << row->type;
	*(unsigned *)(void *)((char *)&o->layout + row->place) = (unsigned)v;
	return true;
}

/* Sets log_level to that of the word. */
static bool
take_level(struct opts *o, const struct row *row, const char *value)
{
	static const char *const names[] = {"err", "warn", "info", "debug"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(value, names[i]) == 0) {
			log_level = (enum log_level)i;
			return true;
		}
	}
	fprintf(stderr, "jukeboxd: %s%s takes err, warn, info or debug, not '%s'\n", o->before,
		row->name, value);
	return false;
}

/* Adds a portal, unless there are OPTS_PORTALS_MAX. */
static bool
take_portal(struct opts *o, const struct row *row, const char *value)
{
	if (o->nportals == OPTS_PORTALS_MAX) {
		fprintf(stderr, "jukeboxd: at most %d portals\n", OPTS_PORTALS_MAX);
		return false;
	}
	o->portals[o->nportals++] = value;
	return true;
}

static bool
take_name(struct opts *o, const struct row *row, const char *value)
{
	o->name = value;
	return true;
}

/* Takes a number, or the name of a user or a group. */
static bool
take_id(struct opts *o, const struct row *row, const char *value)
{
	bool user = strcmp(row->name, "uid") == 0;
	/* No other thread runs yet. */
	// cppcheck-suppress getpwnamCalled
	const struct passwd *pw = user ? getpwnam(value) : NULL;
	// cppcheck-suppress getgrnamCalled
	const struct group *gr = user ? NULL : getgrnam(value);
	unsigned long id = 0;
	char *end = NULL;

	if (pw == NULL && gr == NULL) {
		id = strtoul(value, &end, 10);
		if (*value < '0' || *value > '9' || *end != '\0' || id >= UINT32_MAX) {
			fprintf(stderr,
				"jukeboxd: %s%s takes a number or a name of a %s, not '%s'\n",
				o->before, row->name, user ? "user" : "group", value);
			return false;
		}
	}
	if (user)
		o->uid = pw != NULL ? pw->pw_uid : (uid_t)id;
	else
		o->gid = gr != NULL ? gr->gr_gid : (gid_t)id;
	return true;
}

/* Takes an octal number. */
static bool
take_mode(struct opts *o, const struct row *row, const char *value)
{
	char *end;
	unsigned long mode = strtoul(value, &end, 8);

	if (*value < '0' || *value > '7' || *end != '\0' || mode == 0 || mode > 03777) {
		fprintf(stderr, "jukeboxd: %s%s takes an octal number, such as 2775, not '%s'\n",
			o->before, row->name, value);
		return false;
	}
	o->mode = (mode_t)mode;
	return true;
}

#define COUNT(name, type, min, max) \
	{ \
#name, 0, take_count, type, min, max, offsetof(struct jb_layout, name) \
	}

static const struct row rows[] = {
	{"portal", 'p', take_portal, 0, 0, 0, 0},
	{"name", 'n', take_name, 0, 0, 0, 0},
	{"log-level", 'l', take_level, 0, 0, 0, 0},
	{"uid", 0, take_id, 0, 0, 0, 0},
	{"gid", 0, take_id, 0, 0, 0, 0},
	{"mode", 0, take_mode, 0, 0, 0, 0},
	COUNT(slots, JB_SLOT, 1, JB_SLOTS_MAX),
	COUNT(mailslots, JB_MAILSLOT, 0, JB_MAILSLOTS_MAX),
	COUNT(drives, JB_DRIVE, 1, JB_DRIVES_MAX),
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]), CHECK = 255, FIRST_ROW };

/* ---- options of a mount ------------------------------------------------------------------------- */

/* Each ends with NULL.  Some end with "*": any text may follow. */
static const char *const for_kernel[] = {"noexec", "noatime", "nodiratime", NULL};
/*
 * These have no effect here: either they hold always (a jukebox has no devices and no set-user-id programs,
 * each user may look at it, the kernel checks permissions), or they are for mount(8) and init alone.
 */
static const char *const without_effect[] = {"rw", "exec", "dev", "nodev", "suid", "nosuid",
	"atime", "diratime", "relatime", "norelatime", "strictatime", "nostrictatime", "lazytime",
	"nolazytime", "sync", "async", "dirsync", "allow_other", "default_permissions", "defaults",
	"auto", "noauto", "nofail", "_netdev", "user", "user=*", "nouser", "users", "owner",
	"group", "comment=*", "x-*", "X-*", NULL};

/* Returns true if the option matches one of the list. */
static bool
is_listed(const char *const *list, const char *option)
{
	while (*list != NULL && fnmatch(*list, option, 0) != 0)
		list++;
	return *list != NULL;
}

/* Takes NAME=VALUE or an option of a mount.  Returns false after a message if it is none. */
static bool
take_mount_option(struct opts *o, char *option)
{
	size_t used = strlen(o->flags);
	char *value = strchr(option, '=');

	if (option[0] == '\0' || is_listed(without_effect, option))
		return true;
	if (is_listed(for_kernel, option)) {
		if (strstr(o->flags, option) == NULL)
			snprintf(o->flags + used, sizeof(o->flags) - used, ",%s", option);
		return true;
	}
	if (strcmp(option, "ro") == 0) {
		fputs("jukeboxd: -o ro: a jukebox cannot be mounted read-only, because the moves "
		      "of "
		      "initiators change the mount too\n",
			stderr);
		return false;
	}
	if (value != NULL)
		*value++ = '\0';
	for (size_t i = 0; value != NULL && i < ROWS; i++)
		if (strcmp(rows[i].name, option) == 0)
			return rows[i].take(o, &rows[i], value);
	fprintf(stderr, "jukeboxd: -o %s%s is no option of jukeboxd or of a mount\n", option,
		value != NULL ? "=" : "");
	return false;
}

/* Takes the argument of -o.  Returns false after a message if an option in it is not valid. */
static bool
take_mount_options(struct opts *o, char *list)
{
	char *option;

	o->mounts = true;
	o->before = "-o ";
	while ((option = strsep(&list, ",")) != NULL)
		if (!take_mount_option(o, option))
			return false;
	return true;
}

/* ---- the command line --------------------------------------------------------------------------- */

/* The options without a value, and those of the table. */
static const struct option plain[] = {
	{"check", no_argument, NULL, CHECK},
	{"foreground", no_argument, NULL, 'f'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
};

enum { PLAIN = sizeof(plain) / sizeof(plain[0]) };

/* Fills in the options for getopt_long: their numbers are FIRST_ROW and the row. */
static void
list_options(struct option options[ROWS + PLAIN + 1])
{
	for (int i = 0; i < ROWS; i++)
		options[i] = (struct option){rows[i].name, required_argument, NULL, FIRST_ROW + i};
	memcpy(options + ROWS, plain, sizeof(plain));
	options[ROWS + PLAIN] = (struct option){NULL, 0, NULL, 0};
}

/* Takes one option, by the letter or number of getopt_long.  Returns false after a message if it is
 * not valid. */
static bool
take_option(struct opts *o, int c)
{
	if (c == 'f')
		return o->stays = true;
	if (c == CHECK)
		return o->check = true;
	if (c == 'o')
		return take_mount_options(o, optarg);
	o->before = "--";
	for (int i = 0; i < ROWS; i++)
		if (c == FIRST_ROW + i || (c != 0 && c == rows[i].letter))
			return rows[i].take(o, &rows[i], optarg);
	return false; /* getopt_long has printed a message */
}

bool
opts_parse(struct opts *o, int argc, char **argv, int *status)
{
	struct option options[ROWS + PLAIN + 1];
	int c;

	*o = (struct opts){
		.layout = {.slots = 8, .mailslots = 0, .drives = 1},
		.uid = geteuid(),
		.gid = getegid(),
	};
	list_options(options);
	while ((c = getopt_long(argc, argv, "p:n:l:o:fhV", options, NULL)) != -1) {
		if (c == 'h' || c == 'V') {
			fputs(c == 'h' ? usage : "jukeboxd " JUKEBOXD_VERSION "\n", stdout);
			*status = EXIT_SUCCESS;
			return false;
		}
		if (!take_option(o, c)) {
			fputs("Try 'jukeboxd --help'.\n", stderr);
			*status = EXIT_USAGE;
			return false;
		}
	}
	if (argc - optind != (o->check ? 1 : 2)) {
		fputs(usage, stderr);
		*status = EXIT_USAGE;
		return false;
	}
	o->store = argv[optind];
	o->mountpoint = o->check ? NULL : argv[optind + 1];
	return true;
}
