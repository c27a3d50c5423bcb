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
#	stuck_in_kernel     processes of the daemon that nothing can kill, one a line

load 10-mount
load smc

watch() {
	SEEN=$BATS_TEST_TMPDIR/seen.${#WATCHERS[@]}
	inotifywait -m -r --format '%e %c %w%f' "$MNT" >> "$SEEN" 2> "$SEEN.err" < /dev/null 3>&- &
	WATCHERS+=($!)
	wait_for 20 grep -q 'Watches established' "$SEEN.err"
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
shows() { wait_for 20 has_shown "$@"; }

nursery() { pgrep -P "$JBPID" -x jukebox-nursery; }
mover() { pgrep -P "$(nursery)" -x jukebox-mover; }

stuck_in_kernel() { ps -eo stat=,pid=,comm= | awk '$1 ~ /^D/ && $3 ~ /^jukebox/'; }

missed() { grep -c 'inotify misses' "$JBLOG" || true; }

waiting() {
	local minor
	minor=$(awk -v m="$MNT" '$5 == m { split($3, d, ":"); n = d[2] } END { print n }' /proc/self/mountinfo)
	[ -d "/sys/fs/fuse/connections/$minor" ] || mount -t fusectl fusectl /sys/fs/fuse/connections
	[ "$(cat "/sys/fs/fuse/connections/$minor/waiting")" -ge "$1" ]
}
