/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory for secrets, such as passwords: core dumps do not contain it (MADV_DONTDUMP). */
#ifndef CHANGER_BASE_SECRET_H
#define CHANGER_BASE_SECRET_H

/* Returns a copy of the text in such memory; NULL if memory is missing.  End with secret_free, which
 * measures the text, so do not shorten it. */
char *secret_copy(const char *text);
/* Overwrites with zeros and frees what secret_copy returned.  text may be NULL. */
void secret_free(char *text);

#endif
