/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Splits the text of a .toc file into words: names, numbers, times, strings and braces.  The present word
 * is the one that was read last, and is still to be used.  To take it means to go on to the next word. */
#ifndef CHANGER_FOREIGN_WORDS_H
#define CHANGER_FOREIGN_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WORDS_TEXT_MAX = 1024 };

enum words_kind {
	WORDS_END,  /* the text is at its end: there is no word */
	WORDS_NAME, /* a name, number or time: no blanks, quotation marks, braces or commas in it */
	WORDS_STRING, /* the text within quotation marks */
	WORDS_SIGN,   /* a brace or a comma */
};

struct words {
	const char *at; /* borrowed: the text behind the present word; it ends with a NUL */
	unsigned line;	/* the line in which the present word ends, from 1 on */
	/* the present word */
	enum words_kind kind;
	char text[WORDS_TEXT_MAX]; /* as UTF-8; cut if it is longer */
};

/* Begins to read the text, which is borrowed, and reads its first word. */
void words_begin(struct words *w, const char *text);
/* Reads the next word.  At the end of the text the kind of the word is WORDS_END. */
void words_next(struct words *w);
/* Returns true if the present word is that name or sign, in upper and lower case as here. */
bool words_is(const struct words *w, const char *name);
/* Takes the present word if it is that name or sign, and returns true; else returns false. */
bool words_take(struct words *w, const char *name);
/* Splits the present word in two if it is a name that has `sign` in it.  If it begins with the sign, the
 * present word is then the sign alone; else it is what is before the sign.  The rest will be the next
 * word. */
void words_split(struct words *w, char sign);
/* Takes a number, stores it in *number and returns true.  Returns false, and keeps the present word, if
 * that is not a number or above max. */
bool words_number(struct words *w, uint64_t max, uint64_t *number);
/* Takes a time MM:SS:FF, stores it in *sectors as a number of sectors and returns true.  Returns false, and
 * keeps the present word, if that is not a time. */
bool words_time(struct words *w, uint64_t *sectors);

#endif
