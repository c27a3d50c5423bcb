/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a CUE sheet, for the files that read and print one: cue.c and cue_print.c. */
#ifndef CHANGER_RECORDING_CUE_WORDS_H
#define CHANGER_RECORDING_CUE_WORDS_H

#include "changer/recording/cue.h"

enum { CUE_FLAGS = 3 };

struct cue_mode_word {
	const char *name;
	unsigned size; /* bytes of a sector */
};
struct cue_flag_word {
	const char *name;
	uint8_t bit;
};

extern const struct cue_mode_word cue_modes[CUE_MODES];
extern const struct cue_flag_word cue_flags[CUE_FLAGS];
extern const char *const cue_text_words[CUE_TEXTS];

/* A part of a line: the bytes from at to before end. */
struct cue_span {
	const char *at, *end;
};

/* Returns s without the blanks around it. */
struct cue_span cue_trim(struct cue_span s);
/* Returns the first word of *s, and removes it from *s with the blanks behind it. */
struct cue_span cue_cut_word(struct cue_span *s);
/* Returns true if s is that word, in upper or lower case. */
bool cue_span_is(struct cue_span s, const char *word);
bool cue_span_is_empty(struct cue_span s);
/* Reads a number of digits, at most max.  Returns false if s is not one. */
bool cue_number(struct cue_span s, unsigned max, unsigned *out);
/* Returns the name that the arguments of FILE have, and in *type its type.  A part that is missing is
 * empty. */
struct cue_span cue_file_name(struct cue_span args, struct cue_span *type);

#endif
