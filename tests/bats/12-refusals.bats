#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
# Runs the tables of REFUSALS.md: each says what the mount refuses, the line that the program prints, and
# the sentence in ctl/last-error.

load table

teardown() {
	[ -z "${HOLDER:-}" ] || kill "$HOLDER" 2> /dev/null || true
	table_end
	[ -z "${DISK:-}" ] || umount -l "$DISK" || true
}

@test "full elements" {
	table_start
	table REFUSALS.md "A full slot or drive"
}

@test "what is not there" {
	table_start
	table REFUSALS.md "What is not there"
}

@test "recorded discs" {
	table_start
	table REFUSALS.md "A recorded disc"
}

@test "loaded discs" {
	table_start
	table REFUSALS.md "A disc in a drive"
}

@test "protected discs" {
	table_start
	table REFUSALS.md "A write-protected disc"
}

@test "incomplete files" {
	table_start
	table REFUSALS.md "An incomplete file"
}

@test "files that are being written" {
	table_start
	table REFUSALS.md "A file that is still being written"
}

@test "no disc images" {
	table_start
	table REFUSALS.md "What is not a disc image"
}

@test "discs by reference" {
	table_start
	table REFUSALS.md "A disc by reference"
}

@test "too large" {
	table_start
	table REFUSALS.md "Too large"
}

@test "names" {
	table_start
	table REFUSALS.md Names
}

@test "what is fixed" {
	table_start
	table REFUSALS.md "What is fixed"
}

@test "elements" {
	table_start
	table REFUSALS.md "Adding and removing elements"
}

@test "attributes" {
	table_start
	table REFUSALS.md Attributes
}

@test "BINs and their sheets" {
	table_start
	table REFUSALS.md "BINs and their sheets"
}

@test "settings" {
	table_start
	# A port that another program uses.
	python3 -uc 'import socket, time
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(); print(s.getsockname()[1]); time.sleep(1000)' \
		> "$BATS_TEST_TMPDIR/port" 3>&- &
	HOLDER=$!
	wait_for 30 test -s "$BATS_TEST_TMPDIR/port"
	BUSY=$(< "$BATS_TEST_TMPDIR/port")
	export BUSY
	table REFUSALS.md Settings
}

# Starts an initiator that sends a command to a unit and stays logged in.
initiator() { # LUN CDB
	mkfifo "$BATS_TEST_TMPDIR/script"
	icdb "$(url "$1")" - < "$BATS_TEST_TMPDIR/script" > "$BATS_TEST_TMPDIR/icdb.out" 2>&1 3>&- &
	HOLDER=$!
	exec {SCRIPT}> "$BATS_TEST_TMPDIR/script"
	printf 'clear-ua\nnone %s\nexpect good\necho done\n' "$2" >&"$SCRIPT"
	wait_for 30 grep -q "done" "$BATS_TEST_TMPDIR/icdb.out"
}

@test "a locked drive" {
	table_start
	table_clear
	cp x.iso J/drives/0/
	initiator 1 "1e 00 00 00 01 00" # PREVENT ALLOW MEDIUM REMOVAL
	table REFUSALS.md "A locked drive"
}

@test "locked mail slots" {
	table_start
	table_clear
	cp x.iso J/slots/1/
	cp x.iso J/mailslots/1/a.iso
	initiator 0 "1e 00 00 00 01 00" # PREVENT ALLOW MEDIUM REMOVAL
	table REFUSALS.md "Locked mail slots"
}

@test "a full disk" {
	[ "$(id -u)" = 0 ] || skip "needs root, to mount a small disk"
	DISK=$BATS_TEST_TMPDIR/disk
	mkdir "$DISK"
	mount -t tmpfs -o size=6m tmpfs "$DISK" || skip "no tmpfs can be mounted here"
	STORE=$DISK/store
	table_start
	head -c 12M /dev/zero > ../keep/big.bin
	table REFUSALS.md "A full disk"
}

@test "a store that has become read-only" {
	[ "$(id -u)" = 0 ] || skip "needs root, to mount a small disk"
	local loop
	DISK=$BATS_TEST_TMPDIR/disk
	mkdir "$DISK"
	truncate -s 32M "$DISK.img"
	mke2fs -q -t ext4 -e remount-ro "$DISK.img"
	mount -o loop "$DISK.img" "$DISK" || skip "no loop device, or no ext4, on this machine"
	loop=$(findmnt -no SOURCE "$DISK")
	[ -w "/sys/fs/ext4/${loop##*/}/trigger_fs_error" ] || skip "the kernel cannot fail an ext4 on request"
	STORE=$DISK/store
	table_start
	table_clear
	cp x.iso J/slots/1/
	full slots/1
	echo 1 > "/sys/fs/ext4/${loop##*/}/trigger_fs_error"
	table REFUSALS.md "A store that has become read-only"
}

@test "a jukebox that is being stopped" {
	table_start
	table_clear
	cp y.iso J/slots/2/
	full slots/2
	keep_open J/slots/3/x.iso # the daemon waits a while for who writes
	kill -TERM "$JBPID"
	wait_for 30 grep -q "asked to stop" "$JBLOG"
	refused cp x.iso J/slots/1/ "Cannot send after transport endpoint shutdown"
	grep -F "create slots/1/x.iso: $(sentence STOPPING) (ESHUTDOWN)" "$JBLOG"
	let_go
}

@test "a jukebox whose daemon was killed" {
	table_start
	table_clear
	cp x.iso J/slots/1/
	jb_kill9
	table REFUSALS.md "A jukebox whose daemon was killed"
}

@test "a jukebox that was stopped" {
	table_start
	table_clear
	jb_stop
	table REFUSALS.md "A jukebox that was stopped"
}

@test "every error is in the tables or in another test, or named as one that the mount does not meet" {
	local LC_ALL=C name tables tests named bad=0
	tables=$(< "$TOP/tests/bats/REFUSALS.md")
	tests=$(cat "$TOP"/tests/bats/*.bats)
	named=" $(sed -n '/^### /,$p' "$TOP/tests/bats/REFUSALS.md" | tr -cs 'A-Za-z0-9_' ' ') "
	while read -r name; do
		[[ $tables == *"JB_$name (E"* || $tests =~ (JB_|sentence\ )${name}[^A-Z0-9_] || $named == *" $name "* ]] ||
			{ echo "REFUSALS.md has no row for $name"; bad=1; }
	done < <(sed -nE 's/^JB_ERR\(([A-Z0-9_]+),.*/\1/p' "$TOP/changer/err.def")
	[ $bad = 0 ]
}

@test "the man page says what the tables say" {
	local pairs
	# For each refusal: what is typed, and the first line that is printed.
	pairs=$(sed -nE '/^\.Ss What programs/,/^\.Ss All/s/^\.Dl (.*)/\1/p' "$TOP/mnt-layout/jukeboxfs.5" | sed "s/\\\\(oq/‘/g; s/\\\\(cq/’/g" |
		awk '/^\$ / { typed = substr($0, 3); next } { print typed " -> " $0 }')
	[ "$(wc -l <<< "$pairs")" -gt 20 ]
	comm -23 <(sort <<< "$pairs") <(sed -nE 's/^\| `(\.\. )?(.*)` \| [1-9][0-9]* \| `([^`]*)` \| .*/\2 -> \3/p' \
		"$TOP/tests/bats/REFUSALS.md" | sed 's:J/::g; s/<br>.*//; s/\\|/|/g' | sort) > "$BATS_TEST_TMPDIR/other"
	cat "$BATS_TEST_TMPDIR/other"
	[ ! -s "$BATS_TEST_TMPDIR/other" ]
}

@test "the man page has the sentence of err.def for each refusal that is not the kernel's" {
	local printed said
	while IFS=$'\t' read -r printed said; do
		grep -qixF "$said" <(sed -nE 's/^JB_ERR\(.*"(.*)"\)$/\1./p' "$TOP/changer/err.def") ||
			{ echo "$printed: $said"; return 1; }
	done < <(sed -nE '/^\.Ss What programs/,/^\.Ss All/p' "$TOP/mnt-layout/jukeboxfs.5" |
		awk '/^\.Dl/ { printed = substr($0, 5) } said && !/^\./ { print printed "\t" $0 } { said = /^\.Pp/ }' |
		grep -vE 'cross-device|Transport endpoint|No such file')
}

@test "every section of the tables is run, and no other" {
	diff <(table_sections REFUSALS.md | sort) <(table_run "$TOP/tests/bats/12-refusals.bats" | sort)
}
