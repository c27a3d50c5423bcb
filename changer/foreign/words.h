/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a .toc file: names, numbers, times, strings and braces. */
#ifndef CHANGER_FOREIGN_WORDS_H
#define CHANGER_FOREIGN_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORDS_TEXT_MAX = 1024 };

enum words_kind {
	WORDS_END,
	WORDS_NAME,   /* letters, digits, colons and the like */
	WORDS_STRING, /* what was within quotation marks */
	WORDS_SIGN,   /* a brace or a comma */
};

struct words {
	const char *at; /* the rest of the text, which ends with a NUL */
	unsigned line;	/* of the present word's end, from 1 on */
	/* the present word */
	enum words_kind kind;
	char text[WORDS_TEXT_MAX]; /* as UTF-8; cut if it is longer */
};

/* Begins to read the text, which must stay, and reads its first word. */
void words_begin(struct words *w, const char *text);
/* Reads the next word.  At the end of the text, the kind is WORDS_END. */
void words_next(struct words *w);
/* Returns true if the present word is that name or sign, in these letters. */
bool words_is(const struct words *w, const char *name);
/* Returns true, and goes on to the next word, if the present one is that name or sign. */
bool words_take(struct words *w, const char *name);
/* Cuts the present word, if it is a name with that sign in it: before the sign, or behind it if it begins with it.  The
 * rest is the next word. */
void words_split(struct words *w, char sign);
/* Reads a number of at most max, and goes on to the next word.  Returns false, and stays, if the
 * present word is none. */
bool words_number(struct words *w, uint64_t max, uint64_t *number);
/* Reads a time MM:SS:FF as sectors, and goes on to the next word.  Returns false, and stays, if the
 * present word is none. */
bool words_time(struct words *w, uint64_t *sectors);

#endif
