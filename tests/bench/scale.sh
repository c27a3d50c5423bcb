#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# The mount of a large jukebox: 10 000 slots and 16 drives, then 60 000 slots, empty and with a disc
# in every one (make bench).  The SCSI side of the same is scale-smc.sh.
#
#	JUKEBOXD	the daemon
#	BENCH_DIR	where the stores lie (default /var/tmp)
#	SCALE_SLOTS	other numbers of slots, in one word each
#
# Times are in milliseconds, as a user of the mount sees them: the second of two runs, but for starts.
set -euo pipefail

# shellcheck source=tests/bench/lib/slots.sh
. "$(dirname "$0")/lib/slots.sh"

# shellcheck source=tests/bench/lib/scratch.sh
. "$(dirname "$0")/lib/scratch.sh"

now_us() { date +%s%6N; }
ms() { printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100)); }
row() { printf '%-36s %12s\n' "$1" "$2"; }

start() { # OPTION...; sets took
	local begin
	begin=$(now_us)
	: > "$dir/log" # what the one before has said
	"$JUKEBOXD" --portal 127.0.0.1:0 "$@" "$dir/store" "$mnt" > "$dir/log" 2>&1 &
	pid=$!
	until grep -q '^jukeboxd: ready' "$dir/log"; do
		kill -0 "$pid" || { cat "$dir/log" >&2; exit 1; }
		sleep 0.005
	done
	took=$(ms $(($(now_us) - begin)))
}
stop() {
	kill "$pid"
	wait "$pid" || true
	pid=
}
memory() { row "$1: memory, MiB" "$(awk '/^VmRSS/ { printf "%.1f", $2 / 1024 }' "/proc/$pid/status")"; }

timed() { # NAME COMMAND...
	local name=$1 begin
	shift
	(cd "$mnt" && "$@" > /dev/null)
	begin=$(now_us)
	(cd "$mnt" && "$@" > /dev/null)
	row "$name" "$(ms $(($(now_us) - begin)))"
}

# One watch a folder, so the kernel must allow that many.
inotify() { # NAME SLOTS
	local begin watcher
	if [ "$(cat /proc/sys/fs/inotify/max_user_watches)" -le "$2" ]; then
		row "$1: inotifywait -r" "no: fs.inotify.max_user_watches"
		return
	fi
	begin=$(now_us)
	: > "$dir/watching"
	inotifywait -m -r "$mnt/slots" > /dev/null 2> "$dir/watching" &
	watcher=$!
	until grep -q '^Watches established' "$dir/watching"; do
		kill -0 $watcher || break
		sleep 0.01
	done
	row "$1: inotifywait -r is ready" "$(ms $(($(now_us) - begin)))"
	kill $watcher
	wait $watcher || true
}

measure() { # NAME SLOTS
	memory "$1, at start"
	timed "$1: ls slots" ls slots
	timed "$1: ls -l slots" ls -l slots
	timed "$1: find -type f" find slots -type f
	timed "$1: status" cat status
	timed "$1: status.json" cat status.json
	timed "$1: metrics" cat metrics
	timed "$1: df" df .
	inotify "$1" "$2"
	memory "$1, afterwards"
}

scale() { # SLOTS
	local begin
	mkdir -p "$dir/store" "$mnt"
	start --slots "$1" --drives 16
	row "$1 slots, new: start" "$took"
	stop
	start
	row "$1 slots, empty: start" "$took"
	measure "$1 slots, empty" "$1"
	begin=$(now_us)
	rmdir "$mnt/slots/$1"
	row "$1 slots: rmdir of the last" "$(ms $(($(now_us) - begin)))"
	begin=$(now_us)
	mkdir "$mnt/slots/$1"
	row "$1 slots: mkdir of another" "$(ms $(($(now_us) - begin)))"
	touch "$mnt/slots/1/DISC00001.iso"
	stop
	fill_slots "$dir/store" "$1"
	start
	row "$1 slots, full: start" "$took"
	measure "$1 slots, full" "$1"
	stop
	rm -rf --one-file-system "$dir/store"
}

for slots in ${SCALE_SLOTS:-10000 60000}; do scale "$slots"; done
