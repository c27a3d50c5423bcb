/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The code of the mover's process.  It opens the mount for each question, and compares its device, so that
 * nothing is done in the folder below if the mount is gone.  It keeps no descriptor of the mount, because
 * that would keep the mount from being unmounted.
 */
#include "fsctl/helpers/mover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include "fsctl/helpers/channel.h"

/* Carries out MOVER_RENAME in the folder `mount`; replaces nothing.  Returns 0 or an errno: EEXIST if the new
 * path is taken. */
static int
move(int mount, const struct mover_question *q)
{
	return renameat2(mount, q->path, mount, q->to, RENAME_NOREPLACE) == 0 ? 0 : errno;
}

/* Only the time of modification is set; with both times the kernel would report IN_ATTRIB. */
static const struct timespec stamp[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_NOW}};

/* Carries out MOVER_TOUCH in the folder `mount`: sets the time of modification to now.  Follows no symbolic
 * link.  Returns 0 or an errno. */
static int
touch(int mount, const struct mover_question *q)
{
	return utimensat(mount, q->path, stamp, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

/* Carries out MOVER_CLOSE in the folder `mount`: opens the file for writing, sets its time to now and closes
 * it.  If the daemon's user has no permission to write, only sets the time.  Returns 0 or an errno. */
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

/* Carries out MOVER_LOOK by fstatfs(2) on the folder `mount`.  Returns 0 or an errno. */
static int
look(int mount, const struct mover_question *q)
{
	struct statfs st;

	return fstatfs(mount, &st) == 0 ? 0 : errno;
}

/* Carries out a question, if q->mount has the device q->dev.  Returns 0 or an errno; ENODEV, and does
 * nothing, if it has another one, or there is no such action. */
static int
act(const struct mover_question *q)
{
	static int (*const actions[])(int, const struct mover_question *) = {
		[MOVER_RENAME] = move,
		[MOVER_TOUCH] = touch,
		[MOVER_LOOK] = look,
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

/* Runs the mover's process: answers questions until the daemon has ended.  Answers EINVAL to one of another
 * size. */
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
