/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sgbroker: one iSCSI session for all processes of a script, as a kernel has one for all processes of a
 * machine.  A door that one process has locked is locked for the others too; a reservation outlives the
 * process that made it; and a unit attention is reported once.
 *
 *	sgbroker [--name INITIATOR] [--log FILE] FOLDER PORTAL IQN
 *
 * It logs in, looks at the logical units as Linux does (REPORT LUNS, INQUIRY), names them (each is a /dev/sgN
 * in their order, each drive a /dev/srN too), writes FOLDER/devices, and serves FOLDER/socket until SIGTERM,
 * or until the session ends.  shim/wire.h has the protocol.
 *
 * --log FILE has a line for each command, in the order of their answers:
 *	PID LUN CDB, bytes IN|OUT N, status, sense KEY/ASC/ASCQ, residual, microseconds
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <linux/cdrom.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <iscsi/iscsi.h>
#include <iscsi/scsi-lowlevel.h>

#include "tests/tools/shim/wire.h"

enum {
	TYPE_DRIVE = 5,
	UNIT_ATTENTIONS = 8, /* the most that a unit may have at a time */
	UNITS = 64,
	GET_EVENT_STATUS = 0x4a,
	MEDIUM_MAY_HAVE_CHANGED = 0x28, /* ASC of a unit attention */
	POLL_TIMEOUT = 60,		/* s */
};

/* A process that has connected.  It has one command at a time. */
struct client {
	struct client *next;
	int fd;
	uint8_t *memory;
	struct wire_request request;
	struct scsi_task *task;	 /* the command that is not answered yet, or NULL */
	int64_t start, deadline; /* in microseconds */
	unsigned attentions;	 /* for WIRE_POLL: the unit attentions so far */
	bool aborting;
	bool gone; /* the process has ended, and its command has not */
};

static struct iscsi_context *session;
static struct client *clients;
static FILE *log_file;
static int listener;
static bool
	medium_changed[UNITS]; /* since the last WIRE_CHANGED, as Linux's cdrom driver keeps it */
/* The options of each drive; the initial ones are those of Linux's cdrom driver. */
static uint32_t drive_options[UNITS] = {
	[0 ... UNITS - 1] = CDO_AUTO_CLOSE | CDO_USE_FFLAGS | CDO_LOCK};

static void __attribute__((noreturn, format(printf, 1, 2))) die(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fprintf(stderr, "sgbroker: ");
	vfprintf(stderr, format, ap);
	fprintf(stderr, "\n");
	va_end(ap);
	exit(EXIT_FAILURE);
}

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

/* ---- answers ----------------------------------------------------------------------------------- */

/* Copies the sense data.  libiscsi has its length in front of it (RFC 7143 11.4.7.2). */
static void
take_sense(const struct scsi_task *task, struct wire_reply *reply)
{
	int n = task->datain.size - 2;

	if (task->status != SCSI_STATUS_CHECK_CONDITION || task->datain.data == NULL || n <= 0)
		return;
	if (n > WIRE_SENSE_MAX)
		n = WIRE_SENSE_MAX;
	memcpy(reply->sense, task->datain.data + 2, (size_t)n);
	reply->sense_length = (uint32_t)n;
}

static void
log_command(const struct client *c, const struct wire_reply *reply)
{
	static const char *const way[] = {"no data", "in", "out"};
	const struct wire_request *r = &c->request;

	if (log_file == NULL)
		return;
	fprintf(log_file, "%d %u", r->pid, r->lun);
	for (unsigned i = 0; i < r->cdb_length; i++)
		fprintf(log_file, " %02x", r->cdb[i]);
	fprintf(log_file, ", %s %u, %s %02x, sense %x/%02x/%02x, residual %d, %lld us\n",
		way[r->direction], r->length, reply->outcome == WIRE_DONE ? "status" : "no status",
		reply->status, reply->sense[2] & 0xf, reply->sense[12], reply->sense[13],
		reply->residual, (long long)(now() - c->start));
	fflush(log_file);
}

static void
drop(struct client *c)
{
	struct client **at = &clients;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	close(c->fd);
	munmap(c->memory, WIRE_DATA_MAX);
	free(c);
}

static void
answer(struct client *c, const struct wire_reply *reply)
{
	if (c->task != NULL)
		scsi_free_scsi_task(c->task);
	c->task = NULL;
	c->aborting = false;
	if (c->gone)
		drop(c);
	else
		send(c->fd, reply, sizeof(*reply), MSG_NOSIGNAL);
}

/* ---- unit attentions --------------------------------------------------------------------------- */

static bool
is_attention(const struct wire_reply *reply)
{
	return reply->sense_length > 13 && (reply->sense[2] & 0xf) == SCSI_SENSE_UNIT_ATTENTION;
}

static void
note_change(const struct client *c, const struct wire_reply *reply)
{
	if (is_attention(reply) && reply->sense[12] == MEDIUM_MAY_HAVE_CHANGED)
		medium_changed[c->request.lun] = true;
}

static void
answer_changed(struct client *c)
{
	struct wire_reply reply = {.outcome = WIRE_DONE, .status = medium_changed[c->request.lun]};

	medium_changed[c->request.lun] = false;
	answer(c, &reply);
}

static void
answer_options(struct client *c)
{
	uint32_t *now = &drive_options[c->request.lun];
	struct wire_reply reply = {.outcome = WIRE_DONE};

	*now = (*now | c->request.set) & ~c->request.clear;
	reply.status = *now;
	answer(c, &reply);
}

/* ---- commands ---------------------------------------------------------------------------------- */

static void start(struct client *c);

static void
set_cdb(struct wire_request *r, const uint8_t *cdb, uint32_t cdb_length, uint32_t length)
{
	memcpy(r->cdb, cdb, cdb_length);
	r->cdb_length = cdb_length;
	r->direction = length == 0 ? WIRE_NONE : WIRE_FROM_DEVICE;
	r->length = length;
}

/*
 * Begins a poll as Linux makes it when a drive is opened, and every two seconds (sr_check_events): GET EVENT
 * STATUS NOTIFICATION, then TEST UNIT READY, which is repeated while it reports a unit attention.  So
 * programs do not see these events and unit attentions.
 */
static void
start_poll(struct client *c)
{
	static const uint8_t get_event[10] = {GET_EVENT_STATUS, 1, 0, 0, 0x10, 0, 0, 0, 8, 0};

	memset(c->memory, 0, 8);
	set_cdb(&c->request, get_event, sizeof(get_event), 8);
	start(c);
}

/* Sends the next command of a poll.  Returns false if the poll is complete. */
static bool
go_on_with_poll(struct client *c, const struct wire_reply *reply)
{
	static const uint8_t test_unit_ready[6] = {0};
	bool first = c->request.cdb[0] == GET_EVENT_STATUS;

	if (!first && !(is_attention(reply) && c->attentions++ < UNIT_ATTENTIONS))
		return false;
	/* MMC-6, 6.6.2.5: NewMedia */
	if (first && reply->status == 0 && (c->memory[4] & 0xf) == 2)
		medium_changed[c->request.lun] = true;
	scsi_free_scsi_task(c->task);
	set_cdb(&c->request, test_unit_ready, sizeof(test_unit_ready), 0);
	start(c);
	return true;
}

/* Handles the end of a command.  A status above those of SAM is a failure of libiscsi or of the session. */
static void
done(struct iscsi_context *ctx, int status, void *data, void *private)
{
	struct client *c = private;
	struct scsi_task *task = c->task;
	struct wire_reply reply = {.outcome = WIRE_DONE};

	if (status < 0 || status > 0xff) {
		reply.outcome = c->aborting ? WIRE_TIMED_OUT : WIRE_LOST;
	} else {
		reply.status = (uint32_t)status;
		if (task->residual_status != SCSI_RESIDUAL_NO_RESIDUAL)
			reply.residual = (int32_t)task->residual;
		take_sense(task, &reply);
	}
	log_command(c, &reply);
	note_change(c, &reply);
	if (c->request.operation == WIRE_POLL && reply.outcome == WIRE_DONE &&
		go_on_with_poll(c, &reply))
		return;
	answer(c, &reply);
}

static void
start(struct client *c)
{
	static const int way[] = {
		[WIRE_NONE] = SCSI_XFER_NONE,
		[WIRE_FROM_DEVICE] = SCSI_XFER_READ,
		[WIRE_TO_DEVICE] = SCSI_XFER_WRITE,
	};
	struct wire_request *r = &c->request;

	c->start = now();
	c->deadline = c->start + (int64_t)r->timeout * 1000;
	c->task = scsi_create_task((int)r->cdb_length, r->cdb, way[r->direction], (int)r->length);
	if (c->task == NULL)
		die("out of memory");
	if (r->direction == WIRE_FROM_DEVICE)
		scsi_task_add_data_in_buffer(c->task, (int)r->length, c->memory);
	if (r->direction == WIRE_TO_DEVICE)
		scsi_task_add_data_out_buffer(c->task, (int)r->length, c->memory);
	if (iscsi_scsi_command_async(session, (int)r->lun, c->task, done, NULL, c) != 0)
		done(session, SCSI_STATUS_ERROR, NULL, c);
}

static void
aborted(struct iscsi_context *ctx, int status, void *data, void *private)
{
}

/* Aborts a command that takes longer than its timeout, as the kernel does. */
static void
abort_command(struct client *c)
{
	c->aborting = true;
	if (iscsi_task_mgmt_abort_task_async(session, c->task, aborted, NULL) != 0 ||
		iscsi_scsi_cancel_task(session, c->task) != 0)
		die("cannot abort a command: %s", iscsi_get_error(session));
}

static bool
is_valid(const struct wire_request *r)
{
	if (r->lun >= UNITS || r->operation > WIRE_OPTIONS)
		return false;
	return r->operation != WIRE_COMMAND ||
	       (r->direction <= WIRE_TO_DEVICE && r->length <= WIRE_DATA_MAX &&
		       r->cdb_length >= 6 && r->cdb_length <= WIRE_CDB_MAX);
}

/* Handles a request of a process, or its end.  If the process ends during a command, the command goes on. */
static void
serve(struct client *c)
{
	static void (*const begin[])(struct client *) = {
		[WIRE_COMMAND] = start,
		[WIRE_POLL] = start_poll,
		[WIRE_CHANGED] = answer_changed,
		[WIRE_OPTIONS] = answer_options,
	};
	struct wire_request r;
	ssize_t n = recv(c->fd, &r, sizeof(r), MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == sizeof(r) && c->task == NULL && is_valid(&r)) {
		c->request = r;
		c->attentions = 0;
		begin[r.operation](c);
	} else if (c->task == NULL) {
		drop(c);
	} else {
		c->gone = true;
	}
}

/* ---- processes --------------------------------------------------------------------------------- */

static bool
send_memory(int fd, int memory)
{
	struct wire_reply hello = {0};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = &hello, .iov_len = sizeof(hello)};
	struct msghdr message = {.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control)};
	struct cmsghdr *c = CMSG_FIRSTHDR(&message);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &memory, sizeof(int));
	return sendmsg(fd, &message, MSG_NOSIGNAL) == sizeof(hello);
}

static void
accept_client(void)
{
	int fd = accept(listener, NULL, NULL);
	int memory = memfd_create("sgbroker", MFD_CLOEXEC);
	struct client *c = calloc(1, sizeof(*c));

	if (fd < 0 || memory < 0 || c == NULL || ftruncate(memory, WIRE_DATA_MAX) != 0)
		die("cannot take a process: %s", strerror(errno));
	c->fd = fd;
	c->memory = mmap(NULL, WIRE_DATA_MAX, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	if (c->memory == MAP_FAILED)
		die("cannot map memory: %s", strerror(errno));
	c->next = clients;
	clients = c;
	if (!send_memory(fd, memory))
		drop(c);
	close(memory);
}

/* ---- the devices ------------------------------------------------------------------------------- */

static int
device_type(int lun)
{
	struct scsi_task *task = iscsi_inquiry_sync(session, lun, 0, 0, 36);
	int type = -1;

	if (task != NULL && task->status == SCSI_STATUS_GOOD && task->datain.size >= 36 &&
		task->datain.data[0] >> 5 == 0)
		type = task->datain.data[0] & 0x1f;
	if (task != NULL)
		scsi_free_scsi_task(task);
	return type;
}

static void
clear_attentions(int lun)
{
	bool more = true;

	for (int i = 0; more && i < UNIT_ATTENTIONS; i++) {
		struct scsi_task *task = iscsi_testunitready_sync(session, lun);

		more = task != NULL && task->status == SCSI_STATUS_CHECK_CONDITION &&
		       task->sense.key == SCSI_SENSE_UNIT_ATTENTION;
		if (task != NULL)
			scsi_free_scsi_task(task);
	}
}

static void
write_device(const char *folder, FILE *table, const char *name, int lun, int type)
{
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	close(fd);
	fprintf(table, "%s %d %d\n", name, lun, type);
}

static void
find_devices(const char *folder)
{
	struct scsi_task *task = iscsi_reportluns_sync(session, 0, 64 * 1024);
	struct scsi_reportluns_list *list;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)], name[16];
	int sg = 0, sr = 0;
	FILE *table;

	list = task != NULL ? scsi_datain_unmarshall(task) : NULL;
	if (list == NULL)
		die("REPORT LUNS: %s", iscsi_get_error(session));
	snprintf(path, sizeof(path), "%s/devices", folder);
	table = fopen(path, "we");
	if (table == NULL)
		die("%s: %s", path, strerror(errno));
	for (uint32_t i = 0; i < list->num && list->luns[i] < UNITS; i++) {
		int lun = list->luns[i], type;

		clear_attentions(lun);
		type = device_type(lun);
		if (type < 0)
			continue;
		snprintf(name, sizeof(name), "sg%d", sg++);
		write_device(folder, table, name, lun, type);
		if (type != TYPE_DRIVE)
			continue;
		snprintf(name, sizeof(name), "sr%d", sr++);
		write_device(folder, table, name, lun, type);
	}
	if (fclose(table) != 0)
		die("%s: %s", path, strerror(errno));
	scsi_free_scsi_task(task);
}

/* ---- the session ------------------------------------------------------------------------------- */

static void
login(const char *name, const char *portal, const char *target)
{
	session = iscsi_create_context(name);
	if (session == NULL)
		die("out of memory");
	iscsi_set_targetname(session, target);
	iscsi_set_session_type(session, ISCSI_SESSION_NORMAL);
	iscsi_set_header_digest(session, ISCSI_HEADER_DIGEST_NONE);
	iscsi_set_noautoreconnect(session, 1);
	iscsi_set_timeout(session, POLL_TIMEOUT);
	if (iscsi_connect_sync(session, portal) != 0 || iscsi_login_sync(session) != 0)
		die("%s %s: %s", portal, target, iscsi_get_error(session));
}

/* Makes the socket under another name, and renames it when one can connect: a process that waits for
 * FOLDER/socket can then connect at once. */
static void
listen_at(const char *folder)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char path[sizeof(address.sun_path)];
	int n = snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket.new", folder);

	if (n >= (int)sizeof(address.sun_path))
		die("%s: too long a path for a socket", folder);
	snprintf(path, sizeof(path), "%s/socket", folder);
	listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (listener < 0 ||
		bind(listener, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
		listen(listener, 64) != 0 || rename(address.sun_path, path) != 0)
		die("%s: %s", address.sun_path, strerror(errno));
}

/* Returns the milliseconds until the next command must be aborted, or -1 if there is none. */
static int
next_deadline(void)
{
	int64_t first = INT64_MAX;

	for (const struct client *c = clients; c != NULL; c = c->next)
		if (c->task != NULL && !c->aborting && c->deadline < first)
			first = c->deadline;
	if (first == INT64_MAX)
		return -1;
	first = (first - now()) / 1000 + 1;
	return first < 0 ? 0 : first > 60000 ? 60000 : (int)first;
}

static void
abort_late(void)
{
	struct client *c, *next;

	for (c = clients; c != NULL; c = next) {
		next = c->next;
		if (c->task != NULL && !c->aborting && c->deadline <= now())
			abort_command(c);
	}
}

enum { POLL_SIGNAL, POLL_SESSION, POLL_LISTENER, POLL_CLIENTS, POLLED = 512 };

/* Waits for events and handles them.  Returns false if a signal has asked the broker to end. */
static bool
round_trip(int signals)
{
	struct pollfd p[POLLED] = {
		[POLL_SIGNAL] = {.fd = signals, .events = POLLIN},
		[POLL_SESSION] = {.fd = iscsi_get_fd(session),
			.events = (short)iscsi_which_events(session)},
		[POLL_LISTENER] = {.fd = listener, .events = POLLIN},
	};
	struct client *of[POLLED], *c;
	unsigned n = POLL_CLIENTS;

	for (c = clients; c != NULL && n < POLLED; c = c->next)
		if (!c->gone) {
			of[n] = c;
			p[n++] = (struct pollfd){.fd = c->fd, .events = POLLIN};
		}
	if (poll(p, n, next_deadline()) < 0 && errno != EINTR)
		die("poll: %s", strerror(errno));
	if (p[POLL_SIGNAL].revents != 0)
		return false;
	for (unsigned i = POLL_CLIENTS; i < n; i++)
		if (p[i].revents != 0)
			serve(of[i]);
	if (p[POLL_LISTENER].revents != 0)
		accept_client();
	if (p[POLL_SESSION].revents != 0 && iscsi_service(session, p[POLL_SESSION].revents) != 0)
		die("the session has ended: %s", iscsi_get_error(session));
	abort_late();
	return true;
}

static int
signals_fd(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{"name", required_argument, NULL, 'n'}, {"log", required_argument, NULL, 'l'}, {0}};
	const char *name = "iqn.2026-01.org.example:sgshim";
	int option, signals = signals_fd();

	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (option == 'n')
			name = optarg;
		else if (option != 'l')
			return 2;
		else if ((log_file = fopen(optarg, "ae")) == NULL)
			die("%s: %s", optarg, strerror(errno));
	if (argc - optind != 3) {
		fprintf(stderr,
			"usage: sgbroker [--name INITIATOR] [--log FILE] FOLDER PORTAL IQN\n");
		return 2;
	}
	login(name, argv[optind + 1], argv[optind + 2]);
	find_devices(argv[optind]);
	listen_at(argv[optind]);
	/* No timeout of libiscsi: next_deadline has one for each command. */
	iscsi_set_timeout(session, 0);
	while (round_trip(signals))
		;
	iscsi_logout_sync(session);
	return 0;
}
