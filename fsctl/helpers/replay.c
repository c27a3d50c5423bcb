/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/helpers/replay.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/base/timedlock.h"
#include "fsctl/helpers/mover.h"

/* ---- the files that are touched ------------------------------------------------------------- */

/* For each event: what is done to the disc's file, and the files below ctl/ whose text it changes. */
enum disc_replay { DISC_NONE, DISC_TOUCH, DISC_CLOSE };

static const struct replay_row {
	enum disc_replay
		disc; /* what is done to the disc's file: nothing, MOVER_TOUCH or MOVER_CLOSE */
	const char *drive[2]; /* below ctl/drives/N, for both drives of a move between drives */
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

/* Initializes a question for the mover; both paths are "". */
static void
begin_question(struct replay *replay, struct mover_question *q, enum mover_action action)
{
	memset(q, 0, sizeof(*q));
	q->action = action;
	q->dev = replay->dev;
	snprintf(q->mount, sizeof(q->mount), "%s", replay->mountpoint);
}

/* Asks the mover the question, which touches a file.  Returns true if it answers; an error in its answer is
 * only logged, and ENOENT, as for a disc that has gone, is ignored.  Returns false if it does not answer
 * until deadline_ms or has died.  replay->turn must be held. */
static bool
touch(struct replay *replay, struct mover_question *q, uint64_t deadline_ms)
{
	struct mover_answer a;
	enum channel_result r =
		helper_call(&replay->helper, q, sizeof(*q), &a, sizeof(a), NULL, deadline_ms);

	if (r == CHANNEL_OK && a.error != 0 && a.error != ENOENT)
		log_debug("mount", "%s not touched: %s", q->path, strerror(a.error));
	return r == CHANNEL_OK;
}

/* Touches ctl/FOLDER/FILE, or ctl/FILE if the folder is "".  Returns as touch does. */
static bool
touch_ctl(struct replay *replay, const char *folder, const char *file, uint64_t deadline_ms)
{
	struct mover_question q;

	begin_question(replay, &q, MOVER_CLOSE);
	snprintf(q.path, sizeof(q.path), "ctl/%s%s%s", folder, folder[0] == '\0' ? "" : "/", file);
	return touch(replay, &q, deadline_ms);
}

/* Touches the files of a drive whose texts the event has changed, if `elem` is a drive.  Returns as
 * touch does. */
static bool
touch_drive(
	struct replay *replay, const char *elem, const struct replay_row *row, uint64_t deadline_ms)
{
	bool ok = true;

	if (strncmp(elem, "drives/", strlen("drives/")) != 0)
		return true;
	for (unsigned i = 0; ok && i < sizeof(row->drive) / sizeof(row->drive[0]); i++)
		if (row->drive[i] != NULL)
			ok = touch_ctl(replay, elem, row->drive[i], deadline_ms);
	return ok;
}

/* Touches all files that the event has changed: the disc's, those of both drives of a move, and that below
 * ctl/.  Stops at the first one for which the mover does not answer.  Returns as touch does. */
static bool
touch_for(struct replay *replay, const struct jb_event *e, uint64_t deadline_ms)
{
	const struct replay_row *row = &rows[e->type];
	struct mover_question q;
	bool ok = true;

	if (row->disc != DISC_NONE && e->name[0] != '\0') {
		begin_question(replay, &q, row->disc == DISC_TOUCH ? MOVER_TOUCH : MOVER_CLOSE);
		snprintf(q.path, sizeof(q.path), "%s/%s", e->elem, e->name);
		ok = touch(replay, &q, deadline_ms);
	}
	if (ok)
		ok = touch_drive(replay, e->from, row, deadline_ms);
	if (ok)
		ok = touch_drive(replay, e->elem, row, deadline_ms);
	if (ok && row->ctl != NULL)
		ok = touch_ctl(replay, "", row->ctl, deadline_ms);
	return ok;
}

/* Replays all events up to now, and moves replay->next behind them.  If the mover does not answer, or
 * replay->stopping is set, skips the rest of them, so that later events are not delayed.  If deadline_ms is
 * 0, waits REPLAY_WAIT_MS for each event.  replay->turn must be held. */
static void
catch_up(struct replay *replay, uint64_t deadline_ms)
{
	struct jb_event e;
	bool answers = true;

	while (jb_event_get(replay->jb, replay->next, &e)) {
		replay->next = e.number + 1;
		answers = answers && !replay->stopping;
		if (answers)
			answers = touch_for(replay, &e,
				deadline_ms != 0 ? deadline_ms : clock_ms() + REPLAY_WAIT_MS);
	}
}

/* Runs the thread: replays the events at each wake-up (catch_up), holding replay->turn, until `stopping` is set
 * or wake_fd cannot be read.  arg is the struct replay.  Returns NULL. */
static void *
serve(void *arg)
{
	struct replay *replay = arg;
	eventfd_t count;

	while (!replay->stopping) {
		if (eventfd_read(replay->wake_fd, &count) != 0 && errno != EINTR)
			break;
		pthread_mutex_lock(&replay->turn);
		catch_up(replay, 0);
		pthread_mutex_unlock(&replay->turn);
	}
	return NULL;
}

void
replay_wake(struct replay *replay)
{
	eventfd_write(replay->wake_fd, 1);
}

bool
replay_answers(struct replay *replay, unsigned ms)
{
	enum channel_result r = CHANNEL_LATE;
	struct mover_question q;
	struct mover_answer a;

	begin_question(replay, &q, MOVER_LOOK);
	for (int attempt = 0; attempt < 2 && r == CHANNEL_LATE; attempt++) {
		if (attempt > 0)
			helper_abandon(&replay->helper);
		r = helper_call(
			&replay->helper, &q, sizeof(q), &a, sizeof(a), NULL, clock_ms() + ms / 2);
	}
	return r != CHANNEL_LATE;
}

/* ---- moves ---------------------------------------------------------------------------------- */

/* Makes the job the one that the next RENAME of the mover commits, and stores its view in replay->view.
 * Takes replay->lock. */
static void
file_job(struct replay *replay, struct jb_job *job)
{
	pthread_mutex_lock(&replay->lock);
	jb_job_view(job, &replay->view);
	replay->job = job;
	pthread_mutex_unlock(&replay->lock);
}

/* Takes the job back, and returns true, if no handler has taken it: the caller must commit it.  Returns false
 * if one has: the job may not exist any more. */
static bool
take_job_back(struct replay *replay)
{
	bool mine;

	pthread_mutex_lock(&replay->lock);
	mine = replay->job != NULL;
	replay->job = NULL;
	pthread_mutex_unlock(&replay->lock);
	return mine;
}

/* Asks the mover to rename the disc of the filed job.  Returns as helper_call does, with the errno of the
 * answer in *error; 0 if there was none.  replay->turn must be held. */
static enum channel_result
ask_to_move(struct replay *replay, int *error, uint64_t deadline_ms)
{
	const struct jb_job_view *v = &replay->view; /* constant until the next job is filed */
	char from[32], to[32];
	struct mover_question q;
	struct mover_answer a = {.error = 0};
	enum channel_result r;

	begin_question(replay, &q, MOVER_RENAME);
	snprintf(q.path, sizeof(q.path), "%s/%s", jb_elem_str(v->from, from), v->name);
	snprintf(q.to, sizeof(q.to), "%s/%s", jb_elem_str(v->to, to), v->new_name);
	r = helper_call(&replay->helper, &q, sizeof(q), &a, sizeof(a), NULL, deadline_ms);
	*error = a.error;
	return r;
}

/* Logs that inotify misses a move, and why. */
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

/* Makes a move of an initiator (jb_mover); arg is the struct replay.  Replays the events before it, and lets
 * the mover rename the disc; the handler of that RENAME commits the job.  If it has not begun to do so within
 * REPLAY_WAIT_MS, logs that, and commits the job here.  The robot's strand is held. */
static void
move(void *arg, struct jb_job *job)
{
	struct replay *replay = arg;
	uint64_t deadline_ms = clock_ms() + REPLAY_WAIT_MS;
	enum channel_result r = CHANNEL_LATE;
	struct jb_job_view view;
	int error = 0;
	bool mine = true;

	jb_job_view(job, &view);
	if (mutex_lock_within(&replay->turn, REPLAY_WAIT_MS)) {
		catch_up(replay, deadline_ms);
		file_job(replay, job);
		r = ask_to_move(replay, &error, deadline_ms);
		mine = take_job_back(replay);
		pthread_mutex_unlock(&replay->turn);
	}
	if (!mine)
		return;
	say_fallback(&view, r, error);
	jb_job_commit(job);
}

/* ---- in handlers and workers ---------------------------------------------------------------- */

bool
replay_is_helper(const struct replay *replay, pid_t pid)
{
	return helper_is(&replay->helper, pid);
}

/* Returns true if both have the same type and number. */
static bool
same_elem(struct jb_elem a, struct jb_elem b)
{
	return a.type == b.type && a.number == b.number;
}

enum jb_err
replay_rename(struct replay *replay, struct jb_elem from, const char *name, struct jb_elem to,
	const char *new_name)
{
	struct jb_job_view view;
	struct jb_job *job = NULL;
	struct jb_item item;
	bool fits;

	pthread_mutex_lock(&replay->lock);
	view = replay->view;
	fits = same_elem(view.from, from) && strcmp(view.name, name) == 0 &&
	       same_elem(view.to, to) && strcmp(view.new_name, new_name) == 0;
	if (fits) {
		job = replay->job;
		replay->job = NULL;
	}
	pthread_mutex_unlock(&replay->lock);
	if (job != NULL)
		return jb_job_commit(job);
	if (fits && jb_item_lookup(replay->jb, to, new_name, &item) == JB_OK &&
		item.id == view.disc)
		return JB_OK;
	return JB_NO_ITEM;
}

/* ---- life ----------------------------------------------------------------------------------- */

bool
replay_init(struct replay *replay, struct jukebox *jb, struct nursery *nursery)
{
	replay->jb = jb;
	helper_init(&replay->helper, nursery, &mover_kind);
	pthread_mutex_init(&replay->turn, NULL);
	pthread_mutex_init(&replay->lock, NULL);
	replay->wake_fd = eventfd(0, EFD_CLOEXEC);
	return replay->wake_fd >= 0;
}

/* Starts the thread, after it has moved replay->next behind the events before the start, which are
 * not replayed. */
bool
replay_start(struct replay *replay, const char *mountpoint, dev_t mount)
{
	struct jb_event e;

	replay->mountpoint = mountpoint;
	replay->dev = mount;
	while (jb_event_get(replay->jb, replay->next, &e))
		replay->next = e.number + 1;
	replay->started = pthread_create(&replay->thread, NULL, serve, replay) == 0;
	if (!replay->started)
		return false;
	pthread_setname_np(replay->thread, "replay");
	jb_set_mover(replay->jb, move, replay);
	return true;
}

void
replay_stop(struct replay *replay)
{
	if (!replay->started)
		return;
	jb_set_mover(replay->jb, NULL, NULL);
	/* A move holds the robot's strand, so when we have it, no thread is in move() any more. */
	strand_enter(jb_robot_strand(replay->jb));
	strand_leave(jb_robot_strand(replay->jb));
	replay->stopping = true;
	replay_wake(replay);
	pthread_join(replay->thread, NULL);
	replay->started = false;
}

void
replay_fini(struct replay *replay)
{
	replay_stop(replay);
	helper_fini(&replay->helper);
	if (replay->wake_fd >= 0)
		close(replay->wake_fd);
	pthread_mutex_destroy(&replay->lock);
	pthread_mutex_destroy(&replay->turn);
}
