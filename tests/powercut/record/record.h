/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The log of powercut.so (record.c), as ../calls.py reads it. */
#ifndef TESTS_POWERCUT_RECORD_RECORD_H
#define TESTS_POWERCUT_RECORD_RECORD_H

#include <pthread.h>
#include <stdint.h>

enum {
	RECORDS_AT = 4096, /* where the records begin */
};

/* The log begins with this. */
struct head {
	uint64_t end;	  /* where the next record goes */
	uint64_t size;	  /* of the log */
	uint64_t calls;	  /* how many were made in the store */
	uint64_t kill_at; /* the call that is not made: its process is killed before it; 0: none */
	pthread_mutex_t lock;
	char store[1024]; /* path of the store */
};

enum {
	REC_MARK,     /* of the driver; its data is JSON */
	REC_OPEN,     /* flags: O_CREAT, O_TRUNC */
	REC_WRITE,    /* length bytes at offset */
	REC_TRUNCATE, /* to length */
	REC_ALLOCATE, /* flags: the mode of fallocate */
	REC_MKDIR,
	REC_UNLINK, /* also of a directory */
	REC_RENAME, /* flags: those of renameat2 */
	REC_LINK,
	REC_SYNC,     /* of a file or a directory */
	REC_SYNC_ALL, /* of the file system */
};

/* Behind a record are the addresses of its callers (64 bits each, in the daemon's program), its two paths
 * below the store, each with a NUL, and the data of a write or a mark. */
struct record {
	uint64_t size; /* with what is behind it */
	uint32_t kind, flags, pid, frames, paths, unused;
	uint64_t inode, offset, length;
};

/* For the driver, which loads the library too. */
void powercut_init(const char *store, uint64_t size);
void powercut_mark(const char *text);
void powercut_kill_at(uint64_t n);

#endif
