/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/echo.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/base/timedlock.h"
#include "fsctl/fs.h"
#include "fsctl/mover.h"

/* ---- what is touched ------------------------------------------------------------------------ */

/* An event, what it does to the disc's file, and the files below ctl/ whose text it changes. */
enum disc_echo { DISC_NONE, DISC_TOUCH, DISC_CLOSE };

static const struct echo_row {
	enum disc_echo disc;
	const char *drive[2]; /* below ctl/drives/N, of each drive that takes part */
	const char *ctl;      /* below ctl */
} rows[JB_EVENT_COUNT] = {
	[JB_EVENT_INSERT] = {DISC_NONE, {"state", "profile"}, NULL},
	[JB_EVENT_REMOVE] = {DISC_NONE, {"state", "profile"}, NULL},
	[JB_EVENT_LOAD] = {DISC_NONE, {"state", "profile"}, NULL},
	[JB_EVENT_UNLOAD] = {DISC_NONE, {"state", "profile"}, NULL},
	[JB_EVENT_MOVE] = {DISC_NONE, {"state", "profile"}, NULL},
	[JB_EVENT_LOCK] = {DISC_NONE, {"locked"}, NULL},
	[JB_EVENT_UNLOCK] = {DISC_NONE, {"locked"}, NULL},
	[JB_EVENT_EJECT_REQUEST] = {DISC_NONE, {"eject"}, NULL},
	[JB_EVENT_TRAY_OPEN] = {DISC_NONE, {"tray", "state"}, NULL},
	[JB_EVENT_TRAY_CLOSE] = {DISC_NONE, {"tray", "state"}, NULL},
	[JB_EVENT_BURN] = {DISC_TOUCH, {"state", "progress"}, NULL},
	[JB_EVENT_SESSION_CLOSED] = {DISC_CLOSE, {"state"}, NULL},
	[JB_EVENT_FINALIZED] = {DISC_CLOSE, {"state", "profile"}, NULL},
	[JB_EVENT_FORMAT] = {DISC_CLOSE, {"state", "profile"}, NULL},
	[JB_EVENT_BLANK] = {DISC_CLOSE, {"state", "profile"}, NULL},
	[JB_EVENT_LOGIN] = {DISC_NONE, {NULL}, "target/sessions"},
	[JB_EVENT_LOGOUT] = {DISC_NONE, {NULL}, "target/sessions"},
};

/* ---- asking the helper ---------------------------------------------------------------------- */

static void
begin_question(struct fsctl *fs, struct mover_question *q, enum mover_action action)
{
	memset(q, 0, sizeof(*q));
	q->action = action;
	q->dev = fs->dev;
	snprintf(q->mount, sizeof(q->mount), "%s", fs->mountpoint);
}

/* False: it does not answer.  What it answers to a touch is all the same. */
static bool
touch(struct fsctl *fs, struct mover_question *q, uint64_t deadline_ms)
{
	struct mover_answer a;
	enum channel_result r =
		helper_call(&fs->echo.helper, q, sizeof(*q), &a, sizeof(a), NULL, deadline_ms);

	if (r == CHANNEL_OK && a.error != 0 && a.error != ENOENT)
		log_debug("mount", "%s not touched: %s", q->path, strerror(a.error));
	return r == CHANNEL_OK;
}

static bool
touch_ctl(struct fsctl *fs, const char *folder, const char *file, uint64_t deadline_ms)
{
	struct mover_question q;

	begin_question(fs, &q, MOVER_CLOSE);
	snprintf(q.path, sizeof(q.path), "ctl/%s%s%s", folder, folder[0] == '\0' ? "" : "/", file);
	return touch(fs, &q, deadline_ms);
}

static bool
touch_drive(struct fsctl *fs, const char *elem, const struct echo_row *row, uint64_t deadline_ms)
{
	bool ok = true;

	if (strncmp(elem, "drives/", strlen("drives/")) != 0)
		return true;
	for (unsigned i = 0; ok && i < sizeof(row->drive) / sizeof(row->drive[0]); i++)
		if (row->drive[i] != NULL)
			ok = touch_ctl(fs, elem, row->drive[i], deadline_ms);
	return ok;
}

static bool
touch_for(struct fsctl *fs, const struct jb_event *e, uint64_t deadline_ms)
{
	const struct echo_row *row = &rows[e->type];
	struct mover_question q;
	bool ok = true;

	if (row->disc != DISC_NONE && e->name[0] != '\0') {
		begin_question(fs, &q, row->disc == DISC_TOUCH ? MOVER_TOUCH : MOVER_CLOSE);
		snprintf(q.path, sizeof(q.path), "%s/%s", e->elem, e->name);
		ok = touch(fs, &q, deadline_ms);
	}
	if (ok)
		ok = touch_drive(fs, e->from, row, deadline_ms);
	if (ok)
		ok = touch_drive(fs, e->elem, row, deadline_ms);
	if (ok && row->ctl != NULL)
		ok = touch_ctl(fs, "", row->ctl, deadline_ms);
	return ok;
}

/*
 * All events that have happened by now.  Those that a helper which does not answer was not told
 * of are left out: what happens after they are forgotten must not come late for it.
 */
static void
catch_up(struct fsctl *fs, uint64_t deadline_ms)
{
	struct echo *echo = &fs->echo;
	struct jb_event e;
	bool answers = true;

	while (jb_event_get(fs->jb, echo->next, &e)) {
		echo->next = e.number + 1;
		answers = answers && !echo->stopping;
		if (answers)
			answers = touch_for(
				fs, &e, deadline_ms != 0 ? deadline_ms : clock_ms() + ECHO_WAIT_MS);
	}
}

static void *
serve(void *arg)
{
	struct fsctl *fs = arg;
	struct echo *echo = &fs->echo;
	eventfd_t count;

	while (!echo->stopping) {
		if (eventfd_read(echo->wake_fd, &count) != 0 && errno != EINTR)
			break;
		pthread_mutex_lock(&echo->turn);
		catch_up(fs, 0);
		pthread_mutex_unlock(&echo->turn);
	}
	return NULL;
}

void
echo_wake(struct fsctl *fs)
{
	eventfd_write(fs->echo.wake_fd, 1);
}

/* ---- moves ---------------------------------------------------------------------------------- */

static void
file_job(struct echo *echo, struct jb_job *job)
{
	pthread_mutex_lock(&echo->lock);
	jb_job_view(job, &echo->view);
	echo->job = job;
	pthread_mutex_unlock(&echo->lock);
}

/* False: the handler has taken it, and the job may be gone already. */
static bool
take_job_back(struct echo *echo)
{
	bool mine;

	pthread_mutex_lock(&echo->lock);
	mine = echo->job != NULL;
	echo->job = NULL;
	pthread_mutex_unlock(&echo->lock);
	return mine;
}

static enum channel_result
ask_to_move(struct fsctl *fs, int *error, uint64_t deadline_ms)
{
	const struct jb_job_view *v = &fs->echo.view; /* constant until the next job is filed */
	char from[32], to[32];
	struct mover_question q;
	struct mover_answer a = {.error = 0};
	enum channel_result r;

	begin_question(fs, &q, MOVER_RENAME);
	snprintf(q.path, sizeof(q.path), "%s/%s", jb_elem_str(v->from, from), v->name);
	snprintf(q.to, sizeof(q.to), "%s/%s", jb_elem_str(v->to, to), v->new_name);
	r = helper_call(&fs->echo.helper, &q, sizeof(q), &a, sizeof(a), NULL, deadline_ms);
	*error = a.error;
	return r;
}

static void
say_fallback(const struct jb_job_view *v, enum channel_result r, int error)
{
	static const char *const reasons[] = {
		[CHANNEL_LATE] = "no answer in time",
		[CHANNEL_GONE] = "the helper process was killed",
	};
	char from[32], to[32];

	log_peer("mount", "inotify misses a move of %s from %s to %s: %s", v->new_name,
		jb_elem_str(v->from, from), jb_elem_str(v->to, to),
		r == CHANNEL_OK ? strerror(error) : reasons[r]);
}

/* The jukebox's mover.  Sees to it that the job is committed, by the handler or here. */
static void
move(void *arg, struct jb_job *job)
{
	struct fsctl *fs = arg;
	struct echo *echo = &fs->echo;
	uint64_t deadline_ms = clock_ms() + ECHO_WAIT_MS;
	enum channel_result r = CHANNEL_LATE;
	struct jb_job_view view;
	int error = 0;
	bool mine = true;

	jb_job_view(job, &view);
	if (mutex_lock_within(&echo->turn, ECHO_WAIT_MS)) {
		catch_up(fs, deadline_ms);
		file_job(echo, job);
		r = ask_to_move(fs, &error, deadline_ms);
		mine = take_job_back(echo);
		pthread_mutex_unlock(&echo->turn);
	}
	if (!mine)
		return;
	say_fallback(&view, r, error);
	jb_job_commit(job);
}

/* ---- in handlers and workers ---------------------------------------------------------------- */

bool
echo_asks(struct fsctl *fs, fuse_req_t req)
{
	return helper_is(&fs->echo.helper, fuse_req_ctx(req)->pid);
}

static bool
same_elem(struct jb_elem a, struct jb_elem b)
{
	return a.type == b.type && a.number == b.number;
}

enum jb_err
echo_rename(struct fsctl *fs, struct jb_elem from, const char *name, struct jb_elem to,
	const char *new_name)
{
	struct echo *echo = &fs->echo;
	struct jb_job_view view;
	struct jb_job *job = NULL;
	struct jb_item item;
	bool fits;

	pthread_mutex_lock(&echo->lock);
	view = echo->view;
	fits = same_elem(view.from, from) && strcmp(view.name, name) == 0 &&
	       same_elem(view.to, to) && strcmp(view.new_name, new_name) == 0;
	if (fits) {
		job = echo->job;
		echo->job = NULL;
	}
	pthread_mutex_unlock(&echo->lock);
	if (job != NULL)
		return jb_job_commit(job);
	if (fits && jb_item_lookup(fs->jb, to, new_name, &item) == JB_OK && item.id == view.disc)
		return JB_OK;
	return JB_NO_ITEM;
}

/* ---- life ----------------------------------------------------------------------------------- */

bool
echo_init(struct fsctl *fs, struct nursery *nursery)
{
	struct echo *echo = &fs->echo;

	helper_init(&echo->helper, nursery, HELPER_MOVER);
	pthread_mutex_init(&echo->turn, NULL);
	pthread_mutex_init(&echo->lock, NULL);
	echo->wake_fd = eventfd(0, EFD_CLOEXEC);
	return echo->wake_fd >= 0;
}

/* What has happened before is old. */
bool
echo_start(struct fsctl *fs)
{
	struct echo *echo = &fs->echo;
	struct jb_event e;

	while (jb_event_get(fs->jb, echo->next, &e))
		echo->next = e.number + 1;
	echo->started = pthread_create(&echo->thread, NULL, serve, fs) == 0;
	if (!echo->started)
		return false;
	pthread_setname_np(echo->thread, "echo");
	jb_set_mover(fs->jb, move, fs);
	return true;
}

void
echo_stop(struct fsctl *fs)
{
	struct echo *echo = &fs->echo;

	if (!echo->started)
		return;
	jb_set_mover(fs->jb, NULL, NULL);
	/* Every initiator's move holds the robot: once it is free, nobody is in move() any more. */
	strand_enter(jb_robot_strand(fs->jb));
	strand_leave(jb_robot_strand(fs->jb));
	echo->stopping = true;
	echo_wake(fs);
	pthread_join(echo->thread, NULL);
	echo->started = false;
}

void
echo_fini(struct fsctl *fs)
{
	struct echo *echo = &fs->echo;

	echo_stop(fs);
	helper_fini(&echo->helper);
	if (echo->wake_fd >= 0)
		close(echo->wake_fd);
	pthread_mutex_destroy(&echo->lock);
	pthread_mutex_destroy(&echo->turn);
}
