/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "changer/base/secret.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Returns the number of bytes of the whole pages that hold a text of len bytes and its NUL.  Core dumps
 * leave out whole pages only, so each secret has its own. */
static size_t
size_for(size_t len)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return (len + page) / page * page;
}

/* Ignores an error of madvise(2): then the secret may be in a core dump. */
char *
secret_copy(const char *text)
{
	size_t len = strlen(text);
	char *copy = mmap(
		NULL, size_for(len), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (copy == MAP_FAILED)
		return NULL;
	(void)madvise(copy, size_for(len), MADV_DONTDUMP);
	return memcpy(copy, text, len + 1);
}

void
secret_free(char *text)
{
	size_t len;

	if (text == NULL)
		return;
	len = strlen(text);
	explicit_bzero(text, len);
	(void)munmap(text, size_for(len));
}
