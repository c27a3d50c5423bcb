# SPDX-License-Identifier: GPL-2.0-or-later
# What the bats files share: a real daemon with a real mount, made and taken down again so that
# nothing is left behind, whatever a test did to it.
# shellcheck shell=bash
#
#	jb_start [OPTION...]     a daemon on a free port of 127.0.0.1; sets MNT STORE PORTAL IQN JBPID
#	                         JBLOG.  STORE and MNT are folders of this test, or of this file when
#	                         called in setup_file, unless they are set already
#	jb_try [OPTION...]       the same, but fails quietly when the daemon ends: its log is in JBLOG
#	jb_stop                  SIGTERM; fails unless the daemon ends by itself, with status 0 and
#	                         no sanitizer's report in its log
#	jb_kill9                 SIGKILL; leaves the stale mount that a crash leaves
#	jb_restart [OPTION...]   stop if it runs, start again on the same store; without OPTIONs with
#	                         those of before
#	jb_cleanup               for teardown: no process, no mount; fails on a sanitizer's report
#	iso FILE SIZE_MIB [LABEL]  a small real ISO image, the same bytes each time
#	icdb ARG...              the project's raw CDB tool
#	url LUN                  iscsi://PORTAL/IQN/LUN
#	refused CMD MESSAGE      CMD (one string for bash, or several words) fails and says MESSAGE
#	in_words TEXT            sets SAID to TEXT with the sentence of changer/err.def for each JB_NAME
#	sentence NAME            prints that of one
#	wait_for SECONDS CMD     until CMD exits 0; sanitizers get five times as long
#	in_status ELEMENT        sets ELEMENT to what status.json has of "slots/3", or to nothing
#	fuse_connection MOUNT    the folder in fusectl of the connection that serves the mount
#
# BUILD is the folder with the binaries (build/release), JUKEBOXD the daemon itself.
#
# Files run beside one another and beside guests, so nothing here has a fixed port, a name that two
# could have, or a time in which something must be done.  Programs that are started cost more than all
# else, so what is called often reads files and compares with the shell's own means.

bats_require_minimum_version 1.5.0

TOP=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
BUILD=${BUILD:-build/release}
case $BUILD in /*) ;; *) BUILD=$TOP/$BUILD ;; esac
JUKEBOXD=${JUKEBOXD:-$BUILD/jukeboxd}
case $JUKEBOXD in /*) ;; *) JUKEBOXD=$TOP/$JUKEBOXD ;; esac
export TOP BUILD JUKEBOXD

# What the tables and the tests say is of Debian's programs, not of others before them in the path.
PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

# Sanitizers make everything slower.  The end of a test is for one that hangs: forty times what the
# longest takes alone, for it may have a small part of the machine.
case $BUILD in *asan* | *tsan*) SLOW=5 ;; *) SLOW=1 ;; esac
BATS_TEST_TIMEOUT=${BATS_TEST_TIMEOUT:-$((600 * SLOW))}
export ASAN_OPTIONS=${ASAN_OPTIONS:-exitcode=99:detect_stack_use_after_return=0}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
export TSAN_OPTIONS=${TSAN_OPTIONS:-exitcode=99:second_deadlock_stack=1}

# Most waits are short, so it looks often at first.
wait_for() {
	local end=$((SECONDS + $1 * SLOW)) naps=(0.01 0.01 0.02 0.02 0.05 0.1) i=0
	shift
	until if [ $# = 1 ]; then eval "$1"; else "$@"; fi >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep "${naps[i]}"
		[ $i = 5 ] || i=$((i + 1))
	done
}

# ---- the daemon --------------------------------------------------------------------------------

# A wrapper of its own notes the daemon's status, so that any process of the suite can ask for it.
# Descriptor 3 is bats's; whoever holds it keeps bats waiting.
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
# Not kill -0: between the end and the wrapper's note of it the status is still to come.
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

# Of all the daemons that the test, or the file, has started.
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

# The mount's line is read, never the mount itself: that could hang.
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

# Every eight bytes say where they are, so what lands in a wrong place is seen.  The volume ends
# where the file ends: a copy that is cut short is noticed by the volume's own size.
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

# Each element is one line of its array there.  Not by jq, which takes ten times as long to start.
in_status() {
	# shellcheck disable=SC2034 # for who asks
	ELEMENT=$(awk -v array="  \"${1%/*}\": [" -v begins="    {\"number\": ${1#*/}, " '
		on && index($0, begins) == 1 { print substr($0, length(begins) + 1); exit }
		/^  [^ ]/ { on = $0 == array }' "$MNT/status.json")
}

url() { echo "iscsi://$PORTAL/$IQN/$1"; }

# A test names an error, so that its sentence stands in err.def alone.
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
