# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Functions for bats files that watch the mount.
#
#	watch               starts inotifywait -m -r on the mount; may be called several times
#	shown [PREFIX...]   prints what it has reported for paths that begin with a PREFIX (default: slots
#	                    drives transport mailslots): a line "EVENTS PATH" for each event; a line
#	                    "moved FROM TO" for two neighbours with the same cookie
#	shows N [PREFIX...] waits until shown prints N lines
#	missed              prints how many moves inotify has missed, by the daemon's log
#	unwatch             ends all inotifywait; for teardown
#	waiting N           checks that N READs or more wait in the kernel for an answer
#	nursery, mover      print the pids of the daemon's helpers
#	own                 sets OWN to the pids of the daemon and its helpers
#	none_stuck          waits until no process in OWN is in a state in which it cannot be killed

load 10-mount
load smc

watch() {
	SEEN=$BATS_TEST_TMPDIR/seen.${#WATCHERS[@]}
	inotifywait -m -r --format '%e %c %w%f' "$MNT" >> "$SEEN" 2> "$SEEN.err" < /dev/null 3>&- &
	WATCHERS+=($!)
	wait_for 60 grep -q 'Watches established' "$SEEN.err"
}
unwatch() {
	local pid
	for pid in "${WATCHERS[@]}"; do kill -KILL "$pid" 2> /dev/null || true; done
}

shown() {
	[ $# -gt 0 ] || set -- slots drives transport mailslots
	local IFS='|'
	awk -v top="$MNT/" -v want="^($*)/" '
		{ path = substr($0, index($0, top) + length(top)) }
		path !~ want { next }
		$1 == "MOVED_FROM" { from = path; cookie = $2; next }
		$1 == "MOVED_TO" && $2 == cookie { print "moved", from, path; from = ""; next }
		from { print "MOVED_FROM", from; from = "" }
		{ sub(/,CLOSE$/, "", $1); print $1, path }
		END { if (from) print "MOVED_FROM", from }' "$SEEN"
}
has_shown() {
	local n=$1
	shift
	[ "$(shown "$@" | wc -l)" -ge "$n" ]
}
shows() { wait_for 60 has_shown "$@"; }

nursery() { pgrep -P "$JBPID" -x jukebox-nursery; }
mover() { pgrep -P "$(nursery)" -x jukebox-mover; }

own() { OWN=$JBPID,$(nursery),$(mover); }
is_none_stuck() { ! ps -o stat= -p "$OWN" | grep -q '^D'; }
none_stuck() { wait_for 30 is_none_stuck || { ps -o stat,pid,comm -p "$OWN"; return 1; }; }

missed() { grep -c 'inotify misses' "$JBLOG" || true; }

waiting() { [ "$(< "$(fuse_connection "$MNT")/waiting")" -ge "$1" ]; }
