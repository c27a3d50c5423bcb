/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chctl: the ioctls of Linux's medium changer driver, ch, one a call, for which Debian has no program.
 * Built without the guest's libraries, and so with nothing of the project's.
 *
 *	chctl DEVICE params | vparams | init
 *	chctl DEVICE status TYPE
 *	chctl DEVICE elem TYPE UNIT
 *	chctl DEVICE move TYPE UNIT TYPE UNIT [invert]
 *	chctl DEVICE exchange TYPE UNIT TYPE UNIT TYPE UNIT [invert]
 *	chctl DEVICE position TYPE UNIT [invert]
 *	chctl DEVICE settag TYPE UNIT TAG | cleartag TYPE UNIT
 *
 * TYPE is mt, st, ie or dt; units count from 0.  What an ioctl says is printed; one that fails
 * prints its errno, exit status 1.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/chio.h>

enum { ELEMENTS_MAX = 65536, ARGS_MAX = 8 };

static int fd;
static int args[ARGS_MAX]; /* types and units, as they came */
static int inverted;

static void
usage(void)
{
	fprintf(stderr, "chctl: see the top of its source\n");
	exit(2);
}

static int
type_of(const char *word)
{
	static const char *const types[] = {"mt", "st", "ie", "dt"};

	for (int i = 0; i < 4; i++)
		if (strcmp(word, types[i]) == 0)
			return i;
	usage();
	return -1;
}

static const char *
name_of(int type)
{
	static const char *const types[] = {"mt", "st", "ie", "dt"};

	return type >= 0 && type < 4 ? types[type] : "?";
}

static void
call(unsigned long request, void *arg)
{
	if (ioctl(fd, request, arg) == 0)
		return;
	printf("%s\n", strerrorname_np(errno));
	exit(1);
}

static void
do_params(void)
{
	struct changer_params p = {0};

	call(CHIOGPARAMS, &p);
	printf("mt %d st %d ie %d dt %d\n", p.cp_npickers, p.cp_nslots, p.cp_nportals,
		p.cp_ndrives);
}

static void
do_vparams(void)
{
	struct changer_vendor_params p = {0};

	call(CHIOGVPARAMS, &p);
	printf("vendor %d %d %d %d\n", p.cvp_n1, p.cvp_n2, p.cvp_n3, p.cvp_n4);
}

static void
do_init(void)
{
	call(CHIOINITELEM, NULL);
}

static void
do_status(void)
{
	static unsigned char data[ELEMENTS_MAX];
	struct changer_element_status s = {.ces_type = args[0], .ces_data = data};
	struct changer_params p = {0};
	int n;

	call(CHIOGPARAMS, &p);
	n = args[0] == CHET_MT	 ? p.cp_npickers
	    : args[0] == CHET_ST ? p.cp_nslots
	    : args[0] == CHET_IE ? p.cp_nportals
				 : p.cp_ndrives;
	call(CHIOGSTATUS, &s);
	for (int i = 0; i < n && i < ELEMENTS_MAX; i++)
		printf("%s%02x", i > 0 ? " " : "", data[i]);
	printf("\n");
}

static void
do_elem(void)
{
	struct changer_get_element e = {.cge_type = args[0], .cge_unit = args[1]};

	call(CHIOGELEM, &e);
	printf("status %02x", (unsigned)e.cge_status);
	if (e.cge_flags & CGE_SRC)
		printf(" source %s %d", name_of(e.cge_srctype), e.cge_srcunit);
	if (e.cge_flags & CGE_IDLUN)
		printf(" lun %d", e.cge_lun);
	if (e.cge_flags & CGE_PVOLTAG)
		printf(" tag %.36s", e.cge_pvoltag);
	printf("\n");
}

static void
do_move(void)
{
	struct changer_move m = {args[0], args[1], args[2], args[3], inverted ? CM_INVERT : 0};

	call(CHIOMOVE, &m);
}

static void
do_exchange(void)
{
	struct changer_exchange x = {
		args[0], args[1], args[2], args[3], args[4], args[5], inverted ? CE_INVERT1 : 0};

	call(CHIOEXCHANGE, &x);
}

static void
do_position(void)
{
	struct changer_position p = {args[0], args[1], inverted ? CP_INVERT : 0};

	call(CHIOPOSITION, &p);
}

static void
set_tag(const char *tag)
{
	struct changer_set_voltag s = {.csv_type = args[0],
		.csv_unit = args[1],
		.csv_flags = CSV_PVOLTAG | (tag == NULL ? CSV_CLEARTAG : 0)};

	if (tag != NULL)
		strncpy(s.csv_voltag, tag, sizeof(s.csv_voltag) - 1);
	call(CHIOSVOLTAG, &s);
}

static void
do_cleartag(void)
{
	set_tag(NULL);
}

static const struct verb {
	const char *name;
	int elements; /* -1: a type alone */
	void (*run)(void);
} verbs[] = {
	{"params", 0, do_params},
	{"vparams", 0, do_vparams},
	{"init", 0, do_init},
	{"status", -1, do_status},
	{"elem", 1, do_elem},
	{"move", 2, do_move},
	{"exchange", 3, do_exchange},
	{"position", 1, do_position},
	{"cleartag", 1, do_cleartag},
	{"settag", 1, NULL},
};

static void
run_verb(const struct verb *verb, int argc, char **argv)
{
	int words = verb->elements < 0 ? 1 : 2 * verb->elements;

	if (argc < words)
		usage();
	for (int i = 0; i < words; i++)
		args[i] = i % 2 == 0 ? type_of(argv[i]) : atoi(argv[i]);
	inverted = argc > words && strcmp(argv[words], "invert") == 0;
	if (verb->run != NULL)
		verb->run();
	else if (argc > words)
		set_tag(argv[words]);
	else
		usage();
}

int
main(int argc, char **argv)
{
	if (argc < 3)
		usage();
	fd = open(argv[1], O_RDWR);
	if (fd < 0) {
		perror(argv[1]);
		return 1;
	}
	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strcmp(argv[2], verbs[i].name) == 0) {
			run_verb(&verbs[i], argc - 3, argv + 3);
			close(fd);
			return 0;
		}
	}
	usage();
}
