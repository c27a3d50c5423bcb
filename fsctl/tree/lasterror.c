/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/tree/lasterror.h"

#include <stdio.h>
#include <string.h>

#include "changer/base/log.h"
#include "changer/base/printable.h"

void
lasterror_init(struct lasterror *l)
{
	pthread_mutex_init(&l->lock, NULL);
	l->text[0] = '\0';
	memset(l->counts, 0, sizeof(l->counts));
}

void
lasterror_set(struct lasterror *l, enum jb_err e, const char *what)
{
	char text[LASTERROR_MAX];
	const char *no = strerrorname_np(jb_err_errno(e));

	snprintf(text, sizeof(text), "%s: %s (%s)", what, jb_err_text(e), no == NULL ? "?" : no);
	(void)printable_line(text); /* file names come from users */
	log_info("mount", "%s", text);
	pthread_mutex_lock(&l->lock);
	strcpy(l->text, text);
	l->counts[e]++;
	pthread_mutex_unlock(&l->lock);
}

void
lasterror_counts(struct lasterror *l, uint64_t out[JB_ERR_COUNT])
{
	pthread_mutex_lock(&l->lock);
	memcpy(out, l->counts, sizeof(l->counts));
	pthread_mutex_unlock(&l->lock);
}

char *
lasterror_get(struct lasterror *l, char *buf)
{
	pthread_mutex_lock(&l->lock);
	strcpy(buf, l->text);
	pthread_mutex_unlock(&l->lock);
	return buf;
}
