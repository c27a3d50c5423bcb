/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Makes the program a service: it goes into the background, handles signals, and reports to a service manager
 * (sd_notify(3)).
 */
#ifndef TARGET_SERVICE_H
#define TARGET_SERVICE_H

#include <stdbool.h>

/* Opens /dev/null as each standard stream that is closed, so that no other file gets its number.  Call it first.
 * Returns false if it cannot. */
bool service_open_standard(void);
/*
 * Goes on in a child process, in a session of its own, with /dev/null as standard streams and with the log in
 * syslog.  The parent waits until the child calls service_ready or service_failed, and ends.  Call it before
 * anything else is started.  Returns false, with errno, if the process cannot be forked.
 */
bool service_detach(void);

/* Takes the address of the service manager out of the environment, so that other programs do not get it. */
void service_begin(void);
/* Reports that the daemon serves: to the manager, and to the parent if service_detach was called. */
void service_ready(void);
/* Reports why the daemon cannot start: on standard error, or to the parent, which prints it there and ends with
 * EXIT_FAILURE. */
void service_failed(const char *why);
/* Reports to the manager that the daemon is about to end. */
void service_stopping(void);

/* Returns after how many milliseconds the manager wants the next service_beat; -1: it wants none. */
int service_beat_ms(void);
/* Tells the manager's watchdog that the daemon works. */
void service_beat(void);

/*
 * Ignores the signals that must not end the daemon, and blocks for all threads those that ask it to stop.
 * SIGHUP is such a signal only if there is a terminal that could hang up, and nobody had the daemon ignore it
 * (nohup(1)).  Returns a signalfd that receives them, or -1.
 */
int service_signals(void);

#endif
