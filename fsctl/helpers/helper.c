/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/helpers/helper.h"

#include <string.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/base/timedlock.h"

enum { RESTART_PAUSE_MS = 1000 }; /* the least time between two starts of a helper */

/* Locks the mutex, and returns true.  Returns false, and has not locked it, if another thread still has it
 * when clock_ms() reaches deadline_ms. */
static bool
lock_until(pthread_mutex_t *lock, uint64_t deadline_ms)
{
	uint64_t now = clock_ms();

	return mutex_lock_within(lock, deadline_ms > now ? deadline_ms - now : 0);
}

static void
drop_pidfd(struct helper *h)
{
	if (h->pidfd >= 0)
		close(h->pidfd);
	h->pidfd = -1;
}

void
helper_init(struct helper *h, struct nursery *nursery, const struct helper_kind *kind)
{
	memset(h, 0, sizeof(*h));
	pthread_mutex_init(&h->lock, NULL);
	h->nursery = nursery;
	h->kind = kind;
	h->pidfd = -1;
	channel_init(&h->channel, -1);
}

void
helper_fini(struct helper *h)
{
	channel_close(&h->channel);
	drop_pidfd(h);
	pthread_mutex_destroy(&h->lock);
}

/* Starts the process, opens h->channel and sets h->pid.  If there is no nursery, the last start was less than
 * RESTART_PAUSE_MS ago, or the process cannot be started, leaves the channel closed and h->pid 0.  Clears
 * h->pid first: the nursery releases the pids of dead helpers when it starts the next one of the kind (see reap
 * in nursery.c).  h->lock must be held. */
static void
start_locked(struct helper *h, uint64_t deadline_ms)
{
	uint64_t now = clock_ms();
	struct nursery_child child;

	h->pid = 0;
	drop_pidfd(h);
	if (h->nursery == NULL || (h->started_ms != 0 && now - h->started_ms < RESTART_PAUSE_MS))
		return;
	h->started_ms = now == 0 ? 1 : now;
	if (!nursery_spawn(h->nursery, h->kind, &child, deadline_ms))
		return;
	channel_init(&h->channel, child.sock);
	h->pid = child.pid;
	h->pidfd = child.pidfd;
	log_debug("helper", "%s runs as process %d", h->kind->name, (int)child.pid);
}

/* Asks the helper.  Notices if it has died since the last question, logs that, starts another one
 * and asks again, once.  Returns as helper_call does.  h->lock must be held. */
static enum channel_result
call_locked(struct helper *h, const void *question, size_t size, void *answer, size_t answer_size,
	int *fd, uint64_t deadline_ms)
{
	enum channel_result r = CHANNEL_GONE;
	bool fresh = false;

	while (r == CHANNEL_GONE && !fresh) {
		fresh = h->channel.sock < 0;
		if (fresh)
			start_locked(h, deadline_ms);
		r = channel_call(&h->channel, question, size, answer, answer_size, fd, deadline_ms);
		if (r == CHANNEL_GONE && h->pid != 0)
			log_warn("helper", "%s (process %d) has died", h->kind->name, (int)h->pid);
	}
	if (r == CHANNEL_GONE)
		h->pid = 0;
	return r;
}

enum channel_result
helper_call(struct helper *h, const void *question, size_t size, void *answer, size_t answer_size,
	int *fd, uint64_t deadline_ms)
{
	enum channel_result r;

	if (fd != NULL)
		*fd = -1;
	if (!lock_until(&h->lock, deadline_ms))
		return CHANNEL_LATE;
	r = call_locked(h, question, size, answer, answer_size, fd, deadline_ms);
	pthread_mutex_unlock(&h->lock);
	return r;
}

/* Makes h forget its process and its descriptors, so that the next question starts another one.  h->lock must be
 * held. */
static void
forget_locked(struct helper *h)
{
	h->pid = 0;
	h->pidfd = -1;
	h->started_ms = 0;
	channel_init(&h->channel, -1);
}

enum channel_result
helper_call_or_take(struct helper *h, const void *question, size_t size, void *answer,
	size_t answer_size, int *fd, uint64_t deadline_ms, struct helper_late *late)
{
	enum channel_result r;
	uint32_t other;

	*fd = -1;
	late->pidfd = -1;
	if (!lock_until(&h->lock, deadline_ms))
		return CHANNEL_LATE;
	/* An earlier question may still be open; then this one may not have been sent. */
	other = h->channel.awaiting ? h->channel.id : 0;
	r = call_locked(h, question, size, answer, answer_size, fd, deadline_ms);
	if (r == CHANNEL_LATE && h->channel.id != other) {
		*late = (struct helper_late){h->channel, h->pidfd};
		forget_locked(h);
	}
	pthread_mutex_unlock(&h->lock);
	return r;
}

enum channel_result
helper_late_wait(
	struct helper_late *late, void *answer, size_t answer_size, int *fd, uint64_t deadline_ms)
{
	return channel_wait(&late->channel, answer, answer_size, fd, deadline_ms);
}

void
helper_late_kill(struct helper_late *late)
{
	nursery_child_kill(late->pidfd);
	channel_close(&late->channel);
}

void
helper_late_forget(struct helper_late *late)
{
	if (late->pidfd >= 0)
		close(late->pidfd);
	late->pidfd = -1;
}

void
helper_abandon(struct helper *h)
{
	pthread_mutex_lock(&h->lock);
	nursery_child_kill(h->pidfd);
	channel_close(&h->channel);
	drop_pidfd(h);
	forget_locked(h);
	pthread_mutex_unlock(&h->lock);
}

bool
helper_is(const struct helper *h, pid_t pid)
{
	pid_t own = h->pid;

	return own != 0 && own == pid;
}
