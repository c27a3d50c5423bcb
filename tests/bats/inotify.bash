# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the bats files share that watch the mount.
#
#	watch               inotifywait -m -r on the mount from now on, as many as are wanted
#	shown [PREFIX...]   what it has told so far of paths that begin so (slots drives transport
#	                    mailslots without PREFIX): "EVENTS PATH" a line, moves as
#	                    "moved FROM TO" where both halves have the same cookie and are neighbours
#	shows N [PREFIX...] waits until that are N lines
#	missed              moves that it has not told, by the daemon's log
#	unwatch             for teardown
#	waiting N           as many READs wait in the kernel for an answer
#	nursery, mover      process ids of the daemon's helpers
#	own                 the daemon and its helpers, in OWN
#	none_stuck          none of OWN is in the kernel where nothing can kill it, at last

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
