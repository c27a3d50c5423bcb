# SPDX-License-Identifier: GPL-2.0-or-later
# Functions for all bats files.  They start a real daemon with a real mount, and remove both again, whatever
# a test has done to them.
# shellcheck shell=bash
#
#	jb_start [OPTION...]     starts a daemon on a free port of 127.0.0.1; sets MNT STORE PORTAL IQN
#	                         JBPID JBLOG.  STORE and MNT are folders of this test, or of this file
#	                         if called in setup_file, unless they are set already
#	jb_try [OPTION...]       does the same, but returns 1 if the daemon ends; JBLOG is its log
#	jb_stop                  sends SIGTERM; fails unless the daemon ends by itself, with status 0
#	                         and no sanitizer's report in its log
#	jb_kill9                 sends SIGKILL, and leaves the stale mount, as after a crash
#	jb_restart [OPTION...]   stops the daemon if it runs, and starts it on the same store; without
#	                         OPTIONs with those of the last start
#	jb_cleanup               for teardown: removes all processes and mounts; fails on a sanitizer's
#	                         report
#	iso FILE SIZE_MIB [LABEL]  makes a small valid ISO image, with the same bytes each time
#	icdb ARG...              runs the project's tool for raw CDBs
#	url LUN                  prints iscsi://PORTAL/IQN/LUN
#	refused CMD MESSAGE      checks that CMD (one string for bash, or several words) fails with MESSAGE
#	in_words TEXT            sets SAID to TEXT, with the sentence of changer/err.def for each JB_NAME
#	sentence NAME            prints the sentence of one error
#	wait_for SECONDS CMD     waits until CMD exits 0; five times as long with sanitizers
#	in_status ELEMENT        sets ELEMENT to the part of status.json for "slots/3" and the like, or to ""
#	fuse_connection MOUNT    prints the folder in fusectl of the connection that serves the mount
#
# BUILD is the folder with the binaries (build/release), JUKEBOXD the daemon itself.
#
# Files run in parallel with each other and with guests.  So there are no fixed ports, no names that two
# files could use, and no tight time limits.  To start a program costs more than all else, so functions
# that are called often use only the shell itself.

bats_require_minimum_version 1.5.0

TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
BUILD=${BUILD:-build/release}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
JUKEBOXD=${JUKEBOXD:-$BUILD/jukeboxd}
case $JUKEBOXD in /*) ;; *) JUKEBOXD=$TOP/$JUKEBOXD ;; esac
export TOP BUILD JUKEBOXD

# The tables and tests are about Debian's programs, so no others may come before them in the path.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

# Sanitizers make everything slower.  The time limit of a test is only for one that hangs: it is forty times
# what the longest test takes alone, since a test may get only a small part of the machine.
case $BUILD in *asan* | *tsan*) SLOW=5 ;; *) SLOW=1 ;; esac
BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-$((600 * SLOW))}
export ASAN_OPTIONS=${ASAN_OPTIONS:-exitcode=99:detect_stack_use_after_return=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-exitcode=99:second_deadlock_stack=1}

# Checks often at first, because most waits are short.  Between two checks at most one second counts, so that
# a machine that stands still for a while does not end the wait.
wait_for() {
	local left=$(($1 * SLOW)) last=$SECONDS naps=(0.01 0.01 0.02 0.02 0.05 0.1) i=0
	shift
	until if [ $# = 1 ]; then eval "$1"; else "$@"; fi >/dev/null 2>&1; do
		[ "$SECONDS" = "$last" ] || left=$((left - 1))
		last=$SECONDS
		[ $left -gt 0 ] || return 1
		sleep "${naps[i]}"
		[ $i = 5 ] || i=$((i + 1))
	done
}

# ---- the daemon --------------------------------------------------------------------------------

# A wrapper writes the exit status of the daemon to a file, so that every process of the suite can read it.
# Descriptor 3 is closed, because bats waits for every process that has it open.
jb_launch() {
	JBRUN=$(mktemp -d "${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/run.XXXXXX")
	JBLOG=$JBRUN/log
	printf '%s\n' "$@" > "$JBRUN/options"
	echo "$MNT" > "$JBRUN/mnt"
	bash -c 'run=$0; "$@" & echo $! > "$run/pid.new"; mv "$run/pid.new" "$run/pid"; wait $!; echo $? > "$run/rc"' \
		"$JBRUN" "$JUKEBOXD" "$@" "$STORE" "$MNT" < /dev/null > "$JBLOG" 2>&1 3>&- &
	disown
	wait_for 30 test -s "$JBRUN/pid" || return 1
	JBPID=$(< "$JBRUN/pid")
	export JBRUN JBLOG JBPID
}

jb_ready() { [[ $(< "$JBLOG") == *'jukeboxd: ready'* ]]; }
jb_ready_or_ended() { [ -s "$JBRUN/rc" ] || jb_ready; }
# Checks the file with the status first: between the daemon's end and the wrapper's write there is no status.
jb_ended() { [ -s "$JBRUN/rc" ] || ! kill -0 "$JBPID" 2>/dev/null; }

jb_try() {
	STORE=${STORE:-${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/store}
	MNT=${MNT:-${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/mnt}
	export STORE MNT
	jb_launch --portal 127.0.0.1:0 "$@"
	wait_for 60 jb_ready_or_ended
	jb_ready || return 1
	read -r PORTAL < "$MNT/ctl/target/portals" && read -r IQN < "$MNT/ctl/target/name" || return 1
	export PORTAL IQN
}

jb_start() {
	[ -c /dev/fuse ] || skip "no /dev/fuse on this machine"
	if ! jb_try "$@"; then
		echo "jukeboxd did not get ready:"
		cat "$JBLOG"
		return 1
	fi
}

# What sanitizers, glibc and assert print when they find something.
JB_REPORTS='ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|runtime error:|[Aa]ssertion .*failed|stack smashing|corrupted|double free'

jb_log_clean() {
	if [[ $(< "$JBLOG") =~ $JB_REPORTS ]]; then
		echo "reports in the daemon's log:"
		cat "$JBLOG"
		return 1
	fi
}

jb_stop() {
	local rc
	kill -TERM "$JBPID"
	if ! wait_for 60 test -s "$JBRUN/rc"; then
		echo "jukeboxd still runs 60 s after SIGTERM:"
		cat "$JBLOG"
		jb_force
		return 1
	fi
	rc=$(< "$JBRUN/rc")
	if jb_mounted "$MNT"; then
		echo "jukeboxd ended and left its mount"
		jb_force
		return 1
	fi
	if [ "$rc" != 0 ]; then
		echo "jukeboxd ended with status $rc:"
		cat "$JBLOG"
		return 1
	fi
	jb_log_clean
}

jb_kill9() {
	kill -KILL "$JBPID"
	wait_for 30 jb_ended
	jb_log_clean
}

jb_restart() {
	local options
	if [ $# -gt 0 ]; then
		options=("$@")
	else # less the portal, which jb_try puts first
		mapfile -s 2 -t options < "$JBRUN/options"
	fi
	jb_ended || jb_stop
	jb_start "${options[@]}"
}

# Ends all daemons that the test, or the file, has started.
jb_cleanup() {
	local folder=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR} run bad=0
	for run in "$folder"/run.*; do if [ -d "$run" ]; then jb_end "$run"; fi; done
	for run in "$folder"/run.*; do
		[ -d "$run" ] || continue
		jb_clear_mount "$(< "$run/mnt")"
		JBLOG=$run/log jb_log_clean || bad=1
	done
	return $bad
}

# ---- mounts that should not be there -----------------------------------------------------------

# Reads the list of mounts, and never the mount itself, which could hang.
jb_mounted() { [[ $(< /proc/self/mountinfo) == *" / ${1// /\\040} "* ]]; }

# The number of a connection is the minor of the mount's device.  The kernel has one fusectl for all, which
# stays mounted; of two that mount it at once one is refused.
fuse_connection() {
	local all=/sys/fs/fuse/connections minor
	minor=$(awk -v m="$1" '$5 == m { split($3, d, ":"); n = d[2] } END { print n }' /proc/self/mountinfo)
	[ -n "$minor" ] || return 1
	[ -d "$all/$minor" ] || mount -t fusectl fusectl "$all" 2> /dev/null || true
	[ -d "$all/$minor" ] && echo "$all/$minor"
}

# Ends a FUSE connection whose daemon does not answer.
jb_abort_connection() {
	local connection
	connection=$(fuse_connection "$1") || return 0
	echo 1 2>/dev/null > "$connection/abort" || true
}

# Ends the daemon of a run by force where asking does not help.
jb_end() {
	local JBRUN=$1 JBPID
	[ -s "$JBRUN/pid" ] || return 0
	JBPID=$(< "$JBRUN/pid")
	! jb_ended || return 0
	kill -TERM "$JBPID" 2>/dev/null || true
	wait_for 20 jb_ended || kill -KILL "$JBPID" 2>/dev/null || true
	wait_for 10 jb_ended || jb_abort_connection "$(< "$JBRUN/mnt")"
}

jb_clear_mount() {
	local _
	for _ in 1 2 3 4; do
		jb_mounted "$1" || break
		jb_abort_connection "$1"
		umount -l "$1" 2>/dev/null || fusermount3 -uz "$1" 2>/dev/null || true
	done
	return 0
}

jb_force() {
	jb_end "$JBRUN"
	jb_clear_mount "$MNT"
}

# ---- helpers -----------------------------------------------------------------------------------

# Every eight bytes of the data contain their own offset, so that data in a wrong place is found.  The volume
# ends where the file ends, so that a copy which is cut short is found by the size in the volume.
iso() {
	local file=$1 mib=$2 label=${3:-TEST_DISC} made tree
	made=${BATS_SUITE_TMPDIR:-${BATS_RUN_TMPDIR:-/tmp}}/iso-$mib-$label.iso
	if [ ! -e "$made" ]; then
		tree=$(mktemp -d "$made.XXXXXX")
		seq -f %07.0f 0 $((mib * 131072 - 60000)) > "$tree/data.bin"
		echo "this is $label" > "$tree/readme.txt"
		touch -d @1000000000 "$tree"/* "$tree"
		SOURCE_DATE_EPOCH=1000000000 xorriso -as mkisofs -quiet -r -J -V "$label" \
			-o "$tree.iso" "$tree" 2>/dev/null
		mv "$tree.iso" "$made"
		rm -r "$tree"
	fi
	cp "$made" "$file"
}

icdb() { "$BUILD/tools/icdb" "$@"; }

# status.json has one line for each element.  jq is not used: it takes ten times as long to start as awk.
in_status() {
	# shellcheck disable=SC2034 # for who asks
	ELEMENT=$(awk -v array="  \"${1%/*}\": [" -v begins="    {\"number\": ${1#*/}, " '
		on && index($0, begins) == 1 { print substr($0, length(begins) + 1); exit }
		/^  [^ ]/ { on = $0 == array }' "$MNT/status.json")
}

url() { echo "iscsi://$PORTAL/$IQN/$1"; }

# Tests name errors, so that the sentences are only in changer/err.def.
in_words() {
	local rest=$1 name
	[ -n "${ERRORS:-}" ] || read -r -d '' ERRORS < "$TOP/changer/err.def" || true
	SAID=''
	while [[ $rest =~ JB_([A-Z0-9_]+) ]]; do
		name=${BASH_REMATCH[1]}
		SAID+=${rest%%"JB_$name"*}
		rest=${rest#*"JB_$name"}
		[[ $ERRORS =~ JB_ERR\($name,[^\"]*\"([^\"]*)\"\) ]] || { echo "err.def has no $name"; return 1; }
		SAID+=${BASH_REMATCH[1]}
	done
	SAID+=$rest
}
sentence() {
	local SAID
	in_words "JB_$1" && echo "$SAID"
}

refused() {
	local message=${!#} rc=0 said SAID
	local cmd=("${@:1:$#-1}")
	if [ ${#cmd[@]} = 1 ]; then
		said=$(bash -c "${cmd[0]}" 2>&1 < /dev/null) || rc=$?
	else
		said=$("${cmd[@]}" 2>&1 < /dev/null) || rc=$?
	fi
	if [ $rc = 0 ]; then
		echo "was not refused: ${cmd[*]}"
		return 1
	fi
	in_words "$message"
	message=$SAID
	if [[ $said != *"$message"* ]]; then
		printf 'refused otherwise: %s\nwanted: %s\ngot: %s\n' "${cmd[*]}" "$message" "$said"
		return 1
	fi
}
