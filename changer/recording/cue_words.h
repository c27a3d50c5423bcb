/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The words of a CUE sheet, for the files that read and print one. */
#ifndef CHANGER_RECORDING_CUE_WORDS_H
#define CHANGER_RECORDING_CUE_WORDS_H

#include "changer/recording/cue.h"

enum { CUE_FLAGS = 3 };

/* The word of a form of sectors, in TRACK. */
struct cue_mode_word {
	const char *name; /* such as "MODE1/2352" */
	unsigned size;	  /* bytes of a sector */
};
/* The word of a flag, in FLAGS. */
struct cue_flag_word {
	const char *name; /* such as "DCP" */
	uint8_t bit;	  /* CUE_PRE, CUE_DCP or CUE_4CH */
};

/* Indexed by enum cue_mode. */
extern const struct cue_mode_word cue_modes[CUE_MODES];
/* In ascending order of their bits. */
extern const struct cue_flag_word cue_flags[CUE_FLAGS];
/* The commands of texts, such as "TITLE"; indexed by enum cue_text. */
extern const char *const cue_text_words[CUE_TEXTS];

/* A part of a line, borrowed: the bytes from `at` to before `end`.  Empty if the two are equal. */
struct cue_span {
	const char *at, *end;
};

/* Returns s without the blanks around it.  A blank is white space, a NUL or a no-break space. */
struct cue_span cue_trim(struct cue_span s);
/* Returns the first word of *s, and removes it from *s with the blanks before and behind it.
 * Returns an empty span if *s has no word; *s is then empty. */
struct cue_span cue_cut_word(struct cue_span *s);
/* Returns true if s is that word, in upper or lower case; false if it is another one or empty. */
bool cue_span_is(struct cue_span s, const char *word);
/* Returns true if s has no bytes.  A blank is a byte. */
bool cue_span_is_empty(struct cue_span s);
/* Returns the text between the first quotation mark, which must be the first character of s, and
 * the last one, or to the end of s if there is no second one.  Stores what follows in *rest,
 * without blanks.  If s does not begin with a mark, returns all of s, and *rest is empty. */
struct cue_span cue_unquote(struct cue_span s, struct cue_span *rest);
/* Reads s as a decimal number, at most max.  Returns false, and leaves *out, if s is empty, has a
 * character that is not a digit, or is larger. */
bool cue_number(struct cue_span s, unsigned max, unsigned *out);
/* Splits the arguments of FILE.  Returns the name, without its quotation marks, and stores in *type the
 * text behind it; without quotation marks, that is the last word.  Each of the two is empty if it is
 * missing. */
struct cue_span cue_file_name(struct cue_span args, struct cue_span *type);

#endif
