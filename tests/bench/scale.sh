#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# Measures the mount of a large jukebox: 10 000 slots and 16 drives, then 60 000 slots, empty and with a disc
# in each slot (make bench); and one sparse disc of 50 GB. scale-smc.sh measures the SCSI side.
#
#	JUKEBOXD	the daemon
#	BENCH_DIR	where the stores lie (default /var/tmp)
#	SCALE_SLOTS	other numbers of slots, in one word each
#
# Times are in milliseconds, as a user of the mount sees them. Except for starts, they are those of the second
# of two runs.
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

# Each folder takes one watch, so the kernel must allow that many.
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
	echo open > "$mnt/ctl/changer/layout"
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

once() { # NAME COMMAND...
	local name=$1 begin
	shift
	begin=$(now_us)
	"$@"
	row "$name" "$(ms $(($(now_us) - begin)))"
}

# The content of a disc costs time and space, not its size.
sparse() { # NAME SECTORS
	local name=$1 file=$dir/sparse.iso
	mkdir -p "$dir/store" "$mnt"
	truncate -s $(($2 * 2048)) "$file"
	start --slots 4 --drives 1
	once "$name: cp --sparse=always" cp --sparse=always "$file" "$mnt/slots/1/A.iso"
	once "$name: truncate" truncate -s $(($2 * 2048)) "$mnt/slots/2/B.iso"
	until getfattr -n user.jukebox.profile "$mnt/slots/2/B.iso" > /dev/null 2>&1; do sleep 0.01; done
	once "$name: load" mv "$mnt/slots/1/A.iso" "$mnt/drives/0/"
	once "$name: unload" mv "$mnt/drives/0/A.iso" "$mnt/slots/1/"
	once "$name: move" mv "$mnt/slots/1/A.iso" "$mnt/slots/3/"
	stop
	start
	row "$name: start" "$took"
	row "$name: two of them, KiB in the store" "$(du -sk "$dir/store" | cut -f1)"
	stop
	rm -rf --one-file-system "$dir/store" "$file"
}

for slots in ${SCALE_SLOTS:-10000 60000}; do scale "$slots"; done
sparse "100 MB, sparse" 51200
sparse "50 GB, sparse" 24438784
