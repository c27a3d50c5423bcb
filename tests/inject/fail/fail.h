/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which calls of the daemon inject.so (fail.c) lets fail, as ../control.py writes it. */
#ifndef TESTS_INJECT_FAIL_FAIL_H
#define TESTS_INJECT_FAIL_FAIL_H

#include <stdint.h>

/* Kinds of calls.  Those before CALL_DESCRIPTOR are counted only if they are on the store. */
enum call {
	CALL_OPEN,
	CALL_CREATE, /* an open that may make a file */
	CALL_MKDIR,
	CALL_RENAME,
	CALL_UNLINK, /* also of a directory */
	CALL_WRITE,
	CALL_READ,
	CALL_SYNC,    /* of a file or a directory, or of a range */
	CALL_SYNC_FS, /* of the file system */
	CALL_TRUNCATE,
	CALL_ALLOCATE,
	CALL_STAT, /* also access and statfs */
	CALL_LIST, /* of a directory: each of its entries */
	CALL_CLOSE,
	CALL_CHANGE,	 /* of the mode or the times of a file */
	CALL_DESCRIPTOR, /* a new one that is not of a file: of sockets, pipes, copies */
	CALL_THREAD,
	CALL_PROCESS,
	CALL_MEMORY, /* that the program itself asks for, or its JSON library */
	CALLS,
};

enum { HIT_PATH = 512, HIT_FRAMES = 14 };

/* The file $INJECT_CONTROL, mapped and shared by the driver, the daemon and what the daemon forks. */
struct control {
	char store[1024]; /* its path */
	uint32_t armed;	  /* 0: all calls are made as always, and not counted */
	uint32_t calls;	  /* bits: the kinds of calls among which the one that fails is counted */
	uint32_t from_on; /* true: all calls after it fail, too */
	uint32_t late;	  /* true: the call is made, and reports the error all the same */
	int32_t error;	  /* the errno */
	uint32_t any;	  /* true: calls on other files than those of the store count, too */
	uint64_t at;	  /* its number, from 1; 0: none fails */
	uint64_t number;  /* of the last call that was counted */
	uint64_t hits;	  /* how many have failed */
	uint64_t counts[32];
	/* Of the first that failed: its kind, its path, and its callers in the daemon's program. */
	uint64_t frames[HIT_FRAMES];
	uint32_t hit_call;
	char hit_path[HIT_PATH];
};

#endif
