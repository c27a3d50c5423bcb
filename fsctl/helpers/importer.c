/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fsctl/helpers/importer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "changer/base/clock.h"
#include "changer/base/log.h"
#include "changer/foreign/formats.h"
#include "changer/foreign/join.h"
#include "changer/foreign/unpack.h"
#include "changer/medium.h"
#include "fsctl/helpers/channel.h"
#include "fsctl/helpers/confine.h"

enum {
	OUTS = 3,		/* image, sheet, packs */
	CPU_SECONDS = 4 * 3600, /* to unpack the largest disc on a slow machine */
	REPORT_BYTES =
		16
		<< 20, /* the process tells how far it is each time that it has written so much */
	STALL_MS = 300000,
	LOOK_MS = 200,	  /* between two looks at watch->stop */
	START_MS = 10000, /* the most time to start the process */
	END_MS = 10000,	  /* the most time that a killed process may take to end */
	PACK = 18,
};

static const char largest_medium[] = "bd-r-xl";

static const char cannot_start[] =
	"the process that reads foreign formats cannot be started: the log says why";
static const char stalled[] = "reading it takes too long: convert it to a BIN with a CUE sheet";
static const char crashed[] = "the process that reads it has crashed or was killed: convert it to "
			      "a BIN with a CUE sheet";

/* ---- in the process -------------------------------------------------------------------------- */

/* All that the process has. */
static struct work {
	int sock;
	uint32_t id; /* of the question */
	struct importer_question question;
	struct importer_answer answer;
	int fds[CHANNEL_FDS_MAX];
	struct foreign_file files[JB_IMPORT_FILES_MAX];
	const int *outs; /* image, sheet, packs */
	uint64_t reported;
} work;

/* Reads from a file of the question, for struct foreign.  Returns how many bytes it has read: fewer
 * at the end, or after an error. */
static size_t
read_file(void *arg, unsigned file, uint64_t at, void *buf, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n =
			pread(work.fds[file], (char *)buf + done, size - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return done;
}

/* Writes to one of the files that are made, at that offset.  Returns false after an error, whose
 * errno it keeps in work.answer. */
static bool
write_out(int fd, const void *data, size_t size, uint64_t at)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pwrite(fd, (const char *)data + done, size - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			work.answer.error = n < 0 ? errno : EIO;
			return false;
		}
		done += (size_t)n;
	}
	return true;
}

/* Sends the answer as it is now to the daemon.  Ignores errors. */
static void
send_answer(void)
{
	(void)channel_send(work.sock, work.id, &work.answer, sizeof(work.answer), NULL, 0);
}

/* Appends to the image, and sends an answer after each REPORT_BYTES.  Returns false as write_out
 * does.  For join_parts and unpack_file. */
static bool
write_image(void *arg, const void *data, size_t size)
{
	struct importer_answer *a = &work.answer;

	if (!write_out(work.outs[0], data, size, a->done))
		return false;
	a->done += size;
	if (a->done - work.reported >= REPORT_BYTES) {
		work.reported = a->done;
		send_answer();
	}
	return true;
}

/* Writes the sheet of the plan, and its packs of CD-TEXT if there are some, which it notes in the
 * result.  Returns false as write_out does, or after refusing the files if memory is missing. */
static bool
write_sheet(struct foreign *f, const struct foreign_plan *plan)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);
	bool ok;

	if (out == NULL)
		return foreign_refuse(f, "memory is missing");
	join_print_sheet(plan, f->result->stem, out);
	fclose(out);
	ok = write_out(work.outs[1], text, size, 0);
	free(text);
	f->result->has_packs = plan->npacks > 0;
	return ok && (plan->npacks == 0 ||
			     write_out(work.outs[2], plan->packs, (size_t)plan->npacks * PACK, 0));
}

/* Looks at the files, and joins or unpacks them if the question says so.  Fills in work.answer. */
static void
import(void)
{
	struct importer_question *q = &work.question;
	struct foreign f = {
		.files = work.files,
		.nfiles = q->nfiles,
		.read = read_file,
		.result = &work.answer.result,
	};
	struct foreign_plan *plan = formats_plan(&f);

	if (q->join && plan != NULL && f.result->bytes > q->limit) {
		foreign_refuse(&f, "it is longer than any disc");
	} else if (q->join && plan != NULL) {
		work.answer.total = f.result->bytes;
		if (join_parts(&f, plan, write_image, NULL) && f.result->kind == JB_IMPORT_BIN)
			(void)write_sheet(&f, plan);
	} else if (q->join && f.result->kind == JB_IMPORT_UNPACKED) {
		(void)unpack_file(&f, 0, q->limit, write_image, NULL);
	}
	plan_free(plan);
	for (unsigned i = 0; i < q->nfiles; i++)
		work.answer.used[i] = work.files[i].used;
}

/* Checks the question of n bytes and the nfds files that came with it; sets work.files and work.outs, and ends
 * the names with a NUL.  Returns false if the size of the question or the number of files is wrong, or if a
 * file to read is not a regular one. */
static bool
take_question(ssize_t n, unsigned nfds)
{
	struct importer_question *q = &work.question;

	if (n != (ssize_t)sizeof(*q) || q->nfiles > JB_IMPORT_FILES_MAX ||
		nfds != q->nfiles + (q->join ? OUTS : 0))
		return false;
	for (unsigned i = 0; i < q->nfiles; i++) {
		struct stat st;

		if (fstat(work.fds[i], &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 0)
			return false;
		q->name[i][JB_IMPORT_NAME_MAX] = '\0';
		work.files[i] =
			(struct foreign_file){.name = q->name[i], .size = (uint64_t)st.st_size};
	}
	work.outs = work.fds + q->nfiles;
	return true;
}

/* Runs the importer's process: takes one question, gives up all rights (confine.h), imports, and
 * sends the final answer. */
static void
run(int sock)
{
	unsigned nfds = CHANNEL_FDS_MAX;
	ssize_t n;

	work.sock = sock;
	n = channel_take(sock, &work.id, &work.question, sizeof(work.question), work.fds, &nfds, 0);
	if (n < 0)
		return;
	if (!take_question(n, nfds))
		work.answer.error = EINVAL;
	else if (!confine_process(sock, work.question.limit, CPU_SECONDS))
		work.answer.error = ENOSYS;
	else
		import();
	work.answer.final = 1;
	send_answer();
}

const struct helper_kind importer_kind = {"jukebox-import", run};

/* ---- in the daemon --------------------------------------------------------------------------- */

void
importer_init(struct importer *imp, struct nursery *nursery)
{
	*imp = (struct importer){.nursery = nursery, .kind = &importer_kind, .stall_ms = STALL_MS};
}

/* Kills the process, waits until it has ended, because until then it may write to the files, and closes
 * *child.  Returns false, and logs that, if it has not ended after END_MS. */
static bool
end(struct nursery_child *child)
{
	bool ended;

	nursery_child_kill(child->pidfd);
	ended = nursery_child_ended(child->pidfd, END_MS);
	if (!ended)
		log_err("import", "process %d was killed, and does not end", (int)child->pid);
	nursery_child_close(child);
	return ended;
}

/* Opens the file anew, for reading only, because its descriptor may be open for writing too.  Returns the new
 * descriptor, or -1 with errno. */
static int
reopen(int fd)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, O_RDONLY | O_CLOEXEC);
}

/* Fills in *q, which must be zeros, and sends it with the descriptors of the files, opened anew, and of *out
 * (NULL: only look).  Returns 0 or an errno: one of open(2), or EPIPE if it cannot be sent. */
static int
ask(int sock, const struct jb_import_file *files, size_t nfiles, const struct jb_import_out *out,
	struct importer_question *q)
{
	const struct medium *m = medium_by_suffix(largest_medium, strlen(largest_medium));
	int fds[CHANNEL_FDS_MAX], error = 0;
	unsigned nfds = 0;

	q->nfiles = (uint32_t)nfiles;
	q->join = out != NULL;
	q->limit = (uint64_t)medium_largest(m) * SECTOR_SIZE;
	for (size_t i = 0; error == 0 && i < nfiles; i++) {
		snprintf(q->name[i], sizeof(q->name[i]), "%s", files[i].name);
		fds[nfds] = reopen(files[i].fd);
		if (fds[nfds] < 0)
			error = errno;
		else
			nfds++;
	}
	if (error == 0 && out != NULL) {
		fds[nfds++] = out->image;
		fds[nfds++] = out->sheet;
		fds[nfds++] = out->packs;
	}
	if (error == 0 && !channel_send(sock, 0, q, sizeof(*q), fds, nfds))
		error = EPIPE;
	for (size_t i = 0; i < nfds && i < nfiles; i++)
		close(fds[i]);
	return error;
}

enum outcome { ANSWERED, STOPPED, STALLED, CRASHED };

/* Waits for the final answer, and stores each answer in *a and its progress in *watch (NULL:
 * nowhere).  Returns ANSWERED with the final one in *a; STOPPED soon after watch->stop was set; STALLED if no
 * answer came for imp->stall_ms; CRASHED if the process has ended or an answer has another size. */
static enum outcome
await(const struct importer *imp, int sock, struct jb_import_watch *watch,
	struct importer_answer *a)
{
	struct pollfd p = {.fd = sock, .events = POLLIN};
	uint64_t heard = clock_ms();

	for (;;) {
		uint32_t id;
		ssize_t n;

		if (watch != NULL && watch->stop)
			return STOPPED;
		if (poll(&p, 1, LOOK_MS) <= 0) {
			if (clock_ms() - heard > imp->stall_ms)
				return STALLED;
			continue;
		}
		n = channel_take(sock, &id, a, sizeof(*a), NULL, NULL, MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN)
			continue;
		if (n != (ssize_t)sizeof(*a))
			return CRASHED;
		heard = clock_ms();
		if (watch != NULL) {
			watch->done = a->done;
			watch->total = a->total;
		}
		if (a->final)
			return ANSWERED;
	}
}

/* Makes the result a refusal with that error and sentence. */
static void
refuse(struct jb_import_result *result, enum jb_err err, const char *why)
{
	result->kind = JB_IMPORT_REFUSED;
	result->err = err;
	snprintf(result->detail, sizeof(result->detail), "%s", why);
}

/* Makes the texts of the result end, and refuses it if it is not valid, whatever the process has
 * sent. */
static void
distrust(struct jb_import_result *r)
{
	r->detail[sizeof(r->detail) - 1] = '\0';
	r->stem[sizeof(r->stem) - 1] = '\0';
	if (r->nwarnings > JB_IMPORT_WARNINGS_MAX)
		r->nwarnings = JB_IMPORT_WARNINGS_MAX;
	for (unsigned i = 0; i < r->nwarnings; i++)
		r->warnings[i][JB_IMPORT_TEXT - 1] = '\0';
	if (r->kind > JB_IMPORT_UNPACKED || r->err >= JB_ERR_COUNT)
		refuse(r, JB_FOREIGN, "the process that reads it has sent nonsense");
}

/* Takes the final answer: stores the result, and which files are used.  Returns the error of a
 * failed write; JB_OK if *result says what came of it, also that the image is too large or that
 * there is no seccomp. */
static enum jb_err
take_answer(const struct importer_answer *a, struct jb_import_file *files, size_t nfiles,
	struct jb_import_result *result)
{
	if (a->error == EFBIG) {
		refuse(result, JB_TOO_LARGE, jb_err_text(JB_TOO_LARGE));
		return JB_OK;
	}
	if (a->error == ENOSYS) {
		log_err("import", "the system has no seccomp: no foreign format is read");
		refuse(result, JB_FOREIGN, cannot_start);
		return JB_OK;
	}
	if (a->error != 0)
		return jb_err_from_errno(a->error, JB_STORE_WRITE);
	*result = a->result;
	distrust(result);
	for (size_t i = 0; i < nfiles; i++)
		files[i].used = a->used[i] != 0;
	return JB_OK;
}

/* Starts a process, has it import, and ends it.  Returns as importer_import does. */
static enum jb_err
converse(const struct importer *imp, struct jb_import_file *files, size_t nfiles,
	const struct jb_import_out *out, struct jb_import_watch *watch,
	struct jb_import_result *result)
{
	struct importer_question *q = calloc(1, sizeof(*q));
	struct importer_answer *a = calloc(1, sizeof(*a));
	struct nursery_child child;
	enum outcome outcome = CRASHED;
	enum jb_err err = JB_OK;
	int error;

	if (q == NULL || a == NULL) {
		err = JB_NO_MEMORY;
	} else if (imp->nursery == NULL ||
		   !nursery_spawn(imp->nursery, imp->kind, &child, clock_ms() + START_MS)) {
		refuse(result, JB_FOREIGN, cannot_start);
	} else {
		error = ask(child.sock, files, nfiles, out, q);
		if (error == 0)
			outcome = await(imp, child.sock, watch, a);
		if (!end(&child) && outcome == ANSWERED)
			outcome = STALLED;
		if (error != 0 && error != EPIPE)
			err = jb_err_from_errno(error, JB_STORE_READ);
		else if (outcome == ANSWERED)
			err = take_answer(a, files, nfiles, result);
		else if (outcome == STOPPED)
			err = JB_STOPPING;
		else
			refuse(result, JB_FOREIGN, outcome == STALLED ? stalled : crashed);
	}
	free(q);
	free(a);
	return err;
}

enum jb_err
importer_import(void *arg, struct jb_import_file *files, size_t nfiles,
	const struct jb_import_out *out, struct jb_import_watch *watch,
	struct jb_import_result *result)
{
	enum jb_err err;

	memset(result, 0, sizeof(*result));
	for (size_t i = 0; i < nfiles; i++)
		files[i].used = false;
	if (nfiles > JB_IMPORT_FILES_MAX) {
		refuse(result, JB_FOREIGN, "a folder has at most 128 files");
		return JB_OK;
	}
	err = converse(arg, files, nfiles, out, watch, result);
	if (out != NULL && (err != JB_OK || result->kind < JB_IMPORT_ISO)) {
		(void)!ftruncate(out->image, 0);
		(void)!ftruncate(out->sheet, 0);
		(void)!ftruncate(out->packs, 0);
	}
	return err;
}
