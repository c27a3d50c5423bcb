/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/inventory/finding.h"

#include <stdarg.h>
#include <stdio.h>

#include "changer/base/log.h"
#include "changer/inventory/model.h"

void
finding_report(struct jukebox *jb, const char *path, const char *done, const char *fmt, ...)
{
	char sentence[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(sentence, sizeof(sentence), fmt, ap);
	va_end(ap);
	if (jb->finding != NULL)
		jb->finding(jb->finding_arg, path, sentence);
	else
		log_warn("store", "%s: %s%s%s", path, sentence, done != NULL ? "; " : "",
			done != NULL ? done : "");
}
