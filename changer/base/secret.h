/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory for secrets that are kept: core dumps do not have it (MADV_DONTDUMP). */
#ifndef CHANGER_BASE_SECRET_H
#define CHANGER_BASE_SECRET_H

/* Returns a copy of a text; NULL if there is no memory.  The text must not get shorter.  Give it back with
 * secret_free. */
char *secret_copy(const char *text);
/* Overwrites with zeros and frees what secret_copy returned.  text may be NULL. */
void secret_free(char *text);

#endif
