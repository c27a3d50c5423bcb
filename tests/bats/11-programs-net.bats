#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the tables of PROGRAMS.md for programs that transfer files over a network.  The only server is
# Python's, on loopback.  scp and sftp get a replacement for ssh, which starts the programs of the remote
# side on this machine.

load table

setup() { table_start; }
teardown() {
	[ -z "${SERVER:-}" ] || kill "$SERVER" || true
	table_end
}

# Makes a replacement of ssh for the option -S. Its last words are the command for the host, or after -s the
# name of a subsystem.
ssh_here() {
	[ -x /usr/lib/openssh/sftp-server ] || skip "no sftp-server is installed"
	SSH=$BATS_TEST_TMPDIR/ssh
	cat > "$SSH" <<-'SH'
	#!/bin/bash
	[ "${*: -1}" != sftp ] || exec /usr/lib/openssh/sftp-server
	exec bash -c "${*: -1}"
	SH
	chmod +x "$SSH"
	export SSH
}

http_here() {
	have python3
	(cd "$BATS_TEST_TMPDIR/keep" && exec python3 -u -m http.server --bind 127.0.0.1 0) \
		> "$BATS_TEST_TMPDIR/http" 2>&1 3>&- &
	SERVER=$!
	wait_for 30 grep -q 'port [0-9]' "$BATS_TEST_TMPDIR/http"
	HTTP=http://127.0.0.1:$(grep -oE 'port [0-9]+' "$BATS_TEST_TMPDIR/http" | grep -oE '[0-9]+$')
	export HTTP
}

@test "rsync" {
	have rsync
	table PROGRAMS.md rsync
}

@test "scp" {
	have scp
	ssh_here
	table PROGRAMS.md scp
}

@test "sftp" {
	have sftp
	ssh_here
	table PROGRAMS.md sftp
}

@test "curl" {
	have curl
	http_here
	table PROGRAMS.md curl
}

@test "wget" {
	have wget
	http_here
	table PROGRAMS.md wget
}

@test "busybox wget" {
	have busybox
	http_here
	table PROGRAMS.md "busybox wget"
}

@test "gio" {
	have gio
	table PROGRAMS.md gio
}
