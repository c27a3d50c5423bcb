/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * In the mover's process.  The mount is opened afresh each time and its device is compared: where
 * it was lost, nothing happens in the folder below it.  No descriptor on it is kept either, since
 * that would keep it from being unmounted.
 */
#include "fsctl/helpers/mover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fsctl/helpers/channel.h"

static int
move(int mount, const struct mover_question *q)
{
	return renameat2(mount, q->path, mount, q->to, RENAME_NOREPLACE) == 0 ? 0 : errno;
}

/* The time of modification alone: with both times it were IN_ATTRIB. */
static const struct timespec stamp[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_NOW}};

static int
touch(int mount, const struct mover_question *q)
{
	return utimensat(mount, q->path, stamp, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

/* Who is not root may not open what has no permission to write; the stamp is left then. */
static int
open_and_close(int mount, const struct mover_question *q)
{
	int fd = openat(mount, q->path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC), error;

	if (fd < 0)
		return errno == EACCES ? touch(mount, q) : errno;
	error = futimens(fd, stamp) == 0 ? 0 : errno;
	close(fd);
	return error;
}

static int
act(const struct mover_question *q)
{
	static int (*const actions[])(int, const struct mover_question *) = {
		[MOVER_RENAME] = move,
		[MOVER_TOUCH] = touch,
		[MOVER_CLOSE] = open_and_close,
	};
	int mount = open(q->mount, O_PATH | O_DIRECTORY | O_CLOEXEC), error;
	struct stat st;

	if (mount < 0)
		return errno;
	if (fstat(mount, &st) != 0)
		error = errno;
	else if (st.st_dev != q->dev || q->action >= sizeof(actions) / sizeof(actions[0]))
		error = ENODEV;
	else
		error = actions[q->action](mount, q);
	close(mount);
	return error;
}

static void
run(int sock)
{
	struct mover_question q;
	uint32_t id;
	ssize_t n;

	while ((n = channel_receive(sock, &id, &q, sizeof(q))) >= 0) {
		struct mover_answer a = {.error = EINVAL};

		if (n == (ssize_t)sizeof(q))
			a.error = act(&q);
		channel_answer(sock, id, &a, sizeof(a), -1);
	}
}

const struct helper_kind mover_kind = {"jukebox-mover", run};
