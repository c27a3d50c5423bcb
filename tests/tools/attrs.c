/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attrs: prints attributes of files in the mount, for scripts that need many of them.
 *
 *	attrs NAME[,NAME]... FILE...
 *
 * Prints a line for each NAME of each FILE: the value of user.jukebox.NAME, or an empty line if the file does
 * not have it or does not exist.  The value of toc may have several lines.  The names size, mtime and inode
 * stand for the values of stat(2).  Exit status: 1 if a file does not exist.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

enum { VALUE_MAX = 65536 };

static bool
print_stat(const char *name, const struct stat *st)
{
	if (strcmp(name, "size") == 0)
		printf("%lld", (long long)st->st_size);
	else if (strcmp(name, "mtime") == 0)
		printf("%lld", (long long)st->st_mtime);
	else if (strcmp(name, "inode") == 0)
		printf("%llu", (unsigned long long)st->st_ino);
	else
		return false;
	return true;
}

static void
print_attribute(const char *name, const char *file)
{
	static char value[VALUE_MAX];
	char whole[128];
	ssize_t n;

	snprintf(whole, sizeof(whole), "user.jukebox.%s", name);
	n = getxattr(file, whole, value, sizeof(value));
	if (n > 0)
		fwrite(value, 1, (size_t)n, stdout);
}

static bool
print_file(const char *names, const char *file)
{
	char *list = strdup(names), *rest = list, *name;
	struct stat st;
	bool there = stat(file, &st) == 0;

	if (!there) {
		fprintf(stderr, "attrs: ");
		perror(file);
	}
	while ((name = strsep(&rest, ",")) != NULL) {
		if (there && !print_stat(name, &st))
			print_attribute(name, file);
		putchar('\n');
	}
	free(list);
	return there;
}

int
main(int argc, char **argv)
{
	bool all = true;

	if (argc < 3) {
		fprintf(stderr, "usage: attrs NAME[,NAME]... FILE...\n");
		return 2;
	}
	for (int i = 2; i < argc; i++)
		all = print_file(argv[1], argv[i]) && all;
	return all ? EXIT_SUCCESS : EXIT_FAILURE;
}
