/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "target/opts.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "changer/base/log.h"

enum { EXIT_USAGE = 2 };

static const char usage[] =
	"usage: jukeboxd [options] STORE MOUNTPOINT\n"
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
	"  -h, --help              this text\n"
	"  -V, --version           the version\n"
	"\n"
	"STORE and MOUNTPOINT are made if they are missing.  jukeboxd runs in the foreground,\n"
	"until it gets SIGTERM or SIGINT, or until MOUNTPOINT is unmounted.\n"
	"See jukeboxd(8) and jukeboxfs(5).\n";

enum { OPT_SLOTS = 256, OPT_MAILSLOTS, OPT_DRIVES };

/* The long options, for getopt_long. */
static const struct option options[] = {
	{"portal", required_argument, NULL, 'p'},
	{"name", required_argument, NULL, 'n'},
	{"log-level", required_argument, NULL, 'l'},
	{"slots", required_argument, NULL, OPT_SLOTS},
	{"mailslots", required_argument, NULL, OPT_MAILSLOTS},
	{"drives", required_argument, NULL, OPT_DRIVES},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{NULL, 0, NULL, 0},
};

/* Reads the decimal number of an option, from min to max, into *out.  Returns false, after a message, if
 * the text is not such a number. */
static bool
parse_count(const char *option, const char *text, unsigned min, unsigned max, unsigned *out)
{
	char *end;
	unsigned long v;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno != 0 || *text < '0' || *text > '9' || *end != '\0' || v < min || v > max) {
		fprintf(stderr, "jukeboxd: --%s takes a number from %u to %u, not '%s'\n", option,
			min, max, text);
		return false;
	}
	*out = (unsigned)v;
	return true;
}

/* Sets log_level to the level of that name.  Returns false, after a message, if there is no such level. */
static bool
parse_level(const char *text)
{
	static const char *const names[] = {"err", "warn", "info", "debug"};

	for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(text, names[i]) == 0) {
			log_level = (enum log_level)i;
			return true;
		}
	}
	fprintf(stderr, "jukeboxd: --log-level takes err, warn, info or debug, not '%s'\n", text);
	return false;
}

/* Adds a portal, without a check of its text.  Returns false, after a message, if there are
 * OPTS_PORTALS_MAX already. */
static bool
add_portal(struct opts *o, const char *portal)
{
	if (o->nportals == OPTS_PORTALS_MAX) {
		fprintf(stderr, "jukeboxd: at most %d portals\n", OPTS_PORTALS_MAX);
		return false;
	}
	o->portals[o->nportals++] = portal;
	return true;
}

/* Takes one option, by the letter or number `c` of getopt_long, and its argument optarg.  Returns false,
 * after a message, if it is not valid. */
static bool
take_option(struct opts *o, int c)
{
	switch (c) {
	case 'p':
		return add_portal(o, optarg);
	case 'n':
		o->name = optarg;
		return true;
	case 'l':
		return parse_level(optarg);
	case OPT_SLOTS:
		o->given |= 1u << JB_SLOT;
		return parse_count("slots", optarg, 1, JB_SLOTS_MAX, &o->layout.slots);
	case OPT_MAILSLOTS:
		o->given |= 1u << JB_MAILSLOT;
		return parse_count("mailslots", optarg, 0, JB_MAILSLOTS_MAX, &o->layout.mailslots);
	case OPT_DRIVES:
		o->given |= 1u << JB_DRIVE;
		return parse_count("drives", optarg, 1, JB_DRIVES_MAX, &o->layout.drives);
	default: /* getopt_long has printed a message */
		return false;
	}
}

bool
opts_parse(struct opts *o, int argc, char **argv, int *status)
{
	int c;

	*o = (struct opts){.layout = {.slots = 8, .mailslots = 0, .drives = 1}};
	while ((c = getopt_long(argc, argv, "p:n:l:hV", options, NULL)) != -1) {
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
	if (argc - optind != 2) {
		fputs(usage, stderr);
		*status = EXIT_USAGE;
		return false;
	}
	o->store = argv[optind];
	o->mountpoint = argv[optind + 1];
	return true;
}
