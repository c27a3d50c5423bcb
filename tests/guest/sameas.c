/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sameas FILE FIRST SECTORS DEVICE: are these sectors of DEVICE the same as of FILE?  It reads them past
 * the kernel's cache, a megabyte at a time; cmp(1) takes several times as long in an emulated machine.
 * Exit status: 0 they are, 1 they are not, or end early, which it says, 2 something else.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECTOR = 2048, PIECE = 512, ALIGNMENT = 4096 };

int
main(int argc, char **argv)
{
	long long at, end;
	char *is, *wanted;
	int device, file;

	if (argc != 5) {
		fprintf(stderr, "usage: sameas FILE FIRST SECTORS DEVICE\n");
		return 2;
	}
	at = atoll(argv[2]);
	end = at + atoll(argv[3]);
	file = open(argv[1], O_RDONLY);
	device = open(argv[4], O_RDONLY | O_DIRECT);
	is = aligned_alloc(ALIGNMENT, PIECE * SECTOR);
	wanted = malloc(PIECE * SECTOR);
	if (file < 0 || device < 0 || is == NULL || wanted == NULL) {
		perror(file < 0 ? argv[1] : argv[4]);
		return 2;
	}
	while (at < end) {
		size_t n = (size_t)(end - at < PIECE ? end - at : PIECE) * SECTOR;

		if (pread(device, is, n, at * SECTOR) != (ssize_t)n ||
			pread(file, wanted, n, at * SECTOR) != (ssize_t)n) {
			fprintf(stderr, "error or end within %zu bytes from sector %lld\n", n, at);
			return 1;
		}
		if (memcmp(is, wanted, n) != 0) {
			fprintf(stderr, "differ within %zu bytes from sector %lld\n", n, at);
			return 1;
		}
		at += (long long)n / SECTOR;
	}
	return 0;
}
